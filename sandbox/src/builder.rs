//! What may be chosen before a sandbox starts.

use std::io;
use std::time::Duration;

use jiff::Timestamp;

use crate::Sandbox;
use crate::world::gitlab::import::FailedRelation;
use crate::world::seed::Seed;
use crate::world::{Settings, Tier};

/// Chooses, then [starts](Builder::start).
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct Builder {
    settings: Settings,
    wrong: Option<String>,
}

impl Builder {
    /// HTTPS for both forges, with an authority of its own ([`Sandbox::ca_certificate`]).
    pub fn tls(mut self, tls: bool) -> Self {
        self.settings.tls = tls;
        self
    }

    /// HTTPS with a certificate that expired yesterday.
    pub fn expired_certificate(mut self, expired: bool) -> Self {
        self.settings.expired_certificate = expired;
        self.settings.tls |= expired;
        self
    }

    /// What the GitLab has paid for; Premium unless said otherwise.
    pub fn tier(mut self, tier: Tier) -> Self {
        self.settings.tier = tier;
        self
    }

    /// GitLab's version, such as `17.11.7`; 19.1.1 unless said otherwise.
    pub fn gitlab_version(mut self, version: &str) -> Self {
        match version.parse() {
            Ok(version) => self.settings.gitlab_version = version,
            Err(wrong) => self.wrong = Some(wrong),
        }
        self
    }

    /// The Enterprise Server's version, such as `3.19`; 3.17 unless said otherwise.
    pub fn ghes_version(mut self, version: &str) -> Self {
        match version.parse() {
            Ok(version) => self.settings.ghes_version = version,
            Err(wrong) => self.wrong = Some(wrong),
        }
        self
    }

    /// Every answer comes that much later.
    pub fn latency(mut self, latency: Duration) -> Self {
        self.settings.latency = latency;
        self
    }

    /// Stops the forges' clock at this time; [`Sandbox::advance`] moves it. Without this, it runs.
    pub fn now(mut self, now: Timestamp) -> Self {
        self.settings.now = Some(now);
        self
    }

    /// Puts GitHub under a path, such as `/github`.
    pub fn github_base_path(mut self, path: &str) -> Self {
        self.settings.github_base_path = base_path(path);
        self
    }

    /// Puts GitLab under a path, such as `/gitlab`.
    pub fn gitlab_base_path(mut self, path: &str) -> Self {
        self.settings.gitlab_base_path = base_path(path);
        self
    }

    /// GitHub's port; any that is free unless said otherwise.
    pub fn github_port(mut self, port: u16) -> Self {
        self.settings.github_port = port;
        self
    }

    /// GitLab's port; any that is free unless said otherwise.
    pub fn gitlab_port(mut self, port: u16) -> Self {
        self.settings.gitlab_port = port;
        self
    }

    /// Rate limits, counted and enforced at github.com's and gitlab.com's numbers (5,000 an hour;
    /// 2,000 a minute for one GitLab user); on unless said otherwise. Enterprise Server has none
    /// either way.
    pub fn rate_limits(mut self, on: bool) -> Self {
        self.settings.rate_limits = on;
        self
    }

    /// GitHub locks everybody out for a while after that many failed logins in a row; never
    /// unless said otherwise.
    pub fn login_lock(mut self, after: u32) -> Self {
        self.settings.login_lock = Some(after);
        self
    }

    /// How often `GET /projects/:id/import` is told that an import from GitHub is not over yet; 2
    /// unless said otherwise: the first is told `scheduled`, those after it `started`.
    pub fn import_polls(mut self, polls: u32) -> Self {
        self.settings.import_polls = polls;
        self
    }

    /// Imports from GitHub fail, with these words.
    pub fn import_error(mut self, words: &str) -> Self {
        self.settings.import_outcome.error = Some(words.to_owned());
        self
    }

    /// Imports from GitHub leave something behind: what it is (`pull_request`, `issue`, `note` …),
    /// and why. Once for each; an import may finish all the same.
    pub fn import_loses(mut self, relation: &str, why: &str) -> Self {
        let lost = FailedRelation { relation_name: relation.to_owned(), exception_message: why.to_owned() };
        self.settings.import_outcome.failed_relations.push(lost);
        self
    }

    /// Whether projects may have access tokens; they may unless said otherwise. A group's owner may
    /// forbid them, and gitlab.com does not sell them to those who pay nothing.
    pub fn project_tokens(mut self, allowed: bool) -> Self {
        self.settings.project_tokens = allowed;
        self
    }

    /// The most days ahead that a GitLab token may expire, as administrators with an Ultimate licence may say; 365
    /// unless said otherwise, and never more than that, or than 400 under [`Builder::buffered_expiry`].
    pub fn token_lifetime(mut self, days: u32) -> Self {
        self.settings.token_lifetime = Some(days);
        self
    }

    /// Whether GitLab's flag `buffered_token_expiration_limit` is on (17.6 and later): tokens may then expire 400 days
    /// ahead. It is off unless said otherwise, as at GitLab.
    pub fn buffered_expiry(mut self, on: bool) -> Self {
        self.settings.buffered_expiry = on;
        self
    }

    /// Whether GitLab wants fine-grained tokens of people, and rotates no classic one of theirs; not unless said
    /// otherwise.
    pub fn fine_grained_only(mut self, on: bool) -> Self {
        self.settings.fine_grained_only = on;
        self
    }

    /// How many webhooks of a repository or an organisation at GitHub may want the same event (20 unless said otherwise,
    /// and 250 on an Enterprise Server), and how many a project or a group at GitLab may have (100 and 50).
    pub fn hook_limit(mut self, most: usize) -> Self {
        self.settings.hook_limit = Some(most);
        self
    }

    /// GitHub refuses webhooks for addresses of this machine and of private networks, as github.com does. Off unless
    /// said otherwise: the sandbox itself lives there, and delivers nowhere else.
    pub fn refuse_local_hooks(mut self, refuse: bool) -> Self {
        self.settings.refuse_local_hooks = refuse;
        self
    }

    /// GitLab refuses webhooks for addresses of this machine and of its network, as it does unless an administrator
    /// has allowed them. Off unless said otherwise.
    pub fn block_local_network(mut self, block: bool) -> Self {
        self.settings.block_local_network = block;
        self
    }

    /// Whether GitLab (19.0 and later) knows signing tokens of webhooks; it does unless said otherwise. Without
    /// them, one that is sent is silently ignored.
    pub fn signing_tokens(mut self, on: bool) -> Self {
        self.settings.signing_tokens = on;
        self
    }

    /// Whether GitLab disables webhooks that fail: for a while after the fourth failure in a row, for good after the
    /// fortieth. Off unless said otherwise, as on instances of one's own.
    pub fn auto_disable_hooks(mut self, on: bool) -> Self {
        self.settings.auto_disable_hooks = on;
        self
    }

    /// How often GitLab sends a delivery of a webhook again which failed, under the same `Idempotency-Key`. Never
    /// unless said otherwise: a failure is written down, and it is the job that is repeated when a worker dies.
    pub fn hook_retries(mut self, times: u32) -> Self {
        self.settings.hook_retries = times;
        self
    }

    /// How many deliveries may be on their way to one webhook at a time; one unless said otherwise, so that they
    /// arrive in order. Neither forge promises that.
    pub fn deliveries_at_once(mut self, most: usize) -> Self {
        self.settings.deliveries_at_once = most;
        self
    }

    /// More people, places and tokens.
    pub fn seed(mut self, seed: Seed) -> Self {
        self.settings.seed = seed;
        self
    }

    /// Starts it.
    ///
    /// # Errors
    ///
    /// When a port is taken, a version is none, or the seed is one that the forge would not take: it
    /// names somebody who does not exist, or something that exists already.
    pub fn start(self) -> io::Result<Sandbox> {
        match self.wrong {
            Some(wrong) => Err(io::Error::new(io::ErrorKind::InvalidInput, wrong)),
            None => Sandbox::start_with(self.settings),
        }
    }
}

/// `/path` from `path`, `/path` or `/path/`; nothing from `/`.
fn base_path(path: &str) -> String {
    match path.trim_matches('/') {
        "" => String::new(),
        path => format!("/{path}"),
    }
}
