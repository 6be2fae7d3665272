//! The one way out: a client, its time limits, and how a request becomes an answer.
//!
//! What is held here, for every call of both forges:
//!
//! - the token that authorises leaves only as `Authorization: Bearer`, in a header marked sensitive, and only to a
//!   URL inside the call's [`Base`]; this is compared before each sending, redirects and pages included;
//! - any other secret leaves only in a body (see `body`), and is named in the call, so that it is struck out of
//!   whatever the server says;
//! - the time limit covers everything: connecting, redirects, repetitions, the body's last byte;
//! - a body is read piece by piece and no further than a limit;
//! - nothing of headers and bodies is logged: method, path, status and duration are.

use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, IF_NONE_MATCH, LOCATION};
use reqwest::{Method, Response, redirect};
use serde::de::DeserializeOwned;
use tokio::time::{Instant, timeout_at};
use url::Url;
use zeroize::Zeroizing;

use super::base::{Base, origin};
use super::crowd::{Crowd, Place};
use super::error::{ForgeError, ForgeErrorKind};
use super::observe::Observer;
use super::redirect::{MOST, Step, decide};
use super::retry::{self, Failure};
use super::words::{Scrubber, Words};
use super::{limits, network, tls};
use crate::model::Secret;
use crate::model::host::is_loopback;

/// The most of an answer that is read, in bytes, unless a call wants more.
pub(super) const BODY_LIMIT: usize = 8 * 1024 * 1024;
/// The most of an error's body that is read, in bytes; the rest is dropped.
const ERROR_LIMIT: usize = 64 * 1024;

/// How a [`Transport`] behaves.
#[derive(Debug, Clone)]
pub struct TransportOptions {
    /// The time limit of one call, with its redirects, repetitions and body: 30 s unless set.
    pub timeout: Duration,
    /// The time limit of establishing one connection: 10 s unless set.
    pub connect_timeout: Duration,
    /// A PEM bundle of authorities to trust beside the platform's.
    pub ca_certificates: Option<Vec<u8>>,
    /// Who wants to know what answers tell of the tokens they were asked with.
    pub observer: Option<Observer>,
}

impl Default for TransportOptions {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(10),
            ca_certificates: None,
            observer: None,
        }
    }
}

/// The HTTP client that all forges share: connections are kept and reused. Cheap to clone.
///
/// Proxies are taken from the environment (`HTTPS_PROXY`, `NO_PROXY` …) by reqwest itself.
#[derive(Clone)]
pub struct Transport(Arc<Inner>);

struct Inner {
    client: reqwest::Client,
    /// For this machine's own addresses: without a proxy, made when first needed.
    local: OnceLock<Option<reqwest::Client>>,
    options: TransportOptions,
    timeout: Duration,
    crowd: Crowd,
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport").field("timeout", &self.0.timeout).finish_non_exhaustive()
    }
}

/// By what right a request is made: an explicit argument of every API call.
#[derive(Debug, Clone, Copy)]
pub enum Authorization<'a> {
    /// By none: anybody may ask.
    None,
    /// By this token. GitHub and GitLab both take every kind of token as `Authorization: Bearer`.
    Bearer(&'a Secret),
}

/// Whether a request may be sent a second time when the first one failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeat {
    /// It reads, or doing it twice is as doing it once.
    Safe,
    /// Never, whatever happens.
    Never,
}

/// One request.
pub(super) struct Call<'a> {
    pub(super) method: Method,
    pub(super) url: Url,
    /// Where it may go.
    pub(super) base: &'a Base,
    /// The forge's label, for errors.
    pub(super) host: &'a str,
    pub(super) authorization: Authorization<'a>,
    pub(super) headers: &'static [(&'static str, &'static str)],
    /// Headers that somebody has typed, in place of those of the same name.
    pub(super) typed: &'a [(String, String)],
    /// A JSON body, unless the headers that were typed say otherwise.
    pub(super) body: Option<Zeroizing<Vec<u8>>>,
    /// The secrets in the body, to be struck out of whatever the server says; so is the token.
    pub(super) carries: Vec<&'a Secret>,
    /// `If-None-Match`: answer with 304 if nothing has changed since.
    pub(super) unless: Option<&'a str>,
    pub(super) repeat: Repeat,
    /// The most of a good answer that is read, in bytes: [`BODY_LIMIT`] for nearly all.
    pub(super) limit: usize,
    /// What an answer means; nothing if it is good.
    pub(super) judge: fn(&Answer) -> Option<ForgeErrorKind>,
    /// When the token dies that authorises it, where an answer says so.
    pub(super) tells: fn(&Answer) -> Option<Timestamp>,
}

impl Call<'_> {
    /// Takes everything that was sent and is secret out of what the server says.
    pub(super) fn scrubber(&self) -> Scrubber<'_> {
        let token = match self.authorization {
            Authorization::Bearer(token) => Some(token),
            Authorization::None => None,
        };
        Scrubber::of(token.into_iter().chain(self.carries.iter().copied()))
    }

    fn reads(&self) -> bool {
        matches!(self.method, Method::GET | Method::HEAD)
    }

    /// An error without an answer.
    fn failed(&self, kind: ForgeErrorKind) -> ForgeError {
        ForgeError::new(self.scrubber().clean_kind(kind), self.host)
    }

    /// An error with the answer that told of it.
    fn refused(&self, kind: ForgeErrorKind, answer: &Answer) -> ForgeError {
        let scrubber = self.scrubber();
        ForgeError {
            kind: scrubber.clean_kind(kind),
            host: self.host.to_owned(),
            status: Some(answer.status),
            said: scrubber.some(&answer.words().said),
            request_id: ["x-github-request-id", "x-request-id"]
                .iter()
                .find_map(|name| answer.header(name))
                .and_then(|id| scrubber.some(id)),
        }
    }
}

/// A whole answer.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    /// Where it came from, after redirects.
    pub(super) url: Url,
    /// It may hold a token that was just made.
    body: Zeroizing<Vec<u8>>,
}

impl Answer {
    /// A header's value, if it is there and readable as text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim)
    }

    /// What an error's body says.
    pub(super) fn words(&self) -> Words {
        if self.is_good() { Words::default() } else { Words::read(&self.body) }
    }

    /// Whether the status is 2xx.
    pub(super) const fn is_good(&self) -> bool {
        matches!(self.status, 200..=299)
    }

    /// The body as JSON.
    pub(super) fn json<T: DeserializeOwned>(&self, host: &str) -> Result<T, ForgeError> {
        serde_json::from_slice(&self.body).map_err(|error| {
            // serde's own words can repeat the body; they stay here.
            let is_json = !error.is_syntax() || self.header("content-type").is_some_and(|kind| kind.contains("json"));
            let kind = if is_json { ForgeErrorKind::Malformed } else { self.not_json() };
            ForgeError { status: Some(self.status), ..ForgeError::new(Scrubber::new(None).clean_kind(kind), host) }
        })
    }

    /// The whole body, as it came.
    pub(super) fn into_body(mut self) -> Zeroizing<Vec<u8>> {
        std::mem::take(&mut self.body)
    }

    /// The whole body, which holds a secret.
    pub(super) fn into_secret(mut self, host: &str) -> Result<Secret, ForgeError> {
        match String::from_utf8(std::mem::take(&mut *self.body)) {
            Ok(text) => Ok(Secret::new(text)),
            Err(error) => {
                drop(Zeroizing::new(error.into_bytes()));
                Err(ForgeError { status: Some(self.status), ..ForgeError::new(ForgeErrorKind::Malformed, host) })
            }
        }
    }

    /// The error for a body that is none of the API's.
    pub(super) fn not_json(&self) -> ForgeErrorKind {
        ForgeErrorKind::NotJson { content_type: self.header("content-type").map(str::to_owned) }
    }

    #[cfg(test)]
    pub(super) fn made_up(status: u16, headers: &[(&str, &str)], body: &str) -> Self {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name = reqwest::header::HeaderName::from_bytes(name.as_bytes());
            if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
                map.append(name, value);
            }
        }
        let url = Url::parse("https://h/").unwrap_or_else(|_| unreachable!());
        Self { status, headers: map, url, body: Zeroizing::new(body.as_bytes().to_vec()) }
    }
}

/// Whether the environment's proxy is used.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    ByProxy,
    Direct,
}

/// A client; nothing if the certificates given are none.
fn client(options: &TransportOptions, way: Way) -> Option<reqwest::Client> {
    tls::install_ring();
    let more = match &options.ca_certificates {
        Some(pem) => Some(tls::authorities(pem)?),
        None => None,
    };
    let connect_timeout = options.connect_timeout;
    tls::build(
        || {
            let builder = reqwest::Client::builder()
                .user_agent(concat!("connect/", env!("CARGO_PKG_VERSION")))
                .redirect(redirect::Policy::none())
                .retry(reqwest::retry::never())
                .referer(false)
                .connect_timeout(connect_timeout);
            if way == Way::Direct { builder.no_proxy() } else { builder }
        },
        more,
    )
}

impl Transport {
    /// Builds the client. No connection is made.
    ///
    /// # Errors
    /// [`ForgeErrorKind::CannotBuild`] if `ca_certificates` holds no certificate or a broken one.
    pub fn new(options: &TransportOptions) -> Result<Self, ForgeError> {
        let client = client(options, Way::ByProxy).ok_or_else(|| ForgeError::new(ForgeErrorKind::CannotBuild, ""))?;
        Ok(Self(Arc::new(Inner {
            client,
            local: OnceLock::new(),
            options: options.clone(),
            timeout: options.timeout,
            crowd: Crowd::new(),
        })))
    }

    /// The client for an address. What is meant for this machine never goes to a proxy: plain http is allowed
    /// there because it does not leave the machine.
    fn client_for(&self, url: &Url) -> &reqwest::Client {
        if !is_loopback(url) {
            return &self.0.client;
        }
        self.0.local.get_or_init(|| client(&self.0.options, Way::Direct)).as_ref().unwrap_or(&self.0.client)
    }

    /// Makes the request, as often as it may be repeated, within the time limit.
    pub(super) async fn send(&self, call: &Call<'_>) -> Result<Answer, ForgeError> {
        self.send_for_answer(call).await.map_err(|failure| failure.error)
    }

    /// As [`Self::send`]; of a refusal the answer as well.
    pub(super) async fn send_for_answer(&self, call: &Call<'_>) -> Result<Answer, Failure> {
        // The time limit begins when there is room. Who waits before asking again gives the place to others.
        let first = Mutex::new(Some(self.enter(call).await?));
        let deadline = Instant::now() + self.0.timeout;
        let timed_out = || call.failed(ForgeErrorKind::TimedOut);
        let attempt = || async {
            let kept = first.lock().unwrap_or_else(PoisonError::into_inner).take();
            let place = match kept {
                Some(place) => place,
                None => timeout_at(deadline, self.enter(call)).await.map_err(|_| timed_out())??,
            };
            let outcome = timeout_at(deadline, self.follow(call)).await.unwrap_or_else(|_| Err(timed_out().into()));
            place.outcome(outcome.as_ref().err().map(|failure| &failure.error.kind));
            outcome
        };
        match call.repeat {
            Repeat::Safe => retry::run(attempt, deadline).await,
            Repeat::Never => attempt().await,
        }
    }

    async fn enter(&self, call: &Call<'_>) -> Result<Place, ForgeError> {
        self.0.crowd.enter(&call.url).await.map_err(|kind| call.failed(kind))
    }

    /// One attempt, through its redirects.
    async fn follow(&self, call: &Call<'_>) -> Result<Answer, Failure> {
        let mut url = call.url.clone();
        for _ in 0..=MOST {
            let answer = self.once(call, &url).await?;
            let location = answer.headers.get(LOCATION).and_then(|value| value.to_str().ok());
            match decide(call.base, &url, call.reads(), answer.status, location) {
                Step::Follow(next) => url = next,
                Step::Refuse(kind) => return Err(call.refused(kind, &answer).into()),
                Step::Stay => return judged(call, answer),
            }
        }
        Err(call.failed(ForgeErrorKind::TooManyRedirects).into())
    }

    /// One request to one URL.
    async fn once(&self, call: &Call<'_>, url: &Url) -> Result<Answer, ForgeError> {
        if !call.base.contains(url) {
            return Err(call.failed(ForgeErrorKind::RedirectedElsewhere { to: origin(url) }));
        }
        let start = Instant::now();
        let outcome = self.exchange(call, url).await;
        let milliseconds = start.elapsed().as_millis();
        match &outcome {
            Ok(answer) => {
                let (status, path) = (answer.status, url.path());
                tracing::debug!(method = %call.method, host = call.host, path, status, milliseconds, "answered");
                self.0.options.observer.iter().for_each(|observer| observer.look(call, answer));
            }
            Err(kind) => {
                tracing::debug!(method = %call.method, host = call.host, path = url.path(), ?kind, milliseconds, "no answer");
            }
        }
        outcome.map_err(|kind| call.failed(kind))
    }

    async fn exchange(&self, call: &Call<'_>, url: &Url) -> Result<Answer, ForgeErrorKind> {
        let mut request = self.client_for(url).request(call.method.clone(), url.clone());
        let is_typed = |name: &str| call.typed.iter().any(|(typed, _)| typed.eq_ignore_ascii_case(name));
        for (name, value) in call.headers.iter().filter(|(name, _)| !is_typed(name)) {
            request = request.header(*name, *value);
        }
        for (name, value) in call.typed {
            request = request.header(name.as_str(), value.as_str());
        }
        if let Authorization::Bearer(token) = call.authorization {
            request = request.header(AUTHORIZATION, bearer(token).ok_or(ForgeErrorKind::NotSendable)?);
        }
        if let Some(etag) = call.unless {
            request = request.header(IF_NONE_MATCH, etag);
        }
        if let Some(body) = &call.body {
            if !is_typed(CONTENT_TYPE.as_str()) {
                request = request.header(CONTENT_TYPE, "application/json");
            }
            request = request.body(body.to_vec());
        }
        let response = request.send().await.map_err(|error| network::cause(&error))?;
        read(response, url, call.limit).await
    }
}

/// The header that carries the token, marked so that no log of any library shows it.
fn bearer(token: &Secret) -> Option<HeaderValue> {
    let text = Zeroizing::new(format!("Bearer {}", token.reveal()));
    let mut value = HeaderValue::from_str(&text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Reads the body: all of a good answer up to a limit, the beginning of any other.
async fn read(mut response: Response, url: &Url, most: usize) -> Result<Answer, ForgeErrorKind> {
    let status = response.status().as_u16();
    let good = response.status().is_success();
    let limit = if good { most } else { ERROR_LIMIT };
    let headers = std::mem::take(response.headers_mut());
    let mut body = Zeroizing::new(Vec::new());
    while let Some(piece) = response.chunk().await.map_err(|error| network::cause(&error))? {
        let room = limit - body.len();
        if piece.len() > room && good {
            return Err(ForgeErrorKind::TooLarge);
        }
        body.extend_from_slice(piece.get(..room.min(piece.len())).unwrap_or_default());
        if body.len() == limit && !good {
            break;
        }
    }
    Ok(Answer { status, headers, url: url.clone(), body })
}

fn judged(call: &Call<'_>, answer: Answer) -> Result<Answer, Failure> {
    let Some(kind) = (call.judge)(&answer) else { return Ok(answer) };
    let now = Timestamp::now();
    let until = match &kind {
        ForgeErrorKind::RateLimited { until, .. } => *until,
        ForgeErrorKind::ServerError => limits::retry_after(&answer.headers, now),
        _ => None,
    };
    let wait = until.map(|at| Duration::try_from(at.duration_since(now)).unwrap_or_default());
    Err(Failure { error: call.refused(kind, &answer), wait, answer: Some(Box::new(answer)) })
}
