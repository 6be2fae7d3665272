//! Somebody who takes deliveries: a socket on a thread of its own, which answers what it is told to.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::Value;

/// A request that was taken.
#[derive(Debug, Clone)]
pub struct Taken {
    pub line: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Taken {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// Takes requests for ever; the thread ends with the test program.
pub struct Listener {
    pub url: String,
    taken: Arc<Mutex<Vec<Taken>>>,
    answer: Arc<Mutex<String>>,
}

impl Listener {
    pub fn start() -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hook", socket.local_addr().unwrap());
        let (taken, answer) = (Arc::default(), Arc::new(Mutex::new(String::new())));
        let listener = Self { url, taken: Arc::clone(&taken), answer: Arc::clone(&answer) };
        listener.answer("200 OK", "");
        std::thread::spawn(move || {
            for stream in socket.incoming() {
                let mut reader = BufReader::new(stream.unwrap());
                // Who says nothing and goes away delivers nothing.
                let Some(one) = take(&mut reader) else { continue };
                // Written down first: whoever has the answer may look.
                taken.lock().unwrap().push(one);
                let answer = answer.lock().unwrap().clone();
                reader.get_mut().write_all(answer.as_bytes()).unwrap();
            }
        });
        listener
    }

    /// What the next ones are answered: a status, and headers that end their lines.
    pub fn answer(&self, status: &str, headers: &str) {
        let whole = format!("HTTP/1.1 {status}\r\n{headers}content-length: 4\r\nconnection: close\r\n\r\ndone");
        *self.answer.lock().unwrap() = whole;
    }

    pub fn taken(&self) -> Vec<Taken> {
        self.taken.lock().unwrap().clone()
    }

    /// The events that came, in order.
    pub fn events(&self) -> Vec<String> {
        self.taken().iter().map(|taken| taken.header("x-github-event").unwrap().to_owned()).collect()
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
        let Some((name, value)) = header.trim().split_once(':') else {
            break;
        };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut one = Taken { line: line.trim().to_owned(), headers, body: Vec::new() };
    one.body = vec![0; one.header("content-length")?.parse().ok()?];
    reader.read_exact(&mut one.body).ok()?;
    Some(one)
}
