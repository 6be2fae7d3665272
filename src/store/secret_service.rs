//! The short way to a secret in an unlocked Secret Service.
//!
//! `connect token` runs each time a script or git asks, and a third of that time went into the key agreement
//! of the `keyring` crate, which raises numbers of 1024 bits to powers of 1024 bits step by step (figures:
//! `docs/decisions/0007-the-short-way-to-the-secret-service.md`).
//! This file speaks the same four messages of the same protocol, encrypted the same way, with num-bigint's
//! Montgomery exponentiation and an exponent of 256 bits: one session, one search, one read.
//!
//! It also tells whether the default keyring is locked, for those who look and must not ask.
//!
//! It only ever reads, and only what lies open under one name. Whatever else it meets (no bus, a locked
//! keyring, several entries, an answer it does not understand) it leaves to the `keyring` crate.
//!
//! The protocol: <https://specifications.freedesktop.org/secret-service/latest/transfer-secrets.html>.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeDecrypt as _, KeyIvInit as _};
use async_io::block_on;
use futures_lite::future::{or, zip};
use num_bigint::BigUint;
use sha2::Sha256;
use zbus::zvariant::{DynamicType, OwnedObjectPath, OwnedValue, Value};
use zbus::{Connection, Message};
use zeroize::Zeroizing;

use super::Quick;

const BUS_NAME: &str = "org.freedesktop.secrets";
const SERVICE_PATH: &str = "/org/freedesktop/secrets";
const SERVICE: &str = "org.freedesktop.Secret.Service";
const COLLECTION: &str = "org.freedesktop.Secret.Collection";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";
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
    let wanted = HashMap::from([("service", service), ("username", user)]);
    if let Some(answer) = session.as_ref().and_then(|open| open.again(&wanted)) {
        return answer;
    }
    // The first read of this run, or the keyring was started anew since the last one.
    let first = Session::open(&wanted);
    let (open, answer) = first.map_or((None, None), |(open, answer)| (Some(open), answer));
    *session = open;
    answer.unwrap_or(Quick::Undecided)
}

/// Whether the default collection is locked; nothing when there is none, or nobody says. It asks nobody.
pub(super) fn is_locked() -> Option<bool> {
    let bus = connect()?;
    let locked = async {
        let alias = call(&bus, SERVICE_PATH, SERVICE, "ReadAlias", &("default",)).await?;
        let collection: OwnedObjectPath = alias.body().deserialize().ok()?;
        let wanted = (COLLECTION, "Locked");
        let answer = call(&bus, collection.as_str(), PROPERTIES, "Get", &wanted).await?;
        bool::try_from(answer.body().deserialize::<OwnedValue>().ok()?).ok()
    };
    drive(&bus, locked)
}

/// Reaches the bus. No thread of zbus's own: this one has nothing else to do than to move its messages.
fn connect() -> Option<Connection> {
    block_on(zbus::connection::Builder::session().ok()?.internal_executor(false).build()).ok()
}

impl Session {
    /// Opens a session and reads. The search does not wait for the key agreement, which keeps the other
    /// side busy for a while.
    fn open(wanted: &HashMap<&str, &str>) -> Option<(Self, Option<Quick>)> {
        let bus = connect()?;
        let prime = BigUint::parse_bytes(PRIME, 16)?;
        let exponent = exponent()?;
        let ours = BigUint::from(2u8).modpow(&exponent, &prime).to_bytes_be();
        let greeting = (ALGORITHM, Value::from(ours));
        let (opened, found) =
            drive(&bus, zip(call(&bus, SERVICE_PATH, SERVICE, "OpenSession", &greeting), search(&bus, wanted)));
        let (theirs, path) = opened?.body().deserialize::<(OwnedValue, OwnedObjectPath)>().ok()?;
        let theirs = BigUint::from_bytes_be(&Vec::<u8>::try_from(theirs).ok()?);
        let key = derive(&theirs, &exponent, &prime)?;
        let session = Self { bus, path, key };
        let answer = found.and_then(|found| session.take(&found));
        Some((session, answer))
    }

    /// Reads once more, in a session that is open.
    fn again(&self, wanted: &HashMap<&str, &str>) -> Option<Quick> {
        self.take(&drive(&self.bus, search(&self.bus, wanted))?)
    }

    /// Reads what was found, if it is one open entry.
    fn take(&self, found: &Message) -> Option<Quick> {
        let (open, locked) = found.body().deserialize::<(Vec<OwnedObjectPath>, Vec<OwnedObjectPath>)>().ok()?;
        let ([item], []) = (open.as_slice(), locked.as_slice()) else { return Some(Quick::Undecided) };
        let message = drive(&self.bus, call(&self.bus, item.as_str(), ITEM, "GetSecret", &(&self.path,)))?;
        let body = message.body();
        let (_, iv, sealed, _) = body.deserialize::<(OwnedObjectPath, Vec<u8>, Vec<u8>, String)>().ok()?;
        decrypt(&self.key, &iv, sealed).map(Quick::Found)
    }
}

/// Does something on the bus, and what the bus needs doing meanwhile.
fn drive<T>(bus: &Connection, task: impl Future<Output = T>) -> T {
    let chores = async {
        loop {
            bus.executor().tick().await;
        }
    };
    block_on(or(task, chores))
}

async fn search(bus: &Connection, wanted: &HashMap<&str, &str>) -> Option<Message> {
    call(bus, SERVICE_PATH, SERVICE, "SearchItems", &(wanted,)).await
}

async fn call<B>(bus: &Connection, path: &str, interface: &str, method: &str, body: &B) -> Option<Message>
where
    B: serde::Serialize + DynamicType,
{
    bus.call_method(Some(BUS_NAME), path, Some(interface), method, body).await.ok()
}

/// Our half of the key agreement: 256 random bits, which is more than the group itself is worth.
fn exponent() -> Option<BigUint> {
    let mut bytes = Zeroizing::new([0u8; 32]);
    getrandom::fill(&mut *bytes).ok()?;
    Some(BigUint::from_bytes_be(&*bytes))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn prime() -> BigUint {
        BigUint::parse_bytes(PRIME, 16).unwrap_or_else(|| panic!("the prime is no number"))
    }

    #[test]
    fn both_sides_come_to_one_key() {
        let prime = prime();
        let [one, two] = [exponent(), exponent()].map(|e| e.unwrap_or_else(|| panic!("no random numbers")));
        let public = |exponent| BigUint::from(2u8).modpow(exponent, &prime);
        let key = derive(&public(&two), &one, &prime);
        assert!(key.is_some());
        assert_eq!(key, derive(&public(&one), &two, &prime));
    }

    #[test]
    fn numbers_that_give_the_key_away_are_refused() {
        let prime = prime();
        let exponent = BigUint::from(7u8);
        for weak in [BigUint::ZERO, BigUint::from(1u8), &prime - 1u8, prime.clone()] {
            assert!(derive(&weak, &exponent, &prime).is_none());
        }
    }

    #[test]
    fn the_prime_is_that_of_the_rfc() {
        // RFC 2409, 6.2: 2^1024 - 2^960 - 1 + 2^64 * { [2^894 pi] + 129093 }; its two ends are all ones.
        let prime = prime();
        assert_eq!(prime.bits(), 1024);
        assert!((&prime + 1u8).trailing_zeros() >= Some(64));
        assert_eq!(BigUint::from(2u8).modpow(&(&prime - 1u8), &prime), BigUint::from(1u8));
    }

    #[test]
    fn what_does_not_decrypt_is_left_to_the_other_way() {
        for (iv, sealed) in [(vec![0; 16], vec![0; 15]), (vec![0; 3], vec![0; 16]), (vec![0; 16], Vec::new())] {
            assert!(decrypt(&[7; 16], &iv, sealed).is_none());
        }
    }
}
