//! `POST /credentials/revoke`: the only way for a program to kill a personal access token.
//!
//! On github.com it is for the unauthenticated: a request with a token gets 403. It takes classic,
//! fine-grained, OAuth, app users' and refresh tokens, up to a thousand of them, and answers 202
//! whether they existed or not. Enterprise Server has it from 3.21 on, and there only for the
//! authenticated, but not with fine-grained tokens. Source: GitHub REST "Revocation".

use serde_json::{Value, json};

use super::{Call, Handled, Shape, error};
use crate::http::Answer;
use crate::world::github::TokenKind;

/// Checks who asks, by the rules of the kind of host.
fn allowed(call: &Call<'_>) -> Result<(), Answer> {
    match call.shape {
        Shape::Dotcom if call.caller.is_some() => Err(error::refusal(403, "Forbidden")),
        Shape::Dotcom => Ok(()),
        Shape::EnterpriseServer(version) if !version.reaches(3, 21) => Err(error::not_found()),
        Shape::EnterpriseServer(_) => match call.token()?.kind {
            TokenKind::FineGrained => Err(error::not_accessible("personal access token")),
            _ => Ok(()),
        },
    }
}

/// The tokens in the body.
fn listed(call: &Call<'_>) -> Result<Vec<String>, Answer> {
    let body: Value = serde_json::from_slice(&call.request.body).map_err(|_| error::problems_parsing_json())?;
    let invalid = |code: &str| {
        error::validation_failed(&json!([
            { "resource": "Credential", "field": "credentials", "code": code }
        ]))
    };
    let list = body["credentials"].as_array().ok_or_else(|| invalid("missing_field"))?;
    let tokens: Vec<String> = list.iter().filter_map(|token| token.as_str().map(str::to_owned)).collect();
    let right = tokens.len() == list.len() && (1..=1000).contains(&tokens.len());
    if right { Ok(tokens) } else { Err(invalid("invalid")) }
}

/// `POST /credentials/revoke`
pub(super) fn revoke(call: &mut Call<'_>) -> Handled {
    allowed(call)?;
    for token in listed(call)? {
        if let Some(token) = call.github.token_mut(&token)
            && token.kind != TokenKind::Installation
        {
            token.revoked = true;
        }
    }
    Ok(Answer::json(202, &json!({})))
}
