//! A developer's git, next to the forges: clones, commits, pushes.

use std::path::{Path, PathBuf};
use std::process::Command;

use forge_sandbox::Sandbox;

use crate::support::Home;

/// A clone of a repository on GitHub, in a folder of the home.
pub struct Clone {
    folder: PathBuf,
    home: PathBuf,
}

impl Clone {
    /// Clones as `octocat`, who may push.
    pub fn of(home: &Home, world: &Sandbox, full_name: &str) -> Self {
        let (scheme, host) = world.github_url().split_once("://").map(|(s, h)| (s.to_owned(), h.to_owned())).unwrap();
        let url = format!("{scheme}://octocat:{}@{host}/{full_name}.git", world.github_token("classic"));
        let folder = home.path().join("clone");
        let clone = Self { folder, home: home.path().join("home") };
        let _ = clone.git(&["clone", "-q", &url, "."]);
        clone
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Changes a file of the branch that is checked out, commits it, and gives the commit.
    pub fn commit(&self, path: &str, content: &str) -> String {
        let file = self.folder.join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, content).unwrap();
        let _ = self.git(&["add", "."]);
        let _ = self.git(&["commit", "-qm", &format!("Change {path}")]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// Runs git in the clone, without anybody's settings; what it printed.
    pub fn git(&self, arguments: &[&str]) -> String {
        std::fs::create_dir_all(&self.folder).unwrap();
        let mut git = Command::new("git");
        git.current_dir(&self.folder).args(arguments).env_clear();
        for (name, value) in [
            ("PATH", "/usr/local/bin:/usr/bin:/bin"),
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_TERMINAL_PROMPT", "0"),
            ("GIT_AUTHOR_NAME", "Ada"),
            ("GIT_AUTHOR_EMAIL", "ada@example.com"),
            ("GIT_COMMITTER_NAME", "Ada"),
            ("GIT_COMMITTER_EMAIL", "ada@example.com"),
        ] {
            git.env(name, value);
        }
        let output = git.env("HOME", &self.home).output().unwrap();
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "git {arguments:?}: {words}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }
}
