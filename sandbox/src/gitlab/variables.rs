//! A project's CI/CD variables: a key may be there several times, for different environments, and
//! is then found with `filter[environment_scope]` only.
//!
//! Source: GitLab REST "Project-level CI/CD variables", `lib/api/ci/variables.rb`; what may be
//! masked is `Ci::Maskable`.

use serde_json::{Value, json};

use super::parameters::Parameters;
use super::{Call, Handled, Needs, error, projects};
use crate::http::{Answer, Request};
use crate::world::gitlab::Project;
use crate::world::gitlab::variable::Variable;

const READ: Needs = Needs { scopes: &["api", "read_api"], permission: "Variable: Read" };
const CREATE: Needs = Needs { scopes: &["api"], permission: "Variable: Create" };
const UPDATE: Needs = Needs { scopes: &["api"], permission: "Variable: Update" };
const DELETE: Needs = Needs { scopes: &["api"], permission: "Variable: Delete" };

fn describe(call: &Call<'_>, variable: &Variable) -> Value {
    let mut body = json!({
        "variable_type": variable.variable_type,
        "key": variable.key,
        "value": if variable.hidden { Value::Null } else { json!(variable.value) },
        "protected": variable.protected,
        "masked": variable.masked,
        "raw": variable.raw,
        "environment_scope": variable.environment_scope,
        "description": variable.description,
    });
    if call.version.reaches(17, 4) {
        body["hidden"] = json!(variable.hidden);
    }
    body
}

/// The environments that the request narrows the search to.
fn scope(request: &Request) -> Option<String> {
    let sent = Parameters::of(request);
    let nested = sent.raw("filter")["environment_scope"].as_str().map(str::to_owned);
    nested.or_else(|| sent.raw("filter[environment_scope]").as_str().map(str::to_owned))
}

/// Where among the project's variables the one is that was asked for.
fn find(call: &Call<'_>, project: &Project, key: &str) -> Result<usize, Answer> {
    let scope = scope(call.request);
    let wanted = |it: &Variable| it.key == key && scope.as_ref().is_none_or(|scope| it.environment_scope == *scope);
    let mut found = project.variables.iter().enumerate().filter(|(_, it)| wanted(it)).map(|(at, _)| at);
    match (found.next(), found.next()) {
        (Some(at), None) => Ok(at),
        (None, _) => Err(error::message(404, "404 Variable Not Found")),
        (Some(_), Some(_)) => Err(error::message(
            409,
            "There are multiple variables with provided parameters. Please use 'filter[environment_scope]'",
        )),
    }
}

/// What the request sets; the rest stays.
fn set(sent: &mut Parameters, variable: &mut Variable) {
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
    if let Some(scope) = sent.text("environment_scope") {
        variable.environment_scope = scope;
    }
    if let Some(description) = sent.text("description") {
        variable.description = Some(description);
    }
}

/// Refuses a variable that GitLab would not save; `at` is its own place, if it has one.
fn check(project: &Project, variable: &Variable, at: Option<usize>) -> Result<(), Answer> {
    let mut wrong = serde_json::Map::new();
    let letters = variable.key.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    if variable.key.is_empty() || !letters || variable.key.len() > 255 {
        wrong.insert("key".to_owned(), json!(["can contain only letters, digits and '_'."]));
    }
    let same = |it: &Variable| it.key == variable.key && it.environment_scope == variable.environment_scope;
    if project.variables.iter().enumerate().any(|(place, it)| Some(place) != at && same(it)) {
        wrong.insert("key".to_owned(), json!([format!("({}) has already been taken", variable.key)]));
    }
    // A value that is masked is looked for in logs: it is one line without spaces, eight letters at least.
    let maskable = variable.value.len() >= 8 && !variable.value.contains(char::is_whitespace);
    if variable.masked && !maskable {
        wrong.insert("value".to_owned(), json!(["is invalid"]));
    }
    if wrong.is_empty() { Ok(()) } else { Err(Answer::json(400, &json!({ "message": wrong }))) }
}

/// `GET /projects/:id/variables`
pub(super) fn list(call: &mut Call<'_>, id: &str) -> Handled {
    let (project, _) = projects::keep(call, id, READ)?;
    Ok(call.page(project.variables.iter().map(|variable| describe(call, variable)).collect()))
}

/// `GET /projects/:id/variables/:key`
pub(super) fn show(call: &mut Call<'_>, id: &str, key: &str) -> Handled {
    let (project, _) = projects::keep(call, id, READ)?;
    let at = find(call, &project, key)?;
    Ok(Answer::json(200, &describe(call, &project.variables[at])))
}

/// `POST /projects/:id/variables`
pub(super) fn create(call: &mut Call<'_>, id: &str) -> Handled {
    let (project, _) = projects::keep(call, id, CREATE)?;
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
    set(&mut sent, &mut variable);
    if call.version.reaches(17, 4) && sent.boolean("masked_and_hidden") == Some(true) {
        (variable.masked, variable.hidden) = (true, true);
    }
    sent.finish()?;
    check(&project, &variable, None)?;
    let body = describe(call, &variable);
    if let Some(project) = call.gitlab.project_mut(project.id) {
        project.variables.push(variable);
    }
    Ok(Answer::json(201, &body))
}

/// `PUT /projects/:id/variables/:key`
pub(super) fn edit(call: &mut Call<'_>, id: &str, key: &str) -> Handled {
    let (project, _) = projects::keep(call, id, UPDATE)?;
    let at = find(call, &project, key)?;
    let mut variable = project.variables[at].clone();
    let mut sent = Parameters::of(call.request);
    set(&mut sent, &mut variable);
    sent.finish()?;
    check(&project, &variable, Some(at))?;
    let body = describe(call, &variable);
    if let Some(kept) = call.gitlab.project_mut(project.id).and_then(|it| it.variables.get_mut(at)) {
        *kept = variable;
    }
    Ok(Answer::json(200, &body))
}

/// `DELETE /projects/:id/variables/:key`
pub(super) fn remove(call: &mut Call<'_>, id: &str, key: &str) -> Handled {
    let (project, _) = projects::keep(call, id, DELETE)?;
    let at = find(call, &project, key)?;
    if let Some(project) = call.gitlab.project_mut(project.id) {
        project.variables.remove(at);
    }
    Ok(Answer::empty(204))
}
