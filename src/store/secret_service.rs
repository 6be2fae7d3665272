//! The short way to a secret in an unlocked Secret Service.
//!
//! `connect token` runs each time git asks, and most of that time went into the key agreement of the
//! `keyring` crate, which raises numbers of 1024 bits to powers of 1024 bits step by step (5 ms of 8).
//! This file speaks the same four messages of the same protocol, encrypted the same way, with num-bigint's
//! Montgomery exponentiation and an exponent of 256 bits: one session, one search, one read.
//!
//! It only ever reads, and only what lies open under one name. Whatever else it meets (no bus, a locked
//! keyring, several entries, an answer it does not understand) it leaves to the `keyring` crate.
//!
//! The protocol: <https://specifications.freedesktop.org/secret-service/latest/transfer-secrets.html>.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeDecrypt as _, KeyIvInit as _};
use num_bigint::BigUint;
use sha2::Sha256;
use zbus::blocking::Connection;
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};
use zeroize::Zeroizing;

use super::system::Quick;

const BUS_NAME: &str = "org.freedesktop.secrets";
const SERVICE_PATH: &str = "/org/freedesktop/secrets";
const SERVICE: &str = "org.freedesktop.Secret.Service";
const ITEM: &str = "org.freedesktop.Secret.Item";
const ALGORITHM: &str = "dh-ietf1024-sha256-aes128-cbc-pkcs7";

/// The bytes of a number of the group.
const WIDTH: usize = 128;

/// The prime of the Second Oakley Group (RFC 2409, 6.2), which the algorithm's name stands for; the generator is 2.
const PRIME: &[u8] = b"FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD\
EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117\
C4B1FE649286651ECE65381FFFFFFFFFFFFFFFF";

/// An open session: its path on the bus and the key agreed upon.
struct Session {
    bus: Connection,
    path: OwnedObjectPath,
    key: Zeroizing<[u8; 16]>,
}

/// The session of this run. It stays open: listing twenty secrets agrees on one key.
static SESSION: Mutex<Option<Session>> = Mutex::new(None);

/// Reads a secret, or says that it cannot tell. May hang as long as the bus does.
pub(super) fn read(service: &str, user: &str) -> Quick {
    let mut session = SESSION.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(answer) = session.as_ref().and_then(|open| open.read(service, user)) {
        return answer;
    }
    // The first read of this run, or the keyring was started anew since the last one.
    *session = Session::open();
    session.as_ref().and_then(|open| open.read(service, user)).unwrap_or(Quick::Undecided)
}

impl Session {
    fn open() -> Option<Self> {
        let bus = Connection::session().ok()?;
        let prime = BigUint::parse_bytes(PRIME, 16)?;
        let mut exponent = Zeroizing::new([0u8; 32]);
        getrandom::fill(&mut *exponent).ok()?;
        let exponent = BigUint::from_bytes_be(&*exponent);
        let ours = BigUint::from(2u8).modpow(&exponent, &prime).to_bytes_be();
        let message = bus
            .call_method(Some(BUS_NAME), SERVICE_PATH, Some(SERVICE), "OpenSession", &(ALGORITHM, Value::from(ours)))
            .ok()?;
        let (theirs, path) = message.body().deserialize::<(OwnedValue, OwnedObjectPath)>().ok()?;
        let theirs = BigUint::from_bytes_be(&Vec::<u8>::try_from(theirs).ok()?);
        let key = derive(&theirs, &exponent, &prime)?;
        Some(Self { bus, path, key })
    }

    /// One search, and one read if it finds one open entry.
    fn read(&self, service: &str, user: &str) -> Option<Quick> {
        let wanted = HashMap::from([("service", service), ("username", user)]);
        let found =
            self.bus.call_method(Some(BUS_NAME), SERVICE_PATH, Some(SERVICE), "SearchItems", &(wanted,)).ok()?;
        let (open, locked) = found.body().deserialize::<(Vec<OwnedObjectPath>, Vec<OwnedObjectPath>)>().ok()?;
        let ([item], []) = (open.as_slice(), locked.as_slice()) else { return Some(Quick::Undecided) };
        let message = self.bus.call_method(Some(BUS_NAME), item, Some(ITEM), "GetSecret", &(&self.path,)).ok()?;
        let body = message.body();
        let (_, iv, sealed, _) = body.deserialize::<(OwnedObjectPath, Vec<u8>, Vec<u8>, String)>().ok()?;
        decrypt(&self.key, &iv, sealed).map(Quick::Found)
    }
}

/// The key that both sides come to. Numbers that only a broken or hostile service sends are refused.
fn derive(theirs: &BigUint, exponent: &BigUint, prime: &BigUint) -> Option<Zeroizing<[u8; 16]>> {
    let one = BigUint::from(1u8);
    if *theirs <= one || *theirs >= prime - &one {
        return None;
    }
    let shared = Zeroizing::new(theirs.modpow(exponent, prime).to_bytes_be());
    let mut padded = Zeroizing::new([0u8; WIDTH]);
    padded.get_mut(WIDTH.checked_sub(shared.len())?..)?.copy_from_slice(&shared);
    let mut key = Zeroizing::new([0u8; 16]);
    hkdf::Hkdf::<Sha256>::new(None, &*padded).expand(&[], &mut *key).ok()?;
    Some(key)
}

/// Decrypts in place, so that no second copy is left behind.
fn decrypt(key: &[u8; 16], iv: &[u8], sealed: Vec<u8>) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(sealed);
    let cipher = cbc::Decryptor::<aes::Aes128>::new_from_slices(key, iv).ok()?;
    let length = cipher.decrypt_padded::<Pkcs7>(&mut bytes).ok()?.len();
    bytes.truncate(length);
    Some(bytes)
}
