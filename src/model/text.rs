//! Texts that came from strangers, made fit for a terminal and for a log.

use url::Url;

/// A server's words without what a terminal would obey: control characters (escape sequences
/// start with one) and the marks that turn the direction of writing are replaced by `�`, line breaks and tabs by a space.
/// At most `limit` characters are kept, then `…`.
pub fn printable(text: &str, limit: usize) -> String {
    // Nearly all of them.
    if text.len() <= limit && text.bytes().all(|b| b == b' ' || b.is_ascii_graphic()) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len().min(limit));
    for (index, c) in text.chars().enumerate() {
        if index == limit {
            out.push('…');
            break;
        }
        out.push(match c {
            '\n' | '\r' | '\t' => ' ',
            c if c.is_control() || is_invisible(c) => '\u{fffd}',
            c => c,
        });
    }
    out
}

/// A server's text of several lines without what a terminal would obey, as in [`printable`]; line breaks and tabs stay.
pub fn printable_lines(text: &str) -> String {
    let shown = |c: char| match c {
        '\n' | '\t' => c,
        c if c.is_control() || is_invisible(c) => '\u{fffd}',
        c => c,
    };
    text.replace("\r\n", "\n").chars().map(shown).collect()
}

/// Whether a character is one of the marks that nobody sees and that turn the direction of writing.
pub const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// A URL as it may be shown: user name and password, and the values of the query, as `***`.
pub fn masked_url(url: &Url) -> String {
    let mut shown = url.clone();
    if !shown.username().is_empty() {
        let _ = shown.set_username("***");
    }
    if shown.password().is_some() {
        let _ = shown.set_password(Some("***"));
    }
    if url.query().is_some() {
        let keys: Vec<String> = url.query_pairs().map(|(key, _)| key.into_owned()).collect();
        shown.query_pairs_mut().clear().extend_pairs(keys.iter().map(|key| (key, "***")));
    }
    shown.set_fragment(None);
    shown.into()
}

/// How many letters of a word have to be added, left out, replaced or swapped with their neighbour to make it another,
/// for "did you mean".
pub fn distance(one: &str, other: &str) -> usize {
    strsim::osa_distance(one, other)
}

/// How tokens and keys begin; what follows is theirs.
const BEGINNINGS: [&str; 9] =
    ["github_pat_", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "glpat-", "gldt-", "age-secret-key-"];

/// Whether a text begins like a token or a private key: somebody put it into the wrong place.
pub fn begins_like_a_token(text: &str) -> bool {
    BEGINNINGS
        .iter()
        .any(|beginning| text.get(..beginning.len()).is_some_and(|start| start.eq_ignore_ascii_case(beginning)))
}

/// Whether a text can be one part of `OWNER/NAME` at a forge. One that begins like a token is none: it is struck out of
/// errors, and must not go into an address.
pub fn is_path_part(part: &str) -> bool {
    !part.is_empty()
        && !matches!(part, "." | "..")
        && part.len() <= 255
        && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        && !begins_like_a_token(part)
}

/// A text in which whatever begins like a token or a private key is struck out, for errors that repeat what
/// somebody typed.
pub fn without_tokens(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    while let Some(at) = BEGINNINGS.iter().filter_map(|b| lower.get(from..)?.find(b)).min().map(|at| from + at) {
        let rest = text.get(at..).unwrap_or_default();
        let length = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "_-.".contains(c))).unwrap_or(rest.len());
        out.push_str(text.get(from..at).unwrap_or_default());
        // A few letters are no token, but may be the beginning of a word.
        out.push_str(if length >= 16 { "***" } else { rest.get(..length).unwrap_or_default() });
        from = at + length;
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_lose_their_teeth() {
        assert_eq!(printable("oct\u{1b}[31mocat\u{7}\n", 80), "oct\u{fffd}[31mocat\u{fffd} ");
        assert_eq!(printable("\u{202e}abc\u{9b}", 80), "\u{fffd}abc\u{fffd}");
        assert_eq!(printable("abcdef", 3), "abc…");
    }

    #[test]
    fn what_begins_like_a_token_is_struck_out() {
        for (text, left) in [
            ("there is no `ghp_0123456789abcdef`", "there is no `***`"),
            ("https://oauth2:glpat-abcdefghij0123456789@gitlab.com/x", "https://oauth2:***@gitlab.com/x"),
            ("AGE-SECRET-KEY-1QQQQQQQQQQQQQQ and GLPAT-ABCDEFGHIJ0123456789.01.x", "*** and ***"),
            ("ghp_short ä github_pat_", "ghp_short ä github_pat_"),
            ("project_101_bot_90b649e0a8b46119ad98c3b5e6b7d12f", "project_101_bot_90b649e0a8b46119ad98c3b5e6b7d12f"),
        ] {
            assert_eq!(without_tokens(text), left);
        }
        assert!(begins_like_a_token("GHP_x") && !begins_like_a_token("gh") && !begins_like_a_token("ä"));
    }

    #[test]
    fn user_info_and_query_values_are_masked() {
        let shown = |text: &str| Url::parse(text).map(|url| masked_url(&url)).unwrap_or_default();
        assert_eq!(
            shown("https://me:pw@h/x?private_token=abc&b=1#frag"),
            "https://***:***@h/x?private_token=***&b=***"
        );
        assert_eq!(shown("https://h/x"), "https://h/x");
        assert_eq!(shown("https://h/x?glpat-abc"), "https://h/x?glpat-abc=***");
    }
}
