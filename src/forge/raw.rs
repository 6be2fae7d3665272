//! Any request that somebody has typed, within the API of one forge.
//!
//! What is typed is a proposal like a redirect or a next page: it is held against the [`Base`], and nothing is sent that
//! would take the token out of it, by another host, by `..` in any spelling, or by a path beside the API's. GitHub's and
//! GitLab's GraphQL stand beside the REST API; that one address is a base of its own.

use percent_encoding::percent_decode_str;
use reqwest::Method;
use reqwest::header::{HeaderName, HeaderValue};
use url::Url;
use zeroize::Zeroizing;

use super::base::{Base, origin};
use super::error::ForgeError;
use super::http::{Answer, Authorization, Call, Repeat, Transport};
use super::{Forge, GitHub, GitLab, page};
use crate::model::{Host, Secret};

/// The most of one answer that is read, in bytes.
pub const RAW_LIMIT: usize = 64 * 1024 * 1024;

/// Headers that are connect's to set: by whom a request is made, to whom, and where its body ends.
const OURS: [&str; 12] = [
    "authorization",
    "connection",
    "content-length",
    "cookie",
    "deploy-token",
    "host",
    "job-token",
    "private-token",
    "proxy-authorization",
    "te",
    "transfer-encoding",
    "upgrade",
];

/// An address within the API of a forge.
#[derive(Debug, Clone)]
pub struct Inside {
    url: Url,
    base: Base,
}

/// Why an address is none within the API.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotInside {
    /// It does not read as a path or a URL.
    #[error("it does not read as a path of the API")]
    Unreadable,
    /// It would leave the API's path by `..`.
    #[error("`..` would lead out of the API")]
    Climbs,
    /// `user:password@` in it.
    #[error("it carries a user name or a password")]
    UserInfo,
    /// It is not below the API of this forge.
    #[error("{there} is not below {api}, where the token belongs")]
    Elsewhere {
        /// Its origin.
        there: String,
        /// The API's address.
        api: String,
    },
}

/// Why a header is not sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAHeader {
    /// It is not `Name: value`.
    #[error("a header is `Name: value`")]
    Unreadable,
    /// connect sets it itself.
    #[error("that header is connect's to set")]
    Ours,
}

/// Reads `Name: value`.
///
/// # Errors
/// [`NotAHeader`].
pub fn typed_header(text: &str) -> Result<(String, String), NotAHeader> {
    let (name, value) = text.split_once(':').ok_or(NotAHeader::Unreadable)?;
    let name = HeaderName::from_bytes(name.trim().as_bytes()).map_err(|_| NotAHeader::Unreadable)?;
    let value = value.trim();
    HeaderValue::from_str(value).map_err(|_| NotAHeader::Unreadable)?;
    if OURS.contains(&name.as_str()) {
        return Err(NotAHeader::Ours);
    }
    Ok((name.to_string(), value.to_owned()))
}

/// What is to be done there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawMethod(Method);

impl RawMethod {
    /// Reads one, in any case: GET, HEAD, POST, PUT, PATCH, DELETE.
    pub fn read(text: &str) -> Option<Self> {
        let known = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
        known.into_iter().find(|method| method.as_str().eq_ignore_ascii_case(text)).map(Self)
    }

    /// `GET`
    pub const fn get() -> Self {
        Self(Method::GET)
    }

    /// `POST`
    pub const fn post() -> Self {
        Self(Method::POST)
    }

    /// Whether it only reads: then it may be asked again, and what is typed goes into the query.
    pub fn reads(&self) -> bool {
        matches!(self.0, Method::GET | Method::HEAD)
    }
}

/// A request, but for where it goes.
#[derive(Debug)]
pub struct RawRequest {
    /// What is to be done.
    pub method: RawMethod,
    /// Headers beside connect's own, in place of those of the same name; by [`typed_header`].
    pub headers: Vec<(String, String)>,
    /// The body; JSON, unless the headers say otherwise.
    pub body: Option<Zeroizing<Vec<u8>>>,
}

/// An answer as it came. It may hold a token that was just made.
pub struct RawAnswer {
    /// The status.
    pub status: u16,
    /// Its usual words, `Not Found`.
    pub reason: &'static str,
    /// The headers, by name.
    pub headers: Vec<(String, String)>,
    /// The body; of a refusal at most its first 64 KiB.
    pub body: Zeroizing<Vec<u8>>,
    /// Where the list goes on, if it does and the token may go there.
    pub next: Option<Inside>,
    /// The list goes on where the token may not go.
    pub goes_on_elsewhere: bool,
}

impl std::fmt::Debug for RawAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RawAnswer").field("status", &self.status).finish_non_exhaustive()
    }
}

/// A request that did not do what it was to do.
#[derive(Debug)]
pub struct RawFailure {
    /// Why.
    pub error: ForgeError,
    /// The refusal, if there was an answer.
    pub answer: Option<RawAnswer>,
}

impl Forge {
    /// Where a path of the API, or a whole URL within it, is; `query` is added to what it has. `graphql` is the
    /// GraphQL API. Nothing is sent.
    ///
    /// # Errors
    /// [`NotInside`].
    pub fn inside(&self, path: &str, query: &[(String, String)]) -> Result<Inside, NotInside> {
        let (host, base) = match self {
            Self::GitHub(github) => (github.host(), github.base()),
            Self::GitLab(gitlab) => (gitlab.host(), gitlab.base()),
        };
        inside(host, base, path, query)
    }

    /// Whether a path, or a whole URL, is the GraphQL API.
    pub fn is_graphql(&self, path: &str) -> bool {
        let bare = |mut url: Url| {
            url.set_query(None);
            url
        };
        self.inside(path, &[]).is_ok_and(|inside| bare(inside.url) == self.host().graphql_url())
    }

    /// Sends it. What reads is asked again as every read is; all else is sent once.
    ///
    /// # Errors
    /// [`RawFailure`]: why no answer came, or what the refusal means, with the refusal itself.
    pub async fn raw(&self, to: &Inside, request: &RawRequest, token: &Secret) -> Result<RawAnswer, RawFailure> {
        match self {
            Self::GitHub(github) => github.raw(to, request, token).await,
            Self::GitLab(gitlab) => gitlab.raw(to, request, token).await,
        }
    }
}

impl GitHub {
    async fn raw(&self, to: &Inside, request: &RawRequest, token: &Secret) -> Result<RawAnswer, RawFailure> {
        let call = self.reading(&[], &[], Authorization::Bearer(token));
        send(self.transport(), typed(call, to, request), to).await
    }
}

impl GitLab {
    async fn raw(&self, to: &Inside, request: &RawRequest, token: &Secret) -> Result<RawAnswer, RawFailure> {
        let call = self.reading(&[], &[], Authorization::Bearer(token));
        send(self.transport(), typed(call, to, request), to).await
    }
}

/// A call to there.
fn typed<'a>(call: Call<'a>, to: &'a Inside, request: &'a RawRequest) -> Call<'a> {
    Call {
        method: request.method.0.clone(),
        url: to.url.clone(),
        base: &to.base,
        typed: &request.headers,
        body: request.body.clone(),
        limit: RAW_LIMIT,
        repeat: if request.method.reads() { Repeat::Safe } else { Repeat::Never },
        ..call
    }
}

async fn send(transport: &Transport, call: Call<'_>, to: &Inside) -> Result<RawAnswer, RawFailure> {
    match transport.send_for_answer(&call).await {
        Ok(answer) => Ok(raw(answer, &to.base)),
        Err(failure) => match failure.answer {
            // Somebody has typed `If-None-Match`, and this is the answer to it.
            Some(answer) if answer.status == 304 => Ok(raw(*answer, &to.base)),
            answer => Err(RawFailure { error: failure.error, answer: answer.map(|answer| raw(*answer, &to.base)) }),
        },
    }
}

fn raw(answer: Answer, base: &Base) -> RawAnswer {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let mut headers: Vec<(String, String)> =
        answer.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect();
    headers.sort();
    let next = page::next(base, &answer.url, &answer.headers).map(|url| Inside { url, base: base.clone() });
    let goes_on_elsewhere = next.is_none() && page::goes_on(&answer.headers);
    let status = answer.status;
    let reason = reqwest::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    let reason = reason.unwrap_or_default();
    RawAnswer { status, reason, headers, body: answer.into_body(), next, goes_on_elsewhere }
}

fn inside(host: &Host, base: &Base, path: &str, query: &[(String, String)]) -> Result<Inside, NotInside> {
    if path.chars().any(|c| c.is_control() || c == '\\' || c == '#') {
        return Err(NotInside::Unreadable);
    }
    if climbs(path) {
        return Err(NotInside::Climbs);
    }
    let elsewhere = |there: &str| NotInside::Elsewhere { there: there.to_owned(), api: base.root().to_owned() };
    if path.starts_with("//") {
        return Err(elsewhere("another host"));
    }
    if path.trim_start_matches('/') == "graphql" {
        let mut url = host.graphql_url();
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        return Ok(Inside { base: Base::new(&url), url });
    }
    let whole = path.split(['/', '?']).next().is_some_and(|first| first.ends_with(':')) && path.contains("://");
    let text = if whole { path.to_owned() } else { format!("{}/{}", base.root(), below(base, path)) };
    let mut url = Url::parse(&text).map_err(|_| NotInside::Unreadable)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(NotInside::UserInfo);
    }
    let base = if url == host.graphql_url() { Base::new(&url) } else { base.clone() };
    if !base.contains(&url) {
        return Err(elsewhere(&origin(&url)));
    }
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    Ok(Inside { url, base })
}

/// The path below the API's; some copy it with the API's own in front (`/api/v4/user`).
fn below<'a>(base: &Base, path: &'a str) -> &'a str {
    let own = base.root().splitn(4, '/').nth(3).unwrap_or_default();
    let bare = path.trim_start_matches('/');
    let rest = bare.strip_prefix(own).filter(|_| !own.is_empty() && path.starts_with('/'));
    rest.and_then(|rest| rest.strip_prefix('/')).unwrap_or(bare)
}

/// Whether any reading of the path has `.` or `..` as a step, however often it is escaped.
fn climbs(path: &str) -> bool {
    let mut text = path.split('?').next().unwrap_or_default().to_owned();
    loop {
        if text.split(['/', '\\']).any(|step| matches!(step, "." | "..")) {
            return true;
        }
        let decoded = percent_decode_str(&text).decode_utf8_lossy().into_owned();
        if decoded == text {
            return false;
        }
        text = decoded;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ForgeKind;

    fn at(kind: ForgeKind, host: &str, path: &str) -> Result<String, String> {
        let host = Host::parse(kind, host, None, false).map_err(|e| e.to_string())?;
        let base = Base::new(host.api_base());
        inside(&host, &base, path, &[]).map(|inside| inside.url.to_string()).map_err(|e| e.to_string())
    }

    #[test]
    fn paths_as_people_type_them() {
        for (host, path, url) in [
            ("github.com", "user", "https://api.github.com/user"),
            ("github.com", "/repos/o/r/issues?state=all", "https://api.github.com/repos/o/r/issues?state=all"),
            ("github.com", "https://api.github.com/user", "https://api.github.com/user"),
            ("github.com", "graphql", "https://api.github.com/graphql"),
            ("octo.ghe.com", "graphql", "https://api.octo.ghe.com/graphql"),
            ("ghes.example:8443", "/user", "https://ghes.example:8443/api/v3/user"),
            ("ghes.example:8443", "/api/v3/user", "https://ghes.example:8443/api/v3/user"),
            ("ghes.example:8443", "graphql", "https://ghes.example:8443/api/graphql"),
            ("ghes.example", "https://ghes.example/api/graphql", "https://ghes.example/api/graphql"),
        ] {
            assert_eq!(at(ForgeKind::GitHub, host, path), Ok(url.to_owned()), "{host} {path}");
        }
        for (host, path, url) in [
            ("gitlab.com", "projects/a%2Fb", "https://gitlab.com/api/v4/projects/a%2Fb"),
            ("gitlab.com", "/api/v4/user", "https://gitlab.com/api/v4/user"),
            ("gitlab.com", "groups/api/v4", "https://gitlab.com/api/v4/groups/api/v4"),
            ("e.com/gitlab", "version", "https://e.com/gitlab/api/v4/version"),
            ("e.com/gitlab", "/gitlab/api/v4/version", "https://e.com/gitlab/api/v4/version"),
            ("e.com/gitlab", "/graphql", "https://e.com/gitlab/api/graphql"),
            ("gitlab.com", "projects?search=a b", "https://gitlab.com/api/v4/projects?search=a%20b"),
        ] {
            assert_eq!(at(ForgeKind::GitLab, host, path), Ok(url.to_owned()), "{host} {path}");
        }
    }

    #[test]
    fn nothing_leads_out() {
        for path in [
            "https://gitlab.com.evil.net/api/v4/user",
            "https://evil.net/api/v4/user",
            "http://gitlab.com/api/v4/user",
            "https://gitlab.com:8443/api/v4/user",
            "https://gitlab.com@evil.net/api/v4/user",
            "https://me:pw@gitlab.com/api/v4/user",
            "https://gitlab.com/users/sign_in",
            "https://gitlab.com/api/v40/user",
            "https://gitlab.com/api/graphql/x",
            "//evil.net/api/v4/user",
            "../../users/sign_in",
            "user/../../../admin",
            "user/%2e%2e/%2E%2e/admin",
            "user/%252e%252e/admin",
            "projects/a%2F..%2F..%2F..%2Fadmin",
            "projects/..%252f..%252fadmin",
            "projects/..%5c..%5cadmin",
            "user\\..\\admin",
            "user\r\nHost: evil.net",
            "user\t",
            "user#x",
            "ftp://gitlab.com/api/v4/user",
            "https://",
        ] {
            assert!(at(ForgeKind::GitLab, "gitlab.com", path).is_err(), "{path}");
        }
    }

    #[test]
    fn headers() {
        let read = |text: &str| typed_header(text);
        assert_eq!(read("Accept: application/json"), Ok(("accept".into(), "application/json".into())));
        assert_eq!(read("X-A:b:c"), Ok(("x-a".into(), "b:c".into())));
        for ours in ["Authorization: x", "PRIVATE-TOKEN:x", "job-token: x", "Host: x", " cookie : x"] {
            assert_eq!(read(ours), Err(NotAHeader::Ours), "{ours}");
        }
        for wrong in ["", "Accept", "A B: c", ": c", "A: b\r\nAuthorization: c"] {
            assert_eq!(read(wrong), Err(NotAHeader::Unreadable), "{wrong}");
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_typed_stays_inside(path in "[a-z./%25:@?=#\\\\ é2eEfF]{0,30}") {
            if let Ok(url) = at(ForgeKind::GitLab, "gitlab.com", &path) {
                let inside = url.starts_with("https://gitlab.com/api/v4/") || url == "https://gitlab.com/api/graphql";
                proptest::prop_assert!(inside, "{}", url);
            }
        }
    }
}
