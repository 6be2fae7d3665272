//! A command whose output is masked: it runs as a child, and what it prints comes through here.
//!
//! Its standard input is ours, and it stays in our process group: what the terminal sends (Ctrl-C, Ctrl-\, Ctrl-Z) it
//! hears as if we were not there, and we go on until it ends. What somebody sends to us alone is passed on to it.

use std::ffi::OsString;
use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::{Child, Command};
use tokio::sync::mpsc;
use zeroize::Zeroizing;

use super::Prepared;
use crate::model::Mask;
use crate::model::mask::Masked;

/// Who waits so long has asked something: what was held back is shown, as far as it may be.
const PAUSE: Duration = Duration::from_millis(100);

/// What a command leaves running may hold its output open. When the command has ended, so much silence is the end.
const AFTER: Duration = Duration::from_millis(200);

/// How much is read at once, in bytes.
const PIECE: usize = 16 * 1024;

/// Where the command printed something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
}

/// How the command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// With this code.
    Code(u8),
    /// By this signal.
    Signal(u8),
}

/// What comes from the readers.
struct Piece {
    stream: Stream,
    bytes: Zeroizing<Vec<u8>>,
}

impl Prepared {
    /// Runs the command and gives what it prints, without the tokens, to `show`, until it ends. When `show` fails for one
    /// of the streams, the command finds that stream closed.
    ///
    /// # Errors
    /// Why it was not run.
    pub async fn run_masked(
        &self,
        program: &OsString,
        arguments: &[OsString],
        mut show: impl FnMut(Stream, &[u8]) -> io::Result<()>,
    ) -> io::Result<Ended> {
        // Before there is anybody to pass them on to: a signal in between would end us, and leave the command behind.
        let mut signals = signals::Signals::listen()?;
        let mut command = Command::from(self.command(program, arguments));
        command.stdin(Stdio::inherit()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        drop(command);
        let mask = Mask::of(&self.secrets);
        let (tell, mut told) = mpsc::channel(4);
        let readers = [
            child.stdout.take().map(|pipe| tokio::spawn(read(Stream::Out, pipe, tell.clone()))),
            child.stderr.take().map(|pipe| tokio::spawn(read(Stream::Err, pipe, tell.clone()))),
        ];
        drop(tell);
        let mut streams = Streams { out: Side::new(&mask), err: Side::new(&mask) };
        let mut status = None;
        let mut open = true;
        loop {
            // All has been said, and nobody is left to say more.
            if let (Some(status), false) = (status, open) {
                streams.finish(&mut show);
                return Ok(ended(status));
            }
            let patience = if status.is_some() { AFTER } else { PAUSE };
            tokio::select! {
                biased;
                signal = signals.next(), if status.is_none() => pass_on(&child, signal),
                piece = told.recv(), if open => match piece {
                    Some(piece) => {
                        let going = streams.push(&piece, &mut show);
                        let reader = readers.get(usize::from(piece.stream == Stream::Err)).and_then(Option::as_ref);
                        if let (false, Some(reader)) = (going, reader) {
                            reader.abort();
                        }
                    }
                    None => open = false,
                },
                ended = child.wait(), if status.is_none() => status = Some(ended?),
                () = tokio::time::sleep(patience), if open => {
                    if status.is_some() {
                        open = false;
                    } else {
                        streams.pause(&mut show);
                    }
                }
            }
        }
    }
}

async fn read(stream: Stream, mut pipe: impl AsyncRead + Unpin, tell: mpsc::Sender<Piece>) {
    let mut bytes = Zeroizing::new(vec![0; PIECE]);
    while let Ok(count @ 1..) = pipe.read(&mut bytes).await {
        let piece = bytes.get(..count).unwrap_or_default().to_vec();
        if tell.send(Piece { stream, bytes: Zeroizing::new(piece) }).await.is_err() {
            break;
        }
    }
}

/// One stream, until somebody no longer wants it.
struct Side<'a> {
    masked: Masked<'a>,
    wanted: bool,
}

impl<'a> Side<'a> {
    fn new(mask: &'a Mask) -> Self {
        Self { masked: mask.stream(), wanted: true }
    }

    fn show(&mut self, stream: Stream, text: &[u8], show: &mut impl FnMut(Stream, &[u8]) -> io::Result<()>) {
        if self.wanted && !text.is_empty() {
            self.wanted = show(stream, text).is_ok();
        }
    }
}

struct Streams<'a> {
    out: Side<'a>,
    err: Side<'a>,
}

impl Streams<'_> {
    /// Whether more of the stream is wanted.
    fn push(&mut self, piece: &Piece, show: &mut impl FnMut(Stream, &[u8]) -> io::Result<()>) -> bool {
        let side = match piece.stream {
            Stream::Out => &mut self.out,
            Stream::Err => &mut self.err,
        };
        let text = side.masked.push(&piece.bytes);
        side.show(piece.stream, &text, show);
        side.wanted
    }

    fn pause(&mut self, show: &mut impl FnMut(Stream, &[u8]) -> io::Result<()>) {
        for (stream, side) in [(Stream::Out, &mut self.out), (Stream::Err, &mut self.err)] {
            let text = side.masked.pause();
            side.show(stream, &text, show);
        }
    }

    fn finish(&mut self, show: &mut impl FnMut(Stream, &[u8]) -> io::Result<()>) {
        for (stream, side) in [(Stream::Out, &mut self.out), (Stream::Err, &mut self.err)] {
            let text = side.masked.finish();
            side.show(stream, &text, show);
        }
    }
}

fn ended(status: ExitStatus) -> Ended {
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt as _;
        if let Some(signal) = status.signal().and_then(|signal| u8::try_from(signal).ok()) {
            return Ended::Signal(signal);
        }
    }
    Ended::Code(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
}

#[cfg(unix)]
fn pass_on(child: &Child, signal: rustix::process::Signal) {
    let id = child.id().and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw);
    if let Some(id) = id {
        // It may have ended in the meantime.
        let _ = rustix::process::kill_process(id, signal);
    }
}

#[cfg(not(unix))]
fn pass_on(_: &Child, (): ()) {}

#[cfg(unix)]
mod signals {
    use std::io;

    use rustix::process::Signal;
    use tokio::signal::unix::{Signal as Stream, SignalKind, signal};

    /// What people and init systems send, and what is passed on for it.
    pub(super) struct Signals {
        terminate: Stream,
        hang_up: Stream,
        one: Stream,
        two: Stream,
        interrupt: Stream,
        quit: Stream,
    }

    impl Signals {
        pub(super) fn listen() -> io::Result<Self> {
            Ok(Self {
                terminate: signal(SignalKind::terminate())?,
                hang_up: signal(SignalKind::hangup())?,
                one: signal(SignalKind::user_defined1())?,
                two: signal(SignalKind::user_defined2())?,
                interrupt: signal(SignalKind::interrupt())?,
                quit: signal(SignalKind::quit())?,
            })
        }

        /// The next that is to be passed on. Those of the keyboard go to the whole group in front of the terminal, so
        /// that the command has had them; without a terminal in front of us somebody sent them to us alone.
        pub(super) async fn next(&mut self) -> Signal {
            loop {
                let signal = tokio::select! {
                    _ = self.terminate.recv() => return Signal::TERM,
                    _ = self.hang_up.recv() => return Signal::HUP,
                    _ = self.one.recv() => return Signal::USR1,
                    _ = self.two.recv() => return Signal::USR2,
                    _ = self.interrupt.recv() => Signal::INT,
                    _ = self.quit.recv() => Signal::QUIT,
                };
                if !is_in_front() {
                    return signal;
                }
            }
        }
    }

    /// Whether our process group is the one that hears the keyboard of our terminal.
    fn is_in_front() -> bool {
        let Ok(terminal) = std::fs::File::open("/dev/tty") else { return false };
        rustix::termios::tcgetpgrp(&terminal).is_ok_and(|front| front == rustix::process::getpgrp())
    }
}

/// A console sends Ctrl-C to all of its processes; nothing else comes.
#[cfg(not(unix))]
mod signals {
    pub(super) struct Signals;

    impl Signals {
        pub(super) fn listen() -> std::io::Result<Self> {
            Ok(Self)
        }

        pub(super) async fn next(&mut self) {
            while tokio::signal::ctrl_c().await.is_ok() {}
            std::future::pending().await
        }
    }
}
