//! `POST /projects`: a new one, empty, with a README, or with what is fetched from elsewhere.
//!
//! Who may not create projects in a namespace is told that the namespace is not valid, not that
//! they may not. Sources: GitLab REST "Projects", `Projects::CreateService`, and reports of what it
//! answers (gitlabhq issue 8942, gickup issue 231).

use serde_json::json;

use super::settings::{Settings, check_visibility, endpoint_error, invalid, namespace_is_not_valid};
use super::{complaints, path_of, wholly};
use crate::git::{NewCommit, Signature};
use crate::gitlab::parameters::Parameters;
use crate::gitlab::{Call, Handled, Needs, error, mirror, outside};
use crate::http::Answer;
use crate::world::gitlab::import::{Import, ImportKind};
use crate::world::gitlab::mirror::Status;
use crate::world::gitlab::remote::{Remote, masked};
use crate::world::gitlab::task::Task;
use crate::world::gitlab::{CreationLevel, Namespace, ProjectDraft, User, Visibility, role};

const CREATE: Needs = Needs { scopes: &["api"], permission: "Project: Create" };

/// May the user make projects there?
pub(in crate::gitlab) fn may_create(call: &Call<'_>, user: &User, namespace: &Namespace) -> bool {
    let held = call.gitlab.role_in_namespace(user, namespace);
    match namespace {
        Namespace::User(owner) => held == role::OWNER && !owner.bot,
        Namespace::Group(group) => match group.project_creation_level {
            CreationLevel::NoOne => false,
            CreationLevel::Owner => held >= role::OWNER,
            CreationLevel::Maintainer => held >= role::MAINTAINER,
            CreationLevel::Developer => held >= role::DEVELOPER,
            CreationLevel::Administrator => user.admin,
        },
    }
}

fn check_remote(call: &Call<'_>, remote: &Remote) -> Result<(), Answer> {
    match &call.outside {
        Some(outside::Said::Remote(Err(why))) => Err(endpoint_error(&masked(&remote.url), why)),
        _ => Ok(()),
    }
}

/// `POST /projects`
pub(in crate::gitlab) fn create(call: &mut Call<'_>) -> Handled {
    let (_, user) = call.allowed(CREATE)?;
    let mut sent = Parameters::of(call.request);
    sent.at_least_one_of(&["name", "path"]);
    let settings = Settings::of(&mut sent);
    let namespace = sent.number("namespace_id");
    let readme = sent.boolean("initialize_with_readme").unwrap_or(false);
    sent.finish()?;

    let namespace = match namespace {
        Some(id) => call.gitlab.namespace_with_id(id).ok_or_else(namespace_is_not_valid)?,
        None => Namespace::User(user.clone()),
    };
    if !may_create(call, &user, &namespace) {
        return Err(namespace_is_not_valid());
    }
    let name = settings.name.clone().or_else(|| settings.path.clone()).unwrap_or_default();
    let path = settings.path.clone().unwrap_or_else(|| path_of(&name));
    let full_path = format!("{}/{path}", namespace.full_path());
    if let Some(complaints) = complaints(call, &name, &full_path, None) {
        return Err(invalid(&json!(complaints)));
    }
    let visibility = settings.visibility.unwrap_or(Visibility::Private);
    check_visibility(visibility, namespace.visibility())?;
    let remote = settings.remote()?;
    if let Some(remote) = &remote {
        check_remote(call, remote)?;
    }

    let draft = ProjectDraft { full_path, name, visibility, creator: user.id, created_at: call.now };
    let id = call.gitlab.add_project(draft);
    if let Some(project) = call.gitlab.project_mut(id) {
        settings.apply(project);
        project.visibility = visibility;
    }
    match remote {
        Some(remote) => begin_import(call, id, &user, &settings, remote)?,
        None if readme => initialize_with_readme(call, id, &user)?,
        None => {}
    }
    let project = call.gitlab.project(id).cloned().ok_or_else(error::not_found)?;
    Ok(Answer::json(201, &wholly(call, &project, Some(&user))))
}

/// The first commit of a project that begins with a README.
fn initialize_with_readme(call: &Call<'_>, id: u64, user: &User) -> Result<(), Answer> {
    let project = call.gitlab.project(id).ok_or_else(error::not_found)?;
    let who = Signature::new(&user.name, &format!("{}@example.com", user.username), call.now);
    let readme = ("README.md".to_owned(), Some(format!("# {}\n", project.name).into_bytes()));
    project.git()?.commit(&project.default_branch, &[readme], &NewCommit::by(who, "Initial commit"))?;
    Ok(())
}

/// Fetches what is there, once; or, as was usual before 17.6, sets a mirror that will.
fn begin_import(call: &mut Call<'_>, id: u64, user: &User, settings: &Settings, remote: Remote) -> Result<(), Answer> {
    let url = remote.url.clone();
    if settings.mirror.enabled == Some(true) && mirror::is_licensed(call) {
        mirror::apply(call, id, user, settings.mirror.at_creation(), Some(remote))?;
        return Ok(());
    }
    let now = call.now;
    if let Some(project) = call.gitlab.project_mut(id) {
        project.import = Import {
            kind: Some(ImportKind::Git),
            url: Some(url.clone()),
            status: Status::Scheduled,
            began_at: Some(now),
            ..Import::default()
        };
    }
    call.gitlab.tasks.push(Task::ImportGit { project: id, url, credentials: remote.credentials });
    Ok(())
}
