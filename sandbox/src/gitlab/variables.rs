//! CI/CD variables of projects, of groups and of the instance: the same but for who may handle them, and what they have.
//!
//! A project's are its maintainers', a group's its owners', the instance's its administrators'. In a project a key may
//! be there several times, for different environments, and is then found with `filter[environment_scope]` only; in a
//! group that takes a licence, and without one the scope that is sent is ignored. An instance's variables have neither
//! scope nor hiding, and at most 10,000 characters.
//!
//! Sources: GitLab REST "Project-level", "Group-level" and "Instance-level CI/CD variables", `lib/api/ci/variables.rb`,
//! `lib/api/group_variables.rb`, `lib/api/admin/ci/variables.rb`; what may be masked is `Ci::Maskable`, what is hidden
//! stays so by `Ci::HidableVariable`.

use serde_json::{Map, Value, json};

use super::parameters::Parameters;
use super::{Call, Handled, Needs, error, groups, projects};
use crate::http::{Answer, Request};
use crate::world::Tier;
use crate::world::gitlab::role;
use crate::world::gitlab::variable::{Keeper, Variable};

const READ: Needs = Needs { scopes: &["api", "read_api"], permission: "Variable: Read" };
const CREATE: Needs = Needs { scopes: &["api"], permission: "Variable: Create" };
const UPDATE: Needs = Needs { scopes: &["api"], permission: "Variable: Update" };
const DELETE: Needs = Needs { scopes: &["api"], permission: "Variable: Delete" };

/// The most characters of an instance's variable.
const MOST_OF_INSTANCE: usize = 10_000;

/// Whose variables, as the path names them.
#[derive(Debug, Clone, Copy)]
pub(super) enum Of<'a> {
    Project(&'a str),
    Group(&'a str),
    Instance,
}

/// `…/variables` and what lies below.
pub(super) fn route(call: &mut Call<'_>, method: &str, of: Of<'_>, rest: &[&str]) -> Handled {
    match (method, rest) {
        ("GET", []) => list(call, of),
        ("POST", []) => create(call, of),
        ("GET", [key]) => show(call, of, key),
        ("PUT", [key]) => edit(call, of, key),
        ("DELETE", [key]) => remove(call, of, key),
        _ => Err(error::no_such_route()),
    }
}

/// Lets in who may handle the variables there, or says why not.
fn enter(call: &Call<'_>, of: Of<'_>, needs: Needs) -> Result<Keeper, Answer> {
    match of {
        Of::Project(id) => Ok(Keeper::Project(projects::keep(call, id, needs)?.0.id)),
        Of::Group(id) => {
            let (_, user) = call.allowed(needs)?;
            let (group, role) = groups::find(call, id, Some(&user))?;
            if role >= role::OWNER { Ok(Keeper::Group(group.id)) } else { Err(error::forbidden()) }
        }
        Of::Instance => {
            let (_, user) = call.allowed(needs)?;
            if user.admin { Ok(Keeper::Instance) } else { Err(error::forbidden()) }
        }
    }
}

/// Has this keeper variables that are for some environments only?
fn has_scopes(call: &Call<'_>, keeper: Keeper) -> bool {
    match keeper {
        Keeper::Project(_) => true,
        Keeper::Group(_) => call.tier == Tier::Premium,
        Keeper::Instance => false,
    }
}

fn describe(call: &Call<'_>, keeper: Keeper, variable: &Variable) -> Value {
    let mut body = json!({
        "variable_type": variable.variable_type,
        "key": variable.key,
        "value": if variable.hidden { Value::Null } else { json!(variable.value) },
        "protected": variable.protected,
        "masked": variable.masked,
        "raw": variable.raw,
        "description": variable.description,
    });
    if keeper != Keeper::Instance {
        body["environment_scope"] = json!(variable.environment_scope);
        if call.version.reaches(17, 4) {
            body["hidden"] = json!(variable.hidden);
        }
    }
    body
}

/// The environments that the request narrows the search to.
fn scope(request: &Request) -> Option<String> {
    let sent = Parameters::of(request);
    let nested = sent.raw("filter")["environment_scope"].as_str().map(str::to_owned);
    nested.or_else(|| sent.raw("filter[environment_scope]").as_str().map(str::to_owned))
}

/// Where among the variables there the one is that was asked for.
fn find(call: &Call<'_>, keeper: Keeper, key: &str) -> Result<usize, Answer> {
    let scope = scope(call.request).filter(|_| keeper != Keeper::Instance);
    let wanted = |it: &Variable| it.key == key && scope.as_ref().is_none_or(|scope| it.environment_scope == *scope);
    let all = call.gitlab.variables(keeper).iter().enumerate();
    let mut found = all.filter(|(_, it)| wanted(it)).map(|(at, _)| at);
    match (found.next(), found.next()) {
        (Some(at), None) => Ok(at),
        (None, _) => Err(error::message(404, absent(keeper))),
        (Some(_), Some(_)) => Err(error::message(
            409,
            "There are multiple variables with provided parameters. Please use 'filter[environment_scope]'",
        )),
    }
}

/// How it is said that there is none.
fn absent(keeper: Keeper) -> &'static str {
    match keeper {
        Keeper::Project(_) => "404 Variable Not Found",
        Keeper::Group(_) => "404 GroupVariable Not Found",
        Keeper::Instance => "404 InstanceVariable Not Found",
    }
}

/// What the request sets; the rest stays.
fn set(sent: &mut Parameters, variable: &mut Variable, scoped: bool) {
    if let Some(value) = sent.text("value") {
        variable.value = value;
    }
    let kind = |word: &str| ["env_var", "file"].contains(&word).then(|| word.to_owned());
    if let Some(kind) = sent.choice("variable_type", kind) {
        variable.variable_type = kind;
    }
    for (name, switch) in
        [("protected", &mut variable.protected), ("masked", &mut variable.masked), ("raw", &mut variable.raw)]
    {
        if let Some(on) = sent.boolean(name) {
            *switch = on;
        }
    }
    if let Some(scope) = sent.text("environment_scope").filter(|_| scoped) {
        variable.environment_scope = scope;
    }
    if let Some(description) = sent.text("description") {
        variable.description = Some(description);
    }
}

/// May the value be masked? It is looked for in logs: one line without spaces, eight letters at least. Unless it is
/// raw, its letters are those of Base64 and a few more, so that nothing in it could be expanded.
fn is_maskable(variable: &Variable) -> bool {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "_+=/@:.~-".contains(letter);
    let long = variable.value.chars().count() >= 8;
    let letters = |letter: char| if variable.raw { !letter.is_whitespace() } else { plain(letter) };
    long && variable.value.chars().all(letters)
}

/// Refuses a variable that GitLab would not save; `at` is its own place, if it has one.
fn check(call: &Call<'_>, keeper: Keeper, variable: &Variable, at: Option<usize>) -> Result<(), Answer> {
    let mut wrong = Map::new();
    let letters = variable.key.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    if variable.key.is_empty() || !letters || variable.key.len() > 255 {
        wrong.insert("key".to_owned(), json!(["can contain only letters, digits and '_'."]));
    }
    let all = call.gitlab.variables(keeper);
    let same = |it: &Variable| it.key == variable.key && it.environment_scope == variable.environment_scope;
    if all.iter().enumerate().any(|(place, it)| Some(place) != at && same(it)) {
        wrong.insert("key".to_owned(), json!([format!("({}) has already been taken", variable.key)]));
    }
    if variable.masked && !is_maskable(variable) {
        wrong.insert("value".to_owned(), json!(["is invalid"]));
    }
    if keeper == Keeper::Instance && variable.value.chars().count() > MOST_OF_INSTANCE {
        let words = format!("The value of the provided variable exceeds the {MOST_OF_INSTANCE} character limit");
        wrong.insert("value".to_owned(), json!([words]));
    }
    let was_hidden = at.and_then(|at| all.get(at)).is_some_and(|it| it.hidden);
    if was_hidden && !variable.masked {
        let words = "The visibility setting cannot be changed for masked and hidden variables.";
        wrong.insert("base".to_owned(), json!([words]));
    }
    if wrong.is_empty() { Ok(()) } else { Err(Answer::json(400, &json!({ "message": wrong }))) }
}

/// `GET …/variables`
fn list(call: &mut Call<'_>, of: Of<'_>) -> Handled {
    let keeper = enter(call, of, READ)?;
    let all = call.gitlab.variables(keeper).iter();
    Ok(call.page(all.map(|variable| describe(call, keeper, variable)).collect()))
}

/// `GET …/variables/:key`
fn show(call: &mut Call<'_>, of: Of<'_>, key: &str) -> Handled {
    let keeper = enter(call, of, READ)?;
    let at = find(call, keeper, key)?;
    Ok(Answer::json(200, &describe(call, keeper, &call.gitlab.variables(keeper)[at])))
}

/// `POST …/variables`
fn create(call: &mut Call<'_>, of: Of<'_>) -> Handled {
    let keeper = enter(call, of, CREATE)?;
    let mut sent = Parameters::of(call.request);
    let mut variable = Variable {
        key: sent.required("key"),
        value: sent.required("value"),
        variable_type: "env_var".to_owned(),
        protected: false,
        masked: false,
        hidden: false,
        raw: false,
        environment_scope: "*".to_owned(),
        description: None,
    };
    set(&mut sent, &mut variable, has_scopes(call, keeper));
    let may_hide = keeper != Keeper::Instance && call.version.reaches(17, 4);
    if may_hide && sent.boolean("masked_and_hidden") == Some(true) {
        (variable.masked, variable.hidden) = (true, true);
    }
    sent.finish()?;
    check(call, keeper, &variable, None)?;
    let body = describe(call, keeper, &variable);
    if let Some(all) = call.gitlab.variables_mut(keeper) {
        all.push(variable);
    }
    Ok(Answer::json(201, &body))
}

/// `PUT …/variables/:key`
fn edit(call: &mut Call<'_>, of: Of<'_>, key: &str) -> Handled {
    let keeper = enter(call, of, UPDATE)?;
    let at = find(call, keeper, key)?;
    let mut variable = call.gitlab.variables(keeper)[at].clone();
    let mut sent = Parameters::of(call.request);
    set(&mut sent, &mut variable, has_scopes(call, keeper));
    sent.finish()?;
    check(call, keeper, &variable, Some(at))?;
    let body = describe(call, keeper, &variable);
    if let Some(kept) = call.gitlab.variables_mut(keeper).and_then(|all| all.get_mut(at)) {
        *kept = variable;
    }
    Ok(Answer::json(200, &body))
}

/// `DELETE …/variables/:key`
fn remove(call: &mut Call<'_>, of: Of<'_>, key: &str) -> Handled {
    let keeper = enter(call, of, DELETE)?;
    let at = find(call, keeper, key)?;
    if let Some(all) = call.gitlab.variables_mut(keeper) {
        all.remove(at);
    }
    Ok(Answer::empty(204))
}
