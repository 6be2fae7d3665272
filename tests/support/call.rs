//! One call of the built program, in a home, with nothing in its environment but what the home gives.

use std::io::{Read, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::{Home, Output};

/// No call takes longer; one that does hangs.
const PATIENCE: Duration = Duration::from_secs(90);

/// The built program.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_connect");

/// A call that has not been made yet.
#[must_use]
#[derive(Clone)]
pub struct Call {
    program: String,
    before: Vec<String>,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    stdin: Vec<u8>,
    home: String,
}

impl Call {
    pub(super) fn new(home: &Home, arguments: Vec<String>) -> Self {
        Self {
            program: PROGRAM.to_owned(),
            before: Vec::new(),
            arguments,
            environment: home.environment().to_vec(),
            stdin: Vec::new(),
            home: home.path().display().to_string(),
        }
    }

    /// More arguments.
    pub fn with<S: AsRef<str>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        self.arguments.extend(arguments.into_iter().map(|argument| argument.as_ref().to_owned()));
        self
    }

    /// A variable for this call; it wins over the home's.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.retain(|(known, _)| known != name);
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Takes a variable away.
    pub fn without_env(mut self, name: &str) -> Self {
        self.environment.retain(|(known, _)| known != name);
        self
    }

    /// What comes in by a pipe; without it the pipe is empty.
    pub fn stdin(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.stdin = bytes.as_ref().to_vec();
        self
    }

    /// Another build of the program.
    pub fn program(mut self, path: &str) -> Self {
        path.clone_into(&mut self.program);
        self
    }

    /// Calls it by way of another program: `prlimit --fsize=0`, `sh -c '…' sh`.
    pub fn by_way_of<S: AsRef<str>>(mut self, program: impl IntoIterator<Item = S>) -> Self {
        self.before = program.into_iter().map(|word| word.as_ref().to_owned()).collect();
        self
    }

    /// The command as the standard library has it, without its pipes.
    pub fn command(&self) -> Command {
        let mut words = self.before.iter().chain([&self.program]).chain(&self.arguments);
        let mut command = Command::new(words.next().unwrap());
        command.args(words).env_clear().envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Makes the call and lets it run.
    pub fn begins(self) -> Running {
        let mut command = self.command();
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|e| panic!("{command:?}: {e}"));
        let mut pipe = child.stdin.take().unwrap();
        let bytes = self.stdin;
        std::thread::spawn(move || {
            // Who does not want it closes the pipe.
            let _ = pipe.write_all(&bytes);
        });
        let stdout = collect(child.stdout.take().unwrap());
        let said = Said::default();
        let stderr = collect_into(child.stderr.take().unwrap(), said.clone());
        Running { child, stdout, stderr, said, home: self.home }
    }

    /// Makes the call and waits for its end.
    pub fn ends(self) -> Output {
        self.begins().ends()
    }

    /// The same with `--json`: errors are then told by their code.
    pub fn json(self) -> Output {
        self.with(["--json"]).ends()
    }
}

/// A call that has been made.
pub struct Running {
    child: Child,
    stdout: JoinHandle<Vec<u8>>,
    stderr: JoinHandle<Vec<u8>>,
    said: Said,
    home: String,
}

/// What a process has written to stderr so far, and a bell for more.
type Said = Arc<(Mutex<Vec<u8>>, Condvar)>;

impl Running {
    /// The number of its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it has said this on stderr.
    pub fn says(&self, words: &str) -> &Self {
        let (bytes, more) = &*self.said;
        let lacks = |bytes: &mut Vec<u8>| !String::from_utf8_lossy(bytes).contains(words);
        let (bytes, waited) = more.wait_timeout_while(bytes.lock().unwrap(), PATIENCE, lacks).unwrap();
        assert!(!waited.timed_out(), "`{words}` was to be said: {}", String::from_utf8_lossy(&bytes));
        drop(bytes);
        self
    }

    /// Waits for its end.
    pub fn ends(mut self) -> Output {
        let start = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            if start.elapsed() > PATIENCE {
                let _ = self.child.kill();
                let _ = self.child.wait();
                panic!("no end after {PATIENCE:?}: {}", String::from_utf8_lossy(&self.stderr.join().unwrap()));
            }
            std::thread::sleep(Duration::from_millis(2));
        };
        Output::new(status, self.stdout.join().unwrap(), self.stderr.join().unwrap(), self.home)
    }
}

fn collect(mut pipe: impl Read + Send + 'static) -> JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.read_to_end(&mut bytes);
        bytes
    })
}

fn collect_into(mut pipe: impl Read + Send + 'static, said: Said) -> JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let (bytes, more) = &*said;
        let mut some = [0; 1024];
        while let Ok(read @ 1..) = pipe.read(&mut some) {
            bytes.lock().unwrap().extend_from_slice(&some[..read]);
            more.notify_all();
        }
        bytes.lock().unwrap().clone()
    })
}
