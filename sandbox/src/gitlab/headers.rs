//! The headers on every one of GitLab's answers, and the limit that they tell of.
//!
//! 2,000 requests a minute for a user, 500 without a good token: gitlab.com's numbers. A revoked
//! token counts as none. Source: recorded answers.

use serde_json::json;

use super::{Call, error};
use crate::http::Answer;

const MINUTE: i64 = 60;

struct Limit {
    who: String,
    name: &'static str,
    most: u32,
}

fn limit(call: &Call<'_>) -> Limit {
    match &call.caller {
        Ok(Some(token)) => Limit { who: token.user.to_string(), name: "throttle_authenticated_api", most: 2000 },
        _ => Limit { who: "anonymous".to_owned(), name: "throttle_unauthenticated_api", most: 500 },
    }
}

/// Counts the request, or refuses it.
pub(super) fn count(call: &mut Call<'_>) -> Result<(), Answer> {
    if !call.rate_limits {
        return Ok(());
    }
    let Limit { who, most, .. } = limit(call);
    let now = call.now.as_second();
    let minute = now.div_euclid(MINUTE);
    let usage = call.gitlab.usage.entry(who).or_insert((minute, 0));
    if usage.0 != minute {
        *usage = (minute, 0);
    }
    usage.1 += 1;
    if usage.1 > most {
        return Err(error::retry_later((minute + 1) * MINUTE - now));
    }
    Ok(())
}

/// Adds what GitLab adds.
pub(super) fn complete(call: &Call<'_>, mut answer: Answer, number: u64) -> Answer {
    let correlation = format!("01{:06X}{}", number & 0xFF_FFFF, crate::checksum::random_hex(18)).to_uppercase();
    answer.set("x-gitlab-meta", json!({ "correlation_id": correlation, "version": "1" }).to_string());
    answer.set("x-request-id", correlation);
    answer.set("x-runtime", "0.031415");
    answer.set("server", "nginx");
    answer.set("x-content-type-options", "nosniff");
    answer.set("x-frame-options", "SAMEORIGIN");
    answer.set("vary", "Origin");
    answer.set("cache-control", "max-age=0, private, must-revalidate");
    if call.rate_limits && answer.status != 429 {
        let Limit { who, name, most } = limit(call);
        let (minute, used) = call.gitlab.usage.get(&who).copied().unwrap_or_default();
        answer.set("ratelimit-limit", most.to_string());
        answer.set("ratelimit-name", name);
        answer.set("ratelimit-observed", used.to_string());
        answer.set("ratelimit-remaining", most.saturating_sub(used).to_string());
        answer.set("ratelimit-reset", ((minute + 1) * MINUTE).to_string());
    }
    answer
}
