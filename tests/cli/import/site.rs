//! A building site: a world, a home with a connection to each forge, and what there is to be counted afterwards.
//! Most stories break something in the middle of an import, run the same command again, and count.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use forge_sandbox::{Builder, Sandbox, SeenRequest};
use serde_json::Value;

use super::by_hand;
use crate::support::call::Call;
use crate::support::forges::built;
use crate::support::{Cast as _, Home, Output, world};

/// The repository that is imported.
pub const REPOSITORY: &str = "agility-game/home-assistant-community-store";
/// Where to.
pub const PROJECT: &str = "agility-game/home-assistant/store";
/// The group around it.
pub const GROUP: &str = "agility-game/home-assistant";

const SIGABRT: i32 = 6;

/// Whether there is a git, without which no mirror moves. CI has one.
pub fn has_git() -> bool {
    let there = std::process::Command::new("git").arg("--version").output().is_ok_and(|said| said.status.success());
    if !there {
        assert!(std::env::var_os("CI").is_none(), "CI has a git");
        eprintln!("left out: there is no git");
    }
    there
}

/// A world, and a home with `octocat@github.com` and the maintainer's connection to GitLab.
pub struct Site {
    pub home: Home,
    pub world: Sandbox,
}

impl Site {
    pub fn new() -> Self {
        Self::of(world(), "api")
    }

    /// With the token of somebody who owns the group, and may delete projects.
    pub fn owned() -> Self {
        Self::of(world(), "admin")
    }

    /// The same with choices.
    pub fn built(builder: Builder) -> Self {
        Self::of(built(builder), "api")
    }

    fn of(world: Sandbox, token: &str) -> Self {
        let home = furnished(&world, token);
        Self { home, world }
    }

    /// `connect import … --yes`, with more flags.
    pub fn import<const N: usize>(&self, flags: [&str; N]) -> Call {
        import_from(&self.home, flags)
    }

    pub fn connect<const N: usize>(&self, words: [&str; N]) -> Output {
        self.home.connect(words).ends()
    }

    /// `connect import undo … --delete-project --yes`
    pub fn undo(&self) -> Call {
        self.home.connect(["import", "undo", REPOSITORY, "--delete-project", "--yes"])
    }

    /// The name of a connection to GitLab.
    pub fn at_gitlab(&self, user: &str) -> String {
        crate::support::forges::at_gitlab(&self.world, user)
    }

    fn gitlab(&self) -> Value {
        self.world.state()["gitlab"].take()
    }

    /// Projects that the start did not have, by their paths.
    pub fn projects(&self) -> Vec<Value> {
        let all = self.gitlab()["projects"].take();
        all.as_array().unwrap().iter().filter(|project| project["id"].as_u64() > Some(103)).cloned().collect()
    }

    /// The repository as it is.
    pub fn repository(&self) -> Value {
        let all = self.world.state()["github"]["repositories"].take();
        all.as_array().unwrap().iter().find(|it| it["id"] == 142_000_001).unwrap().clone()
    }

    /// The addresses of its webhooks.
    pub fn hooks(&self) -> Vec<String> {
        let repository = self.repository();
        let hooks = repository["hooks"].as_array().unwrap();
        hooks.iter().map(|hook| hook["url"].as_str().unwrap().to_owned()).collect()
    }

    /// The tokens that imports made and that live.
    pub fn tokens(&self) -> Vec<String> {
        let all = self.gitlab()["tokens"].take();
        let made = |token: &&Value| {
            token["kind"] == "project" && token["name"].as_str().unwrap().starts_with("connect import ")
        };
        let texts =
            all.as_array().unwrap().iter().filter(made).map(|token| token["token"].as_str().unwrap().to_owned());
        texts.filter(|token| self.world.is_alive_gitlab(token)).collect()
    }

    /// The connections that imports made.
    pub fn kept(&self) -> Vec<Value> {
        self.home.records().into_iter().filter(|record| record["made_for"].is_string()).collect()
    }

    /// The records of imports.
    pub fn imports(&self) -> Vec<Value> {
        let Ok(entries) = std::fs::read_dir(self.home.connect_home().join("data/imports")) else { return Vec::new() };
        entries.map(|entry| serde_json::from_slice(&std::fs::read(entry.unwrap().path()).unwrap()).unwrap()).collect()
    }

    /// How often this was done at a forge, and went well.
    pub fn wrote(&self, forge: &str, method: &str, path_ends: &str) -> usize {
        let state = self.world.state();
        let writes = state[forge]["writes"].as_array().unwrap();
        let is_it = |write: &&Value| write["method"] == method && write["path"].as_str().unwrap().ends_with(path_ends);
        writes.iter().filter(is_it).count()
    }

    /// Waits until a forge has been asked this.
    pub fn has_come(&self, method: &str, path_ends: &str) {
        let start = Instant::now();
        let is_it = |seen: &SeenRequest| seen.method == method && seen.path.ends_with(path_ends);
        while !self.world.requests().iter().any(is_it) {
            assert!(start.elapsed() < Duration::from_secs(60), "{method} {path_ends} never came");
            std::thread::yield_now();
        }
    }

    /// What `doctor` finds of what was left unfinished: verdict and hints.
    pub fn unfinished(&self) -> Vec<Value> {
        let report = self.connect(["doctor", "--json"]).document();
        let checks = report["checks"].as_array().unwrap();
        let open = |check: &&Value| check["group"] == "journal" && check["status"] != "ok";
        checks.iter().filter(open).cloned().collect()
    }

    /// It is all there, once; the books say so; and nothing is left to do.
    pub fn is_whole(&self, by_actions: bool, why: &str) {
        let one = |what: &str, count: usize| assert_eq!(count, 1, "{why}: {what}");
        let projects = self.projects();
        one("project", projects.len());
        let tokens = self.tokens();
        one("live project token", tokens.len());
        one("record", self.imports().len());
        let kept = self.kept();
        one("kept token", kept.len());
        let name = kept[0]["name"].as_str().unwrap();
        assert_eq!(self.connect(["token", name]).succeeds().stdout().trim(), tokens[0], "{why}: another token is kept");
        assert_eq!(self.home.secrets().len(), 3, "{why}: secrets");
        assert_eq!(self.home.journal(), Vec::<std::path::PathBuf>::new(), "{why}: journal");
        assert!(self.unfinished().is_empty(), "{why}: {:?}", self.unfinished());
        let import = &self.imports()[0];
        assert!(import["finished_at"].is_string(), "{why}: {import:#}");
        assert!(!import.to_string().contains("unanswered"), "{why}: {import:#}");
        let (made, project) = (&import["made"], &projects[0]);
        assert_eq!(made["project"]["id"], project["id"], "{why}");
        assert_eq!(made["token"]["connection"], name, "{why}");
        if by_actions {
            assert!(project["mirror"].is_null() && self.hooks().is_empty(), "{why}");
            let secrets = serde_json::json!({ "GITLAB_MIRROR_TOKEN": tokens[0] });
            assert!(self.repository()["actions_secrets"] == secrets, "{why}: the workflow has another token");
            assert_eq!(self.destinations(), BTreeSet::from(["github-secret".into(), "gitlab-integration".into()]));
        } else {
            let hooks = self.hooks();
            one("webhook", hooks.len());
            let address = format!("/projects/{}/mirror/pull?private_token={}", project["id"], tokens[0]);
            assert!(hooks[0].ends_with(&address), "{why}: the webhook has another token");
            assert_eq!(made["hook"]["id"], self.repository()["hooks"][0]["id"], "{why}");
            assert_eq!(
                (&project["mirror"]["enabled"], &project["mirror"]["status"]),
                (&true.into(), &"finished".into())
            );
            let all = ["github-webhook", "gitlab-integration", "gitlab-mirror"].map(str::to_owned);
            assert_eq!(self.destinations(), BTreeSet::from(all), "{why}");
        }
        assert_eq!(project["integration"]["active"], true, "{why}");
        let status = self.connect(["import", "status"]);
        assert_eq!(status.code, Some(0), "{why}: {}", status.shown());
    }

    /// The kinds of the copies on the lists of all connections; each kind is there once.
    fn destinations(&self) -> BTreeSet<String> {
        let mut kinds = BTreeSet::new();
        for record in self.home.records() {
            for copy in record["destinations"].as_array().unwrap_or(&Vec::new()) {
                assert_eq!(copy["fingerprint"], record["token"]["fingerprint"], "{record:#}");
                assert!(kinds.insert(copy["kind"].as_str().unwrap().to_owned()), "{record:#}");
            }
        }
        kinds
    }

    /// Nothing of an import is left anywhere, and what was there before is there.
    pub fn is_bare(&self, why: &str) {
        assert_eq!(self.projects(), Vec::<Value>::new(), "{why}");
        assert_eq!((self.hooks(), self.tokens()), (Vec::new(), Vec::new()), "{why}");
        assert_eq!((self.kept().len(), self.imports().len(), self.home.records().len()), (0, 0, 2), "{why}");
        assert_eq!(self.home.secrets().len(), 2, "{why}: secrets");
        assert_eq!(self.home.journal(), Vec::<std::path::PathBuf>::new(), "{why}: journal");
        assert!(self.destinations().is_empty(), "{why}");
        let repository = self.repository();
        assert_eq!(repository["actions_secrets"], serde_json::json!({}), "{why}");
        for path in [".gitlab-ci.yml", ".github/workflows/mirror-to-gitlab.yml"] {
            assert!(!self.has_file(path), "{why}: {path}");
        }
        let branches: Vec<&String> = repository["branches"].as_object().unwrap().keys().collect();
        assert_eq!(branches, ["main", "seesaw"], "{why}");
    }

    /// Whether a file is on the default branch of the repository.
    pub fn has_file(&self, path: &str) -> bool {
        let path = format!("/repos/{REPOSITORY}/contents/{path}");
        by_hand::github(&self.world, "classic", "GET", &path, &Value::Null).0 == 200
    }
}

/// A home with a connection to each forge.
pub fn furnished(world: &Sandbox, token: &str) -> Home {
    let home = Home::new();
    home.dotcom(world, "classic").ends().succeeds().never_says("error");
    home.gitlab(world, token).ends().succeeds().never_says("error");
    home
}

/// `connect import … --yes` from this home.
pub fn import_from<const N: usize>(home: &Home, flags: [&str; N]) -> Call {
    home.connect(["import", REPOSITORY, "--to", PROJECT, "--yes", "--no-input", "--store", "plain"]).with(flags)
}

/// Kills a call at a point.
pub fn killed(call: Call, point: &str) {
    let output = call.env("CONNECT_TEST_FAULT", point).ends();
    assert_eq!(output.signal, Some(SIGABRT), "it did not come to {point}\n{}", output.shown());
}
