//! Copies are removed once the token is kept, and everything else in the file stays byte for byte.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::{adopt, from_github, gh_hosts, git_line, is_silent, plant};
use crate::support::{Home, world};

#[test]
fn a_line_an_entry_and_a_key() {
    let (home, world) = (Home::new(), world());
    let token = world.github_token("classic");
    let gh = plant(&home, ".config/gh/hosts.yml", &gh_hosts(&token));
    let netrc = plant(
        &home,
        ".netrc",
        &format!(
            "# mine\nmachine ftp.example.com login me password s3cret\nmachine github.com\n  login octocat\n  password {token}\n\nmachine other.example.com login x password \"a b\"\nmacdef init\ncd /\n\n"
        ),
    );
    let git = plant(
        &home,
        ".git-credentials",
        &format!("https://me:pw@other.example.com\nhttps://octocat:{token}@github.com\n"),
    );
    fs::set_permissions(&netrc, fs::Permissions::from_mode(0o640)).unwrap();
    let output = from_github(&home, &world).with(["--remove", "-vv"]).ends().succeeds();
    is_silent(&output, &token);
    assert_eq!(
        fs::read_to_string(&gh).unwrap(),
        "# by hand\ngithub.com:\n    git_protocol: https\n    users:\n        octocat:\n    user: octocat\n"
    );
    assert_eq!(
        fs::read_to_string(&netrc).unwrap(),
        "# mine\nmachine ftp.example.com login me password s3cret\n\nmachine other.example.com login x password \"a b\"\nmacdef init\ncd /\n\n"
    );
    assert_eq!(fs::read_to_string(&git).unwrap(), "https://me:pw@other.example.com\n");
    assert_eq!(fs::metadata(&netrc).unwrap().permissions().mode() & 0o777, 0o640);
    let left: Vec<String> = home
        .contents()
        .into_iter()
        .filter(|(_, bytes)| String::from_utf8_lossy(bytes).contains(&token[8..]))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(left.len(), 1, "the store alone has it: {left:?}");
    let end = output.shown();
    let end = end
        .lines()
        .skip_while(|line| !line.contains("Kept"))
        .take_while(|line| *line != "--- stderr")
        .collect::<Vec<_>>()
        .join("\n");
    insta::assert_snapshot!(end, @"
    ✓ Kept sha256:… (classic) as `octocat@github.com`
    ✓ Removed 1 token from ~/.config/gh/hosts.yml
    ✓ Removed 1 token from ~/.git-credentials
    ✓ Removed 1 token from ~/.netrc
    ");
    // gh's file still names the account, whose token connect has: nothing is told of a keyring that nobody has.
    let clean = adopt(&home).with(["--scan", "--from", "gh"]).ends().succeeds();
    assert_eq!(clean.stderr().trim(), "nothing was found", "{}", clean.shown());
}

#[test]
fn a_link_stays_and_a_file_with_two_names_is_left() {
    let (home, world) = (Home::new(), world());
    let token = world.github_token("classic");
    let real = plant(&home, "dotfiles/netrc", &format!("machine github.com login octocat password {token}\n"));
    std::os::unix::fs::symlink(&real, home.path().join("home/.netrc")).unwrap();
    let git = plant(&home, ".git-credentials", &format!("https://octocat:{token}@github.com\n"));
    fs::hard_link(&git, home.path().join("home/again")).unwrap();
    let output = from_github(&home, &world).with(["--remove"]).ends().exits(10);
    assert!(output.stdout().contains("more than one name"), "{}", output.shown());
    assert_eq!(fs::read_to_string(&real).unwrap(), "");
    assert!(home.path().join("home/.netrc").is_symlink());
    assert!(fs::read_to_string(&git).unwrap().contains(&token));
}

/// git is at work on its file: whoever comes second waits for nobody, and says so.
#[test]
fn a_file_that_git_has_locked_is_left() {
    let (home, world) = (Home::new(), world());
    let git = plant(&home, ".git-credentials", &git_line(&world, "maintainer", &world.gitlab_token("api")));
    plant(&home, ".git-credentials.lock", "");
    let call = adopt(&home).with(["--yes", "--host", &world.gitlab_url(), "--store", "plain", "--remove"]);
    let output = call.ends().exits(10);
    assert!(output.stdout().contains("another process is at work"), "{}", output.shown());
    assert!(fs::read_to_string(&git).unwrap().contains("glpat-"));
    assert_eq!(home.records().len(), 1);
}

/// The token is kept before anything is taken away: killed in between, there are two copies, never none.
#[cfg(feature = "test-hooks")]
#[test]
fn killed_before_or_after() {
    for point in ["connect.intent", "connect.stored", "connect.recorded", "adopt.clearing", "adopt.cleared"] {
        let (home, world) = (Home::new(), world());
        let token = world.github_token("classic");
        let netrc = plant(&home, ".netrc", &format!("machine github.com login octocat password {token}\n"));
        let _ = from_github(&home, &world).with(["--remove"]).env("CONNECT_TEST_FAULT", point).ends();
        let in_file = fs::read_to_string(&netrc).unwrap().contains(&token);
        let kept = home.connect(["token", "octocat@github.com"]).ends().stdout().trim() == token;
        assert!(in_file || kept, "{point}: lost");
        assert_eq!(in_file, point != "adopt.cleared", "{point}");
        from_github(&home, &world).with(["--remove"]).ends().succeeds().never_says("error");
        assert_eq!(fs::read_to_string(&netrc).unwrap(), "", "{point}: the next run ends it");
        assert_eq!(home.records().len(), 1, "{point}");
        assert_eq!(home.connect(["token", "octocat@github.com"]).ends().stdout().trim(), token);
    }
}

#[test]
fn a_token_that_its_store_has_lost_is_not_removed() {
    let (home, world) = (Home::new(), world());
    let token = world.github_token("classic");
    let netrc = plant(&home, ".netrc", &format!("machine github.com login octocat password {token}\n"));
    from_github(&home, &world).ends().succeeds().never_says("error");
    fs::remove_file(&home.secrets()[0]).unwrap();
    let output = from_github(&home, &world).with(["--remove"]).ends().exits(8);
    assert!(output.stdout().contains("could not be read back"), "{}", output.shown());
    assert!(fs::read_to_string(&netrc).unwrap().contains(&token));
}
