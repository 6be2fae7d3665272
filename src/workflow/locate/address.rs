//! A URL, as people and git write them, and how it compares with a forge's base URL or a `serves` prefix.

use url::Url;

use crate::model::text::masked_url;

/// What is asked for by URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    url: Url,
    /// Over ssh neither scheme nor port say anything of the web address: the host decides.
    over_ssh: bool,
}

impl Address {
    /// Reads a URL or git's short form `user@host:path`; nothing when it is neither.
    pub fn read(text: &str) -> Option<Self> {
        if text.contains(['\\', ' ']) {
            return None;
        }
        let (text, over_ssh) = match text.split_once("://") {
            Some(("ssh" | "git+ssh" | "ssh+git", rest)) => (format!("https://{rest}"), true),
            Some(("http" | "https", _)) => (text.to_owned(), false),
            Some(_) => return None,
            None => match text.split_once(':') {
                Some((host, path)) if host.contains('@') && !path.starts_with("//") => {
                    (format!("https://{host}/{}", path.trim_start_matches('/')), true)
                }
                _ if text.contains(['.', '/', ':']) && !text.contains('@') => (format!("https://{text}"), false),
                _ => return None,
            },
        };
        let mut url = Url::parse(&text).ok()?;
        url.host_str()?;
        let _ = url.set_username("");
        let _ = url.set_password(None);
        url.set_query(None);
        url.set_fragment(None);
        Some(Self { url, over_ssh })
    }

    /// The address of what a web URL leads to.
    pub(in super::super) fn at(url: Url) -> Self {
        Self { url, over_ssh: false }
    }

    /// The URL as it may be shown.
    pub fn shown(&self) -> String {
        masked_url(&self.url)
    }

    /// Whether a base URL is this address's forge.
    pub(in super::super) fn is_at(&self, base: &str) -> bool {
        let Ok(base) = Url::parse(base) else { return false };
        let same_place =
            if self.over_ssh { base.host_str() == self.url.host_str() } else { base.origin() == self.url.origin() };
        same_place && (self.over_ssh || is_below(self.url.path(), base.path()))
    }

    /// How precisely a base URL names this address's forge: a forge below a path is not the one at the top of its host.
    /// Over ssh the path says nothing of that.
    pub(in super::super) fn nearness(&self, base: &str) -> usize {
        let length = |base: Url| base.path().trim_end_matches('/').len();
        if self.over_ssh { 0 } else { Url::parse(base).map_or(0, length) }
    }

    /// Whether it has a URL's scheme, host and port.
    pub(in super::super) fn has_origin_of(&self, url: &Url) -> bool {
        !self.over_ssh && self.url.origin() == url.origin()
    }

    /// The path below a base URL, without `.git` at its end; nothing where it is that base itself, or elsewhere.
    pub fn below(&self, base: &str) -> Option<String> {
        let path = self.path_at(base, false)?;
        let rest = path.trim_matches('/');
        let rest = rest.strip_suffix(".git").unwrap_or(rest);
        (!rest.is_empty()).then(|| rest.to_owned())
    }

    /// The path below a base URL, if the address is there. What was written without a scheme has the base's.
    pub(in super::super) fn path_at(&self, base: &str, without_scheme: bool) -> Option<String> {
        let parsed = Url::parse(base).ok()?;
        let mut here = self.clone();
        if without_scheme {
            here.url.set_scheme(parsed.scheme()).ok()?;
        }
        if !here.is_at(base) {
            return None;
        }
        // Over ssh the path has no base path in front.
        let base_path = parsed.path().trim_end_matches('/');
        let path = here.url.path();
        let below = path.get(..base_path.len()).is_some_and(|start| start.eq_ignore_ascii_case(base_path));
        let rest = path.get(base_path.len()..).filter(|rest| below && (rest.is_empty() || rest.starts_with('/')));
        Some(rest.unwrap_or(path).to_owned())
    }

    /// Whether a base URL is of the same machine, though scheme, port or path differ.
    pub(super) fn is_near(&self, base: &str) -> bool {
        Url::parse(base).is_ok_and(|base| base.host_str() == self.url.host_str())
    }

    /// How precisely a `serves` prefix of a connection with this base URL fits: its length, if it does.
    pub(in super::super) fn fits(&self, prefix: &str, base: &str) -> Option<usize> {
        let (prefix, base) = (Url::parse(prefix).ok()?, Url::parse(base).ok()?);
        let path = prefix.path().trim_end_matches('/');
        if !self.over_ssh {
            return (prefix.origin() == self.url.origin() && is_below(self.url.path(), path)).then_some(path.len());
        }
        // Over ssh the path has no base path in front.
        let below = is_below(path, base.path()) && prefix.origin() == base.origin();
        let rest = path.get(base.path().trim_end_matches('/').len()..).filter(|_| below)?;
        (prefix.host_str() == self.url.host_str() && is_below(self.url.path(), rest)).then_some(path.len())
    }
}

/// Whether a path is another, or below it by whole segments. Forges take no notice of case.
fn is_below(path: &str, base: &str) -> bool {
    let (path, base) = (path.to_lowercase(), base.trim_end_matches('/').to_lowercase());
    let path = path.trim_end_matches('/').trim_end_matches(".git");
    path.strip_prefix(base.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_address() {
        for text in ["octocat", "octocat@github.com", "file:///etc/passwd", "https://", "C:\\x"] {
            assert!(Address::read(text).is_none(), "{text}");
        }
    }
}
