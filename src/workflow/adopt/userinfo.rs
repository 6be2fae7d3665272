//! URLs with a password or a token in them. Such a text is taken apart by hand, so that no copy of the secret is left in
//! memory that nobody wipes; only the host goes through a parser of URLs.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use zeroize::Zeroizing;

use crate::model::Secret;
use crate::model::text::begins_like_a_token;

/// User names that say nothing of whose a token is.
const NOBODY: [&str; 8] =
    ["x-access-token", "x-oauth-basic", "oauth2", "gitlab-ci-token", "private-token", "token", "git", "__token__"];

/// A URL with a secret in it, taken apart.
pub(super) struct Credential {
    /// `https://host:port`, without anything else.
    pub address: String,
    /// Whose it is, if the name says so.
    pub user: Option<String>,
    /// The token.
    pub secret: Secret,
    /// The URL without it.
    pub clean: String,
}

/// Takes apart a URL of http or https; nothing if there is no secret in it, or none that could be a token.
pub(super) fn read(text: &str) -> Option<Credential> {
    let (scheme, rest) = text.trim().split_once("://")?;
    if !scheme.eq_ignore_ascii_case("https") && !scheme.eq_ignore_ascii_case("http") {
        return None;
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end)?;
    let (info, host) = authority.rsplit_once('@')?;
    let (user, password) = match info.split_once(':') {
        Some((user, password)) => (decoded(user)?, decoded(password)?),
        None => (decoded(info)?, Zeroizing::new(String::new())),
    };
    // `TOKEN@`, `TOKEN:x-oauth-basic@`: GitHub takes the token for either of the two.
    let as_user = password.is_empty() || *password == "x-oauth-basic";
    let (user, token) = match as_user {
        true if password.is_empty() && !begins_like_a_token(&user) && !is_long(&user) => return None,
        true => (None, user),
        false => (name(&user), password),
    };
    let secret = Secret::from_input(token).ok()?;
    let scheme = scheme.to_ascii_lowercase();
    let clean = match &user {
        Some(_) => format!("{scheme}://{}@{host}{path}", info.split(':').next().unwrap_or_default()),
        None => format!("{scheme}://{host}{path}"),
    };
    Some(Credential { address: format!("{scheme}://{}", readable(host)), user, secret, clean })
}

/// git's helper `store` writes the host as `example.com%3a8443`. What would be more than a host when decoded stays as it is.
fn readable(host: &str) -> Cow<'_, str> {
    let decoded = percent_decode_str(host).decode_utf8().unwrap_or(Cow::Borrowed(host));
    let is_host = decoded.chars().all(|c| c.is_alphanumeric() || "-._:[]".contains(c));
    if is_host { decoded } else { Cow::Borrowed(host) }
}

/// The user name, if it says whose the token is and is not itself one.
pub(super) fn name(user: &str) -> Option<String> {
    let nobody = user.is_empty() || NOBODY.contains(&user.to_ascii_lowercase().as_str());
    (!nobody && !begins_like_a_token(user) && !user.contains(char::is_control)).then(|| user.to_owned())
}

/// Tokens from before the prefixes: forty hexadecimal digits, GitLab's twenty characters are too few to tell.
fn is_long(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

fn decoded(text: &str) -> Option<Zeroizing<String>> {
    let bytes = Zeroizing::new(percent_decode_str(text).collect::<Vec<u8>>());
    std::str::from_utf8(&bytes).ok().map(|text| Zeroizing::new(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(text: &str) -> Option<(String, Option<String>, String)> {
        let found = read(text)?;
        let token = found.secret.fingerprint();
        let known = ["ghp_x", "p@ss:word", "0123456789abcdef0123456789abcdef01234567"];
        let token = known.iter().find(|text| Secret::new((**text).to_owned()).fingerprint() == token)?;
        Some((found.clean, found.user, (*token).to_owned()))
    }

    #[test]
    fn which_part_is_the_token() {
        let own = |clean: &str, user: Option<&str>, token: &str| {
            Some((clean.to_owned(), user.map(str::to_owned), token.to_owned()))
        };
        assert_eq!(
            shown("https://octocat:ghp_x@github.com/a/b"),
            own("https://octocat@github.com/a/b", Some("octocat"), "ghp_x")
        );
        assert_eq!(shown("https://oauth2:ghp_x@h:8443"), own("https://h:8443", None, "ghp_x"));
        assert_eq!(shown("https://ghp_x@h/a?b"), own("https://h/a?b", None, "ghp_x"));
        assert_eq!(shown("https://ghp_x:x-oauth-basic@h/"), own("https://h/", None, "ghp_x"));
        assert_eq!(shown("https://ghp_y:ghp_x@h/"), own("https://h/", None, "ghp_x"));
        assert_eq!(shown("HTTP://me:p%40ss%3aword@h"), own("http://me@h", Some("me"), "p@ss:word"));
        assert_eq!(
            shown("https://0123456789abcdef0123456789abcdef01234567@h"),
            own("https://h", None, "0123456789abcdef0123456789abcdef01234567")
        );
        for none in [
            "https://octocat@github.com/a",
            "https://h/a@b",
            "ssh://git:ghp_x@h",
            "git@h:a",
            "https://a:@h",
            "",
            "https://%ff:%ff@h",
        ] {
            assert_eq!(shown(none), None, "{none}");
        }
    }

    #[test]
    fn a_host_as_gits_helper_store_writes_it() {
        let address = |text: &str| read(text).map(|found| found.address);
        let own = |text: &str| Some(text.to_owned());
        assert_eq!(address("https://me:ghp_x@git.example.com%3a8443"), own("https://git.example.com:8443"));
        assert_eq!(address("http://me:ghp_x@%5b%3a%3a1%5d%3A80"), own("http://[::1]:80"));
        for odd in ["github.com%2fx", "a%40github.com", "github.com%23", "github.com%00", "%ff"] {
            assert_eq!(address(&format!("https://me:ghp_x@{odd}")), Some(format!("https://{odd}")));
        }
    }

    proptest! {
        /// The URL that is left has nothing of the secret in it.
        #[test]
        fn nothing_is_left(user in "[a-z]{0,6}", token in "[A-Z0-9]{8,20}", host in "[a-z]{1,8}(:[0-9]{2,4})?", path in "(/[a-z]{1,5}){0,3}") {
            let found = read(&format!("https://{user}:{token}@{host}{path}"));
            let found = found.ok_or_else(|| TestCaseError::fail("not found"))?;
            let end = format!("{}{}", host, path);
            prop_assert!(!found.clean.contains(&token) && found.clean.ends_with(&end));
            prop_assert_eq!(found.address, format!("https://{}", host));
        }
    }
}
