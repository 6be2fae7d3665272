//! What the shape of a token tells before anybody is asked. It warns, it never refuses: tokens are
//! opaque, and both vendors reserve the right to change them.
//!
//! Sources: GitHub docs, "About authentication to GitHub" (prefixes); the checksum of `ghp_`, `gho_`,
//! `ghu_`, `ghr_` and 40-character `ghs_` tokens is CRC-32 in base 62, that of `github_pat_` the base 32
//! of a SHA-256 (found by others, not documented). GitLab docs, "Token overview" (prefixes), and
//! `lib/authn/token_field/generator/routable_token.rb` (routable tokens).

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{ForgeKind, Secret};

/// What kind of token it is: one of the words below, or a word a later version wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TokenKind {
    /// GitHub personal access token (classic), `ghp_`.
    Classic,
    /// GitHub fine-grained personal access token, `github_pat_`.
    FineGrained,
    /// OAuth access token, GitHub (`gho_`) or GitLab.
    Oauth,
    /// GitHub App user token, `ghu_`.
    AppUser,
    /// GitHub App installation token, `ghs_`.
    AppInstallation,
    /// GitHub token from before the prefixes: 40 hexadecimal digits.
    Legacy,
    /// GitLab personal access token.
    Personal,
    /// GitLab fine-grained personal access token.
    Granular,
    /// GitLab project access token.
    Project,
    /// GitLab group access token.
    Group,
    /// GitLab access token of a service account.
    ServiceAccount,
    /// Not to be told.
    #[serde(other)]
    Unknown,
}

impl TokenKind {
    /// The word used in records and tables.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Classic => "classic",
            Self::FineGrained => "fine-grained",
            Self::Oauth => "oauth",
            Self::AppUser => "app-user",
            Self::AppInstallation => "app-installation",
            Self::Legacy => "legacy",
            Self::Personal => "personal",
            Self::Granular => "granular",
            Self::Project => "project",
            Self::Group => "group",
            Self::ServiceAccount => "service-account",
            Self::Unknown => "unknown",
        }
    }
}

/// Something about a token's shape worth saying before it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShapeWarning {
    /// It has the prefix of the other forge's tokens.
    OtherForge {
        /// Whose token it looks like.
        looks_like: ForgeKind,
    },
    /// The checksum or the length does not fit: mistyped or cut off.
    Damaged,
    /// A kind of secret that is no API token, named.
    NotAnApiToken {
        /// What it looks like, as `a GitLab deploy token`.
        looks_like: &'static str,
    },
}

/// What kind of GitHub token it looks like.
pub fn github_kind(token: &Secret) -> TokenKind {
    let text = token.reveal();
    match text {
        _ if text.starts_with("github_pat_") => TokenKind::FineGrained,
        _ if text.starts_with("ghp_") => TokenKind::Classic,
        _ if text.starts_with("gho_") => TokenKind::Oauth,
        _ if text.starts_with("ghu_") => TokenKind::AppUser,
        _ if text.starts_with("ghs_") => TokenKind::AppInstallation,
        _ if text.len() == 40 && text.bytes().all(|b| b.is_ascii_hexdigit()) => TokenKind::Legacy,
        _ => TokenKind::Unknown,
    }
}

/// What to warn of before this token is sent to a forge of this kind.
pub fn warning(forge: ForgeKind, token: &Secret) -> Option<ShapeWarning> {
    let text = token.reveal();
    let is_github = ["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"].iter().any(|p| text.starts_with(p));
    let is_gitlab = text.starts_with("gl") && text.split_once('-').is_some_and(|(p, _)| GITLAB_PREFIXES.contains(&p));
    let looks_like = match (is_github, is_gitlab) {
        (true, _) => ForgeKind::GitHub,
        (_, true) => ForgeKind::GitLab,
        _ => return None,
    };
    if looks_like != forge {
        return Some(ShapeWarning::OtherForge { looks_like });
    }
    if let Some(looks_like) = not_an_api_token(text) {
        return Some(ShapeWarning::NotAnApiToken { looks_like });
    }
    let intact = match forge {
        ForgeKind::GitHub => github_intact(text),
        ForgeKind::GitLab => gitlab_intact(text),
    };
    (!intact).then_some(ShapeWarning::Damaged)
}

const GITLAB_PREFIXES: [&str; 14] = [
    "glpat", "gloas", "gldt", "glrt", "glrtr", "glcbt", "glptt", "glft", "glimt", "glagent", "glwt", "glsoat",
    "glffct", "glrtc",
];

fn not_an_api_token(text: &str) -> Option<&'static str> {
    let prefix = text.split_once(['-', '_']).map(|(prefix, _)| prefix)?;
    Some(match prefix {
        "ghr" => "a GitHub refresh token",
        "gloas" => "the secret of a GitLab OAuth application",
        "gldt" => "a GitLab deploy token",
        "glrt" | "glrtr" | "glrtc" => "a GitLab runner token",
        "glcbt" => "a GitLab CI job token",
        "glptt" => "a GitLab pipeline trigger token",
        "glft" => "a GitLab feed token",
        "glimt" => "a GitLab incoming mail token",
        "glagent" => "a GitLab agent token",
        "glwt" => "a GitLab workspace token",
        "glsoat" => "a GitLab SCIM token",
        "glffct" => "a GitLab feature flags client token",
        _ => return None,
    })
}

fn github_intact(text: &str) -> bool {
    if let Some(rest) = text.strip_prefix("github_pat_") {
        // Documentation examples fail this; real tokens seen so far do not.
        let (Some(signed), Some(sum)) = (
            text.get(..text.len().saturating_sub(16)),
            text.get(text.len().saturating_sub(16)..text.len().saturating_sub(8)),
        ) else {
            return false;
        };
        return rest.len() == 82 && base32(&Sha256::digest(signed)).starts_with(sum);
    }
    let Some((prefix, rest)) = text.split_once('_') else { return true };
    // Installation tokens since 2026: `ghs_APPID_JWT`, of any length.
    if prefix == "ghs" && rest.len() != 36 {
        return rest.len() > 36;
    }
    let Some((random, sum)) = rest.len().checked_sub(6).and_then(|at| rest.split_at_checked(at)) else { return false };
    matches!(rest.len(), 36 | 76) && base62(crc32fast::hash(random.as_bytes())) == sum
}

fn gitlab_intact(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("glpat-") else { return true };
    let parts: Vec<&str> = rest.split('.').collect();
    match parts.as_slice() {
        // Administrators may choose another prefix but not another length.
        [classic] => classic.len() == 20,
        [_, _] | [_, _, _] => {
            let Some((signed, sum)) = text.len().checked_sub(7).and_then(|at| text.split_at_checked(at)) else {
                return false;
            };
            base36(crc32fast::hash(signed.as_bytes())) == sum
        }
        _ => false,
    }
}

fn digits(mut value: u32, radix: usize, alphabet: &[u8], width: usize) -> String {
    let mut out = vec![b'0'; width];
    for slot in out.iter_mut().rev() {
        let digit = usize::try_from(value).unwrap_or_default() % radix;
        *slot = alphabet.get(digit).copied().unwrap_or(b'0');
        value /= u32::try_from(radix).unwrap_or(1);
    }
    String::from_utf8(out).unwrap_or_default()
}

fn base62(value: u32) -> String {
    digits(value, 62, b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", 6)
}

fn base36(value: u32) -> String {
    digits(value, 36, b"0123456789abcdefghijklmnopqrstuvwxyz", 7)
}

/// The first eight characters of the base 32 (RFC 4648) of some bytes: forty bits.
fn base32(bytes: &[u8]) -> String {
    let bits = bytes.iter().take(5).fold(0u64, |bits, byte| bits << 8 | u64::from(*byte));
    (0..8)
        .rev()
        .filter_map(|place| b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".get(usize::try_from(bits >> (place * 5) & 31).ok()?))
        .map(|byte| char::from(*byte))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(forge: ForgeKind, text: &str) -> Option<ShapeWarning> {
        warning(forge, &Secret::new(text.to_owned()))
    }

    #[test]
    fn checksums_of_github_tokens() {
        // Generated vectors that other scanners publish; none was ever live.
        for good in [
            "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",
            "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",
            "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",
        ] {
            assert_eq!(look(ForgeKind::GitHub, good), None, "{good}");
        }
        for bad in [
            "ghp_M7H4jxUDDWHP4kZ6A4dxlQYsQIWJuq11T4V5",
            "ghp_M7H4jxUDDWHP4kZ6A4dxlQYsQIWJu",
            "ghp_",
            "github_pat_11ABCDEFG0short",
            "ghs_short",
        ] {
            assert_eq!(look(ForgeKind::GitHub, bad), Some(ShapeWarning::Damaged), "{bad}");
        }
        assert_eq!(look(ForgeKind::GitHub, &format!("ghs_12345_{}", "eyJ.a-b_".repeat(64))), None);
    }

    #[test]
    fn checksums_of_gitlab_tokens() {
        for good in [
            "glpat-AAECAwQFBgcICQoLDA0OD286MQp1OjJzCA.01.0y0wdsbqj",
            "glpat-AAECAwQFBgcICQoLDA0OD286MQp1OjJzCA.0y0k5pvz3",
            "glpat-AAECAwQFBgcICQoLDA0OD2M6MQpvOjEKcDo2CnU6MQ8.01.170hf1b5q",
            "glpat-abcdefghij0123456789",
            "corp-pat-anything",
        ] {
            assert_eq!(look(ForgeKind::GitLab, good), None, "{good}");
        }
        for bad in ["glpat-AAECAwQFBgcICQoLDA0OD286MQp1OjJzCA.01.0y0wdsbq", "glpat-abc", "glpat-a.b"] {
            assert_eq!(look(ForgeKind::GitLab, bad), Some(ShapeWarning::Damaged), "{bad}");
        }
    }

    #[test]
    fn tokens_for_the_wrong_door() {
        assert_eq!(
            look(ForgeKind::GitLab, "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"),
            Some(ShapeWarning::OtherForge { looks_like: ForgeKind::GitHub })
        );
        assert_eq!(
            look(ForgeKind::GitHub, "glpat-abcdefghij0123456789"),
            Some(ShapeWarning::OtherForge { looks_like: ForgeKind::GitLab })
        );
        assert_eq!(
            look(ForgeKind::GitLab, "gldt-abcdefghij0123456789"),
            Some(ShapeWarning::NotAnApiToken { looks_like: "a GitLab deploy token" })
        );
    }
}
