//! What exists: people, places, tokens, and what time it is.
//!
//! The world knows nothing of HTTP. It is made whole at the start ([`start`]), a seed adds to it
//! ([`seed`]), and from then on only requests and the test's own hand change it.

pub(crate) mod clock;
pub(crate) mod github;
pub(crate) mod gitlab;
pub mod seed;
pub(crate) mod start;
pub(crate) mod version;

use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use clock::Clock;
use github::Github;
use gitlab::Gitlab;
use gitlab::rotation::Noted;
use seed::Seed;
use version::Version;

use crate::http::Request;
use crate::work::Work;

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Forge {
    /// GitHub, as github.com and as an Enterprise Server.
    GitHub,
    /// GitLab.
    GitLab,
}

/// What the GitLab instance has paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// The edition without anything to pay for: what is for payers does not even have a route.
    Community,
    /// No licence.
    Free,
    /// Pull mirroring, CI/CD for external repositories, the GitHub integration.
    Premium,
}

impl Tier {
    /// The word of GitLab's API for it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Community | Self::Free => "free",
            Self::Premium => "premium",
        }
    }
}

/// What is chosen before the start, and but for the tier does not change afterwards.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub tls: bool,
    pub expired_certificate: bool,
    pub tier: Tier,
    pub gitlab_version: Version,
    pub ghes_version: Version,
    pub latency: Duration,
    pub now: Option<Timestamp>,
    pub github_base_path: String,
    pub gitlab_base_path: String,
    pub github_port: u16,
    pub gitlab_port: u16,
    pub rate_limits: bool,
    pub login_lock: Option<u32>,
    /// How often an import is asked for until it is over.
    pub import_polls: u32,
    /// How imports from GitHub end.
    pub import_outcome: gitlab::import::Outcome,
    /// May projects have access tokens?
    pub project_tokens: bool,
    /// The most days ahead that a GitLab token may expire, where its administrators have said so.
    pub token_lifetime: Option<u32>,
    /// GitLab's flag `buffered_token_expiration_limit`.
    pub buffered_expiry: bool,
    /// GitLab rotates no classic token of a human's.
    pub fine_grained_only: bool,
    /// How many of the webhooks in one place may want one event (GitHub), or may be there (GitLab); the forges' own
    /// numbers if `None`.
    pub hook_limit: Option<usize>,
    /// GitHub takes no webhook whose address is this machine's or of its network.
    pub refuse_local_hooks: bool,
    /// GitLab takes no webhook whose address is this machine's or of its network.
    pub block_local_network: bool,
    /// GitLab knows signing tokens.
    pub signing_tokens: bool,
    /// GitLab disables webhooks that fail.
    pub auto_disable_hooks: bool,
    /// How often GitLab sends a delivery again that failed.
    pub hook_retries: u32,
    /// How many deliveries are on their way to one webhook.
    pub deliveries_at_once: usize,
    pub seed: Seed,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            tls: false,
            expired_certificate: false,
            tier: Tier::Premium,
            gitlab_version: Version { major: 19, minor: 1, patch: 1 },
            ghes_version: Version { major: 3, minor: 17, patch: 0 },
            latency: Duration::ZERO,
            now: None,
            github_base_path: String::new(),
            gitlab_base_path: String::new(),
            github_port: 0,
            gitlab_port: 0,
            rate_limits: true,
            login_lock: None,
            import_polls: 2,
            import_outcome: gitlab::import::Outcome::default(),
            project_tokens: true,
            token_lifetime: None,
            buffered_expiry: false,
            fine_grained_only: false,
            hook_limit: None,
            refuse_local_hooks: false,
            block_local_network: false,
            signing_tokens: true,
            auto_disable_hooks: false,
            hook_retries: 0,
            deliveries_at_once: 1,
            seed: Seed::default(),
        }
    }
}

/// A request that a forge accepted and that was no reading.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Write {
    pub method: String,
    pub path: String,
    /// What the world calls the token.
    pub token: Option<String>,
    pub status: u16,
}

impl Write {
    /// What is written down of an answer, if it was a write.
    pub fn of(method: &str, path: &str, token: Option<&String>, status: u16) -> Option<Self> {
        let wrote = !matches!(method, "GET" | "HEAD" | "OPTIONS") && (200..300).contains(&status);
        wrote.then(|| Self { method: method.to_owned(), path: path.to_owned(), token: token.cloned(), status })
    }
}

/// Everything that the two forges know.
#[derive(Debug)]
pub(crate) struct World {
    pub settings: Settings,
    pub clock: Clock,
    pub github: Github,
    pub gitlab: Gitlab,
    /// The origin of each forge with its base path, known once the ports are.
    pub github_url: String,
    pub gitlab_url: String,
    /// The authority that signed the forges' certificates, when they have any.
    pub ca_certificate: Option<PathBuf>,
    /// What is under way besides requests.
    pub work: Work,
    answered: u64,
}

impl World {
    /// The world at its start.
    pub fn new(settings: Settings, github_url: String, gitlab_url: String) -> Result<Self, String> {
        let clock = Clock::new(settings.now);
        let now = clock.now();
        let mut world = Self {
            github: start::github(now),
            gitlab: start::gitlab(now),
            clock,
            github_url,
            gitlab_url,
            ca_certificate: None,
            work: Work::new(settings.deliveries_at_once),
            answered: 0,
            settings,
        };
        world.github.url = world.github_url.clone();
        let seed = world.settings.seed.clone();
        seed::plant(&seed, &mut world)?;
        Ok(world)
    }

    /// A number for each answer, from which its identifiers are made.
    pub fn next_answer(&mut self) -> u64 {
        self.answered += 1;
        self.answered
    }

    /// Writes a request down if it asks GitLab for a rotation.
    pub fn note_rotation(&mut self, request: &Request) -> Option<Noted> {
        crate::gitlab::note_rotation(&mut self.gitlab, request, &self.settings.gitlab_base_path)
    }

    /// A project's mirror has failed so many times more.
    pub fn fail_mirror(&mut self, path: &str, times: u32) -> Result<(), String> {
        let now = self.clock.now();
        let project = self.gitlab.project_at_mut(path).ok_or_else(|| format!("GitLab has no project `{path}`"))?;
        let mirror = project.mirror.as_mut().ok_or_else(|| format!("the project `{path}` mirrors nothing"))?;
        mirror.fail_often(now, times);
        Ok(())
    }

    /// The whole state, for people and for assertions. Tokens are spelled out: none of them is real.
    pub fn state(&self) -> Value {
        let now = self.clock.now();
        json!({
            "now": now.to_string(),
            "tier": self.settings.tier,
            "gitlab_version": self.settings.gitlab_version.to_string(),
            "ghes_version": self.settings.ghes_version.to_string(),
            "github": self.github.state(now),
            "gitlab": self.gitlab.state(now),
        })
    }
}
