//! Actions secrets of repositories, their environments, and organisations: sealed by whoever sends them, opened here,
//! and never shown again.
//!
//! A value comes as a libsodium sealed box for the public key of whoever keeps the secret, in base64. The sandbox
//! opens it, so that what was really sent can be looked at in its state. Names are kept in upper case.
//!
//! Source: GitHub REST "Actions Secrets", "Encrypting secrets for the REST API", and the rules for
//! names in "Using secrets in GitHub Actions".

mod place;
mod selection;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{Call, Handled, error};
use crate::http::Answer;
use crate::world::github::Kept;
pub(super) use place::Place;
use place::Right;

/// `…/secrets` and what lies below.
pub(super) fn route(call: &mut Call<'_>, place: &Place<'_>, method: &str, rest: &[&str]) -> Handled {
    match (method, rest, place) {
        ("GET", [], _) => list(call, place),
        ("GET", ["public-key"], _) => public_key(call, place),
        ("GET", [name], _) => show(call, place, name),
        ("PUT", [name], _) => put(call, place, name),
        ("DELETE", [name], _) => delete(call, place, name),
        (_, [name, "repositories", rest @ ..], Place::Organization(it)) => {
            selection::route(call, it, method, name, rest)
        }
        _ => Err(error::not_found()),
    }
}

fn describe(call: &Call<'_>, place: &Place<'_>, name: &str, kept: &Kept) -> Value {
    let mut body =
        json!({ "name": name, "created_at": kept.created_at.to_string(), "updated_at": kept.updated_at.to_string() });
    if let Place::Organization(it) = place {
        selection::describe(call, it, name, &mut body);
    }
    body
}

/// The name as it is kept, if it may be one.
pub(super) fn checked(name: &str, what: &str) -> Result<String, Answer> {
    let name = name.to_ascii_uppercase();
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let begins = name.bytes().next().is_some_and(|byte| !byte.is_ascii_digit());
    if !plain || !begins {
        let words = format!(
            "{what} name is invalid: it can only contain alphanumeric characters ([a-z], [A-Z], [0-9]) or underscores \
             (_), and must start with a letter ([a-z], [A-Z]) or underscores (_)."
        );
        return Err(error::refusal(422, &words));
    }
    if name.starts_with("GITHUB_") {
        return Err(error::refusal(422, &format!("{what} names must not start with GITHUB_.")));
    }
    Ok(name)
}

/// `GET …/secrets`
fn list(call: &mut Call<'_>, place: &Place<'_>) -> Handled {
    place.enter(call, Right::Read)?;
    let all = place.secrets();
    let described = all.iter().map(|(name, kept)| describe(call, place, name, kept)).collect();
    Ok(call.counted_page("secrets", all.len(), described))
}

/// `GET …/secrets/public-key`
fn public_key(call: &mut Call<'_>, place: &Place<'_>) -> Handled {
    place.enter(call, Right::Read)?;
    let seal = call.github.seal(place.keeper());
    let public = STANDARD.encode(seal.key.public_key().as_bytes());
    Ok(Answer::json(200, &json!({ "key_id": seal.id, "key": public })))
}

/// `GET …/secrets/{name}`
fn show(call: &mut Call<'_>, place: &Place<'_>, name: &str) -> Handled {
    place.enter(call, Right::Read)?;
    let name = name.to_ascii_uppercase();
    let kept = place.secrets().get(&name).copied().ok_or_else(error::not_found)?;
    Ok(Answer::json(200, &describe(call, place, &name, kept)))
}

/// What was sealed for whoever keeps the secret.
fn open(call: &mut Call<'_>, place: &Place<'_>, body: &Value) -> Result<String, Answer> {
    let seal = call.github.seal(place.keeper());
    let whose = place.name();
    if body["key_id"] != seal.id.as_str() {
        let words = format!("Bad Request: key_id is not the id of the {whose}'s public key.");
        return Err(error::refusal(422, &words));
    }
    let unreadable =
        || error::refusal(422, &format!("Bad Request: encrypted_value is not sealed for the {whose}'s public key."));
    let sealed = STANDARD.decode(body["encrypted_value"].as_str().unwrap_or_default()).map_err(|_| unreadable())?;
    let opened = seal.key.unseal(&sealed).map_err(|_| unreadable())?;
    String::from_utf8(opened).map_err(|_| unreadable())
}

/// `PUT …/secrets/{name}`: 201 for a new one, 204 for one that was there.
fn put(call: &mut Call<'_>, place: &Place<'_>, name: &str) -> Handled {
    place.enter(call, Right::Write)?;
    let name = checked(name, "Secret")?;
    let body = call.body()?;
    let missing: Vec<&str> = place.fields().iter().copied().filter(|name| !body[*name].is_string()).collect();
    if !missing.is_empty() {
        return Err(error::not_supplied(&missing));
    }
    let visibility = match place {
        Place::Organization(it) => Some(selection::wanted(call, it, &body)?),
        _ => None,
    };
    let value = open(call, place, &body)?;
    let known = place.secrets().get(&name).map(|kept| kept.created_at);
    let kept = Kept { value, created_at: known.unwrap_or(call.now), updated_at: call.now };
    place.keep(call.github, name, kept, visibility);
    Ok(if known.is_some() { Answer::empty(204) } else { Answer::json(201, &json!({})) })
}

/// `DELETE …/secrets/{name}`
fn delete(call: &mut Call<'_>, place: &Place<'_>, name: &str) -> Handled {
    place.enter(call, Right::Write)?;
    if place.forget(call.github, &name.to_ascii_uppercase()) { Ok(Answer::empty(204)) } else { Err(error::not_found()) }
}
