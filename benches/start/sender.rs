//! Who sends deliveries: so many connections that stay open, each with one delivery after the other, signed.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use hmac::digest::KeyInit as _;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

/// How many connections there are.
pub const CONNECTIONS: usize = 16;

/// The number of the next delivery: each has an id of its own.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// Deliveries of one body to one address.
pub struct Sender {
    address: SocketAddr,
    before_id: String,
    after_id: Vec<u8>,
}

impl Sender {
    /// GitHub's headers around a body.
    pub fn new(address: SocketAddr, path: &str, secret: &str, body: &[u8]) -> Self {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(body);
        let signature: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        let head = format!(
            "\r\nX-GitHub-Event: push\r\nContent-Type: application/json\r\nX-Hub-Signature-256: sha256={signature}\r\n\
             Content-Length: {}\r\n\r\n",
            body.len()
        );
        let before_id = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: GitHub-Hookshot/044aadd\r\nX-GitHub-Delivery: "
        );
        Self { address, before_id, after_id: [head.as_bytes(), body].concat() }
    }

    /// Sends so many as fast as they are answered; the time it took.
    pub fn at_full_speed(&self, count: usize) -> Duration {
        let start = Instant::now();
        self.by_all(count, |mut wire, share| {
            (0..share).for_each(|_| wire.deliver(self));
            Vec::new()
        });
        start.elapsed()
    }

    /// Sends so many, so many a second; how long each took, from the moment at which it was due.
    pub fn at(&self, a_second: f64, count: usize) -> Vec<Duration> {
        let pause = Duration::from_secs_f64(CONNECTIONS as f64 / a_second);
        let mut taken = self.by_all(count, |mut wire, share| {
            let start = Instant::now();
            let due = (0..share).map(|n| start + pause * u32::try_from(n).unwrap());
            due.map(|due| {
                std::thread::sleep(due.saturating_duration_since(Instant::now()));
                wire.deliver(self);
                due.elapsed()
            })
            .collect()
        });
        taken.sort_unstable();
        taken
    }

    fn by_all(&self, count: usize, work: impl Fn(Wire, usize) -> Vec<Duration> + Sync) -> Vec<Duration> {
        std::thread::scope(|scope| {
            let work = &work;
            let all: Vec<_> = (0..CONNECTIONS)
                .map(|n| {
                    let share = count / CONNECTIONS + usize::from(n < count % CONNECTIONS);
                    scope.spawn(move || work(Wire::to(self.address), share))
                })
                .collect();
            all.into_iter().flat_map(|one| one.join().unwrap()).collect()
        })
    }
}

struct Wire {
    stream: BufReader<TcpStream>,
    line: String,
}

impl Wire {
    fn to(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream: BufReader::new(stream), line: String::new() }
    }

    /// One delivery and its answer, which is 2xx.
    fn deliver(&mut self, sender: &Sender) {
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        let mut bytes = format!("{}72d3162e-cc78-11e3-81ab-{id:012x}", sender.before_id).into_bytes();
        bytes.extend_from_slice(&sender.after_id);
        self.stream.get_mut().write_all(&bytes).unwrap();
        let (mut status, mut length) = (String::new(), 0);
        loop {
            self.line.clear();
            self.stream.read_line(&mut self.line).unwrap();
            let line = self.line.trim_end().to_ascii_lowercase();
            if status.is_empty() {
                status = line;
            } else if let Some(said) = line.strip_prefix("content-length:") {
                length = said.trim().parse().unwrap();
            } else if line.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).unwrap();
        assert!(status.starts_with("http/1.1 2"), "{status}");
    }
}
