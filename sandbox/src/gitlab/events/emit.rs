//! Events of whoever tests: what the sandbox has no routes for, or ten thousand at once.

use serde_json::{Map, Value};

use super::payload::{self, Stage};
use super::{Kind, homes, letter, post};
use crate::emission::{Emit, Posted, merged};
use crate::world::World;
use crate::world::gitlab::hook::{Home, Hook};

/// Posts it to all hooks that hear of it, as often as it was asked for.
///
/// # Errors
///
/// When nothing is at the place.
pub(crate) fn emit(world: &mut World, emit: &Emit) -> Result<Vec<Posted>, String> {
    let kind = Kind::named(&emit.event);
    let gitlab = &world.gitlab;
    let project = gitlab.projects.iter().find(|it| it.full_path.eq_ignore_ascii_case(&emit.place)).map(|it| it.id);
    let group = gitlab.groups.iter().find(|it| it.full_path.eq_ignore_ascii_case(&emit.place));
    let (homes, below) = match (project, group) {
        (Some(id), _) => (homes(world, id), Some(id)),
        (None, Some(group)) => (vec![Home::Group(group.id)], gitlab.first_below(group)),
        (None, None) => return Err(format!("GitLab has no project and no group `{}`", emit.place)),
    };
    let stage = below.and_then(|id| Stage::of(world, id, None));
    let known = |whole: &mut Map<String, Value>| {
        let made_up = kind.zip(stage).and_then(|(kind, stage)| payload::sample(&stage, kind).ok());
        if let Some(Value::Object(made_up)) = made_up {
            *whole = made_up;
        }
    };
    let letter = letter(kind.map_or(&emit.event, |kind| kind.header), merged(emit, known).into());
    let wants = |hook: &Hook| kind.is_none_or(|kind| hook.events.contains(kind.flag));
    let at_once = emit.at_once.unwrap_or_else(|| world.work.deliveries_at_once());
    let mut posted = Vec::new();
    for home in homes {
        posted.extend(post(world, home, &letter, emit.times, at_once, wants));
    }
    Ok(posted)
}
