//! Webhooks of projects, for their maintainers, and of groups, for their owners and with a licence.
//! Secrets never come back; nothing is unique, so that making one twice makes two.
//!
//! Sources: GitLab REST "Project webhooks", "Group webhooks", `lib/api/hooks`.

mod fields;
mod log;
mod pairs;
pub(crate) mod trial;

use serde_json::{Value, json};

use super::events::Kind;
use super::parameters::Parameters;
use super::{Call, Handled, Needs, error, groups, projects, time};
use crate::http::Answer;
use crate::world::Tier;
use crate::world::gitlab::hook::{Home, Hook};
use crate::world::gitlab::{User, role};

const READ: Needs = Needs { scopes: &["api", "read_api"], permission: "Webhook: Read" };
const CREATE: Needs = Needs { scopes: &["api"], permission: "Webhook: Create" };
const UPDATE: Needs = Needs { scopes: &["api"], permission: "Webhook: Update" };
const DELETE: Needs = Needs { scopes: &["api"], permission: "Webhook: Delete" };
const TEST: Needs = Needs { scopes: &["api"], permission: "Webhook: Test" };
const READ_EVENTS: Needs = Needs { scopes: &["api", "read_api"], permission: "Webhook Event: Read" };
const RESEND: Needs = Needs { scopes: &["api"], permission: "Webhook Event: Resend" };

/// What has hooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    Projects,
    Groups,
}

/// A project or a group whose hooks the caller may handle.
struct Entered {
    home: Home,
    user: User,
}

/// `…/hooks` of a project or a group, and what lies below. What a version does not have is no route.
pub(super) fn route(call: &mut Call<'_>, method: &str, of: Of, id: &str, rest: &[&str]) -> Handled {
    let since = match rest {
        [_, "url_variables", _] => (15, 2),
        [_, "test", _] => (16, 11),
        [_, "custom_headers", _] => (17, 1),
        [_, "events"] => (17, 3),
        [_, "events", _, "resend"] => (17, 4),
        _ => (0, 0),
    };
    if !call.version.reaches(since.0, since.1) || of == Of::Groups && call.tier == Tier::Community {
        return Err(error::no_such_route());
    }
    match (method, rest) {
        ("GET", []) => list(call, of, id),
        ("POST", []) => create(call, of, id),
        ("GET", [hook]) => show(call, of, id, hook),
        ("PUT", [hook]) => edit(call, of, id, hook),
        ("DELETE", [hook]) => remove(call, of, id, hook),
        ("GET", [hook, "events"]) => log::list(call, of, id, hook),
        ("POST", [hook, "events", event, "resend"]) => trial::resend(call, of, id, hook, event),
        ("POST", [hook, "test", trigger]) => trial::test(call, of, id, hook, trigger),
        ("PUT", [hook, kind @ ("url_variables" | "custom_headers"), key]) => pairs::set(call, of, id, hook, kind, key),
        ("DELETE", [hook, kind @ ("url_variables" | "custom_headers"), key]) => {
            pairs::remove(call, of, id, hook, kind, key)
        }
        _ => Err(error::no_such_route()),
    }
}

/// Lets a project's maintainer, or a group's owner, in.
fn enter(call: &Call<'_>, of: Of, id: &str, needs: Needs) -> Result<Entered, Answer> {
    if of == Of::Projects {
        let (project, user) = projects::keep(call, id, needs)?;
        return Ok(Entered { home: Home::Project(project.id), user });
    }
    let (_, user) = call.allowed(needs)?;
    let (group, role) = groups::find(call, id, Some(&user))?;
    if role < role::OWNER || call.tier != Tier::Premium {
        return Err(error::forbidden());
    }
    Ok(Entered { home: Home::Group(group.id), user })
}

/// The hook of that number.
fn find(call: &Call<'_>, home: Home, id: &str) -> Result<Hook, Answer> {
    let number: u64 = id.parse().map_err(|_| error::parameter("hook_id is invalid"))?;
    let found = call.gitlab.hooks(home).iter().find(|hook| hook.id == number);
    found.cloned().ok_or_else(error::not_found)
}

/// Where the caller is let in, and the hook.
fn enter_and_find(call: &Call<'_>, of: Of, id: &str, hook: &str, needs: Needs) -> Result<(Entered, Hook), Answer> {
    let entered = enter(call, of, id, needs)?;
    let hook = find(call, entered.home, hook)?;
    Ok((entered, hook))
}

/// Puts a hook that was changed back into the world, with its line and its log as they are now.
fn keep(call: &mut Call<'_>, home: Home, changed: Hook) {
    if let Some(kept) = call.gitlab.hook_mut(home, changed.id) {
        let (line, log) = (std::mem::take(&mut kept.line), std::mem::take(&mut kept.log));
        *kept = Hook { line, log, ..changed };
    }
}

/// A hook as its keepers see it.
fn describe(call: &Call<'_>, home: Home, hook: &Hook) -> Value {
    let keys = |keys: Vec<&String>| keys.into_iter().map(|key| json!({ "key": key })).collect::<Vec<_>>();
    let mut body = json!({
        "id": hook.id,
        "url": hook.url,
        "created_at": time::written(hook.created_at),
        "enable_ssl_verification": hook.enable_ssl_verification,
        "push_events_branch_filter": hook.push_events_branch_filter,
        "branch_filter_strategy": hook.branch_filter_strategy,
        "custom_webhook_template": hook.custom_webhook_template,
        "repository_update_events": false,
        "alert_status": if call.settings.auto_disable_hooks { hook.alert_status(call.now) } else { "executable" },
        "disabled_until": hook.disabled_until.map(time::written),
        "url_variables": keys(hook.url_variables.keys().collect()),
    });
    let own = match home {
        Home::Project(id) => ("project_id", id),
        Home::Group(id) => ("group_id", id),
    };
    body[own.0] = json!(own.1);
    for kind in Kind::of(home, call.version) {
        body[kind.flag] = json!(hook.events.contains(kind.flag));
    }
    if call.version.reaches(17, 1) {
        body["name"] = json!(hook.name);
        body["description"] = json!(hook.description);
        body["custom_headers"] = json!(keys(hook.custom_headers.keys().collect()));
    }
    if call.version.reaches(19, 0) {
        body["token_present"] = json!(hook.token.is_some());
        body["signing_token_present"] = json!(hook.signing_token.is_some());
    }
    body
}

/// `GET …/hooks`
fn list(call: &mut Call<'_>, of: Of, id: &str) -> Handled {
    let Entered { home, .. } = enter(call, of, id, READ)?;
    let hooks = call.gitlab.hooks(home).iter();
    Ok(call.page(hooks.map(|hook| describe(call, home, hook)).collect()))
}

/// `GET …/hooks/:hook_id`
fn show(call: &mut Call<'_>, of: Of, id: &str, hook: &str) -> Handled {
    let (Entered { home, .. }, hook) = enter_and_find(call, of, id, hook, READ)?;
    Ok(Answer::json(200, &describe(call, home, &hook)))
}

/// `POST …/hooks`
fn create(call: &mut Call<'_>, of: Of, id: &str) -> Handled {
    let Entered { home, .. } = enter(call, of, id, CREATE)?;
    let mut sent = Parameters::of(call.request);
    let url = sent.required("url");
    let now = call.now;
    let mut hook = Hook::new(0, &url, now);
    fields::set(call, &mut sent, home, &mut hook);
    sent.finish()?;
    fields::check(call, &hook)?;
    fields::check_number(call, home)?;
    let hook = Hook { id: call.gitlab.new_hook(&url, now).id, ..hook };
    let body = describe(call, home, &hook);
    call.gitlab.hooks_mut(home).into_iter().for_each(|hooks| hooks.push(hook.clone()));
    Ok(Answer::json(201, &body))
}

/// `PUT …/hooks/:hook_id`: with another address, the token and the values of the headers are gone.
fn edit(call: &mut Call<'_>, of: Of, id: &str, hook: &str) -> Handled {
    let (Entered { home, .. }, mut hook) = enter_and_find(call, of, id, hook, UPDATE)?;
    let mut sent = Parameters::of(call.request);
    if !fields::names_any(call, home, &sent) {
        return Err(error::parameter("No parameters provided"));
    }
    if let Some(url) = sent.text("url")
        && url != hook.url
    {
        hook.url = url;
        hook.token = None;
        hook.custom_headers.clear();
    }
    fields::set(call, &mut sent, home, &mut hook);
    sent.finish()?;
    fields::check(call, &hook)?;
    let body = describe(call, home, &hook);
    keep(call, home, hook);
    Ok(Answer::json(200, &body))
}

/// `DELETE …/hooks/:hook_id`
fn remove(call: &mut Call<'_>, of: Of, id: &str, hook: &str) -> Handled {
    let (Entered { home, .. }, hook) = enter_and_find(call, of, id, hook, DELETE)?;
    if let Some(hooks) = call.gitlab.hooks_mut(home) {
        hooks.retain(|it| it.id != hook.id);
    }
    Ok(Answer::empty(204))
}
