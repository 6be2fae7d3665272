//! A whole import between a GitHub and a GitLab that take 50 ms for each answer.

#![allow(clippy::disallowed_methods, reason = "a file for the token, in a folder that nobody else sees")]

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use forge_sandbox::Sandbox;
use tempfile::TempDir;

/// How long an answer takes.
const LATENCY: Duration = Duration::from_millis(50);

/// What waits for one another, whatever is done beside it: each needs what the one before has answered. The mirror's own
/// update, which fetches from GitHub meanwhile, comes on top.
const IN_SEQUENCE: [&str; 9] = [
    "GitHub: whose token is it",
    "GitHub: the repository",
    "GitHub: its hooks, its branch, its file",
    "GitLab: the project is made",
    "GitLab: the file is judged",
    "GitHub: the file is put there",
    "GitLab: the mirror is set up",
    "GitLab: the mirror is up to date",
    "both: the commits are compared, and the pipeline is there",
];

/// One import.
pub struct Once {
    /// How long it took.
    pub took: Duration,
    /// How many answers wait for one another: connect's, and those of the mirror's fetch.
    pub answers: usize,
}

impl Once {
    /// What all of it takes at the least.
    pub fn best(&self) -> Duration {
        LATENCY * u32::try_from(self.answers).unwrap_or(u32::MAX)
    }
}

/// Does one import in a world of its own; nothing where git is missing.
pub fn once(binary: &str) -> Option<Once> {
    let there = Command::new("git").arg("--version").stdout(Stdio::null()).status().is_ok_and(|ended| ended.success());
    if !there {
        return None;
    }
    let world = Sandbox::builder().rate_limits(false).latency(LATENCY).start().unwrap();
    let home = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    connect(binary, &home, &["github", "--host", &world.github_url()], &world.github_token("classic"));
    connect(binary, &home, &["gitlab", "--host", &world.gitlab_url()], &world.gitlab_token("api"));
    let repository = "agility-game/home-assistant-community-store";
    let mut import = command(binary, &home);
    import.args(["import", repository, "--to", "agility-game/home-assistant", "--ci-template", "minimal", "--yes"]);
    let start = Instant::now();
    let output = import.output().unwrap();
    let took = start.elapsed();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let fetched = world.requests().iter().filter(|request| request.path.contains(".git/")).count();
    Some(Once { took, answers: IN_SEQUENCE.len() + fetched })
}

fn command(binary: &str, home: &TempDir) -> Command {
    let mut command = Command::new(binary);
    command.env_clear().env("CONNECT_HOME", home.path()).env("CONNECT_STORE", "plain");
    command
}

fn connect(binary: &str, home: &TempDir, arguments: &[&str], token: &str) {
    let file = home.path().join("token.txt");
    std::fs::write(&file, token).unwrap();
    let mut command = command(binary, home);
    command.args(arguments).args(["--pat-file", &file.display().to_string()]);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
