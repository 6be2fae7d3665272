//! Whether a delivery comes from somebody who has the connection's secret.
//!
//! Pure: keys, headers, the body as it came, the time. What is compared with a secret, or with what was computed
//! with one, is compared in constant time, and every key is tried whether or not an earlier one fits.
//!
//! - **GitHub**: `X-Hub-Signature-256: sha256=` and the HMAC-SHA256 of the raw body in hexadecimal. The older
//!   `X-Hub-Signature` (SHA-1) is not looked at. (docs.github.com, "Validating webhook deliveries")
//! - **GitLab with a signing token**: Standard Webhooks. `webhook-signature` holds one or more `v1,<base64>`, separated
//!   by spaces, of the HMAC-SHA256 of `{webhook-id}.{webhook-timestamp}.{raw body}`; the key is what `whsec_` is
//!   followed by, in Base64. A time more than five minutes away is refused.
//!   (github.com/standard-webhooks/standard-webhooks, spec; gitlab-org/gitlab!230944)
//! - **GitLab with a plain token**: `X-Gitlab-Token` is the secret itself.
//!
//! There is no way down: where the connection's present secret signs, a plain token proves nothing, whatever else is
//! in the headers. A header that comes twice is refused, because two readers may not agree on which one counts.
//!
//! What no receiver can mend: GitHub signs the body only. Whoever has seen a delivery can send it again under another
//! event's name or another id; GitLab's signing tokens put an end to that.

use axum::http::{HeaderMap, HeaderName};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::digest::KeyInit as _;
use hmac::{Hmac, Mac as _};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::model::{Proof, Secret};

/// How far a sender's clock may be from ours (Standard Webhooks' own libraries: five minutes).
const WINDOW: SignedDuration = SignedDuration::from_mins(5);

/// More signatures than this in one header are no change of keys.
const MOST_SIGNATURES: usize = 16;

/// GitHub's header.
pub(super) const HUB_SIGNATURE: HeaderName = HeaderName::from_static("x-hub-signature-256");
/// GitLab's plain token. It is a secret: it goes nowhere.
pub(super) const GITLAB_TOKEN: HeaderName = HeaderName::from_static("x-gitlab-token");
/// Standard Webhooks: the delivery's id, a part of what is signed.
pub(super) const WEBHOOK_ID: HeaderName = HeaderName::from_static("webhook-id");
const WEBHOOK_TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
const WEBHOOK_SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");

/// One secret that deliveries are proved by.
#[derive(Debug, Clone)]
pub struct Key {
    /// How it proves them.
    pub proof: Proof,
    /// The secret.
    pub secret: Secret,
    /// Until when it is accepted; nothing for the present one, which has no end.
    pub until: Option<Timestamp>,
}

/// Why no verifier can be made of some keys. The receiver does not start with these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadKey {
    /// There is no key without an end: anybody could send anything, or nobody could.
    #[error("there is no webhook secret")]
    None,
    /// Empty: anybody could sign with it.
    #[error("the webhook secret is empty")]
    Empty,
    /// A signing token that is not `whsec_` and Base64 of 24 to 64 bytes.
    #[error("the signing token is damaged: it should be `whsec_` and the Base64 of 32 bytes")]
    SigningToken,
}

/// Why a delivery is refused. For the log and the operator; the sender is told nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The header that would prove it is missing. Does the hook have the secret at all?
    #[error("it is not signed")]
    Missing,
    /// The same header twice.
    #[error("it has a header twice that may be there once")]
    Doubled,
    /// A header that does not have the form its forge gives it.
    #[error("its signature does not have the form it should have")]
    Malformed,
    /// Its time is too far in the past or the future: a replay, or a wrong clock.
    #[error("it was signed more than five minutes ago or ahead of the clock")]
    Stale,
    /// Signed with another secret, or changed on its way.
    #[error("its signature does not fit the secret")]
    Wrong,
}

/// A key, ready to be used: its HMAC has been begun, its text is gone.
#[derive(Clone)]
enum Prepared {
    Signature(Hmac<Sha256>),
    SigningToken(Hmac<Sha256>),
    /// The token's digest: digests have one length.
    Token([u8; 32]),
}

/// Proves the deliveries of one connection.
#[derive(Clone)]
pub struct Verifier {
    keys: Vec<(Prepared, Option<Timestamp>)>,
    /// The present secret signs: a plain token is not enough.
    signs: bool,
}

impl std::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Verifier").field("keys", &self.keys.len()).field("signs", &self.signs).finish()
    }
}

impl Verifier {
    /// Makes the keys ready.
    ///
    /// # Errors
    /// [`BadKey`]: a key is unusable, or there is none without an end.
    pub fn new(keys: &[Key]) -> Result<Self, BadKey> {
        let present: Vec<&Key> = keys.iter().filter(|key| key.until.is_none()).collect();
        if present.is_empty() {
            return Err(BadKey::None);
        }
        let signs = present.iter().any(|key| key.proof != Proof::Token);
        let keys: Result<_, BadKey> = keys.iter().map(|key| Ok((prepared(key)?, key.until))).collect();
        Ok(Self { keys: keys?, signs })
    }

    /// Whether the delivery is proved, by its headers and its whole body, at this time.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn verify(&self, headers: &HeaderMap, body: &[u8], now: Timestamp) -> Result<(), Refusal> {
        self.check(headers, Some(body), now)
    }

    /// Whether the headers could prove anything, before a body is read. `Ok` says nothing of a signature.
    ///
    /// # Errors
    /// [`Refusal`], for what no body can mend.
    pub fn look(&self, headers: &HeaderMap, now: Timestamp) -> Result<(), Refusal> {
        self.check(headers, None, now)
    }

    fn check(&self, headers: &HeaderMap, body: Option<&[u8]>, now: Timestamp) -> Result<(), Refusal> {
        let mut proved = false;
        // What is told if nothing fits: the refusal that came furthest.
        let mut refusal = Refusal::Missing;
        for (key, until) in &self.keys {
            if until.is_some_and(|until| until <= now) {
                continue;
            }
            let outcome = match key {
                Prepared::Signature(mac) => hub(mac, headers, body),
                Prepared::SigningToken(mac) => standard(mac, headers, body, now),
                Prepared::Token(_) if self.signs => Err(Refusal::Missing),
                Prepared::Token(digest) => token(digest, headers),
            };
            match outcome {
                Ok(()) => proved = true,
                Err(why) if weight(why) > weight(refusal) => refusal = why,
                Err(_) => {}
            }
        }
        if proved { Ok(()) } else { Err(refusal) }
    }
}

/// How far a delivery came before it was refused.
const fn weight(refusal: Refusal) -> u8 {
    match refusal {
        Refusal::Missing => 0,
        Refusal::Doubled => 1,
        Refusal::Malformed => 2,
        Refusal::Stale => 3,
        Refusal::Wrong => 4,
    }
}

fn prepared(key: &Key) -> Result<Prepared, BadKey> {
    let text = key.secret.reveal();
    if text.is_empty() {
        return Err(BadKey::Empty);
    }
    // HMAC takes keys of any length: this cannot fail.
    let mac = |bytes: &[u8]| Hmac::<Sha256>::new_from_slice(bytes).map_err(|_| BadKey::Empty);
    Ok(match key.proof {
        Proof::Signature => Prepared::Signature(mac(text.as_bytes())?),
        Proof::SigningToken => {
            let encoded = text.strip_prefix("whsec_").ok_or(BadKey::SigningToken)?;
            let bytes = Zeroizing::new(STANDARD.decode(encoded).map_err(|_| BadKey::SigningToken)?);
            // Standard Webhooks: between 24 and 64 bytes. GitLab: 32.
            if !(24..=64).contains(&bytes.len()) {
                return Err(BadKey::SigningToken);
            }
            Prepared::SigningToken(mac(&bytes)?)
        }
        Proof::Token => Prepared::Token(Sha256::digest(text).into()),
    })
}

/// What GitHub would write into its header for this body, so that whoever a delivery is passed on to can verify it, too.
///
/// # Errors
/// [`BadKey::Empty`].
pub(super) fn hub_signature(secret: &Secret, body: &[u8]) -> Result<String, BadKey> {
    let key = Key { proof: Proof::Signature, secret: secret.clone(), until: None };
    let Prepared::Signature(mac) = prepared(&key)? else { return Err(BadKey::Empty) };
    let digest: [u8; 32] = mac.chain_update(body).finalize().into_bytes().into();
    Ok(format!("sha256={}", hex::encode(digest)))
}

/// A header that is there once, as bytes.
fn once<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<&'a [u8], Refusal> {
    let mut found = headers.get_all(name).iter();
    match (found.next(), found.next()) {
        (Some(value), None) => Ok(value.as_bytes()),
        (Some(_), Some(_)) => Err(Refusal::Doubled),
        (None, _) => Err(Refusal::Missing),
    }
}

fn hub(mac: &Hmac<Sha256>, headers: &HeaderMap, body: Option<&[u8]>) -> Result<(), Refusal> {
    let said = once(headers, &HUB_SIGNATURE)?;
    let digest = said.strip_prefix(b"sha256=").and_then(unhex).ok_or(Refusal::Malformed)?;
    let Some(body) = body else { return Ok(()) };
    mac.clone().chain_update(body).verify_slice(&digest).map_err(|_| Refusal::Wrong)
}

fn standard(mac: &Hmac<Sha256>, headers: &HeaderMap, body: Option<&[u8]>, now: Timestamp) -> Result<(), Refusal> {
    let said = once(headers, &WEBHOOK_SIGNATURE)?;
    let (id, time) = (once(headers, &WEBHOOK_ID)?, once(headers, &WEBHOOK_TIMESTAMP)?);
    let at = seconds(time).and_then(|at| Timestamp::from_second(at).ok()).ok_or(Refusal::Malformed)?;
    let digests = signatures(said)?;
    if now.duration_since(at).abs() > WINDOW {
        return Err(Refusal::Stale);
    }
    let Some(body) = body else { return Ok(()) };
    let computed = mac
        .clone()
        .chain_update(id)
        .chain_update(b".")
        .chain_update(time)
        .chain_update(b".")
        .chain_update(body)
        .finalize()
        .into_bytes();
    // Every one is compared: which of them fits is not to be learnt from the time it takes.
    let fits = digests.iter().fold(subtle::Choice::from(0), |fits, digest| fits | digest.ct_eq(&computed[..]));
    if bool::from(fits) { Ok(()) } else { Err(Refusal::Wrong) }
}

fn token(digest: &[u8; 32], headers: &HeaderMap) -> Result<(), Refusal> {
    let said: [u8; 32] = Sha256::digest(once(headers, &GITLAB_TOKEN)?).into();
    if bool::from(said.ct_eq(digest)) { Ok(()) } else { Err(Refusal::Wrong) }
}

/// The `v1` signatures of a header; those of other versions (`v1a`, with public keys) say nothing to us.
fn signatures(said: &[u8]) -> Result<Vec<[u8; 32]>, Refusal> {
    let parts: Vec<&[u8]> = said.split(|byte| *byte == b' ').filter(|part| !part.is_empty()).collect();
    if parts.len() > MOST_SIGNATURES {
        return Err(Refusal::Malformed);
    }
    let mut found = Vec::with_capacity(parts.len());
    for part in parts {
        let comma = part.iter().position(|byte| *byte == b',').ok_or(Refusal::Malformed)?;
        let (version, encoded) = part.split_at(comma);
        if version == b"v1" {
            let decoded = STANDARD.decode(&encoded[1..]).map_err(|_| Refusal::Malformed)?;
            found.push(decoded.try_into().map_err(|_| Refusal::Malformed)?);
        }
    }
    if found.is_empty() { Err(Refusal::Malformed) } else { Ok(found) }
}

/// Seconds since 1970, digits only: neither signs nor spaces, which others might read differently.
fn seconds(text: &[u8]) -> Option<i64> {
    let digits = (1..=12).contains(&text.len()) && text.iter().all(u8::is_ascii_digit);
    digits.then(|| text.iter().fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0')))
}

/// The 32 bytes of 64 hexadecimal digits.
fn unhex(text: &[u8]) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(text, &mut bytes).ok().map(|()| bytes)
}
