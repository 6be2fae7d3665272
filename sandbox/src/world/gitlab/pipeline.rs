//! Pipelines: made when a commit with a CI configuration comes in, and over at once. No runner is
//! needed, for nothing is run.

use jiff::Timestamp;
use serde::Serialize;

/// A pipeline, and the jobs in it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Pipeline {
    pub id: u64,
    /// Within the project.
    pub iid: u64,
    pub sha: String,
    /// The branch.
    #[serde(rename = "ref")]
    pub branch: String,
    /// `push`, `external_pull_request_event`.
    pub source: String,
    /// `success`, or `failed` where the configuration is no good.
    pub status: String,
    pub yaml_errors: Option<String>,
    pub created_at: Timestamp,
    pub jobs: Vec<Job>,
}

/// A job of a pipeline.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Job {
    pub id: u64,
    pub name: String,
    pub stage: String,
}
