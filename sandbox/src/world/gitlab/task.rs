//! What a request left to be done behind its back: it talks to the other forge, which takes time,
//! so it is done in the background, never while the world is locked.

use super::mirror::Credentials;
use crate::git::Update;

/// Work that was asked for and not begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Task {
    /// Fetches what a project mirrors.
    UpdateMirror {
        /// Its number.
        project: u64,
    },
    /// Takes over a repository from the sandbox's GitHub.
    ImportFromGithub { project: u64, repository: u64 },
    /// Fetches a project's content, once.
    ImportGit { project: u64, url: String, credentials: Credentials },
    /// Tells GitHub how a pipeline stands: each of these states, one after the other.
    ReportStatus { project: u64, pipeline: u64, states: &'static [&'static str] },
    /// Tells webhooks what has happened.
    Tell { project: u64, news: News },
}

/// What webhooks may want to hear of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum News {
    /// Branches and tags have changed, through this user; through whoever made the project, if it is nobody.
    Pushed { user: Option<String>, updates: Vec<Update> },
    /// A pipeline has begun, and is over.
    Pipeline { id: u64 },
}

impl Task {
    /// The number of the project that it is for.
    pub fn project(&self) -> u64 {
        match self {
            Self::UpdateMirror { project }
            | Self::ImportFromGithub { project, .. }
            | Self::ImportGit { project, .. }
            | Self::ReportStatus { project, .. }
            | Self::Tell { project, .. } => *project,
        }
    }
}
