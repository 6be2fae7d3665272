//! The versions of the API, and `GET /versions`.
//!
//! Source: GitHub REST "API Versions": without the header a request gets 2022-11-28; an unknown
//! version is 400. Enterprise Server knows 2026-03-10 from 3.21 on, and lists versions from 3.20.

use serde_json::json;

use super::{Call, Handled, Shape, error};
use crate::http::Answer;

/// What requests without the header get.
pub(super) const OLDEST: &str = "2022-11-28";
/// What was announced in March 2026.
pub(super) const NEWEST: &str = "2026-03-10";

/// The versions that this GitHub speaks.
pub(super) fn supported(shape: Shape) -> &'static [&'static str] {
    match shape {
        Shape::EnterpriseServer(version) if !version.reaches(3, 21) => &[OLDEST],
        _ => &[OLDEST, NEWEST],
    }
}

/// The version that the request asks for.
pub(super) fn selected(call: &Call<'_>) -> Result<&'static str, Answer> {
    let Some(wanted) = call.request.header("x-github-api-version") else {
        return Ok(OLDEST);
    };
    let supported = supported(call.shape);
    supported.iter().copied().find(|version| *version == wanted).ok_or_else(|| {
        let most_recent = supported.last().copied().unwrap_or(OLDEST);
        let others = supported.iter().rev().skip(1).map(|version| format!(", \"{version}\""));
        let message = format!(
            "Bad Request: The version you specified in the \"X-GitHub-API-Version\" request \
             header, \"{wanted}\", is not a supported version. The following versions are \
             currently supported: \"{most_recent}\" (most recent){}.",
            others.collect::<String>()
        );
        error::refusal(400, &message)
    })
}

/// `GET /versions`
pub(super) fn list(call: &mut Call<'_>) -> Handled {
    match call.shape {
        Shape::EnterpriseServer(version) if !version.reaches(3, 20) => Err(error::not_found()),
        shape => {
            let newest_first: Vec<&str> = supported(shape).iter().rev().copied().collect();
            Ok(Answer::json(200, &json!(newest_first)))
        }
    }
}
