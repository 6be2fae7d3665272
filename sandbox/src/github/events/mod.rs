//! What happens in a repository, told to its webhooks.
//!
//! An event is made into a payload for each hook that wants it, as the hook's own shape of GitHub
//! writes addresses, and waits in the hook's queue; [`delivery`] sends what waits, in order, while
//! nobody holds the world.
//!
//! Source: GitHub docs "Webhook events and payloads"; more than three tags pushed at once make no
//! event.

pub(super) mod delivery;
mod payload;

use serde_json::Value;

use super::scene::{Addresses, Scene};
use crate::checksum::random_hex;
use crate::git::Update;
use crate::work::Work;
use crate::world::github::{Envelope, Github, Hook, Pull, Repository};

/// A GUID such as `72d3162e-cc78-11e3-81ab-4c9367dc0958`.
fn guid() -> String {
    let digits = random_hex(32);
    format!("{}-{}-{}-{}-{}", &digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..])
}

/// An event and what is said of it.
struct Told<'a> {
    event: &'a str,
    action: Option<&'a str>,
    payload: &'a dyn Fn(&Scene<'_>, &Repository) -> Value,
}

impl Told<'_> {
    fn envelope(&self, github: &Github, it: &Repository, hook: &Hook) -> Envelope {
        let addresses = Addresses::of(&github.url, hook.enterprise);
        Envelope {
            guid: guid(),
            event: self.event.to_owned(),
            action: self.action.map(str::to_owned),
            payload: (self.payload)(&addresses.scene(github), it),
            redelivery: false,
        }
    }
}

/// Tells all hooks of a repository that want to hear it.
fn tell(github: &mut Github, work: &Work, repository: u64, told: &Told<'_>) {
    let Some(it) = github.repositories.iter().find(|it| it.id == repository) else {
        return;
    };
    let wanting = it.hooks.iter().filter(|hook| hook.wants(told.event));
    let letters: Vec<(u64, Envelope)> = wanting.map(|hook| (hook.id, told.envelope(github, it, hook))).collect();
    for (hook, envelope) in letters {
        delivery::enqueue(github, work, repository, hook, envelope);
    }
}

/// Tells one hook, whatever it wants.
fn tell_one(github: &mut Github, work: &Work, repository: u64, hook: u64, told: &Told<'_>) {
    let it = github.repositories.iter().find(|it| it.id == repository);
    let found = it.and_then(|it| Some((it, it.hooks.iter().find(|it| it.id == hook)?)));
    if let Some(envelope) = found.map(|(it, hook)| told.envelope(github, it, hook)) {
        delivery::enqueue(github, work, repository, hook, envelope);
    }
}

/// A hook is told that it is there: when it was made, and when somebody asks for it.
pub(super) fn ping(github: &mut Github, work: &Work, repository: u64, hook: u64, sender: &str) {
    let payload = |scene: &Scene<'_>, it: &Repository| payload::ping(scene, it, hook, sender);
    tell_one(github, work, repository, hook, &Told { event: "ping", action: None, payload: &payload });
}

/// A hook hears of the newest push again, if it wants to hear of pushes.
pub(super) fn test(github: &mut Github, work: &Work, repository: u64, hook: u64, sender: &str) {
    let Some(it) = github.repositories.iter().find(|it| it.id == repository) else {
        return;
    };
    let wanted = it.hooks.iter().any(|it| it.id == hook && it.wants("push"));
    let head = it.head().ok().flatten().filter(|_| wanted);
    let commit = head.and_then(|head| it.git().and_then(|git| git.commit_info(&head)).ok().flatten());
    if let Some(commit) = commit {
        let update = Update {
            reference: format!("refs/heads/{}", it.default_branch),
            before: commit.parents.first().cloned(),
            after: Some(commit.sha),
        };
        let payload = |scene: &Scene<'_>, it: &Repository| payload::push(scene, it, &update, sender);
        tell_one(github, work, repository, hook, &Told { event: "push", action: None, payload: &payload });
    }
}

/// References have changed: pushes, and what they mean for pull requests.
pub(super) fn pushed(github: &mut Github, work: &Work, repository: u64, sender: &str, updates: &[Update]) {
    let tags = updates.iter().filter(|update| update.tag().is_some()).count();
    for update in updates {
        if update.tag().is_some() && tags > 3 || update.branch().is_none() && update.tag().is_none() {
            continue;
        }
        let payload = |scene: &Scene<'_>, it: &Repository| payload::push(scene, it, update, sender);
        tell(github, work, repository, &Told { event: "push", action: None, payload: &payload });
        if let Some(branch) = update.branch() {
            follow(github, work, repository, sender, branch, update.after.as_deref());
        }
    }
}

/// The open pull requests from a branch follow it; without it, they are closed.
fn follow(github: &mut Github, work: &Work, repository: u64, sender: &str, branch: &str, after: Option<&str>) {
    let Some(it) = github.repository_mut(repository) else {
        return;
    };
    let mut changed = Vec::new();
    for pull in it.pulls.iter_mut().filter(|pull| pull.open && (pull.head == branch || pull.base == branch)) {
        match after {
            Some(after) if pull.head == branch => after.clone_into(&mut pull.head_sha),
            Some(after) => {
                after.clone_into(&mut pull.base_sha);
                continue;
            }
            None => pull.open = false,
        }
        changed.push(pull.clone());
    }
    for pull in changed {
        pull_request(github, work, repository, sender, &pull, if pull.open { "synchronize" } else { "closed" });
    }
}

/// Something happened to a pull request: it was `opened`, `closed`, `reopened` …
pub(super) fn pull_request(
    github: &mut Github,
    work: &Work,
    repository: u64,
    sender: &str,
    pull: &Pull,
    action: &'static str,
) {
    let payload = |scene: &Scene<'_>, it: &Repository| payload::pull_request(scene, it, pull, action, sender);
    tell(github, work, repository, &Told { event: "pull_request", action: Some(action), payload: &payload });
}
