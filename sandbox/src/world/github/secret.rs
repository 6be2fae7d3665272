//! Actions secrets: whose they are, and with what they are sealed.

use std::collections::BTreeMap;

use crypto_box::SecretKey;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use super::{Github, Kept};
use crate::checksum::random_bytes;

/// Whose secrets, by its number: of an environment, its repository's and its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Keeper {
    Repository(u64),
    Environment(u64, u64),
    Organization(u64),
}

/// A pair of keys. Whoever asks is given the public half and its number, which must come back with what was sealed.
#[derive(Debug)]
pub(crate) struct Seal {
    pub id: String,
    pub key: SecretKey,
}

/// What jobs of a repository may deploy to.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Environment {
    pub id: u64,
    pub name: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[serde(skip)]
    pub secrets: BTreeMap<String, Kept>,
}

/// The repositories of an organisation that a secret is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Reach {
    All,
    Private,
    Selected,
}

impl Reach {
    /// By GitHub's word for it.
    pub fn named(word: &str) -> Option<Self> {
        match word {
            "all" => Some(Self::All),
            "private" => Some(Self::Private),
            "selected" => Some(Self::Selected),
            _ => None,
        }
    }
}

/// For whom a secret of an organisation is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Visibility {
    pub visibility: Reach,
    /// The numbers of the repositories that were selected.
    #[serde(rename = "selected_repositories")]
    pub selected: Vec<u64>,
}

/// A secret of an organisation.
#[derive(Debug, Clone)]
pub(crate) struct Shared {
    pub kept: Kept,
    pub visibility: Visibility,
}

impl Shared {
    /// What is said of it to whoever tests.
    pub fn state(&self) -> Value {
        let mut state = json!(self.visibility);
        state["value"] = json!(self.kept.value);
        state
    }
}

/// Values by name, as the state spells them out.
pub(super) fn values(kept: &BTreeMap<String, Kept>) -> BTreeMap<String, String> {
    kept.iter().map(|(name, kept)| (name.clone(), kept.value.clone())).collect()
}

impl Environment {
    pub fn state(&self) -> Value {
        let mut state = json!(self);
        state["secrets"] = json!(values(&self.secrets));
        state
    }
}

impl Github {
    /// The keys of somebody's secrets: made when somebody first asks.
    pub fn seal(&mut self, keeper: Keeper) -> &Seal {
        let id = 568_250_167_242_549_743 + self.seals.len() as u64;
        let make = || Seal { id: id.to_string(), key: SecretKey::from_bytes(random_bytes()) };
        self.seals.entry(keeper).or_insert_with(make)
    }

    /// A number that no environment has had.
    pub fn next_environment(&mut self) -> u64 {
        self.environments_made += 1;
        160_000_000 + self.environments_made
    }
}
