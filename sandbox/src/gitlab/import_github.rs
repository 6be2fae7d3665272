//! `POST /import/github`: a project with all that the importer brings from GitHub; and its end
//! before its time, `POST /import/github/cancel`.
//!
//! GitLab's own refusals are `{"message": …}`, those of the importer `{"errors": …}`, and a GitHub
//! token that GitHub does not know is `{"error": …}` with 401: which is no word about GitLab's.
//!
//! Sources: GitLab REST "Import", `lib/api/import_github.rb`, `Import::GithubService`; the entity is
//! the importer's own from 16.8 on, with a warning for fine-grained tokens (MR 143831), and the
//! project's before.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::groups::full_name;
use super::outside::Said;
use super::parameters::Parameters;
use super::{Call, Handled, Needs, error, projects};
use crate::http::Answer;
use crate::world::gitlab::import::{Import, ImportKind};
use crate::world::gitlab::mirror::Status;
use crate::world::gitlab::remote::Remote;
use crate::world::gitlab::task::Task;
use crate::world::gitlab::{Namespace, Project, ProjectDraft, User, Visibility, namespace_of, role};

const CREATE: Needs = Needs { scopes: &["api"], permission: "GitHub Import: Create" };
const CANCEL: Needs = Needs { scopes: &["api"], permission: "GitHub Import: Cancel" };

/// Imports a minute and user.
const MOST: u32 = 6;

const WARNING: &str = "Fine-grained personal access tokens are not officially supported. It is recommended to use a \
                       classic token instead.";

/// The importer's refusal.
fn refused(status: u16, why: &str) -> Answer {
    Answer::json(status, &json!({ "errors": why }))
}

/// Counts the import, or refuses it.
fn count(call: &mut Call<'_>, user: u64) -> Result<(), Answer> {
    let minute = call.now.as_second().div_euclid(60);
    let used = call.gitlab.imports.entry(user).or_insert((minute, 0));
    if used.0 != minute {
        *used = (minute, 0);
    }
    used.1 += 1;
    if call.rate_limits && used.1 > MOST { Err(error::requested_too_many_times()) } else { Ok(()) }
}

/// Is this host name the sandbox's GitHub? From 16.5 to 17.1 the API's path belonged to it.
fn check_hostname(call: &Call<'_>, hostname: Option<&str>) -> Result<(), Answer> {
    let Some(hostname) = hostname else {
        return Ok(());
    };
    let invalid = || refused(400, &format!("Invalid URL: {hostname}"));
    let remote = Remote::parse(hostname).map_err(|_| invalid())?;
    if !remote.url.starts_with("http") {
        return Err(invalid());
    }
    let given = remote.url.trim_end_matches('/');
    let wants_path = call.version.reaches(16, 5) && !call.version.reaches(17, 2);
    let host = given.strip_suffix("/api/v3");
    let known = match host {
        Some(host) => host == call.github_url,
        None => !wants_path && given == call.github_url,
    };
    if known { Ok(()) } else { Err(github_error(404, r#"{"message":"Not Found"}"#)) }
}

fn github_error(status: u16, body: &str) -> Answer {
    refused(422, &format!("Import failed due to a GitHub error: {body} (HTTP {status})"))
}

/// The repository as GitHub described it, or what GitLab makes of GitHub's refusal.
fn repository(call: &Call<'_>) -> Result<Value, Answer> {
    let Some(Said::Repository(said)) = &call.outside else {
        return Err(github_error(404, r#"{"message":"Not Found"}"#));
    };
    let body = String::from_utf8_lossy(&said.body);
    match said.status {
        200 => serde_json::from_slice(&said.body).map_err(|_| github_error(200, &body)),
        401 => Err(Answer::json(401, &json!({ "error": "Access denied to your GitHub account." }))),
        403 | 429 if body.contains("rate limit") => Err(Answer::json(429, &json!({ "error": "Too Many Requests" }))),
        status => Err(github_error(status, &body)),
    }
}

/// A warning for tokens that the importer was not made for; versions before 16.9 do not look.
fn warning(call: &Call<'_>, token: &str) -> Option<&'static str> {
    (call.version.reaches(16, 9) && token.starts_with("github_pat_")).then_some(WARNING)
}

/// `Agility Game / Home Assistant / store`
fn whole_name(call: &Call<'_>, project: &Project) -> String {
    match call.gitlab.namespace_at(namespace_of(&project.full_path)) {
        Some(Namespace::Group(group)) => format!("{} / {}", full_name(call, &group), project.name),
        Some(Namespace::User(user)) => format!("{} / {}", user.name, project.name),
        None => project.name.clone(),
    }
}

/// What both routes answer with.
fn describe(call: &Call<'_>, project: &Project) -> Value {
    let path = format!("/{}", project.full_path);
    let status = project.import.status.name();
    json!({
        "id": project.id,
        "name": project.name,
        "full_path": path,
        "full_name": whole_name(call, project),
        "refs_url": format!("{path}/refs"),
        "import_source": project.import.source,
        "import_status": status,
        "human_import_status_name": status,
        "provider_link": project.import.source.as_ref().map(|source| format!("/{source}")),
        "relation_type": null,
    })
}

/// The entity of a new import, as the version has it.
fn described_as_new(call: &Call<'_>, project: &Project, token: &str) -> Value {
    let mut body = describe(call, project);
    if call.version.reaches(16, 8) {
        body["import_warning"] = json!(warning(call, token));
        return body;
    }
    json!({
        "id": body["id"],
        "name": body["name"],
        "full_path": body["full_path"],
        "full_name": body["full_name"],
        "refs_url": body["refs_url"],
        "forked": false,
    })
}

/// What an import is told.
struct Wanted {
    token: String,
    target: String,
    new_name: Option<String>,
    hostname: Option<String>,
    stages: BTreeMap<String, bool>,
}

impl Wanted {
    fn of(call: &Call<'_>) -> Result<Self, Answer> {
        let mut sent = Parameters::of(call.request);
        let token = sent.required("personal_access_token");
        sent.required("repo_id");
        sent.number("repo_id");
        let target = sent.required("target_namespace");
        if sent.has("target_namespace") && target.trim().is_empty() {
            sent.complain("target_namespace is empty");
        }
        sent.choice("timeout_strategy", |word| ["optimistic", "pessimistic"].contains(&word).then_some(()));
        if sent.number("pagination_limit").is_some_and(|limit| !(1..=100).contains(&limit)) {
            sent.complain("pagination_limit does not have a valid value");
        }
        let wanted = Self {
            token,
            target,
            new_name: sent.text("new_name").filter(|name| !name.is_empty()),
            hostname: sent.text("github_hostname").filter(|name| !name.is_empty()),
            stages: stages(&mut sent),
        };
        sent.finish()?;
        Ok(wanted)
    }

    /// Where the project goes, if the user may import there. Whether they see it is not asked: a
    /// place that is hidden is one where they may not.
    fn namespace(&self, call: &Call<'_>, user: &User) -> Result<Namespace, Answer> {
        let absent = || refused(422, "Namespace or group to import repository into does not exist.");
        let namespace = call.gitlab.namespace_at(&self.target).ok_or_else(absent)?;
        let held = call.gitlab.role_in_namespace(user, &namespace);
        if held >= role::MAINTAINER && projects::may_create(call, user, &namespace) {
            Ok(namespace)
        } else {
            Err(refused(422, "You are not allowed to import projects in this namespace."))
        }
    }
}

/// `POST /import/github`
pub(super) fn begin(call: &mut Call<'_>) -> Handled {
    let (_, user) = call.allowed(CREATE)?;
    let wanted = Wanted::of(call)?;
    count(call, user.id)?;
    check_hostname(call, wanted.hostname.as_deref())?;
    let namespace = wanted.namespace(call, &user)?;
    let repository = repository(call)?;
    // The new name is the new path too.
    let name = wanted.new_name.or_else(|| repository["name"].as_str().map(str::to_owned)).unwrap_or_default();
    let full_path = format!("{}/{name}", namespace.full_path());
    if let Some(complaints) = projects::complaints(call, &name, &full_path, None) {
        return Err(refused(422, &projects::sentences(&complaints)));
    }
    let private = repository["private"].as_bool().unwrap_or(true);
    let visibility = if private { Visibility::Private } else { namespace.visibility() };
    let draft = ProjectDraft { full_path, name, visibility, creator: user.id, created_at: call.now };
    let id = call.gitlab.add_project(draft);
    let import = import(call, &repository, wanted.stages);
    if let Some(project) = call.gitlab.project_mut(id) {
        project.description = repository["description"].as_str().map(str::to_owned);
        project.import = import;
    }
    call.gitlab.tasks.push(Task::ImportFromGithub { project: id, repository: repository["id"].as_u64().unwrap_or(0) });
    let project = call.gitlab.project(id).cloned().ok_or_else(error::not_found)?;
    Ok(Answer::json(201, &described_as_new(call, &project, &wanted.token)))
}

fn stages(sent: &mut Parameters) -> BTreeMap<String, bool> {
    let stages = sent.raw("optional_stages").clone();
    match stages {
        Value::Null => BTreeMap::new(),
        Value::Object(stages) => {
            stages.into_iter().map(|(name, on)| (name, on == json!(true) || on == json!("true"))).collect()
        }
        _ => {
            sent.complain("optional_stages is invalid");
            BTreeMap::new()
        }
    }
}

fn import(call: &Call<'_>, repository: &Value, optional_stages: BTreeMap<String, bool>) -> Import {
    Import {
        kind: Some(ImportKind::GitHub),
        source: repository["full_name"].as_str().map(str::to_owned),
        url: repository["clone_url"].as_str().map(str::to_owned),
        status: Status::Scheduled,
        optional_stages,
        began_at: Some(call.now),
        polls: call.settings.import_polls,
        outcome: call.settings.import_outcome.clone(),
        ..Import::default()
    }
}

/// `POST /import/github/cancel`: for the project's owner.
pub(super) fn cancel(call: &mut Call<'_>) -> Handled {
    let (_, user) = call.allowed(CANCEL)?;
    let mut sent = Parameters::of(call.request);
    sent.required("project_id");
    let id = sent.number("project_id");
    sent.finish()?;
    let absent = || error::message(404, "404 Not found");
    let found = id.and_then(|id| call.gitlab.project(id)).cloned();
    let project = found.filter(|it| it.import.kind == Some(ImportKind::GitHub)).ok_or_else(absent)?;
    let (_, role) = projects::find(call, &project.id.to_string(), Some(&user)).map_err(|_| absent())?;
    if role < role::OWNER {
        return Err(error::message(403, "Unauthorized access"));
    }
    let status = project.import.status;
    if !status.is_under_way() {
        let why = format!("The import cannot be canceled because it is {}", status.name());
        return Err(error::message(400, &why));
    }
    if let Some(project) = call.gitlab.project_mut(project.id) {
        project.import.status = Status::Canceled;
    }
    let project = call.gitlab.project(project.id).cloned().ok_or_else(absent)?;
    Ok(Answer::json(200, &describe(call, &project)))
}
