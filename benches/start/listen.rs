//! Receivers of webhooks: connect's, with its spool on a disk and in memory, and adnanh's `webhook`.

#![allow(clippy::disallowed_methods, reason = "the configuration of a program that lives for one run")]

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::sender::Sender;

const SECRET: &str = "a secret of the length that secrets have";

/// GitHub's deliveries of a push are about this large.
pub const SIZE: usize = 7_000;

/// Who does nothing for this long has nothing to do.
const QUIET: Duration = Duration::from_millis(150);

/// A receiver that runs; it ends when this is dropped.
pub struct Receiver {
    child: Child,
    address: SocketAddr,
    path: String,
    _home: TempDir,
}

impl Receiver {
    /// `connect webhook listen`, with everything it keeps below that folder.
    pub fn connect(binary: &str, folder: &Path) -> Self {
        let home = tempfile::tempdir_in(folder).unwrap();
        let command = || {
            let mut command = Command::new(binary);
            command.env_clear().env("CONNECT_HOME", home.path());
            command
        };
        let mut keep = command();
        keep.args(["github", "--webhook-only", "--name", "bench", "--webhook-secret-stdin", "--store", "plain"]);
        let mut keep = keep.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        keep.stdin.take().unwrap().write_all(SECRET.as_bytes()).unwrap();
        assert!(keep.wait().unwrap().success());
        let mut listen = command();
        listen
            .args(["webhook", "listen", "--json", "--addr", "127.0.0.1:0"])
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        let mut child = listen.stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        let mut told = BufReader::new(child.stderr.take().unwrap());
        told.read_line(&mut line).unwrap();
        // Whatever else it says is read, so that it never waits for that.
        std::thread::spawn(move || told.lines().map_while(Result::ok).for_each(drop));
        let said: serde_json::Value = serde_json::from_str(&line).unwrap();
        let url: url::Url = said["listening"]["addresses"][0]["url"].as_str().unwrap().parse().unwrap();
        let address = url.socket_addrs(|| None).unwrap()[0];
        Self { child, address, path: url.path().to_owned(), _home: home }
    }

    /// adnanh's `webhook`, which verifies and runs `true`; nothing where it is not installed.
    pub fn adnanhs(folder: &Path) -> Option<Self> {
        let home = tempfile::tempdir_in(folder).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let hooks = serde_json::json!([{
            "id": "bench",
            "execute-command": "/bin/true",
            "trigger-rule": { "match": {
                "type": "payload-hmac-sha256",
                "secret": SECRET,
                "parameter": { "source": "header", "name": "X-Hub-Signature-256" }
            } }
        }]);
        let file = home.path().join("hooks.json");
        fs::write(&file, hooks.to_string()).unwrap();
        let mut command = Command::new("webhook");
        command.arg("-hooks").arg(&file).args(["-ip", "127.0.0.1", "-port", &port.port().to_string()]);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()?;
        let receiver = Self { child, address: port, path: "/hooks/bench".to_owned(), _home: home };
        let begun = Instant::now();
        while TcpStream::connect(port).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(10), "`webhook` does not listen");
            std::thread::sleep(Duration::from_millis(5));
        }
        Some(receiver)
    }

    /// Who sends it deliveries of a push, of this size.
    pub fn sender(&self, size: usize) -> Sender {
        Sender::new(self.address, &self.path, SECRET, &payload(size))
    }

    /// Waits until it has nothing left to do. adnanh's answers first and runs its commands afterwards: whoever is
    /// measured next would have to share the processors with them.
    pub fn rest(&self) {
        let mut before = None;
        loop {
            std::thread::sleep(QUIET);
            let worked = self.worked();
            if worked.is_none() || worked == before {
                return;
            }
            before = worked;
        }
    }

    /// The processor time that it and the children it has waited for have taken, in the system's ticks, and how many
    /// children it has now; nothing where the system has no `/proc`.
    fn worked(&self) -> Option<(Vec<u64>, usize)> {
        let about = format!("/proc/{}", self.child.id());
        let stat = fs::read_to_string(format!("{about}/stat")).ok()?;
        // The name before it may hold anything; utime, stime, cutime and cstime are the 14th to 17th field (proc(5)).
        let (_, fields) = stat.rsplit_once(')')?;
        let ticks = fields.split_whitespace().skip(11).take(4).filter_map(|field| field.parse().ok()).collect();
        let threads = fs::read_dir(format!("{about}/task")).ok()?.flatten();
        let children = threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
        Some((ticks, children.map(|children| children.split_whitespace().count()).sum()))
    }

    /// What it has in memory now, and the most it ever had.
    pub fn memory(&self) -> Option<(u64, u64)> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let find = |name: &str| {
            let rest = status.lines().find_map(|line| line.strip_prefix(name))?;
            rest.trim().trim_end_matches(" kB").parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
        };
        Some((find("VmRSS:")?, find("VmHWM:")?))
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// JSON of a size, with what is read of a push, and much that is not.
fn payload(size: usize) -> Vec<u8> {
    let head = r#"{"ref":"refs/heads/main","repository":{"id":1,"full_name":"octo/repo"},"sender":{"login":"octocat"},"commits":["#;
    let commit =
        r#"{"id":"0d1a26e67d8f5eaf1f6ba5c57fc3c7d91ac0fd1c","message":"Update README.md \u2764","distinct":true},"#;
    let mut text = head.to_owned();
    while text.len() + commit.len() + 2 < size.min(100_000) {
        text.push_str(commit);
    }
    let text = format!("{}],\"rest\":\"", text.trim_end_matches(','));
    let rest = size.saturating_sub(text.len() + 2);
    format!("{text}{}\"}}", "x".repeat(rest)).into_bytes()
}
