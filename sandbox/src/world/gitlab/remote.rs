//! Addresses of other forges' repositories: what GitLab takes, and how it shows them.
//!
//! Sources: GitLab's `UrlBlocker` for the refusals, recorded answers for the mask.

use percent_encoding::percent_decode_str;
use url::Url;

use super::mirror::Credentials;

/// What GitLab fetches from.
const SCHEMES: &[&str] = &["http", "https", "ssh", "git"];

/// A repository's address, and who enters there.
#[derive(Debug, Clone)]
pub(crate) struct Remote {
    /// Without credentials.
    pub url: String,
    pub credentials: Credentials,
}

impl Remote {
    /// Reads an address that may bear credentials.
    ///
    /// # Errors
    ///
    /// Why GitLab blocks it, to be put after `Url is blocked: `.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const ONLY: &str = "Only allowed schemes are http, https, ssh, git";
        let mut url = match Url::parse(text.trim()) {
            Ok(url) => url,
            // `git@host:path`, as ssh takes it, is no address here.
            Err(url::ParseError::RelativeUrlWithoutBase) => return Err(ONLY),
            Err(_) => return Err("URI is invalid"),
        };
        if !SCHEMES.contains(&url.scheme()) {
            return Err(ONLY);
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err("URI is invalid");
        }
        let decoded = |part: &str| percent_decode_str(part).decode_utf8_lossy().into_owned();
        let user = Some(url.username()).filter(|user| !user.is_empty()).map(decoded);
        let password = url.password().map(decoded);
        // Neither can fail on an address with a host.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        Ok(Self { url: url.to_string(), credentials: Credentials { user, password } })
    }
}

/// `https://*****:*****@host/path`, whether there are credentials or not.
pub(crate) fn masked(url: &str) -> String {
    match url.split_once("://") {
        Some((scheme, rest)) => {
            let (place, path) = rest.split_once('/').map_or((rest, ""), |(place, path)| (place, path));
            let host = place.rsplit('@').next().unwrap_or(place);
            format!("{scheme}://*****:*****@{host}/{path}")
        }
        None => url.to_owned(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that fails may as well panic")]
mod tests {
    use super::*;

    #[test]
    fn addresses_hide_who_may_enter() {
        assert_eq!(masked("https://u:p@github.com/o/r.git"), "https://*****:*****@github.com/o/r.git");
        assert_eq!(masked("https://github.com/o/r.git"), "https://*****:*****@github.com/o/r.git");
    }

    #[test]
    fn credentials_are_taken_out_and_decoded() {
        let remote = Remote::parse("http://o%40x:p%2Fw@127.0.0.1:4000/o/r.git").unwrap();
        assert_eq!(remote.url, "http://127.0.0.1:4000/o/r.git");
        assert_eq!(remote.credentials.user.as_deref(), Some("o@x"));
        assert_eq!(remote.credentials.password.as_deref(), Some("p/w"));
        assert_eq!(Remote::parse("https://github.com/o/r.git").unwrap().credentials, Credentials::default());
    }

    #[test]
    fn what_git_takes_and_gitlab_does_not() {
        for text in ["git@github.com:o/r.git", "file:///etc", "ftp://h/x", "github.com/o/r"] {
            assert!(Remote::parse(text).unwrap_err().starts_with("Only allowed schemes"), "{text}");
        }
        assert_eq!(Remote::parse("https://").unwrap_err(), "URI is invalid");
    }
}
