//! Bytes become a description.

use zeroize::Zeroizing;

use super::{Capabilities, Description, LONGEST_INPUT, LONGEST_LINE, Unreadable, url};
use crate::model::Secret;

/// Where the attributes end, if they do: behind the first empty line. Who asks may keep the pipe open after it.
pub fn end_of(input: &[u8]) -> Option<usize> {
    if input.first() == Some(&b'\n') {
        return Some(1);
    }
    input.windows(2).position(|pair| pair == b"\n\n").map(|at| at + 2)
}

/// Reads attributes, up to the first empty line. Unknown ones are dropped; of one that is given twice the last counts.
///
/// # Errors
/// [`Unreadable`]; then nothing of it is believed.
pub fn read(input: &[u8]) -> Result<Description, Unreadable> {
    if input.len() > LONGEST_INPUT {
        return Err(Unreadable::TooLong);
    }
    let mut description = Description::default();
    for line in input.strip_suffix(b"\n").unwrap_or(input).split(|byte| *byte == b'\n') {
        if line.len() >= LONGEST_LINE {
            return Err(Unreadable::LineTooLong);
        }
        if line.is_empty() {
            break;
        }
        if line.iter().any(|byte| matches!(byte, b'\r' | 0)) {
            return Err(Unreadable::ControlCharacter);
        }
        let equals = line.iter().position(|byte| *byte == b'=').ok_or(Unreadable::NoAttribute)?;
        let (key, value) = (line.get(..equals).unwrap_or_default(), line.get(equals + 1..).unwrap_or_default());
        description.take(key, value)?;
    }
    if !description.capabilities.authtype {
        (description.authtype, description.credential) = (None, None);
    }
    Ok(description)
}

impl Description {
    fn take(&mut self, key: &[u8], value: &[u8]) -> Result<(), Unreadable> {
        match key {
            b"protocol" => self.protocol = Some(text("protocol", value)?),
            b"host" => self.host = Some(text("host", value)?),
            b"path" => self.path = Some(text("path", value)?),
            b"username" => self.username = Some(text("username", value)?),
            b"password" => self.password = Some(secret("password", value)?),
            // What is no number is no end: git reads it so.
            b"password_expiry_utc" => self.expires = text("password_expiry_utc", value)?.parse().ok(),
            b"oauth_refresh_token" => self.refresh_token = Some(secret("oauth_refresh_token", value)?),
            b"authtype" => self.authtype = Some(text("authtype", value)?),
            b"credential" => self.credential = Some(secret("credential", value)?),
            b"ephemeral" => self.ephemeral = is_true(value),
            b"quit" => self.quit = is_true(value),
            b"url" => {
                // It may have a password in it.
                let given = Zeroizing::new(text("url", value)?);
                url::expand(self, &given)?;
            }
            b"capability[]" => match value {
                b"" => self.capabilities = Capabilities::default(),
                b"authtype" => self.capabilities.authtype = true,
                b"state" => self.capabilities.state = true,
                _ => {}
            },
            b"state[]" => push(&mut self.state, value),
            b"wwwauth[]" => push(&mut self.challenges, value),
            _ => {}
        }
        Ok(())
    }
}

/// One more value of an attribute that can have several; an empty one takes back those before. A server and other
/// helpers have written them: one that is no text, as a realm in Latin-1, is left out, and the question is answered.
fn push(values: &mut Vec<String>, value: &[u8]) {
    match std::str::from_utf8(value) {
        Ok("") => values.clear(),
        Ok(value) => values.push(value.to_owned()),
        Err(_) => {}
    }
}

fn text(key: &'static str, value: &[u8]) -> Result<String, Unreadable> {
    std::str::from_utf8(value).map(str::to_owned).map_err(|_| Unreadable::NotText(key))
}

fn secret(key: &'static str, value: &[u8]) -> Result<Secret, Unreadable> {
    text(key, value).map(Secret::new)
}

/// As git reads its booleans; what is none counts as yes, which keeps less.
fn is_true(value: &[u8]) -> bool {
    !["", "0", "false", "no", "off"].iter().any(|no| value.eq_ignore_ascii_case(no.as_bytes()))
}
