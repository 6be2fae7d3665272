//! Secrets in what somebody else prints: found in any of their usual forms, and struck out.
//!
//! What is looked for is the secret as it is, in base64 (both alphabets, and also in the middle of a longer text, as in
//! a header for basic authentication), and as URLs and JSON write it. A stream comes in pieces that know nothing of the
//! secret's ends, so that what may be its beginning is held back until it is seen whether it is one; nothing else is.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use zeroize::Zeroizing;

use super::Secret;

/// What stands in the place of a secret.
const STRUCK: &[u8] = b"***";

/// Anything shorter is no secret, and would tear holes into ordinary words.
const SHORTEST: usize = 4;

/// The shortest of the other forms: of a short secret, a few letters in the middle of a text would be left.
const SHORTEST_FORM: usize = 8;

/// So much of a secret's beginning is no secret: `ghp_` and its like are printed in every manual.
const PUBLIC: usize = 4;

/// What stands for itself in every part of an address (RFC 3986, "unreserved").
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Everything that is struck out.
pub struct Mask {
    patterns: Vec<Zeroizing<Vec<u8>>>,
    /// Whether any begins with this byte.
    begins: [bool; 256],
}

impl std::fmt::Debug for Mask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Mask(…)")
    }
}

/// What the text at a place is.
enum At {
    /// No secret begins here.
    Nothing,
    /// One does, and is so long.
    Whole(usize),
    /// That depends on what comes next.
    Open,
}

impl Mask {
    /// For these secrets.
    pub fn of<'a>(secrets: impl IntoIterator<Item = &'a Secret>) -> Self {
        let mut patterns = Vec::new();
        secrets.into_iter().for_each(|secret| secret.look(|text| forms(text, &mut patterns)));
        let mut begins = [false; 256];
        for first in patterns.iter().filter_map(|pattern| pattern.first()) {
            if let Some(begins) = begins.get_mut(usize::from(*first)) {
                *begins = true;
            }
        }
        Self { patterns, begins }
    }

    /// For one stream; several have nothing in common.
    pub fn stream(&self) -> Masked<'_> {
        Masked { mask: self, held: Zeroizing::new(Vec::new()), shown: 0 }
    }

    /// What begins where the text does. At the `end` of a stream nothing comes next. Of two that begin alike the longer
    /// one counts.
    fn look(&self, text: &[u8], end: bool) -> At {
        let begins = text.first().and_then(|first| self.begins.get(usize::from(*first)));
        if begins != Some(&true) {
            return At::Nothing;
        }
        let mut whole = 0;
        for pattern in &self.patterns {
            if text.starts_with(pattern) {
                whole = whole.max(pattern.len());
            } else if !end && pattern.starts_with(text) {
                return At::Open;
            }
        }
        if whole > 0 { At::Whole(whole) } else { At::Nothing }
    }
}

/// A stream whose secrets are struck out.
pub struct Masked<'a> {
    mask: &'a Mask,
    /// What may be the beginning of a secret.
    held: Zeroizing<Vec<u8>>,
    /// So much of it was shown already, at a pause.
    shown: usize,
}

impl std::fmt::Debug for Masked<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Masked(…)")
    }
}

impl Masked<'_> {
    /// A piece has come: gives what can be shown now.
    pub fn push(&mut self, piece: &[u8]) -> Vec<u8> {
        self.held.extend_from_slice(piece);
        self.go_on(false)
    }

    /// Nothing has come for a while: a question that ends with the first letters of a secret is shown whole. If it was a
    /// secret after all, these letters are all that is seen of it.
    pub fn pause(&mut self) -> Vec<u8> {
        if self.held.len() > PUBLIC {
            return Vec::new();
        }
        let now = self.held.get(self.shown..).unwrap_or_default().to_vec();
        self.shown = self.held.len();
        now
    }

    /// Nothing comes any more: gives the rest.
    pub fn finish(&mut self) -> Vec<u8> {
        self.go_on(true)
    }

    fn go_on(&mut self, end: bool) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.held.len());
        let mut at = 0;
        while let Some(rest) = self.held.get(at..).filter(|rest| !rest.is_empty()) {
            let taken = match self.mask.look(rest, end) {
                At::Open => break,
                At::Nothing => {
                    if self.shown == 0 {
                        out.extend(rest.first());
                    }
                    1
                }
                At::Whole(length) => {
                    out.extend_from_slice(STRUCK);
                    length
                }
            };
            self.shown = self.shown.saturating_sub(taken);
            at += taken;
        }
        self.held.drain(..at);
        out
    }
}

/// All the forms in which a secret may turn up.
fn forms(text: &str, patterns: &mut Vec<Zeroizing<Vec<u8>>>) {
    if text.len() < SHORTEST {
        return;
    }
    patterns.push(Zeroizing::new(text.as_bytes().to_vec()));
    let mut add = |form: Vec<u8>| {
        let form = Zeroizing::new(form);
        if form.len() >= SHORTEST_FORM && !patterns.contains(&form) {
            patterns.push(form);
        }
    };
    for set in [RESERVED, NON_ALPHANUMERIC] {
        let escaped = utf8_percent_encode(text, set).to_string();
        add(lower_escapes(&escaped));
        add(escaped.into_bytes());
    }
    if let Ok(json) = serde_json::to_vec(text) {
        add(json.get(1..json.len().saturating_sub(1)).unwrap_or_default().to_vec());
    }
    for before in 0..3 {
        add(in_base64(&STANDARD_NO_PAD, text, before));
        add(in_base64(&URL_SAFE_NO_PAD, text, before));
    }
}

/// `%2f` for `%2F`.
fn lower_escapes(escaped: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(escaped.len());
    let mut left = 0_usize;
    for byte in escaped.bytes() {
        out.push(if left > 0 { byte.to_ascii_lowercase() } else { byte });
        left = if byte == b'%' { 2 } else { left.saturating_sub(1) };
    }
    out
}

/// The letters of base64 that depend on the text alone, when so many bytes (of each three) stand before it.
fn in_base64(engine: &impl Engine, text: &str, before: usize) -> Vec<u8> {
    let mut bytes = Zeroizing::new(vec![0; before]);
    bytes.extend_from_slice(text.as_bytes());
    let whole = Zeroizing::new(engine.encode(&*bytes));
    // The first letters carry bits of what stands before, the last one may carry bits of what follows.
    let from = [0, 2, 3].get(before).copied().unwrap_or(0);
    let to = bytes.len() * 8 / 6;
    whole.as_bytes().get(from..to).unwrap_or_default().to_vec()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TOKEN: &str = "ghp_0123456789abcdefghijklmnopqrstuvwxyz";

    fn masked(secrets: &[&str], pieces: &[&[u8]]) -> String {
        let secrets: Vec<Secret> = secrets.iter().map(|text| Secret::new((*text).to_owned())).collect();
        let mask = Mask::of(&secrets);
        let mut stream = mask.stream();
        let mut out: Vec<u8> = pieces.iter().flat_map(|piece| stream.push(piece)).collect();
        out.extend(stream.finish());
        String::from_utf8_lossy(&out).into_owned()
    }

    #[test]
    fn each_form() {
        let secret = "a/b+c \"d\"_é-glpat";
        for text in [
            secret.to_owned(),
            "a%2Fb%2Bc%20%22d%22_%C3%A9-glpat".to_owned(),
            "a%2fb%2bc%20%22d%22_%c3%a9-glpat".to_owned(),
            "a%2Fb%2Bc%20%22d%22%5F%C3%A9%2Dglpat".to_owned(),
            r#"a/b+c \"d\"_é-glpat"#.to_owned(),
        ] {
            assert_eq!(masked(&[secret], &[format!("<{text}>").as_bytes()]), "<***>", "{text}");
        }
        assert_eq!(masked(&["abc"], &[b"abc"]), "abc", "too short for a secret");
    }

    #[test]
    fn in_the_middle_of_base64() {
        for user in ["", "x", "xy", "xyz", "oauth2:"] {
            for after in ["", ":", "\n", "ab"] {
                for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
                    let text = engine.encode(format!("{user}{TOKEN}{after}"));
                    let left = masked(&[TOKEN], &[text.as_bytes()]);
                    let (before, behind) = left.split_once("***").unwrap_or_else(|| panic!("{user} {after} {left}"));
                    assert!(before.len() <= user.len() * 4 / 3 + 2 && behind.len() <= 6, "{left}");
                }
            }
        }
    }

    #[test]
    fn nothing_else_is_held_back() {
        let secret = Secret::new(TOKEN.to_owned());
        let mask = Mask::of([&secret]);
        let mut stream = mask.stream();
        assert_eq!(stream.push(b"Password: "), b"Password: ");
        assert_eq!(stream.push(b"something"), b"somethin");
        assert_eq!(stream.pause(), b"g");
        assert_eq!(stream.pause(), b"");
        assert_eq!(stream.push(b"? "), b"? ");
        assert_eq!(stream.push(b"token ghp_"), b"token ");
        assert_eq!(stream.pause(), b"ghp_", "its beginning is known to everybody");
        assert_eq!(stream.push(&TOKEN.as_bytes()[4..20]), b"");
        assert_eq!(stream.pause(), b"", "and the rest is not");
        assert_eq!(stream.push(&TOKEN.as_bytes()[20..]), b"***");
        assert_eq!(stream.push(b"ghp_0123x"), b"ghp_0123x");
        assert_eq!(stream.push(&TOKEN.as_bytes()[..30]), b"");
        assert_eq!(stream.finish(), &TOKEN.as_bytes()[..30], "it was none");
    }

    #[test]
    fn one_may_be_the_beginning_of_another() {
        let longer = format!("{TOKEN}.01.abc");
        assert_eq!(masked(&[TOKEN, &longer], &[longer.as_bytes(), b" ", TOKEN.as_bytes()]), "*** ***");
        assert_eq!(masked(&[TOKEN, &longer], &[TOKEN.as_bytes(), b".01.abd"]), "***.01.abd");
    }

    proptest! {
        #[test]
        fn however_it_is_cut(
            before in "[ -~]{0,12}",
            after in "[ -~]{0,12}",
            secret in "[!-~]{8,40}",
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
            pauses in any::<bool>(),
        ) {
            let text = format!("{before}{secret}{after}");
            let whole = masked(&[&secret], &[text.as_bytes()]);
            prop_assert!(!whole.contains(&secret) || "***".contains(&secret));
            let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(text.len() + 1)).collect();
            places.sort_unstable();
            places.push(text.len());
            let secret = Secret::new(secret);
            let mask = Mask::of([&secret]);
            let (mut stream, mut out, mut from) = (mask.stream(), Vec::new(), 0);
            for place in places {
                out.extend(stream.push(&text.as_bytes()[from..place]));
                if pauses {
                    out.extend(stream.pause());
                }
                from = place;
            }
            out.extend(stream.finish());
            if pauses {
                let shown = String::from_utf8_lossy(&out).into_owned();
                prop_assert!(secret.look(|text| !shown.contains(text)));
            } else {
                prop_assert_eq!(String::from_utf8_lossy(&out), whole);
            }
        }

        #[test]
        fn what_has_no_secret_in_it_stays(text in prop::collection::vec(any::<u8>(), 0..200)) {
            let secret = Secret::new(TOKEN.to_owned());
            let mask = Mask::of([&secret]);
            let mut stream = mask.stream();
            let mut out = stream.push(&text);
            out.extend(stream.finish());
            prop_assert_eq!(out, text);
        }
    }
}
