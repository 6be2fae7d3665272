//! age, and nothing else: sealing bytes to public keys or a passphrase, and opening them.
//!
//! What age's errors say is put into our own words by the callers; its own words would load a whole
//! translation system first.

use std::io::{Read as _, Write as _};
use std::iter;

use age::armor::{ArmoredReader, ArmoredWriter, Format};
use age::secrecy::SecretString;
use age::x25519;
use age::{DecryptError, Decryptor, Encryptor, Identity, Recipient};
use zeroize::Zeroizing;

use crate::model::Secret;

use super::StoreError;

/// `2^18` steps of scrypt, as age's own program takes: about a second, and 256 MiB of memory
/// (`defaultWorkFactor` in age's `scrypt.go`, <https://github.com/FiloSottile/age>).
pub(super) const WORK_FACTOR: u8 = 18;

/// What opening takes at the most. age's own program draws the same line (`scrypt.go`, `maxWorkFactor`).
const MOST_WORK: u8 = 22;

/// Why something sealed does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unopened {
    /// The key or passphrase is not the right one.
    WrongKey,
    /// It would take more than [`MOST_WORK`].
    TooMuchWork,
    /// It is not what was sealed.
    Damaged,
}

impl From<DecryptError> for Unopened {
    fn from(error: DecryptError) -> Self {
        match error {
            DecryptError::DecryptionFailed | DecryptError::KeyDecryptionFailed | DecryptError::NoMatchingKeys => {
                Self::WrongKey
            }
            DecryptError::ExcessiveWork { .. } => Self::TooMuchWork,
            _ => Self::Damaged,
        }
    }
}

/// Seals bytes to one or more public keys, armored so that the file survives copy and paste.
pub(super) fn seal(recipients: &[x25519::Recipient], plain: &[u8]) -> Result<Vec<u8>, StoreError> {
    write(recipients.iter().map(|one| one as &dyn Recipient), plain)
}

/// Seals bytes with a passphrase.
pub(super) fn lock(passphrase: &Secret, work_factor: u8, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
    let mut recipient = age::scrypt::Recipient::new(SecretString::from(passphrase.reveal().to_owned()));
    recipient.set_work_factor(work_factor);
    write(iter::once(&recipient as &dyn Recipient), plain)
}

/// Opens what [`seal`] made.
pub(super) fn open(identities: &[x25519::Identity], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Unopened> {
    read(sealed, identities.iter().map(|one| one as &dyn Identity))
}

/// Opens what [`lock`] made.
pub(super) fn unlock(passphrase: &Secret, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Unopened> {
    let mut identity = age::scrypt::Identity::new(SecretString::from(passphrase.reveal().to_owned()));
    identity.set_max_work_factor(MOST_WORK);
    read(sealed, iter::once(&identity as &dyn Identity))
}

/// Whether a file is an age file, armored or not, rather than a list of keys.
pub(super) fn is_sealed(bytes: &[u8]) -> bool {
    bytes.starts_with(b"-----BEGIN AGE ENCRYPTED FILE-----") || bytes.starts_with(b"age-encryption.org/")
}

fn write<'a>(recipients: impl Iterator<Item = &'a dyn Recipient>, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
    let failed = |_| StoreError::Encryption { detail: "age could not write" };
    let encryptor = Encryptor::with_recipients(recipients)
        .map_err(|_| StoreError::Encryption { detail: "age took none of the recipients" })?;
    let armor = ArmoredWriter::wrap_output(Vec::new(), Format::AsciiArmor).map_err(failed)?;
    let mut writer = encryptor.wrap_output(armor).map_err(failed)?;
    writer.write_all(plain).map_err(failed)?;
    writer.finish().and_then(ArmoredWriter::finish).map_err(failed)
}

fn read<'a>(sealed: &[u8], identities: impl Iterator<Item = &'a dyn Identity>) -> Result<Zeroizing<Vec<u8>>, Unopened> {
    let decryptor = Decryptor::new_buffered(ArmoredReader::new(sealed))?;
    let mut reader = decryptor.decrypt(identities)?;
    // As large as it can become: a buffer that grows leaves copies behind.
    let mut plain = Zeroizing::new(Vec::with_capacity(sealed.len() + 32));
    reader.read_to_end(&mut plain).map_err(|_| Unopened::Damaged)?;
    Ok(plain)
}
