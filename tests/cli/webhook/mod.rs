//! `connect webhook`: stories of people who keep a webhook's secret, make webhooks, look after them, and want back what
//! was not taken, told to the built program, against forges that really deliver.

mod add;
mod change_over;
mod gitlab;
mod look;
mod receiver;
mod secrets;
mod settings;
mod whole;

use forge_sandbox::{Builder, Sandbox};
use serde_json::Value;

use crate::support::call::Call;
use crate::support::forges::{at_github, at_gitlab, built};
use crate::support::{Cast as _, Home, Output};
use receiver::Receiver;

/// A public repository of the organisation.
const STORE: &str = "agility-game/home-assistant-community-store";
/// A project of which `maintainer` is one.
const DASHBOARD: &str = "agility-game/home-assistant/dashboard";

/// Both forges, a home in which both are connected, and somebody who takes deliveries.
struct Scene {
    home: Home,
    world: Sandbox,
    receiver: Receiver,
}

impl Scene {
    fn new() -> Self {
        Self::of(Sandbox::builder())
    }

    fn of(builder: Builder) -> Self {
        Self::with(builder, "classic", "api")
    }

    /// With the tokens that the world calls so.
    fn with(builder: Builder, github: &str, gitlab: &str) -> Self {
        let (home, world) = (Home::new(), built(builder));
        let _ = home.github(&world, github).ends().succeeds();
        let _ = home.gitlab(&world, gitlab).ends().succeeds();
        world.clear_requests();
        Self { home, world, receiver: Receiver::start() }
    }

    /// `connect webhook …`
    fn webhook<S: AsRef<str>>(&self, arguments: impl IntoIterator<Item = S>) -> Call {
        self.home.connect(["webhook"]).with(arguments)
    }

    /// `connect webhook add --repo STORE --public-url …`
    fn add(&self) -> Call {
        self.webhook(["add", "--repo", STORE, "--public-url", self.receiver.base()])
    }

    /// The hooks of [`STORE`] as the admin of the sandbox sees them, secrets and all.
    fn hooks(&self) -> Vec<Value> {
        let (owner, name) = STORE.split_once('/').unwrap();
        let repositories = self.world.state()["github"]["repositories"].clone();
        let mut repositories = repositories.as_array().unwrap().iter();
        let found = repositories.find(|it| it["owner"] == owner && it["name"] == name).unwrap();
        found["hooks"].as_array().unwrap().clone()
    }

    /// The same of [`DASHBOARD`].
    fn project_hooks(&self) -> Vec<Value> {
        let projects = self.world.state()["gitlab"]["projects"].clone();
        let found = projects.as_array().unwrap().iter().find(|it| it["full_path"] == DASHBOARD).cloned().unwrap();
        found["hooks"].as_array().unwrap().clone()
    }

    /// The record of the connection to GitHub.
    fn github_record(&self) -> Value {
        self.home.record(&at_github(&self.world, "octocat"))
    }

    /// The record of the connection to GitLab.
    fn gitlab_record(&self) -> Value {
        self.home.record(&at_gitlab(&self.world, "maintainer"))
    }

    /// What the store has under an id.
    fn kept(&self, id: &Value) -> String {
        let path = self.home.connect_home().join("data/secrets").join(id.as_str().unwrap());
        std::fs::read_to_string(path).unwrap()
    }

    /// How often something was asked of a forge.
    fn asked(&self, method: &str, end: &str) -> usize {
        self.world.requests().iter().filter(|seen| seen.method == method && seen.path.ends_with(end)).count()
    }

    /// The secret is in the store and nowhere else.
    fn is_secret(&self, secret: &str) {
        for (name, bytes) in self.home.contents() {
            let there = String::from_utf8_lossy(&bytes).contains(secret);
            assert!(!there || name.starts_with("connect/data/secrets/"), "{name}");
        }
    }
}

/// A webhook secret that somebody has entered at the forge.
const GIVEN: &str = "a phrase that was typed into a form";

/// A signing token as GitLab takes it.
const SIGNING: &str = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

/// A connection without a token, for github.com; the secret is made, and kept in the store `plain`.
fn receiver(home: &Home, world: &Sandbox, name: &str) -> Output {
    home.connect(["github", "--api-url", &world.dotcom_api_url(), "--webhook-only", "--store", "plain"])
        .with(["--name", name])
        .ends()
        .succeeds()
}

/// The secret of a connection, as the program gives it out.
fn secret(home: &Home, name: &str) -> String {
    let output = home.connect(["webhook", "settings", name, "--secret-only"]).ends().succeeds();
    output.stdout().trim_end_matches('\n').to_owned()
}

fn webhook(home: &Home, name: &str) -> Value {
    home.record(name)["webhook"].clone()
}
