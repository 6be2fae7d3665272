//! For which hosts git is set up.

use url::Url;

use super::SetupGitError;
use crate::catalog::Records;
use crate::model::{ForgeKind, Host, Outline};
use crate::workflow::Error;

/// A host, as git's configuration names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// `https://github.com`, `https://example.com:8443/gitlab`: without a slash at its end.
    pub url: String,
    /// How many connections have a token for it.
    pub connections: usize,
    /// Whether connect must be told the path to choose among them.
    pub needs_path: bool,
}

impl Site {
    /// The address.
    pub fn parsed(&self) -> Option<Url> {
        Url::parse(&self.url).ok()
    }

    /// How people call it.
    pub fn label(&self) -> &str {
        self.url.strip_prefix("https://").unwrap_or(&self.url)
    }
}

/// The hosts that are meant: those named, or those that connections with a token have.
///
/// # Errors
/// [`SetupGitError::NoHosts`], [`SetupGitError::NotAHost`].
pub fn sites(records: &Records, named: &[String]) -> Result<Vec<Site>, Error> {
    let outlines: Vec<Outline> = records.outlines()?.filter_map(Result::ok).filter(answers).collect();
    let mut urls: Vec<String> = if named.is_empty() {
        outlines.iter().map(|outline| outline.url.clone()).collect()
    } else {
        named.iter().map(|text| address(text, &outlines)).collect::<Result<_, _>>()?
    };
    urls.sort();
    urls.dedup();
    if urls.is_empty() {
        return Err(SetupGitError::NoHosts.into());
    }
    let site = |url: String| Site {
        connections: outlines.iter().filter(|outline| outline.url == url).count(),
        needs_path: needs_path(&url, &outlines),
        url,
    };
    Ok(urls.into_iter().map(site).collect())
}

/// Whether a connection answers for URLs at all.
pub(super) fn answers(outline: &Outline) -> bool {
    outline.has_token && !outline.made_for_one
}

/// The base URL that was meant. A host of a connection counts as it is recorded, plain http included.
fn address(text: &str, outlines: &[Outline]) -> Result<String, SetupGitError> {
    let bare = |text: &str| text.trim().trim_end_matches('/').to_lowercase();
    let label = |url: &str| bare(url.split_once("://").map_or(url, |(_, rest)| rest));
    let known = outlines.iter().find(|it| bare(&it.url) == bare(text) || label(&it.url) == bare(text));
    if let Some(known) = known {
        return Ok(known.url.clone());
    }
    let parse = |kind| Host::parse(kind, text, None, false).map(|host| host.url().to_owned());
    parse(ForgeKind::GitHub)
        .or_else(|_| parse(ForgeKind::GitLab))
        .map_err(|e| SetupGitError::NotAHost { why: e.to_string() })
}

/// Whether the path decides which connection answers at a base URL: it has a path itself, or connections of the same
/// host, port and scheme differ by what they serve or by their own paths.
pub fn needs_path(url: &str, outlines: &[Outline]) -> bool {
    let Ok(parsed) = Url::parse(url) else { return false };
    let beside = |outline: &&Outline| {
        answers(outline) && Url::parse(&outline.url).is_ok_and(|other| other.origin() == parsed.origin())
    };
    let beside: Vec<&Outline> = outlines.iter().filter(beside).collect();
    let differs = |outline: &&Outline| {
        !outline.serves.is_empty() || outline.url.trim_end_matches('/') != url.trim_end_matches('/')
    };
    parsed.path() != "/" || (beside.len() > 1 && beside.iter().any(differs))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outline(url: &str, serves: &[&str]) -> Outline {
        let value = serde_json::json!({ "name": "a", "version": 1, "url": url, "serves": serves, "token": {} });
        serde_json::from_value(value).unwrap_or_else(|e| panic!("{e}"))
    }

    #[test]
    fn the_path_is_needed_where_it_decides() {
        let hub = "https://github.com";
        let plain = outline(hub, &[]);
        let serving = outline(hub, &["https://github.com/acme"]);
        assert!(!needs_path(hub, std::slice::from_ref(&plain)));
        assert!(!needs_path(hub, std::slice::from_ref(&serving)));
        assert!(!needs_path(hub, &[plain.clone(), plain.clone()]));
        assert!(needs_path(hub, &[plain.clone(), serving]));
        assert!(needs_path("https://example.com/gitlab", &[outline("https://example.com/gitlab", &[])]));
        let (one, two) = (outline("https://example.com", &[]), outline("https://example.com/gitlab", &[]));
        assert!(needs_path("https://example.com", &[one, two]));
        assert!(!needs_path(hub, &[plain, outline("https://github.com:8443", &["https://github.com:8443/a"])]));
    }

    #[test]
    fn hosts_as_people_write_them() {
        let known = [outline("http://127.0.0.1:4000", &[]), outline("http://git.example.com", &[])];
        for (text, url) in [
            ("github.com", "https://github.com"),
            ("https://www.github.com/", "https://github.com"),
            ("gitlab.com", "https://gitlab.com"),
            ("gitlab.example.com:8443", "https://gitlab.example.com:8443"),
            ("https://example.com/gitlab/", "https://example.com/gitlab"),
            ("[::1]:8080", "https://[::1]:8080"),
            ("127.0.0.1:4000", "http://127.0.0.1:4000"),
            ("http://git.example.com/", "http://git.example.com"),
        ] {
            assert_eq!(address(text, &known).ok().as_deref(), Some(url), "{text}");
        }
        for text in ["http://gitlab.example.com", "https://u:p@example.com", "", "a b", "ssh://git@github.com"] {
            assert!(address(text, &known).is_err(), "{text}");
        }
    }
}
