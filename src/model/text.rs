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
            c if c.is_control() => '\u{fffd}',
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => '\u{fffd}',
            c => c,
        });
    }
    out
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
