//! What GitLab holds for a project that follows a repository elsewhere: the mirror, the integration, imports,
//! pipelines, and the tokens of projects.

use jiff::Timestamp;
use jiff::civil::Date;
use url::Url;

use super::place::AccessLevel;

/// How the last pull of a mirror went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MirrorStatus {
    /// None was begun.
    None,
    /// It waits for its turn.
    Scheduled,
    /// It is under way.
    Started,
    /// Done.
    Finished,
    /// It failed; after 14 in a row GitLab gives up.
    Failed,
    /// A word that is not known here.
    Other(String),
}

/// A project's pull mirror, without the credentials in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mirror {
    /// Whether it is on; nothing from a GitLab before 17.5.
    pub enabled: Option<bool>,
    /// Where it pulls from, without user, password and query.
    pub url: Option<Url>,
    /// How the last pull went.
    pub status: MirrorStatus,
    /// Why it failed, on one line.
    pub last_error: Option<String>,
    /// When it was last tried.
    pub last_update_at: Option<Timestamp>,
    /// Whether what arrives starts pipelines. This and what follows are nothing from a GitLab before 17.5.
    pub triggers_builds: Option<bool>,
    /// Whether branches that went another way on GitLab are overwritten.
    pub overwrites_diverged: Option<bool>,
    /// Whether only protected branches are pulled.
    pub only_protected: Option<bool>,
    /// Only branches with such names are pulled (RE2).
    pub branch_regex: Option<String>,
}

/// A mirror as it is to be. It always starts pipelines and overwrites branches that went another way. The password is
/// handed over beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MirrorWish {
    /// Where to pull from: https, no redirect on the way, `.git` at the end, no user, no password.
    pub url: Url,
    /// The user to sign in as there.
    pub user: String,
    /// What is pulled.
    pub branches: Branches,
}

/// Which branches a mirror pulls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Branches {
    /// All.
    All,
    /// Those that are protected on GitLab.
    Protected,
    /// Those whose names match (RE2).
    Matching(String),
}

/// What became of the wish to pull now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Triggered {
    /// It pulls now, or when the interval since the last pull is over.
    Accepted,
    /// It failed too often, and GitLab has given it up: set the mirror again.
    Paused,
    /// There is no mirror, or no licence for one.
    NotMirrored,
}

/// GitLab's GitHub integration, which reports pipelines as commit statuses. Its token is never told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Integration {
    /// Whether it reports.
    pub active: bool,
    /// The repository's page.
    pub repository_url: Option<Url>,
    /// Whether all statuses have one name, which branch protection on GitHub needs.
    pub static_context: Option<bool>,
}

/// What GitLab thinks of a CI/CD configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lint {
    /// Whether it would run.
    pub valid: bool,
    /// Why not, a sentence each.
    pub errors: Vec<String>,
}

/// A pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pipeline {
    /// GitLab's number for it.
    pub id: u64,
    /// `created`, `running`, `success`, `failed` and others.
    pub status: String,
    /// What started it: `push`, `external_pull_request_event` and others.
    pub source: Option<String>,
    /// The commit.
    pub sha: String,
    /// Its page.
    pub web_url: String,
}

/// A project access token, without the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectToken {
    /// GitLab's number for it.
    pub id: u64,
    /// The name somebody gave it.
    pub name: String,
    /// Neither revoked nor past its end.
    pub active: bool,
    /// The bot it acts as, by number.
    pub user: Option<u64>,
    /// The bot's role.
    pub access_level: Option<AccessLevel>,
    /// What it may do.
    pub scopes: Vec<String>,
    /// It dies at the start of this day, UTC.
    pub expires_at: Option<Date>,
}

/// How far an import is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportStatus {
    /// There is none.
    None,
    /// It waits for its turn.
    Scheduled,
    /// It is under way.
    Started,
    /// Done, perhaps not in full: see [`Importing::failed_relations`].
    Finished,
    /// It failed.
    Failed,
    /// Somebody stopped it.
    Canceled,
    /// A word that is not known here.
    Other(String),
}

/// An import, as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Importing {
    /// How far it is.
    pub status: ImportStatus,
    /// Why it failed, on one line.
    pub error: Option<String>,
    /// What did not come along; GitLab names 100 at most.
    pub failed_relations: Vec<FailedRelation>,
    /// How many things were fetched, of all sorts.
    pub fetched: u64,
    /// How many of them are in the project.
    pub imported: u64,
}

impl Importing {
    /// Whether it has come to an end without having brought everything over: it failed, or was stopped.
    pub const fn has_failed(&self) -> bool {
        matches!(self.status, ImportStatus::Failed | ImportStatus::Canceled)
    }

    /// Why it failed.
    pub fn reason(&self) -> String {
        match (&self.error, &self.status) {
            (Some(error), _) => error.clone(),
            (None, ImportStatus::Canceled) => "it was cancelled".into(),
            (None, _) => "GitLab gives no reason".into(),
        }
    }
}

/// Something that did not come along in an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedRelation {
    /// What: `pull_request`, `issue`.
    pub relation: String,
    /// Why, on one line.
    pub message: String,
}
