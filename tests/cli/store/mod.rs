//! `connect store`: how the stores are, which is the default, and secrets that move from one to another.

#[cfg(feature = "test-hooks")]
mod killed;

use std::fs;

use forge_sandbox::Sandbox;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use crate::support::call::{Call, Running};
use crate::support::secret_service::{SecretService, no_keyring};
use crate::support::{Cast as _, Home, world};

/// A home whose store `file` opens with an age identity.
fn home() -> Home {
    let identity = age::x25519::Identity::generate();
    let home = Home::new();
    let path = home.file("key.txt", identity.to_string().expose_secret());
    home.with_env("CONNECT_AGE_IDENTITY", &path)
}

fn with(mut home: Home, environment: &[(String, String)]) -> Home {
    for (name, value) in environment {
        home.set_env(name, value);
    }
    home
}

fn connect(home: &Home, world: &Sandbox, name: &str, token: &str, store: &str) {
    home.dotcom(world, token).with(["--name", name]).ends().succeeds().never_says("error");
    if store != "plain" {
        home.connect(["store", "migrate", name, "--to", store]).ends().succeeds().never_says("✗");
    }
}

fn migrate(home: &Home, words: &[&str]) -> Call {
    home.connect(["store", "migrate"]).with(words)
}

fn token(home: &Home, name: &str) -> String {
    home.connect(["token", name]).ends().succeeds().stdout().trim().to_owned()
}

/// Gives a connection a webhook whose secret is in the store `plain`.
fn add_webhook(home: &Home, name: &str) -> &'static str {
    let id = "0123456789abcdef0123456789abcdef";
    let folder = home.connect_home().join("data/secrets");
    fs::write(folder.join(id), "a webhook's secret").unwrap();
    home.edit_record(name, |record| record["webhook"] = json!({ "id": "5f2c", "secret": id, "kept_in": "plain" }));
    "a webhook's secret"
}

/// `name secret from to result-or-code` of each entry.
fn results(document: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let one = |entry: &Value| {
        let end = if entry["error"].is_null() { &entry["result"] } else { &entry["error"]["code"] };
        ["name", "secret", "from", "to"].map(|field| text(&entry[field])).join(" ") + " " + &text(end)
    };
    document["connections"].as_array().unwrap().iter().map(one).collect()
}

#[test]
fn shown_in_a_pipe_and_as_json() {
    let (home, world) = (home(), world());
    insta::assert_snapshot!(home.connect(["store", "show"]).ends().shown(), @"
    exit 0
    --- stdout
    keyring	default	no_keyring	0	the keyring, entries of `connect`
    file	-	usable	0	HOME/connect/data/secrets
    plain	-	usable	0	HOME/connect/data/secrets
    env	-	usable	0	the environment of each run
    ");
    assert!(!home.connect_home().exists(), "looking makes no folders");
    connect(&home, &world, "hub", "classic", "plain");
    connect(&home, &world, "lock", "classic", "file");
    add_webhook(&home, "lock");
    insta::assert_snapshot!(home.connect(["store", "show"]).ends().shown(), @"
    exit 0
    --- stdout
    keyring	default	no_keyring	0	the keyring, entries of `connect`
    file	-	usable	1	HOME/connect/data/secrets
    plain	-	usable	2	HOME/connect/data/secrets
    env	-	usable	0	the environment of each run
    ");
    let document = home.connect(["store", "show"]).env("CONNECT_STORE", "file").json().succeeds().document();
    assert_eq!(document["default"], json!({ "store": "file", "source": "flag" }));
    assert_eq!(document["stores"][0]["error"]["code"], "no_keyring");
    assert_eq!(document["stores"][1]["protection"]["by"], "identity");
    assert_eq!(document["stores"][1]["protection"]["recipients"], 1);
    assert_eq!(document["stores"][1]["holds"], json!([{ "connection": "lock", "secret": "token" }]));
    let plain = json!([{ "connection": "hub", "secret": "token" }, { "connection": "lock", "secret": "webhook" }]);
    assert_eq!(document["stores"][2]["holds"], plain);
    assert_eq!(document["stores"][3]["protection"], json!({ "by": "nothing" }));
}

#[test]
fn shown_at_a_terminal() {
    let (home, world) = (Home::new(), world());
    let home = home.with_env("CONNECT_PASSPHRASE", "correct horse").with_env("NO_COLOR", "1");
    connect(&home, &world, "hub", "classic", "file");
    home.connect(["config", "set", "store", "file"]).ends().succeeds().never_says("error");
    // Nobody is asked for the passphrase.
    let ended = home.connect(["store", "show"]).without_env("CONNECT_PASSPHRASE").at_terminal().ends();
    assert_eq!(ended.code, 0);
    for line in ended.screen.lines() {
        assert!(line.chars().count() <= 80 || line.contains("connect-test-"), "{line}");
    }
    let words = ended.screen.split_whitespace().collect::<Vec<_>>().join(" ");
    insta::assert_snapshot!(words.replace(&home.path().display().to_string(), "HOME"), @"keyring usable ✗ no_keyring: there is no keyring to be reached here: zbus error: Failed to connect to address `unix:path=/nonexistent/bus`: No such file or directory where the keyring, entries of `connect` protects the desktop's Secret Service decides. GNOME Keyring and KWallet encrypt on disk with the keyring's password, which is usually that of the login; from then until it is locked every program that runs as you can read it holds nothing of connect's file the default, by config.toml usable ✓ yes where HOME/connect/data/secrets protects encrypted with age at all times, one public key can read it; ours, HOME/connect/data/secrets/identity.age, opens with a passphrase, asked for once a run holds hub plain usable ✓ yes where HOME/connect/data/secrets protects nothing is encrypted: files of mode 0600, readable by you, by every program that runs as you, by root, and by whoever reads the disk or a backup of it holds nothing of connect's env usable ✓ yes where the environment of each run protects nothing is kept; a variable is read each time, and whoever sets it protects it holds nothing of connect's");
}

#[test]
fn a_store_that_holds_secrets_and_cannot_be_used() {
    let (home, world) = (home(), world());
    connect(&home, &world, "hub", "classic", "file");
    fs::write(home.connect_home().join("data/secrets/recipients.txt"), "nonsense\n").unwrap();
    let output = home.connect(["store", "show"]).json().exits(8);
    assert_eq!(output.document()["stores"][1]["usable"], false);
    home.connect(["store", "show"]).env("CONNECT_AGE_IDENTITY", "/nonexistent").ends().exits(8).never_says("x1");
    fs::write(home.record_path("hub"), "{").unwrap();
    let output = home.connect(["store", "show"]).json().exits(1);
    assert_eq!(output.document()["damaged"][0]["code"], "record_damaged");
}

#[test]
fn the_default_is_chosen_and_fails_closed() {
    let (home, world) = (Home::new(), world());
    let config = home.connect_home().join("config/config.toml");
    let error = home.connect(["store", "use", "keyring"]).json().fails(8, "no_keyring");
    assert!(error["hint"].as_str().unwrap().contains("--yes"), "{error}");
    assert!(!config.exists());
    let output = home.connect(["store", "use", "keyring", "--yes"]).json().succeeds();
    assert_eq!(
        (output.warnings(), output.document()["value"].clone()),
        (vec!["store_not_usable".into()], "keyring".into())
    );
    insta::assert_snapshot!(home.connect(["store", "use", "plain"]).ends().shown(), @"
    exit 0
    --- stdout
    ✓ new secrets are kept in the store `plain` from now on; `connect store migrate` moves the others
    --- stderr
    warning: new tokens will be kept readable, by you and by whoever becomes you
    ");
    assert_eq!(fs::read_to_string(config).unwrap(), "store = \"plain\"\n");
    let call = home.connect(["github", "--api-url", &world.dotcom_api_url(), "--pat-stdin"]);
    call.stdin(world.github_token("classic")).ends().succeeds().never_says("error");
    assert_eq!(home.record("octocat@github.com")["token"]["kept_in"], "plain");
    home.connect(["store", "use", "vault"]).json().fails(2, "usage");
}

#[test]
fn moved_there_and_back() {
    let (home, world) = (home(), world());
    connect(&home, &world, "hub", "classic", "plain");
    connect(&home, &world, "other", "stranger", "plain");
    let webhook = add_webhook(&home, "hub");
    insta::assert_snapshot!(migrate(&home, &["--all", "--to", "file"]).ends().shown(), @"
    exit 0
    --- stdout
    ✓ `hub`: plain → file
    ✓ `hub`, webhook: plain → file
    ✓ `other`: plain → file
    3 secrets: 3 moved
    ");
    for path in home.secrets() {
        assert_eq!(path.extension().unwrap(), "age");
    }
    assert_eq!((home.secrets().len(), home.journal().len()), (3, 0));
    assert_eq!(token(&home, "hub"), world.github_token("classic"));
    insta::assert_snapshot!(migrate(&home, &["--all", "--to", "file"]).ends().shown(), @"
    exit 0
    --- stdout
    = `hub`: in file already
    = `hub`, webhook: in file already
    = `other`: in file already
    3 secrets: 3 there already
    ");
    let document = migrate(&home, &["hub", "--to", "plain", "--yes"]).json().succeeds().document();
    assert_eq!(results(&document), ["hub token file plain moved", "hub webhook file plain moved"]);
    let id = home.record("hub")["webhook"]["secret"].as_str().unwrap().to_owned();
    assert_eq!(fs::read_to_string(home.connect_home().join("data/secrets").join(id)).unwrap(), webhook);
    assert_eq!((home.secrets().len(), home.journal().len()), (3, 0));
    assert_eq!(token(&home, "hub"), world.github_token("classic"));
    let entries = home.connect(["history", "hub"]).json().succeeds().document();
    let told: Vec<String> = entries["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| format!("{} {} {}", e["event"], e["from"], e["part"]))
        .collect();
    assert_eq!(
        told[1..],
        [
            r#""migrated" "plain" null"#,
            r#""migrated" "plain" "webhook""#,
            r#""migrated" "file" null"#,
            r#""migrated" "file" "webhook""#,
        ]
    );
    home.connect(["history", "--verify"]).ends().succeeds().never_says("error");
}

#[test]
fn to_plain_needs_a_yes() {
    let (home, world) = (home(), world());
    connect(&home, &world, "hub", "classic", "file");
    let before = home.contents();
    insta::assert_snapshot!(migrate(&home, &["--all", "--to", "plain"]).ends().shown(), @"
    exit 9
    --- stderr
    error: 1 of these secrets would be kept readable in the store `plain`
      → `--yes` moves them there; `--to keyring` or `--to file` protects them
    ");
    migrate(&home, &["--all", "--to", "plain", "--no-input"]).json().fails(9, "weaker_store");
    let mut terminal = migrate(&home, &["hub", "--to", "plain"]).env("NO_COLOR", "1").at_terminal();
    terminal.sees("by root").sees("[y/N]").types("n");
    assert_eq!(terminal.ends().code, 9);
    assert_eq!(home.contents(), before);
    let mut terminal = migrate(&home, &["hub", "--to", "plain"]).env("NO_COLOR", "1").at_terminal();
    terminal.sees("[y/N]").types("y");
    assert_eq!(terminal.ends().code, 0);
    assert_eq!(home.record("hub")["token"]["kept_in"], "plain");
    // Nothing to move, nothing to ask.
    migrate(&home, &["hub", "--to", "plain"]).ends().succeeds().never_says("[y/N]");
}

#[test]
fn what_is_in_a_variable() {
    let (home, world) = (home(), world());
    let token = world.gitlab_token("api");
    home.connect(["gitlab", "--host", &world.gitlab_url(), "--pat-env", "CI_TOKEN", "--store", "env", "--name", "ci"])
        .env("CI_TOKEN", &token)
        .ends()
        .succeeds()
        .never_says("error");
    connect(&home, &world, "hub", "classic", "plain");
    insta::assert_snapshot!(migrate(&home, &["--all", "--to", "file"]).ends().shown(), @"
    exit 0
    --- stdout
    = `ci`: left in its variable; name it, or `--from env`, to copy it
    ✓ `hub`: plain → file
    2 secrets: 1 moved, 1 left
    ");
    let to_env = migrate(&home, &["--all", "--to", "env"]).json().fails(2, "usage");
    assert!(to_env["hint"].as_str().unwrap().contains("--pat-env"), "{to_env}");
    let failed = |call: Call| results(&call.json().exits(8).document());
    assert_eq!(failed(migrate(&home, &["ci", "--to", "file"])), ["ci token env file variable_missing"]);
    let other = migrate(&home, &["ci", "--to", "file"]).env("CI_TOKEN", &world.gitlab_token("read-api"));
    assert_eq!(failed(other), ["ci token env file secret_differs"]);
    let copied = migrate(&home, &["--all", "--from", "env", "--to", "file"]).env("CI_TOKEN", &token).ends();
    insta::assert_snapshot!(copied.shown(), @"
    exit 0
    --- stdout
    ✓ `ci`: copied to file; the variable stays, remove it where it is set
    ");
    assert_eq!(self::token(&home, "ci"), token);
}

#[test]
fn names_and_flags() {
    let (home, world) = (home(), world());
    connect(&home, &world, "hub", "classic", "plain");
    connect(&home, &world, "lock", "classic", "file");
    migrate(&home, &["--to", "file"]).json().fails(2, "usage");
    migrate(&home, &["hub", "--all", "--to", "file"]).json().fails(2, "usage");
    migrate(&home, &["hub"]).json().fails(2, "usage");
    migrate(&home, &["hub", "nobody", "--to", "file"]).json().fails(3, "no_such_connection");
    assert_eq!(home.record("hub")["token"]["kept_in"], "plain");
    let document = migrate(&home, &["hub", "hub", "--to", "file"]).json().succeeds().document();
    assert_eq!(results(&document), ["hub token plain file moved"]);
    let output = migrate(&home, &["--all", "--from", "plain", "--to", "file"]).ends().succeeds();
    assert_eq!((output.stdout(), output.stderr()), (String::new(), "there is nothing to move\n".into()));
}

#[test]
fn some_that_cannot_be_moved_do_not_keep_the_others() {
    let (home, world) = (home(), world());
    for (name, token) in [("a", "classic"), ("b", "stranger"), ("c", "classic")] {
        connect(&home, &world, name, token, "plain");
    }
    let id = home.record("a")["token"]["secret"].as_str().unwrap().to_owned();
    fs::write(home.connect_home().join("data/secrets").join(id), "ghp_another").unwrap();
    fs::write(home.record_path("c"), "{").unwrap();
    let document = migrate(&home, &["--all", "--to", "file"]).json().exits(10).document();
    let expected = ["a token plain file secret_differs", "b token plain file moved", "- - - file record_damaged"];
    assert_eq!(results(&document), expected);
    assert_eq!(token(&home, "b"), world.github_token("stranger"));
    let output = migrate(&home, &["a", "--to", "file"]).ends().exits(8);
    insta::assert_snapshot!(output.shown(), @"
    exit 8
    --- stdout
    ✗ `a`: what the plain holds for `a` is not the token that was put there
        → somebody changed the entry; connect again under this name
    ");
    assert_eq!(home.journal().len(), 0);
}

#[test]
fn a_target_that_takes_nothing() {
    let (home, world) = (Home::new(), world());
    connect(&home, &world, "hub", "classic", "plain");
    connect(&home, &world, "other", "stranger", "plain");
    // No keyring, and a passphrase that nobody gives.
    for (store, code) in [("keyring", "no_keyring"), ("file", "passphrase_needed")] {
        let document = migrate(&home, &["--all", "--to", store]).json().exits(8).document();
        let expected = [format!("hub token plain {store} {code}"), format!("other token plain {store} {code}")];
        assert_eq!(results(&document), expected);
    }
    // A disk without room for the secret; then for the record.
    let home = home.with_env("CONNECT_PASSPHRASE", "correct horse");
    for blocks in ["0", "1"] {
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\"");
        let output = migrate(&home, &["--all", "--to", "file"]).by_way_of(["/bin/sh", "-c", &script, "sh"]).json();
        assert!(matches!(output.code, Some(1 | 8)), "{}", output.shown());
        assert!(results(&output.document()).iter().all(|result| result.ends_with("disk_full")), "{}", output.shown());
        assert_eq!((token(&home, "hub"), home.secrets().len()), (world.github_token("classic"), 2), "{blocks}");
    }
    migrate(&home, &["--all", "--to", "file"]).ends().succeeds().never_says("✗");
    assert_eq!((home.secrets().len(), home.journal().len()), (2, 0));
}

#[test]
fn a_wrong_passphrase_is_asked_for_once() {
    let (home, world) = (Home::new(), world());
    let home = home.with_env("CONNECT_PASSPHRASE", "correct horse");
    for name in ["a", "b", "c"] {
        connect(&home, &world, name, "classic", "file");
    }
    let call = migrate(&home, &["--all", "--to", "plain", "--yes"]).without_env("CONNECT_PASSPHRASE");
    let mut terminal = call.clone().env("NO_COLOR", "1").at_terminal();
    terminal.sees("Passphrase of the file store: ").types("wrong horse");
    let ended = terminal.ends();
    assert_eq!((ended.code, ended.screen.matches("Passphrase of").count()), (8, 1), "{}", ended.screen);
    assert_eq!(ended.screen.matches("does not open").count(), 3, "{}", ended.screen);
    let mut terminal = call.clone().at_terminal();
    terminal.sees("Passphrase of the file store: ").control('c');
    let ended = terminal.ends();
    assert_eq!((ended.code, ended.echoes), (130, true), "{}", ended.screen);
    assert!(ended.screen.contains("interrupted; nothing was changed"), "{}", ended.screen);
    let mut terminal = call.env("NO_COLOR", "1").at_terminal();
    terminal.sees("Passphrase of the file store: ").types("correct horse");
    let ended = terminal.ends();
    assert_eq!((ended.code, ended.screen.matches("Passphrase of").count()), (0, 1), "{}", ended.screen);
    assert_eq!((home.secrets().len(), home.journal().len()), (3, 0));
}

#[test]
fn two_migrations_at_once() {
    let (home, world) = (home(), world());
    let names: Vec<String> = (0..6).map(|number| format!("c{number}")).collect();
    for name in &names {
        connect(&home, &world, name, "classic", "plain");
    }
    let running: Vec<Running> = (0..3).map(|_| migrate(&home, &["--all", "--to", "file"]).begins()).collect();
    for call in running {
        call.ends().succeeds().never_says("✗");
    }
    assert_eq!((home.secrets().len(), home.journal().len()), (6, 0));
    for name in &names {
        assert_eq!(token(&home, name), world.github_token("classic"));
    }
    let entries = home.connect(["history", "--verify"]).json().succeeds().document();
    let moved = entries["entries"].as_array().unwrap().iter().filter(|entry| entry["event"] == "migrated").count();
    assert_eq!(moved, 6, "each was moved once");
}

#[test]
fn a_locked_keyring_and_none() {
    let home = with(Home::new(), &no_keyring());
    home.connect(["store", "use", "keyring"]).json().fails(8, "no_keyring");
    let Some(mut service) = SecretService::start() else { return };
    let (home, world) = (with(self::home(), &service.environment()), world());
    home.connect(["store", "use", "keyring"]).ends().succeeds().never_says("warning");
    connect(&home, &world, "hub", "classic", "keyring");
    home.connect(["store", "show"]).ends().succeeds().never_says("keyring_locked");
    service.lock();
    let document = home.connect(["store", "show"]).json().exits(8).document();
    assert_eq!(document["stores"][0]["error"]["code"], "keyring_locked");
    home.connect(["store", "use", "keyring"]).json().fails(8, "keyring_locked");
    let output = migrate(&home, &["--all", "--to", "file"]).json().exits(8);
    assert!(results(&output.document())[0].starts_with("hub token keyring file keyring_"), "{}", output.shown());
}
