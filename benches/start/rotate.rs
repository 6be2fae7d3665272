//! A thousand tokens of one GitLab that all get successors, and what their journal costs.

#![allow(clippy::disallowed_methods, reason = "a thousand records are written at once; nobody else sees them")]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use connect::catalog::{Home, Records};
use connect::model::{Connection, Secret, SecretId};
use forge_sandbox::{Sandbox, Seed};
use serde_json::{Value, json};
use tempfile::TempDir;

/// How many there are.
pub const COUNT: usize = 1_000;

/// How long an answer takes, where it takes its time.
pub const LATENCY: Duration = Duration::from_millis(50);

/// How many rotations are under way at once unless somebody says otherwise.
pub const USUAL_JOBS: usize = 8;

/// How many requests connect sends to one host at a time at the most: more jobs do not help.
pub const MOST_JOBS: usize = 100;

/// What waits for one another in a rotation: does the old token live, the new one, does that one work.
const IN_SEQUENCE: usize = 3;

/// What a rotation puts on disk, each file synced with its folder: the intent, the key of the escrow, the new token, the
/// record.
const FILES: usize = 4;

/// What it adds to a file, synced: that the forge is about to be asked, the answer, the line of the history.
const LINES: usize = 3;

/// What goes again, with one sync of the folder: the old token, the key, the intent.
const GONE: usize = 3;

/// A GitLab with a thousand tokens of one user, and a home that has them all.
pub struct Tokens {
    folder: TempDir,
    world: Sandbox,
}

/// What one run took.
pub struct Once {
    /// From the start to the end of the program.
    pub took: Duration,
    /// How many answers a rotation waits for, one after the other.
    pub answers: usize,
}

impl Once {
    /// What cannot be undercut with so many at a time. Answers that need not have been waited for do not count.
    pub fn best(&self, jobs: usize) -> Duration {
        let rounds = COUNT.div_ceil(jobs.min(MOST_JOBS)) * self.answers.min(IN_SEQUENCE);
        LATENCY * u32::try_from(rounds).unwrap_or(u32::MAX)
    }
}

impl Tokens {
    /// Starts the forge and writes the records, as connect would have, below a folder.
    pub fn gather(below: &Path, latency: Duration) -> Self {
        let seed: Seed = serde_json::from_value(json!({
            "gitlab": { "tokens": [ { "name": "bulk", "scopes": ["api"], "count": COUNT, "expires_in_days": 10 } ] }
        }))
        .unwrap();
        let world = Sandbox::builder().seed(seed).rate_limits(false).latency(latency).start().unwrap();
        let folder = tempfile::tempdir_in(below).unwrap();
        let home = Home::below(folder.path());
        fs::create_dir_all(home.connections()).unwrap();
        fs::create_dir_all(home.secrets()).unwrap();
        let dies = world.now() + jiff::SignedDuration::from_hours(10 * 24);
        for number in 1..=COUNT {
            keep(&home, &world, &format!("bulk-{number}"), dies);
        }
        Self { folder, world }
    }

    /// The call that rotates them all. It can be made again: the new tokens die within a year, too.
    pub fn command(&self, binary: &str, jobs: usize) -> Command {
        let mut command = Command::new(binary);
        command.env_clear().env("CONNECT_HOME", self.folder.path()).stdin(Stdio::null());
        command.args(["rotate", "--all", "--within", "365d", "--yes", "--json", "--jobs", &jobs.to_string()]);
        command
    }

    /// Rotates them all.
    ///
    /// # Panics
    /// When one of them was not rotated, or more than once.
    pub fn rotated(&self, binary: &str, jobs: usize) -> Once {
        let (before, asked) = (self.world.rotations().len(), self.world.requests().len());
        let mut command = self.command(binary, jobs);
        let start = Instant::now();
        let output = command.output().unwrap();
        let took = start.elapsed();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let told: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(told["connections"].as_array().map(Vec::len), Some(COUNT));
        assert_eq!(self.world.rotations().len() - before, COUNT);
        Once { took, answers: (self.world.requests().len() - asked) / COUNT }
    }
}

fn keep(home: &Home, world: &Sandbox, name: &str, dies: jiff::Timestamp) {
    let (url, api, token) = (world.gitlab_url(), world.gitlab_api_url(), world.gitlab_token(name));
    let (secret, id) = (Secret::new(token.clone()), SecretId::random().unwrap());
    let record = json!({
        "name": name, "version": 1, "forge": "gitlab", "url": url, "api_url": api, "account": null,
        "token": {
            "kind": "personal", "fingerprint": secret.fingerprint(), "bound": secret.bound_to(&url, &api),
            "scopes": ["api"], "expires_at": dies, "secret": id, "kept_in": "plain",
            "checked_at": "2026-11-01T08:30:00Z", "health": "valid"
        }
    });
    let connection: Connection = serde_json::from_value(record).unwrap();
    fs::write(Records::new(home).path(&connection.name), serde_json::to_vec_pretty(&connection).unwrap()).unwrap();
    let path = home.secrets().join(id.as_str());
    fs::write(&path, token).unwrap();
    #[cfg(unix)]
    fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
}

/// As many syncs as a thousand rotations make, and nothing else.
pub fn bare_syncs(syncer: &Path, disk: &Path) -> Duration {
    let folder = tempfile::tempdir_in(disk).unwrap();
    let mut command = Command::new(syncer);
    command.arg(folder.path()).args([COUNT, FILES, LINES, GONE].map(|number| number.to_string()));
    let start = Instant::now();
    assert!(command.status().unwrap().success());
    start.elapsed()
}
