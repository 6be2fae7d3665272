//! Lists that come in pages.
//!
//! Both forges name the next page in a `Link` header (RFC 8288), and GitHub leads to other paths than
//! the first one's: page URLs are followed, never made. They are proposals of the server like any
//! redirect, and held against the same [`Base`].

use std::ops::ControlFlow;

use reqwest::header::HeaderMap;
use url::Url;

use super::base::Base;
use super::error::ForgeError;
use super::http::{Answer, Call, Transport};

/// How many pages are read of a list that is wanted whole. With a hundred entries each, nobody has more.
pub(super) const MOST: usize = 100;

/// Sends the request and asks for page after page, at most `most` of them; `take` gets each. Whether there are more.
///
/// # Errors
/// The first page's that did not come, or what `take` says.
pub(super) async fn each(
    transport: &Transport,
    call: Call<'_>,
    most: usize,
    mut take: impl FnMut(&Answer) -> Result<(), ForgeError>,
) -> Result<bool, ForgeError> {
    until(transport, call, most, |answer| take(answer).map(|()| ControlFlow::Continue(()))).await
}

/// As [`each`], but no further than `take` wants it.
///
/// # Errors
/// As [`each`].
pub(super) async fn until(
    transport: &Transport,
    mut call: Call<'_>,
    most: usize,
    mut take: impl FnMut(&Answer) -> Result<ControlFlow<()>, ForgeError>,
) -> Result<bool, ForgeError> {
    for _ in 0..most {
        let answer = transport.send(&call).await?;
        let wanted = take(&answer)?;
        match next(call.base, &answer.url, &answer.headers) {
            Some(next) if wanted.is_continue() => call.url = next,
            more => return Ok(more.is_some()),
        }
    }
    Ok(true)
}

/// Whether there is a next page, wherever it is.
pub(super) fn goes_on(headers: &HeaderMap) -> bool {
    proposed(headers).is_some()
}

fn proposed(headers: &HeaderMap) -> Option<&str> {
    let links = headers.get_all("link").iter().filter_map(|value| value.to_str().ok());
    links.into_iter().find_map(|value| target(value, "next"))
}

/// The next page, if there is one and the token may go there.
pub(super) fn next(base: &Base, here: &Url, headers: &HeaderMap) -> Option<Url> {
    proposed(headers).and_then(|address| here.join(address).ok()).filter(|url| base.contains(url) && url != here)
}

/// The address with this relation in a `Link` header: `<https://…>; rel="next", <…>; rel="last"`.
fn target<'a>(header: &'a str, relation: &str) -> Option<&'a str> {
    let mut rest = header;
    while let Some(start) = rest.find('<') {
        let after = rest.get(start + 1..)?;
        let (address, parameters) = after.split_once('>')?;
        let end = parameters.find('<').unwrap_or(parameters.len());
        let (own, following) = parameters.split_at(end);
        if own.split([';', ',']).any(|parameter| is_relation(parameter, relation)) {
            return Some(address);
        }
        rest = following;
    }
    None
}

fn is_relation(parameter: &str, relation: &str) -> bool {
    parameter.split_once('=').is_some_and(|(name, value)| {
        name.trim().eq_ignore_ascii_case("rel")
            && value.trim().trim_matches('"').split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case(relation))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_of_both_forges() {
        let github = r#"<https://api.github.com/repositories/7/issues?page=2>; rel="next", <https://api.github.com/repositories/7/issues?page=9>; rel="last""#;
        assert_eq!(target(github, "next"), Some("https://api.github.com/repositories/7/issues?page=2"));
        assert_eq!(target(github, "last"), Some("https://api.github.com/repositories/7/issues?page=9"));
        assert_eq!(target(github, "prev"), None);
        assert_eq!(target("<a,b>; title=x; REL=next", "next"), Some("a,b"));
        for bad in ["", "<", "<a", "<a>", "rel=next", "<a>; rel", ">;<"] {
            assert_eq!(target(bad, "next"), None, "{bad}");
        }
    }

    fn follow(link: &str) -> Option<String> {
        let root = Url::parse("https://h/api/v4").ok()?;
        let here = Url::parse("https://h/api/v4/groups?page=1").ok()?;
        let mut headers = HeaderMap::new();
        headers.insert("link", link.parse().ok()?);
        next(&Base::new(&root), &here, &headers).map(Into::into)
    }

    #[test]
    fn only_within_the_base() {
        assert_eq!(
            follow("<https://h/api/v4/groups?page=2>; rel=next").as_deref(),
            Some("https://h/api/v4/groups?page=2")
        );
        assert_eq!(follow("<?page=2>; rel=next").as_deref(), Some("https://h/api/v4/groups?page=2"));
        assert_eq!(follow("<https://evil.net/api/v4/groups?page=2>; rel=next"), None);
        assert_eq!(follow("<https://h/elsewhere>; rel=next"), None);
        assert_eq!(follow("<https://h/api/v4/groups?page=1>; rel=next"), None, "a circle");
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(header in "[ -~]{0,80}") {
            let _ = target(&header, "next");
            let _ = follow(&header);
        }

        #[test]
        fn nothing_panics_near_the_grammar(header in "[<>;,= \"a-z]{0,40}") {
            let _ = target(&header, "next");
        }
    }
}
