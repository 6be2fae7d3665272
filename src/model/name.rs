//! What a connection is called.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use serde::{Deserialize, Serialize};

use super::text::{begins_like_a_token, is_invisible};

/// The name of a connection: `octocat@github.com`, or what `--name` gave. One to 200 bytes without
/// control or invisible characters, not starting with `-` (it would be taken for a flag), no `://` (it would be
/// taken for a URL).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ConnectionName(String);

/// Why a text is no name for a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAName {
    /// Nothing, or only white space around nothing.
    #[error("a connection's name is not empty and has no white space around it")]
    Blank,
    /// It would be taken for a flag or a URL.
    #[error("a connection's name does not start with `-` and does not contain `://`")]
    LooksLikeSomethingElse,
    /// A token, given in the place of a name.
    #[error("a connection's name does not begin like a token")]
    LooksLikeAToken,
    /// Control characters, or marks that nobody sees and that turn the direction of writing.
    #[error("a connection's name has no control characters and no invisible ones")]
    ControlCharacter,
    /// The file it names would have too long a name.
    #[error("a connection's name is at most 200 bytes long, fewer where it is not plain ASCII")]
    TooLong,
}

/// What file systems or shells take amiss, and capital letters: on macOS and Windows two names that
/// differ only in case would otherwise be one file.
const ESCAPED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'\'')
    .add(b'*')
    .add(b'/')
    .add(b':')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'\\')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}')
    .add(b'$')
    .add(b'&')
    .add(b'A')
    .add(b'B')
    .add(b'C')
    .add(b'D')
    .add(b'E')
    .add(b'F')
    .add(b'G')
    .add(b'H')
    .add(b'I')
    .add(b'J')
    .add(b'K')
    .add(b'L')
    .add(b'M')
    .add(b'N')
    .add(b'O')
    .add(b'P')
    .add(b'Q')
    .add(b'R')
    .add(b'S')
    .add(b'T')
    .add(b'U')
    .add(b'V')
    .add(b'W')
    .add(b'X')
    .add(b'Y')
    .add(b'Z');

impl ConnectionName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as a file's name without ending: percent-encoded, never `.`-led, and never one of
    /// the names that Windows keeps for devices.
    pub fn file_stem(&self) -> String {
        encode(&self.0)
    }

    /// The name that a file stem stands for; nothing when the stem is not one [`Self::file_stem`] gives.
    pub fn from_file_stem(stem: &str) -> Option<Self> {
        let name: Self = percent_decode_str(stem).decode_utf8().ok()?.parse().ok()?;
        (name.file_stem() == stem).then_some(name)
    }
}

fn encode(name: &str) -> String {
    const DEVICES: [&str; 22] = [
        "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "lpt1",
        "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
    ];
    let plain = Cow::from(utf8_percent_encode(name, ESCAPED));
    let first_part = plain.split('.').next().unwrap_or_default();
    if plain.starts_with('.') || DEVICES.contains(&first_part) {
        let first = plain.as_bytes().first().copied().unwrap_or_default();
        return format!("%{first:02X}{}", plain.get(1..).unwrap_or_default());
    }
    plain.into_owned()
}

impl FromStr for ConnectionName {
    type Err = NotAName;

    fn from_str(text: &str) -> Result<Self, NotAName> {
        if text.is_empty() || text.trim() != text {
            return Err(NotAName::Blank);
        }
        if text.starts_with('-') || text.contains("://") {
            return Err(NotAName::LooksLikeSomethingElse);
        }
        if begins_like_a_token(text) {
            return Err(NotAName::LooksLikeAToken);
        }
        if text.chars().any(|c| c.is_control() || is_invisible(c)) {
            return Err(NotAName::ControlCharacter);
        }
        // 255 bytes is what file systems take, and an ending is still to come. Encoding makes three bytes of one.
        if text.len() > 200 || (text.len() > 240 / 3 && encode(text).len() > 240) {
            return Err(NotAName::TooLong);
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for ConnectionName {
    type Error = NotAName;

    fn try_from(text: String) -> Result<Self, NotAName> {
        text.parse()
    }
}

impl From<ConnectionName> for String {
    fn from(name: ConnectionName) -> Self {
        name.0
    }
}

impl fmt::Display for ConnectionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_file_names_and_come_back() {
        for (name, stem) in [
            ("octocat@github.com", "octocat@github.com"),
            ("Work/main", "%57ork%2Fmain"),
            ("..", "%2E."),
            ("nul", "%6Eul"),
            ("con.fig", "%63on.fig"),
            ("a:8443", "a%3A8443"),
            ("ä", "%C3%A4"),
            ("100%", "100%25"),
        ] {
            let parsed: ConnectionName = name.parse().unwrap_or_else(|e| panic!("{name}: {e}"));
            assert_eq!(parsed.file_stem(), stem);
            assert_eq!(ConnectionName::from_file_stem(stem), Some(parsed));
        }
    }

    #[test]
    fn what_is_no_name() {
        for bad in ["", " a", "-x", "https://github.com", "a\nb", "a\u{1b}b"] {
            assert!(bad.parse::<ConnectionName>().is_err(), "{bad:?}");
        }
        assert_eq!("x".repeat(201).parse::<ConnectionName>(), Err(NotAName::TooLong));
        assert_eq!("ä".repeat(60).parse::<ConnectionName>(), Err(NotAName::TooLong));
    }
}
