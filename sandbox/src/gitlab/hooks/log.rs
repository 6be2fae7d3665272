//! What was delivered to a hook in the last seven days, the newest first.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{Of, READ_EVENTS, enter_and_find};
use crate::gitlab::parameters::Parameters;
use crate::gitlab::{Call, Handled, error, time};
use crate::http::Answer;
use crate::world::clock::later;
use crate::world::gitlab::hook::{Entry, Hook};

const DAYS: i64 = 7;

/// Pages of this list are no longer than that, and asking for more is refused.
const MOST: u64 = 20;

fn describe(entry: &Entry) -> Value {
    json!({
        "id": entry.id,
        "url": entry.url,
        "trigger": entry.trigger,
        "request_headers": entry.request_headers,
        "request_data": entry.request_data,
        "response_headers": entry.response_headers,
        "response_body": entry.response_body,
        "execution_duration": entry.execution_duration,
        "response_status": entry.response_status,
    })
}

/// Those that are still remembered, the newest first.
pub(super) fn remembered(hook: &Hook, now: Timestamp) -> impl Iterator<Item = &Entry> {
    let oldest = later(now, SignedDuration::from_hours(-24 * DAYS));
    hook.log.iter().rev().map(AsRef::as_ref).filter(move |entry| entry.created_at >= oldest)
}

/// Does an entry fit one of the words that may be asked for?
fn fits(entry: &Entry, word: &str) -> bool {
    let between = |first: u16, last: u16| {
        entry.response_status.parse::<u16>().is_ok_and(|status| (first..=last).contains(&status))
    };
    match word {
        "successful" => between(200, 299),
        "client_failure" => between(400, 499),
        "server_failure" => between(500, 599) || entry.response_status.parse::<u16>().is_err(),
        code => entry.response_status == code,
    }
}

/// `GET …/hooks/:hook_id/events`
pub(super) fn list(call: &mut Call<'_>, of: Of, id: &str, hook: &str) -> Handled {
    let (_, hook) = enter_and_find(call, of, id, hook, READ_EVENTS)?;
    let mut sent = Parameters::of(call.request);
    let wanted = sent.list("status").unwrap_or_default();
    let known = |word: &String| {
        ["successful", "client_failure", "server_failure"].contains(&word.as_str())
            || word.parse::<u16>().is_ok_and(|status| (100..600).contains(&status))
    };
    if !wanted.iter().all(known) {
        sent.complain("status does not have a valid value");
    }
    if sent.number("per_page").is_some_and(|size| !(1..=MOST).contains(&size)) {
        sent.complain("per_page does not have a valid value");
    }
    sent.finish()?;
    let fitting = |entry: &&Entry| wanted.is_empty() || wanted.iter().any(|word| fits(entry, word));
    let found: Vec<&Entry> = remembered(&hook, call.now).filter(fitting).collect();
    let page = call.request.page(20);
    // Only this page is made whole: there may be thousands of them.
    let shown = (page.number - 1) * page.size..page.number * page.size;
    let with_time = call.version.reaches(18, 0);
    let described = |(at, entry): (usize, &&Entry)| {
        if !shown.contains(&at) {
            return Value::Null;
        }
        let mut body = describe(entry);
        if with_time {
            body["created_at"] = json!(time::written(entry.created_at));
        }
        body
    };
    Ok(call.page(found.iter().enumerate().map(described).collect()))
}

/// One that is still remembered.
pub(super) fn one<'a>(hook: &'a Hook, id: &str, now: Timestamp) -> Result<&'a Entry, Answer> {
    remembered(hook, now).find(|entry| entry.id.to_string() == id).ok_or_else(error::not_found)
}
