//! Where the passphrase of the file store comes from: `CONNECT_PASSPHRASE`, a file, or the prompt.

use std::path::PathBuf;

use zeroize::Zeroizing;

use super::{CliError, ask, environment};
use crate::files;
use crate::model::Secret;
use crate::output::Screen;
use crate::store::{PassphraseError, PassphraseSource};

/// A passphrase is a line, not a book.
const LIMIT: u64 = 16 * 1024;

/// Looks in the variable, then in the file, then asks.
pub(super) struct Passphrases {
    pub screen: Screen,
    pub file: Option<PathBuf>,
    pub may_ask: bool,
}

impl Passphrases {
    /// A passphrase may contain white space; only the line's end is not part of it.
    fn given(&self) -> Result<Option<Secret>, PassphraseError> {
        let text = match (environment::text("CONNECT_PASSPHRASE").filter(|text| !text.is_empty()), &self.file) {
            (Some(text), _) => text,
            (None, Some(path)) => {
                let bytes = files::read_given(path, LIMIT).ok().flatten().ok_or(PassphraseError::Unreadable)?;
                let text = std::str::from_utf8(&bytes).map_err(|_| PassphraseError::Unreadable)?;
                Zeroizing::new(text.to_owned())
            }
            (None, None) => return Ok(None),
        };
        checked(&text).map(Some)
    }

    fn asked(&self, prompt: &str) -> Result<Secret, PassphraseError> {
        if !self.may_ask {
            return Err(PassphraseError::NotAvailable);
        }
        match ask::hidden(&self.screen, prompt) {
            Ok(text) => checked(&text),
            Err(CliError::Interrupted) => Err(PassphraseError::Interrupted),
            Err(_) => Err(PassphraseError::NotAvailable),
        }
    }
}

fn checked(text: &str) -> Result<Secret, PassphraseError> {
    let line = text.trim_end_matches(['\n', '\r']);
    if line.trim().is_empty() { Err(PassphraseError::Empty) } else { Ok(Secret::new(line.to_owned())) }
}

impl PassphraseSource for Passphrases {
    fn existing(&self) -> Result<Secret, PassphraseError> {
        match self.given()? {
            Some(given) => Ok(given),
            None => self.asked("Passphrase of the file store: "),
        }
    }

    fn new_one(&self) -> Result<Secret, PassphraseError> {
        if let Some(given) = self.given()? {
            return Ok(given);
        }
        if self.may_ask {
            self.screen.note("The file store is new. Its passphrase locks everything in it; nobody can reset it.");
        }
        let first = self.asked("New passphrase: ")?;
        let again = self.asked("The same again: ")?;
        if first.same_as(&again) { Ok(first) } else { Err(PassphraseError::Differ) }
    }
}
