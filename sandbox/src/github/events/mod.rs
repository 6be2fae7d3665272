//! What happens in a repository, told to its webhooks and to those of the organisation that owns it.
//!
//! An event is made into a payload for each hook that wants it, as the hook's own shape of GitHub
//! writes addresses, and waits in the hook's line; [`delivery`] sends what waits, in order, while
//! nobody holds the world.
//!
//! Source: GitHub docs "Webhook events and payloads"; more than three tags pushed at once make no
//! event.

pub(crate) mod delivery;
pub(crate) mod emit;
mod payload;

use jiff::Timestamp;
use serde_json::Value;

use super::hooks::Place;
use super::scene::{Addresses, Scene};
use crate::git::Update;
use crate::mail::guid;
use crate::work::Work;
use crate::world::github::{Envelope, Github, Home, Hook, Pull, Repository};

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
            payload: (self.payload)(&addresses.scene(github), it).into(),
            repository: Some(it.id),
            redelivery: false,
        }
    }
}

/// Tells all hooks that want to hear it: of the repository, and of the organisation above it.
fn tell(github: &mut Github, work: &Work, repository: u64, told: &Told<'_>) {
    let Some(it) = github.repository_of(repository) else {
        return;
    };
    let mut letters: Vec<(Home, u64, Envelope)> = Vec::new();
    for home in github.homes_above(repository) {
        let wanting = github.hooks(home).iter().filter(|hook| hook.wants(told.event));
        letters.extend(wanting.map(|hook| (home, hook.id, told.envelope(github, it, hook))));
    }
    for (home, hook, envelope) in letters {
        delivery::enqueue(github, work, home, hook, envelope, None);
    }
}

/// A hook is told that it is there: when it was made, and when somebody asks for it.
pub(super) fn ping(github: &mut Github, work: &Work, home: Home, hook: u64, sender: &str, now: Timestamp) {
    let organisation = |id| github.accounts.iter().find(|it| it.id == id);
    let place = match home {
        Home::Repository(id) => github.repository_of(id).map(Place::Repository),
        Home::Organization(id) => organisation(id).map(Place::Organization),
    };
    let Some((place, found)) = place.zip(github.hook(home, hook)) else {
        return;
    };
    let addresses = Addresses::of(&github.url, found.enterprise);
    let envelope = Envelope {
        guid: guid(),
        event: "ping".to_owned(),
        action: None,
        payload: payload::ping(&addresses.scene(github), place, found, sender, now).into(),
        repository: match home {
            Home::Repository(id) => Some(id),
            Home::Organization(_) => None,
        },
        redelivery: false,
    };
    delivery::enqueue(github, work, home, hook, envelope, None);
}

/// The newest push to a repository's default branch, as if it had just come.
fn newest_push(it: &Repository) -> Option<Update> {
    let head = it.head().ok().flatten()?;
    let commit = it.git().and_then(|git| git.commit_info(&head)).ok().flatten()?;
    let reference = format!("refs/heads/{}", it.default_branch);
    Some(Update { reference, before: commit.parents.first().cloned(), after: Some(commit.sha) })
}

/// A repository's hook hears of the newest push again, if it wants to hear of pushes.
pub(super) fn test(github: &mut Github, work: &Work, home: Home, hook: u64, sender: &str) {
    let it = github.repository_of(home.number());
    let Some((it, found)) = it.zip(github.hook(home, hook).filter(|hook| hook.wants("push"))) else {
        return;
    };
    let Some(update) = newest_push(it) else {
        return;
    };
    let payload = |scene: &Scene<'_>, it: &Repository| payload::push(scene, it, &update, sender);
    let envelope = Told { event: "push", action: None, payload: &payload }.envelope(github, it, found);
    delivery::enqueue(github, work, home, hook, envelope, None);
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
