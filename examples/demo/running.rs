//! A command that goes on until it is told to stop.

use std::io::Read;
use std::process::{Child, Stdio};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use super::Tour;
use super::paper::{said_so, typed};
use super::stage::{Stage, terminal};

/// Nothing in the tour takes longer.
const PATIENCE: Duration = Duration::from_secs(60);

/// What it has said so far, on either stream.
type Heard = Arc<(Mutex<String>, Condvar)>;

pub struct Running {
    child: Child,
    stdout: Heard,
    stderr: Heard,
}

impl Running {
    /// Shows a command, and begins it.
    pub fn begins(stage: &Stage, args: &[&str]) -> Tour<Self> {
        typed(&format!("connect {}", args.join(" ")), "");
        let mut command = stage.command(args);
        command.stdin(Stdio::null()).stderr(Stdio::piped());
        let (master, slave) = match terminal() {
            Some((master, slave)) => (Some(master), Stdio::from(slave)),
            None => (None, Stdio::piped()),
        };
        let mut child = command.stdout(slave).spawn()?;
        drop(command);
        let stdout = match (master, child.stdout.take()) {
            (Some(master), _) => hear(master),
            (None, Some(pipe)) => hear(pipe),
            (None, None) => Heard::default(),
        };
        let stderr = child.stderr.take().map(hear).unwrap_or_default();
        Ok(Self { child, stdout, stderr })
    }

    /// Waits until it has said this on stdout, or on stderr.
    pub fn has_said(&self, words: &str) -> Tour<()> {
        let of = if words.contains("listening") { &self.stderr } else { &self.stdout };
        let (text, changed) = &**of;
        let text = text.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = changed.wait_timeout_while(text, PATIENCE, |text| !text.contains(words));
        let (text, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        if timeout.timed_out() { Err(format!("`{words}` never came: {text}").into()) } else { Ok(()) }
    }

    /// Presses Ctrl-C, and shows what it has said.
    pub fn stops(mut self) -> Tour<()> {
        #[cfg(unix)]
        {
            let process = rustix::process::Pid::from_child(&self.child);
            rustix::process::kill_process(process, rustix::process::Signal::INT)?;
        }
        // Windows has no signal for one process alone.
        #[cfg(not(unix))]
        self.child.kill()?;
        let ended = self.child.wait()?;
        said_so(&text(&self.stderr), &text(&self.stdout));
        if ended.success() || cfg!(not(unix)) { Ok(()) } else { Err("it did not end well".into()) }
    }
}

fn text(heard: &Heard) -> String {
    heard.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

fn hear(mut from: impl Read + Send + 'static) -> Heard {
    let heard = Heard::default();
    let tell = Arc::clone(&heard);
    std::thread::spawn(move || {
        let mut piece = [0; 4096];
        // A terminal whose other side has closed reports that as an error.
        while let Ok(length @ 1..) = from.read(&mut piece) {
            let text = String::from_utf8_lossy(piece.get(..length).unwrap_or_default()).replace('\r', "");
            tell.0.lock().unwrap_or_else(PoisonError::into_inner).push_str(&text);
            tell.1.notify_all();
        }
    });
    heard
}
