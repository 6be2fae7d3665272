//! What a token needs for what it is wanted for, and whether it has it.

use serde::Serialize;

use super::permission::Level;

/// Whether a token has what it needs. Unknown is never called granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It has it.
    Granted,
    /// What is asked for needs nothing of the token: a public repository is read by anybody.
    NotNeeded,
    /// It cannot be told, or was not asked.
    Unknown,
    /// The token lacks it.
    Missing,
    /// The account's role there is too low, whatever the token has.
    Role,
    /// A policy of the organisation or of the forge keeps the token out.
    Policy,
    /// The token is not authorised for the organisation's single sign-on.
    Sso,
    /// The place is archived: nobody writes there.
    Archived,
}

impl Verdict {
    /// The word in JSON and in tables.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::NotNeeded => "not_needed",
            Self::Unknown => "unknown",
            Self::Missing => "missing",
            Self::Role => "role",
            Self::Policy => "policy",
            Self::Sso => "sso",
            Self::Archived => "archived",
        }
    }

    /// Whether it speaks against the work.
    pub const fn refuses(self) -> bool {
        !matches!(self, Self::Granted | Self::NotNeeded | Self::Unknown)
    }
}

/// What kind of thing is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum NeedKind {
    /// A scope of the token.
    Scope,
    /// A permission of the token.
    Permission,
    /// A role of the account.
    Role,
    /// A licence of the place.
    Licence,
}

/// One thing that is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// The forge's own word: `repository_hooks`, `repo`, `admin`.
    pub name: String,
    /// As its page says it: `Webhooks`.
    pub label: String,
    /// Of a permission: how much of it.
    pub level: Option<Level>,
    /// What it is.
    pub kind: NeedKind,
    /// What it is needed for: the words after `--for`.
    pub wanted_for: Vec<String>,
    /// Whether it is there.
    pub verdict: Verdict,
    /// What was asked and answered, in words.
    pub why: String,
    /// What adds it; nothing where nothing is to be added.
    pub add: Option<String>,
}

impl Need {
    /// Gives the verdict.
    pub fn judge(&mut self, verdict: Verdict, why: impl Into<String>) {
        self.verdict = verdict;
        self.why = why.into();
    }
}

/// What the verdicts come to: whether the token may do all of it, or nothing where that cannot be told.
pub fn allowed(needs: &[Need]) -> Option<bool> {
    if needs.iter().any(|need| need.verdict.refuses()) {
        return Some(false);
    }
    (!needs.iter().any(|need| need.verdict == Verdict::Unknown)).then_some(true)
}
