//! Events of whoever tests: what the sandbox has no routes for, or ten thousand at once.

use serde_json::{Map, Value};

use super::{delivery, newest_push, payload};
use crate::emission::{Emit, Posted, merged};
use crate::github::hooks::Place;
use crate::github::scene::Addresses;
use crate::mail::{Payload, guid};
use crate::world::World;
use crate::world::github::{AccountKind, Envelope, Github, Home, Hook, Membership, Repository};

/// Who did it: the owner, or the first of an organisation's.
fn sender(github: &Github, owner: &str) -> String {
    let account = github.account(owner);
    let of_organisation = account.and_then(|account| {
        let mut members = account.members.iter();
        members.find(|(_, place)| **place == Membership::Admin).map(|(login, _)| login.clone())
    });
    of_organisation.unwrap_or_else(|| owner.to_owned())
}

/// What such an event says at this place, as far as the sandbox knows.
fn known(github: &Github, place: Place<'_>, hook: &Hook, event: &str) -> Map<String, Value> {
    let addresses = Addresses::of(&github.url, hook.enterprise);
    let scene = addresses.scene(github);
    let owner = match place {
        Place::Repository(it) => &it.owner,
        Place::Organization(it) => &it.login,
    };
    let sender = sender(github, owner);
    let whole = match (place, event) {
        (Place::Repository(it), "push") => newest_push(it).map(|push| payload::push(&scene, it, &push, &sender)),
        (Place::Repository(it), "pull_request") => {
            let newest = it.pulls.last();
            newest.map(|pull| payload::pull_request(&scene, it, pull, "opened", &sender))
        }
        _ => None,
    };
    match whole {
        Some(Value::Object(whole)) => whole,
        _ => payload::around(&scene, place, &sender),
    }
}

/// Does the hook hear of it? Everybody hears a `ping`, and those that want all hear what GitHub does not know.
fn hears(hook: &Hook, event: &str) -> bool {
    hook.wants(event) || event == "ping"
}

/// Those hooks that hear of it, and what they are told.
fn letters(github: &Github, homes: &[Home], place: Place<'_>, emit: &Emit) -> Vec<(Home, u64, Envelope)> {
    let repository = match place {
        Place::Repository(it) => Some(it.id),
        Place::Organization(_) => None,
    };
    let mut letters = Vec::new();
    for home in homes {
        for hook in github.hooks(*home).iter().filter(|hook| hears(hook, &emit.event)) {
            let known = |whole: &mut Map<String, Value>| *whole = known(github, place, hook, &emit.event);
            let whole = merged(emit, known);
            let envelope = Envelope {
                guid: String::new(),
                event: emit.event.clone(),
                action: whole["action"].as_str().map(str::to_owned),
                payload: Payload::from(whole),
                repository,
                redelivery: false,
            };
            letters.push((*home, hook.id, envelope));
        }
    }
    letters
}

/// Posts it to all hooks that hear of it, as often as it was asked for.
///
/// # Errors
///
/// When nothing is at the place.
pub(crate) fn emit(world: &mut World, emit: &Emit) -> Result<Vec<Posted>, String> {
    let github = &mut world.github;
    let absent = || format!("GitHub has no repository and no organisation `{}`", emit.place);
    let letters = match emit.place.split_once('/') {
        Some((owner, name)) => {
            let it: &Repository = github.repository(owner, name).ok_or_else(absent)?;
            letters(github, &github.homes_above(it.id), Place::Repository(it), emit)
        }
        None => {
            let found = github.account(&emit.place).filter(|it| it.kind == AccountKind::Organization);
            let it = found.ok_or_else(absent)?;
            letters(github, &[Home::Organization(it.id)], Place::Organization(it), emit)
        }
    };
    let mut posted = Vec::new();
    for _ in 0..emit.times {
        for (home, hook, envelope) in &letters {
            let envelope = Envelope { guid: guid(), ..envelope.clone() };
            posted.push(Posted::at_github(*home, *hook, &envelope.guid));
            delivery::enqueue(github, &world.work, *home, *hook, envelope, emit.at_once);
        }
    }
    Ok(posted)
}
