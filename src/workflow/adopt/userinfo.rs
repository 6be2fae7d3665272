//! URLs with a password or a token in them. Such a text is taken apart by hand, so that no copy of the secret is left in
//! memory that nobody wipes; only the host goes through a parser of URLs.

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
    Some(Credential { address: format!("{scheme}://{host}"), user, secret, clean })
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
