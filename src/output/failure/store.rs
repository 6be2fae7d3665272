//! What a store said, told.

use crate::model::StoreKind;
use crate::output::Exit;
use crate::store::{PassphraseError, StoreError};

use super::{Failure, file};

/// The ways on when there is no keyring: named, never chosen.
const WAYS_ON: [&str; 3] = [
    "`--store file` keeps tokens encrypted with a passphrase or an age identity",
    "`--store env` with `--pat-env VAR` keeps nothing and reads the variable each time (CI)",
    "`--store plain` keeps them readable by you and by whoever becomes you",
];

/// Without the operating system's number for its error, which tells people nothing.
fn without_number(text: &str) -> String {
    match text.split_once(" (os error ") {
        Some((before, after)) => format!("{before}{}", after.split_once(')').map_or("", |(_, rest)| rest)),
        None => text.to_owned(),
    }
}

pub(super) fn failure(error: &StoreError, store: StoreKind) -> Failure {
    let message = without_number(&error.to_string());
    let told = |code| Failure::new(Exit::Store, code, message.clone());
    match error {
        StoreError::NoKeyring { .. } => WAYS_ON.iter().fold(told("no_keyring"), |failure, way| failure.hint(*way)),
        StoreError::Locked => told("keyring_locked")
            .hint("unlock the keyring (log in to the desktop, or open its own window), then try again"),
        StoreError::TimedOut { .. } => told("keyring_timed_out")
            .hint("an unlock dialog may be waiting where nobody sees it; unlock the keyring, then try again")
            .hint("without a desktop: `--store file`, `--store env` or `--store plain`"),
        StoreError::Refused { .. } | StoreError::Encryption { .. } => told("store_refused"),
        StoreError::NotFound => {
            told("secret_missing").hint(format!("the {store} no longer has it; connect again under the same name, or forget it with `connect disconnect NAME`"))
        }
        StoreError::Ambiguous => told("secret_ambiguous").hint("remove one of the two in the keyring's own window"),
        StoreError::AlreadyThere | StoreError::StillThere | StoreError::ReadBackDiffers => {
            told("store_unreliable").hint("try again, or choose another `--store`")
        }
        StoreError::Garbled | StoreError::BadId | StoreError::Damaged { .. } => {
            told("secret_damaged").hint("connect again under the same name")
        }
        StoreError::TooLong { .. } => told("secret_too_long").hint("choose another `--store`"),
        StoreError::PassphraseNeeded => told("passphrase_needed")
            .hint("set `CONNECT_PASSPHRASE`, or `CONNECT_PASSPHRASE_FILE` to a file with it")
            .hint("or use an age identity: `--age-identity FILE`, `CONNECT_AGE_IDENTITY`"),
        StoreError::Passphrase(PassphraseError::Interrupted) => Failure::interrupted("nothing was changed"),
        StoreError::Passphrase(_) => told("passphrase_failed")
            .hint("see what is in `CONNECT_PASSPHRASE`, or in the file that `CONNECT_PASSPHRASE_FILE` names"),
        StoreError::WrongPassphrase { .. } => told("wrong_passphrase").hint("try again; nobody can reset it"),
        StoreError::TooMuchWork { .. } => told("identity_suspicious"),
        StoreError::IdentityUnreadable { .. } => {
            told("identity_unreadable").hint("`CONNECT_AGE_IDENTITY` or `--age-identity FILE` names another")
        }
        StoreError::NotARecipient { own, .. } => told("not_a_recipient")
            .hint(format!("add it with `--age-recipient {own}`, or use the identity that is listed")),
        StoreError::BadRecipient { .. } => Failure::new(Exit::Usage, "bad_recipient", message),
        StoreError::ReadOnly => told("store_read_only").hint("choose another `--store`"),
        StoreError::VariableMissing { name } => {
            told("variable_missing").hint(format!("set `{name}`; the store `env` keeps nothing itself"))
        }
        StoreError::VariableInvalid { name, .. } => told("variable_invalid").hint(format!("correct `{name}`")),
        StoreError::File(source) => Failure { exit: Exit::Store, ..file(source) },
    }
}
