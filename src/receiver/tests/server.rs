//! The server, by the bytes that a sender sends: good ones, slow ones, those that lie, and those that stop half-way.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use super::super::{Certificate, Desk, Endpoint, Limits, Metrics, Server, Taken, Told};
use super::{hub, one};
use crate::model::{Clock, ForgeKind, Letter, Proof};

const SECRET: &str = "mysecret";
const MOMENT: Duration = Duration::from_millis(60);

/// A server, what it took, and what it said of what it did not take.
pub(super) struct Receiver {
    pub address: SocketAddr,
    taken: Arc<Mutex<Vec<Letter>>>,
    told: Arc<Mutex<Vec<Told>>>,
    full: Arc<AtomicBool>,
    /// While it is held, letters are not stored.
    slow: Arc<AtomicBool>,
    stored: Arc<Notify>,
    stop: watch::Sender<bool>,
    serving: JoinHandle<()>,
}

pub(super) fn quick() -> Limits {
    Limits { head_time: 4 * MOMENT, body_time: 8 * MOMENT, pause: 4 * MOMENT, ..Limits::default() }
}

impl Receiver {
    pub(super) async fn start(limits: Limits, certificate: Option<&Certificate>) -> Self {
        let server = Server::bind(([127, 0, 0, 1], 0).into(), certificate, limits).await.unwrap();
        let address = server.address().unwrap();
        let taken = Arc::new(Mutex::new(Vec::<Letter>::new()));
        let told = Arc::new(Mutex::new(Vec::<Told>::new()));
        let (full, slow, stored): (Arc<AtomicBool>, Arc<AtomicBool>, Arc<Notify>) = Default::default();
        let (stop, stopped) = watch::channel(false);
        let desk = {
            let (taken, told, full) = (Arc::clone(&taken), Arc::clone(&told), Arc::clone(&full));
            let (slow, stored) = (Arc::clone(&slow), Arc::clone(&stored));
            Desk {
                endpoints: vec![Endpoint {
                    id: "e1".into(),
                    connection: "octocat@github.com".parse().unwrap(),
                    forge: ForgeKind::GitHub,
                    verifier: one(Proof::Signature, SECRET),
                }],
                intake: Arc::new(move |letter| {
                    let (taken, slow, stored) = (Arc::clone(&taken), Arc::clone(&slow), Arc::clone(&stored));
                    Box::pin(async move {
                        if slow.load(Ordering::Acquire) {
                            stored.notified().await;
                        }
                        let mut taken = taken.lock().unwrap();
                        if taken.iter().any(|known: &Letter| known.id == letter.id) {
                            return Taken::Known;
                        }
                        taken.push(letter);
                        Taken::Safe
                    })
                }),
                renew: Arc::new(|_| Box::pin(async { None })),
                has_room: Box::new(move |_| !full.load(Ordering::Acquire)),
                report: Box::new(move |_, why| told.lock().unwrap().push(why)),
                metrics: Arc::new(Metrics::new(Vec::new())),
                shows_metrics: true,
                clock: Clock::system(),
            }
        };
        let serving = tokio::spawn(server.serve(desk, stopped));
        Self { address, taken, told, full, slow, stored, stop, serving }
    }

    async fn open(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends these bytes and gives what comes back until the connection ends.
    async fn says(&self, request: &[u8]) -> String {
        let mut stream = self.open().await;
        // A server that has answered already does not read on.
        let _ = stream.write_all(request).await;
        answer(stream).await
    }

    async fn status(&self, request: &[u8]) -> String {
        let answer = self.says(request).await;
        answer.split(' ').nth(1).unwrap_or_else(|| panic!("no answer: {answer:?}")).to_owned()
    }

    fn ids(&self) -> Vec<String> {
        self.taken.lock().unwrap().iter().map(|letter| letter.id.clone()).collect()
    }

    fn told(&self) -> Vec<String> {
        std::mem::take(&mut *self.told.lock().unwrap()).iter().map(Told::to_string).collect()
    }
}

async fn answer(mut stream: TcpStream) -> String {
    let mut bytes = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut bytes)).await.unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A delivery with other headers in place of, or beside, those that GitHub sends; an empty one takes one away.
fn delivery(path: &str, id: &str, body: &[u8], others: &[(&str, &str)]) -> Vec<u8> {
    let (signature, length) = (hub(SECRET, body), body.len().to_string());
    let usual = [
        ("host", "localhost"),
        ("connection", "close"),
        ("content-type", "application/json"),
        ("content-length", &length),
        ("x-github-event", "push"),
        ("x-github-delivery", id),
        ("x-hub-signature-256", &signature),
    ];
    let kept = usual.iter().filter(|(name, _)| !others.iter().any(|(other, _)| other == name));
    let all = kept.chain(others).filter(|(_, value)| !value.is_empty());
    let mut bytes = format!("POST {path} HTTP/1.1\r\n").into_bytes();
    for (name, value) in all {
        bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(body);
    bytes
}

fn good(id: &str) -> Vec<u8> {
    delivery("/hooks/e1", id, br#"{"action":"x"}"#, &[])
}

#[tokio::test]
async fn a_delivery_is_taken_once_and_its_bytes_are_as_they_were() {
    let receiver = Receiver::start(quick(), None).await;
    let body = "{\"action\":\"🦀\\u0007\"}\n".as_bytes();
    assert_eq!(receiver.status(&delivery("/hooks/e1", "d1", body, &[])).await, "202");
    assert_eq!(receiver.status(&delivery("/hooks/e1", "d1", body, &[])).await, "200");
    let taken = receiver.taken.lock().unwrap().clone();
    assert_eq!((taken.len(), taken[0].body.as_slice(), taken[0].event.as_str()), (1, body, "push"));
}

#[tokio::test]
async fn several_deliveries_come_on_one_connection() {
    let receiver = Receiver::start(quick(), None).await;
    let keep = |id| delivery("/hooks/e1", id, b"{}", &[("connection", "keep-alive")]);
    let all = [keep("a"), keep("b"), good("c")].concat();
    let answer = receiver.says(&all).await;
    assert_eq!(answer.matches("HTTP/1.1 202").count(), 3);
    assert_eq!(receiver.ids(), ["a", "b", "c"]);
}

#[tokio::test]
async fn what_is_refused_learns_nothing_but_a_number() {
    let receiver = Receiver::start(quick(), None).await;
    let body = b"{}";
    let wrong = hub("another", body);
    for (request, status, told) in [
        (delivery("/hooks/e2", "d", body, &[]), "404", ""),
        (delivery("/hooks/", "d", body, &[]), "404", ""),
        (delivery("/hooks/e1/more", "d", body, &[]), "404", ""),
        (delivery("/", "d", body, &[]), "404", ""),
        (b"GET /hooks/e1 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".to_vec(), "405", ""),
        (b"PUT /hooks/e1 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".to_vec(), "405", ""),
        (delivery("/hooks/e1", "d", body, &[("content-type", "text/plain")]), "415", "it is neither JSON nor a form"),
        (delivery("/hooks/e1", "d", body, &[("content-type", "")]), "415", "it is neither JSON nor a form"),
        (delivery("/hooks/e1", "d", body, &[("content-encoding", "gzip")]), "415", "it is neither JSON nor a form"),
        (delivery("/hooks/e1", "d", body, &[("x-hub-signature-256", "")]), "401", "it is not signed"),
        (
            delivery("/hooks/e1", "d", body, &[("x-hub-signature-256", &wrong)]),
            "401",
            "its signature does not fit the secret",
        ),
        (
            delivery("/hooks/e1", "d", body, &[("x-hub-signature-256", &wrong), ("X-Hub-Signature-256", &wrong)]),
            "401",
            "it has a header twice that may be there once",
        ),
        (
            delivery("/hooks/e1", "d", body, &[("x-hub-signature-256", "sha256=00")]),
            "401",
            "its signature does not have the form it should have",
        ),
        (delivery("/hooks/e1", "d", b"{", &[]), "400", "its body does not read"),
        (delivery("/hooks/e1", "d", body, &[("x-github-event", "")]), "400", "it does not say which event it tells of"),
        (delivery("/hooks/e1", "d", body, &[("x-github-delivery", "")]), "400", "it has no id"),
        (
            delivery("/hooks/e1", "d", body, &[("content-length", "99999999999")]),
            "413",
            "its body is larger than 25 MB",
        ),
    ] {
        let answer = receiver.says(&request).await;
        let first = answer.lines().next().unwrap_or_default().to_owned();
        assert!(first.contains(status), "{status}: {answer:?}");
        let (head, said) = answer.split_once("\r\n\r\n").unwrap();
        assert_eq!(said, "", "{status}");
        assert!(!head.to_lowercase().contains("server:"), "{head}");
        assert_eq!(receiver.told().join(" "), told, "{status}");
    }
    assert_eq!(receiver.ids(), [""; 0]);
}

#[tokio::test]
async fn what_is_no_http_is_answered_and_ended() {
    let receiver = Receiver::start(quick(), None).await;
    for request in [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc".to_vec(),
        b"HELO example.com\r\n\r\n".to_vec(),
        delivery("/hooks/e1", "d", b"{}", &[("content-length", "2\r\ncontent-length: 3")]),
        [b"POST /hooks/e1 HTTP/1.1\r\nx: ".to_vec(), vec![b'a'; 200_000], b"\r\n\r\n".to_vec()].concat(),
    ] {
        let answer = receiver.says(&request).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer:?}");
    }
    assert_eq!(receiver.status(&good("after")).await, "202");
}

#[tokio::test]
async fn a_body_without_a_length_is_bounded_while_it_is_read() {
    let receiver = Receiver::start(Limits::default(), None).await;
    let body = br#"{"a":1}"#;
    let chunked = [("content-length", ""), ("transfer-encoding", "chunked")];
    let chunk = |bytes: &[u8]| [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat();
    let head = |body: &[u8]| {
        let whole = delivery("/hooks/e1", "chunked", body, &chunked);
        whole[..whole.len() - body.len()].to_vec()
    };
    let request = [head(body), chunk(&body[..3]), chunk(&body[3..]), b"0\r\n\r\n".to_vec()].concat();
    assert_eq!(receiver.status(&request).await, "202");

    let mut stream = receiver.open().await;
    stream.write_all(&head(body)).await.unwrap();
    let megabyte = chunk(&vec![b' '; 1 << 20]);
    let mut sent = 0;
    while sent < 40 && stream.write_all(&megabyte).await.is_ok() {
        sent += 1;
    }
    let answer = answer(stream).await;
    assert!(answer.is_empty() || answer.contains(" 413 "), "{answer:?}");
    assert_eq!(receiver.told(), ["its body is larger than 25 MB"]);
}

#[tokio::test]
async fn twenty_five_megabytes_are_not_too_much() {
    let receiver = Receiver::start(Limits::default(), None).await;
    let body = [b"\"".to_vec(), vec![b'x'; 25 * 1024 * 1024 - 2], b"\"".to_vec()].concat();
    assert_eq!(receiver.status(&delivery("/hooks/e1", "large", &body, &[])).await, "202");
    assert_eq!(receiver.taken.lock().unwrap()[0].body.len(), body.len());
}

#[tokio::test]
async fn slow_senders_and_those_that_stop_half_way_are_let_go() {
    let receiver = Receiver::start(quick(), None).await;
    let request = good("slow");
    // Nothing, half a head: the connection ends, with or without a word.
    for part in [0, 40] {
        let mut stream = receiver.open().await;
        stream.write_all(&request[..part]).await.unwrap();
        let said = answer(stream).await;
        assert!(said.is_empty() || said.contains(" 408 "), "{said:?}");
    }
    // Half a body.
    let mut stream = receiver.open().await;
    stream.write_all(&request[..request.len() - 3]).await.unwrap();
    assert!(answer(stream).await.contains(" 408 "));
    // A body drop by drop takes too long in all, though each drop is in time.
    let mut stream = receiver.open().await;
    let head = request.len() - 14;
    stream.write_all(&request[..head]).await.unwrap();
    for byte in &request[head..] {
        tokio::time::sleep(MOMENT).await;
        if stream.write_all(&[*byte]).await.is_err() {
            break;
        }
    }
    assert!(answer(stream).await.contains(" 408 "));
    // Gone in the middle of it.
    let mut stream = receiver.open().await;
    stream.write_all(&request[..request.len() - 3]).await.unwrap();
    stream.shutdown().await.unwrap();
    assert!(!answer(stream).await.contains(" 202 "));
    assert_eq!(receiver.ids(), [""; 0]);
    assert!(receiver.told().iter().all(|told| told == "its body did not come whole, or not in time"));
    assert_eq!(receiver.status(&good("after")).await, "202");
}

#[tokio::test]
async fn more_than_so_many_at_once_are_told_to_come_back() {
    let receiver = Receiver::start(Limits { deliveries: 2, ..quick() }, None).await;
    receiver.slow.store(true, Ordering::Release);
    let mut waiting = Vec::new();
    for id in ["a", "b"] {
        let mut stream = receiver.open().await;
        stream.write_all(&good(id)).await.unwrap();
        waiting.push(stream);
    }
    let busy = loop {
        // The two are on their way in.
        let mut stream = receiver.open().await;
        stream.write_all(&good("c")).await.unwrap();
        match tokio::time::timeout(MOMENT, answer(stream)).await {
            Ok(answer) => break answer,
            Err(_) => receiver.stored.notify_one(),
        }
    };
    assert!(busy.contains(" 503 ") && busy.contains("retry-after: "), "{busy}");
    receiver.slow.store(false, Ordering::Release);
    receiver.stored.notify_waiters();
    for stream in waiting {
        assert!(answer(stream).await.contains(" 20"));
    }
    assert_eq!(receiver.status(&good("c")).await.get(..2), Some("20"));
}

#[tokio::test]
async fn a_full_spool_says_so_before_the_body_is_read() {
    let receiver = Receiver::start(quick(), None).await;
    let health = b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    assert!(receiver.says(health).await.ends_with("ok\n"));
    receiver.full.store(true, Ordering::Release);
    assert_eq!(receiver.status(&good("a")).await, "503");
    assert_eq!(receiver.status(health).await, "503");
    receiver.full.store(false, Ordering::Release);
    assert_eq!(receiver.status(&good("a")).await, "202");
    let metrics = receiver.says(b"GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    for line in [
        "connect_webhook_requests_total{status=\"202\"} 1\n",
        "connect_webhook_requests_total{status=\"503\"} 1\n",
        "connect_webhook_body_bytes_total 14\n",
    ] {
        assert!(metrics.contains(line), "{metrics}");
    }
}

#[tokio::test]
async fn at_the_end_what_is_under_way_is_finished_and_nothing_new_is_begun() {
    let receiver = Receiver::start(quick(), None).await;
    receiver.slow.store(true, Ordering::Release);
    let mut idle = receiver.open().await;
    idle.write_all(&delivery("/healthz", "-", b"", &[("connection", "keep-alive")])).await.unwrap();
    let mut first = [0; 12];
    idle.read_exact(&mut first).await.unwrap();
    let mut under_way = receiver.open().await;
    under_way.write_all(&good("a")).await.unwrap();
    // It is with the intake once that holds what it waits for.
    while Arc::strong_count(&receiver.stored) < 3 {
        tokio::task::yield_now().await;
    }
    receiver.stop.send(true).unwrap();
    while TcpStream::connect(receiver.address).await.is_ok() {}
    receiver.stored.notify_one();
    assert!(answer(under_way).await.contains(" 202 "));
    receiver.serving.await.unwrap();
    assert_eq!(receiver.taken.lock().unwrap().len(), 1);
}

/// Five that announce 25 MB each and send nothing do not keep others out; and where there is no memory at all, large
/// bodies wait for each other and all come through.
#[tokio::test]
async fn memory_is_given_for_what_has_come() {
    let large = [b"\"".to_vec(), vec![b'x'; 300_000], b"\"".to_vec()].concat();
    let receiver = Receiver::start(Limits::default(), None).await;
    let mut idle = Vec::new();
    for _ in 0..6 {
        let announced = (25 * 1024 * 1024).to_string();
        let request = delivery("/hooks/e1", "idle", b"{", &[("content-length", &announced)]);
        let mut stream = receiver.open().await;
        stream.write_all(&request).await.unwrap();
        idle.push(stream);
    }
    let request = delivery("/hooks/e1", "large", &large, &[]);
    let status = tokio::time::timeout(Duration::from_secs(10), receiver.status(&request)).await;
    assert_eq!(status.as_deref(), Ok("202"));
    drop(idle);

    let receiver = Receiver::start(Limits { memory: 0, ..Limits::default() }, None).await;
    let requests = ["a", "b", "c"].map(|id| delivery("/hooks/e1", id, &large, &[]));
    let [a, b, c] = &requests;
    let all = tokio::join!(receiver.status(a), receiver.status(b), receiver.status(c));
    assert_eq!([all.0, all.1, all.2], ["202"; 3]);
}
