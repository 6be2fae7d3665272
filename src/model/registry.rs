//! Container registries: which there are at the vendors' own hosts, and how one is named.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use url::Url;

use super::host::is_loopback;
use super::text::begins_like_a_token;

/// The host of a registry, with its port unless that is the usual one: `ghcr.io`, `registry.example.com:5050`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Registry(String);

/// A text that names no registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a registry is named by its host, as `registry.example.com` or `registry.example.com:5050`")]
pub struct NotARegistry;

impl Registry {
    /// The registry, and the path below it, of what Docker and Podman ask for: `ghcr.io`, `https://ghcr.io`,
    /// `ghcr.io/octocat/image`. Plain http is for this machine only.
    ///
    /// # Errors
    /// [`NotARegistry`].
    pub fn asked(text: &str) -> Result<(Self, String), NotARegistry> {
        let text = text.trim();
        if !is_to_the_letter(text) {
            return Err(NotARegistry);
        }
        let whole = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
        let url = Url::parse(&whole).map_err(|_| NotARegistry)?;
        let allowed = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url));
        let host = url.host_str().filter(|host| !host.is_empty() && !begins_like_a_token(host)).ok_or(NotARegistry)?;
        if !allowed || !url.username().is_empty() || url.password().is_some() || text.contains(['\\', '?', '#']) {
            return Err(NotARegistry);
        }
        let host = host.trim_end_matches('.');
        let registry = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        // Docker puts the version of the interface behind the oldest of them.
        let path = url.path().trim_matches('/');
        let path = if matches!(path, "v1" | "v2") { "" } else { path };
        Ok((Self(registry), path.to_owned()))
    }

    /// Those that belong to a forge at one of the vendors' own hosts: GitHub docs, "Working with the Container registry" (and,
    /// before it, `docker.pkg.github.com`; `containers.SUBDOMAIN.ghe.com` with data residency); GitLab docs, "GitLab container registry".
    /// Where a self-managed forge has its own nobody can know: the user names it.
    pub fn of_vendor(url: &str) -> Vec<Self> {
        let host = url.strip_prefix("https://").unwrap_or_default();
        let names: Vec<String> = match host {
            "github.com" => vec!["ghcr.io".into(), "docker.pkg.github.com".into()],
            "gitlab.com" => vec!["registry.gitlab.com".into()],
            tenant if tenant.ends_with(".ghe.com") && !tenant.contains([':', '/']) => {
                vec![format!("containers.{tenant}")]
            }
            _ => Vec::new(),
        };
        names.into_iter().map(Self).collect()
    }

    /// Whether it is a vendor's own, and so nobody else's.
    pub fn is_a_vendors(&self) -> bool {
        let names = ["ghcr.io", "docker.pkg.github.com", "registry.gitlab.com"];
        names.contains(&self.as_str()) || self.0.ends_with(".ghe.com")
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether the host is written as it is: who reads it after us must not read another one. A parser of URLs leaves out
/// line breaks, undoes escapes, and takes full-width letters and further slashes for what they look like.
fn is_to_the_letter(text: &str) -> bool {
    let behind = text.split_once("://").map_or(text, |(_, behind)| behind);
    let host = behind.split('/').next().unwrap_or_default();
    let own = |c: char| c.is_ascii_alphanumeric() || "-._:[]".contains(c);
    !host.is_empty() && host.chars().all(own) && !text.contains(char::is_control)
}

impl fmt::Display for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Registry {
    type Err = NotARegistry;

    fn from_str(text: &str) -> Result<Self, NotARegistry> {
        match Self::asked(text)? {
            (registry, path) if path.is_empty() => Ok(registry),
            _ => Err(NotARegistry),
        }
    }
}

impl TryFrom<String> for Registry {
    type Error = NotARegistry;

    fn try_from(text: String) -> Result<Self, NotARegistry> {
        text.parse()
    }
}

impl From<Registry> for String {
    fn from(registry: Registry) -> Self {
        registry.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_docker_and_podman_ask() {
        let asked = |text: &str| Registry::asked(text).ok().map(|(registry, path)| (registry.0, path));
        let own = |registry: &str, path: &str| Some((registry.to_owned(), path.to_owned()));
        assert_eq!(asked("ghcr.io"), own("ghcr.io", ""));
        assert_eq!(asked("https://GHCR.io/v1/\n"), own("ghcr.io", ""));
        assert_eq!(asked("ghcr.io/octocat/image"), own("ghcr.io", "octocat/image"));
        assert_eq!(asked("https://registry.example.com:443"), own("registry.example.com", ""));
        assert_eq!(asked("registry.example.com:5050"), own("registry.example.com:5050", ""));
        assert_eq!(asked("http://127.0.0.1:5000"), own("127.0.0.1:5000", ""));
        for none in [
            "",
            "http://ghcr.io",
            "https://x@ghcr.io",
            "https://ghcr.io@evil.test",
            "ghcr.io\\.evil.test",
            "ftp://ghcr.io",
            "a b",
        ] {
            assert!(asked(none).is_none_or(|(registry, _)| registry == "evil.test"), "{none}");
        }
        assert_ne!(asked("https://ghcr.io.evil.test"), own("ghcr.io", ""));
        assert!("ghcr.io/octocat".parse::<Registry>().is_err());
    }

    #[test]
    fn no_other_spelling_of_a_host() {
        for other in [
            "ghc\tr.io",
            "ghc\nr.io/octocat",
            "https:///ghcr.io",
            "ghcr%2eio",
            "ｇｈｃｒ.io",
            "ghcr。io",
            "gh\u{ad}cr.io",
            "ghcr.io/a\nb",
        ] {
            assert_eq!(Registry::asked(other), Err(NotARegistry), "{other:?}");
        }
    }

    #[test]
    fn a_self_managed_one_has_none_until_it_is_named() {
        assert_eq!(Registry::of_vendor("https://gitlab.example.com"), []);
        assert_eq!(Registry::of_vendor("http://github.com"), []);
        assert_eq!(Registry::of_vendor("https://github.com.evil.test"), []);
        assert_eq!(Registry::of_vendor("https://acme.ghe.com")[0].as_str(), "containers.acme.ghe.com");
    }
}
