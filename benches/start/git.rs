//! What git waits for: its helper, next to the helpers that people have today, at the same Secret Service.

#![allow(clippy::disallowed_methods, reason = "a source and a configuration that live for one run")]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::home::{Made, NAME, TOKEN};
use super::measure::{Program, by_turns};
use super::secret_service::SecretService;
use super::{Table, Wanted, others};

/// What git asks first, and says last.
const QUESTION: &str = "capability[]=authtype\ncapability[]=state\nprotocol=https\nhost=github.com\n\n";

/// Where Debian's `git` package has the source of the helper for libsecret.
const LIBSECRET: &str = "/usr/share/doc/git/contrib/credential/libsecret";

/// The group `git`.
pub fn run(wanted: &Wanted, table: &mut Table) {
    let Some(service) = SecretService::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let (home, id) = Made::with_keyring();
    if !put(&service, id.as_str()) {
        eprintln!("left out: git's helper (install libsecret-tools)");
        return;
    }
    let helper = wanted.beside("git-credential-connect");
    let ours = |name: &str, operation: &str, input: String| {
        let program = Program::new(name, &helper).args([operation]).stdin(input);
        program.envs(service.environment()).envs(home.environment())
    };
    let mut get = ours("the helper's `get`", "get", QUESTION.to_owned());
    let answer = get.run().1;
    assert!(answer.contains(&format!("password={TOKEN}\n")), "{answer}");
    // git gives back what it was given, and what it had asked.
    let used = format!("{}{answer}\n", QUESTION.trim_end_matches('\n').to_owned() + "\n");
    let store = ours("its `store` of what it gave", "store", used);
    let [empty, store] =
        by_turns(wanted.rounds, [Program::new("an empty program", others::empty(folder.path())), store]);
    table.row(&store, &empty, 2.0);
    if let Some(libsecret) = libsecret(folder.path(), &service) {
        let [libsecret, get] = by_turns(wanted.rounds, [libsecret, ours("the helper's `get`", "get", QUESTION.into())]);
        table.row(&get, &libsecret, 0.75);
    }
    if let Some(gh) = gh(folder.path()) {
        let [gh, get] = by_turns(wanted.rounds, [gh, get]);
        table.row(&get, &gh, 0.125);
    }
}

/// Puts the token where the record says that it is.
fn put(service: &SecretService, id: &str) -> bool {
    let mut store = Command::new("secret-tool");
    store.args(["store", "--label", NAME, "service", "connect", "username", id]);
    let Ok(mut store) = store.env_clear().envs(service.environment()).stdin(Stdio::piped()).spawn() else {
        return false;
    };
    store.stdin.take().unwrap().write_all(TOKEN.as_bytes()).unwrap();
    store.wait().unwrap().success()
}

/// git's own helper for the same Secret Service, compiled here and now, with the same token in it.
fn libsecret(folder: &Path, service: &SecretService) -> Option<Program> {
    let missing = || eprintln!("left out: git-credential-libsecret (install git, make, gcc and libsecret-1-dev)");
    let Some(helper) = compiled(folder) else {
        missing();
        return None;
    };
    let with = |name: &str, operation: &str, input: &str| {
        Program::new(name, &helper).args([operation]).stdin(input.to_owned()).envs(service.environment())
    };
    let login = format!("protocol=https\nhost=github.com\nusername=octocat\npassword={TOKEN}\n\n");
    with("git-credential-libsecret", "store", &login).run();
    let mut get = with("git-credential-libsecret", "get", QUESTION);
    assert!(get.run().1.contains(TOKEN), "git-credential-libsecret does not give back what it was given");
    Some(get)
}

fn compiled(folder: &Path) -> Option<PathBuf> {
    let folder = folder.join("libsecret");
    fs::create_dir(&folder).ok()?;
    for name in ["Makefile", "git-credential-libsecret.c"] {
        fs::copy(Path::new(LIBSECRET).join(name), folder.join(name)).ok()?;
    }
    let made = Command::new("make").arg("-C").arg(&folder).stdout(Stdio::null()).stderr(Stdio::null()).status().ok()?;
    made.success().then(|| folder.join("git-credential-libsecret"))
}

/// GitHub's own program, which many have as their helper. It keeps the token in a file here, which is the quicker of its
/// two ways.
fn gh(folder: &Path) -> Option<Program> {
    let hosts = format!("github.com:\n    user: octocat\n    oauth_token: {TOKEN}\n    git_protocol: https\n");
    fs::write(folder.join("hosts.yml"), hosts).unwrap();
    let there = Command::new("gh").arg("--version").stdout(Stdio::null()).status().is_ok_and(|status| status.success());
    if !there {
        eprintln!("left out: `gh auth git-credential` (install gh)");
        return None;
    }
    let at = |name: &str, path: &Path| (name.to_owned(), path.display().to_string());
    let variables =
        [at("GH_CONFIG_DIR", folder), at("HOME", folder), ("GH_NO_UPDATE_NOTIFIER".to_owned(), "1".to_owned())];
    let mut get = Program::new("`gh auth git-credential get`", "gh").args(["auth", "git-credential", "get"]);
    get = get.stdin(QUESTION.to_owned()).envs(variables);
    assert!(get.run().1.contains(TOKEN), "gh does not give back its token");
    Some(get)
}
