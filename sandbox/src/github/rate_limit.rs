//! `GET /rate_limit`, and the counting behind it.
//!
//! 5,000 requests an hour for a user, whatever number of tokens they use; 60 without a token.
//! Asking for the limit and answers with 304 cost nothing. Enterprise Server has limits off by
//! default: no headers, and the route says so. Source: GitHub REST "Rate limits".

use serde_json::json;

use super::{Call, Handled, error, versions};
use crate::http::Answer;
use crate::world::github::Usage;

const HOUR: i64 = 3600;

/// Whose hour it is, and how much there is in it.
fn bucket(call: &Call<'_>) -> (String, u32) {
    match &call.caller {
        Some(token) => (token.login.clone(), 5000),
        None => ("anonymous".to_owned(), 60),
    }
}

fn usage(call: &Call<'_>) -> (Usage, u32) {
    let (who, limit) = bucket(call);
    let now = call.now.as_second();
    let fresh = Usage { used: 0, reset: now + HOUR };
    let usage = call.github.usage.get(&who).copied().filter(|usage| now < usage.reset);
    (usage.unwrap_or(fresh), limit)
}

/// Counts the request, or refuses it.
pub(super) fn count(call: &mut Call<'_>) -> Result<(), Answer> {
    if !call.rate_limits || call.path == "/rate_limit" {
        return Ok(());
    }
    let (mut used, limit) = usage(call);
    if used.used >= limit {
        return Err(exceeded(call));
    }
    used.used += 1;
    let (who, _) = bucket(call);
    call.github.usage.insert(who, used);
    Ok(())
}

/// Takes the counting of a request back: what has not changed is free.
pub(super) fn refund(call: &mut Call<'_>) {
    let (who, _) = bucket(call);
    if let Some(usage) = call.github.usage.get_mut(&who) {
        usage.used = usage.used.saturating_sub(1);
    }
}

/// The refusal of somebody who has used up the hour.
fn exceeded(call: &Call<'_>) -> Answer {
    let who = match &call.caller {
        Some(token) => {
            let id = call.github.account(&token.login).map_or(0, |account| account.id);
            format!("user ID {id}")
        }
        None => "127.0.0.1".to_owned(),
    };
    error::refusal_with_link(
        403,
        &format!("API rate limit exceeded for {who}."),
        "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api",
    )
}

/// Puts the limit's headers on an answer, unless a fault has put others there.
pub(super) fn tell(call: &Call<'_>, answer: &mut Answer) {
    if !call.rate_limits {
        return;
    }
    let (usage, limit) = usage(call);
    answer.set("x-ratelimit-limit", limit.to_string());
    answer.set("x-ratelimit-remaining", limit.saturating_sub(usage.used).to_string());
    answer.set("x-ratelimit-used", usage.used.to_string());
    answer.set("x-ratelimit-reset", usage.reset.to_string());
    answer.set("x-ratelimit-resource", "core");
}

/// `GET /rate_limit`
pub(super) fn show(call: &mut Call<'_>) -> Handled {
    call.accepts("", "allows_permissionless_access=true");
    if !call.rate_limits {
        return Err(error::refusal(404, "Rate limiting is not enabled."));
    }
    let (usage, limit) = usage(call);
    let core = json!({
        "limit": limit,
        "used": usage.used,
        "remaining": limit.saturating_sub(usage.used),
        "reset": usage.reset,
    });
    let unused = |limit: u32| json!({ "limit": limit, "used": 0, "remaining": limit, "reset": usage.reset });
    let mut body = json!({
        "resources": { "core": core, "search": unused(30), "graphql": unused(limit) },
    });
    if call.version != versions::NEWEST {
        body["rate"] = body["resources"]["core"].clone();
    }
    Ok(Answer::json(200, &body))
}
