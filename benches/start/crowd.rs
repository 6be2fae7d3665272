//! A thousand connections of one GitHub, which takes 50 ms for each answer.

#![allow(clippy::disallowed_methods, reason = "a thousand records are written at once; nobody else sees them")]

use std::fs;
use std::path::Path;
use std::time::Duration;

use connect::catalog::{Home, Records};
use connect::model::{Connection, Secret, SecretId};
use forge_sandbox::{Sandbox, Seed};
use serde_json::json;
use tempfile::TempDir;

/// How many there are.
pub const COUNT: usize = 1_000;

/// How long an answer takes.
const LATENCY: Duration = Duration::from_millis(50);

/// One request a connection, a hundred at a time.
pub const BEST: Duration = Duration::from_millis(500);

/// The forge and the home.
pub struct Crowd {
    folder: TempDir,
    _world: Sandbox,
}

impl Crowd {
    /// Starts the forge and writes the records, as connect would have.
    pub fn gather() -> Self {
        let seed: Seed = serde_json::from_value(json!({
            "github": { "tokens": [ { "name": "bulk", "scopes": ["repo"], "count": COUNT } ] }
        }))
        .unwrap();
        let world = Sandbox::builder().seed(seed).rate_limits(false).latency(LATENCY).start().unwrap();
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let home = Home::below(folder.path());
        fs::create_dir_all(home.connections()).unwrap();
        fs::create_dir_all(home.secrets()).unwrap();
        for number in 1..=COUNT {
            let name = format!("bulk-{number}");
            keep(&home, &name, (world.github_url(), world.github_api_url()), world.github_token(&name));
        }
        Self { folder, _world: world }
    }

    /// The variable that leads a program here.
    pub fn environment(&self) -> [(String, &Path); 1] {
        [("CONNECT_HOME".to_owned(), self.folder.path())]
    }
}

fn keep(home: &Home, name: &str, (url, api): (String, String), token: String) {
    let (secret, id) = (Secret::new(token.clone()), SecretId::random().unwrap());
    let record = json!({
        "name": name, "version": 1, "forge": "github", "url": url, "api_url": api, "account": null,
        "token": {
            "kind": "classic", "fingerprint": secret.fingerprint(), "bound": secret.bound_to(&url, &api), "scopes": ["api"],
            "expires_at": null, "secret": id, "kept_in": "plain", "checked_at": "2026-11-01T08:30:00Z",
            "health": "valid"
        }
    });
    let connection: Connection = serde_json::from_value(record).unwrap();
    fs::write(Records::new(home).path(&connection.name), serde_json::to_vec_pretty(&connection).unwrap()).unwrap();
    let path = home.secrets().join(id.as_str());
    fs::write(&path, token).unwrap();
    #[cfg(unix)]
    fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
}
