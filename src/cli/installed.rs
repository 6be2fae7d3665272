//! How connect is named to git: by a name that git finds, or by a path that stays.

use std::path::{Path, PathBuf};

use super::{CliError, environment};
use crate::git::Git;
use crate::git::config::{Installed, Scope};
use crate::git::run::program_in;

/// git's helper.
const HELPER: &str = "git-credential-connect";

/// Folders that everybody on a machine has on PATH.
const EVERYBODYS: [&str; 3] = ["/usr/local/bin", "/usr/bin", "/bin"];

/// Looks for git's helper: where git finds it by itself, then beside this program. Other users' PATH is not this one's:
/// for the machine's configuration the name is taken only where everybody has it.
pub(super) fn find(git: &Git, scope: Scope) -> Result<Installed, CliError> {
    let by_name = git.finds(HELPER).is_some_and(|path| scope != Scope::System || is_everybodys(git, &path));
    if by_name {
        return Ok(Installed::ByName);
    }
    let program = environment::this_program().ok_or_else(|| CliError::Other {
        message: "connect cannot find out where it is installed".into(),
        hints: vec!["put its folder on PATH, and git finds `git-credential-connect` by its name".into()],
    })?;
    // As it was called first: behind a link there may be a folder that the next update removes.
    let folders: Vec<PathBuf> = program.iter().filter_map(|path| path.parent().map(Path::to_owned)).collect();
    match folders.iter().find_map(|folder| program_in(folder, HELPER)) {
        Some(helper) => Ok(Installed::Helper(helper)),
        None => Ok(Installed::Connect(program.into_iter().next().unwrap_or_default())),
    }
}

fn is_everybodys(git: &Git, helper: &Path) -> bool {
    let folder = helper.parent();
    cfg!(windows)
        || EVERYBODYS.iter().any(|path| folder == Some(Path::new(path)))
        || folder == git.own_folder().as_deref()
}
