//! The address at which this machine is reached from outside: `https://hooks.example.com`, or with a path that a proxy
//! in front takes away. Below it every connection has its own address, `BASE/hooks/<id>`.

use std::fmt;
use std::str::FromStr;

use url::Url;

use super::host::is_loopback;

/// A base address for deliveries, without a slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(Url);

/// Why a text is no such address. Each says what to write instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAPublicUrl {
    /// It does not read, or is no web address.
    #[error("an address that forges reach is given as `https://hooks.example.com`")]
    Unreadable,
    /// `user:password@` in it: forges show a hook's address to every administrator.
    #[error("the address carries a user name or password, which the forge would show to others")]
    UserInfo,
    /// `?…` or `#…` in it: nothing can be put behind it.
    #[error("the address carries a query or a fragment; give the part before it")]
    Query,
}

impl FromStr for PublicUrl {
    type Err = NotAPublicUrl;

    fn from_str(text: &str) -> Result<Self, NotAPublicUrl> {
        let text = text.trim();
        let whole = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
        let mut url = Url::parse(&whole).map_err(|_| NotAPublicUrl::Unreadable)?;
        if !matches!(url.scheme(), "https" | "http") || !url.has_host() {
            return Err(NotAPublicUrl::Unreadable);
        }
        // Any word at all would read as a host; a name of the own network is given with its scheme.
        if whole != text && is_bare_name(&url) {
            return Err(NotAPublicUrl::Unreadable);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(NotAPublicUrl::UserInfo);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(NotAPublicUrl::Query);
        }
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        Ok(Self(url))
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl PublicUrl {
    /// The address, without a slash at the end.
    pub fn as_str(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }

    /// Whether what is delivered there can be read on its way.
    pub fn is_plain_http(&self) -> bool {
        self.0.scheme() == "http" && !is_loopback(&self.0)
    }

    /// Whether it is this machine itself, which only a forge on the same machine reaches.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.0)
    }

    /// Whether its host is a name without a dot, [as nobody outside a network knows any](is_bare_name).
    pub fn is_bare_name(&self) -> bool {
        is_bare_name(&self.0)
    }
}

/// Whether the host is a name without a dot, which only the resolver of a network completes: `buildhost`. Neither an IP
/// address nor `localhost` is one.
pub fn is_bare_name(url: &Url) -> bool {
    let bare = |name: &str| !name.trim_end_matches('.').contains('.');
    matches!(url.host(), Some(url::Host::Domain(name)) if bare(name)) && !is_loopback(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, NotAPublicUrl> {
        text.parse::<PublicUrl>().map(|url| url.to_string())
    }

    #[test]
    fn a_base_without_its_slash() {
        assert_eq!(read("https://hooks.example.com/"), Ok("https://hooks.example.com".into()));
        assert_eq!(read("hooks.example.com:8443"), Ok("https://hooks.example.com:8443".into()));
        assert_eq!(read("https://example.com/in/hooks//"), Ok("https://example.com/in/hooks".into()));
        assert_eq!(read("http://127.0.0.1:8787"), Ok("http://127.0.0.1:8787".into()));
        assert_eq!(read("localhost:8787"), Ok("https://localhost:8787".into()));
        assert_eq!(read("https://buildhost"), Ok("https://buildhost".into()));
        for (text, why) in [
            ("", NotAPublicUrl::Unreadable),
            ("nonsense", NotAPublicUrl::Unreadable),
            ("nonsense:8443/in", NotAPublicUrl::Unreadable),
            ("ftp://example.com", NotAPublicUrl::Unreadable),
            ("https://me:secret@example.com", NotAPublicUrl::UserInfo),
            ("https://example.com/?token=x", NotAPublicUrl::Query),
            ("https://example.com/#x", NotAPublicUrl::Query),
        ] {
            assert_eq!(read(text), Err(why), "{text}");
        }
    }

    #[test]
    fn what_only_ones_own_network_knows() {
        let bare = |text: &str| text.parse::<PublicUrl>().map(|url| url.is_bare_name());
        for (text, is) in
            [("https://buildhost:1", true), ("https://h.", true), ("https://h.example", false), ("http://[::1]", false)]
        {
            assert_eq!(bare(text), Ok(is), "{text}");
        }
        assert_eq!(bare("http://localhost"), Ok(false));
    }

    #[test]
    fn what_can_be_read_on_its_way() {
        let plain = |text: &str| text.parse::<PublicUrl>().map(|url| (url.is_plain_http(), url.is_loopback()));
        assert_eq!(plain("http://example.com"), Ok((true, false)));
        assert_eq!(plain("http://localhost:1"), Ok((false, true)));
        assert_eq!(plain("https://example.com"), Ok((false, false)));
    }
}
