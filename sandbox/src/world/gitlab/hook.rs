//! Webhooks of projects and groups, and what was delivered to them.
//!
//! Source: GitLab REST "Project webhooks", `web_hook.rb`, `auto_disabling.rb`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::{Gitlab, Group, Project, namespace_of};
use crate::mail::{Line, Payload, unshared};
use crate::world::clock::later;

/// That many failures in a row are forgiven.
const FORGIVEN: u32 = 3;

/// With one more than that many, GitLab gives up for good.
const MOST_FAILURES: u32 = 39;

/// Where a hook lives, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Home {
    Project(u64),
    Group(u64),
}

/// Which branches' pushes a hook hears of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BranchFilter {
    #[default]
    Wildcard,
    Regex,
    AllBranches,
}

impl BranchFilter {
    /// By GitLab's word for it.
    pub fn named(word: &str) -> Option<Self> {
        match word {
            "wildcard" => Some(Self::Wildcard),
            "regex" => Some(Self::Regex),
            "all_branches" => Some(Self::AllBranches),
            _ => None,
        }
    }
}

/// A webhook.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Hook {
    pub id: u64,
    /// With `{name}` where a variable's value is put in.
    pub url: String,
    pub name: Option<String>,
    pub description: Option<String>,
    /// Sent along as it is.
    pub token: Option<String>,
    /// `whsec_…`, signed with.
    pub signing_token: Option<String>,
    pub enable_ssl_verification: bool,
    /// The flags that are on: `push_events` …
    pub events: BTreeSet<String>,
    pub push_events_branch_filter: Option<String>,
    pub branch_filter_strategy: BranchFilter,
    pub custom_webhook_template: Option<String>,
    pub url_variables: BTreeMap<String, String>,
    pub custom_headers: BTreeMap<String, String>,
    pub created_at: Timestamp,
    /// In a row.
    pub recent_failures: u32,
    pub disabled_until: Option<Timestamp>,
    /// Given up for good: since 17.11 only by the number of failures, before by one that was the hook's own fault.
    pub given_up: bool,
    /// In the order in which they were sent.
    #[serde(serialize_with = "unshared")]
    pub log: Vec<Arc<Entry>>,
    /// What is to be sent.
    #[serde(skip)]
    pub line: Line<Letter>,
}

impl Hook {
    /// As GitLab makes one of which only the address is known: it hears of pushes.
    pub fn new(id: u64, url: &str, now: Timestamp) -> Self {
        Self {
            id,
            url: url.to_owned(),
            name: None,
            description: None,
            token: None,
            signing_token: None,
            enable_ssl_verification: true,
            events: BTreeSet::from(["push_events".to_owned()]),
            push_events_branch_filter: None,
            branch_filter_strategy: BranchFilter::default(),
            custom_webhook_template: None,
            url_variables: BTreeMap::new(),
            custom_headers: BTreeMap::new(),
            created_at: now,
            recent_failures: 0,
            disabled_until: None,
            given_up: false,
            log: Vec::new(),
            line: Line::default(),
        }
    }

    /// Where it is sent to: the address with the variables put in.
    pub fn target(&self) -> String {
        let put_in = |url: String, (key, value): (&String, &String)| url.replace(&format!("{{{key}}}"), value);
        self.url_variables.iter().fold(self.url.clone(), put_in)
    }

    /// `executable`, `temporarily_disabled` or `disabled`. Counts only where hooks are disabled of themselves.
    pub fn alert_status(&self, now: Timestamp) -> &'static str {
        if self.given_up {
            "disabled"
        } else if self.disabled_until.is_some_and(|until| until >= now) {
            "temporarily_disabled"
        } else {
            "executable"
        }
    }

    pub fn is_executable(&self, now: Timestamp) -> bool {
        self.alert_status(now) == "executable"
    }

    /// One more failure in a row: the fourth puts it off for a minute, each that follows for twice as long, up to a
    /// day. `for_good` is what versions before 17.11 did after the fourth that was the receiver's own fault.
    pub fn fail(&mut self, now: Timestamp, for_good: bool) {
        if !self.is_executable(now) {
            return;
        }
        let backoff = self.recent_failures.saturating_sub(FORGIVEN);
        self.recent_failures += 1;
        if self.recent_failures > MOST_FAILURES || for_good && self.recent_failures > FORGIVEN {
            self.given_up = true;
            self.disabled_until = None;
        } else if self.recent_failures > FORGIVEN {
            let minutes = 1_i64.checked_shl(backoff).unwrap_or(i64::MAX).min(24 * 60);
            self.disabled_until = Some(later(now, SignedDuration::from_mins(minutes)));
        }
    }

    /// It went well: all is forgotten.
    pub fn succeed(&mut self) {
        (self.recent_failures, self.disabled_until, self.given_up) = (0, None, false);
    }
}

/// Something to be sent to a hook.
#[derive(Debug, Clone)]
pub(crate) struct Letter {
    /// `push_hooks`
    pub trigger: String,
    /// `Push Hook`
    pub header: String,
    pub payload: Payload,
    /// The same for all hooks that hear of one event.
    pub event_uuid: String,
    /// The same when it is sent again.
    pub key: String,
    /// How often it has been tried.
    pub tries: u32,
}

/// Something that was sent to a hook.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Entry {
    pub id: u64,
    pub created_at: Timestamp,
    /// As the hook had it: without the variables' values.
    pub url: String,
    pub trigger: String,
    /// Secrets are taken out.
    pub request_headers: BTreeMap<String, String>,
    pub request_data: Payload,
    pub response_headers: BTreeMap<String, String>,
    pub response_body: String,
    /// A number, or `internal error`.
    pub response_status: String,
    /// Why nothing came back.
    pub error: Option<String>,
    /// Seconds.
    pub execution_duration: f64,
    #[serde(skip)]
    pub header: String,
    #[serde(skip)]
    pub event_uuid: String,
    #[serde(skip)]
    pub key: String,
}

/// A delivery for which somebody waits: the test of a hook, or something that is sent again.
#[derive(Debug)]
pub(crate) struct Trial {
    pub home: Home,
    pub hook: u64,
    pub letter: Letter,
    /// Sent again, rather than made up.
    pub again: bool,
}

impl Gitlab {
    /// A hook as it is made, with a number that none has had.
    pub fn new_hook(&mut self, url: &str, now: Timestamp) -> Hook {
        self.hooks_made += 1;
        Hook::new(3_000_000 + self.hooks_made, url, now)
    }

    /// The hooks of a project or a group.
    pub fn hooks(&self, home: Home) -> &[Hook] {
        match home {
            Home::Project(id) => self.project(id).map_or(&[], |it| it.hooks.as_slice()),
            Home::Group(id) => self.groups.iter().find(|it| it.id == id).map_or(&[], |it| it.hooks.as_slice()),
        }
    }

    pub fn hooks_mut(&mut self, home: Home) -> Option<&mut Vec<Hook>> {
        match home {
            Home::Project(id) => self.project_mut(id).map(|it| &mut it.hooks),
            Home::Group(id) => self.groups.iter_mut().find(|it| it.id == id).map(|it| &mut it.hooks),
        }
    }

    pub fn hook_mut(&mut self, home: Home, id: u64) -> Option<&mut Hook> {
        self.hooks_mut(home)?.iter_mut().find(|hook| hook.id == id)
    }

    /// Everywhere that hooks may be.
    pub fn homes(&self) -> impl Iterator<Item = Home> {
        let projects = self.projects.iter().map(|it| Home::Project(it.id));
        projects.chain(self.groups.iter().map(|it| Home::Group(it.id)))
    }

    /// The first project below a group, wherever, that has a commit.
    pub fn first_below(&self, group: &Group) -> Option<u64> {
        let inside = format!("{}/", group.full_path);
        let filled = |it: &&Project| it.full_path.starts_with(&inside) && !it.is_empty().unwrap_or(true);
        self.projects.iter().find(filled).map(|it| it.id)
    }

    /// Everywhere that hooks may hear of what happens in a project: there, and in the groups above it.
    pub fn homes_above(&self, project: u64) -> Vec<Home> {
        let mut homes = vec![Home::Project(project)];
        let mut path = self.project(project).map_or("", |it| namespace_of(&it.full_path));
        while !path.is_empty() {
            homes.extend(self.group_at(path).map(|group| Home::Group(group.id)));
            path = namespace_of(path);
        }
        homes
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that fails may as well panic")]
mod tests {
    use super::*;

    #[test]
    fn the_fourth_failure_puts_off_and_the_fortieth_ends_it() {
        let mut now = Timestamp::UNIX_EPOCH;
        let mut hook = Hook::new(1, "https://a.example", now);
        (0..3).for_each(|_| hook.fail(now, false));
        assert_eq!(hook.alert_status(now), "executable");
        let mut waits = Vec::new();
        for _ in 3..39 {
            hook.fail(now, false);
            assert_eq!(hook.alert_status(now), "temporarily_disabled");
            let until = hook.disabled_until.unwrap();
            waits.push(until.duration_since(now).as_mins());
            now = later(until, SignedDuration::from_secs(1));
        }
        assert_eq!(waits[..12], [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1440]);
        assert!(waits[12..].iter().all(|wait| *wait == 1440));
        hook.fail(now, false);
        assert_eq!((hook.alert_status(now), hook.disabled_until), ("disabled", None));
        hook.succeed();
        assert_eq!(hook.alert_status(now), "executable");
    }

    #[test]
    fn variables_are_put_in() {
        let mut hook = Hook::new(1, "http://127.0.0.1/{a}/{b}?{c}", Timestamp::UNIX_EPOCH);
        hook.url_variables = [("a", "x"), ("b", "y")].map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        assert_eq!(hook.target(), "http://127.0.0.1/x/y?{c}");
    }
}
