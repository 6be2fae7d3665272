//! The words that the flags of `connect import` take.

use clap::ValueEnum;

pub(super) use crate::workflow::import::MINIMAL;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ModeWord {
    Git,
    Full,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum SyncWord {
    Mirror,
    Actions,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Template {
    Minimal,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum VisibilityWord {
    Private,
    Internal,
    Public,
}

impl VisibilityWord {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Internal => "internal",
            Self::Public => "public",
        }
    }
}

/// GitLab docs, "Reserved project and group names" say the rest.
pub(super) fn project_name(text: &str) -> Result<String, &'static str> {
    let good = !text.trim().is_empty()
        && text.len() <= 255
        && text.chars().all(|c| c.is_alphanumeric() || " -_.+()'".contains(c))
        && text.chars().any(char::is_alphanumeric)
        && !crate::model::text::begins_like_a_token(text);
    if good { Ok(text.trim().to_owned()) } else { Err("a project's name is letters, digits, spaces and `-_.`") }
}

/// git check-ref-format(1).
pub(super) fn branch(text: &str) -> Result<String, &'static str> {
    let bad = |c: char| c.is_control() || c.is_whitespace() || "~^:?*[\\".contains(c);
    let wrong = text.is_empty()
        || text.len() > 250
        || text.chars().any(bad)
        || text.starts_with(['-', '/', '.'])
        || text.ends_with(['/', '.'])
        || [".lock", "..", "//", "@{"].iter().any(|part| text.contains(part))
        || crate::model::text::begins_like_a_token(text);
    if wrong { Err("that is no name of a branch") } else { Ok(text.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_branches() {
        for good in ["main", "feature/ci", "release-1.0"] {
            assert!(branch(good).is_ok(), "{good}");
        }
        for bad in ["", "-x", "a..b", "a b", "x.lock", "/a", "a/", "a^", "@{1}"] {
            assert!(branch(bad).is_err(), "{bad}");
        }
    }
}
