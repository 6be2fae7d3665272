//! Setting a mirror: `PUT /projects/:id/mirror/pull`, since 17.6, and the attributes of a project
//! that did the same before.
//!
//! Who enables a mirror starts an update; who disables it takes the credentials away. All protected
//! branches, or those that a regular expression names: whoever sets one of the two clears the other.
//!
//! Sources: GitLab REST "Project pull mirroring" with its deprecated half, and the observation that
//! an instance without a licence answers 200 and does nothing.

use regex::Regex;
use serde_json::json;

use super::{check_edition, describe, is_licensed};
use crate::gitlab::parameters::Parameters;
use crate::gitlab::{Call, Handled, Needs, error, projects};
use crate::http::Answer;
use crate::world::gitlab::User;
use crate::world::gitlab::mirror::{Asked, Credentials, Mirror};
use crate::world::gitlab::remote::Remote;
use crate::world::gitlab::task::Task;

const UPDATE: Needs = Needs { scopes: &["api"], permission: "Pull Mirror: Update" };

/// What `PUT` knows, in the order of its documentation.
const ATTRIBUTES: &[&str] = &[
    "auth_password",
    "auth_user",
    "enabled",
    "mirror_branch_regex",
    "mirror_overwrites_diverged_branches",
    "mirror_trigger_builds",
    "only_mirror_protected_branches",
    "url",
];

/// What a request wants of a mirror; what it does not name stays as it is.
#[derive(Debug, Clone, Default)]
pub(in crate::gitlab) struct Wanted {
    pub enabled: Option<bool>,
    trigger_builds: Option<bool>,
    only_protected: Option<bool>,
    overwrites_diverged: Option<bool>,
    /// Empty for none.
    branch_regex: Option<String>,
    credentials: Credentials,
}

impl Wanted {
    /// From the attributes of a project: what was usual before 17.6.
    pub fn of_a_project(sent: &mut Parameters) -> Self {
        Self { enabled: sent.boolean("mirror"), ..Self::shared(sent) }
    }

    fn of_the_mirror(sent: &mut Parameters) -> Self {
        Self {
            enabled: sent.boolean("enabled"),
            credentials: Credentials { user: sent.text("auth_user"), password: sent.text("auth_password") },
            ..Self::shared(sent)
        }
    }

    fn shared(sent: &mut Parameters) -> Self {
        let branch_regex =
            sent.has("mirror_branch_regex").then(|| sent.text("mirror_branch_regex").unwrap_or_default());
        let only_protected = sent.boolean("only_mirror_protected_branches");
        if only_protected == Some(true) && branch_regex.as_ref().is_some_and(|regex| !regex.is_empty()) {
            sent.complain("only_mirror_protected_branches, mirror_branch_regex are mutually exclusive");
        }
        Self {
            trigger_builds: sent.boolean("mirror_trigger_builds"),
            only_protected,
            overwrites_diverged: sent.boolean("mirror_overwrites_diverged_branches"),
            branch_regex,
            ..Self::default()
        }
    }

    /// What of it counts when a project is made.
    pub fn at_creation(&self) -> Self {
        Self { enabled: self.enabled, trigger_builds: self.trigger_builds, ..Self::default() }
    }

    /// Does it want anything?
    pub fn names_anything(&self) -> bool {
        let switches = [self.enabled, self.trigger_builds, self.only_protected, self.overwrites_diverged];
        switches.iter().any(Option::is_some) || self.branch_regex.is_some()
    }

    fn check_regex(&self) -> Result<(), Answer> {
        let Some(regex) = self.branch_regex.as_ref().filter(|regex| !regex.is_empty()) else {
            return Ok(());
        };
        Regex::new(regex).map(drop).map_err(|_| {
            let why = format!("not valid RE2 syntax: {regex}");
            Answer::json(400, &json!({ "message": { "mirror_branch_regex": [why] } }))
        })
    }

    fn set(&self, mirror: &mut Mirror) {
        if let Some(on) = self.trigger_builds {
            mirror.trigger_builds = on;
        }
        if let Some(on) = self.overwrites_diverged {
            mirror.overwrites_diverged = on;
        }
        if let Some(on) = self.only_protected {
            mirror.only_protected = on;
            if on {
                mirror.branch_regex = None;
            }
        }
        if let Some(regex) = &self.branch_regex {
            mirror.branch_regex = Some(regex.clone()).filter(|regex| !regex.is_empty());
            if mirror.branch_regex.is_some() {
                mirror.only_protected = false;
            }
        }
    }

    /// Sets where from, and who enters there. Credentials go with their host: at another, they are
    /// forgotten.
    fn set_remote(&self, mirror: &mut Mirror, remote: Option<Remote>) {
        if let Some(remote) = remote {
            let host = |url: &str| url.split('/').nth(2).map(str::to_owned);
            if remote.credentials != Credentials::default() {
                mirror.credentials = remote.credentials;
            } else if host(&remote.url) != host(&mirror.url) {
                mirror.credentials = Credentials::default();
            }
            mirror.url = remote.url;
        }
        let Credentials { user, password } = &self.credentials;
        if user.is_some() {
            mirror.credentials.user.clone_from(user);
        }
        if password.is_some() {
            mirror.credentials.password.clone_from(password);
        }
    }
}

/// Sets the project's mirror, and starts an update if it was enabled or leads elsewhere.
pub(in crate::gitlab) fn apply(
    call: &mut Call<'_>,
    id: u64,
    user: &User,
    wanted: Wanted,
    remote: Option<Remote>,
) -> Result<(), Answer> {
    wanted.check_regex()?;
    let project = call.gitlab.project_mut(id).ok_or_else(error::not_found)?;
    let mut mirror = project.mirror.clone().unwrap_or_default();
    let anew = wanted.enabled == Some(true)
        || mirror.enabled && (remote.is_some() || wanted.credentials != Credentials::default());
    wanted.set(&mut mirror);
    wanted.set_remote(&mut mirror, remote);
    if wanted.enabled == Some(true) {
        if mirror.url.is_empty() {
            return Err(error::message(400, "url is missing"));
        }
        mirror.enabled = true;
        mirror.acts_as = user.id;
    } else if wanted.enabled == Some(false) {
        mirror.disable();
    }
    let asked = (anew && mirror.enabled).then(|| mirror.force());
    mirror.again = asked == Some(Asked::UnderWay);
    let begins = asked == Some(Asked::Begins);
    project.mirror = Some(mirror);
    if begins {
        call.gitlab.tasks.push(Task::UpdateMirror { project: id });
    }
    Ok(())
}

/// `PUT /projects/:id/mirror/pull`
pub(in crate::gitlab) fn configure(call: &mut Call<'_>, id: &str) -> Handled {
    check_edition(call)?;
    if !call.version.reaches(17, 6) {
        return Err(error::no_such_route());
    }
    let (project, user) = projects::keep(call, id, UPDATE)?;
    let mut sent = Parameters::of(call.request);
    sent.at_least_one_of(ATTRIBUTES);
    let wanted = Wanted::of_the_mirror(&mut sent);
    let url = sent.text("url").filter(|url| !url.is_empty());
    sent.finish()?;
    if !is_licensed(call) {
        return Ok(Answer::json(200, &describe(call, &project)));
    }
    let blocked = |why: &str| error::message(400, &format!("Url is blocked: {why}"));
    let remote = url.map(|url| Remote::parse(&url)).transpose().map_err(blocked)?;
    apply(call, project.id, &user, wanted, remote)?;
    let project = call.gitlab.project(project.id).cloned().ok_or_else(error::not_found)?;
    Ok(Answer::json(200, &describe(call, &project)))
}
