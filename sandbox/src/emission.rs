//! Events of whoever tests: they go to the hooks that are registered, signed, over real HTTP, as all others do.
//!
//! ```no_run
//! # let sandbox = forge_sandbox::Sandbox::start();
//! // A hook of that repository, or of its organisation, was made through the API before.
//! let emission = sandbox.emit_github("agility-game/home-assistant-community-store", "issues", serde_json::json!({ "action": "opened" }));
//! assert!(emission.wait().iter().all(|delivered| delivered.status == Some(200)));
//! ```

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::sandbox::Sandbox;
use crate::server::Shared;
use crate::world::github::Home as GithubHome;
use crate::world::gitlab::hook::Home as GitlabHome;
use crate::world::{Forge, World};
use crate::{github, gitlab};

/// An event that happens because a test says so.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Emit {
    /// At which forge.
    pub forge: Forge,
    /// On GitHub `owner/repository` (the hooks of the repository and of the organisation above it hear it) or an
    /// organisation alone; on GitLab the full path of a project (its hooks, and those of the groups above) or of a group.
    pub place: String,
    /// GitHub's name of it (`issues`), or GitLab's: `merge_requests`, `merge_requests_events`, `Merge Request Hook`. What
    /// GitHub does not know, hooks for `*` hear; what GitLab does not know, all hear.
    pub event: String,
    /// What is told: in front of what such an event says otherwise, field by field of the outermost object.
    #[serde(default)]
    pub payload: Value,
    /// The payload is all that is told.
    #[serde(default)]
    pub as_is: bool,
    /// So often, each under a number of its own.
    #[serde(default = "once")]
    pub times: usize,
    /// So many are on their way to one hook at a time; as many as the sandbox was built with, if left out.
    #[serde(default)]
    pub at_once: Option<usize>,
}

fn once() -> usize {
    1
}

impl Emit {
    /// Once, with nothing but what such an event says.
    #[must_use]
    pub fn new(forge: Forge, place: &str, event: &str) -> Self {
        let (place, event) = (place.to_owned(), event.to_owned());
        Self { forge, place, event, payload: Value::Null, as_is: false, times: 1, at_once: None }
    }
}

/// A hook's home, at either forge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Home {
    Github(GithubHome),
    Gitlab(GitlabHome),
}

/// A letter that went into a hook's line.
#[derive(Debug, Clone)]
pub(crate) struct Posted {
    home: Home,
    hook: u64,
    id: String,
}

impl Posted {
    pub fn at_github(home: GithubHome, hook: u64, id: &str) -> Self {
        Self { home: Home::Github(home), hook, id: id.to_owned() }
    }

    pub fn at_gitlab(home: GitlabHome, hook: u64, id: &str) -> Self {
        Self { home: Home::Gitlab(home), hook, id: id.to_owned() }
    }
}

/// One attempt to deliver something, and how it went.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Delivered {
    /// The hook's number.
    pub hook: u64,
    /// The number in the hook's list of deliveries.
    pub delivery: u64,
    /// What the receiver tells repeats by: `X-GitHub-Delivery`, `Idempotency-Key` and `webhook-id`.
    pub id: String,
    /// `X-GitHub-Event`, `X-Gitlab-Event`.
    pub event: String,
    /// What the receiver answered; nothing if it did not.
    pub status: Option<u16>,
    /// The body of that answer, or why there was none.
    pub said: String,
}

/// What the event says: the payload alone, or in front of what is known of it otherwise.
pub(crate) fn merged(emit: &Emit, known: impl FnOnce(&mut Map<String, Value>)) -> Value {
    if emit.as_is {
        return emit.payload.clone();
    }
    let mut whole = Map::new();
    known(&mut whole);
    match &emit.payload {
        Value::Object(given) => whole.extend(given.clone()),
        Value::Null => {}
        given => return given.clone(),
    }
    Value::Object(whole)
}

/// Posts an event.
pub(crate) fn post(world: &mut World, emit: &Emit) -> Result<Vec<Posted>, String> {
    match emit.forge {
        Forge::GitHub => github::events::emit::emit(world, emit),
        Forge::GitLab => gitlab::events::emit::emit(world, emit),
    }
}

fn at_github(world: &World, home: GithubHome, hook: u64) -> Vec<Delivered> {
    let deliveries = world.github.hook(home, hook).map_or(&[][..], |hook| &hook.deliveries);
    let told = deliveries.iter().map(|it| {
        let answered = !it.response_headers.is_empty() || it.status.starts_with("Invalid HTTP") || it.status == "OK";
        Delivered {
            hook,
            delivery: it.id,
            id: it.guid.clone(),
            event: it.event.clone(),
            status: answered.then_some(it.status_code),
            said: if answered { it.response_payload.clone() } else { it.status.clone() },
        }
    });
    told.collect()
}

fn at_gitlab(world: &World, home: GitlabHome, hook: u64) -> Vec<Delivered> {
    let hook = world.gitlab.hooks(home).iter().find(|it| it.id == hook);
    let told = hook.into_iter().flat_map(|hook| {
        hook.log.iter().map(|it| Delivered {
            hook: hook.id,
            delivery: it.id,
            id: it.key.clone(),
            event: it.header.clone(),
            status: it.response_status.parse().ok(),
            said: it.error.clone().unwrap_or_else(|| it.response_body.clone()),
        })
    });
    told.collect()
}

/// All that was delivered to a hook so far, in the order in which it was answered.
pub(crate) fn deliveries_of(world: &World, forge: Forge, hook: u64) -> Vec<Delivered> {
    match forge {
        Forge::GitHub => {
            let home = world.github.homes().find(|home| world.github.hook(*home, hook).is_some());
            home.map(|home| at_github(world, home, hook)).unwrap_or_default()
        }
        Forge::GitLab => {
            let has = |home: &GitlabHome| world.gitlab.hooks(*home).iter().any(|it| it.id == hook);
            world.gitlab.homes().find(has).map(|home| at_gitlab(world, home, hook)).unwrap_or_default()
        }
    }
}

/// What became of an event.
#[derive(Debug)]
pub struct Emission {
    shared: Arc<Shared>,
    posted: Vec<Posted>,
}

impl Emission {
    pub(crate) fn new(shared: Arc<Shared>, posted: Vec<Posted>) -> Self {
        Self { shared, posted }
    }

    /// How many deliveries were posted: the hooks that hear of it, times how often it was asked for.
    #[must_use]
    pub fn len(&self) -> usize {
        self.posted.len()
    }

    /// Did no hook want it?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.posted.is_empty()
    }

    /// What the receiver tells them by, in the order in which they were posted.
    #[must_use]
    pub fn ids(&self) -> Vec<String> {
        self.posted.iter().map(|posted| posted.id.clone()).collect()
    }

    /// What was delivered of it so far, each attempt, hook by hook.
    #[must_use]
    pub fn delivered(&self) -> Vec<Delivered> {
        let mut ids: HashMap<(Home, u64), HashSet<&str>> = HashMap::new();
        let mut hooks = Vec::new();
        for posted in &self.posted {
            let hook = (posted.home, posted.hook);
            let of_hook = ids.entry(hook).or_insert_with(|| {
                hooks.push(hook);
                HashSet::new()
            });
            of_hook.insert(&posted.id);
        }
        let world = self.shared.world();
        let mut told = Vec::new();
        for (home, hook) in hooks {
            let all = match home {
                Home::Github(home) => at_github(&world, home, hook),
                Home::Gitlab(home) => at_gitlab(&world, home, hook),
            };
            told.extend(all.into_iter().filter(|it| ids[&(home, hook)].contains(it.id.as_str())));
        }
        told
    }

    /// Waits until nothing is on its way any more, to whatever hook, and tells how it went. As [`crate::Sandbox::settle`],
    /// it blocks, and ends.
    #[must_use]
    pub fn wait(&self) -> Vec<Delivered> {
        let work = self.shared.world().work.clone();
        work.settle();
        self.delivered()
    }
}

/// As the admin's door tells it.
pub(crate) fn describe(posted: &[Posted]) -> Value {
    let ids: Vec<&str> = posted.iter().map(|posted| posted.id.as_str()).collect();
    json!({ "posted": ids.len(), "ids": ids })
}

impl Sandbox {
    /// Something happens on GitHub, in a repository (`owner/name`) or an organisation: the hooks there that want such an
    /// event are told of it, signed, over real HTTP. `payload` goes in front of what the event says otherwise. It does
    /// not wait: [`Emission::wait`] does.
    ///
    /// # Panics
    ///
    /// When nothing is at that place.
    pub fn emit_github(&self, place: &str, event: &str, payload: Value) -> Emission {
        self.emit(&Emit { payload, ..Emit::new(Forge::GitHub, place, event) })
    }

    /// The same on GitLab, in a project or a group, by its full path.
    ///
    /// # Panics
    ///
    /// When nothing is at that place.
    pub fn emit_gitlab(&self, place: &str, event: &str, payload: Value) -> Emission {
        self.emit(&Emit { payload, ..Emit::new(Forge::GitLab, place, event) })
    }

    /// Something happens, perhaps many times.
    ///
    /// # Panics
    ///
    /// When nothing is at that place.
    pub fn emit(&self, emit: &Emit) -> Emission {
        let posted = post(&mut self.shared.world(), emit);
        match posted {
            Ok(posted) => Emission::new(Arc::clone(&self.shared), posted),
            Err(why) => panic!("{why}"),
        }
    }

    /// All that was delivered to the hook of that number so far: pings, tests, events, and what was sent again.
    #[must_use]
    pub fn deliveries(&self, forge: Forge, hook: u64) -> Vec<Delivered> {
        deliveries_of(&self.shared.world(), forge, hook)
    }
}
