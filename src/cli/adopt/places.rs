//! Where other tools keep their tokens on this machine, by their own rules.

use std::path::PathBuf;

use super::super::environment;
use crate::model::{ForgeKind, Secret};
use crate::workflow::adopt::{Look, Programs, Source, Variable};

/// Which host a variable's token goes to.
#[derive(Clone, Copy)]
enum For {
    /// github.com, a `*.ghe.com` that `GH_HOST` names, or, in Actions, the server of the job (gh's manual, "gh environment").
    GitHub,
    /// The GitHub Enterprise Server that `GH_HOST` names, or the server of the job.
    GitHubServer,
    /// The GitLab that a variable names, else gitlab.com (glab's documentation, "Environment variables").
    GitLab,
    /// The same, but too general a name for a guess.
    NamedGitLab,
}

/// The variables that are read, and by whose rules their host is found.
const VARIABLES: [(&str, For); 9] = [
    ("GH_TOKEN", For::GitHub),
    ("GITHUB_TOKEN", For::GitHub),
    ("GH_ENTERPRISE_TOKEN", For::GitHubServer),
    ("GITHUB_ENTERPRISE_TOKEN", For::GitHubServer),
    ("GITLAB_TOKEN", For::GitLab),
    ("GITLAB_ACCESS_TOKEN", For::GitLab),
    ("GITLAB_PRIVATE_TOKEN", For::GitLab),
    ("GL_TOKEN", For::GitLab),
    ("OAUTH_TOKEN", For::NamedGitLab),
];

/// Where is to be looked.
pub(super) fn look(sources: Vec<Source>, folder: Option<PathBuf>, ask_helpers: Vec<String>) -> Look {
    let home = etcetera::home_dir().ok();
    let below_home = |path: &str| home.as_ref().map(|home| home.join(path));
    let config = folder_in("XDG_CONFIG_HOME").or_else(|| below_home(".config"));
    let in_config = |path: &str| config.as_ref().map(|config| config.join(path));
    let windows = |variable: &str, path: &str| {
        cfg!(windows).then(|| folder_in(variable)).flatten().map(|folder| folder.join(path))
    };
    let gh = folder_in("GH_CONFIG_DIR").or_else(|| windows("AppData", "GitHub CLI")).or_else(|| in_config("gh"));
    let glab = match folder_in("GLAB_CONFIG_DIR") {
        Some(folder) => vec![Some(folder)],
        None => vec![
            in_config("glab-cli"),
            below_home(".config/glab-cli"),
            below_home("Library/Application Support/glab-cli").filter(|_| cfg!(target_os = "macos")),
            windows("LOCALAPPDATA", "glab-cli"),
        ],
    };
    let netrc = match folder_in("NETRC") {
        Some(path) => vec![Some(path)],
        None => vec![below_home(".netrc"), below_home("_netrc")],
    };
    Look {
        sources,
        gh: once(vec![gh.map(|folder| folder.join("hosts.yml"))]),
        glab: once(glab.into_iter().map(|folder| folder.map(|folder| folder.join("config.yml"))).collect()),
        git: once(vec![below_home(".git-credentials"), in_config("git/credentials")]),
        netrc: once(netrc),
        variables: VARIABLES.iter().filter_map(|(name, whose)| variable(name, *whose)).collect(),
        home,
        folder,
        ask_helpers,
        programs: Programs { folders: environment::program_folders(), environment: environment::for_programs() },
    }
}

/// A path from a variable of somebody else's; an empty one counts as none.
fn folder_in(variable: &str) -> Option<PathBuf> {
    said(variable).map(PathBuf::from)
}

fn said(variable: &str) -> Option<String> {
    environment::text(variable).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn once(paths: Vec<Option<PathBuf>>) -> Vec<PathBuf> {
    let mut kept: Vec<PathBuf> = Vec::new();
    for path in paths.into_iter().flatten() {
        if !kept.contains(&path) {
            kept.push(path);
        }
    }
    kept
}

fn variable(name: &str, whose: For) -> Option<Variable> {
    let token = Secret::from_input(environment::text(name)?).ok()?;
    let named = |variables: &[&str]| variables.iter().find_map(|variable| said(variable));
    let (forge, address) = match whose {
        For::GitHub => {
            let data_residency = said("GH_HOST").filter(|host| host.to_ascii_lowercase().ends_with(".ghe.com"));
            let address = named(&["GITHUB_SERVER_URL"]).or(data_residency).unwrap_or_else(|| "github.com".into());
            (ForgeKind::GitHub, Some(address))
        }
        For::GitHubServer => (ForgeKind::GitHub, named(&["GH_HOST", "GITHUB_SERVER_URL"])),
        For::GitLab | For::NamedGitLab => {
            let address = named(&["GITLAB_HOST", "GITLAB_URI", "GL_HOST", "CI_SERVER_URL"]);
            let usual = matches!(whose, For::GitLab).then(|| "gitlab.com".to_owned());
            (ForgeKind::GitLab, address.or(usual))
        }
    };
    Some(Variable { name: name.to_owned(), address, forge, token })
}
