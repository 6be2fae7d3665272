//! The server: takes deliveries over HTTP/1.1, with limits that hold whoever is at the other end.
//!
//! axum has the routes; connections are taken by hand, because what protects against slow and many senders is there:
//! at most so many connections (more wait in the system's queue) and deliveries at once (more are told to come back, 503),
//! a time limit for the head of each request, which an idle connection falls under as well, one for the body, and an
//! end in good order. HTTP/1.1 only: it is what forges and
//! proxies deliver with.
//!
//! A sender learns as little as possible: an unknown address is 404, whatever is wrong with a proof is 401 and nothing
//! more.

use std::collections::HashMap;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::header::{CONNECTION, CONTENT_ENCODING, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use super::bounds::{Bounds, MOST, Unread};
use super::letter::{Addressed, NotALetter, letter, packing};
use super::metrics::Metrics;
use super::tls::Certificate;
use super::verify::{Refusal, Verifier};
use crate::model::{Clock, ConnectionName, ForgeKind, Letter};

/// The most that the head of a request may take.
const HEAD: usize = 64 * 1024;

/// What is bound, and what may be used up.
#[derive(Debug, Clone)]
pub struct Limits {
    /// How many connections at once; more wait.
    pub connections: usize,
    /// How many deliveries at once; more are told to come back.
    pub deliveries: usize,
    /// How long the head of a request may take, the handshake of TLS, and how long a connection may be idle.
    pub head_time: Duration,
    /// How long a body may take in all.
    pub body_time: Duration,
    /// How long between two pieces of it.
    pub pause: Duration,
    /// How many bytes of large bodies may be in memory at once; never less than one body.
    pub memory: usize,
    /// How long requests that are under way may take once it is to stop.
    pub farewell: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 512,
            deliveries: 128,
            head_time: Duration::from_secs(10),
            body_time: Duration::from_secs(30),
            pause: Duration::from_secs(10),
            memory: 5 * MOST,
            farewell: Duration::from_secs(10),
        }
    }
}

/// One receiving address, `/hooks/<id>`.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// The last part of the address.
    pub id: String,
    /// Whose deliveries come there.
    pub connection: ConnectionName,
    /// From which kind of forge.
    pub forge: ForgeKind,
    /// What proves them.
    pub verifier: Verifier,
}

/// What became of a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It is safe: on disk, or of no interest. 202.
    Safe,
    /// It was received before, and is safe. 200.
    Known,
    /// There is no room for it, or it could not be stored. 503: the sender may try again.
    NoRoom,
}

/// Takes letters in; see [`Taken`].
pub type Intake = Arc<dyn Fn(Letter) -> Pin<Box<dyn Future<Output = Taken> + Send>> + Send + Sync>;

/// Reads the secrets of an address anew, by its last part: what proves a delivery now; nothing where that cannot be read.
/// Asked whenever a proof does not hold; how often that is worth a look is its own business.
pub type Renew = Arc<dyn Fn(&str) -> Pin<Box<dyn Future<Output = Option<Verifier>> + Send>> + Send + Sync>;

/// Is told for whom something was not taken, and why.
pub type Report = Box<dyn Fn(&ConnectionName, Told) + Send + Sync>;

/// Why a delivery to a known address was not taken: for who runs the receiver, never for the sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Told {
    /// Its proof does not hold.
    #[error("{0}")]
    NotProved(#[from] Refusal),
    /// It is proved, and not what a forge sends.
    #[error("{0}")]
    NotALetter(#[from] NotALetter),
    /// It is larger than forges send.
    #[error("its body is larger than 25 MB")]
    TooLarge,
    /// It ended before it was whole.
    #[error("its body did not come whole, or not in time")]
    Cut,
    /// There is no room for any. That [`Intake`] finds none for one is not told here.
    #[error("as much waits to be handed on as may")]
    NoRoom,
}

/// What a server is given to work with.
pub struct Desk {
    /// The addresses.
    pub endpoints: Vec<Endpoint>,
    /// Where letters go.
    pub intake: Intake,
    /// Where a proof does not hold: the secret may have been replaced.
    pub renew: Renew,
    /// Whether there is room for another letter to this address, asked before its body is read.
    pub has_room: Box<dyn Fn(&str) -> bool + Send + Sync>,
    /// Told of what was not taken.
    pub report: Report,
    /// Counts; at `/metrics` only where `shows_metrics`.
    pub metrics: Arc<Metrics>,
    /// Whether `/metrics` answers.
    pub shows_metrics: bool,
    /// What time it is.
    pub clock: Clock,
}

/// An endpoint, whose secret may be another one by now.
struct Address {
    endpoint: Endpoint,
    verifier: RwLock<Verifier>,
}

impl Address {
    fn new(endpoint: Endpoint) -> Self {
        Self { verifier: RwLock::new(endpoint.verifier.clone()), endpoint }
    }

    /// Whether this holds, by the secrets that are known or by those that there are now.
    async fn proves(&self, renew: &Renew, check: impl Fn(&Verifier) -> Result<(), Refusal>) -> Result<(), Refusal> {
        let known = check(&self.verifier.read().unwrap_or_else(PoisonError::into_inner));
        let Err(Refusal::Wrong | Refusal::Missing) = known else { return known };
        let Some(now) = renew(&self.endpoint.id).await else { return known };
        let outcome = check(&now);
        *self.verifier.write().unwrap_or_else(PoisonError::into_inner) = now;
        outcome
    }
}

struct Shared {
    desk: Desk,
    endpoints: HashMap<String, Address>,
    bounds: Bounds,
    places: Semaphore,
    stop: watch::Receiver<bool>,
}

/// A server that is bound and does not take anything yet.
pub struct Server {
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    limits: Limits,
}

impl Server {
    /// Binds an address; port 0 is any that is free.
    ///
    /// # Errors
    /// What the operating system says.
    pub async fn bind(address: SocketAddr, certificate: Option<&Certificate>, limits: Limits) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        Ok(Self { listener, tls: certificate.map(|certificate| TlsAcceptor::from(Arc::clone(&certificate.0))), limits })
    }

    /// The address that is bound.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Takes deliveries until it is told to stop; then no new ones, and those under way are finished.
    pub async fn serve(self, mut desk: Desk, mut stop: watch::Receiver<bool>) {
        let endpoints =
            std::mem::take(&mut desk.endpoints).into_iter().map(|e| (e.id.clone(), Address::new(e))).collect();
        let bounds = Bounds::new(self.limits.memory, self.limits.body_time, self.limits.pause);
        let places = Semaphore::new(self.limits.deliveries);
        let shared = Arc::new(Shared { desk, endpoints, bounds, places, stop: stop.clone() });
        let router = router(&shared);
        let (all, room) = (GracefulShutdown::new(), Arc::new(Semaphore::new(self.limits.connections)));
        let ends = async move {
            // Nobody left to say so means the same.
            let _ = stop.wait_for(|stop| *stop).await;
        };
        tokio::pin!(ends);
        loop {
            let taken = async {
                let place = Arc::clone(&room).acquire_owned().await;
                (place, self.listener.accept().await)
            };
            let (place, stream) = tokio::select! {
                biased;
                () = &mut ends => break,
                taken = taken => taken,
            };
            let Ok((stream, _)) = stream else {
                // Usually too many open files. The connection stays in the queue; asking at once would only spin.
                tokio::time::sleep(Duration::from_millis(20)).await;
                continue;
            };
            let _ = stream.set_nodelay(true);
            let (router, watcher, limits) = (router.clone(), all.watcher(), self.limits.clone());
            let (metrics, tls) = (Arc::clone(&shared.desk.metrics), self.tls.clone());
            tokio::spawn(async move {
                match tls {
                    None => talk(stream, router, metrics, watcher, &limits).await,
                    Some(tls) => {
                        if let Ok(Ok(stream)) = timeout(limits.head_time, tls.accept(stream)).await {
                            talk(stream, router, metrics, watcher, &limits).await;
                        }
                    }
                }
                drop(place);
            });
        }
        drop(self.listener);
        let _ = timeout(self.limits.farewell, all.shutdown()).await;
    }
}

/// One connection, to its end.
async fn talk(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    router: Router,
    metrics: Arc<Metrics>,
    watcher: Watcher,
    limits: &Limits,
) {
    let service = hyper::service::service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        let (router, metrics) = (router.clone(), Arc::clone(&metrics));
        async move {
            let own = matches!(request.uri().path(), "/healthz" | "/metrics");
            let answer = hyper::service::Service::call(
                &hyper_util::service::TowerToHyperService::new(router),
                request.map(Body::new),
            )
            .await;
            if let (false, Ok(answer)) = (own, &answer) {
                metrics.answered(answer.status());
            }
            answer
        }
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_time)
        .max_buf_size(HEAD)
        .serve_connection(TokioIo::new(stream), service);
    // A connection that breaks is its sender's business.
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(%error, "a connection ended early");
    }
}

fn router(shared: &Arc<Shared>) -> Router {
    let router = Router::new().route("/hooks/{id}", post(deliver)).route("/healthz", get(healthz));
    let router = if shared.desk.shows_metrics { router.route("/metrics", get(metrics)) } else { router };
    router.with_state(Arc::clone(shared))
}

async fn healthz(State(shared): State<Arc<Shared>>) -> Response {
    let has_room = || shared.endpoints.keys().all(|id| (shared.desk.has_room)(id));
    if *shared.stop.borrow() || !has_room() { busy() } else { "ok\n".into_response() }
}

async fn metrics(State(shared): State<Arc<Shared>>) -> Response {
    let kind = HeaderValue::from_static("text/plain; version=0.0.4");
    ([(CONTENT_TYPE, kind)], shared.desk.metrics.text()).into_response()
}

/// A delivery comes.
async fn deliver(State(shared): State<Arc<Shared>>, Path(id): Path<String>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Some(address) = shared.endpoints.get(&id) else {
        return refused(&shared, body, StatusCode::NOT_FOUND).await;
    };
    let endpoint = &address.endpoint;
    let headers = &parts.headers;
    let told = |told: Told| (shared.desk.report)(&endpoint.connection, told);
    let place = shared.places.try_acquire();
    if place.is_err() || *shared.stop.borrow() {
        // Else its sender may see a connection that breaks, and no answer.
        shared.bounds.drain(body).await;
        return busy();
    }
    if packing(endpoint.forge, headers).is_err() || headers.contains_key(CONTENT_ENCODING) {
        told(NotALetter::Packing.into());
        return refused(&shared, body, StatusCode::UNSUPPORTED_MEDIA_TYPE).await;
    }
    if Bounds::refuses(headers) {
        told(Told::TooLarge);
        return refused(&shared, body, StatusCode::PAYLOAD_TOO_LARGE).await;
    }
    // What could never be proved is not worth reading.
    let now = shared.desk.clock.now();
    if let Err(why) = address.proves(&shared.desk.renew, |verifier| verifier.look(headers, now)).await {
        told(why.into());
        return refused(&shared, body, StatusCode::UNAUTHORIZED).await;
    }
    if !(shared.desk.has_room)(&id) {
        told(Told::NoRoom);
        shared.bounds.drain(body).await;
        return busy();
    }
    let held = match shared.bounds.read(headers, body).await {
        Ok(held) => held,
        Err(Unread::TooLarge) => {
            told(Told::TooLarge);
            return closing(StatusCode::PAYLOAD_TOO_LARGE);
        }
        Err(Unread::TooSlow) => {
            told(Told::Cut);
            return closing(StatusCode::REQUEST_TIMEOUT);
        }
        Err(Unread::Cut) => {
            told(Told::Cut);
            return closing(StatusCode::BAD_REQUEST);
        }
        Err(Unread::NoRoom) => return busy(),
    };
    shared.desk.metrics.read(held.bytes.len());
    let at = shared.desk.clock.now();
    let verify = |verifier: &Verifier| verifier.verify(headers, &held.bytes, at);
    if let Err(why) = address.proves(&shared.desk.renew, verify).await {
        told(why.into());
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let to = Addressed { forge: endpoint.forge, connection: &endpoint.connection, endpoint: &endpoint.id, at };
    let letter = match letter(&to, headers, held.bytes) {
        Ok(letter) => letter,
        Err(why) => {
            told(why.into());
            return StatusCode::BAD_REQUEST.into_response();
        }
    };
    let taken = (shared.desk.intake)(letter).await;
    drop(held.share);
    match taken {
        Taken::Safe => StatusCode::ACCEPTED.into_response(),
        Taken::Known => StatusCode::OK.into_response(),
        Taken::NoRoom => busy(),
    }
}

/// Refuses without reading more of the body than politeness asks for.
async fn refused(shared: &Shared, body: Body, status: StatusCode) -> Response {
    shared.bounds.drain(body).await;
    closing(status)
}

/// An answer after which the connection ends: what is left of the body is not read.
fn closing(status: StatusCode) -> Response {
    (status, [(CONNECTION, HeaderValue::from_static("close"))]).into_response()
}

fn busy() -> Response {
    let headers = [(CONNECTION, HeaderValue::from_static("close")), (RETRY_AFTER, HeaderValue::from_static("60"))];
    (StatusCode::SERVICE_UNAVAILABLE, headers).into_response()
}
