//! `connect doctor`: a healthy home, and each link broken in turn.

mod files;
mod hosts;
mod report;
mod stores;
mod tokens;

use forge_sandbox::Sandbox;
use serde_json::Value;

use crate::support::{Cast as _, Home, Output, world};

/// `hub` at GitHub and `lab` at GitLab, in the store `plain`.
fn two(home: &Home, world: &Sandbox) {
    home.dotcom(world, "classic").with(["--name", "hub"]).ends().succeeds().never_says("error");
    home.gitlab(world, "api").with(["--name", "lab"]).ends().succeeds().never_says("error");
}

/// What the doctor found.
struct Found {
    output: Output,
    checks: Vec<Value>,
}

impl Found {
    /// Calls the doctor with these arguments more.
    fn by(home: &Home, arguments: &[&str]) -> Self {
        Self::of(home.connect(["doctor"]).with(arguments).json())
    }

    fn of(output: Output) -> Self {
        let checks = output.document()["checks"].as_array().unwrap().clone();
        Self { output, checks }
    }

    /// It ended with this code.
    fn exits(self, code: i32) -> Self {
        assert_eq!(self.output.code, Some(code), "{}", self.output.shown());
        self
    }

    /// The links of this name; `connection` or `host` narrow it down where there are several.
    fn links(&self, group: &str, name: &str) -> Vec<&Value> {
        self.checks.iter().filter(|check| check["group"] == group && check["name"] == name).collect()
    }

    fn link(&self, group: &str, name: &str) -> &Value {
        let links = self.links(group, name);
        assert_eq!(links.len(), 1, "{group} {name}\n{}", self.output.shown());
        links[0]
    }

    /// The link has this status.
    fn is(&self, group: &str, name: &str, status: &str) -> &Self {
        assert_eq!(self.link(group, name)["status"], status, "{group} {name}\n{}", self.output.shown());
        self
    }

    /// The link is not well, for this cause, and says what to do.
    fn has(&self, group: &str, name: &str, status: &str, code: &str) -> &Self {
        let links = self.links(group, name);
        let fits = |link: &&Value| link["status"] == status && link["code"] == code;
        let link = links.into_iter().find(fits);
        let link = link.unwrap_or_else(|| panic!("{group} {name} {status} {code}\n{}", self.output.shown()));
        assert!(link["mend"].as_str().is_some_and(|mend| !mend.is_empty()), "no mend: {link}");
        self
    }

    /// All that is not well, as `group name code`.
    fn concerns(&self) -> Vec<String> {
        let bad = self.checks.iter().filter(|check| check["status"] == "warn" || check["status"] == "fail");
        let word = |check: &Value, field: &str| check[field].as_str().unwrap_or("-").to_owned();
        bad.map(|check| format!("{} {} {}", word(check, "group"), word(check, "name"), word(check, "code"))).collect()
    }
}

#[cfg(feature = "test-hooks")]
#[test]
fn all_is_well() {
    let (home, world) = (Home::new(), world());
    let call = home.connect(["gitlab", "--host", &world.gitlab_url(), "--pat-env", "LAB", "--store", "env"]);
    let lab = world.gitlab_token("api");
    call.with(["--name", "lab"]).env("LAB", &lab).ends().succeeds().never_says("error");
    insta::assert_snapshot!(home.connect(["doctor", "lab"]).env("LAB", &lab).ends().shown(), @"
    exit 0
    --- stdout
    connect
      ✓ version  0.1.0, linux x86_64
      ✓ config   HOME/connect/config
      ✓ data     HOME/connect/data
      ✓ state    HOME/connect/state

    configuration
      ✓ config.toml  there is none: nothing was chosen

    files
      ✓ config       not there yet: made when it is needed
      ✓ connections  writable, and closed to others
      ✓ secrets      not there yet: made when it is needed
      ✓ journal      writable, and closed to others
      ✓ locks        writable, and closed to others
      ✓ records      1 record, readable

    stores
      ✓ env  keeps nothing: the variables are read

    environment
      ✓ CONNECT_HOME      set
      ✓ CONNECT_TEST_NOW  set

    host 127.0.0.1:PORT
      ✓ proxy         none: it is this machine
      ✓ certificates  none are needed: plain http
      ✓ name          it is an address already
      ✓ request       answered
      ✓ forge         a GitLab answers
      ✓ version       19.1.1-ee, when it was last told
      ✓ clock         right, to within a minute
      ✓ rate limit    498 of 500 requests without a token are left

    connection lab
      ✓ address  http://127.0.0.1:PORT
      ✓ token    readable, sha256:…
      ✓ health   valid
      ✓ expiry   in 89 days
      ✓ scopes   api

    git
      ✓ git     git VERSION
      – helper  git does not ask connect; `connect setup-git` lets it

    unfinished
      ✓ journal  nothing is left unfinished

    29 well, 1 skipped
    ");
    let quiet = home.connect(["doctor", "lab", "--quiet"]).env("LAB", &lab).ends().succeeds();
    assert_eq!((quiet.stdout(), quiet.stderr()), (String::new(), String::new()));
}

#[cfg(feature = "test-hooks")]
#[test]
fn two_connections_and_what_people_read() {
    let (home, world) = (Home::new(), world());
    two(&home, &world);
    let before = home.contents();
    // The default store is the keyring, and there is none here.
    std::fs::create_dir_all(home.connect_home().join("config")).unwrap();
    std::fs::write(home.connect_home().join("config/config.toml"), "store = \"plain\"\nstroe = \"file\"\n").unwrap();
    insta::assert_snapshot!(home.connect(["doctor"]).env("GH_TOKEN", "ghp_x").ends().shown(), @"
    exit 0
    --- stdout
    connect
      ✓ version  0.1.0, linux x86_64
      ✓ config   HOME/connect/config
      ✓ data     HOME/connect/data
      ✓ state    HOME/connect/state

    configuration
      ✓ config.toml  reads
      ! keys         keys that mean nothing here: stroe
        → correct or remove them in HOME/connect/config/config.toml

    files
      ! config       others on this machine may use
                     HOME/connect/config (mode 755)
        → `chmod 700 HOME/connect/config`
      ✓ connections  writable, and closed to others
      ✓ secrets      writable, and closed to others
      ✓ journal      writable, and closed to others
      ✓ locks        writable, and closed to others
      ✓ files        7 files, whole and closed to others
      ✓ records      2 records, readable
      ✓ orphans      every secret in a file is named by a record

    stores
      ✓ plain  written, read back and removed a throw-away secret

    environment
      ! GH_TOKEN          it is set: gh, glab and others take it instead of what
                          connect gives them
        → `unset GH_TOKEN`, unless it is meant to win
      ✓ CONNECT_HOME      set
      ✓ CONNECT_TEST_NOW  set

    host github.com
      ✓ proxy         none: it is this machine
      ✓ certificates  none are needed: plain http
      ✓ name          it is an address already
      ✓ request       answered
      ✓ forge         a GitHub answers
      ✓ API version   accepted
      ✓ clock         right, to within a minute
      ✓ rate limit    58 of 60 requests without a token are left

    host 127.0.0.1:PORT
      ✓ proxy         none: it is this machine
      ✓ certificates  none are needed: plain http
      ✓ name          it is an address already
      ✓ request       answered
      ✓ forge         a GitLab answers
      ✓ version       19.1.1-ee, when it was last told
      ✓ clock         right, to within a minute
      ✓ rate limit    498 of 500 requests without a token are left

    connection hub
      ✓ address  https://github.com, its API at http://127.0.0.1:PORT
      ! kept in  the token is kept readable, in the store `plain`
        → `connect store migrate 'hub' --to keyring` (or `--to file`)
      ✓ token    readable, sha256:…
      ✓ health   valid
      ✓ expiry   never, as far as is known
      ✓ scopes   admin:org_hook, read:org, repo, workflow

    connection lab
      ✓ address  http://127.0.0.1:PORT
      ! kept in  the token is kept readable, in the store `plain`
        → `connect store migrate 'lab' --to keyring` (or `--to file`)
      ✓ token    readable, sha256:…
      ✓ health   valid
      ✓ expiry   in 89 days
      ✓ scopes   api

    git
      ✓ git     git VERSION
      – helper  git does not ask connect; `connect setup-git` lets it

    unfinished
      ✓ journal  nothing is left unfinished

    43 well, 5 to look at, 1 skipped
    ");
    insta::assert_snapshot!(home.connect(["doctor", "--quiet", "--no-network"]).ends().shown(), @"
    exit 0
    --- stdout
    configuration
      ! keys  keys that mean nothing here: stroe
        → correct or remove them in HOME/connect/config/config.toml

    files
      ! config  others on this machine may use
                HOME/connect/config (mode 755)
        → `chmod 700 HOME/connect/config`

    connection hub
      ! kept in  the token is kept readable, in the store `plain`
        → `connect store migrate 'hub' --to keyring` (or `--to file`)

    connection lab
      ! kept in  the token is kept readable, in the store `plain`
        → `connect store migrate 'lab' --to keyring` (or `--to file`)

    27 well, 4 to look at, 17 skipped
    ");
    let changed: Vec<String> = home.contents().into_keys().filter(|name| !before.contains_key(name)).collect();
    let expected = ["connect/config/", "connect/config/config.toml", "connect/state/locks/connect%20doctor.lock"];
    assert_eq!(changed, expected, "nothing is left of the trial");
}

#[test]
fn nothing_is_kept_yet() {
    let home = Home::new();
    let found = Found::of(home.connect(["doctor"]).without_env("CONNECT_TEST_NOW").json()).exits(8);
    assert_eq!(found.concerns(), ["store keyring no_keyring"]);
    assert!(!home.connect_home().exists(), "a look changes nothing");
}

#[test]
fn one_connection_and_what_it_needs() {
    let (home, world) = (Home::new(), world());
    two(&home, &world);
    world.revoke_gitlab("api");
    let found = Found::by(&home, &["hub"]).exits(0);
    assert!(found.checks.iter().all(|check| check["connection"] != "lab"), "{}", found.output.shown());
    assert_eq!(found.link("connection", "health")["connection"], "hub");
    Found::by(&home, &["https://github.com/octocat"]).exits(0).is("connection", "health", "ok");
    Found::by(&home, &["lab"]).exits(4).has("connection", "health", "fail", "token_revoked");
    home.connect(["doctor", "nobody"]).json().fails(3, "no_such_connection");
    std::fs::write(home.record_path("hub"), "{").unwrap();
    Found::by(&home, &["hub"]).exits(1).has("files", "record", "fail", "record_damaged");
}

#[test]
fn the_document() {
    let (home, world) = (Home::new(), world());
    two(&home, &world);
    let document = home.connect(["doctor", "--no-network"]).json().exits(8).document();
    assert_eq!(document["version"], env!("CARGO_PKG_VERSION"));
    let count = |status: &str| {
        let checks = document["checks"].as_array().unwrap();
        checks.iter().filter(|check| check["status"] == status).count()
    };
    for status in ["ok", "warn", "fail", "skipped"] {
        assert_eq!(document["summary"][status], count(status), "{status}");
    }
    let fields: Vec<&str> = document["checks"][0].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(fields.len(), 8, "{fields:?}");
}

#[test]
fn nobody_is_asked_when_nobody_shall_be() {
    let (home, world) = (Home::new(), world());
    two(&home, &world);
    let before = world.requests().len();
    let found = Found::by(&home, &["hub", "--no-network"]).exits(0);
    for name in ["name", "request", "forge", "API version", "clock", "rate limit"] {
        found.is("host", name, "skipped");
    }
    found.is("connection", "token", "ok").is("connection", "health", "skipped");
    assert_eq!(world.requests().len(), before);
}
