//! The wire: listeners, connections, and what faults do to them.
//!
//! A request is read whole, written into the book of [`SeenRequest`]s, answered by its forge, and
//! sent; a fault may step in at each of these. Connections are HTTP/1.1 or HTTP/2, with or without
//! TLS, on one thread: the world behind them is a lock and does no waiting of its own.

mod git;
mod reply;

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use serde::Serialize;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::faults::{Effect, Faults};
use crate::http::{Answer, Request};
use crate::world::{Forge, World};
use crate::{admin, github, gitlab};
use reply::Reply;

/// A request that reached a forge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SeenRequest {
    /// Which forge it reached.
    pub forge: Forge,
    /// `GET`, `POST` …
    pub method: String,
    /// The path as it came: percent-encoded, with the base path.
    pub path: String,
    /// The query as it came, without the question mark; empty if there was none.
    pub query: String,
    /// All headers in their order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    #[serde(serialize_with = "as_text")]
    pub body: Vec<u8>,
    /// The status it was answered with; `None` as long as it has not been answered, and for ever
    /// when a fault lost the answer.
    pub status: Option<u16>,
}

impl SeenRequest {
    /// The first header of that name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

fn as_text<S: serde::Serializer>(body: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&String::from_utf8_lossy(body))
}

/// What all connections share.
#[derive(Debug)]
pub(crate) struct Shared {
    world: Mutex<World>,
    faults: Mutex<Faults>,
    requests: Mutex<Vec<SeenRequest>>,
}

impl Shared {
    pub fn new(world: World) -> Self {
        Self { world: Mutex::new(world), faults: Mutex::default(), requests: Mutex::default() }
    }

    pub fn world(&self) -> MutexGuard<'_, World> {
        lock(&self.world)
    }

    pub fn faults(&self) -> MutexGuard<'_, Faults> {
        lock(&self.faults)
    }

    pub fn requests(&self) -> MutexGuard<'_, Vec<SeenRequest>> {
        lock(&self.requests)
    }
}

/// A panic elsewhere is reported where it happened; here the data is still good.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is behind a listener.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Door {
    Forge(Forge),
    Admin,
}

/// Listens on loopback; port 0 is any that is free.
pub(crate) fn listen(port: u16) -> io::Result<std::net::TcpListener> {
    let listener = std::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], port)))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Serves a door until the runtime ends.
pub(crate) async fn serve(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    door: Door,
    shared: Arc<Shared>,
) -> Infallible {
    loop {
        // A connection that died before it was accepted is no reason to stop.
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(1)).await;
            continue;
        };
        let shared = Arc::clone(&shared);
        let tls = tls.clone();
        tokio::spawn(connection(stream, tls, door, shared));
    }
}

async fn connection(stream: TcpStream, tls: Option<TlsAcceptor>, door: Door, shared: Arc<Shared>) {
    if stream.set_nodelay(true).is_err() {
        return;
    }
    match tls {
        None => talk(stream, door, shared).await,
        Some(tls) => {
            if let Ok(stream) = tls.accept(stream).await {
                talk(stream, door, shared).await;
            }
        }
    }
}

async fn talk<S>(stream: S, door: Door, shared: Arc<Shared>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request| respond(request, door, Arc::clone(&shared)));
    // Its errors are those of clients who went away, and of faults that wanted them.
    let _ = Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
}

/// Ends the connection: hyper closes it when a service fails.
fn hang_up() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionAborted, "a fault ends the connection")
}

async fn read(request: hyper::Request<Incoming>) -> io::Result<Request> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let mut headers: Vec<(String, String)> = head
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    // HTTP/2 has the host elsewhere.
    if let (None, Some(host)) = (head.headers.get("host"), head.uri.authority()) {
        headers.push(("host".to_owned(), host.to_string()));
    }
    Ok(Request {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers,
        body,
    })
}

async fn respond(
    request: hyper::Request<Incoming>,
    door: Door,
    shared: Arc<Shared>,
) -> io::Result<hyper::Response<Reply>> {
    let request = read(request).await?;
    let forge = match door {
        Door::Admin => {
            if admin::waits(&request) {
                let work = shared.world().work.clone();
                work.settled().await;
            }
            return reply::whole(admin::answer(&shared, &request));
        }
        Door::Forge(forge) => forge,
    };
    let number = {
        let mut requests = shared.requests();
        requests.push(SeenRequest {
            forge,
            method: request.method.clone(),
            path: request.path.clone(),
            query: request.query.clone(),
            headers: request.headers.clone(),
            body: request.body.to_vec(),
            status: None,
        });
        requests.len() - 1
    };
    let rotation = (forge == Forge::GitLab).then(|| shared.world().note_rotation(&request)).flatten();
    let latency = shared.world().settings.latency;
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    let effect = take_effect(&shared, forge, &request);
    let (mut answer, delivery) = prepare(&shared, forge, &request, effect).await?;
    let now = shared.world().clock.now();
    answer.set("date", now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string());
    if let Some(seen) = shared.requests().get_mut(number) {
        seen.status = Some(answer.status);
    }
    if let Some(rotation) = rotation {
        shared.world().gitlab.note_answer(rotation, answer.status);
    }
    reply::deliver(answer, delivery)
}

fn take_effect(shared: &Shared, forge: Forge, request: &Request) -> Option<Effect> {
    let (path, token) = {
        let world = shared.world();
        match forge {
            Forge::GitHub => (
                github::route_path(&request.path, &world.settings.github_base_path),
                github::token_name(&world.github, request),
            ),
            Forge::GitLab => (
                gitlab::route_path(&request.path, &world.settings.gitlab_base_path),
                gitlab::token_name(&world.gitlab, request),
            ),
        }
    };
    shared.faults().take(forge, &request.method, path, token.as_deref())
}

/// How an answer goes out.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Delivery {
    Whole,
    Half,
    Endless,
    Drip(Duration),
}

/// What the forge itself does and says. `instead` is what a fault puts in place of the route's own answer.
async fn work(shared: &Shared, forge: Forge, request: &Request, instead: Option<Answer>) -> Answer {
    if instead.is_none()
        && let Some(answer) = git::answer(shared, forge, request).await
    {
        return answer;
    }
    let (answer, trial) = {
        let mut world = shared.world();
        let answer = match forge {
            Forge::GitHub => github::answer(&mut world, request, instead),
            Forge::GitLab => gitlab::answer(&mut world, request, instead),
        };
        (answer, world.gitlab.trial.take())
    };
    match trial {
        Some(trial) => gitlab::hooks::trial::finish(shared, trial, answer).await,
        None => answer,
    }
}

/// Does the work, as far as the effect allows, and says how the answer shall go out.
async fn prepare(
    shared: &Shared,
    forge: Forge,
    request: &Request,
    effect: Option<Effect>,
) -> io::Result<(Answer, Delivery)> {
    let work = async |instead: Option<Answer>| work(shared, forge, request, instead).await;
    let whole = |answer| Ok((answer, Delivery::Whole));
    let Some(effect) = effect else {
        return whole(work(None).await);
    };
    match effect {
        Effect::Delay { ms } => {
            tokio::time::sleep(Duration::from_millis(ms)).await;
            whole(work(None).await)
        }
        Effect::DelayAfterWork { ms } => {
            let answer = work(None).await;
            tokio::time::sleep(Duration::from_millis(ms)).await;
            whole(answer)
        }
        Effect::NeverAnswer => std::future::pending().await,
        Effect::DropBeforeWork => Err(hang_up()),
        Effect::DropDuringWork { ms } => {
            let behind = shared.world().work.clone();
            let request = request.clone();
            behind.later(move |shared| async move {
                tokio::time::sleep(Duration::from_millis(ms)).await;
                self::work(&shared, forge, &request, None).await;
            });
            Err(hang_up())
        }
        Effect::DropAfterWork => {
            work(None).await;
            Err(hang_up())
        }
        Effect::Answer { status, headers, body } => {
            whole(work(Some(Answer { status, headers, body: Bytes::from(body) })).await)
        }
        Effect::Redirect { status, to } => whole(work(Some(Answer::empty(status).with("location", to))).await),
        Effect::ReadyMade { name } => {
            let now = shared.world().clock.now();
            whole(work(Some(name.answer(now))).await)
        }
        Effect::HalfBody => Ok((work(None).await, Delivery::Half)),
        Effect::EndlessBody => {
            let json = Answer::text(200, "application/json; charset=utf-8", Bytes::new());
            Ok((work(Some(json)).await, Delivery::Endless))
        }
        Effect::SlowDrip { ms } => Ok((work(None).await, Delivery::Drip(Duration::from_millis(ms)))),
        Effect::LoginPage => whole(login_page()),
        Effect::TerminalEscapes => {
            let mut answer = work(None).await;
            if let Ok(mut body) = serde_json::from_slice::<Value>(&answer.body) {
                add_escapes(&mut body);
                answer.body = Bytes::from(body.to_string());
            }
            whole(answer)
        }
        Effect::WrongToken => {
            let mut answer = work(None).await;
            if let Ok(mut body) = serde_json::from_slice::<Value>(&answer.body) {
                if let Value::String(token) = &mut body["token"] {
                    *token = another(token);
                }
                answer.body = Bytes::from(body.to_string());
            }
            whole(answer)
        }
        Effect::NotAForge => {
            let mut answer = work(None).await;
            for header in ["x-github-request-id", "x-gitlab-meta", "server"] {
                answer.remove(header);
            }
            whole(answer)
        }
    }
}

/// What a captive portal or a company's proxy puts in front of everything.
fn login_page() -> Answer {
    Answer::text(
        200,
        "text/html; charset=utf-8",
        "<!DOCTYPE html>\n<html><head><title>Sign in to continue</title></head>\
         <body><form action=\"/login\" method=\"post\"><input name=\"user\"></form></body></html>\n",
    )
}

/// A token that looks like this one and is none: the letters after its prefix, turned round by one.
fn another(token: &str) -> String {
    let head = token.find('-').map_or(0, |at| at + 1);
    let (prefix, rest) = token.split_at(head);
    let mut letters: Vec<char> = rest.chars().collect();
    let last = letters.pop();
    prefix.chars().chain(last).chain(letters).collect()
}

/// What must never reach a terminal: a colour, a new title, a line to write over.
const ESCAPES: &str = "\u{1b}[31m\u{1b}]0;owned\u{7}\r";

fn add_escapes(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(add_escapes),
        Value::Object(fields) => {
            for (name, value) in fields {
                let named = ["login", "username", "name", "full_name", "description"].contains(&name.as_str());
                match value {
                    Value::String(text) if named => text.insert_str(0, ESCAPES),
                    other => add_escapes(other),
                }
            }
        }
        _ => {}
    }
}
