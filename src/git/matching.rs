//! Which addresses a section like `[credential "https://github.com"]` is for.
//!
//! The rules are those of git-config(1), `http.<url>.*`: scheme and port are equal, the host is equal or has `*` for whole
//! labels, the path is the same or below it by whole segments, a user name counts where one is written. Sections of
//! `credential` may also leave parts out: `example.com`, `https://` (gitcredentials(7)); a path is then the whole of it.

use url::Url;

/// Whether a pattern covers an address.
pub(super) fn covers(pattern: &str, url: &Url) -> bool {
    let Some((scheme, rest)) = pattern.split_once("://") else {
        return partly(None, pattern, url);
    };
    match Url::parse(pattern) {
        Ok(wanted) if wanted.host_str().is_some() => wholly(&wanted, url),
        _ => partly(Some(scheme), rest, url),
    }
}

fn wholly(wanted: &Url, url: &Url) -> bool {
    wanted.scheme() == url.scheme()
        && same_host(wanted.host_str().unwrap_or_default(), url.host_str().unwrap_or_default())
        && wanted.port_or_known_default() == url.port_or_known_default()
        && (wanted.username().is_empty() || wanted.username() == url.username())
        && is_below(url.path(), wanted.path())
}

fn same_host(wanted: &str, host: &str) -> bool {
    let (wanted, host) = (wanted.trim_end_matches('.'), host.trim_end_matches('.'));
    let (mut labels, mut there) = (wanted.split('.'), host.split('.'));
    loop {
        match (labels.next(), there.next()) {
            (None, None) => return true,
            (Some("*"), Some(_)) => {}
            (Some(label), Some(host)) if label.eq_ignore_ascii_case(host) => {}
            _ => return false,
        }
    }
}

fn is_below(path: &str, base: &str) -> bool {
    let base = base.trim_end_matches('/');
    path.strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn partly(scheme: Option<&str>, rest: &str, url: &Url) -> bool {
    if scheme.is_some_and(|scheme| !scheme.is_empty() && scheme != url.scheme()) {
        return false;
    }
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (user, host) = host.rsplit_once('@').map_or((None, host), |(user, host)| (Some(user), host));
    let there = match url.port() {
        Some(port) => format!("{}:{port}", url.host_str().unwrap_or_default()),
        None => url.host_str().unwrap_or_default().to_owned(),
    };
    let path = path.trim_end_matches('/');
    (host.is_empty() || host == there)
        && (path.is_empty() || path == url.path().trim_matches('/'))
        && user.is_none_or(|user| user == url.username())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, url, covered) in [
            ("https://github.com", "https://github.com/o/r.git", true),
            ("https://github.com/", "https://github.com", true),
            ("https://GitHub.com:443", "https://github.com/o", true),
            ("http://github.com", "https://github.com", false),
            ("https://github.com:8443", "https://github.com", false),
            ("https://github.com.evil.test", "https://github.com", false),
            ("https://github.com", "https://github.com.evil.test", false),
            ("https://*.example.com", "https://git.example.com/x", true),
            ("https://*.example.com", "https://a.git.example.com/x", false),
            ("https://*.example.com", "https://example.com", false),
            ("https://example.com/gitlab", "https://example.com/gitlab/o/r", true),
            ("https://example.com/gitlab", "https://example.com/gitlabber/o/r", false),
            ("https://ada@github.com", "https://github.com", false),
            ("https://ada@github.com", "https://ada@github.com/o", true),
            ("http://[::1]:8080", "http://[::1]:8080/o/r", true),
            ("github.com", "https://github.com/o", true),
            ("github.com:8443", "https://github.com/o", false),
            ("https://", "https://github.com/o", true),
            ("http://", "https://github.com/o", false),
            ("github.com/o", "https://github.com/o", true),
            ("github.com/o", "https://github.com/o/r", false),
        ] {
            let url = Url::parse(url).unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(covers(pattern, &url), covered, "{pattern} {url}");
        }
    }
}
