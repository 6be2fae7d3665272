//! The room against real sockets: a server that says what a test tells it to, and remembers what it
//! was asked.

#![allow(clippy::unwrap_used, clippy::disallowed_methods)] // a test may stop where it stands, and read what its parent set

mod github;
mod github_setup;
mod gitlab;
mod gitlab_pipelines;
mod gitlab_setup;
mod secrecy;
mod tls;
mod transport;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

/// A request as it came in.
#[derive(Clone, Debug)]
struct Seen {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Seen {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// What to do with a request.
enum Reply {
    /// Send these bytes, then close.
    Bytes(Vec<u8>),
    /// Send these bytes, then keep the connection open and say nothing more.
    Hang(Vec<u8>),
    /// Send these bytes, then a byte from time to time, for ever.
    Drip(Vec<u8>),
}

fn reply(status: u16, headers: &[(&str, &str)], body: &str) -> Reply {
    bytes(status, headers, body.as_bytes())
}

fn bytes(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Reply {
    let mut text = format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n", body.len());
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
        text.push_str("Content-Type: application/json\r\n");
    }
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str("\r\n");
    let mut all = text.into_bytes();
    all.extend_from_slice(body);
    Reply::Bytes(all)
}

struct Server {
    port: u16,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    /// `answer` gets the request and how many came before it.
    async fn new(answer: impl Fn(&Seen, usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (answer, memory) = (Arc::new(answer), Arc::clone(&seen));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (answer, memory) = (Arc::clone(&answer), Arc::clone(&memory));
                tokio::spawn(async move { serve(stream, &*answer, &memory).await });
            }
        });
        Self { port, seen }
    }

    fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    fn lines(&self) -> Vec<String> {
        self.seen().iter().map(Seen::line).collect()
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// A forge behind this server's address, that is for the rest what `host` is.
    fn forge(&self, kind: ForgeKind, host: &str, path: &str) -> Forge {
        let api = format!("{}{path}", self.url());
        Forge::new(&Host::parse(kind, host, Some(&api), false).unwrap(), &transport(Duration::from_secs(10)))
    }

    fn github(&self) -> Forge {
        self.forge(ForgeKind::GitHub, "github.com", "")
    }

    fn ghes(&self) -> Forge {
        self.forge(ForgeKind::GitHub, &self.url(), "/api/v3")
    }

    fn gitlab(&self) -> Forge {
        self.forge(ForgeKind::GitLab, &self.url(), "/api/v4")
    }

    /// For what only a GitHub can do.
    fn hub(&self) -> GitHub {
        match self.github() {
            Forge::GitHub(github) => github,
            Forge::GitLab(_) => unreachable!(),
        }
    }

    /// For what only a GitLab can do.
    fn lab(&self) -> GitLab {
        match self.gitlab() {
            Forge::GitLab(gitlab) => gitlab,
            Forge::GitHub(_) => unreachable!(),
        }
    }
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    answer: &(dyn Fn(&Seen, usize) -> Reply + Send + Sync),
    memory: &Mutex<Vec<Seen>>,
) {
    let Some(request) = request(&mut stream).await else { return };
    let before = {
        let mut memory = memory.lock().unwrap();
        memory.push(request.clone());
        memory.len() - 1
    };
    match answer(&request, before) {
        Reply::Bytes(all) => {
            let _ = stream.write_all(&all).await;
            let _ = stream.shutdown().await;
        }
        Reply::Hang(all) => {
            let _ = stream.write_all(&all).await;
            std::future::pending::<()>().await;
        }
        Reply::Drip(all) => {
            let _ = stream.write_all(&all).await;
            let mut interval = tokio::time::interval(Duration::from_millis(10));
            while stream.write_all(b" ").await.is_ok() {
                interval.tick().await;
            }
        }
    }
}

async fn request<S: AsyncRead + Unpin>(stream: &mut S) -> Option<Seen> {
    let mut data = Vec::new();
    let mut piece = [0; 4096];
    let head = loop {
        if let Some(at) = data.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
        match stream.read(&mut piece).await.ok()? {
            0 => return None,
            n => data.extend_from_slice(&piece[..n]),
        }
    };
    let text = String::from_utf8_lossy(&data[..head]).into_owned();
    let mut lines = text.lines();
    let mut first = lines.next()?.split(' ');
    let (method, path) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: Vec<(String, String)> =
        lines.filter_map(|line| line.split_once(": ")).map(|(k, v)| (k.to_lowercase(), v.to_owned())).collect();
    let length = headers.iter().find(|(k, _)| k == "content-length").and_then(|(_, v)| v.parse().ok()).unwrap_or(0);
    while data.len() < head + length {
        let n = stream.read(&mut piece).await.ok()?;
        data.extend_from_slice(&piece[..n]);
    }
    let body = String::from_utf8_lossy(&data[head..]).into_owned();
    Some(Seen { method, path, headers, body })
}

fn transport(timeout: Duration) -> Transport {
    Transport::new(&TransportOptions { timeout, ..TransportOptions::default() }).unwrap()
}

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

const OWN: &str = "CONNECT_TEST_OWN_PROCESS";

/// Whether [`in_own_process`] started this one; somebody may run the ignored tests without.
fn is_own_process() -> bool {
    std::env::var_os(OWN).is_some()
}

/// Runs one test of this binary in a process of its own, with variables set: a test may not set its own.
fn in_own_process(test: &str, variables: &[(&str, &str)]) {
    let mut command = std::process::Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--ignored", "--nocapture"]).env(OWN, "1").envs(variables.iter().copied());
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}
