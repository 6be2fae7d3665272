//! The bodies of GitLab's deliveries: what every one of them has, and which of them is made where.
//!
//! Source: GitLab docs "Webhook events", `Gitlab::DataBuilder`, `hook_attrs` of the models.

pub(super) mod ci;
pub(super) mod push;
mod samples;

use serde_json::{Map, Value, json};

use super::Kind;
use crate::gitlab::groups::last_part;
use crate::gitlab::time;
use crate::http::fields;
use crate::world::World;
use crate::world::clock::later;
use crate::world::gitlab::{Project, User, Visibility, namespace_of};

/// Where something happens, through whom, and when.
pub(in crate::gitlab) struct Stage<'a> {
    pub world: &'a World,
    pub project: &'a Project,
    pub user: &'a User,
}

impl<'a> Stage<'a> {
    /// In a project, through the user of that name; else through whoever made the project.
    pub fn of(world: &'a World, project: u64, user: Option<&str>) -> Option<Self> {
        let project = world.gitlab.project(project)?;
        let named = user.and_then(|name| world.gitlab.user_named(name));
        let maker = || world.gitlab.user(project.creator);
        let user = named.or_else(maker).or_else(|| world.gitlab.users.first())?;
        Some(Self { world, project, user })
    }

    /// A page of the project.
    pub fn page(&self, rest: &str) -> String {
        format!("{}/{}{rest}", self.world.gitlab_url, self.project.full_path)
    }

    /// As older events write times: `2026-11-21 17:25:16 UTC`.
    pub fn now(&self) -> String {
        self.world.clock.now().strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
    }

    /// As newer ones do.
    pub fn now_written(&self) -> String {
        time::written(self.world.clock.now())
    }

    /// So many hours from now, as a date.
    pub fn day_in(&self, hours: i64) -> String {
        later(self.world.clock.now(), jiff::SignedDuration::from_hours(hours)).strftime("%Y-%m-%d").to_string()
    }

    /// The host, for addresses of git over SSH.
    fn host(&self) -> &str {
        self.world.gitlab_url.split("://").nth(1).and_then(|rest| rest.split([':', '/']).next()).unwrap_or_default()
    }

    /// 0, 10 or 20, from private to public.
    pub fn visibility_level(&self) -> u8 {
        match self.project.visibility {
            Visibility::Private => 0,
            Visibility::Internal => 10,
            Visibility::Public => 20,
        }
    }

    /// The project, as all events have it.
    pub fn project(&self) -> Value {
        let project = self.project;
        let (url, git) = (self.page(""), self.page(".git"));
        let ssh = format!("git@{}:{}.git", self.host(), project.full_path);
        json!({
            "id": project.id,
            "name": project.name,
            "description": project.description,
            "web_url": url,
            "avatar_url": null,
            "git_ssh_url": ssh,
            "git_http_url": git,
            "namespace": last_part(namespace_of(&project.full_path)),
            "visibility_level": self.visibility_level(),
            "path_with_namespace": project.full_path,
            "default_branch": project.default_branch,
            "ci_config_path": project.ci_config_path,
            "homepage": url,
            "url": ssh,
            "ssh_url": ssh,
            "http_url": git,
        })
    }

    /// The project as older events have it besides.
    pub fn repository(&self) -> Value {
        json!({
            "name": self.project.name,
            "url": format!("git@{}:{}.git", self.host(), self.project.full_path),
            "description": self.project.description,
            "homepage": self.page(""),
        })
    }

    /// Whoever did it.
    pub fn user(&self) -> Value {
        json!({
            "id": self.user.id,
            "name": self.user.name,
            "username": self.user.username,
            "avatar_url": null,
            "email": "[REDACTED]",
        })
    }

    /// A kind, the user, the project, and what is the event's own.
    pub fn event(&self, kind: &str, own: Value) -> Value {
        let mut whole = Map::new();
        whole.insert("object_kind".to_owned(), json!(kind));
        whole.insert("event_type".to_owned(), json!(kind));
        whole.insert("user".to_owned(), self.user());
        whole.insert("project".to_owned(), self.project());
        whole.extend(fields(own));
        Value::Object(whole)
    }
}

/// What the test of a hook is told: of what there is, or, of what the sandbox has no routes for (issues, merge
/// requests, wikis …), an example in this project. `Err` is GitLab's reason why there is nothing to tell.
pub(in crate::gitlab) fn sample(stage: &Stage<'_>, kind: &Kind) -> Result<Value, String> {
    match kind.short() {
        "push" => push::sample(stage, "heads"),
        "tag_push" => push::sample(stage, "tags"),
        "pipeline" | "job" => ci::sample(stage, kind.short()),
        other => Ok(samples::of(stage, other)),
    }
}
