//! What may be said of a hook, and what GitLab does not take.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use regex::Regex;
use serde_json::{Value, json};

use crate::gitlab::events::Kind;
use crate::gitlab::parameters::Parameters;
use crate::gitlab::{Call, error};
use crate::http::Answer;
use crate::loopback::{host_of, is_private};
use crate::world::gitlab::hook::{BranchFilter, Home, Hook};

/// Besides the flags.
const NAMES: &[&str] = &[
    "url",
    "name",
    "description",
    "token",
    "signing_token",
    "enable_ssl_verification",
    "push_events_branch_filter",
    "branch_filter_strategy",
    "custom_webhook_template",
    "url_variables",
    "custom_headers",
];

/// Not more than that many headers of one's own.
const MOST_HEADERS: usize = 20;

/// Does the request say anything at all?
pub(super) fn names_any(call: &Call<'_>, home: Home, sent: &Parameters) -> bool {
    NAMES.iter().any(|name| sent.has(name)) || Kind::of(home, call.version).any(|kind| sent.has(kind.flag))
}

/// A text that may be taken away by sending an empty one.
fn text(sent: &mut Parameters, name: &str, field: &mut Option<String>) {
    if sent.has(name) {
        *field = sent.text(name).filter(|text| !text.is_empty());
    }
}

/// `[{"key": …, "value": …}]`
fn pairs(sent: &mut Parameters, name: &str, field: &mut BTreeMap<String, String>) {
    let list = match sent.raw(name) {
        Value::Null => return,
        Value::Array(list) => list.clone(),
        _ => return sent.complain(format!("{name} is invalid")),
    };
    for pair in list {
        for part in ["key", "value"] {
            if pair[part].is_null() {
                sent.complain(format!("{name}[0][{part}] is missing"));
            }
        }
        let word = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        field.insert(word(&pair["key"]), word(&pair["value"]));
    }
}

/// What the request sets; the rest stays. What this version does not know is passed over, as Grape does.
pub(super) fn set(call: &Call<'_>, sent: &mut Parameters, home: Home, hook: &mut Hook) {
    for kind in Kind::of(home, call.version) {
        match sent.boolean(kind.flag) {
            Some(true) => hook.events.insert(kind.flag.to_owned()),
            Some(false) => hook.events.remove(kind.flag),
            None => false,
        };
    }
    if let Some(verify) = sent.boolean("enable_ssl_verification") {
        hook.enable_ssl_verification = verify;
    }
    text(sent, "token", &mut hook.token);
    text(sent, "push_events_branch_filter", &mut hook.push_events_branch_filter);
    text(sent, "custom_webhook_template", &mut hook.custom_webhook_template);
    if let Some(strategy) = sent.choice("branch_filter_strategy", BranchFilter::named) {
        hook.branch_filter_strategy = strategy;
    }
    if call.version.reaches(15, 2) {
        pairs(sent, "url_variables", &mut hook.url_variables);
    }
    if call.version.reaches(17, 1) {
        text(sent, "name", &mut hook.name);
        text(sent, "description", &mut hook.description);
        pairs(sent, "custom_headers", &mut hook.custom_headers);
    }
    if call.version.reaches(19, 0) && call.settings.signing_tokens {
        text(sent, "signing_token", &mut hook.signing_token);
    }
}

/// `{"error": …}`
fn refused(words: &str) -> Answer {
    Answer::json(422, &json!({ "error": words }))
}

/// `{"message": {"field": [ … ]}}`
fn invalid(field: &str, words: &str) -> Answer {
    Answer::json(422, &json!({ "message": { field: [words] } }))
}

fn is_good_url(call: &Call<'_>, hook: &Hook) -> bool {
    let target = hook.target();
    let web = target.starts_with("http://") || target.starts_with("https://");
    let host = host_of(&target).filter(|_| web && !target.contains(char::is_whitespace));
    host.is_some_and(|host| !(call.settings.block_local_network && is_private(host)))
}

fn is_good_filter(hook: &Hook) -> bool {
    let Some(filter) = hook.push_events_branch_filter.as_deref() else {
        return true;
    };
    match hook.branch_filter_strategy {
        BranchFilter::AllBranches => true,
        BranchFilter::Regex => Regex::new(filter).is_ok(),
        BranchFilter::Wildcard => crate::git::is_valid_branch(&filter.replace('*', "x")),
    }
}

/// `whsec_` and the Base64 of 32 bytes.
fn is_good_signing_token(token: &str) -> bool {
    let bytes = token.strip_prefix("whsec_").and_then(|encoded| STANDARD.decode(encoded).ok());
    bytes.is_some_and(|bytes| bytes.len() == 32)
}

fn is_good_header(name: &str) -> bool {
    let inside = name.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(letter));
    let ends = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_alphanumeric());
    inside && name.starts_with(|letter: char| letter.is_ascii_alphabetic()) && ends(name.chars().last())
}

/// Refuses a hook that GitLab would not save.
pub(super) fn check(call: &Call<'_>, hook: &Hook) -> Result<(), Answer> {
    if !is_good_url(call, hook) {
        return Err(refused("Invalid url given"));
    }
    if !is_good_filter(hook) {
        return Err(refused("Invalid branch filter given"));
    }
    let values = |value: &String| value.chars().all(|letter| !letter.is_control());
    let names = hook.custom_headers.keys().all(|name| is_good_header(name));
    if !names || !hook.custom_headers.values().all(values) || hook.custom_headers.len() > MOST_HEADERS {
        return Err(refused("Custom headers validation failed"));
    }
    if hook.token.as_deref().is_some_and(|token| token.contains('\n')) {
        return Err(invalid("token", "is invalid"));
    }
    let variable = |key: &String| {
        key.starts_with(|letter: char| letter.is_ascii_alphabetic())
            && key.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
    };
    if !hook.url_variables.keys().all(variable) {
        return Err(invalid("url_variables", "must be a valid json schema"));
    }
    match hook.signing_token.as_deref() {
        Some(token) if !is_good_signing_token(token) => {
            Err(invalid("signing_token", "must be a whsec_ prefixed, Base64 encoded 32-byte key"))
        }
        _ => Ok(()),
    }
}

/// Refuses one more than there may be. The numbers are those of GitLab's "Instance limits".
pub(super) fn check_number(call: &Call<'_>, home: Home) -> Result<(), Answer> {
    let (what, most) = match home {
        Home::Project(_) => ("project", 100),
        Home::Group(_) => ("group", 50),
    };
    let most = call.settings.hook_limit.unwrap_or(most);
    if call.gitlab.hooks(home).len() < most {
        return Ok(());
    }
    Err(invalid("base", &format!("Maximum number of {what} hooks ({most}) exceeded")))
}

/// Refuses a request that a route of its own sends with a value that is missing.
pub(super) fn required(sent: &mut Parameters, name: &str) -> Result<String, Answer> {
    let value = sent.required(name);
    sent.finish()?;
    if value.is_empty() { Err(error::parameter(&format!("{name} is empty"))) } else { Ok(value) }
}
