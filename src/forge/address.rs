//! Addresses that a server names: pages for people, and where something of somebody else is.
//!
//! They are shown, kept and compared, so nothing may be in them that gives access: user, password, query and fragment
//! are left out.

use url::Url;

use super::words::Scrubber;
use crate::model::Fingerprint;

/// The longest address that is believed, in bytes.
const LONGEST: usize = 2_000;

/// The same address without user, password, query and fragment.
pub(super) fn bare(url: &Url) -> Url {
    let mut url = url.clone();
    // Neither can fail where there is a host, and where there is none there is neither.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    url
}

/// The fingerprint of an address with all that is in it but the fragment, which no server sees.
pub(super) fn whole(url: &Url) -> Fingerprint {
    let mut url = url.clone();
    url.set_fragment(None);
    Fingerprint::of(url.as_str().as_bytes())
}

/// An address that a server named, made bare; nothing where it is none, or has no host.
pub(super) fn named(text: &str, scrubber: &Scrubber<'_>) -> Option<Url> {
    let url = Url::parse(&scrubber.without_used(text)).ok()?;
    (text.len() <= LONGEST && url.has_host()).then(|| bare(&url))
}

/// A page that a server named; the other where it named none of the web.
pub(super) fn page(text: Option<&str>, or: Url, scrubber: &Scrubber<'_>) -> String {
    let named = text.and_then(|text| named(text, scrubber)).filter(|url| matches!(url.scheme(), "http" | "https"));
    named.unwrap_or(or).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Secret;

    #[test]
    fn only_what_may_be_seen() {
        let secret = Secret::new("hidden-thing".into());
        let scrubber = Scrubber::new(Some(&secret));
        let named = |text: &str| named(text, &scrubber).map(String::from);
        assert_eq!(named("https://*****:*****@github.com/o/r.git").as_deref(), Some("https://github.com/o/r.git"));
        assert_eq!(named("https://a:b@h/x?private_token=1#f").as_deref(), Some("https://h/x"));
        assert_eq!(named("ssh://git@h/o/r.git").as_deref(), Some("ssh://h/o/r.git"));
        assert_eq!(named("https://h/hidden-thing/x").as_deref(), Some("https://h/***/x"));
        for none in ["", "git@github.com:o/r.git", "/x", "data:text/plain,x", "mailto:a@b"] {
            assert_eq!(named(none), None, "{none}");
        }
    }

    #[test]
    fn pages() {
        let or = || Url::parse("https://h/o/r").unwrap_or_else(|_| unreachable!());
        let scrubber = Scrubber::new(None);
        assert_eq!(page(Some("https://g/o/r?x=1"), or(), &scrubber), "https://g/o/r");
        for none in [None, Some("javascript:alert(1)"), Some("ssh://h/x"), Some("")] {
            assert_eq!(page(none, or(), &scrubber), "https://h/o/r");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_that_gives_access_is_left(text in "(https?|ssh|x)://[a-z%@:/?#&=\\PC]{0,40}") {
            if let Some(url) = named(&text, &Scrubber::new(None)) {
                proptest::prop_assert!(url.username().is_empty() && url.password().is_none());
                proptest::prop_assert!(url.query().is_none() && url.fragment().is_none());
            }
        }
    }
}
