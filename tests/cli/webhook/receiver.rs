//! Somebody who takes deliveries: a socket on a thread of its own, which answers what it is told to.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;

/// A request that was taken.
#[derive(Debug, Clone)]
pub struct Taken {
    pub path: String,
    headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Taken {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// GitHub docs, "Validating webhook deliveries".
    pub fn is_signed_with(&self, secret: &str) -> bool {
        let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap().chain_update(&self.body);
        let hex: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        self.header("x-hub-signature-256") == Some(&format!("sha256={hex}"))
    }

    /// Standard Webhooks, as GitLab 19.0 has it.
    pub fn is_signed_by_token(&self, token: &str) -> bool {
        let key = STANDARD.decode(token.strip_prefix("whsec_").unwrap()).unwrap();
        let before = format!("{}.{}.", self.header("webhook-id").unwrap(), self.header("webhook-timestamp").unwrap());
        let mac = Hmac::<Sha256>::new_from_slice(&key).unwrap().chain_update(before).chain_update(&self.body);
        let signature = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
        self.header("webhook-signature").is_some_and(|all| all.split(' ').any(|one| one == signature))
    }
}

/// Takes requests; the thread ends with the test program.
pub struct Receiver {
    base: String,
    taken: Arc<Mutex<Vec<Taken>>>,
    status: Arc<AtomicU16>,
}

impl Receiver {
    pub fn start() -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", socket.local_addr().unwrap());
        let (taken, status) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicU16::new(200)));
        let receiver = Self { base, taken: Arc::clone(&taken), status: Arc::clone(&status) };
        std::thread::spawn(move || {
            for stream in socket.incoming().map_while(Result::ok) {
                let mut reader = BufReader::new(stream);
                let Some(one) = take(&mut reader) else { continue };
                // Written down first: whoever has the answer may look.
                taken.lock().unwrap().push(one);
                let status = status.load(Ordering::SeqCst);
                let answer = format!("HTTP/1.1 {status} So\r\ncontent-length: 4\r\nconnection: close\r\n\r\nwell");
                let _ = reader.get_mut().write_all(answer.as_bytes());
            }
        });
        receiver
    }

    /// Its base address.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// An address of its own.
    pub fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.base)
    }

    /// What the next ones are answered.
    pub fn answers(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    /// All that came, in order.
    pub fn taken(&self) -> Vec<Taken> {
        self.taken.lock().unwrap().clone()
    }

    pub fn last(&self) -> Taken {
        self.taken().pop().unwrap()
    }
}

fn take(reader: &mut BufReader<TcpStream>) -> Option<Taken> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let mut headers = Vec::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim().split_once(':') else { break };
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let path = line.split(' ').nth(1)?.to_owned();
    let mut one = Taken { path, headers, body: Vec::new() };
    one.body = vec![0; one.header("content-length")?.parse().ok()?];
    reader.read_exact(&mut one.body).ok()?;
    Some(one)
}
