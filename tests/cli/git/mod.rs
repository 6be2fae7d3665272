//! The real git, with connect as its helper: what `setup-git` writes, and clones, fetches and pushes over real HTTP
//! and HTTPS.

mod accounts;
mod clone;
mod doctor;
mod refused;
mod setup;
mod strangers;
mod undo;

use std::fs;
use std::path::{Path, PathBuf};

use forge_sandbox::Sandbox;

use crate::support::call::Call;
use crate::support::{Cast as _, Home, Output};

/// A private repository of octocat's.
const DIARY: &str = "octocat/diary";

/// A private project that the maintainer may push to.
const DASHBOARD: &str = "agility-game/home-assistant/dashboard";

/// A developer's desk: a home, two forges, and a folder for repositories. Time is what it is: git has no other clock.
struct Desk {
    home: Home,
    world: Sandbox,
}

impl Desk {
    fn new() -> Self {
        Self::of(Sandbox::start())
    }

    fn with_tls() -> Self {
        Self::of(Sandbox::builder().tls(true).start().unwrap())
    }

    fn of(world: Sandbox) -> Self {
        let mut home = Home::new();
        fs::create_dir(home.path().join("work")).unwrap();
        home.set_env("CONNECT_TEST_NOW", "");
        for (name, value) in [
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_TERMINAL_PROMPT", "0"),
            ("GIT_AUTHOR_NAME", "Ada"),
            ("GIT_AUTHOR_EMAIL", "ada@example.com"),
            ("GIT_COMMITTER_NAME", "Ada"),
            ("GIT_COMMITTER_EMAIL", "ada@example.com"),
        ] {
            home.set_env(name, value);
        }
        if let Some(path) = world.ca_certificate() {
            home.set_env("GIT_SSL_CAINFO", &path.display().to_string());
            home.set_env("SSL_CERT_FILE", &path.display().to_string());
        }
        Self { home, world }
    }

    /// A folder for repositories.
    fn work(&self) -> PathBuf {
        self.home.path().join("work")
    }

    /// `connect …`, called from outside of any repository.
    fn connect<S: AsRef<str>>(&self, arguments: impl IntoIterator<Item = S>) -> Call {
        at(&self.work(), self.home.connect(arguments))
    }

    /// `git …` in the folder for repositories.
    fn git<S: AsRef<str>>(&self, arguments: impl IntoIterator<Item = S>) -> Call {
        self.git_in(&self.work(), arguments)
    }

    fn git_in<S: AsRef<str>>(&self, folder: &Path, arguments: impl IntoIterator<Item = S>) -> Call {
        at(folder, self.home.connect(arguments).program("git")).without_env("GIT_DIR")
    }

    /// `hub`, octocat's at GitHub.
    fn hub(&self) -> &Self {
        self.home.github(&self.world, "classic").with(["--name", "hub"]).ends().succeeds().never_says("error");
        self
    }

    /// `lab`, the maintainer's at GitLab.
    fn lab(&self) -> &Self {
        self.home.gitlab(&self.world, "api").with(["--name", "lab"]).ends().succeeds().never_says("error");
        self
    }

    /// `connect setup-git --yes`
    fn set_up(&self, arguments: &[&str]) -> &Self {
        self.connect(["setup-git", "--yes"]).with(arguments).ends().succeeds().never_says("error");
        self
    }

    /// The address of a repository's git at GitHub.
    fn at_github(&self, repository: &str) -> String {
        format!("{}/{repository}.git", self.world.github_url())
    }

    /// The address of a project's git at GitLab.
    fn at_gitlab(&self, project: &str) -> String {
        format!("{}/{project}.git", self.world.gitlab_url())
    }

    /// Clones into a folder of that name.
    fn clone(&self, url: &str, name: &str) -> Output {
        self.git(["clone", "-q", url, name]).ends()
    }

    /// Makes a commit on a branch of its own, and pushes it.
    fn push(&self, name: &str, branch: &str) -> Output {
        let folder = self.work().join(name);
        let quietly = |arguments: &[&str]| drop(self.git_in(&folder, arguments).ends().succeeds());
        quietly(&["checkout", "-qB", branch]);
        fs::write(folder.join(branch), "x").unwrap();
        quietly(&["add", "."]);
        quietly(&["commit", "-qm", "Say something"]);
        self.git_in(&folder, ["push", "-q", "origin", branch]).ends()
    }

    /// Whether git knows when a token expires, so that doctor has nothing to say of its version.
    fn git_is_of_age(&self) -> bool {
        let version = self.git(["--version"]).ends().stdout();
        let mut numbers = version.trim_start_matches("git version ").split('.').map_while(|part| part.parse().ok());
        let of_age = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= (2, 40);
        if !of_age {
            eprintln!("left out: what is said where git is 2.40 or later");
        }
        of_age
    }

    /// `~/.gitconfig`
    fn gitconfig(&self) -> PathBuf {
        self.home.path().join("home/.gitconfig")
    }

    /// What is in it, with the place of connect's own programs taken out.
    fn lines(&self) -> String {
        let folder = Path::new(crate::support::call::PROGRAM).parent().unwrap().display().to_string();
        self.without_ports(&fs::read_to_string(self.gitconfig()).unwrap_or_default().replace(&folder, "BIN"))
    }

    fn without_ports(&self, text: &str) -> String {
        let home = self.home.path().display().to_string();
        let text = text.replace(&self.world.github_url(), "GITHUB").replace(&self.world.gitlab_url(), "GITLAB");
        crate::support::scrubbed(&text, &home)
    }

    /// What a call showed, with the forges by their names, and without the place of connect's own programs.
    fn shown(&self, output: &Output) -> String {
        let folder = Path::new(crate::support::call::PROGRAM).parent().unwrap().display().to_string();
        let bare = |url: String| url.split_once("://").unwrap().1.to_owned();
        let text = output.unscrubbed().replace(&folder, "BIN");
        let text =
            text.replace(&bare(self.world.github_url()), "GITHUB").replace(&bare(self.world.gitlab_url()), "GITLAB");
        self.without_ports(&text)
    }
}

/// The same call from another folder.
fn at(folder: &Path, call: Call) -> Call {
    let script = format!("cd '{}' && exec \"$@\"", folder.display());
    call.by_way_of(["/bin/sh", "-c", &script, "sh"])
}
