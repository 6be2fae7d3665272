//! `--report` goes where anybody reads it; and no output of the doctor has a secret.

use std::fs;

use forge_sandbox::{Fault, Sandbox};

use super::Found;
use crate::support::call::Call;
use crate::support::forges::built;
use crate::support::{Home, Output, world};

/// A home in which everything that should not be told is planted.
struct Planted {
    home: Home,
    world: Sandbox,
}

const NAMES: [&str; 9] = [
    "acme-employee",
    "acme-lab",
    "gitlab.acme.example",
    "acme-group",
    "proxy.acme.example",
    "acme-user",
    "octocat",
    "ACME_TOKEN",
    "acme",
];

impl Planted {
    fn new() -> Self {
        let (home, world) = (Home::new(), built(Sandbox::builder()));
        let api = world.dotcom_api_url();
        let call = home.connect(["github", "--api-url", &api, "--pat-stdin", "--store", "plain"]);
        let call = call.with(["--name", "acme-employee"]).stdin(world.github_token("classic"));
        call.ends().succeeds().never_says("error");
        let call = home.connect(["gitlab", "--host", &world.gitlab_url(), "--pat-env", "ACME_TOKEN", "--store", "env"]);
        let call = call.with(["--name", "acme-lab"]).env("ACME_TOKEN", &world.gitlab_token("api"));
        call.ends().succeeds().never_says("error");
        home.edit_record("acme-lab", |record| {
            record["url"] = "https://gitlab.acme.example/acme-group".into();
            record["serves"] =
                serde_json::json!(["https://gitlab.acme.example/acme", "https://x:s3cr3t@other.example/acme"]);
        });
        let at = |name: &str| home.connect_home().join("data").join(name);
        fs::write(at("connections/acme-damaged.json"), "{ \"acme\": \"s3cr3t\"").unwrap();
        fs::create_dir(at("connections/acme folder (old).json")).unwrap();
        fs::write(at("secrets/0123456789abcdef0123456789abcdef"), "s3cr3t").unwrap();
        fs::create_dir_all(home.connect_home().join("config")).unwrap();
        fs::write(home.connect_home().join("config/config.toml"), "acme_key = \"s3cr3t\"\nstore = \"plain\"\n")
            .unwrap();
        let body = r#"{"message":"acme-group of acme wants more, see https://acme.example/x"}"#;
        world.fault(Fault::github().path("/user").answer(403, &[("content-type", "application/json")], body));
        Self { home, world }
    }

    fn doctor(&self) -> Call {
        let call = self.home.connect(["doctor"]).env("ACME_TOKEN", &self.world.gitlab_token("api"));
        [
            ("HTTPS_PROXY", "http://acme-user:s3cr3t@proxy.acme.example:3128"),
            ("https_proxy", "http://acme-user:s3cr3t@s3cr3t@proxy.acme.example:3128"),
            ("NO_PROXY", "acme.example"),
            ("GH_TOKEN", "s3cr3t"),
            ("GH_HOST", "acme.example"),
            ("CONNECT_ACME_S", "s3cr3t"),
            ("SSL_CERT_FILE", "/srv/acme certificates/ca.pem"),
            ("USER", "acme-user"),
            ("HOSTNAME", "acme-machine"),
        ]
        .iter()
        .fold(call, |call, (name, value)| call.env(name, value))
    }

    fn secrets(&self) -> Vec<String> {
        vec![self.world.github_token("classic"), self.world.gitlab_token("api"), "s3cr3t".to_owned()]
    }
}

/// The outputs in every form, with these arguments more.
fn every_form(planted: &Planted, arguments: &[&str]) -> Vec<Output> {
    let call = || planted.doctor().with(arguments).with(["--timeout", "5"]);
    vec![
        call().ends(),
        call().json(),
        call().with(["-vv"]).ends(),
        call().with(["--color", "always", "--quiet"]).ends(),
        call().with(["--no-network"]).ends(),
        call().without_env("CONNECT_HOME").ends(),
    ]
}

#[test]
fn no_output_has_a_secret() {
    let planted = Planted::new();
    for output in every_form(&planted, &[]).iter().chain(&every_form(&planted, &["--report"])) {
        planted.secrets().iter().for_each(|secret| {
            output.never_says(secret);
        });
    }
}

#[test]
fn a_report_tells_nobody_who_or_where() {
    let planted = Planted::new();
    let home = planted.home.path().display().to_string();
    let numbers: Vec<String> = [planted.world.github_url(), planted.world.gitlab_url()]
        .iter()
        .map(|url| url.trim_start_matches("http://").to_owned())
        .collect();
    for (index, output) in every_form(&planted, &["--report"]).iter().enumerate() {
        // `-vv` is for the user: it names the hosts that are asked.
        let text = if index == 2 { output.stdout() } else { output.stdout() + &output.stderr() };
        let lower = text.to_lowercase();
        for name in NAMES.iter().map(|name| name.to_lowercase()).chain(numbers.clone()).chain([home.clone()]) {
            assert!(!lower.contains(&name), "{name}\n{text}");
        }
        for pattern in ["://", "(old)", "sha256:", "0123456789abcdef", "acme-machine", "/srv"] {
            assert!(!lower.contains(pattern), "{pattern}\n{text}");
        }
        assert!(!text.contains('\t'), "{text}");
    }
}

#[cfg(feature = "test-hooks")]
#[test]
fn what_a_report_looks_like() {
    let planted = Planted::new();
    let output = planted.doctor().with(["--report", "--quiet", "--no-network"]).ends();
    insta::assert_snapshot!(output.shown(), @"
    exit 8
    --- stdout
    configuration
      ! keys  keys that mean nothing here: 1
        → correct or remove them in $CONNECT_HOME/config/config.toml

    files
      ! config  others on this machine may use $CONNECT_HOME/config (mode 755)
        → `chmod 700 $CONNECT_HOME/config`
      ✗ file    PATH is not what connect keeps there: a pipe, a device, a folder or
                a file in the wrong place
        → see what it is: `ls -ld 'PATH'`; then move it away
      ! file    others on this machine may use $CONNECT_HOME/data/connections/…
                (mode 644)
        → `chmod 600 $CONNECT_HOME/data/connections/…`
      ✗ file    others on this machine may use $CONNECT_HOME/data/secrets/… (mode
                644)
        → `chmod 600 $CONNECT_HOME/data/secrets/…`
        → if others use this machine, make a new token and revoke this one
      ✗ record  $CONNECT_HOME/data/connections/… is damaged: line 1, column 18 does
                not fit
        → restore it from a backup, or remove $CONNECT_HOME/data/connections/… and connect again

    environment
      ! GH_TOKEN       it is set: gh, glab and others take it instead of what
                       connect gives them
        → `unset GH_TOKEN`, unless it is meant to win
      ! GH_HOST        it is set: gh, glab and others take it instead of what
                       connect gives them
        → `unset GH_HOST`, unless it is meant to win
      ! CONNECT_…      there is no such variable
      ✗ https_proxy    it does not read as the address of a proxy
        → its form is `USER:PASSWORD@HOST:PORT`; percent-encode what is odd in a password (`@` is %40, `/` is %2F)
      ✗ SSL_CERT_FILE  no certificate can be read from PATH
        → `unset SSL_CERT_FILE`, or let it lead to PEM certificates

    connection connection-1
      ! kept in  the token is kept readable, in the store `plain`
        → `connect store migrate 'connection-1' --to keyring` (or `--to file`)

    connection connection-2
      ! serves  it can never serve 2 of its prefixes
        → `connect use 'connection-2' --on PREFIX` with a prefix at its own host

    27 well, 8 to look at, 5 broken, 18 skipped
    ");
}

#[test]
fn the_vendors_own_hosts_are_named() {
    let (home, world) = (Home::new(), world());
    super::two(&home, &world);
    let found = Found::by(&home, &["--report", "--no-network"]);
    let hosts: Vec<&str> = found.checks.iter().filter_map(|check| check["host"].as_str()).collect();
    assert!(hosts.contains(&"github.com"), "{hosts:?}");
    assert!(hosts.iter().all(|host| *host == "github.com" || host.starts_with("host-")), "{hosts:?}");
}
