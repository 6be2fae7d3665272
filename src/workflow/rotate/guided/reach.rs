//! Where a connection's token is known to be of use: what it serves, where its webhooks are, what was imported with it.

use crate::model::hook::Target;
use crate::model::import::Import;
use crate::model::{Connection, ForgeKind};
use crate::workflow::Tools;

/// The imports that are kept up with it.
pub(super) fn imports(tools: &Tools<'_>, connection: &Connection) -> Vec<Import> {
    let all = tools.imports.all().unwrap_or_default().into_iter().filter_map(Result::ok);
    let with_it = |import: &Import| match connection.forge {
        ForgeKind::GitHub => import.github.connection == connection.name,
        ForgeKind::GitLab => import.gitlab.connection == connection.name,
    };
    all.filter(|import| import.is_kept_up() && with_it(import)).collect()
}

/// GitHub's repositories, `OWNER/NAME`, each once.
pub(super) fn repositories(tools: &Tools<'_>, connection: &Connection) -> Vec<String> {
    if connection.forge != ForgeKind::GitHub {
        return Vec::new();
    }
    let served = below(connection).filter(|path| path.split('/').count() == 2);
    let hooks = hooks(connection).filter_map(|target| match target {
        Target::GithubRepo { owner, name } => Some(format!("{owner}/{name}")),
        _ => None,
    });
    let imported = imports(tools, connection).into_iter().map(|import| import.github.path);
    once(served.chain(hooks).chain(imported))
}

/// GitLab's projects, by their full path, each once.
pub(super) fn projects(tools: &Tools<'_>, connection: &Connection) -> Vec<String> {
    if connection.forge != ForgeKind::GitLab {
        return Vec::new();
    }
    let hooks = hooks(connection).filter_map(|target| match target {
        Target::GitlabProject(path) => Some(path),
        _ => None,
    });
    once(hooks.chain(imports(tools, connection).into_iter().map(|import| import.gitlab.path)))
}

/// The paths of what it serves, below its forge's address.
fn below(connection: &Connection) -> impl Iterator<Item = String> {
    let paths = connection.serves.iter().filter_map(|prefix| prefix.strip_prefix(&connection.url));
    paths.map(|path| path.trim_matches('/').to_owned()).filter(|path| !path.is_empty())
}

fn hooks(connection: &Connection) -> impl Iterator<Item = Target> {
    connection.webhook.iter().flat_map(|webhook| &webhook.hooks).filter_map(|hook| hook.target.parse().ok())
}

fn once(paths: impl Iterator<Item = String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for path in paths {
        if !kept.iter().any(|known| known.eq_ignore_ascii_case(&path)) {
            kept.push(path);
        }
    }
    kept
}
