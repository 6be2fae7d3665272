//! Where tokens are kept, and how the one that is kept is replaced: never without a good one.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use forge_sandbox::Fault;
use secrecy::ExposeSecret as _;

use crate::support::forges::at_gitlab;
use crate::support::{Cast as _, Home, world};

/// A file with a new age identity in it, and its public half.
fn age_identity(home: &Home, name: &str) -> (String, String) {
    let identity = age::x25519::Identity::generate();
    let path = home.file(name, &format!("# a key\n{}\n", identity.to_string().expose_secret()));
    (path, identity.to_public().to_string())
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// What `token` says.
fn token(home: &Home, name: &str) -> String {
    home.connect(["token", name]).ends().succeeds().stdout().trim_end().to_owned()
}

#[test]
fn everything_that_is_kept_is_the_users_alone() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").ends().succeeds().never_says("error");
    for name in home.contents().keys().filter(|name| name.starts_with("connect/")) {
        let path = home.path().join(name);
        assert_eq!(mode(&path), if path.is_dir() { 0o700 } else { 0o600 }, "{name}");
    }
    assert_eq!(mode(&home.connect_home()), 0o700);
}

#[test]
fn the_same_account_again_replaces_silently() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").ends().succeeds().never_says("Replaced");
    let before = home.secrets();
    let output = home.dotcom(&world, "classic-readonly").ends();
    insta::assert_snapshot!(output.shown(), @"
    exit 0
    --- stdout
    ✓ Replaced the token of `octocat@github.com`, octocat at github.com
      token    classic, sha256:…
      scopes   read:org, read:user
      expires  never
      kept in  HOME/connect/data/secrets/ID
    --- stderr
    warning: the token is kept readable, by you and by whoever becomes you; `--store keyring` or `--store file` would not
    ");
    let after = home.secrets();
    assert_eq!((before.len(), after.len()), (1, 1));
    assert_ne!(before, after, "a new token has a new id");
    assert!(home.journal().is_empty());
    assert_eq!(token(&home, "octocat@github.com"), world.github_token("classic-readonly"));
}

#[test]
fn another_account_needs_a_decision() {
    let (home, world) = (Home::new(), world());
    let call = |token| home.dotcom(&world, token).with(["--name", "shared"]);
    call("classic").ends().succeeds().never_says("error");
    let before = home.contents();
    insta::assert_snapshot!(call("collaborator").ends().shown(), @"
    exit 9
    --- stderr
    error: `shared` is the connection of octocat at github.com; this token belongs to hubot at github.com
      → `--yes` replaces it; `--name NAME` keeps both
    ");
    call("collaborator").with(["--no-input"]).json().fails(9, "other_account");
    assert_eq!(home.contents(), before);
    call("collaborator").with(["--yes"]).ends().succeeds().never_says("error");
    assert_eq!(home.record("shared")["account"]["login"], "hubot");
    assert_eq!((home.secrets().len(), home.journal().len()), (1, 0));
    // The same name at another forge is another account too.
    home.gitlab(&world, "api").with(["--name", "shared"]).json().fails(9, "other_account");
}

#[test]
fn a_check_that_fails_changes_nothing() {
    let (home, world) = (Home::new(), world());
    home.gitlab(&world, "api").ends().succeeds().never_says("error");
    let name = at_gitlab(&world, "maintainer");
    let before = home.contents();
    home.gitlab(&world, "expired").with(["--name", &name]).json().fails(4, "token_expired");
    world.fault(Fault::gitlab().drop_after_work());
    let output = home.gitlab(&world, "read-api").json();
    assert_eq!(output.code, Some(7), "{}", output.shown());
    assert_eq!(home.contents(), before);
}

#[test]
fn a_damaged_record_is_left_alone() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").ends().succeeds().never_says("error");
    for (text, code) in [
        ("{\"name\":\"octocat@github.com\",\"version\":1,", "record_damaged"),
        ("", "record_damaged"),
        ("[]", "record_damaged"),
        ("{\"version\":1}", "record_damaged"),
        ("{\"name\":\"octocat@github.com\",\"version\":2,\"new\":true}", "record_newer"),
    ] {
        fs::write(home.record_path("octocat@github.com"), text).unwrap();
        let before = home.contents();
        home.dotcom(&world, "classic").json().fails(1, code);
        home.connect(["token", "octocat@github.com"]).json().fails(1, code);
        home.connect(["status", "octocat@github.com"]).json().fails(1, code);
        home.connect(["disconnect", "octocat@github.com"]).json().fails(1, code);
        assert_eq!(home.contents(), before, "{text}");
    }
}

#[test]
fn a_record_that_calls_itself_otherwise_is_damaged() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").ends().succeeds().never_says("error");
    home.edit_record("octocat@github.com", |record| record["token"]["secret"] = "../../../etc/passwd".into());
    let output = home.connect(["token", "octocat@github.com"]).json();
    assert!(matches!(output.code, Some(1 | 8)), "{}", output.shown());
    home.edit_record("octocat@github.com", |record| record["url"] = "https://github.com:bad".into());
    let output = home.connect(["status"]).json();
    assert_ne!(output.code, Some(0), "{}", output.shown());
}

#[test]
fn a_full_disk() {
    let (home, world) = (Home::new(), world());
    // The blocks have 512 bytes; none lets not even the intent be written, one the secret and not the record.
    for blocks in ["0", "1"] {
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\"");
        let full = |call: crate::support::call::Call| call.by_way_of(["/bin/sh", "-c", &script, "sh"]);
        let error = full(home.dotcom(&world, "classic")).json();
        error.never_says(&world.github_token("classic"));
        assert!(matches!(error.code, Some(1 | 8)), "{}", error.shown());
        assert_eq!(error.error()["code"], "disk_full");
        assert_eq!((home.records().len(), home.secrets().len()), (0, 0), "{blocks}");
        assert!(home.journal().is_empty(), "{blocks}");
        // With a token in place, that one stays.
        let other = Home::new();
        other.dotcom(&world, "classic").ends().succeeds().never_says("error");
        let output = full(other.dotcom(&world, "classic-readonly")).json();
        assert_eq!(output.error()["code"], "disk_full");
        assert_eq!(token(&other, "octocat@github.com"), world.github_token("classic"));
        assert_eq!((other.secrets().len(), other.journal().len()), (1, 0));
    }
}

#[test]
fn a_home_that_cannot_be_one() {
    let (home, world) = (Home::new(), world());
    let file = home.file("a-file", "");
    let call = home.dotcom(&world, "classic").env("CONNECT_HOME", &format!("{file}/connect"));
    let output = call.json();
    assert!(matches!(output.code, Some(1 | 8)), "{}", output.shown());
    assert!(output.error()["message"].as_str().unwrap().contains("a-file"), "{}", output.shown());
    assert_eq!(output.out, b"");
}

#[test]
fn a_home_that_may_not_be_written() {
    if std::process::Command::new("setpriv").arg("--version").output().is_err() {
        eprintln!("left out: a home that may not be written (install setpriv)");
        return;
    }
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").ends().succeeds().never_says("error");
    let folders = ["data/connections", "data/secrets", "state/journal", "state/locks", "data", "state", ""];
    let lock = |mode| {
        for folder in folders {
            fs::set_permissions(home.connect_home().join(folder), fs::Permissions::from_mode(mode)).unwrap();
        }
    };
    lock(0o500);
    // Even root is held to the modes once it has no capabilities.
    let held = |call: crate::support::call::Call| call.by_way_of(["setpriv", "--bounding-set=-all", "--inh-caps=-all"]);
    let before = home.contents();
    let output = held(home.dotcom(&world, "classic-readonly")).json();
    let code = output.error()["code"].clone();
    let unchanged = home.contents() == before;
    let handed = held(home.connect(["token", "octocat@github.com"])).ends();
    lock(0o700);
    assert_eq!(code, "permission_denied", "{}", output.shown());
    assert!(unchanged);
    assert_eq!(handed.succeeds().stdout().trim(), world.github_token("classic"), "reading needs no writing");
}

#[test]
fn stdout_that_takes_nothing() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").ends().succeeds().never_says("error");
    let full = ["/bin/sh", "-c", "exec \"$@\" >/dev/full", "sh"];
    for arguments in
        [vec!["list"], vec!["token", "octocat@github.com"], vec!["status"], vec!["--help"], vec!["--version"]]
    {
        let output = home.connect(&arguments).by_way_of(full).ends();
        assert_eq!(output.code, Some(1), "{arguments:?}: {}", output.shown());
        output.never_says(&world.github_token("classic"));
    }
    home.connect(["list"]).by_way_of(full).json().fails(1, "output_failed");
    // A reader that has gone has seen what it wanted.
    let script = "\"$@\" | true; exit 0";
    let output = home.connect(["list"]).by_way_of(["/bin/sh", "-c", script, "sh"]).ends().succeeds();
    assert_eq!(output.stderr(), "");
}

#[test]
fn the_store_env_keeps_nothing_and_reads_the_variable_each_time() {
    let (home, world) = (Home::new(), world());
    let api = world.gitlab_token("api");
    let call = home.connect(["gitlab", "--host", &world.gitlab_url(), "--pat-env", "CI_TOKEN", "--store", "env"]);
    let output = call.with(["--no-input"]).env("CI_TOKEN", &api).json().succeeds();
    assert_eq!(output.document()["token"]["secret"], "CI_TOKEN");
    assert!(output.warnings().is_empty(), "{}", output.shown());
    assert!(home.secrets().is_empty());
    let name = at_gitlab(&world, "maintainer");
    for value in [api.clone(), world.gitlab_token("read-api")] {
        let output = home.connect(["token", &name]).env("CI_TOKEN", &value).ends().succeeds();
        assert_eq!(output.stdout(), format!("{value}\n"));
    }
    let error = home.connect(["token", &name]).json().fails(8, "variable_missing");
    assert!(error["hint"].as_str().unwrap().contains("CI_TOKEN"), "{error}");
    home.connect(["token", &name]).env("CI_TOKEN", "two words").json().exits(8).never_says("two words");
    home.connect(["status"]).env("CI_TOKEN", &api).ends().succeeds().never_says("missing");
    for contents in home.contents().values() {
        assert!(!String::from_utf8_lossy(contents).contains(&api));
    }
}

#[test]
fn the_store_file_with_an_age_identity() {
    let (home, world) = (Home::new(), world());
    let (identity, _) = age_identity(&home, "key.txt");
    let call = home.connect(["github", "--api-url", &world.dotcom_api_url(), "--pat-stdin", "--store", "file"]);
    let call = call.stdin(world.github_token("classic"));
    let output = call.clone().with(["--age-identity", &identity]).ends().succeeds();
    output.never_says("warning");
    let bytes = fs::read(&home.secrets()[0]).unwrap();
    assert!(bytes.starts_with(b"-----BEGIN AGE ENCRYPTED FILE-----") || bytes.starts_with(b"age-encryption.org/"));
    let token = home.connect(["token", "octocat@github.com"]);
    let handed = token.clone().env("CONNECT_AGE_IDENTITY", &identity).ends().succeeds().stdout();
    assert_eq!(handed.trim(), world.github_token("classic"));
    let (stranger, _) = age_identity(&home, "other.txt");
    let output = token.clone().env("CONNECT_AGE_IDENTITY", &stranger).json();
    assert_eq!(output.code, Some(8), "{}", output.shown());
    token.clone().env("CONNECT_AGE_IDENTITY", "/nonexistent/key").json().fails(8, "identity_unreadable");
    // The store knows where the identity is, until it is gone.
    token.clone().ends().succeeds().never_says("error");
    fs::rename(&identity, format!("{identity}.away")).unwrap();
    token.json().fails(8, "identity_unreadable");
    fs::rename(format!("{identity}.away"), &identity).unwrap();
    // The store is remembered for the connection.
    let again = home.connect(["github", "--api-url", &world.dotcom_api_url(), "--pat-stdin"]);
    let again = again.stdin(world.github_token("classic-readonly")).env("CONNECT_AGE_IDENTITY", &identity);
    let record = again.json().succeeds().document();
    assert_eq!(record["token"]["kept_in"], "file");
    assert_eq!(home.secrets().len(), 1);
}

#[test]
fn the_store_file_for_a_team() {
    let (home, world) = (Home::new(), world());
    let (mine, my_key) = age_identity(&home, "mine.txt");
    let (theirs, their_key) = age_identity(&home, "theirs.txt");
    let call = home.connect(["github", "--api-url", &world.dotcom_api_url(), "--pat-stdin", "--store", "file"]);
    let call = call.stdin(world.github_token("classic")).env("CONNECT_AGE_IDENTITY", &mine);
    call.clone()
        .with(["--age-recipient", &their_key, "--age-recipient", &my_key])
        .ends()
        .succeeds()
        .never_says("error");
    for identity in [&mine, &theirs] {
        let output = home.connect(["token", "octocat@github.com"]).env("CONNECT_AGE_IDENTITY", identity).ends();
        assert_eq!(output.succeeds().stdout().trim(), world.github_token("classic"));
    }
    let output = call.with(["--age-recipient", "age1nonsense"]).json();
    assert!(matches!(output.code, Some(2)), "{}", output.shown());
}

#[test]
fn the_store_file_with_a_passphrase() {
    let (home, world) = (Home::new(), world());
    let call = home.connect(["github", "--api-url", &world.dotcom_api_url(), "--pat-stdin", "--store", "file"]);
    let call = call.stdin(world.github_token("classic"));
    let before = home.contents();
    call.clone().json().fails(8, "passphrase_needed");
    assert_eq!(home.journal().len(), 0);
    assert_eq!(home.secrets().len(), 0, "{before:?}");
    let right = "correct horse battery staple";
    call.env("CONNECT_PASSPHRASE", right).ends().succeeds().never_says(right);
    let token = home.connect(["token", "octocat@github.com"]);
    let file = home.file("passphrase.txt", &format!("{right}\n"));
    let output = token.clone().env("CONNECT_PASSPHRASE_FILE", &file).ends().succeeds();
    assert_eq!(output.stdout().trim(), world.github_token("classic"));
    let output = token.clone().env("CONNECT_PASSPHRASE", "wrong horse").json();
    output.never_says("wrong horse");
    output.fails(8, "wrong_passphrase");
    token.json().fails(8, "passphrase_needed");
    for (name, contents) in home.contents().iter().filter(|(name, _)| name.starts_with("connect/")) {
        assert!(!String::from_utf8_lossy(contents).contains(right), "{name}");
    }
}

#[test]
fn the_store_is_changed_by_asking_for_another() {
    let (home, world) = (Home::new(), world());
    let (identity, _) = age_identity(&home, "key.txt");
    home.dotcom(&world, "classic").ends().succeeds().never_says("error");
    let call = home.connect(["github", "--api-url", &world.dotcom_api_url(), "--pat-stdin", "--store", "file"]);
    let call = call.stdin(world.github_token("classic")).env("CONNECT_AGE_IDENTITY", &identity);
    let record = call.json().succeeds().document();
    assert_eq!(record["token"]["kept_in"], "file");
    assert_eq!(home.secrets().len(), 1, "the readable copy is gone: {:?}", home.secrets());
    assert!(
        !home
            .contents()
            .values()
            .any(|bytes| { String::from_utf8_lossy(bytes).contains(&world.github_token("classic")) })
    );
}
