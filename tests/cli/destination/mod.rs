//! `connect destination`: stories of people who keep copies of a token where programs and forges want it, told to the
//! built program, against forges that keep what they are given.

mod forges;
mod imported;
mod local;
mod refused;
mod selected;
mod told;
mod webhooks;

use forge_sandbox::{Builder, GithubSeed, GithubTokenSeed, Sandbox, Seed};
use serde_json::Value;

use crate::support::call::Call;
use crate::support::forges::{at_github, at_gitlab, built};
use crate::support::{Cast as _, Home};

/// A repository of the organisation.
const STORE: &str = "agility-game/home-assistant-community-store";
/// A project of which `maintainer` is one.
const DASHBOARD: &str = "agility-game/home-assistant/dashboard";

/// Both forges, and a home in which both are connected.
struct Scene {
    home: Home,
    world: Sandbox,
}

impl Scene {
    fn new() -> Self {
        Self::on(Sandbox::builder())
    }

    fn on(builder: Builder) -> Self {
        let token = |name: &str, scopes: &[&str]| GithubTokenSeed::classic(name, scopes);
        let tokens = vec![
            token("second", &["admin:org_hook", "read:org", "repo", "workflow"]),
            token("owner", &["admin:org", "repo"]),
        ];
        let seed = Seed { github: GithubSeed { tokens, ..Default::default() }, ..Default::default() };
        let (home, world) = (Home::new(), built(builder.seed(seed)));
        let _ = home.github(&world, "classic").ends().succeeds();
        let _ = home.gitlab(&world, "api").ends().succeeds();
        Self { home, world }
    }

    /// `connect destination …`
    fn destination<S: AsRef<str>>(&self, arguments: impl IntoIterator<Item = S>) -> Call {
        self.home.connect(["destination"]).with(arguments)
    }

    /// `connect destination add HUB --to …`
    fn add(&self, to: &str) -> Call {
        self.destination(["add", &self.hub(), "--to", to])
    }

    fn hub(&self) -> String {
        at_github(&self.world, "octocat")
    }

    fn lab(&self) -> String {
        at_gitlab(&self.world, "maintainer")
    }

    /// Somebody makes another token for the same account on GitHub, and connects it.
    fn replace(&self) {
        let _ = self.home.github(&self.world, "second").ends().succeeds();
    }

    /// The places of the connection to GitHub, as programs see them.
    fn places(&self) -> Vec<Value> {
        self.places_of(&self.hub())
    }

    fn places_of(&self, name: &str) -> Vec<Value> {
        let document = self.destination(["list", name]).json().document();
        document["connections"][0]["destinations"].as_array().unwrap().clone()
    }

    /// How the first of them stands.
    fn state(&self) -> String {
        self.places()[0]["state"].as_str().unwrap().to_owned()
    }

    /// A project of the GitLab as its state has it.
    fn project(&self, path: &str) -> Value {
        let all = self.world.state()["gitlab"]["projects"].take();
        all.as_array().unwrap().iter().find(|it| it["full_path"] == path).unwrap().clone()
    }

    /// A repository of the GitHub as its state has it.
    fn repository(&self) -> Value {
        let all = self.world.state()["github"]["repositories"].take();
        let (owner, name) = STORE.split_once('/').unwrap();
        all.as_array().unwrap().iter().find(|it| it["owner"] == owner && it["name"] == name).unwrap().clone()
    }
}
