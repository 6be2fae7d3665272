//! An import that stands, and hands that meddle with what it made as other people do: by the forges' own API.

use std::process::Command;

use forge_sandbox::{Builder, Sandbox};
use reqwest::Method;
use serde_json::Value;

use crate::support::call::Call;
use crate::support::forges::{at_gitlab, built};
use crate::support::output::scrubbed;
use crate::support::{Cast as _, Home, Output};

/// A public repository with three commits.
pub const STORE: &str = "agility-game/home-assistant-community-store";
/// A private group that `maintainer` keeps.
pub const GROUP: &str = "agility-game/home-assistant";
/// Where [`STORE`] goes.
pub const PROJECT: &str = "agility-game/home-assistant/store";

/// Both forges, and a home in which the repository's owner and the group's maintainer are connected.
pub struct Standing {
    pub home: Home,
    pub world: Sandbox,
}

impl Standing {
    /// [`STORE`] is imported into [`PROJECT`]. Nothing on a machine without git, and a word about it.
    pub fn new(flags: &[&str]) -> Option<Self> {
        Self::of(Sandbox::builder(), flags)
    }

    /// The same in a world with choices.
    pub fn of(builder: Builder, flags: &[&str]) -> Option<Self> {
        let scene = Self::begun(builder)?;
        let _ = scene.import(flags).succeeds();
        scene.world.settle();
        Some(scene)
    }

    /// Nothing is imported yet.
    #[allow(clippy::print_stderr, reason = "what is left out is said")]
    pub fn begun(builder: Builder) -> Option<Self> {
        if Command::new("git").arg("--version").output().is_err() {
            eprintln!("left out: git is missing on this machine");
            return None;
        }
        let scene = Self { home: Home::new(), world: built(builder) };
        let _ = scene.home.github(&scene.world, "classic").ends().succeeds();
        let _ = scene.home.gitlab(&scene.world, "api").ends().succeeds();
        Some(scene)
    }

    /// The same with an owner of the group, who may delete projects, in the maintainer's place.
    pub fn owned(flags: &[&str]) -> Option<Self> {
        let scene = Self::begun(Sandbox::builder())?;
        let maintainer = at_gitlab(&scene.world, "maintainer");
        let _ = scene.home.connect(["disconnect", &maintainer]).ends().succeeds();
        let _ = scene.home.gitlab(&scene.world, "admin").ends().succeeds();
        let _ = scene.import(flags).succeeds();
        Some(scene)
    }

    /// `connect import STORE --to PROJECT`, agreed to.
    pub fn import(&self, flags: &[&str]) -> Output {
        let ended =
            self.home.connect(["import", STORE, "--to", PROJECT, "--store", "plain", "--yes"]).with(flags).ends();
        self.world.settle();
        ended
    }

    /// `connect import status`, of all that is on record.
    pub fn status(&self) -> Call {
        self.home.connect(["import", "status"])
    }

    /// `connect import undo STORE`, agreed to.
    pub fn undo(&self, flags: &[&str]) -> Output {
        self.home.connect(["import", "undo", STORE, "--yes"]).with(flags).ends()
    }

    /// What has drifted: the thing and how it is, and the state of the import.
    pub fn drift(&self) -> (String, Vec<(String, String)>) {
        let document = self.status().json().document();
        let import = &document["imports"][0];
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let drift = import["drift"].as_array().unwrap();
        (text(&import["state"]), drift.iter().map(|one| (text(&one["what"]), text(&one["says"]))).collect())
    }

    /// The command that `status` names for the first thing that has drifted, carried out.
    pub fn mended(&self) -> Output {
        let document = self.status().json().document();
        let mend = document["imports"][0]["drift"][0]["mend"].as_str().unwrap().to_owned();
        let words: Vec<&str> = mend.split(' ').skip(1).collect();
        let ended = self.home.connect(words).with(["--yes"]).ends();
        self.world.settle();
        ended
    }

    /// It is well, and says so with 0.
    pub fn is_well(&self) {
        let shown = self.status().ends();
        assert!(shown.code == Some(0) && shown.stdout().contains("\twell\t"), "{}", shown.shown());
    }

    /// The GitHub as the owner of the repository has it: below `/repos/STORE`.
    pub fn github(&self, method: &str, path: &str, body: Value) -> Value {
        let url = format!("{}/repos/{STORE}{path}", self.world.github_api_url());
        ask(method, &url, &self.world.github_token("classic"), body)
    }

    /// The GitLab as its administrator has it: below the project.
    pub fn gitlab(&self, method: &str, path: &str, body: Value) -> Value {
        let url = format!("{}/projects/{}{path}", self.world.gitlab_api_url(), PROJECT.replace('/', "%2F"));
        ask(method, &url, &self.world.gitlab_token("admin"), body)
    }

    /// The same, anywhere.
    pub fn gitlab_at(&self, method: &str, path: &str, body: Value) -> Value {
        ask(method, &format!("{}{path}", self.world.gitlab_api_url()), &self.world.gitlab_token("admin"), body)
    }

    /// The webhooks of the repository.
    pub fn hooks(&self) -> Vec<Value> {
        self.github("GET", "/hooks", Value::Null).as_array().unwrap().clone()
    }

    /// `/hooks/NUMBER` of the only one.
    pub fn hook(&self) -> String {
        let hooks = self.hooks();
        assert_eq!(hooks.len(), 1, "{hooks:?}");
        format!("/hooks/{}", hooks[0]["id"])
    }

    /// The project as the administrator of the sandbox sees it; nothing where there is none.
    pub fn project(&self) -> Value {
        let projects = self.world.state()["gitlab"]["projects"].clone();
        let mut projects = projects.as_array().unwrap().iter();
        projects.find(|project| project["full_path"] == PROJECT).cloned().unwrap_or_default()
    }

    /// Every import on record.
    pub fn records(&self) -> Vec<Value> {
        let is_record = |name: &str| name.starts_with("connect/data/imports/") && name.ends_with(".json");
        let files = self.home.contents().into_iter().filter(|(name, _)| is_record(name));
        files.map(|(_, bytes)| serde_json::from_slice(&bytes).unwrap()).collect()
    }

    /// The connection that keeps the project's access token.
    pub fn kept(&self) -> String {
        self.records()[0]["made"]["token"]["connection"].as_str().unwrap().to_owned()
    }

    /// What stands on a terminal of 80 columns when all is done: no spinner, no numbers that differ from run to run.
    pub fn on_screen(&self, call: Call) -> String {
        let ended = call.env("NO_COLOR", "1").at_terminal().ends();
        let seen = as_seen(&ended.screen);
        for line in seen.lines().filter(|line| !line.contains("://") && !line.contains("connect import ")) {
            assert!(line.chars().count() <= 80, "{line:?}");
        }
        format!("exit {}\n{}", ended.code, self.scrubbed(&seen))
    }

    /// Without what differs from run to run.
    pub fn scrubbed(&self, text: &str) -> String {
        scrubbed(text, &self.home.path().display().to_string())
    }
}

/// A terminal's lines after all that was written over them.
pub fn as_seen(screen: &str) -> String {
    let line = |line: &str| {
        let last = line.rsplit("\u{1b}[2K").next().unwrap_or_default();
        last.rsplit('\r').find(|part| !part.is_empty()).unwrap_or_default().trim_end().to_owned()
    };
    screen.lines().map(|text| line(text) + "\n").collect()
}

/// One request; it must succeed. The answer's body, nothing where it has none.
fn ask(method: &str, url: &str, token: &str, body: Value) -> Value {
    // A second installation fails, and is as good as the first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let client = reqwest::Client::builder().no_proxy().user_agent("tests").build().unwrap();
        let request = client.request(Method::from_bytes(method.as_bytes()).unwrap(), url).bearer_auth(token);
        let request = if body.is_null() { request } else { request.json(&body) };
        let answer = request.send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{method} {url}: {status} {text}");
        serde_json::from_str(&text).unwrap_or_default()
    })
}
