//! The webhook of a connection: by what its deliveries are known, and where connect has made hooks.
//!
//! A connection has one secret and one receiving address for all its hooks. The secret itself is in a store; here is
//! what it is called by there, what form it has, and, while it is being changed, until when the one before still
//! holds. There is no fingerprint of it: people choose webhook secrets themselves, and a digest of a weak one could be
//! tried out by whoever reads the record.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use url::Url;
use zeroize::Zeroizing;

use super::{ForgeKind, Secret, SecretId, StoreKind};

/// The fields of [`WebhookRecord`] that this version knows.
pub(super) const FIELDS: [&str; 9] =
    ["id", "secret", "kept_in", "proof", "token", "former", "public_url", "hooks", "being_made"];

/// What a signing token begins with (Standard Webhooks; GitLab 19.0 and later).
const SIGNING: &str = "whsec_";

/// How many random bytes a secret has that connect makes. For a signing token GitLab takes no other number.
const BYTES: usize = 32;

/// What is remembered of a connection's webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookRecord {
    /// The last part of the receiving URL, `BASE/hooks/<id>`: 32 hexadecimal digits.
    pub id: String,
    /// Under which id the store has the secret; in the store `env`, the variable's name.
    pub secret: SecretId,
    /// Which store has it.
    pub kept_in: StoreKind,
    /// What the secret proves a delivery by.
    #[serde(default)]
    pub proof: Proof,
    /// A plain token beside a signing token, for a receiver that knows no signatures; only where it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<PlainToken>,
    /// The secret before, while hooks and receivers are changed over to this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub former: Option<Former>,
    /// The base at which forges reach whoever receives, where that was said: `https://hooks.example.com`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_url: Option<String>,
    /// The hooks that connect has made with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hooks: Vec<KnownHook>,
    /// Temporary hooks that a forge was about to be asked for, and whose numbers nobody has written down yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub being_made: Vec<HookBeingMade>,
}

/// A hook that was about to be made. Where that run was killed, the next one finds it by its address; at this address
/// there was no other, so it is nobody else's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HookBeingMade {
    /// Of what, as in [`KnownHook::target`].
    pub target: String,
    /// Where it is to deliver to.
    pub url: String,
    /// Whether it is for one run of `webhook listen`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub temporary: bool,
}

impl HookBeingMade {
    /// Whether it is to be a hook of this target.
    pub fn is_of(&self, target: &str) -> bool {
        self.target.eq_ignore_ascii_case(target)
    }
}

/// What a delivery proves by that it comes from who has the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Proof {
    /// GitHub: an HMAC of the body, in `X-Hub-Signature-256`.
    #[default]
    Signature,
    /// GitLab 19.0 and later: Standard Webhooks, an HMAC of id, time and body, in `webhook-signature`.
    SigningToken,
    /// GitLab: the secret itself, in `X-Gitlab-Token`.
    Token,
}

impl Proof {
    /// The word used in records and in output.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Signature => "signature",
            Self::SigningToken => "signing-token",
            Self::Token => "token",
        }
    }

    /// The same for people: "signing token".
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Signature => "secret for signatures",
            Self::SigningToken => "signing token",
            Self::Token => "plain token",
        }
    }

    /// What a forge proves its deliveries by when it is given this secret.
    ///
    /// # Errors
    /// [`NotAWebhookSecret`]: what looks like a signing token is damaged, or no header could carry the secret.
    pub fn of(forge: ForgeKind, secret: &Secret) -> Result<Self, NotAWebhookSecret> {
        match (forge, secret.look(form)) {
            (ForgeKind::GitHub, _) => Ok(Self::Signature),
            (ForgeKind::GitLab, Form::Signing) => Ok(Self::SigningToken),
            (ForgeKind::GitLab, Form::Plain) => Ok(Self::Token),
            (ForgeKind::GitLab, Form::DamagedSigning) => Err(NotAWebhookSecret::DamagedSigningToken),
            (ForgeKind::GitLab, Form::NotForHeaders) => Err(NotAWebhookSecret::NotForHeaders),
        }
    }
}

/// Why a text cannot be the secret of a webhook at that forge. Say it, and ask for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAWebhookSecret {
    /// It begins like a signing token and is none.
    #[error("it begins with `whsec_`, but what follows is not the Base64 of 32 bytes")]
    DamagedSigningToken,
    /// GitLab sends a plain token in a header, which takes only plain ASCII.
    #[error("GitLab sends it in a header, which cannot carry every character in it")]
    NotForHeaders,
    /// A plain token beside a signing token has no use where there is no signing token.
    #[error("a plain token beside the secret is only for GitLab's signing tokens")]
    NothingBeside,
}

/// A plain token (`X-Gitlab-Token`) beside a signing token. It proves nothing to connect's own receiver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlainToken {
    /// Under which id the store has it.
    pub secret: SecretId,
    /// Which store.
    pub kept_in: StoreKind,
}

/// A secret that still holds beside a newer one, for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Former {
    /// Under which id the store has it.
    pub secret: SecretId,
    /// Which store.
    pub kept_in: StoreKind,
    /// What it proves a delivery by; the newer one may be of another kind.
    #[serde(default)]
    pub proof: Proof,
    /// When it is no longer accepted.
    pub until: Timestamp,
}

/// A hook at a forge that connect has made with this secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownHook {
    /// Of what: `repo:OWNER/NAME`, `org:ORG`, `project:PATH`, `group:PATH`.
    pub target: String,
    /// The forge's number for that, which stays when it is renamed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_id: Option<u64>,
    /// The forge's number for the hook.
    pub id: u64,
    /// Where it delivers to.
    pub url: String,
    /// Which of the connection's secrets the forge has taken for it; nothing where that is not known. The connection may
    /// have another one by now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<SecretId>,
    /// When connect made it: by the forge's clock, or else by that of this machine.
    pub since: Timestamp,
    /// Whether it was made for one run of `webhook listen`, and goes with it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub temporary: bool,
}

impl KnownHook {
    /// Whether both speak of one hook at the forge.
    pub fn is_same_hook(&self, other: &Self) -> bool {
        self.id == other.id && self.is_of(&other.target, other.target_id)
    }

    /// Whether it is a hook of this target; the number decides where both are known.
    pub fn is_of(&self, target: &str, target_id: Option<u64>) -> bool {
        let kind = |target: &str| target.split(':').next().unwrap_or_default().to_owned();
        match (self.target_id, target_id) {
            (Some(one), Some(other)) => one == other && kind(&self.target) == kind(target),
            _ => self.target.eq_ignore_ascii_case(target),
        }
    }
}

impl WebhookRecord {
    /// Puts right what a record of an earlier version does not say: that GitLab signs nothing as GitHub does.
    pub(super) fn settle(&mut self, forge: ForgeKind) {
        let settled = |proof: Proof| match (forge, proof) {
            (ForgeKind::GitLab, Proof::Signature) => Proof::Token,
            (_, proof) => proof,
        };
        self.proof = settled(self.proof);
        if let Some(former) = &mut self.former {
            former.proof = settled(former.proof);
        }
    }

    /// Whether the secret before has had its time.
    pub fn former_is_over(&self, now: Timestamp) -> bool {
        self.former.as_ref().is_some_and(|former| former.until <= now)
    }

    /// The address that forges deliver to; nothing where nobody has said at which base they reach us.
    pub fn url(&self) -> Option<String> {
        self.public_url.as_deref().map(|base| self.url_below(base))
    }

    /// Whether what is delivered to this address comes to whoever listens for this connection: it is the connection's own,
    /// below a base where somebody may be. RFC 2606: nobody ever is at a name under `.invalid`.
    pub fn comes_here(&self, address: &str) -> bool {
        let own = format!("/hooks/{}", self.id);
        Url::parse(address).is_ok_and(|url| {
            let nowhere = url.host_str().is_some_and(|host| host.trim_end_matches('.').ends_with(".invalid"));
            !nowhere && url.path().ends_with(&own)
        })
    }

    /// The address that forges deliver to, below `base` (`https://hooks.example.com`).
    pub fn url_below(&self, base: &str) -> String {
        format!("{}/hooks/{}", base.trim_end_matches('/'), self.id)
    }
}

/// A secret of 32 random bytes, in the form that goes with the proof.
///
/// # Errors
/// When the operating system gives no random numbers.
pub fn random_secret(proof: Proof) -> Result<Secret, getrandom::Error> {
    let mut bytes = Zeroizing::new([0u8; BYTES]);
    getrandom::fill(bytes.as_mut_slice())?;
    // As long as the text will be: a buffer that grows leaves half a secret behind.
    let mut text = String::with_capacity(BYTES * 2 + SIGNING.len());
    if proof == Proof::SigningToken {
        text.push_str(SIGNING);
        STANDARD.encode_string(bytes.as_slice(), &mut text);
    } else {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        for byte in bytes.iter() {
            text.extend([byte >> 4, byte & 15].map(|half| char::from(DIGITS[usize::from(half)])));
        }
    }
    Ok(Secret::new(text))
}

/// Fewer characters than this are tried out by whoever has one delivery and its signature.
pub const SHORTEST: usize = 16;

/// Whether a secret is so short that it can be tried out.
pub fn is_weak(secret: &Secret) -> bool {
    secret.look(|text| text.chars().count() < SHORTEST)
}

enum Form {
    Signing,
    DamagedSigning,
    Plain,
    NotForHeaders,
}

fn form(text: &str) -> Form {
    match text.strip_prefix(SIGNING) {
        Some(encoded) => {
            let decoded = Zeroizing::new(STANDARD.decode(encoded).unwrap_or_default());
            if decoded.len() == BYTES { Form::Signing } else { Form::DamagedSigning }
        }
        None if text.bytes().all(|b| b.is_ascii_graphic() || b == b' ') => Form::Plain,
        None => Form::NotForHeaders,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proof(forge: ForgeKind, text: &str) -> Result<Proof, NotAWebhookSecret> {
        Proof::of(forge, &Secret::new(text.to_owned()))
    }

    #[test]
    fn the_form_of_a_secret_says_what_it_proves() {
        let signing = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
        assert_eq!(proof(ForgeKind::GitLab, signing), Ok(Proof::SigningToken));
        assert_eq!(proof(ForgeKind::GitHub, signing), Ok(Proof::Signature));
        assert_eq!(proof(ForgeKind::GitLab, "It's a secret"), Ok(Proof::Token));
        for damaged in ["whsec_", "whsec_MDEy", "whsec_not base64", &signing[..signing.len() - 1]] {
            assert_eq!(proof(ForgeKind::GitLab, damaged), Err(NotAWebhookSecret::DamagedSigningToken), "{damaged}");
        }
        assert_eq!(proof(ForgeKind::GitLab, "gehäuse"), Err(NotAWebhookSecret::NotForHeaders));
    }

    #[test]
    fn addresses_that_lead_to_whoever_listens() {
        let id = "0123456789abcdef0123456789abcdef";
        let text = format!(r#"{{ "id": "{id}", "secret": "s", "kept_in": "plain" }}"#);
        let record: WebhookRecord = serde_json::from_str(&text).unwrap_or_else(|e| unreachable!("{e}"));
        for base in ["https://hooks.example.com", "http://127.0.0.1:8787", "https://example.com/in/"] {
            assert!(record.comes_here(&record.url_below(base)), "{base}");
        }
        for other in [
            record.url_below("https://connect.invalid"),
            record.url_below("https://connect.invalid."),
            "https://ci.example.com/build".to_owned(),
            "https://hooks.example.com/hooks/fedcba9876543210fedcba9876543210".to_owned(),
            format!("https://hooks.example.com/hooks/{id}/more"),
            String::new(),
        ] {
            assert!(!record.comes_here(&other), "{other}");
        }
    }

    #[test]
    fn what_is_made_has_the_form_and_differs() {
        for (forge, wanted) in [
            (ForgeKind::GitHub, Proof::Signature),
            (ForgeKind::GitLab, Proof::SigningToken),
            (ForgeKind::GitLab, Proof::Token),
        ] {
            let (one, other) = (random_secret(wanted), random_secret(wanted));
            let (Ok(one), Ok(other)) = (one, other) else { panic!("no random numbers") };
            assert_eq!(Proof::of(forge, &one), Ok(wanted));
            assert!(!one.same_as(&other) && !is_weak(&one));
        }
        assert!(is_weak(&Secret::new("mysecret".into())));
    }

    #[test]
    fn a_hook_is_known_by_its_number_where_its_place_was_renamed() {
        let hook = |target: &str, target_id| KnownHook {
            target: target.into(),
            target_id,
            id: 7,
            url: String::new(),
            secret: None,
            since: Timestamp::UNIX_EPOCH,
            temporary: false,
        };
        let known = hook("repo:a/b", Some(1));
        assert!(known.is_same_hook(&hook("repo:a/renamed", Some(1))));
        assert!(known.is_same_hook(&hook("repo:A/B", None)));
        assert!(!known.is_same_hook(&hook("org:a", Some(1))));
        assert!(!known.is_same_hook(&hook("repo:a/b", Some(2))));
    }
}
