//! Where a hook's deliveries go, and how.

use serde_json::{Value, json};

use super::check::{self, invalid};
use super::{Place, Right, keep};
use crate::github::{Call, Handled};
use crate::http::Answer;
use crate::world::github::Hook;

/// The secret as stars; without one, no word of it.
pub(super) fn describe(hook: &Hook) -> Value {
    let mut config = json!({
        "url": hook.url,
        "content_type": hook.content_type,
        "insecure_ssl": if hook.insecure_ssl { "1" } else { "0" },
    });
    if hook.secret.is_some() {
        config["secret"] = json!("********");
    }
    config
}

/// A field that a body names; numbers are taken for texts.
fn text(config: &Value, name: &str) -> Option<String> {
    match &config[name] {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Changes what the body names.
fn merge(hook: &mut Hook, config: &Value) -> Result<(), Answer> {
    if let Some(url) = text(config, "url") {
        hook.url = url;
    }
    match text(config, "content_type").as_deref() {
        None => {}
        Some(kind @ ("json" | "form")) => kind.clone_into(&mut hook.content_type),
        Some(_) => return Err(invalid(json!({ "resource": "Hook", "field": "content_type", "code": "invalid" }))),
    }
    match text(config, "insecure_ssl").as_deref() {
        None => {}
        Some("0") => hook.insecure_ssl = false,
        Some("1") => hook.insecure_ssl = true,
        Some(_) => return Err(invalid(json!({ "resource": "Hook", "field": "insecure_ssl", "code": "invalid" }))),
    }
    if let Some(secret) = text(config, "secret") {
        hook.secret = Some(secret).filter(|secret| !secret.is_empty());
    }
    Ok(())
}

/// Takes the body for the whole: what it does not name is as at the beginning, the secret gone.
/// Only the address stays.
pub(super) fn replace(hook: &mut Hook, config: &Value) -> Result<(), Answer> {
    "form".clone_into(&mut hook.content_type);
    hook.insecure_ssl = false;
    hook.secret = None;
    merge(hook, config)
}

/// `GET …/hooks/{id}/config`
pub(super) fn show(call: &mut Call<'_>, place: Place<'_>, id: &str) -> Handled {
    place.enter(call, Right::Read)?;
    Ok(Answer::json(200, &describe(place.hook(call, id)?)))
}

/// `PATCH …/hooks/{id}/config`: a secret that is not sent stays.
pub(super) fn edit(call: &mut Call<'_>, place: Place<'_>, id: &str) -> Handled {
    place.enter(call, Right::Write)?;
    let mut hook = place.hook(call, id)?.clone();
    merge(&mut hook, &call.body()?)?;
    check::url(call, &hook.url)?;
    check::others(call, place, &hook)?;
    keep(call, place, &hook);
    Ok(Answer::json(200, &describe(&hook)))
}
