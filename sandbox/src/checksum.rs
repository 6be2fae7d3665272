//! Tokens with right checksums, made of fresh randomness.
//!
//! A client may check a pasted token offline, so the sandbox's tokens must pass the checks which
//! the real ones pass. The rules, each for its kind:
//!
//! - GitHub `ghp_`, `gho_`, `ghu_`: 30 random characters, then the CRC-32 of those thirty (without
//!   the prefix) in base 62, most significant digit first, padded to six.
//! - GitHub `github_pat_`: 22 characters, `_`, 43 characters, then eight characters which are the
//!   first eight of the base 32 of the SHA-256 of everything before them, then eight without a
//!   known meaning. GitHub documents no checksum; scanners found this one.
//! - GitHub `ghs_`: since April 2026 `ghs_<app id>_<JWT>`, about 520 characters, no checksum.
//! - GitLab `glpat-` with 20 characters: no checksum.
//! - GitLab's routable tokens: `prefix P.VV.LLCCCCCCC`, where the CRC-32 of everything before it,
//!   prefix included, ends the token in base 36.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BASE36: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const GITLAB: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Random bytes from the system.
///
/// # Panics
///
/// When the system has none to give: nothing in a test is worth doing then.
pub(crate) fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    if let Err(error) = getrandom::fill(&mut bytes) {
        panic!("the system gives no randomness: {error}");
    }
    bytes
}

/// `length` random characters of `alphabet`.
///
/// The few values by which a remainder favours the first letters do not matter here: these tokens
/// guard nothing.
pub(crate) fn random_text(alphabet: &[u8], length: usize) -> String {
    let mut text = String::with_capacity(length);
    while text.len() < length {
        for byte in random_bytes::<64>() {
            if text.len() < length {
                text.push(char::from(alphabet[usize::from(byte) % alphabet.len()]));
            }
        }
    }
    text
}

/// Hexadecimal digits, `length` of them.
pub(crate) fn random_hex(length: usize) -> String {
    random_text(b"0123456789abcdef", length)
}

fn in_base(mut number: u32, alphabet: &[u8], width: usize) -> String {
    let base = u32::try_from(alphabet.len()).unwrap_or(u32::MAX);
    let mut digits = Vec::new();
    while number > 0 || digits.len() < width {
        let digit = usize::try_from(number % base).unwrap_or(0);
        digits.push(char::from(alphabet[digit]));
        number /= base;
    }
    digits.iter().rev().collect()
}

/// The last six characters of a GitHub token whose random part is `random`.
pub fn github_checksum(random: &str) -> String {
    in_base(crc32fast::hash(random.as_bytes()), BASE62, 6)
}

/// The eight characters which follow the first 43 of the second part of a fine-grained token.
///
/// `head` is everything before them, `github_pat_` included.
pub fn github_fine_grained_checksum(head: &str) -> String {
    let hash = Sha256::digest(head.as_bytes());
    // Eight characters of base 32 are exactly five bytes.
    let bits = hash.iter().take(5).fold(0_u64, |bits, byte| (bits << 8) | u64::from(*byte));
    (0..8).rev().map(|place| char::from(BASE32[usize::try_from((bits >> (place * 5)) & 31).unwrap_or(0)])).collect()
}

/// The last seven characters of a routable GitLab token; `head` is everything before them.
pub fn gitlab_checksum(head: &str) -> String {
    in_base(crc32fast::hash(head.as_bytes()), BASE36, 7)
}

/// A GitHub token of 36 characters behind its prefix: `ghp_`, `gho_`, `ghu_`.
pub(crate) fn github_token(prefix: &str) -> String {
    let random = random_text(BASE62, 30);
    let checksum = github_checksum(&random);
    format!("{prefix}{random}{checksum}")
}

/// A fine-grained GitHub token.
pub(crate) fn github_fine_grained() -> String {
    let first = random_text(&BASE62[..10], 1);
    let rest = random_text(BASE62, 21);
    let second = random_text(BASE62, 43);
    let head = format!("github_pat_{first}{rest}_{second}");
    let checksum = github_fine_grained_checksum(&head);
    let tail = random_text(BASE62, 8);
    format!("{head}{checksum}{tail}")
}

/// A GitHub App installation token in the shape of 2026: dots, dashes, some 520 characters.
pub(crate) fn github_installation(app_id: u64) -> String {
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","typ":"JWT"}"#);
    let claims =
        URL_SAFE_NO_PAD.encode(format!(r#"{{"iss":"https://github.com","app":{app_id},"jti":"{}"}}"#, random_hex(32)));
    let signature = random_text(GITLAB, 342);
    format!("ghs_{app_id}_{header}.{claims}.{signature}")
}

/// A classic GitLab token: the prefix and twenty characters.
pub(crate) fn gitlab_classic() -> String {
    format!("glpat-{}", random_text(GITLAB, 20))
}

/// A routable GitLab token for the user with this id.
pub(crate) fn gitlab_routable(user: u64) -> String {
    let user = in_base(u32::try_from(user).unwrap_or(0), BASE36, 1);
    gitlab_routable_from(&random_bytes::<16>(), &format!("o:1\nu:{user}"))
}

fn gitlab_routable_from(random: &[u8; 16], routing: &str) -> String {
    let mut payload = random.to_vec();
    payload.extend_from_slice(routing.as_bytes());
    payload.push(u8::try_from(routing.len()).unwrap_or(u8::MAX));
    let payload = URL_SAFE_NO_PAD.encode(payload);
    let length = in_base(u32::try_from(payload.len()).unwrap_or(0), BASE36, 2);
    let head = format!("glpat-{payload}.01.{length}");
    let checksum = gitlab_checksum(&head);
    format!("{head}{checksum}")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that fails may as well panic")]
mod tests {
    use super::*;

    #[test]
    fn github_checksums_are_those_of_published_vectors() {
        assert_eq!(github_checksum("M7H4jxUDDWHP4kZ6A4dxlQYsQIWJuq"), "11T4V4");
        assert_eq!(github_checksum("HEEjXavM6wKtyhAUwDblMznMEhWyTt"), "4XwY6f");
        assert_eq!(github_checksum("QdwULL38u41vs1OcAjhKqcaSZ9W63r"), "0Zu4ln");
    }

    #[test]
    fn routable_tokens_follow_gitlabs_layout() {
        let random: [u8; 16] = std::array::from_fn(|at| at as u8);
        assert_eq!(gitlab_routable_from(&random, "o:1\nu:2s"), "glpat-AAECAwQFBgcICQoLDA0OD286MQp1OjJzCA.01.0y0wdsbqj");
        assert_eq!(
            gitlab_routable_from(&random, "c:1\no:1\np:6\nu:1"),
            "glpat-AAECAwQFBgcICQoLDA0OD2M6MQpvOjEKcDo2CnU6MQ8.01.170hf1b5q"
        );
    }

    #[test]
    fn each_kind_has_its_shape() {
        let classic = github_token("ghp_");
        assert_eq!(classic.len(), 40);
        assert_eq!(github_checksum(&classic[4..34]), classic[34..]);

        let fine = github_fine_grained();
        assert_eq!(fine.len(), 93);
        let end = fine.len() - 16;
        assert_eq!(github_fine_grained_checksum(&fine[..end]), fine[end..end + 8]);

        let installation = github_installation(990_817);
        assert!(installation.len() > 450, "{}", installation.len());
        assert_eq!(installation.matches('.').count(), 2);
        assert_eq!(gitlab_classic().len(), 26);
    }

    #[test]
    fn base32_is_rfc_4648() {
        // SHA-256 of nothing begins e3b0c44298; its base 32 begins 4OYMIQUY.
        assert_eq!(github_fine_grained_checksum(""), "4OYMIQUY");
    }
}
