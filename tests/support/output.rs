//! What came of a call: both streams and the exit code, to be looked at or to be put into a snapshot.

use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

/// What came of a call. Whoever makes a call looks at it.
#[must_use]
#[derive(Debug, Clone)]
pub struct Output {
    /// As bytes: nothing is lost that is no text.
    pub out: Vec<u8>,
    /// As bytes.
    pub err: Vec<u8>,
    /// The exit code; nothing when a signal ended it.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    home: String,
}

impl Output {
    pub(super) fn new(status: ExitStatus, out: Vec<u8>, err: Vec<u8>, home: String) -> Self {
        Self { out, err, code: status.code(), signal: status.signal(), home }
    }

    /// Stdout as text.
    pub fn stdout(&self) -> String {
        String::from_utf8(self.out.clone()).unwrap()
    }

    /// Stderr as text.
    pub fn stderr(&self) -> String {
        String::from_utf8(self.err.clone()).unwrap()
    }

    /// It ended with this code.
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}", self.shown());
        self
    }

    /// It ended well.
    pub fn succeeds(self) -> Self {
        self.exits(0)
    }

    /// The JSON document on stdout.
    pub fn document(&self) -> Value {
        serde_json::from_slice(&self.out).unwrap_or_else(|e| panic!("no JSON on stdout: {e}\n{}", self.shown()))
    }

    /// The JSON error on stderr.
    pub fn error(&self) -> Value {
        self.told("error").pop().unwrap_or_else(|| panic!("no JSON error on stderr\n{}", self.shown()))
    }

    /// The codes of the JSON warnings on stderr.
    pub fn warnings(&self) -> Vec<String> {
        self.told("warning").iter().map(|warning| warning["code"].as_str().unwrap().to_owned()).collect()
    }

    /// It failed with this exit code and, in JSON, with this error code; gives the error.
    pub fn fails(self, exit: i32, code: &str) -> Value {
        let error = self.error();
        assert_eq!((self.code, error["code"].as_str()), (Some(exit), Some(code)), "{}", self.shown());
        assert_eq!(self.out, b"", "a failure has no result\n{}", self.shown());
        error
    }

    fn told(&self, kind: &str) -> Vec<Value> {
        let lines = self.stderr();
        lines
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .filter_map(|mut line| line.get_mut(kind).map(Value::take))
            .collect()
    }

    /// Neither stream has this text.
    pub fn never_says(&self, text: &str) -> &Self {
        for (name, stream) in [("stdout", &self.out), ("stderr", &self.err)] {
            assert!(!String::from_utf8_lossy(stream).contains(text), "{name} says it\n{}", self.shown());
        }
        self
    }

    /// Exit code and both streams, without what differs from run to run.
    pub fn shown(&self) -> String {
        scrubbed(&self.unscrubbed(), &self.home)
    }

    /// Exit code and both streams as they are.
    pub fn unscrubbed(&self) -> String {
        let end = match (self.code, self.signal) {
            (Some(code), _) => format!("exit {code}"),
            (None, signal) => format!("signal {}", signal.unwrap_or_default()),
        };
        let mut text = format!("{end}\n");
        for (name, stream) in [("stdout", &self.out), ("stderr", &self.err)] {
            if !stream.is_empty() {
                text.push_str(&format!("--- {name}\n{}", String::from_utf8_lossy(stream)));
            }
        }
        text
    }
}

/// A text without ports, paths of the home, ids, fingerprints and the forges' own numbers.
pub fn scrubbed(text: &str, home: &str) -> String {
    static DIFFERENT: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
        [
            (r"127\.0\.0\.1:[0-9]+", "127.0.0.1:PORT"),
            (r"127\.0\.0\.1%3A[0-9]+", "127.0.0.1%3APORT"),
            (r"localhost:[0-9]+", "localhost:PORT"),
            (r"sha256:[0-9a-f]{12,}", "sha256:…"),
            (r"_bot_[0-9a-f]{32}", "_bot_HEX"),
            (r"/[0-9a-f]{32}\b", "/ID"),
            (r#""[0-9a-f]{32}""#, r#""ID""#),
            (r"`[0-9a-f]{32}`", "`ID`"),
            (r"request is \S+", "request is NUMBER"),
            (r"git [0-9]+\.[0-9]+\.[0-9][0-9A-Za-z.]*", "git VERSION"),
        ]
        .map(|(pattern, word)| (Regex::new(pattern).unwrap(), word))
        .into_iter()
        .collect()
    });
    let text = if home.is_empty() { text.to_owned() } else { text.replace(home, "HOME") };
    DIFFERENT.iter().fold(text, |text, (pattern, word)| pattern.replace_all(&text, *word).into_owned())
}
