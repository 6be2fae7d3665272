//! What is in a project's repository.

use std::io;

use super::Project;
use crate::git;
use crate::world::start;

/// Where the configuration of pipelines is, unless the project says otherwise.
const CI_CONFIGURATION: &str = ".gitlab-ci.yml";

impl Project {
    /// Its git: from the first look on, with the one commit of a project that did not start empty.
    ///
    /// # Errors
    ///
    /// When the machine has no room for it; so for all that follows.
    pub fn git(&self) -> io::Result<git::Repo> {
        let fill = |repo: &git::Repo| if self.empty { Ok(()) } else { start::fill_project(repo, &self.name) };
        self.git.open(&self.default_branch, fill)
    }

    /// The newest commit of its default branch, unless it is empty.
    pub fn head(&self) -> io::Result<Option<String>> {
        self.git()?.head(&self.default_branch)
    }

    /// Has it no commit?
    pub fn is_empty(&self) -> io::Result<bool> {
        match self.git.peek() {
            // Nobody has looked: it is as it was.
            None => Ok(self.empty),
            Some(repo) => Ok(repo.branches()?.is_empty()),
        }
    }

    /// The configuration of its pipelines at a commit, if there is one.
    pub fn ci_configuration(&self, sha: &str) -> io::Result<Option<String>> {
        let path = self.ci_config_path.as_deref().unwrap_or(CI_CONFIGURATION);
        let file = self.git()?.read_file(sha, path)?;
        Ok(file.map(|(_, content)| String::from_utf8_lossy(&content).into_owned()))
    }
}
