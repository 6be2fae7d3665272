//! Deliveries for which somebody waits: tests of a hook, and what is sent again.
//!
//! The route leaves a [`Trial`] and the answer to one that goes well; [`finish`] sends it, while nobody
//! holds the world, and has the last word.

use serde_json::json;

use super::{Entered, Of, RESEND, TEST, enter_and_find, log};
use crate::gitlab::events::delivery::{HookBox, send_now};
use crate::gitlab::events::payload::{self, Stage};
use crate::gitlab::events::{Kind, letter};
use crate::gitlab::{Call, Handled, error};
use crate::http::Answer;
use crate::server::Shared;
use crate::world::World;
use crate::world::gitlab::hook::{Home, Letter, Trial};

/// Tests and resendings in a minute, of all hooks of one project or group together.
const MOST: u32 = 5;

/// So many at first, in 17.0.
const MOST_AT_FIRST: u32 = 3;

/// Counts one more, or refuses it.
fn count(call: &mut Call<'_>, what: &'static str, entered: &Entered) -> Result<(), Answer> {
    let most = if call.version.reaches(17, 1) { MOST } else { MOST_AT_FIRST };
    if !call.rate_limits || !call.version.reaches(17, 0) {
        return Ok(());
    }
    let minute = call.now.as_second().div_euclid(60);
    let used = call.gitlab.trials.entry((what, entered.home, entered.user.id)).or_insert((minute, 0));
    if used.0 != minute {
        *used = (minute, 0);
    }
    used.1 += 1;
    if used.1 > most { Err(error::requested_too_many_times()) } else { Ok(()) }
}

/// `POST …/hooks/:hook_id/test/:trigger`
pub(super) fn test(call: &mut Call<'_>, of: Of, id: &str, hook: &str, trigger: &str) -> Handled {
    let (entered, hook) = enter_and_find(call, of, id, hook, TEST)?;
    let kind = Kind::of(entered.home, call.version).find(|kind| kind.flag == trigger);
    let kind = kind.ok_or_else(|| error::parameter("trigger does not have a valid value"))?;
    count(call, "test", &entered)?;
    let hook = hook.id;
    // What is told is made up by `finish`, which has the whole world before it.
    let letter = letter(kind.header, json!({ "by": entered.user.username }).into());
    call.gitlab.trial = Some(Trial { home: entered.home, hook, letter, again: false });
    Ok(Answer::json(201, &json!({ "message": "201 Created" })))
}

/// `POST …/hooks/:hook_id/events/:event_id/resend`: the same body under the same key, as the hook is set now.
pub(super) fn resend(call: &mut Call<'_>, of: Of, id: &str, hook: &str, event: &str) -> Handled {
    let (entered, hook) = enter_and_find(call, of, id, hook, RESEND)?;
    count(call, "resend", &entered)?;
    let entry = log::one(&hook, event, call.now)?;
    if entry.url != hook.url {
        return Err(error::message(422, "The hook URL has changed. This log entry cannot be retried."));
    }
    let letter = Letter {
        trigger: entry.trigger.clone(),
        header: entry.header.clone(),
        payload: entry.request_data.clone(),
        event_uuid: entry.event_uuid.clone(),
        key: entry.key.clone(),
        tries: 0,
    };
    call.gitlab.trial = Some(Trial { home: entered.home, hook: hook.id, letter, again: true });
    Ok(Answer::json(201, &json!({ "response_status": 200 })))
}

/// What the test of a hook is told: of its project, or of the first in its group.
fn made_up(world: &World, trial: &Trial) -> Result<Letter, String> {
    let kind = Kind::named(&trial.letter.header).ok_or("trigger does not have a valid value")?;
    let first_in = |group: u64| {
        let group = world.gitlab.groups.iter().find(|it| it.id == group)?;
        world.gitlab.first_below(group)
    };
    let project = match trial.home {
        Home::Project(id) => Some(id),
        Home::Group(id) => first_in(id),
    };
    let by = trial.letter.payload["by"].as_str();
    let stage = project.and_then(|id| Stage::of(world, id, by));
    let stage = stage.ok_or("Ensure the group has a project with commits.")?;
    Ok(Letter { payload: payload::sample(&stage, kind)?.into(), ..trial.letter.clone() })
}

/// Sends it, and answers with what came of it.
pub(crate) async fn finish(shared: &Shared, trial: Trial, mut answer: Answer) -> Answer {
    let letter = if trial.again { Ok(trial.letter.clone()) } else { made_up(&shared.world(), &trial) };
    let mailbox = HookBox { home: trial.home, hook: trial.hook };
    let outcome = match letter {
        Ok(letter) => send_now(shared, mailbox, &letter).await,
        Err(why) => Err(why),
    };
    let (status, body) = match outcome {
        Ok((status, _)) if trial.again => (201, json!({ "response_status": status })),
        Ok((status, _)) if (200..300).contains(&status) => return answer,
        Ok((_, text)) => (422, json!({ "message": text })),
        Err(why) => (422, json!({ "message": why })),
    };
    (answer.status, answer.body) = (status, body.to_string().into());
    answer
}
