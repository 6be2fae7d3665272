//! Repositories, and what belongs to one.

use std::collections::BTreeMap;
use std::io;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Hook;
use super::secret::{Environment, values};
use crate::git;
use crate::world::start;

/// What a user may do in a GitHub repository, from the least to the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Reads.
    #[serde(alias = "read")]
    Pull,
    /// Keeps issues in order.
    Triage,
    /// Writes.
    #[serde(alias = "write")]
    Push,
    /// Settings too, but for the dangerous ones.
    Maintain,
    /// Everything.
    Admin,
}

/// What somebody said of a commit.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct CommitStatus {
    pub id: u64,
    pub sha: String,
    pub state: String,
    pub context: String,
    pub description: Option<String>,
    pub target_url: Option<String>,
    pub creator: String,
    pub created_at: Timestamp,
}

/// A pull request between two branches of one repository.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Pull {
    pub number: u64,
    pub title: String,
    pub body: Option<String>,
    pub draft: bool,
    pub open: bool,
    /// The branches, without their owner.
    pub head: String,
    pub base: String,
    /// The newest commit of `head`, as long as it was open.
    pub head_sha: String,
    pub base_sha: String,
    pub author: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// The value of an Actions secret or variable.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Kept {
    pub value: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// A repository.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Repository {
    pub id: u64,
    pub owner: String,
    pub name: String,
    pub description: String,
    pub private: bool,
    pub archived: bool,
    pub disabled: bool,
    pub has_issues: bool,
    /// Without a commit at the start.
    pub empty: bool,
    pub default_branch: String,
    pub collaborators: BTreeMap<String, Role>,
    /// Names (`owner/name`) under which it was known before: they redirect.
    pub former_names: Vec<String>,
    #[serde(skip)]
    pub hooks: Vec<Hook>,
    /// What its first commit has besides a `README.md`: contents by path.
    pub files: BTreeMap<String, String>,
    /// Where its commits are.
    #[serde(skip)]
    pub git: git::Place,
    pub statuses: Vec<CommitStatus>,
    pub pulls: Vec<Pull>,
    #[serde(skip)]
    pub actions_secrets: BTreeMap<String, Kept>,
    #[serde(skip)]
    pub actions_variables: BTreeMap<String, Kept>,
    /// By their names in lower case, for no two may differ in case alone.
    #[serde(skip)]
    pub environments: BTreeMap<String, Environment>,
}

impl Repository {
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.owner, self.name)
    }

    /// Its git: from the first look on, with the commits of the start.
    pub fn git(&self) -> io::Result<git::Repo> {
        self.git.open(&self.default_branch, |repo| match self.empty {
            true => Ok(()),
            false if self.id == start::STORE => start::fill_store(repo, &self.default_branch, &self.name),
            false => start::fill_repository(repo, &self.default_branch, &self.name, &self.files),
        })
    }

    /// The newest commit of its default branch, unless it is empty.
    pub fn head(&self) -> io::Result<Option<String>> {
        self.git()?.head(&self.default_branch)
    }

    /// The commit that a branch, a tag, a full reference, `HEAD` or its own name leads to.
    pub fn resolve(&self, reference: &str) -> io::Result<Option<String>> {
        self.git()?.resolve(reference)
    }

    /// Has it no commit?
    pub fn is_empty(&self) -> io::Result<bool> {
        match self.git.opened() {
            Some(git) => Ok(git.branches()?.is_empty()),
            None => Ok(self.empty),
        }
    }

    /// A webhook as a seed has it: for pushes, with a secret.
    pub fn add_hook(&mut self, url: &str) {
        let id = self.id.wrapping_mul(10) + self.hooks.len() as u64;
        self.hooks.push(Hook::seeded(id, url));
    }

    /// What is said of it to whoever tests: secrets are spelled out, none of them is real.
    pub fn state(&self) -> Value {
        let mut state = json!(self);
        // A repository that cannot be read shows none.
        let branches = self.git().and_then(|git| git.branches()).unwrap_or_default();
        let tags = self.git().and_then(|git| git.tags()).unwrap_or_default();
        state["branches"] = json!(branches.into_iter().collect::<BTreeMap<_, _>>());
        state["tags"] = json!(tags.into_iter().collect::<BTreeMap<_, _>>());
        state["hooks"] = self.hooks.iter().map(Hook::state).collect();
        state["actions_secrets"] = json!(values(&self.actions_secrets));
        state["actions_variables"] = json!(values(&self.actions_variables));
        let environments = self.environments.values().map(|it| (it.name.clone(), it.state()));
        state["environments"] = environments.collect();
        state
    }
}
