//! Whose tokens a command gets.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use super::{dotcom, environment, lab, server};
use crate::support::call::Call;
use crate::support::{Cast as _, Home, world};

/// Runs git in a folder, as nobody in particular.
fn git(folder: &Path, arguments: &[&str]) {
    let mut git = Command::new("git");
    git.args(arguments).current_dir(folder).env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin");
    git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    assert!(git.status().unwrap().success(), "{arguments:?}");
}

/// A repository with these remotes, below the home.
fn repository(home: &Home, remotes: &[(&str, &str)]) -> std::path::PathBuf {
    let folder = home.path().join("repository");
    std::fs::create_dir_all(&folder).unwrap();
    git(&folder, &["init", "--quiet"]);
    for (name, url) in remotes {
        git(&folder, &["remote", "add", name, url]);
    }
    folder
}

fn inside(folder: &Path, call: Call) -> Output {
    let mut command = call.with(["--", "env"]).without_env("GIT_DIR").command();
    command.current_dir(folder).stdin(Stdio::null()).output().unwrap()
}

/// The variable's value, for a command that is run in that folder.
fn found(folder: &Path, call: Call, variable: &str) -> Option<String> {
    let output = inside(folder, call);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().find_map(|line| line.strip_prefix(&format!("{variable}=")).map(str::to_owned))
}

#[test]
fn by_a_url() {
    let (home, world) = (Home::new(), world());
    dotcom(&home, &world);
    lab(&home, &world);
    let url = format!("{}/agility-game/x.git", world.gitlab_url());
    for call in [home.connect(["exec", "--url", &url]), home.connect(["exec", &url])] {
        let found = environment(call);
        assert_eq!(found["GITLAB_TOKEN"], world.gitlab_token("api"));
        assert_eq!(found.get("GH_TOKEN"), None);
    }
    let found = environment(home.connect(["exec", "lab", "--url", "git@github.com:octocat/Hello-World"]));
    assert_eq!(found["GH_TOKEN"], world.github_token("classic"));
    assert_eq!(found["GITLAB_TOKEN"], world.gitlab_token("api"));
    let never = ["--json", "--", "env"];
    home.connect(["exec", "--url", "https://evil.example/x"]).with(never).ends().fails(125, "no_connection_serves");
    home.connect(["exec", "--url", "nothing"]).with(never).ends().fails(2, "usage");
}

#[test]
fn by_the_remote_of_the_folder() {
    let (home, world) = (Home::new(), world());
    dotcom(&home, &world);
    lab(&home, &world);
    let folder = repository(&home, &[("origin", "https://x:secret@github.com/octocat/Hello-World.git")]);
    let call = || home.connect(["exec"]);
    assert_eq!(found(&folder, call(), "GH_TOKEN"), Some(world.github_token("classic")));
    assert_eq!(found(&folder, call(), "GITLAB_TOKEN"), None, "the other one has no business there");
    // As git would rewrite it.
    let into = format!("url.{}/.insteadOf", world.gitlab_url());
    git(&folder, &["config", &into, "https://x:secret@github.com/"]);
    assert_eq!(found(&folder, call(), "GITLAB_TOKEN"), Some(world.gitlab_token("api")));
    assert_eq!(found(&folder, call(), "GH_TOKEN"), None);
    // Named, it does not matter where one stands.
    assert_eq!(
        found(&folder, home.connect(["exec", "octocat@github.com"]), "GH_TOKEN"),
        Some(world.github_token("classic"))
    );
}

#[test]
fn remotes_among_which_git_has_no_favourite() {
    let (home, world) = (Home::new(), world());
    dotcom(&home, &world);
    lab(&home, &world);
    let (one, two) = ("git@github.com:octocat/one.git", "https://github.com/octocat/two");
    let folder = repository(&home, &[("mine", one), ("theirs", two)]);
    assert_eq!(found(&folder, home.connect(["exec"]), "GH_TOKEN"), Some(world.github_token("classic")));
    assert_eq!(found(&folder, home.connect(["exec"]), "GITLAB_TOKEN"), None);
    git(&folder, &["remote", "add", "mirror", &format!("{}/a/b", world.gitlab_url())]);
    let output = inside(&folder, home.connect(["exec", "--json"]));
    assert_eq!(output.status.code(), Some(9));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("nothing_chosen") && said.contains("octocat@github.com"), "{said}");
}

#[test]
fn by_the_defaults() {
    let (home, world) = (Home::new(), world());
    dotcom(&home, &world);
    server(&home, &world);
    lab(&home, &world);
    // A remote that nobody serves is as none.
    let folder = repository(&home, &[("origin", "https://codeberg.example/a/b.git")]);
    for (variable, token) in [
        ("GH_TOKEN", world.github_token("classic")),
        ("GH_ENTERPRISE_TOKEN", world.github_token("collaborator")),
        ("GITLAB_TOKEN", world.gitlab_token("api")),
    ] {
        assert_eq!(found(&folder, home.connect(["exec"]), variable), Some(token.clone()));
        assert_eq!(found(home.path(), home.connect(["exec"]), variable), Some(token), "outside of any repository");
    }
    // Of two the marked one; of two without a mark none, and that is said.
    home.gitlab(&world, "developer").with(["--name", "other"]).ends().succeeds().never_says("error");
    let output = inside(home.path(), home.connect(["exec"]));
    assert!(output.status.success() && !String::from_utf8_lossy(&output.stdout).contains("GITLAB_"));
    insta::assert_snapshot!(String::from_utf8_lossy(&output.stderr), @"none of `lab`, `other` is the default: no token of theirs is handed out");
    home.connect(["use", "other", "--default"]).ends().succeeds().never_says("error");
    assert_eq!(found(home.path(), home.connect(["exec"]), "GITLAB_TOKEN"), Some(world.gitlab_token("developer")));
}

#[test]
fn nobody() {
    let (home, world) = (Home::new(), world());
    let call = || home.connect(["exec", "--", "env"]);
    insta::assert_snapshot!(call().ends().shown(), @"
    exit 9
    --- stderr
    error: nothing says whose token the command is to have
      → `connect github --pat` or `connect gitlab --pat` makes a connection
    ");
    lab(&home, &world);
    home.gitlab(&world, "developer").with(["--name", "other"]).ends().succeeds().never_says("error");
    insta::assert_snapshot!(call().ends().shown(), @"
    exit 9
    --- stderr
    error: nothing says whose token the command is to have
      → name one of `lab`, `other`
      → `connect use NAME --default` lets one answer for its host
    ");
    let folder = repository(&home, &[("origin", "https://x:s3cr3t@codeberg.example/a/b.git?token=s3cr3t")]);
    let output = inside(&folder, home.connect(["exec"]));
    assert_eq!(output.status.code(), Some(9));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("codeberg.example") && !said.contains("s3cr3t"), "{said}");
}

/// The remotes of a partial clone carry their filter behind them.
#[test]
fn a_partial_clone_among_whose_remotes_git_has_no_favourite() {
    let (home, world) = (Home::new(), world());
    dotcom(&home, &world);
    lab(&home, &world);
    let (one, two) = ("git@github.com:octocat/one.git", "https://github.com/octocat/two");
    let folder = repository(&home, &[("mine", one), ("theirs", two)]);
    for name in ["mine", "theirs"] {
        git(&folder, &["config", &format!("remote.{name}.promisor"), "true"]);
        git(&folder, &["config", &format!("remote.{name}.partialclonefilter"), "blob:none"]);
    }
    assert_eq!(found(&folder, home.connect(["exec"]), "GH_TOKEN"), Some(world.github_token("classic")));
    assert_eq!(found(&folder, home.connect(["exec"]), "GITLAB_TOKEN"), None);
}

/// PATH may have an empty entry, or a dot: whoever wrote the folder would be run.
#[test]
fn a_git_that_lies_in_the_folder_is_not_run() {
    use std::os::unix::fs::PermissionsExt as _;
    let (home, world) = (Home::new(), world());
    dotcom(&home, &world);
    lab(&home, &world);
    let folder = repository(&home, &[("origin", "https://github.com/octocat/Hello-World.git")]);
    let fake = folder.join("git");
    let theirs = world.gitlab_url();
    std::fs::write(&fake, format!("#!/bin/sh\ntouch \"$HOME/was-run\"\necho {theirs}/a/b\n")).unwrap();
    std::fs::set_permissions(&fake, std::fs::Permissions::from_mode(0o700)).unwrap();
    let was_run = home.path().join("home/was-run");
    for path in [":/usr/local/bin:/usr/bin:/bin", ".:/usr/local/bin:/usr/bin:/bin"] {
        let call = home.connect(["exec"]).env("PATH", path);
        assert_eq!(found(&folder, call, "GH_TOKEN"), Some(world.github_token("classic")), "{path}");
        assert!(!was_run.exists(), "{path}");
    }
    // Where somebody is named, no git is run at all.
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", folder.display());
    let call = home.connect(["exec", "lab"]).env("PATH", &path);
    assert_eq!(found(&folder, call, "GITLAB_TOKEN"), Some(world.gitlab_token("api")));
    assert!(!was_run.exists());
}
