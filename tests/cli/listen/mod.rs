//! `connect webhook listen`: the receiving end, told by what a forge sends and what comes out.

mod ends;
mod handing_on;
mod kept;
mod real;
mod received;
mod refused;

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::digest::KeyInit as _;
use hmac::{Hmac, Mac as _};
use serde_json::Value;
use sha2::Sha256;

use crate::support::call::Call;
use crate::support::{Home, Output};

/// The secret of the connection `hooks` (GitHub).
pub const SECRET: &str = "It's a Secret to Everybody";

/// The signing token of the connection `signed` (GitLab): the Base64 of 32 bytes.
pub const SIGNING: &str = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

/// No answer takes longer; one that does hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// A home with the connection `hooks`, which only receives, from github.com.
pub fn home() -> Home {
    let home = Home::new();
    receives(&home, "github", "hooks", SECRET);
    home
}

/// Adds a connection that only receives.
pub fn receives(home: &Home, forge: &str, name: &str, secret: &str) {
    home.connect([forge, "--webhook-only", "--name", name, "--webhook-secret-stdin", "--store", "plain"])
        .stdin(secret)
        .ends()
        .succeeds()
        .never_says(secret);
}

/// A listener that runs.
pub struct Listener {
    child: Child,
    lines: Receiver<String>,
    told: Receiver<String>,
    before: Vec<String>,
    pub address: SocketAddr,
    paths: Vec<(String, String)>,
}

/// Begins to listen at a free port, and waits until it does.
pub fn listen(home: &Home, flags: &[&str]) -> Listener {
    Listener::begins(home.connect(["webhook", "listen", "--json", "--addr", "127.0.0.1:0"]).with(flags))
}

impl Listener {
    pub fn begins(call: Call) -> Self {
        let mut command = call.command();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|e| panic!("{command:?}: {e}"));
        let lines = by_line(child.stdout.take().unwrap());
        let told = by_line(child.stderr.take().unwrap());
        let mut before = Vec::new();
        let listening = loop {
            let line = told.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("it does not listen: {before:?}"));
            let said: Value = serde_json::from_str(&line).unwrap_or_default();
            match said.get("listening") {
                Some(listening) => break listening.clone(),
                None => before.push(line),
            }
        };
        let address = listening["at"].as_str().unwrap().split("//").nth(1).unwrap().parse().unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let path = |one: &Value| {
            (text(&one["connection"]), format!("/hooks/{}", text(&one["url"]).rsplit('/').next().unwrap()))
        };
        let paths = listening["addresses"].as_array().unwrap().iter().map(path).collect();
        Self { child, lines, told, before, address, paths }
    }

    /// The path that a connection's deliveries come to.
    pub fn path(&self, connection: &str) -> String {
        self.paths.iter().find(|(name, _)| name == connection).unwrap().1.clone()
    }

    /// The next line on stdout.
    pub fn line(&self) -> String {
        self.lines.recv_timeout(PATIENCE).expect("a line")
    }

    /// The next delivery on stdout.
    pub fn next(&self) -> Value {
        let line = self.line();
        serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line}"))
    }

    /// The next so many, by their ids.
    pub fn ids(&self, count: usize) -> Vec<String> {
        (0..count).map(|_| self.next()["id"].as_str().unwrap().to_owned()).collect()
    }

    /// The next warning on stderr: its code, and its words.
    pub fn warning(&self) -> (String, String) {
        loop {
            if let Some(told) = warning(&self.told.recv_timeout(PATIENCE).expect("a warning")) {
                return told;
            }
        }
    }

    /// What it warned of before it listened.
    pub fn warned(&self) -> (String, String) {
        self.before.iter().find_map(|line| warning(line)).expect("a warning")
    }

    pub fn signal(&self, signal: &str) {
        let told = Command::new("kill").args([signal, &self.child.id().to_string()]).status();
        assert!(told.unwrap().success());
    }

    /// Dies at once, as by a power cut.
    pub fn killed(mut self) -> Vec<String> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.lines.iter().collect()
    }

    /// Is told to stop and does so: the exit code, and what it still said on both.
    pub fn stops(mut self, signal: &str) -> (Option<i32>, Vec<String>, Vec<String>) {
        self.signal(signal);
        let (lines, told) = (self.lines.iter().collect(), self.told.iter().collect());
        (self.child.wait().unwrap().code(), lines, told)
    }

    /// Sends a delivery of GitHub's to the connection `hooks`; gives the status.
    pub fn github(&self, id: &str, event: &str, body: &str) -> u16 {
        send(self.address, &github(&self.path("hooks"), id, event, body))
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn warning(line: &str) -> Option<(String, String)> {
    let said: Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
    let warning = said.get("warning")?;
    let text = |name: &str| warning[name].as_str().unwrap().to_owned();
    Some((text("code"), text("message")))
}

fn by_line(pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (tell, told): (Sender<String>, Receiver<String>) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            if tell.send(line).is_err() {
                return;
            }
        }
    });
    told
}

/// A request, to be changed before it is sent.
#[derive(Clone)]
pub struct Request {
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    pub fn new(path: &str, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Self {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self { path: path.to_owned(), headers, body: body.into() }
    }

    /// With one header more, or in place of what it was.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self
    }

    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = format!("POST {} HTTP/1.1\r\nHost: hooks.example.com\r\nConnection: close\r\n", self.path);
        for (name, value) in &self.headers {
            bytes.push_str(&format!("{name}: {value}\r\n"));
        }
        if !self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-length")) {
            bytes.push_str(&format!("Content-Length: {}\r\n", self.body.len()));
        }
        [bytes.as_bytes(), b"\r\n", &self.body].concat()
    }
}

/// What GitHub sends.
pub fn github(path: &str, id: &str, event: &str, body: &str) -> Request {
    let signature = hub(SECRET, body.as_bytes());
    Request::new(
        path,
        &[
            ("User-Agent", "GitHub-Hookshot/044aadd"),
            ("Content-Type", "application/json"),
            ("X-GitHub-Event", event),
            ("X-GitHub-Delivery", id),
            ("X-GitHub-Hook-ID", "292430182"),
            ("X-Hub-Signature-256", &signature),
        ],
        body,
    )
}

/// What GitLab sends with a signing token.
pub fn gitlab(path: &str, id: &str, event: &str, at: i64, body: &str) -> Request {
    let key = STANDARD.decode(SIGNING.strip_prefix("whsec_").unwrap()).unwrap();
    let signature = STANDARD.encode(digest(&key, format!("{id}.{at}.{body}").as_bytes()));
    Request::new(
        path,
        &[
            ("Content-Type", "application/json"),
            ("User-Agent", "GitLab/19.0.0"),
            ("X-Gitlab-Event", event),
            ("Idempotency-Key", id),
            ("webhook-id", id),
            ("webhook-timestamp", &at.to_string()),
            ("webhook-signature", &format!("v1,{signature}")),
        ],
        body,
    )
}

pub fn hub(secret: &str, body: &[u8]) -> String {
    let digest = digest(secret.as_bytes(), body);
    digest.iter().fold("sha256=".to_owned(), |text, byte| format!("{text}{byte:02x}"))
}

fn digest(key: &[u8], bytes: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(bytes);
    mac.finalize().into_bytes().to_vec()
}

/// Sends a request and gives the status.
pub fn send(address: SocketAddr, request: &Request) -> u16 {
    status(&says(address, &request.bytes()))
}

/// Sends bytes, and gives what comes back.
pub fn says(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    // Who refuses early does not read all of it.
    let _ = stream.write_all(bytes);
    answer(stream)
}

pub fn answer(mut stream: TcpStream) -> String {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

pub fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or_else(|| panic!("no answer: {answer:?}"))
}

/// Somebody who is forwarded to: takes each request, and answers as it is told.
pub struct Target {
    pub url: String,
    pub seen: Receiver<Seen>,
    answers: Sender<u16>,
}

/// A request that came to a [`Target`].
#[derive(Debug, Clone)]
pub struct Seen {
    pub line: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl Target {
    /// At a free port.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/in?x=1", listener.local_addr().unwrap());
        let (tell, seen) = channel();
        let (answers, told) = channel::<u16>();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let Some(one) = request(&stream) else { continue };
                if tell.send(one).is_err() {
                    return;
                }
                let status = told.recv().unwrap_or(200);
                let _ = write!(&stream, "HTTP/1.1 {status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            }
        });
        Self { url, seen, answers }
    }

    /// What it answers next, and after that.
    pub fn answers(&self, statuses: &[u16]) {
        statuses.iter().for_each(|status| self.answers.send(*status).unwrap());
    }

    /// The next request.
    pub fn next(&self) -> Seen {
        self.seen.recv_timeout(PATIENCE).expect("a request")
    }
}

fn request(stream: &TcpStream) -> Option<Seen> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut headers = Vec::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        headers.push((name.to_lowercase(), value.to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length")?.1.parse().ok()?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Seen { line: line.trim_end().to_owned(), headers, body })
}

/// A call that does not get as far as listening.
pub fn does_not_listen(home: &Home, flags: &[&str]) -> Output {
    home.connect(["webhook", "listen", "--addr", "127.0.0.1:0"]).with(flags).json()
}
