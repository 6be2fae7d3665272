//! All that is secret of a login, as one text for a store: the password, the refresh token, the encoded credential, in
//! the protocol's own lines. Beside them is a random number, so that what is written down elsewhere about the text (its
//! digest) is of no use to whoever tries passwords.

use super::{Capabilities, Description, Unreadable, Unwritable, read, write};
use crate::model::Secret;

/// Makes one secret of those of a description. `salt` is random, and without line breaks.
///
/// # Errors
/// [`Unwritable`].
pub fn pack(description: &Description, salt: &str) -> Result<Secret, Unwritable> {
    let secrets = Description {
        capabilities: Capabilities { authtype: description.credential.is_some(), state: true },
        password: description.password.clone(),
        refresh_token: description.refresh_token.clone(),
        credential: description.credential.clone(),
        state: vec![salt.to_owned()],
        ..Description::default()
    };
    let mut bytes = write(&secrets)?;
    // The bytes came of text; the allocation stays the one that is wiped.
    String::from_utf8(std::mem::take(&mut *bytes)).map(Secret::new).map_err(|_| Unwritable("password"))
}

/// Takes the secrets apart again.
///
/// # Errors
/// [`Unreadable`], when it is nothing that [`pack`] has made.
pub fn unpack(packed: &Secret) -> Result<Description, Unreadable> {
    read(packed.reveal().as_bytes())
}
