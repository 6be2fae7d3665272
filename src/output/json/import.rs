//! `connect import` for programs.

use serde::Serialize;

use crate::model::Import;
use crate::model::place::Role;
use crate::workflow::import::{self as workflow, Drift, Planned, Proven, StepKind};

use super::super::failure::Failure;
use super::super::human::{importable_word, status_word};
use super::{NeedEntry, Problem};

/// `import --plan`.
#[derive(Debug, Serialize)]
pub struct ImportPlan<'a> {
    repository: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    renamed_from: Option<&'a str>,
    repository_url: &'a str,
    project: &'a str,
    project_url: &'a str,
    /// Whether anything would be changed.
    changes: bool,
    steps: Vec<Step<'a>>,
    cautions: &'a [String],
    needs: Vec<NeedEntry<'a>>,
}

#[derive(Debug, Serialize)]
struct Step<'a> {
    step: &'static str,
    /// `stands`, `make`, `change`, `leave`.
    state: &'static str,
    says: &'a str,
}

impl<'a> ImportPlan<'a> {
    /// The form in which a plan is told to programs.
    pub fn of(plan: &'a workflow::Plan) -> Self {
        let step =
            |planned: &'a Planned| Step { step: planned.step.word(), state: planned.state.word(), says: &planned.says };
        Self {
            repository: &plan.repository,
            renamed_from: plan.renamed_from.as_deref(),
            repository_url: &plan.repository_url,
            project: &plan.project,
            project_url: &plan.project_url,
            changes: plan.changes(),
            steps: plan.steps.iter().map(step).collect(),
            cautions: &plan.cautions,
            needs: plan.needs.iter().map(NeedEntry::of).collect(),
        }
    }
}

/// `import`: the record, and what was seen to work.
#[derive(Debug, Serialize)]
pub struct Imported<'a> {
    #[serde(flatten)]
    import: &'a Import,
    repository_url: &'a str,
    project_url: &'a str,
    /// The commit of the default branch on both sides.
    commit: Commits<'a>,
    pipelines: Vec<Pipeline<'a>>,
    proof: Vec<Proof<'a>>,
    steps: Vec<Step<'a>>,
}

#[derive(Debug, Serialize)]
struct Commits<'a> {
    github: Option<&'a str>,
    gitlab: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct Pipeline<'a> {
    id: u64,
    status: &'a str,
    source: Option<&'a str>,
    url: &'a str,
}

#[derive(Debug, Serialize)]
struct Proof<'a> {
    what: &'static str,
    /// Nothing where it could not be told yet.
    works: Option<bool>,
    says: &'a str,
}

impl<'a> Imported<'a> {
    /// The form in which an import that was carried out is told to programs.
    pub fn of(imported: &'a workflow::Imported) -> Self {
        let proof = &imported.proof;
        let proven = |proven: &'a Proven| Proof { what: proven.what, works: proven.works, says: &proven.says };
        let pipelines = proof.pipelines.iter().map(|it| Pipeline {
            id: it.id,
            status: &it.status,
            source: it.source.as_deref(),
            url: &it.web_url,
        });
        Self {
            import: &imported.import,
            repository_url: &imported.repository.web_url,
            project_url: &proof.project.web_url,
            commit: Commits { github: proof.on_github.as_deref(), gitlab: proof.on_gitlab.as_deref() },
            pipelines: pipelines.collect(),
            proof: proof.proven.iter().map(proven).collect(),
            steps: ImportPlan::of(&imported.plan).steps,
        }
    }
}

/// `import list`.
#[derive(Debug, Serialize)]
pub struct Repositories<'a> {
    repositories: Vec<RepositoryEntry<'a>>,
    /// Imports on record of repositories that the token does not see.
    hidden: Vec<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    sso_left_out: &'a [String],
}

#[derive(Debug, Serialize)]
struct RepositoryEntry<'a> {
    repository: String,
    id: u64,
    url: &'a str,
    visibility: &'a str,
    archived: bool,
    role: Option<&'static str>,
    /// `yes`, `no`, `unknown`.
    importable: &'static str,
    why: Option<&'a str>,
    /// The projects it was imported into.
    imported: &'a [String],
}

impl<'a> Repositories<'a> {
    /// The form in which repositories are told to programs.
    pub fn of(list: &'a workflow::RepositoryList) -> Self {
        let entry = |row: &'a workflow::ListedRepository| RepositoryEntry {
            repository: row.repository.full_name(),
            id: row.repository.id,
            url: &row.repository.web_url,
            visibility: &row.repository.visibility,
            archived: row.repository.archived,
            role: row.repository.role.map(Role::word),
            importable: importable_word(&row.importable),
            why: row.importable.why(),
            imported: &row.imported,
        };
        Self {
            repositories: list.repositories.iter().map(entry).collect(),
            hidden: list.hidden.iter().map(|import| import.github.path.as_str()).collect(),
            sso_left_out: &list.sso_left_out,
        }
    }
}

/// `import status`.
#[derive(Debug, Serialize)]
pub struct ImportStatuses<'a> {
    imports: Vec<StatusEntry<'a>>,
    /// Records that do not read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    damaged: Vec<Problem<'a>>,
}

#[derive(Debug, Serialize)]
struct StatusEntry<'a> {
    #[serde(flatten)]
    import: &'a Import,
    /// `well`, `drifted`, `unfinished`, `undoing`, `undone`, `unknown`.
    state: &'static str,
    drift: Vec<DriftEntry<'a>>,
    /// The command that sets it up again as it was.
    again: &'a str,
    /// With `undoing`: the command that goes on with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    undo: Option<&'a str>,
    /// What it was called until now.
    #[serde(skip_serializing_if = "Option::is_none")]
    repository_renamed_from: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    project_renamed_from: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Problem<'a>>,
}

#[derive(Debug, Serialize)]
struct DriftEntry<'a> {
    what: &'static str,
    says: &'a str,
    mend: &'a str,
}

impl<'a> ImportStatuses<'a> {
    /// The form in which imports are told to programs.
    pub fn of(shown: &'a [(workflow::ImportStatusShown, Option<Failure>)], damaged: &'a [Failure]) -> Self {
        let drift = |drift: &'a Drift| DriftEntry { what: drift.what, says: &drift.says, mend: &drift.mend };
        let entry = |(status, failure): &'a (workflow::ImportStatusShown, Option<Failure>)| StatusEntry {
            import: &status.import,
            state: status_word(status, failure.as_ref()),
            drift: status.drift.iter().map(drift).collect(),
            again: &status.again,
            undo: status.undo.as_deref(),
            repository_renamed_from: status.repository_before.as_deref(),
            project_renamed_from: status.project_before.as_deref(),
            error: failure.as_ref().map(Problem::of),
        };
        Self { imports: shown.iter().map(entry).collect(), damaged: damaged.iter().map(Problem::of).collect() }
    }
}

/// `import undo --plan`.
#[derive(Debug, Serialize)]
pub struct Undoing<'a> {
    repository: &'a str,
    project: &'a str,
    /// What would be removed, in this order.
    remove: Vec<Ended<'a>>,
    /// What would stay, and why.
    leave: Vec<Ended<'a>>,
    /// What is hidden, or could not be looked at.
    failed: Vec<FailedStep<'a>>,
    /// Whether the project goes, too.
    deletes_project: bool,
}

impl<'a> Undoing<'a> {
    /// The form in which it is told to programs what would be undone.
    pub fn of(undoing: &'a workflow::Undoing, failures: &'a [(StepKind, Failure)]) -> Self {
        Self {
            repository: &undoing.import.github.path,
            project: &undoing.import.gitlab.path,
            remove: undoing.steps.iter().map(Ended::of).collect(),
            leave: undoing.left.iter().map(Ended::of).collect(),
            failed: failures.iter().map(FailedStep::of).collect(),
            deletes_project: undoing.deletes_project,
        }
    }
}

/// `import undo`.
#[derive(Debug, Serialize)]
pub struct Undone<'a> {
    repository: &'a str,
    project: &'a str,
    removed: Vec<Ended<'a>>,
    left: Vec<Ended<'a>>,
    failed: Vec<FailedStep<'a>>,
}

#[derive(Debug, Serialize)]
struct Ended<'a> {
    step: &'static str,
    says: &'a str,
}

impl<'a> Ended<'a> {
    fn of((step, says): &'a (StepKind, String)) -> Self {
        Self { step: step.word(), says }
    }
}

#[derive(Debug, Serialize)]
struct FailedStep<'a> {
    step: &'static str,
    error: Problem<'a>,
}

impl<'a> FailedStep<'a> {
    fn of((step, failure): &'a (StepKind, Failure)) -> Self {
        Self { step: step.word(), error: Problem::of(failure) }
    }
}

impl<'a> Undone<'a> {
    /// The form in which an undoing is told to programs.
    pub fn of(undone: &'a workflow::Undone, failures: &'a [(StepKind, Failure)]) -> Self {
        Self {
            repository: &undone.import.github.path,
            project: &undone.import.gitlab.path,
            removed: undone.removed.iter().map(Ended::of).collect(),
            left: undone.left.iter().map(Ended::of).collect(),
            failed: failures.iter().map(FailedStep::of).collect(),
        }
    }
}
