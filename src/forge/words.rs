//! What a forge said, in whatever shape it said it.
//!
//! Both vendors answer errors in half a dozen shapes (GitLab: message as text, as an object, nested,
//! OAuth's `error`/`error_description`, Grape's `error`, the importer's `errors`, plain text, a
//! proxy's page; GitHub: `message` with `errors` as objects or as texts, or HTML). All are read into
//! one [`Words`], and whatever goes on from here is cleaned by [`Scrubber`] first.

use serde_json::Value;
use url::Url;

use super::body::escaped;
use super::error::ForgeErrorKind;
use crate::model::Secret;
use crate::model::text::{masked_url, printable};

/// How much of a vendor's sentence is kept, in characters.
const LIMIT: usize = 300;

/// The parts of an error's body that tell something.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Words {
    /// Everything sayable on one line: what a person is shown. Not yet scrubbed.
    pub(super) said: String,
    /// The word in `error` when it is a text: OAuth's code, or Grape's sentence.
    pub(super) error: String,
    /// OAuth's `scope`: the scopes that would do, separated by spaces.
    pub(super) scope: String,
    /// GitHub's `documentation_url`.
    pub(super) documentation_url: String,
    /// Whether the body was JSON at all.
    pub(super) is_json: bool,
}

impl Words {
    /// Reads an error's body. Never fails: what cannot be read says nothing.
    pub(super) fn read(body: &[u8]) -> Self {
        match serde_json::from_slice::<Value>(body) {
            Ok(value) => Self::from_json(&value),
            Err(_) => Self::from_text(&String::from_utf8_lossy(body)),
        }
    }

    fn from_json(value: &Value) -> Self {
        let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let mut parts = Vec::new();
        match value.get("message") {
            Some(message) => flatten(message, None, &mut parts, 0),
            None => {
                if let Some(error) = value.get("error_description").or_else(|| value.get("error")) {
                    flatten(error, None, &mut parts, 0);
                }
            }
        }
        if let Some(errors) = value.get("errors") {
            flatten(errors, None, &mut parts, 0);
        }
        Self {
            said: parts.join("; "),
            error: text("error"),
            scope: text("scope"),
            documentation_url: text("documentation_url"),
            is_json: true,
        }
    }

    /// Short plain text is kept (`Retry later`); of a page only that it is one.
    fn from_text(text: &str) -> Self {
        let text = text.trim();
        let said = if text.starts_with('<') || text.len() > 2_000 { String::new() } else { text.to_owned() };
        Self { said, ..Self::default() }
    }

    /// Whether what was said contains this, in any case.
    pub(super) fn mentions(&self, what: &str) -> bool {
        self.said.to_ascii_lowercase().contains(&what.to_ascii_lowercase())
    }
}

/// Collects the texts in a value: `{"name":["has already been taken"]}` becomes `name has already been taken`.
fn flatten(value: &Value, under: Option<&str>, parts: &mut Vec<String>, depth: usize) {
    if depth > 4 || parts.len() >= 20 {
        return;
    }
    let mut say = |text: &str| {
        parts.push(match under {
            Some(key) if !matches!(key, "error" | "base" | "message") => format!("{key} {text}"),
            _ => text.to_owned(),
        });
    };
    match value {
        Value::String(text) => say(text),
        Value::Bool(_) | Value::Number(_) => say(&value.to_string()),
        Value::Array(items) => items.iter().for_each(|item| flatten(item, under, parts, depth + 1)),
        Value::Object(map) => match github_field_error(map) {
            Some(sentence) => parts.push(sentence),
            None => map.iter().for_each(|(key, item)| flatten(item, Some(key), parts, depth + 1)),
        },
        Value::Null => {}
    }
}

/// GitHub REST, "Validation failed": `{resource, field, code, message}`.
fn github_field_error(map: &serde_json::Map<String, Value>) -> Option<String> {
    let text = |key: &str| map.get(key).and_then(Value::as_str);
    let code = text("code")?;
    Some(match (text("message"), text("field")) {
        (Some(message), _) => message.to_owned(),
        (None, Some(field)) => format!("{field}: {code}"),
        (None, None) => code.to_owned(),
    })
}

/// Takes the tokens out of what a server said.
pub(super) struct Scrubber<'a> {
    /// The longest first: one may be a part of another.
    used: Vec<&'a str>,
}

impl<'a> Scrubber<'a> {
    /// Strikes out this very token too, whatever it looks like.
    pub(super) fn new(used: Option<&'a Secret>) -> Self {
        Self::of(used)
    }

    /// Strikes out all of these, whatever they look like: the token that authorises, and what is in the body.
    pub(super) fn of(used: impl IntoIterator<Item = &'a Secret>) -> Self {
        let mut used: Vec<&str> = used.into_iter().map(Secret::reveal).collect();
        // Anything shorter is no token, and would tear holes into ordinary words.
        used.retain(|text| text.len() >= 4);
        used.sort_by_key(|text| std::cmp::Reverse(text.len()));
        Self { used }
    }

    /// The text on one line, without tokens, control characters and query values, cut to a sentence's length.
    pub(super) fn clean(&self, text: &str) -> String {
        let text = self.without_used(text);
        let masked: Vec<String> = text.split(' ').map(mask_query).collect();
        printable(&strike_tokens(&masked.join(" ")), LIMIT)
    }

    /// A name that the server chose: on one line, not endless, and never with this token in it. What merely looks
    /// like a token stays: bots are named like that.
    pub(super) fn name(&self, text: &str) -> String {
        self.text(text, LIMIT)
    }

    /// As [`Self::name`], of at most so many characters.
    pub(super) fn text(&self, text: &str, limit: usize) -> String {
        printable(&self.without_used(text), limit)
    }

    /// The text without these very secrets, also as they are written in an address.
    pub(super) fn without_used(&self, text: &str) -> String {
        self.used.iter().fold(text.to_owned(), |text, used| {
            let escaped = escaped(used).to_string();
            text.replace(used, "***").replace(&escaped, "***")
        })
    }

    /// A cause whose parts came from the server, each cleaned.
    pub(super) fn clean_kind(&self, kind: ForgeErrorKind) -> ForgeErrorKind {
        use ForgeErrorKind as Kind;
        let some = |text: Option<String>| text.and_then(|text| self.some(&text));
        match kind {
            Kind::SsoRequired { organization } => Kind::SsoRequired { organization: some(organization) },
            Kind::ClassicTokenForbidden { organization } => {
                Kind::ClassicTokenForbidden { organization: some(organization) }
            }
            Kind::FineGrainedForbidden { organization } => {
                Kind::FineGrainedForbidden { organization: some(organization) }
            }
            Kind::LifetimePolicy { organization, settings_page } => {
                Kind::LifetimePolicy { organization: some(organization), settings_page }
            }
            Kind::IpNotAllowed { organization } => Kind::IpNotAllowed { organization: some(organization) },
            Kind::MissingPermission { accepted } => Kind::MissingPermission { accepted: some(accepted) },
            Kind::MissingScope { needed, has } => {
                let all = |scopes: Vec<String>| scopes.iter().filter_map(|scope| self.some(scope)).collect();
                Kind::MissingScope { needed: all(needed), has: has.map(all) }
            }
            Kind::NotJson { content_type } => Kind::NotJson { content_type: some(content_type) },
            Kind::RedirectedElsewhere { to } => Kind::RedirectedElsewhere { to: self.clean(&to) },
            other => other,
        }
    }

    /// As [`Self::clean`], nothing for nothing.
    pub(super) fn some(&self, text: &str) -> Option<String> {
        Some(self.clean(text)).filter(|cleaned| !cleaned.trim().is_empty())
    }
}

/// A word that is a URL, with the values of its query masked.
fn mask_query(word: &str) -> String {
    match (word.contains("://"), Url::parse(word)) {
        (true, Ok(url)) if url.query().is_some() || !url.username().is_empty() || url.password().is_some() => {
            masked_url(&url)
        }
        _ => word.to_owned(),
    }
}

/// GitHub docs, "About authentication"; GitLab docs, "Token overview". GitHub's installation tokens
/// have dots and dashes since 2026, GitLab's routable tokens have dots.
const PREFIXES: [&str; 9] = ["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "glptt-", "eyJ"];

/// Replaces every run of token characters from a known prefix on, every `gl…-` token, and every
/// unbroken run that is as long as no word is.
fn strike_tokens(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !is_token_char(c)).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        strike_run(run, &mut out);
        let gap = after.find(is_token_char).unwrap_or(after.len());
        let (between, next) = after.split_at(gap);
        out.push_str(between);
        rest = next;
    }
    out
}

const fn is_token_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')
}

fn strike_run(run: &str, out: &mut String) {
    let known =
        PREFIXES.iter().filter_map(|prefix| run.find(prefix).filter(|at| run.len() - at >= prefix.len() + 8)).min();
    let digits = run.bytes().filter(u8::is_ascii_digit).count();
    let opaque = run.len() >= 40 && digits >= 4 && !run.contains(['.', '-'])
        || run.starts_with("gl")
            && run.len() >= 20
            && run.split_once('-').is_some_and(|(p, _)| p.len() <= 8)
            && digits > 0;
    match known {
        Some(at) => {
            out.push_str(run.get(..at).unwrap_or_default());
            out.push_str("***");
        }
        None if opaque => out.push_str("***"),
        None => out.push_str(run),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(body: &str) -> String {
        Words::read(body.as_bytes()).said
    }

    #[test]
    fn every_shape_of_gitlab() {
        assert_eq!(said(r#"{"message":"401 Unauthorized"}"#), "401 Unauthorized");
        assert_eq!(said(r#"{"message":{"name":["has already been taken"]}}"#), "name has already been taken");
        assert_eq!(said(r#"{"message":{"error":"Try again later."}}"#), "Try again later.");
        assert_eq!(said(r#"{"error":"content is missing"}"#), "content is missing");
        assert_eq!(said(r#"{"errors":"Unprocessable"}"#), "Unprocessable");
        assert_eq!(said("Retry later\n"), "Retry later");
        assert_eq!(said("<html><title>503</title></html>"), "");
        let scope =
            Words::read(br#"{"error":"insufficient_scope","error_description":"Too little.","scope":"api read_api"}"#);
        assert_eq!((scope.said.as_str(), scope.error.as_str()), ("Too little.", "insufficient_scope"));
        assert_eq!(scope.scope, "api read_api");
    }

    #[test]
    fn every_shape_of_github() {
        assert_eq!(said(r#"{"message":"Bad credentials","status":"401"}"#), "Bad credentials");
        assert_eq!(
            said(
                r#"{"message":"Validation Failed","errors":[{"resource":"Hook","field":"url","code":"missing_field"},{"code":"custom","message":"Hook exists"}]}"#
            ),
            "Validation Failed; url: missing_field; Hook exists"
        );
        assert_eq!(said(r#"{"message":"Validation Failed","errors":["a","b"]}"#), "Validation Failed; a; b");
        assert_eq!(
            said("{\"message\":\"Invalid request.\\n\\n\\\"x\\\" wasn't supplied.\"}"),
            "Invalid request.\n\n\"x\" wasn't supplied."
        );
    }

    #[test]
    fn nonsense_is_survived() {
        for body in [
            &b""[..],
            b"\xff\xfe",
            b"null",
            b"[]",
            b"3",
            b"{\"message\":null}",
            b"{\"message\":{\"a\":{\"b\":{\"c\":{\"d\":{\"e\":{\"f\":1}}}}}}}",
        ] {
            let _ = Words::read(body);
        }
    }

    #[test]
    fn tokens_are_struck_out() {
        let scrubber = Scrubber::new(None);
        for (dirty, clean) in [
            ("no 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 here", "no *** here"),
            ("x=ghs_123_eyJhbGciOi.a-b_c,y", "x=***,y"),
            ("token glpat-AAECAwQFBgcICQoLDA0OD286MQp1OjJzCA.01.0y0wdsbqj!", "token ***!"),
            ("gldt-abcdefghij0123456789", "***"),
            ("M7H4jxUDDWHP4kZ6A4dxlQYsQIWJuq11T4V4abcdef", "***"),
            (
                "see https://h/x?authorization_request=AbC for more",
                "see https://h/x?authorization_request=*** for more",
            ),
            ("https://me:pw@h/", "https://***:***@h/"),
            (
                "insufficient_granular_scope, gitlab-ci-token and glab stay",
                "insufficient_granular_scope, gitlab-ci-token and glab stay",
            ),
            (
                "at https://github.com/settings/personal-access-tokens/12885303",
                "at https://github.com/settings/personal-access-tokens/12885303",
            ),
        ] {
            assert_eq!(scrubber.clean(dirty), clean);
        }
        let used = Secret::new("corp-secret".into());
        assert_eq!(Scrubber::new(Some(&used)).clean("you sent corp-secret\u{1b}[0m"), "you sent ***\u{fffd}[0m");
        let other = Secret::new("a corp-secret/x".into());
        assert_eq!(
            Scrubber::of([&used, &other]).clean("corp-secret, a corp-secret/x, a%20corp-secret%2Fx"),
            "***, ***, ***"
        );
        assert!(scrubber.clean(&"a ".repeat(500)).chars().count() <= LIMIT + 1);
    }

    proptest::proptest! {
        #[test]
        fn a_token_never_survives(before in ".{0,40}", tail in "[A-Za-z0-9]{20,60}", after in ".{0,40}") {
            let token = Secret::new(format!("glpat-{tail}"));
            let text = format!("{before}{}{after}", token.reveal());
            let cleaned = Scrubber::new(Some(&token)).clean(&text);
            proptest::prop_assert!(!cleaned.contains(token.reveal()));
            let cleaned = Scrubber::new(None).clean(&text);
            proptest::prop_assert!(!cleaned.contains(token.reveal()));
        }

        #[test]
        fn reading_never_panics(body: Vec<u8>) {
            let words = Words::read(&body);
            let _ = Scrubber::new(None).clean(&words.said);
        }
    }
}
