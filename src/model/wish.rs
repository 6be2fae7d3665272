//! What is typed after `--for`: a task, a single permission of GitHub's, a scope, or a word that connect does not know.

use std::fmt;
use std::str::FromStr;

use super::permission::{self, Level, Permission};
use super::text::{begins_like_a_token, distance};
use super::{ForgeKind, Task, scope};

/// The longest word that is taken, in bytes.
const LONGEST: usize = 100;

/// One thing that a token is wanted for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// A task.
    Task(Task),
    /// A fine-grained permission, alone.
    Permission(Permission),
    /// A scope of either forge, alone.
    Scope(String),
    /// Neither; forges have more words than connect knows.
    Word(String),
}

/// Why a text is nothing that a token can be wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAWish {
    /// Nothing, or too much of it.
    #[error("a task, permission or scope has 1 to 100 letters")]
    Length,
    /// A token, in the wrong place.
    #[error("a task, permission or scope does not begin like a token")]
    LooksLikeAToken,
    /// Control characters.
    #[error("a task, permission or scope has no control characters")]
    ControlCharacter,
}

impl FromStr for Wish {
    type Err = NotAWish;

    fn from_str(text: &str) -> Result<Self, NotAWish> {
        let text = text.trim();
        if text.is_empty() || text.len() > LONGEST {
            return Err(NotAWish::Length);
        }
        let is_old_token = text.len() == 40 && text.bytes().all(|b| b.is_ascii_hexdigit());
        if is_old_token || begins_like_a_token(text) {
            return Err(NotAWish::LooksLikeAToken);
        }
        if text.chars().any(char::is_control) {
            return Err(NotAWish::ControlCharacter);
        }
        let (name, level) = match text.split_once('=').map(|(name, level)| (name, Level::read(level.trim()))) {
            Some((name, Some(level))) => (name.trim(), Some(level)),
            // No level of GitHub's: the word is taken as it stands.
            Some((_, None)) => return Ok(Self::Word(text.to_owned())),
            None => (text, None),
        };
        if level.is_none()
            && let Ok(task) = name.to_lowercase().parse()
        {
            return Ok(Self::Task(task));
        }
        if let Some(known) = permission::find(name) {
            return Ok(Self::Permission(known.at(level)));
        }
        let low = name.to_lowercase();
        let is_scope = level.is_none() && FORGES.iter().any(|forge| scope::is_known(*forge, &low));
        Ok(if is_scope { Self::Scope(low) } else { Self::Word(text.to_owned()) })
    }
}

impl fmt::Display for Wish {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Task(task) => task.fmt(f),
            Self::Permission(permission) => write!(f, "{}={}", permission.key, permission.level),
            Self::Scope(word) | Self::Word(word) => f.write_str(word),
        }
    }
}

const FORGES: [ForgeKind; 2] = [ForgeKind::GitHub, ForgeKind::GitLab];

/// A word that connect knows and that is nearly this one, for "did you mean".
pub fn similar(word: &str) -> Option<&'static str> {
    let wanted = permission::plain(word.split('=').next().unwrap_or(word));
    let tasks = Task::ALL.into_iter().map(Task::word);
    let permissions = permission::PERMISSIONS.iter().flat_map(|known| [known.key, known.label]);
    let scopes = FORGES.iter().flat_map(|forge| scope::known(*forge));
    tasks
        .chain(permissions)
        .chain(scopes)
        .map(|known| (distance(&wanted, &permission::plain(known)), known))
        .filter(|(distance, _)| *distance <= 1 + wanted.chars().count() / 6)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Wish {
        text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))
    }

    fn permission(key: &str, level: Level) -> Wish {
        permission::find(key).map(|known| Wish::Permission(known.at(Some(level)))).unwrap_or_else(|| panic!("{key}"))
    }

    #[test]
    fn tasks_first_then_permissions_then_scopes() {
        for (text, wish) in [
            ("git", Wish::Task(Task::Git)),
            ("Webhooks", Wish::Task(Task::Webhooks)),
            ("webhooks=read", permission("repository_hooks", Level::Read)),
            ("Contents", permission("contents", Level::Read)),
            ("contents=WRITE", permission("contents", Level::Write)),
            ("Commit statuses = write", permission("statuses", Level::Write)),
            ("workflows", permission("workflows", Level::Write)),
            ("workflow", Wish::Scope("workflow".into())),
            ("Read:Org", Wish::Scope("read:org".into())),
            ("read_api", Wish::Scope("read_api".into())),
            ("checks=write", Wish::Word("checks=write".into())),
            ("contents=everything", Wish::Word("contents=everything".into())),
            ("Frobnicate", Wish::Word("Frobnicate".into())),
        ] {
            assert_eq!(read(text), wish, "{text}");
        }
        for text in ["", "   ", "ghp_0123456789", &"a1".repeat(20), "glpat-x", "a\u{1b}b", &"x".repeat(101)] {
            assert!(text.parse::<Wish>().is_err(), "{text}");
        }
    }

    #[test]
    fn near_misses() {
        for (text, meant) in [
            ("webhoks", "webhooks"),
            ("contnets", "contents"),
            ("imprt", "import"),
            ("pull_request", "pull_requests"),
            ("red:org", "read:org"),
            ("wrokflow", "workflow"),
            ("contnets=write", "contents"),
        ] {
            assert_eq!(similar(text), Some(meant), "{text}");
        }
        for text in ["frobnicate", "x", "checks"] {
            assert_eq!(similar(text), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(text in ".{0,40}") {
            let _ = text.parse::<Wish>();
            let _ = similar(&text);
        }
    }
}
