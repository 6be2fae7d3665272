//! An import: GitLab CI/CD for a repository on GitHub. What was asked for, and what was made for it.
//!
//! The record is written before and after each thing that is made, so that whoever comes after a kill knows what may
//! be there, and so that undoing removes what connect made and nothing else.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::place::Features;
use super::{ConnectionName, Fingerprint};

/// The version of the record's form that this program writes, and the highest it reads.
pub const IMPORT_VERSION: u32 = 1;

/// One import, as its file holds it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Import {
    /// The form of this record; see [`IMPORT_VERSION`].
    pub version: u32,
    /// Its random number, in hexadecimal: by it, what was made for it is told from what others made.
    pub id: String,
    /// The repository.
    pub github: Side,
    /// The project.
    pub gitlab: Side,
    /// What was asked for.
    pub setup: Setup,
    /// What was made.
    #[serde(default)]
    pub made: Made,
    /// When it was begun.
    pub began_at: Timestamp,
    /// When it last came to its end; nothing while something is missing.
    #[serde(default)]
    pub finished_at: Option<Timestamp>,
    /// When it was undone, where something of it was left: the project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undone_at: Option<Timestamp>,
    /// The undoing of it that was begun, as long as that has not come to its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoing: Option<BegunUndo>,
}

impl Import {
    /// Whether it is set up, or being set up: neither undone nor being undone.
    pub fn is_kept_up(&self) -> bool {
        self.undone_at.is_none() && self.undoing.is_none()
    }
}

/// An undoing that was begun and has not come to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BegunUndo {
    /// When it was first begun.
    pub began_at: Timestamp,
    /// Whether the project is to go, too.
    #[serde(default)]
    pub delete_project: bool,
    /// The forge was asked to delete the project: if it is not there any more, that is why.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub asked_to_delete: bool,
}

/// One of the two places.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    /// With whose token.
    pub connection: ConnectionName,
    /// The forge's base URL.
    pub url: String,
    /// `owner/name`, or the project's full path, as it was last seen.
    pub path: String,
    /// The forge's number for it, which stays when it is renamed; nothing as long as it is not known.
    pub id: Option<u64>,
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setup {
    /// What is brought over.
    pub mode: Mode,
    /// How the project follows the repository.
    pub sync: Sync,
    /// Which branches the mirror brings.
    #[serde(default)]
    pub branches: BranchChoice,
    /// Whether GitHub tells GitLab of pushes.
    pub webhook: bool,
    /// Whether GitLab reports pipelines to GitHub.
    pub integration: bool,
    /// Whether issues, merge requests, wiki and snippets stay on.
    pub keep_features: bool,
    /// `private`, `internal`, `public`; nothing for the repository's own, as far as the group allows.
    #[serde(default)]
    pub visibility: Option<String>,
    /// The project's name where it is not the repository's.
    #[serde(default)]
    pub project_name: Option<String>,
    /// The `.gitlab-ci.yml` that is put into the repository.
    #[serde(default)]
    pub ci_file: Option<CiFile>,
    /// Whose token reports statuses, where it is not the repository's own.
    #[serde(default)]
    pub status_connection: Option<ConnectionName>,
    /// Whose token the webhook's URL carries, where it is not one made for it.
    #[serde(default)]
    pub hook_connection: Option<ConnectionName>,
    /// Whether collaborators are brought over too; they take seats. With [`Mode::Full`] only.
    #[serde(default)]
    pub collaborators: bool,
}

impl Setup {
    /// Whether GitHub is to tell GitLab of pushes: a webhook triggers a mirror, and nothing else.
    pub fn tells(&self) -> bool {
        self.webhook && self.sync == Sync::Mirror
    }

    /// The `.gitlab-ci.yml` that was asked for and is not known to be in the repository yet.
    pub fn pending_file(&self) -> Option<&CiFile> {
        self.ci_file.as_ref().filter(|file| file.pending)
    }
}

/// What is set up when nobody says otherwise.
impl Default for Setup {
    fn default() -> Self {
        Self {
            mode: Mode::Git,
            sync: Sync::Mirror,
            branches: BranchChoice::All,
            webhook: true,
            integration: true,
            keep_features: false,
            visibility: None,
            project_name: None,
            ci_file: None,
            status_connection: None,
            hook_connection: None,
            collaborators: false,
        }
    }
}

/// What is brought over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// The repository.
    Git,
    /// Issues, pull requests, releases and all that GitLab's importer knows, too.
    Full,
}

/// How the project follows the repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sync {
    /// GitLab pulls: a licensed feature.
    Mirror,
    /// A workflow of GitHub Actions pushes.
    Actions,
    /// It does not: brought over once.
    Never,
}

/// Which branches a mirror brings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BranchChoice {
    /// All.
    #[default]
    All,
    /// Those that are protected in the project.
    Protected,
    /// Those that this regular expression (RE2) matches.
    Matching(String),
}

/// A `.gitlab-ci.yml` that is to be in the repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CiFile {
    /// The branch; nothing for the default one.
    #[serde(default)]
    pub branch: Option<String>,
    /// Whether it comes by a pull request.
    #[serde(default)]
    pub pull_request: bool,
    /// Whether a file that is there and differs is replaced.
    #[serde(default)]
    pub overwrite: bool,
    /// The digest of its content.
    pub digest: Fingerprint,
    /// It is wanted and not known to be there yet.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pending: bool,
}

/// What was made, each with what is needed to find it, and to remove it or to put it back as it was.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Made {
    /// The project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<Numbered>,
    /// The features of a project that was there before, as they were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub features: Option<Features>,
    /// The pull mirror.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mirror: Option<Planted>,
    /// The GitHub integration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub integration: Option<Planted>,
    /// The project access token for the webhook's URL or the workflow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<MadeToken>,
    /// The webhook on GitHub.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hook: Option<Numbered>,
    /// The token in the webhook's URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hook_token: Option<Planted>,
    /// The `.gitlab-ci.yml`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ci_file: Option<MadeFile>,
    /// The Actions secret with the GitLab token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<Planted>,
    /// The workflow that pushes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workflow: Option<MadeFile>,
}

impl Made {
    /// Whether there is nothing that undoing would have to look for.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// Something that the forge gives a number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Numbered {
    /// When it was asked for, by this machine's clock.
    pub asked_at: Timestamp,
    /// Its number; nothing as long as the forge has not answered.
    pub id: Option<u64>,
}

/// A copy of a token that was put somewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planted {
    /// When.
    pub asked_at: Timestamp,
    /// Of which connection's token.
    pub connection: ConnectionName,
    /// Of which token.
    pub fingerprint: Fingerprint,
    /// Whether something was there before, so that it is not connect's to remove.
    #[serde(default)]
    pub was_there: bool,
    /// It was asked for, and nobody has heard that it arrived: it is put there once more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unanswered: bool,
}

impl Planted {
    /// The same, and it was heard that it arrived.
    #[must_use]
    pub fn arrived(self) -> Self {
        Self { unanswered: false, ..self }
    }
}

/// A project access token that was made, and the connection that keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeToken {
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// GitLab's number; nothing as long as it has not answered.
    pub id: Option<u64>,
    /// The connection; nothing as long as the token is not kept.
    pub connection: Option<ConnectionName>,
}

/// A file that was put into the repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeFile {
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// Where it is in the repository.
    pub path: String,
    /// On which branch.
    pub branch: String,
    /// The digest of what was put there.
    pub digest: Fingerprint,
    /// Whether the branch was made for it.
    #[serde(default)]
    pub branch_made: bool,
    /// The pull request that was opened for it.
    #[serde(default)]
    pub pull: Option<u64>,
    /// The commit that put it there; nothing as long as GitHub has not answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// Whether it took another file's place, which undoing cannot bring back.
    #[serde(default)]
    pub replaced: bool,
    /// The commit that the branch was made at, where it was made for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branched_at: Option<String>,
}
