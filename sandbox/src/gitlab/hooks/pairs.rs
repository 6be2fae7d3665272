//! The variables in a hook's address, and its headers: one by one. What they are worth never comes back.

use std::collections::BTreeMap;

use super::{Of, UPDATE, enter_and_find, fields, keep};
use crate::gitlab::parameters::Parameters;
use crate::gitlab::{Call, Handled, error};
use crate::http::Answer;
use crate::world::gitlab::hook::Hook;

fn pairs<'a>(hook: &'a mut Hook, kind: &str) -> &'a mut BTreeMap<String, String> {
    if kind == "url_variables" { &mut hook.url_variables } else { &mut hook.custom_headers }
}

/// `PUT …/hooks/:hook_id/url_variables/:key` and `…/custom_headers/:key`
pub(super) fn set(call: &mut Call<'_>, of: Of, id: &str, hook: &str, kind: &str, key: &str) -> Handled {
    let (entered, mut hook) = enter_and_find(call, of, id, hook, UPDATE)?;
    let value = fields::required(&mut Parameters::of(call.request), "value")?;
    pairs(&mut hook, kind).insert(key.to_owned(), value);
    fields::check(call, &hook)?;
    keep(call, entered.home, hook);
    Ok(Answer::empty(204))
}

/// `DELETE …/hooks/:hook_id/url_variables/:key` and `…/custom_headers/:key`
pub(super) fn remove(call: &mut Call<'_>, of: Of, id: &str, hook: &str, kind: &str, key: &str) -> Handled {
    let (entered, mut hook) = enter_and_find(call, of, id, hook, UPDATE)?;
    let what = if kind == "url_variables" { "URL variable" } else { "Custom header" };
    pairs(&mut hook, kind).remove(key).ok_or_else(|| error::message(404, &format!("404 {what} Not Found")))?;
    keep(call, entered.home, hook);
    Ok(Answer::empty(204))
}
