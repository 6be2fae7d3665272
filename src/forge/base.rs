//! Where a token may go: one origin, below one path.
//!
//! Every request's URL is made here, and every address that a server proposes (a redirect, a next
//! page) is held against it before anything is sent there.

use url::Url;

/// The place below which all requests of one kind stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Base {
    root: Url,
}

impl Base {
    /// `root` is an http or https URL; query and fragment are dropped.
    pub(super) fn new(root: &Url) -> Self {
        let mut root = root.clone();
        root.set_query(None);
        root.set_fragment(None);
        let path = root.path().trim_end_matches('/').to_owned();
        root.set_path(&path);
        Self { root }
    }

    /// The URL of a resource. Each segment is escaped whole, so that `group/project` stays one.
    pub(super) fn url(&self, segments: &[&str], query: &[(&str, &str)]) -> Url {
        let mut url = self.root.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    /// Its own address, without a slash at the end.
    pub(super) fn root(&self) -> &str {
        self.root.as_str().trim_end_matches('/')
    }

    /// Whether a request to this URL stays with the same scheme, host and port, below the same path.
    pub(super) fn contains(&self, url: &Url) -> bool {
        let same_origin = self.root.scheme() == url.scheme()
            && self.root.host() == url.host()
            && self.root.port_or_known_default() == url.port_or_known_default();
        let path = self.root.path().trim_end_matches('/');
        let below = url.path().strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        same_origin && below && url.username().is_empty() && url.password().is_none() && !climbs(url.path())
    }

    /// The same place without this end of its path, if it has it: GitLab's own base below its API's.
    pub(super) fn without(&self, end: &str) -> Option<Self> {
        let path = self.root.path().strip_suffix(end)?;
        let mut root = self.root.clone();
        root.set_path(path);
        Some(Self { root })
    }
}

/// Whether a server that undoes escapes before it reads dots would leave the path: `..%2f`, `%5c`.
fn climbs(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    ["..%2f", "%2f..", "%5c", "%252e"].iter().any(|trick| path.contains(trick))
}

/// Scheme, host and port of a URL, for people; never its path or query.
pub(super) fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(text: &str) -> Base {
        Url::parse(text).map(|url| Base::new(&url)).unwrap_or_else(|_| unreachable!("{text}"))
    }

    #[test]
    fn segments_are_escaped() {
        let there = base("https://h/gitlab/api/v4/");
        assert_eq!(
            there.url(&["projects", "a/b c", "x?y#z%"], &[("q", "1&2")]).as_str(),
            "https://h/gitlab/api/v4/projects/a%2Fb%20c/x%3Fy%23z%25?q=1%262"
        );
        assert_eq!(base("https://api.github.com").url(&["user"], &[]).as_str(), "https://api.github.com/user");
    }

    #[test]
    fn what_is_inside() {
        let there = base("https://h.example/base/api/v4");
        let inside = |text: &str| Url::parse(text).is_ok_and(|url| there.contains(&url));
        for good in [
            "https://h.example/base/api/v4",
            "https://h.example:443/base/api/v4/user?x=1",
            "https://H.Example/base/api/v4/groups/a%2Fb",
        ] {
            assert!(inside(good), "{good}");
        }
        for bad in [
            "http://h.example/base/api/v4/user",
            "https://h.example:8443/base/api/v4/user",
            "https://h.example.evil.net/base/api/v4/user",
            "https://evil.net/base/api/v4/user",
            "https://u:p@h.example/base/api/v4/user",
            "https://h.example@evil.net/base/api/v4/user",
            "https://h.example/base/api/v40/user",
            "https://h.example/other/api/v4/user",
            "https://h.example/base/api/v4/../../admin",
            "https://h.example/base/api/v4/%2e%2e/%2e%2e/admin",
            "https://h.example/base/api/v4/..%2f..%2fadmin",
            "https://h.example/",
        ] {
            assert!(!inside(bad), "{bad}");
        }
    }

    #[test]
    fn an_end_comes_off() {
        assert_eq!(base("https://h/g/api/v4").without("/api/v4"), Some(base("https://h/g")));
        assert_eq!(base("https://h/api/v4").without("/api/v4"), Some(base("https://h/")));
        assert_eq!(base("https://h/g").without("/api/v4"), None);
    }
}
