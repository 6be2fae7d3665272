//! What can go wrong with a store, and what to do about it.
//!
//! Nothing here carries a secret: what libraries say is put into our own words at the border,
//! because theirs may hold the very bytes that were read.

use std::path::PathBuf;
use std::time::Duration;

use crate::files::FileError;
use crate::model::secret::InputProblem;

use super::PassphraseError;

/// What went wrong with a store. Each variant says what the caller should do.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No keyring is running here (no Secret Service, no D-Bus). List the ways on: start one, or
    /// choose `file`, `env` or `plain`. Never choose one of them for the user.
    #[error("there is no keyring to be reached here: {detail}")]
    NoKeyring {
        /// What the system said.
        detail: String,
    },
    /// The keyring is locked, and its dialog was dismissed or could not be shown. Ask the user to unlock it.
    #[error("the keyring is locked, and was not unlocked")]
    Locked,
    /// The keyring did not answer in time. Look for an unlock dialog; later calls of this run fail at once.
    #[error("the keyring did not answer within {} s", after.as_secs_f32())]
    TimedOut {
        /// How long it was waited for.
        after: Duration,
    },
    /// The keyring, or the system, refused for a reason of its own. Show it.
    #[error("the store refused: {detail}")]
    Refused {
        /// What it said.
        detail: String,
    },
    /// The store has nothing under this id. Connect again.
    #[error("the store has no such secret")]
    NotFound,
    /// The store has several entries for one id: somebody copied a keyring. Remove one by hand.
    #[error("the keyring has more than one entry for this secret")]
    Ambiguous,
    /// The id is taken by a different secret. Nothing was changed; use a new id.
    #[error("the store has another secret under this id already")]
    AlreadyThere,
    /// What was read back is not what was written. What was written has been removed; try again, or another store.
    #[error("the store gave back something else than what it was given")]
    ReadBackDiffers,
    /// It was removed, and is still there. Remove it by hand.
    #[error("the store still has the secret after removing it")]
    StillThere,
    /// What the keyring has under this id is no text, so nothing that connect wrote. Connect again.
    #[error("what the keyring has there is not a token")]
    Garbled,
    /// The secret is longer than the store takes. Choose another store.
    #[error("the secret is longer than the {limit} bytes this store takes")]
    TooLong {
        /// How many bytes fit.
        limit: usize,
    },
    /// The id has not the form that connect gives: the record is damaged or was edited. Nothing was touched.
    #[error("the record names an id that connect never made")]
    BadId,
    /// A passphrase is needed and there is nobody to ask. Name the variable and the file that can give it.
    #[error("a passphrase is needed, and there is nobody to ask for it")]
    PassphraseNeeded,
    /// The passphrase could not be had for another reason.
    #[error("no passphrase: {0}")]
    Passphrase(PassphraseError),
    /// The passphrase does not open the identity. Ask again.
    #[error("the passphrase does not open {}", path.display())]
    WrongPassphrase {
        /// The locked identity.
        path: PathBuf,
    },
    /// Opening the identity would take more work than connect ever asks for. It is not ours; look where it came from.
    #[error("{} asks for an unreasonable amount of work", path.display())]
    TooMuchWork {
        /// The locked identity.
        path: PathBuf,
    },
    /// The age identity is missing, cannot be read, or is none. Name it with `--age-identity`.
    #[error("{} is not an age identity that can be read", path.display())]
    IdentityUnreadable {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The identity at hand is not among those the file is encrypted to. Use the right identity, or
    /// list this one with `--age-recipient`.
    #[error("{} does not list the age identity in use, {own}", path.display())]
    NotARecipient {
        /// The list of recipients, or the secret's file.
        path: PathBuf,
        /// The public key of the identity in use.
        own: String,
    },
    /// Not a public key of age. Correct it; nothing was written.
    #[error("`{given}` is not an age recipient; they begin with `age1`")]
    BadRecipient {
        /// What was given; for a text that may be a private key, nothing of it.
        given: String,
    },
    /// The file is not what connect wrote there. Restore it, or connect again.
    #[error("{} is damaged", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
    },
    /// The store `env` keeps nothing. Choose another one for what has to be kept.
    #[error("the store `env` keeps nothing; it reads a variable each time")]
    ReadOnly,
    /// The variable is not set. Set it.
    #[error("the variable {name} is not set")]
    VariableMissing {
        /// Its name.
        name: String,
    },
    /// The variable is set to something that cannot be a token. Correct it.
    #[error("the variable {name} holds no secret: {problem}")]
    VariableInvalid {
        /// Its name.
        name: String,
        /// What is wrong with it.
        problem: InputProblem,
    },
    /// The operating system gave no random numbers, or a library failed in a way it never should.
    #[error("cannot encrypt: {detail}")]
    Encryption {
        /// What failed.
        detail: &'static str,
    },
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
}

impl From<PassphraseError> for StoreError {
    fn from(error: PassphraseError) -> Self {
        match error {
            PassphraseError::NotAvailable => Self::PassphraseNeeded,
            other => Self::Passphrase(other),
        }
    }
}
