//! What is found, where, and how it is shown: never the token, and nobody is asked.

use std::fs;

use super::{adopt, from_github, gh_hosts, git_line, is_silent, plant};
use crate::support::{Home, world};

#[test]
fn nothing() {
    let home = Home::new();
    insta::assert_snapshot!(adopt(&home).with(["--scan"]).ends().shown(), @"
    exit 0
    --- stderr
    nothing was found
    ");
    let document = adopt(&home).json().succeeds().document();
    assert_eq!(document["found"], serde_json::json!([]));
}

#[test]
fn all_sources_by_host_without_the_token() {
    let (home, world) = (Home::new(), world());
    let classic = world.github_token("classic");
    plant(&home, ".config/gh/hosts.yml", &gh_hosts(&classic));
    plant(&home, ".netrc", &format!("machine api.github.com login octocat password {classic}\n"));
    plant(&home, ".git-credentials", &git_line(&world, "maintainer", &world.gitlab_token("api")));
    plant(
        &home,
        ".config/glab-cli/config.yml",
        "hosts:\n  gitlab.example.com:\n    token: !!null glpat-abcdefghij0123456789\n    user: dev\n  other.example.com:\n    use_keyring: \"true\"\n",
    );
    let call = adopt(&home)
        .with(["--scan"])
        .env("GITLAB_TOKEN", "glpat-zyxwvutsrq9876543210")
        .env("GH_ENTERPRISE_TOKEN", "opaque");
    world.clear_requests();
    let output = call.clone().ends().exits(9);
    for token in [&classic, &world.gitlab_token("api"), "glpat-abcdefghij0123456789", "glpat-zyxwvutsrq9876543210"] {
        is_silent(&output, token);
    }
    assert!(world.requests().is_empty());
    insta::assert_snapshot!(output.shown(), @"
    exit 9
    --- stdout
    http://127.0.0.1:PORT
      maintainer: personal, sha256:…
        ~/.git-credentials, line 1
    github.com
      octocat: classic, sha256:…
        ~/.config/gh/hosts.yml, line 6
        ~/.config/gh/hosts.yml, line 8
        ~/.netrc, line 1
    gitlab.com
      ?: personal, sha256:…
        the variable GITLAB_TOKEN
    gitlab.example.com
      dev: personal, sha256:…
        ~/.config/glab-cli/config.yml, line 3
    for a host that nothing names
      ?: unknown, sha256:…
        the variable GH_ENTERPRISE_TOKEN
    --- stderr
    glab keeps a token for other.example.com where connect does not get it
      → `glab config get token --host other.example.com | connect gitlab --host other.example.com --pat-stdin`
    ");
    let document = call.json().exits(9).document();
    assert_eq!(document["found"][1]["copies"].as_array().unwrap().len(), 3, "{document}");
}

/// A token of gh's that is in the keyring is gh's to hand out; its command line names the account and nothing else.
#[test]
fn what_gh_has_in_the_keyring() {
    let (home, world) = (Home::new(), world());
    let token = world.github_token("classic");
    plant(
        &home,
        ".config/gh/hosts.yml",
        "github.com:\n    users:\n        octocat:\n        other:\n    user: octocat\n",
    );
    let script = "#!/bin/sh\necho \"$@ ${GH_TOKEN-none}\" >> \"$HOME/asked\"\ncase \"$*\" in *octocat*) cat \"$HOME/ring\";; *) exit 1;; esac\n";
    let gh = plant(&home, "bin/gh", script);
    fs::set_permissions(&gh, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    plant(&home, "ring", &format!("{token}\n"));
    let path = format!("{}:/usr/bin:/bin", gh.parent().unwrap().display());
    let home = home.with_env("PATH", &path).with_env("GH_TOKEN", "ghp_not_this_one");
    let output = adopt(&home).with(["--scan", "--from", "gh"]).ends().exits(9);
    is_silent(&output, &token);
    insta::assert_snapshot!(output.shown(), @"
    exit 9
    --- stdout
    github.com
      octocat: classic, sha256:…
        gh's keyring
    --- stderr
    gh keeps a token for github.com of other where connect does not get it
      → `gh auth token --hostname github.com | connect github --host github.com --pat-stdin`
    ");
    let asked = fs::read_to_string(home.path().join("home/asked")).unwrap();
    assert_eq!(
        asked,
        "auth token --hostname github.com --user octocat none\nauth token --hostname github.com --user other none\n"
    );
    let kept = from_github(&home, &world).with(["--from", "gh"]).ends().succeeds();
    is_silent(&kept, &token);
    // connect has it, and nothing of it lies open: there is nothing to be done any more.
    adopt(&home).with(["--scan", "--from", "gh"]).ends().succeeds().never_says("error");
}

#[test]
fn a_tool_in_place_of_a_folder() {
    let home = Home::new();
    insta::assert_snapshot!(adopt(&home).with(["gh"]).ends().shown(), @"
    exit 2
    --- stderr
    error: there is no folder gh
      → a folder is looked through for remotes with a token in them; `--from gh` looks at one tool
    ");
}

#[test]
fn what_does_not_read_is_said_and_passed_over() {
    let (home, world) = (Home::new(), world());
    plant(&home, ".config/gh/hosts.yml", "github.com: [\n  oauth_token: ghp_0123456789012345678901234567890123456\n");
    plant(&home, ".config/glab-cli/config.yml", "\u{feff}: : :\n\t- {");
    let netrc = plant(&home, ".netrc", "");
    fs::write(&netrc, b"machine x password \xff\xfe").unwrap();
    fs::create_dir(home.path().join("home/.git-credentials")).unwrap();
    fs::create_dir_all(home.path().join("home/.config/git")).unwrap();
    fs::write(home.path().join("home/.config/git/credentials"), git_line(&world, "x", "glpat-abcdefghij0123456789"))
        .unwrap();
    let output = adopt(&home).with(["--scan"]).ends().exits(9);
    output.never_says("ghp_0123");
    insta::assert_snapshot!(output.shown(), @"
    exit 9
    --- stdout
    http://127.0.0.1:PORT
      x: personal, sha256:…
        ~/.config/git/credentials, line 1
    --- stderr
    warning: ~/.config/gh/hosts.yml was passed over: line 3 is no YAML
    warning: ~/.config/glab-cli/config.yml was passed over: line 2 is no YAML
    warning: ~/.git-credentials was passed over: it is too large, or no regular file
    warning: ~/.netrc was passed over: it is not text
    ");
}

#[test]
fn gits_helpers_are_asked_only_for_hosts_that_are_named() {
    let (home, world) = (Home::new(), world());
    let token = world.gitlab_token("api");
    let helper = "[credential]\n\thelper = \"!f() { echo \\\"$1\\\" >> $HOME/asked; test \\\"$1\\\" = get && cat $HOME/answer; }; f\"\n";
    plant(&home, ".gitconfig", helper);
    plant(&home, "answer", &format!("username=maintainer\npassword={token}\n"));
    adopt(&home).with(["--scan"]).ends().succeeds().never_says("error");
    assert!(!home.path().join("home/asked").exists());
    let host = world.gitlab_url();
    let output = adopt(&home).with(["--scan", "--from", "git", "--host", &host]).ends().exits(9);
    is_silent(&output, &token);
    insta::assert_snapshot!(output.shown(), @"
    exit 9
    --- stdout
    http://127.0.0.1:PORT
      maintainer: personal, sha256:…
        what `git credential` answers
    ");
    assert_eq!(fs::read_to_string(home.path().join("home/asked")).unwrap(), "get\n");
}

#[test]
fn a_helper_may_have_been_told_another_file() {
    let home = Home::new();
    plant(&home, ".gitconfig", "[credential]\n\thelper = store --file ~/my/passwords\n");
    plant(&home, "my/passwords", "https://octocat:ghp_0123456789012345678901234567890123456@github.com\n");
    let output = adopt(&home).with(["--scan", "--from", "git"]).ends().exits(9);
    assert!(output.stdout().contains("~/my/passwords, line 1"), "{}", output.shown());
}

/// A folder that somebody else wrote, as one unpacks it: with programs in it, and a configuration that names one.
#[test]
fn nothing_of_the_folder_one_stands_in_is_run() {
    let home = Home::new();
    let theirs = home.path().join("unpacked");
    fs::create_dir_all(theirs.join(".git/objects")).unwrap();
    fs::create_dir_all(theirs.join(".git/refs")).unwrap();
    fs::write(theirs.join(".git/HEAD"), "ref: refs/heads/main\n").unwrap();
    fs::write(
        theirs.join(".git/config"),
        "[core]\n\trepositoryformatversion = 0\n[credential]\n\thelper = \"!touch $HOME/was-run; true\"\n",
    )
    .unwrap();
    for program in ["git", "gh"] {
        let path = theirs.join(program);
        fs::write(&path, "#!/bin/sh\ntouch \"$HOME/was-run\"\n").unwrap();
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    }
    plant(&home, ".config/gh/hosts.yml", "github.com:\n    users:\n        octocat:\n    user: octocat\n");
    for path in [":/usr/local/bin:/usr/bin:/bin", ".:/usr/local/bin:/usr/bin:/bin", "/usr/local/bin:/usr/bin:/bin"] {
        let call = adopt(&home).with(["--scan", "--from", "git", "--from", "gh", "--host", "github.com"]);
        let mut command = call.env("PATH", path).without_env("GIT_DIR").command();
        let output = command.current_dir(&theirs).stdin(std::process::Stdio::null()).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{path}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(!home.path().join("home/was-run").exists(), "{path}");
    }
}

/// Files that are made to take long, or to fill the memory, do neither.
#[test]
fn files_that_no_tool_writes() {
    let home = Home::new();
    let hosts: String = (0..25_000).map(|number| format!("h{number}:\n  oauth_token: t{number:09}\n")).collect();
    plant(&home, ".config/gh/hosts.yml", &hosts);
    let entries: String = (0..25_000).map(|number| format!("machine h{number} password t{number:09}\n")).collect();
    plant(&home, ".netrc", &entries);
    plant(&home, ".git-credentials", &"https://x:ghp_0123456789@h.example\n".repeat(25_000));
    let started = std::time::Instant::now();
    let output = adopt(&home).with(["--scan", "--json"]).ends().exits(9);
    let took = started.elapsed();
    assert!(took < std::time::Duration::from_secs(20), "{took:?}");
    let document = output.document();
    let unread = document["unread"].to_string();
    for file in ["hosts.yml", ".netrc", ".git-credentials"] {
        assert!(unread.contains(file), "{file}: {unread}");
    }
}
