//! What would be done: what is wanted, compared with what is there. Pure: the same sights give the same plan.

use super::Wanted;
use super::actions::WORKFLOW_PATH;
use super::ends::Ends;
use super::hook::HookState;
use super::look::Found;
use super::{actions, ci, hook, integration, mirror, project, token};
use crate::model::Need;
use crate::model::import::{BranchChoice, Mode, Sync};

/// All that an import would do.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// `owner/name`, as it is called now.
    pub repository: String,
    /// The name that was typed, where it is another by now.
    pub renamed_from: Option<String>,
    /// The repository's page.
    pub repository_url: String,
    /// The project's full path, as it is or will be.
    pub project: String,
    /// The project's page, as it is or will be.
    pub project_url: String,
    /// Which GitLab.
    pub gitlab: String,
    /// The steps, in the order in which they are told.
    pub steps: Vec<Planned>,
    /// What one should know before one agrees.
    pub cautions: Vec<String>,
    /// What the tokens and accounts need, and have.
    pub needs: Vec<Need>,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// Which.
    pub step: StepKind,
    /// Whether there is something to do.
    pub state: State,
    /// What there is, or what would be done, in words.
    pub says: String,
    /// What is not as it is to be: with [`State::Change`], and with [`State::Make`] where something else is in its place.
    pub odd: Option<String>,
}

/// The steps of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StepKind {
    /// The project on GitLab.
    Project,
    /// Issues, merge requests, wiki and snippets of the project.
    Features,
    /// The pull mirror.
    Mirror,
    /// The GitHub integration.
    Integration,
    /// The project access token.
    Token,
    /// The webhook on GitHub.
    Webhook,
    /// The Actions secret.
    Secret,
    /// The workflow that pushes.
    Workflow,
    /// The `.gitlab-ci.yml`.
    CiFile,
}

impl StepKind {
    /// The word in tables and in JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Project => "project",
            Self::Features => "features",
            Self::Mirror => "mirror",
            Self::Integration => "integration",
            Self::Token => "token",
            Self::Webhook => "webhook",
            Self::Secret => "secret",
            Self::Workflow => "workflow",
            Self::CiFile => "ci_file",
        }
    }
}

/// Whether a step has something to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// It is as it should be.
    Stands,
    /// It is made.
    Make,
    /// It is there, and changed.
    Change,
    /// It is left as it is: by a flag, or because it is somebody else's.
    Leave,
}

impl State {
    /// The word in tables and in JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Stands => "stands",
            Self::Make => "make",
            Self::Change => "change",
            Self::Leave => "leave",
        }
    }

    /// Whether something is done.
    pub const fn acts(self) -> bool {
        matches!(self, Self::Make | Self::Change)
    }
}

impl Plan {
    /// Whether anything would be changed.
    pub fn changes(&self) -> bool {
        self.steps.iter().any(|step| step.state.acts())
    }

    /// Whether this step would do something.
    pub(super) fn acts(&self, step: StepKind) -> bool {
        self.steps.iter().any(|planned| planned.step == step && planned.state.acts())
    }
}

/// A step in these words.
pub(super) fn step(step: StepKind, state: State, says: impl Into<String>) -> Planned {
    Planned { step, state, says: says.into(), odd: None }
}

/// A step that is there and not as it is to be.
pub(super) fn odd(step: StepKind, says: impl std::fmt::Display, odd: impl Into<String>) -> Planned {
    let odd = odd.into();
    Planned { step, state: State::Change, says: format!("{says}; {odd}"), odd: Some(odd) }
}

/// Compares.
pub(super) fn plan(wanted: &Wanted, ends: &Ends, found: &Found) -> Plan {
    let setup = &wanted.setup;
    let mut steps = vec![project::plan(wanted, found), project::plan_features(wanted, found)];
    match setup.sync {
        Sync::Mirror => {
            steps.push(mirror::plan(wanted, ends, found));
            steps.push(integration::plan(wanted, ends, found));
            let hook = hook::state(wanted, ends, found);
            steps.extend(token::plan(wanted, found, &hook));
            steps.push(hook::plan(wanted, &hook));
        }
        Sync::Actions => {
            steps.extend(integration_left(wanted, ends, found));
            steps.extend(token::plan(wanted, found, &HookState::NotWanted));
            steps.push(actions::plan_secret(wanted, ends, found));
            steps.push(actions::plan_workflow(wanted, ends, found));
        }
        Sync::Never => {
            steps.push(step(StepKind::Mirror, State::Leave, "no mirror: the project keeps what it was given once"));
            steps.extend(integration_left(wanted, ends, found));
        }
    }
    steps.extend(ci::plan(wanted, found));
    let typed = format!("{}/{}", wanted.owner, wanted.name);
    let full_name = found.repository.full_name();
    Plan {
        renamed_from: (!typed.eq_ignore_ascii_case(&full_name)).then_some(typed),
        repository: full_name,
        repository_url: found.repository.web_url.clone(),
        project: found.target.path.clone(),
        project_url: ends.gitlab_host.page(&found.target.path).to_string(),
        gitlab: ends.gitlab_host.to_string(),
        cautions: cautions(wanted, ends, found, &steps),
        steps,
        needs: found.needs.clone(),
    }
}

/// Without a mirror GitLab can still report what it runs, where that is licensed.
fn integration_left(wanted: &Wanted, ends: &Ends, found: &Found) -> Option<Planned> {
    if found.licensed == Some(true) && wanted.setup.integration {
        return Some(integration::plan(wanted, ends, found));
    }
    let why = "statuses are not reported: the GitHub integration is licensed (Premium), too";
    (found.licensed == Some(false)).then(|| step(StepKind::Integration, State::Leave, why))
}

/// What one should know before one agrees.
fn cautions(wanted: &Wanted, ends: &Ends, found: &Found, steps: &[Planned]) -> Vec<String> {
    let acts = |kind| steps.iter().any(|planned| planned.step == kind && planned.state.acts());
    let (github, gitlab) = (&wanted.github.name, &ends.gitlab_host);
    let mut cautions = Vec::new();
    if acts(StepKind::Mirror) || (acts(StepKind::Integration) && wanted.status.is_none()) {
        cautions.push(format!("{gitlab} will hold a copy of the GitHub token of `{github}`"));
    }
    if let Some(status) = wanted.status.as_ref().filter(|_| acts(StepKind::Integration)) {
        cautions.push(format!("{gitlab} will hold a copy of the GitHub token of `{}` for statuses", status.name));
    }
    if acts(StepKind::Webhook) {
        cautions.push(format!(
            "the webhook's URL carries a GitLab token; administrators of {} can read it there",
            found.repository.full_name()
        ));
        if let Some(hook) = &wanted.hook {
            cautions.push(format!("it is the token of `{}`, which may do everything that its owner may", hook.name));
        }
    }
    if acts(StepKind::Secret) {
        let path = WORKFLOW_PATH;
        cautions.push(format!("who may write to the repository can make {path} print or use the GitLab token"));
    }
    if acts(StepKind::Workflow) && found.standing.is_some() {
        cautions
            .push("branches and tags that only GitLab has are deleted, and those that differ are overwritten".into());
    }
    if ends.is_enterprise() && acts(StepKind::Project) {
        cautions.push("GitLab documents CI/CD for external repositories for github.com only".into());
    }
    let full = wanted.setup.mode == Mode::Full || project::is_import(wanted, found);
    if full && found.standing.is_none() {
        cautions.push(format!("{gitlab} is given the GitHub token of `{github}` to import with"));
        if found.fine_grained {
            cautions.push("GitLab's importer officially takes classic tokens only; this one is fine-grained".into());
        }
        cautions.extend(project::shown_otherwise(wanted, found));
        if wanted.setup.collaborators {
            cautions.push("collaborators are made members of the project; they may take seats".into());
        }
    }
    if wanted.setup.sync == Sync::Mirror && found.licensed.is_none() {
        cautions.push("whether pull mirroring is licensed there cannot be seen before the project is made".into());
    }
    if acts(StepKind::Mirror) {
        let which = match &wanted.setup.branches {
            BranchChoice::All => "branches on GitLab that differ from GitHub's are overwritten",
            BranchChoice::Protected => "protected branches on GitLab that differ from GitHub's are overwritten",
            BranchChoice::Matching(_) => "branches that match and differ from GitHub's are overwritten",
        };
        cautions.push(which.into());
    }
    if let Some(made) = found.record.as_ref().map(|record| &record.made) {
        let left = |what| format!("{what} that an earlier run made stays; `connect import undo` takes everything back");
        let mirrors = wanted.setup.sync == Sync::Mirror;
        cautions.extend((made.mirror.is_some() && !mirrors).then(|| left("the mirror")));
        cautions.extend((made.hook.is_some() && !wanted.setup.tells()).then(|| left("the webhook")));
        cautions.extend((made.workflow.is_some() && wanted.setup.sync != Sync::Actions).then(|| left("the workflow")));
    }
    if found.project_gone {
        cautions.push("the project of an earlier run is gone; another one is made".into());
    }
    cautions
}
