//! What is taken in, after which yes, and what is not.

use super::{adopt, from_github, gh_hosts, git_line, is_silent, plant};
use crate::support::forges::at_gitlab;
use crate::support::{Cast as _, Home, world};

#[test]
fn by_a_yes_for_the_host_and_no_other() {
    let (home, world) = (Home::new(), world());
    let (classic, api) = (world.github_token("classic"), world.gitlab_token("api"));
    plant(&home, ".config/gh/hosts.yml", &gh_hosts(&classic));
    plant(&home, ".git-credentials", &git_line(&world, "maintainer", &api));
    world.clear_requests();
    let output = from_github(&home, &world).with(["-vv"]).ends().succeeds();
    is_silent(&output, &classic);
    assert!(world.requests().iter().all(|seen| seen.header("private-token").is_none()));
    let sent: Vec<_> =
        world.requests().into_iter().filter_map(|seen| seen.header("authorization").map(str::to_owned)).collect();
    assert!(!sent.is_empty() && sent.iter().all(|value| value.ends_with(&classic)), "only that token went out");
    insta::assert_snapshot!(from_github(&home, &world).ends().shown(), @"
    exit 0
    --- stdout
    github.com
      octocat: classic, sha256:…, kept as `octocat@github.com`
        ~/.config/gh/hosts.yml, line 6
        ~/.config/gh/hosts.yml, line 8
    --- stderr
    the copies are still in their files; `--remove` takes them out
    ");
    assert_eq!(home.connect(["token", "octocat@github.com"]).ends().stdout().trim(), classic);
    assert_eq!(home.records().len(), 1, "the other host was not named");
    let history = home.connect(["history"]).ends().succeeds();
    assert!(history.stdout().contains("octocat@github.com"), "{}", history.shown());
}

#[test]
fn nobody_can_be_asked() {
    let (home, world) = (Home::new(), world());
    plant(&home, ".git-credentials", &git_line(&world, "maintainer", &world.gitlab_token("api")));
    world.clear_requests();
    insta::assert_snapshot!(adopt(&home).with(["--store", "plain"]).ends().shown(), @"
    exit 9
    --- stdout
    http://127.0.0.1:PORT
      maintainer: personal, sha256:…
        ~/.git-credentials, line 1
    --- stderr
    error: nothing was sent: nobody could be asked whether these hosts may be
      → `connect adopt --yes --host http://127.0.0.1:PORT` checks the tokens for http://127.0.0.1:PORT
    ");
    let output = adopt(&home).json().exits(9);
    assert_eq!(output.error()["code"], "not_confirmed");
    assert_eq!(output.document()["found"][0]["outcome"], "not_confirmed");
    assert!(world.requests().is_empty() && home.records().is_empty());
    insta::assert_snapshot!(adopt(&home).with(["--yes"]).ends().shown(), @"
    exit 2
    --- stderr
    error: `--yes` sends tokens to the hosts that are named: `--host HOST` names one
      → `connect adopt --scan` shows for which hosts there are tokens
    ");
}

#[test]
fn a_person_is_asked_host_by_host() {
    let (home, world) = (Home::new(), world());
    let api = world.gitlab_token("api");
    plant(&home, ".git-credentials", &git_line(&world, "maintainer", &api));
    plant(&home, ".netrc", "machine github.com login octocat password 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\n");
    let mut terminal = adopt(&home).with(["--store", "plain", "--remove"]).at_terminal();
    terminal.sees("Check this token with http://127.0.0.1").sees("[y/N]").types("y");
    terminal.sees("Check this token with github.com").sees("[y/N]").types("n");
    terminal.sees("Remove what is kept now from ~/.git-credentials?").sees("[y/N]").types("y");
    let ended = terminal.ends();
    assert_eq!(ended.code, 0, "{}", ended.screen);
    assert!(!ended.screen.contains(&api[8..]), "{}", ended.screen);
    assert_eq!(home.connect(["token", &at_gitlab(&world, "maintainer")]).ends().stdout().trim(), api);
    assert_eq!(std::fs::read_to_string(home.path().join("home/.git-credentials")).unwrap(), "");
    assert!(world.requests().iter().all(|seen| !format!("{seen:?}").contains("ghp_")));
}

#[test]
fn a_host_of_which_nothing_is_known_is_first_asked_what_it_is() {
    let (home, world) = (Home::new(), world());
    let token = world.gitlab_token("api");
    plant(&home, ".git-credentials", &git_line(&world, "maintainer", &token));
    world.clear_requests();
    // Its shape says nothing either.
    let host = world.gitlab_url();
    adopt(&home).with(["--yes", "--host", &host, "--store", "plain"]).ends().succeeds().never_says("error");
    let requests = world.requests();
    assert_eq!(requests.first().unwrap().header("authorization"), None, "the first look is without the token");
    let elsewhere = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = elsewhere.local_addr().unwrap().port();
    plant(&home, ".git-credentials", &format!("http://me:password@127.0.0.1:{port}\n"));
    drop(elsewhere);
    let output = adopt(&home).with(["--yes", "--host", &format!("http://127.0.0.1:{port}"), "--store", "plain"]).ends();
    assert_eq!(output.code, Some(7), "{}", output.shown());
}

#[test]
fn what_is_kept_already_is_not_kept_twice() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").ends().succeeds().never_says("error");
    plant(&home, ".config/gh/hosts.yml", &gh_hosts(&world.github_token("classic")));
    let output = from_github(&home, &world).ends().succeeds();
    assert!(output.stdout().contains("kept as `octocat@github.com`"), "{}", output.shown());
    assert_eq!(home.records().len(), 1);
}

/// The token of a connection is never replaced by one that lay about: it is kept beside it.
#[test]
fn another_token_of_the_same_account_gets_a_name_of_its_own() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").ends().succeeds().never_says("error");
    let other = world.github_token("classic-readonly");
    plant(&home, ".netrc", &format!("machine github.com login octocat password {other}\n"));
    let output = from_github(&home, &world).ends().succeeds();
    insta::assert_snapshot!(output.shown(), @"
    exit 0
    --- stdout
    github.com
      octocat: classic, sha256:…
        ~/.netrc, line 1
    ✓ Kept sha256:… (classic) as `octocat@github.com+netrc`
    --- stderr
    more than one connection answers for https://github.com now
      → `connect use NAME --default` says which does where nothing more is said
    the copies are still in their files; `--remove` takes them out
    ");
    // One of another account is as much in the way of git's question, which nobody answers then; a default settles it.
    plant(&home, ".netrc", &format!("machine github.com login x password {}\n", world.github_token("collaborator")));
    let beside = from_github(&home, &world).ends().succeeds();
    assert!(beside.stderr().contains("more than one connection answers for https://github.com"), "{}", beside.shown());
    home.connect(["use", "octocat@github.com", "--default"]).ends().succeeds().never_says("error");
    plant(&home, ".netrc", &format!("machine github.com login x password {}\n", world.github_token("member")));
    from_github(&home, &world).ends().succeeds().never_says("more than one");
    assert_eq!(home.connect(["token", "octocat@github.com"]).ends().stdout().trim(), world.github_token("classic"));
    assert_eq!(home.connect(["token", "octocat@github.com+netrc"]).ends().stdout().trim(), other);
}

#[test]
fn dead_ones_and_others_that_are_not_taken() {
    let (home, world) = (Home::new(), world());
    let (dead, alive) = (world.github_token("revoked"), world.github_token("classic"));
    plant(
        &home,
        ".netrc",
        &format!(
            "machine github.com login octocat password {dead}\nmachine github.com password glpat-abcdefghij0123456789\n"
        ),
    );
    plant(&home, ".config/gh/hosts.yml", &gh_hosts(&alive));
    let output = from_github(&home, &world).with(["--remove"]).ends().exits(10);
    insta::assert_snapshot!(output.shown(), @"
    exit 10
    --- stdout
    github.com
      octocat: classic, sha256:…
        ~/.config/gh/hosts.yml, line 6
        ~/.config/gh/hosts.yml, line 8
      octocat: classic, sha256:…
        ~/.netrc, line 1
      ?: unknown, sha256:…
        ~/.netrc, line 2
    ✓ Kept sha256:… (classic) as `octocat@github.com`
    ✗ Not kept: sha256:… for github.com
      github.com: the token is not accepted: unknown, revoked or expired (Bad credentials)
      → GitHub does not say which; see whether it is still listed on https://github.com/settings/tokens
      → make a new one: `connect new-token github --for TASK`
    ✗ Not kept: sha256:… for github.com
      it looks like a token of GitLab; it was sent nowhere
      → see whether it stands under the wrong host there
    ✓ Removed 1 token from ~/.config/gh/hosts.yml
    --- stderr
    gh and glab get a token from connect now: `connect exec -- gh …`
    old copies may be in backups: a token that was rotated (`connect rotate NAME`) makes them worthless
    ");
    is_silent(&output, &dead);
    assert!(world.requests().iter().all(|seen| !format!("{seen:?}").contains("glpat-abc")), "not sent to GitHub");
    let netrc = std::fs::read_to_string(home.path().join("home/.netrc")).unwrap();
    assert!(netrc.contains(&dead), "what is not kept is not removed");
}
