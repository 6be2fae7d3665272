//! A description becomes bytes.

use zeroize::Zeroizing;

use super::{Description, LONGEST_LINE, Unwritable};
use crate::model::Secret;

/// Writes all that a description has, capabilities first, since what needs one follows it. The bytes are wiped when
/// dropped.
///
/// # Errors
/// [`Unwritable`]: a value does not fit into a line.
pub fn write(description: &Description) -> Result<Zeroizing<Vec<u8>>, Unwritable> {
    // Room for all of it at once: a buffer that grows leaves copies behind.
    let mut lines = Lines(Zeroizing::new(Vec::with_capacity(size(description))));
    let capabilities = description.capabilities;
    for (has, capability) in [(capabilities.authtype, "authtype"), (capabilities.state, "state")] {
        if has {
            lines.add("capability[]", capability)?;
        }
    }
    if capabilities.authtype {
        lines.text("authtype", description.authtype.as_deref())?;
        lines.secret("credential", description.credential.as_ref())?;
    }
    lines.text("ephemeral", description.ephemeral.then_some("1"))?;
    lines.text("protocol", description.protocol.as_deref())?;
    lines.text("host", description.host.as_deref())?;
    lines.text("path", description.path.as_deref())?;
    lines.text("username", description.username.as_deref())?;
    lines.secret("password", description.password.as_ref())?;
    lines.secret("oauth_refresh_token", description.refresh_token.as_ref())?;
    lines.text("password_expiry_utc", description.expires.map(|at| at.to_string()).as_deref())?;
    for state in description.state.iter().filter(|state| !state.is_empty()) {
        lines.add("state[]", state)?;
    }
    for challenge in description.challenges.iter().filter(|challenge| !challenge.is_empty()) {
        lines.add("wwwauth[]", challenge)?;
    }
    lines.text("quit", description.quit.then_some("1"))?;
    Ok(lines.0)
}

/// At least as many bytes as it takes.
fn size(description: &Description) -> usize {
    let texts =
        [&description.protocol, &description.host, &description.path, &description.username, &description.authtype];
    let secrets = [&description.password, &description.refresh_token, &description.credential];
    let several = description.state.iter().chain(&description.challenges);
    let line = |value: usize| value + 32;
    texts.iter().map(|text| line(text.as_ref().map_or(0, String::len))).sum::<usize>()
        + secrets.iter().map(|secret| line(secret.as_ref().map_or(0, Secret::len))).sum::<usize>()
        + several.map(|value| line(value.len())).sum::<usize>()
        + line(0) * 6
}

struct Lines(Zeroizing<Vec<u8>>);

impl Lines {
    fn text(&mut self, key: &'static str, value: Option<&str>) -> Result<(), Unwritable> {
        value.map_or(Ok(()), |value| self.add(key, value))
    }

    fn secret(&mut self, key: &'static str, value: Option<&Secret>) -> Result<(), Unwritable> {
        value.map_or(Ok(()), |value| self.add(key, value.reveal()))
    }

    fn add(&mut self, key: &'static str, value: &str) -> Result<(), Unwritable> {
        let fits = key.len() + value.len() + 2 <= LONGEST_LINE;
        if !fits || value.bytes().any(|byte| matches!(byte, b'\n' | b'\r' | 0)) {
            return Err(Unwritable(key));
        }
        for part in [key.as_bytes(), b"=", value.as_bytes(), b"\n"] {
            self.0.extend_from_slice(part);
        }
        Ok(())
    }
}
