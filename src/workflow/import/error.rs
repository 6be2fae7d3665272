//! What can go wrong with an import, beside what goes wrong everywhere.

use std::path::PathBuf;

use url::Url;

use super::super::Error;
use crate::model::{ConnectionName, Need, Verdict};

/// How things stand when an import has stopped on its way. Steps are named by their words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    /// The project's full path.
    pub project: String,
    /// Nothing was made, by this run or an earlier one.
    pub nothing: bool,
    /// The steps at which it happened.
    pub failed: Vec<&'static str>,
    /// The steps that stand.
    pub stands: Vec<&'static str>,
    /// The steps that are missing.
    pub missing: Vec<&'static str>,
}

/// What stands against an import, or what came of it. Each says what the caller does about it.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A record of an import does not read, and may be that of the one that is meant.
    #[error("the record of an import at {} does not read: {why}", path.display())]
    RecordDamaged {
        /// Where it is.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Another process carries out, or undoes, an import of the same repository.
    #[error("another process is at work on the import of {repository}")]
    Busy {
        /// `owner/name`.
        repository: String,
    },
    /// A token or an account may not do what a later step of an import needs; nothing was made.
    #[error("the import cannot be done, and nothing was made: {}", standing_against(needs))]
    Forbidden {
        /// All that is needed.
        needs: Vec<Need>,
        /// Where it is added.
        page: Option<Url>,
        /// Whose token is concerned first.
        connection: ConnectionName,
    },
    /// There is a project at the path, and it is not this import.
    #[error("{path} is taken: {why}")]
    ProjectTaken {
        /// The full path.
        path: String,
        /// What it is.
        why: String,
        /// Whether the last part of the path came from the project's name, and not from `--to`.
        by_name: bool,
        /// With whose token it was seen.
        connection: ConnectionName,
    },
    /// GitHub has disabled the repository: nobody reads or writes there, whatever the token may do.
    #[error("GitHub has disabled {path}: nobody reads or writes there")]
    RepositoryDisabled {
        /// `owner/name`.
        path: String,
        /// With whose token it was seen.
        connection: ConnectionName,
    },
    /// The group takes no project that more people see than the group itself.
    #[error("{group} is {widest}: no project in it can be {wanted}")]
    TooVisible {
        /// The group.
        group: String,
        /// Who sees the group.
        widest: String,
        /// Who was to see the project.
        wanted: String,
        /// With whose token it was seen.
        connection: ConnectionName,
    },
    /// Pull mirroring, or the GitHub integration, is not licensed for that place.
    #[error("{what} is not licensed for {place}")]
    NotLicensed {
        /// Which of the two, in words.
        what: &'static str,
        /// The project or group.
        place: String,
        /// Whether it is there already.
        stands: bool,
        /// With whose token it was seen.
        connection: ConnectionName,
    },
    /// A project that is there has no commit, and GitLab imports only into what it makes.
    #[error("{project} is there, and empty: GitLab brings a repository only into a project that it makes for it")]
    NotFilled {
        /// The project's full path.
        project: String,
        /// With whose token it was seen.
        connection: ConnectionName,
    },
    /// There is something to be changed, and nobody can be asked whether it shall be.
    #[error("there is something to change, and nobody to agree to it")]
    PlanNotConfirmed,
    /// There is something to be removed, and nobody can be asked whether it shall be.
    #[error("there is something to remove, and nobody to agree to it")]
    UndoNotConfirmed,
    /// GitLab makes no token for the project alone.
    #[error("GitLab makes no access token for this project alone: {why}")]
    NoProjectToken {
        /// Whose personal token could be used instead.
        connection: ConnectionName,
        /// What GitLab said.
        why: String,
    },
    /// GitLab makes no token that lives as long.
    #[error("GitLab makes no access token for this project that lives {days} days ({why})")]
    TokenTooLong {
        /// With whose token it was asked for.
        connection: ConnectionName,
        /// How long it was to live.
        days: i64,
        /// What GitLab said.
        why: String,
    },
    /// GitLab found the `.gitlab-ci.yml` wrong.
    #[error("GitLab finds the `.gitlab-ci.yml` invalid: {}", errors.join("; "))]
    CiInvalid {
        /// What is wrong.
        errors: Vec<String>,
    },
    /// GitHub says that the webhook is there already, and it is not to be seen.
    #[error("{repository} has a webhook of this address already, and it is not this import's")]
    HookInTheWay {
        /// `owner/name`.
        repository: String,
    },
    /// A webhook is to be made, and GitHub takes no more of them there; nothing was made.
    #[error("{repository} has {most} webhooks that tell of `{event}` already, which is as many as there may be")]
    NoRoomForHook {
        /// `owner/name`.
        repository: String,
        /// Of what.
        event: &'static str,
        /// How many GitHub takes.
        most: usize,
    },
    /// The repository has another workflow under the name of the one that is to push to GitLab.
    #[error("{repository} has another {path} already, which connect did not make for this import")]
    WorkflowInTheWay {
        /// `owner/name`.
        repository: String,
        /// The file.
        path: &'static str,
    },
    /// GitLab's importer gave up.
    #[error("the import into {project} failed: {why}")]
    Failed {
        /// The project.
        project: String,
        /// What GitLab says.
        why: String,
    },
    /// It goes on at the forge, and was watched for long enough.
    #[error("{what} is still under way")]
    StillUnderWay {
        /// What.
        what: String,
    },
    /// An import stopped on its way; what was made stands.
    #[error("{source}")]
    Stopped {
        /// Why.
        source: Box<Error>,
        /// How things stand.
        stopped: Box<Stopped>,
    },
    /// Connect has no record of such an import.
    #[error("no import of {repository} is on record")]
    NoSuchImport {
        /// `owner/name`.
        repository: String,
    },
    /// More than one import of that repository is on record.
    #[error("{repository} was imported more than once")]
    SeveralImports {
        /// `owner/name`.
        repository: String,
        /// Into which projects.
        projects: Vec<String>,
    },
    /// The project was there before the import; it is not connect's to delete.
    #[error("connect did not make the project {path}")]
    NotOurProject {
        /// The full path.
        path: String,
    },
    /// Only its owners delete a project.
    #[error("only an owner deletes the project {path}")]
    OwnersOnly {
        /// The full path.
        path: String,
        /// With whose token it was tried.
        connection: ConnectionName,
    },
    /// Something that an import made lies where the token does not see it: it may be gone, or be there all the same.
    #[error("the {what} {path} is gone, or hidden from `{connection}`")]
    OutOfSight {
        /// `repository` or `project`.
        what: &'static str,
        /// The full path, as it was last seen.
        path: String,
        /// With whose token it was looked for.
        connection: ConnectionName,
    },
}

/// Why not: what the token lacks by its name, the rest in words.
fn standing_against(needs: &[Need]) -> String {
    let against = || needs.iter().filter(|need| need.verdict.refuses());
    let is_lack = |need: &&Need| need.verdict == Verdict::Missing;
    let lacks: Vec<String> = against().filter(is_lack).map(|need| format!("`{}`", need.name)).collect();
    let mut words: Vec<String> = Vec::new();
    if !lacks.is_empty() {
        words.push(format!("the token lacks {}", lacks.join(", ")));
    }
    for need in against().filter(|need| !is_lack(need)) {
        if !words.contains(&need.why) {
            words.push(need.why.clone());
        }
    }
    words.join("; ")
}
