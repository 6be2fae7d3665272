//! Actions secrets: sealed by whoever sends them, opened here, and never shown again.
//!
//! A value comes as a libsodium sealed box for the repository's public key, in base64. The sandbox
//! opens it, so that what was really sent can be looked at in its state. Names are kept in upper case.
//!
//! Source: GitHub REST "Actions Secrets", "Encrypting secrets for the REST API", and the rules for
//! names in "Using secrets in GitHub Actions".

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crypto_box::SecretKey;
use serde_json::{Value, json};

use crate::checksum::random_bytes;
use crate::github::access::{Asks, enter};
use crate::github::{Call, Handled, error};
use crate::http::Answer;
use crate::world::github::{Kept, Repository, Role};

const READ: Asks = Asks { open: false, role: Role::Push, ..Asks::reading("secrets=read") };
const WRITE: Asks = Asks::writing("secrets=write").scopes("repo");

/// The number of the only key.
const KEY_ID: &str = "568250167242549743";

/// `/repos/{owner}/{repo}/actions/secrets/…`
pub(super) fn route(call: &mut Call<'_>, it: &Repository, method: &str, rest: &[&str]) -> Handled {
    match (method, rest) {
        ("GET", []) => list(call, it),
        ("GET", ["public-key"]) => public_key(call, it),
        ("GET", [name]) => show(call, it, name),
        ("PUT", [name]) => put(call, it, name),
        ("DELETE", [name]) => delete(call, it, name),
        _ => Err(error::not_found()),
    }
}

fn key<'a>(call: &'a Call<'_>) -> &'a SecretKey {
    call.github.sealing_key.get_or_init(|| SecretKey::from_bytes(random_bytes()))
}

fn describe(name: &str, kept: &Kept) -> Value {
    json!({ "name": name, "created_at": kept.created_at.to_string(), "updated_at": kept.updated_at.to_string() })
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

/// `GET …/actions/secrets`
fn list(call: &mut Call<'_>, it: &Repository) -> Handled {
    enter(call, it, READ)?;
    let all = it.actions_secrets.iter().map(|(name, kept)| describe(name, kept)).collect();
    let total = it.actions_secrets.len();
    Ok(call.counted_page("secrets", total, all))
}

/// `GET …/actions/secrets/public-key`
fn public_key(call: &mut Call<'_>, it: &Repository) -> Handled {
    enter(call, it, READ)?;
    let public = STANDARD.encode(key(call).public_key().as_bytes());
    Ok(Answer::json(200, &json!({ "key_id": KEY_ID, "key": public })))
}

/// `GET …/actions/secrets/{name}`
fn show(call: &mut Call<'_>, it: &Repository, name: &str) -> Handled {
    enter(call, it, READ)?;
    let name = name.to_ascii_uppercase();
    let kept = it.actions_secrets.get(&name).ok_or_else(error::not_found)?;
    Ok(Answer::json(200, &describe(&name, kept)))
}

/// `PUT …/actions/secrets/{name}`: 201 for a new one, 204 for one that was there.
fn put(call: &mut Call<'_>, it: &Repository, name: &str) -> Handled {
    enter(call, it, WRITE)?;
    let name = checked(name, "Secret")?;
    let body = call.body()?;
    let fields = ["encrypted_value", "key_id"];
    let missing: Vec<&str> = fields.into_iter().filter(|name| !body[*name].is_string()).collect();
    if !missing.is_empty() {
        return Err(error::not_supplied(&missing));
    }
    if body["key_id"] != KEY_ID {
        return Err(error::refusal(422, "Bad Request: key_id is not the id of the repository's public key."));
    }
    let unreadable =
        || error::refusal(422, "Bad Request: encrypted_value is not sealed for the repository's public key.");
    let sealed = STANDARD.decode(body["encrypted_value"].as_str().unwrap_or_default()).map_err(|_| unreadable())?;
    let opened = key(call).unseal(&sealed).map_err(|_| unreadable())?;
    let value = String::from_utf8(opened).map_err(|_| unreadable())?;
    let now = call.now;
    let kept = call.github.repository_mut(it.id).map(|it| &mut it.actions_secrets).ok_or_else(error::not_found)?;
    let created_at = kept.get(&name).map_or(now, |kept| kept.created_at);
    let old = kept.insert(name, Kept { value, created_at, updated_at: now });
    Ok(if old.is_some() { Answer::empty(204) } else { Answer::json(201, &json!({})) })
}

/// `DELETE …/actions/secrets/{name}`
fn delete(call: &mut Call<'_>, it: &Repository, name: &str) -> Handled {
    enter(call, it, WRITE)?;
    let kept = call.github.repository_mut(it.id).map(|it| &mut it.actions_secrets);
    let gone = kept.and_then(|kept| kept.remove(&name.to_ascii_uppercase()));
    if gone.is_some() { Ok(Answer::empty(204)) } else { Err(error::not_found()) }
}
