//! Which proxy stands in the way: the answer comes from the code that reqwest itself asks, so that it is true.

use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use url::Url;

use crate::model::host::is_loopback;

/// Where a proxy is: scheme, host and port, and never the user name and password it may want.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxyAddress {
    /// `http`, `https`, `socks5` …
    pub scheme: String,
    /// The host's name.
    pub host: String,
    /// The port, where one is given.
    pub port: Option<u16>,
    /// Whether a user name is given with it.
    pub with_credentials: bool,
}

impl ProxyAddress {
    /// Reads the value of a proxy variable; nothing where it does not read, or not without doubt about
    /// where a password ends.
    pub fn read(value: &str) -> Option<Self> {
        let matcher = Matcher::builder().all(value.to_owned()).build();
        let address = Self::of(&matcher.intercept(&"https://nothing.invalid".parse().ok()?)?)?;
        // More than the proxy was taken for its host: an `@`, `/` or `#` in a password that is not escaped.
        let (before, after) = value.rsplit_once('@').unwrap_or(("", value));
        let host = after.rsplit_once("://").map_or(after, |(_, host)| host);
        let whole = host.to_lowercase().starts_with(&address.host.to_lowercase());
        let plain = !before
            .trim_start_matches(|c: char| c.is_alphanumeric() || c == '+')
            .trim_start_matches("://")
            .contains(['@', '/', '#', '?']);
        (whole && plain).then_some(Self { with_credentials: value.contains('@'), ..address })
    }

    fn of(found: &Intercept) -> Option<Self> {
        let uri = found.uri();
        let authority = uri.authority()?;
        let port = authority.port_u16();
        let odd = authority.as_str().contains('@') || (authority.port().is_some() && port.is_none());
        (!odd).then(|| Self {
            scheme: uri.scheme_str().unwrap_or("http").to_owned(),
            host: authority.host().to_owned(),
            port,
            with_credentials: found.basic_auth().is_some() || found.raw_auth().is_some(),
        })
    }
}

impl std::fmt::Display for ProxyAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}://{}{}", self.scheme, if self.with_credentials { "***@" } else { "" }, self.host)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

/// The proxy that a request to this address goes through, by the environment and the system's settings; nothing
/// where it goes straight. What is meant for this machine always does.
pub fn proxy_for(url: &Url) -> Option<ProxyAddress> {
    if is_loopback(url) {
        return None;
    }
    let found = Matcher::from_system().intercept(&url.as_str().parse().ok()?)?;
    let unreadable = || ProxyAddress { scheme: "http".into(), host: "?".into(), port: None, with_credentials: false };
    Some(ProxyAddress::of(&found).unwrap_or_else(unreadable))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_of_a_proxy() {
        let shown = |value: &str| ProxyAddress::read(value).map(|address| address.to_string());
        for (value, told) in [
            ("http://proxy.example.com:3128", Some("http://proxy.example.com:3128")),
            ("proxy.example.com:3128", Some("http://proxy.example.com:3128")),
            ("http://me:pw@proxy.example.com:3128/", Some("http://***@proxy.example.com:3128")),
            ("me:pw@proxy.example.com", Some("http://***@proxy.example.com")),
            ("socks5h://me:pw@10.0.0.1:1080", Some("socks5h://***@10.0.0.1:1080")),
            ("http://[::1]:3128", Some("http://[::1]:3128")),
            ("", None),
            ("ftp://proxy.example.com", None),
            ("http://me:p/w@proxy.example.com:3128", None),
            ("http://me:p#w@proxy.example.com:3128", None),
            ("http://me:12#w@proxy.example.com:3128", None),
            ("http://me:p@w@proxy.example.com:3128", None),
            ("http://me:p?w@proxy.example.com:3128", None),
        ] {
            assert_eq!(shown(value).as_deref(), told, "{value}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_password_is_ever_shown(user in "[a-z]{1,8}", password in "[ -~]{6,20}") {
            let value = format!("http://{user}:Q{password}Q@proxy.example.com:3128");
            if let Some(address) = ProxyAddress::read(&value) {
                proptest::prop_assert_eq!(address.to_string(), "http://***@proxy.example.com:3128");
            }
        }
    }

    #[test]
    fn this_machine_needs_no_proxy() {
        assert_eq!(Url::parse("http://127.0.0.1:1").ok().and_then(|url| proxy_for(&url)), None);
    }
}
