//! The two kinds of forge.

use std::fmt;

use serde::{Deserialize, Serialize};

/// GitHub or GitLab, whichever instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ForgeKind {
    /// github.com, *.ghe.com or GitHub Enterprise Server.
    GitHub,
    /// gitlab.com or a self-managed GitLab.
    GitLab,
}

impl ForgeKind {
    /// The word used on the command line and in records: `github`, `gitlab`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::GitHub => "github",
            Self::GitLab => "gitlab",
        }
    }

    /// The other of the two.
    pub const fn other(self) -> Self {
        match self {
            Self::GitHub => Self::GitLab,
            Self::GitLab => Self::GitHub,
        }
    }

    /// The vendor's own host, meant when no `--host` is given.
    pub const fn vendor_host(self) -> &'static str {
        match self {
            Self::GitHub => "github.com",
            Self::GitLab => "gitlab.com",
        }
    }
}

impl fmt::Display for ForgeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::GitHub => "GitHub",
            Self::GitLab => "GitLab",
        })
    }
}
