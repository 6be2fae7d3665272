//! Being led elsewhere.
//!
//! reqwest would follow by itself, and carry some headers along; so it is told not to, and each step
//! is decided here. Only a read follows, only within its [`Base`], at most [`MOST`] times. A write that is led
//! elsewhere within it is told so, to look where it is now; everything else is an error that names the new origin and
//! nothing more of the address.

use url::Url;

use super::base::{Base, origin};
use super::error::ForgeErrorKind;

/// How many steps are followed.
pub(super) const MOST: usize = 5;

/// What to do with an answer, by its status and its `Location`.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// It leads nowhere; read it.
    Stay,
    /// Ask there.
    Follow(Url),
    /// It leads where the request may not go.
    Refuse(ForgeErrorKind),
}

/// Decides on an answer that came from `here`. `reads` is whether the request only reads.
pub(super) fn decide(base: &Base, here: &Url, reads: bool, status: u16, location: Option<&str>) -> Step {
    if !matches!(status, 301 | 302 | 303 | 307 | 308) {
        return Step::Stay;
    }
    let Some(location) = location else { return Step::Stay };
    match here.join(location) {
        Ok(mut there) if reads && base.contains(&there) => {
            there.set_fragment(None);
            Step::Follow(there)
        }
        // GitHub REST, "Redirects": a repository that has another name now.
        Ok(there) if base.contains(&there) => Step::Refuse(ForgeErrorKind::Moved),
        Ok(there) => Step::Refuse(ForgeErrorKind::RedirectedElsewhere { to: origin(&there) }),
        Err(_) => Step::Refuse(ForgeErrorKind::Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(reads: bool, status: u16, location: Option<&str>) -> String {
        let (Ok(root), Ok(here)) = (Url::parse("https://h:8443/api/v3"), Url::parse("https://h:8443/api/v3/repos/a/b"))
        else {
            unreachable!()
        };
        match decide(&Base::new(&root), &here, reads, status, location) {
            Step::Stay => "stay".into(),
            Step::Follow(url) => url.to_string(),
            Step::Refuse(ForgeErrorKind::RedirectedElsewhere { to }) => format!("refuse {to}"),
            Step::Refuse(kind) => format!("{kind:?}"),
        }
    }

    #[test]
    fn reads_follow_within_the_base() {
        assert_eq!(
            step(true, 301, Some("https://h:8443/api/v3/repositories/7")),
            "https://h:8443/api/v3/repositories/7"
        );
        assert_eq!(step(true, 307, Some("/api/v3/repositories/7?x=1#f")), "https://h:8443/api/v3/repositories/7?x=1");
        assert_eq!(step(true, 308, Some("../x/y")), "https://h:8443/api/v3/repos/x/y");
    }

    #[test]
    fn nothing_else_is_followed() {
        assert_eq!(step(true, 302, Some("https://h/api/v3/user")), "refuse https://h");
        assert_eq!(step(true, 302, Some("http://h:8443/api/v3/user")), "refuse http://h:8443");
        assert_eq!(step(true, 302, Some("//evil.net/api/v3/user?token=t")), "refuse https://evil.net");
        assert_eq!(step(true, 302, Some("/users/sign_in")), "refuse https://h:8443");
        assert_eq!(step(true, 302, Some("../../../../login")), "refuse https://h:8443");
        assert_eq!(step(true, 302, Some("https://me:pw@h:8443/api/v3/x")), "refuse https://h:8443");
        assert_eq!(step(false, 307, Some("/api/v3/repositories/7")), "Moved");
        assert_eq!(step(false, 307, Some("https://h/api/v3/repositories/7")), "refuse https://h");
        assert_eq!(step(true, 302, Some("javascript:alert(1)")), "refuse null");
        assert_eq!(step(true, 302, Some("https://[")), "Malformed");
    }

    #[test]
    fn no_redirect_at_all() {
        assert_eq!(step(true, 200, Some("https://evil.net/")), "stay");
        assert_eq!(step(true, 201, Some("/api/v3/hooks/1")), "stay");
        assert_eq!(step(true, 302, None), "stay");
        assert_eq!(step(true, 304, Some("/x")), "stay");
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_followed_is_inside(location in ".{0,60}") {
            let root = Url::parse("https://h/api/v4").unwrap_or_else(|_| unreachable!());
            let here = Url::parse("https://h/api/v4/user").unwrap_or_else(|_| unreachable!());
            let base = Base::new(&root);
            if let Step::Follow(url) = decide(&base, &here, true, 302, Some(&location)) {
                proptest::prop_assert!(url.as_str().starts_with("https://h/api/v4"));
            }
        }
    }
}
