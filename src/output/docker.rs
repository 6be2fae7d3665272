//! What Docker and Podman read: JSON, or one line that says why there is none. Errors too go to stdout, where they look for
//! them, and the words for "there is none" are the ones they know (docker-credential-helpers, package `credentials`).

use std::collections::BTreeMap;
use std::io::{self, Write as _};

use serde::Serialize;
use zeroize::Zeroizing;

use crate::model::Registry;
use crate::workflow::HandedOut;

/// There is nothing for that registry: whoever asks goes on without a password.
pub const NOT_FOUND: &str = "credentials not found in native keychain";

/// No registry was named.
pub const NO_SERVER: &str = "no credentials server URL";

/// A password was offered without a user name.
pub const NO_USER: &str = "no credentials username";

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Credentials<'a> {
    #[serde(rename = "ServerURL")]
    server_url: &'a str,
    username: &'a str,
    secret: &'a str,
}

/// Prints the answer to `get`.
///
/// # Errors
/// When stdout cannot be written.
pub fn credentials(server_url: &str, handed: &HandedOut) -> io::Result<()> {
    let (username, secret) = (handed.connection.git_user(), handed.secret.reveal());
    let text = serde_json::to_string(&Credentials { server_url, username, secret }).map_err(io::Error::other)?;
    line(&Zeroizing::new(text))
}

/// Prints the answer to `list`: registries and user names.
///
/// # Errors
/// As [`credentials`].
pub fn list(registries: &[(Registry, String)]) -> io::Result<()> {
    let map: BTreeMap<&str, &str> =
        registries.iter().map(|(registry, user)| (registry.as_str(), user.as_str())).collect();
    line(&serde_json::to_string(&map).map_err(io::Error::other)?)
}

/// Prints one line.
///
/// # Errors
/// As [`credentials`].
pub fn line(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.write_all(b"\n")?;
    out.flush()
}
