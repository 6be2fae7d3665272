//! Where output goes, and in which form.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use anstream::ColorChoice;
use serde::Serialize;
use serde_json::json;

use crate::forge::RawAnswer;
use crate::model::Secret;
use crate::model::shape::ShapeWarning;
use crate::model::text::{printable, printable_lines};
use crate::workflow::{DiesSoon, Event, HandedOut};

use super::failure::Failure;
use super::handed::{self, TokenFormat};
use super::human;
use super::progress::Progress;
use super::style::{BAD, CARE, QUIET, styled};

/// `--color`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Color {
    /// Where it is a terminal, and nothing (`NO_COLOR`) speaks against it.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What the flags say about output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Settings {
    /// `--json`.
    pub json: bool,
    /// `--quiet`: no notes and no progress; warnings and errors remain.
    pub quiet: bool,
    /// `--color`.
    pub color: Color,
    /// Under `--no-input` nobody is watching: no progress.
    pub watched: bool,
}

/// The user's screen. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Screen {
    settings: Settings,
    /// Something was begun that may have changed something.
    begun: Arc<AtomicBool>,
    /// An import, at that: it is known elsewhere how it stands.
    importing: Arc<AtomicBool>,
    /// Something goes on at a forge, and is only watched.
    watching: Arc<AtomicBool>,
    /// A forge was asked to deliver something once more, and how often it has said that it does.
    asking_again: Arc<AtomicBool>,
    asked_again: Arc<AtomicUsize>,
    /// Deliveries are received, and a webhook is there for as long as that takes.
    pub(super) receiving: Arc<AtomicBool>,
    pub(super) temporary: Arc<AtomicBool>,
    progress: Arc<OnceLock<Progress>>,
}

impl Screen {
    /// A screen by the flags.
    pub fn new(settings: Settings) -> Self {
        match settings.color {
            Color::Auto => {}
            Color::Always => ColorChoice::Always.write_global(),
            Color::Never => ColorChoice::Never.write_global(),
        }
        Self {
            settings,
            begun: Arc::default(),
            importing: Arc::default(),
            watching: Arc::default(),
            asking_again: Arc::default(),
            asked_again: Arc::default(),
            receiving: Arc::default(),
            temporary: Arc::default(),
            progress: Arc::new(OnceLock::new()),
        }
    }

    /// Whether results are wanted as JSON.
    pub const fn is_json(&self) -> bool {
        self.settings.json
    }

    /// Whether results go to a terminal: only there tables have borders and headings.
    pub fn is_terminal(&self) -> bool {
        io::stdout().is_terminal()
    }

    /// How many columns there are: the terminal's, or 80.
    pub fn width(&self) -> usize {
        terminal_size::terminal_size().map_or(80, |(width, _)| usize::from(width.0)).clamp(40, 200)
    }

    /// Prints a result, with a line break after it where it has none.
    ///
    /// # Errors
    /// When stdout cannot be written; a reader that has gone away is none.
    pub fn result(&self, text: &str) -> io::Result<()> {
        self.clear();
        // Only what has colours needs to have them taken away: that looks at every byte of a long list.
        if text.contains('\u{1b}') { write(anstream::stdout().lock(), text) } else { write(io::stdout().lock(), text) }
    }

    /// Prints a result in place of everything that is on the terminal.
    ///
    /// # Errors
    /// As [`Screen::result`].
    pub fn page(&self, text: &str) -> io::Result<()> {
        self.clear();
        // ECMA-48: erase the display, cursor home. Terminals keep what was scrolled away.
        gone_is_fine(io::stdout().lock().write_all(b"\x1b[2J\x1b[H"))?;
        self.result(text)
    }

    /// Prints a result as JSON, on one line or several as a terminal or a pipe likes it.
    ///
    /// # Errors
    /// As [`Screen::result`].
    pub fn document(&self, value: &impl Serialize) -> io::Result<()> {
        let text = if self.is_terminal() { serde_json::to_string_pretty(value) } else { serde_json::to_string(value) };
        self.result(&text.map_err(io::Error::other)?)
    }

    /// Prints a token, and nothing else: alone, or in the form that another program reads. One of the few places where a
    /// secret comes out.
    ///
    /// # Errors
    /// As [`Screen::result`].
    pub fn token(&self, handed: &HandedOut, format: TokenFormat) -> io::Result<()> {
        let caution = (format == TokenFormat::Netrc).then(|| handed::netrc_caution(&handed.connection)).flatten();
        if let Some(words) = caution {
            self.warning("netrc_without_port", &words);
        }
        let text = handed::text(handed, format);
        if !self.settings.json {
            return self.result(&text);
        }
        self.document(&super::json::Token {
            connection: handed.connection.name.as_str(),
            token: handed.secret.reveal(),
            expires_at: handed.expires_at,
            text: (format != TokenFormat::Token).then_some(text.as_str()),
        })
    }

    /// Prints a webhook's secret, alone.
    ///
    /// # Errors
    /// As [`Screen::result`].
    pub fn secret(&self, secret: &Secret) -> io::Result<()> {
        self.result(secret.reveal())
    }

    /// Says something by the way.
    pub fn note(&self, text: &str) {
        if !self.settings.quiet && !self.settings.json {
            self.say(&styled(QUIET, text));
        }
    }

    /// Says something that belongs to a question, whatever the flags: the question would be unclear without it.
    pub fn ask(&self, text: &str) {
        self.say(text);
    }

    /// Warns.
    pub fn warning(&self, code: &'static str, text: &str) {
        if self.settings.json {
            self.say(&json!({ "warning": { "code": code, "message": text } }).to_string());
        } else {
            self.say(&format!("{} {text}", styled(CARE, "warning:")));
        }
    }

    /// Says what went wrong and what to do.
    pub fn failure(&self, failure: &Failure) {
        if self.settings.json {
            self.say(&json!({ "error": super::json::Problem::of(failure) }).to_string());
            return;
        }
        let mut text = format!("{} {}", styled(BAD, "error:"), failure.message);
        for hint in &failure.hints {
            text.push_str(&format!("\n  {} {hint}", styled(CARE, "→")));
        }
        self.say(&text);
    }

    /// What is said when the user pressed Ctrl-C: by then something may have been done.
    pub fn interrupted(&self) -> Failure {
        let halfway = || Failure::interrupted("something was being changed");
        if self.receiving.load(Ordering::Acquire) {
            human::interrupted_receiving(self.temporary.load(Ordering::Acquire))
        } else if self.watching.load(Ordering::Acquire) {
            Failure::interrupted("what GitLab has begun goes on")
                .hint("`connect import status` shows how it stands; the same command goes on from there")
        } else if self.importing.load(Ordering::Acquire) {
            halfway().hint("`connect import status` shows how it stands; the same command goes on from there")
        } else if self.asking_again.load(Ordering::Acquire) {
            human::interrupted_asking(self.asked_again.load(Ordering::Acquire))
        } else if self.begun.load(Ordering::Acquire) {
            halfway().hint("`connect status` shows how it stands; what is half done is put in order by the next run")
        } else {
            Failure::interrupted("nothing was changed")
        }
    }

    /// Shows what a workflow says it is doing.
    pub fn event(&self, event: Event) {
        if matches!(
            event,
            Event::Revoking { .. }
                | Event::Keeping { .. }
                | Event::Step { .. }
                | Event::Changing { .. }
                | Event::Running
        ) {
            self.begun.store(true, Ordering::Release);
        }
        if matches!(event, Event::AskingAgain) {
            self.asking_again.store(true, Ordering::Release);
        }
        if matches!(event, Event::AskedAgain { .. }) {
            let _ = self.asked_again.fetch_add(1, Ordering::AcqRel);
        }
        if matches!(event, Event::Step { .. }) {
            self.importing.store(true, Ordering::Release);
        }
        self.watching.store(matches!(event, Event::Watching { .. } | Event::ImportingAt { .. }), Ordering::Release);
        match event {
            Event::Looking { host } => self.busy(format!("asking {host} what it is")),
            Event::NotLooked { host, why } => self.warning(
                "host_not_seen",
                &format!("{host} could not be asked what it is ({}); the connection is kept all the same", printable(&why, 300)),
            ),
            Event::Checking { host } => self.busy(format!("checking the token with {host}")),
            Event::Revoking { host } => self.busy(format!("revoking the token at {host}")),
            Event::Keeping { part, store } => {
                let what = if part.is_token() { "token" } else { "webhook secret" };
                self.busy(format!("keeping the {what} in the {store} store"));
            }
            Event::Progress { done, of } => self.progress().at(done, of),
            Event::Step { step, says: None } => self.busy(format!("{}: under way", human::step_word(step))),
            Event::Step { step, says: Some(says) } => self.note(&human::step_done(step, &says)),
            Event::Changing { what } => self.busy(format!("changing {}", printable(&what, 200))),
            Event::Running => self.clear(),
            Event::Watching { what } => {
                self.busy(format!("watching (Ctrl-C only stops that): {}", printable(&what, 200)));
            }
            Event::ImportingAt { project, done, of } => self.busy(human::importing(&project, done, of)),
            Event::ForgeWarns { host, says } => {
                self.warning("forge_warns", &format!("{host} says: {}", printable(&says, 300)));
            }
            Event::PartlyImported { failed } => self.warning("partly_imported", &human::partly_imported(&failed)),
            Event::AskingAgain | Event::AskedAgain { .. } => {}
            Event::Receiving(said) => self.receiving(said),
            Event::DeliveriesStay { connection, place, why } => {
                self.warning("deliveries_stay", &human::deliveries_stay(&connection, &place, &why));
            }
            Event::ListCut { target, hook, most } => {
                self.warning("list_cut", &human::list_cut(&target, hook, most));
            }
            Event::Patience { host, left } => self.note(&human::patience(&host, left)),
            Event::DiesSoon(token) => self.dies_soon(&token),
            Event::OddShape(warning) => self.odd_shape(warning),
            Event::Tidied { connection } => {
                self.note(&format!("an earlier run for `{connection}` was cut short; what it left has been put in order"));
            }
            Event::Waiting { connection } => {
                self.note(&format!("waiting for another process that is at work on `{connection}`"));
            }
            Event::NotTidied { connection, place } => self.warning(
                "left_over",
                &format!("an earlier run for `{connection}` was cut short and left a secret in {place}; it is removed as soon as that can be opened"),
            ),
            Event::RotationLeft { connection, place } => self.warning(
                "rotation_left",
                &format!("a rotation of `{connection}` was cut short, and cannot be finished now ({place}); `connect rotate --resume` says why"),
            ),
            Event::HistoryNotWritten { why } => self.warning(
                "history_not_written",
                &format!("what was done is done, but it is not in the history: {why}"),
            ),
            Event::Exposed { place } => self.warning(
                "secret_readable",
                &format!("others on this machine can read the secret in {place}; `chmod 600` it"),
            ),
            Event::OldRemains { place } => self.warning(
                "left_over",
                &format!("the secret that was replaced could not be removed from {place}; the next run tries again"),
            ),
        }
    }

    fn dies_soon(&self, token: &DiesSoon) {
        // Programs have `expires_at`; a warning a day would be news to them that is none.
        if !self.settings.json && !self.settings.quiet {
            self.warning("expires_soon", &human::dies_soon(token));
        }
    }

    fn odd_shape(&self, warning: ShapeWarning) {
        match warning {
            ShapeWarning::OtherForge { looks_like } => {
                self.warning("token_of_other_forge", &format!("this looks like a token of {looks_like}"));
            }
            ShapeWarning::Damaged => {
                self.warning(
                    "token_looks_damaged",
                    "this token looks mistyped or cut off: its length or checksum does not fit",
                );
            }
            ShapeWarning::NotAnApiToken { looks_like } => {
                self.warning("not_an_api_token", &format!("this looks like {looks_like}, which cannot use the API"));
            }
        }
    }

    /// Prints one line of many. Unlike with a result, a reader that has gone is an error: what it was to read is not
    /// lost if whoever prints knows.
    ///
    /// # Errors
    /// When stdout cannot be written.
    pub fn line(&self, text: &str) -> io::Result<()> {
        let line = format!("{text}\n");
        let write = |mut out: Box<dyn io::Write>| out.write_all(line.as_bytes()).and_then(|()| out.flush());
        if text.contains('\u{1b}') {
            write(Box::new(anstream::stdout().lock()))
        } else {
            write(Box::new(io::stdout().lock()))
        }
    }

    /// Passes on what another program prints, as it is: to stdout, or to stderr.
    ///
    /// # Errors
    /// When it cannot be written; the program is then told by a closed pipe.
    pub fn pass_on(&self, to_stderr: bool, bytes: &[u8]) -> io::Result<()> {
        let write = |mut out: Box<dyn io::Write>| out.write_all(bytes).and_then(|()| out.flush());
        if to_stderr { write(Box::new(io::stderr().lock())) } else { write(Box::new(io::stdout().lock())) }
    }

    /// Prints a forge's answer: as it came, or at a terminal so that it can be read and does no harm there. It may hold
    /// a token that was just made; that is what was asked for.
    ///
    /// # Errors
    /// As [`Screen::result`].
    pub fn answer(&self, answer: &RawAnswer, with_headers: bool) -> io::Result<()> {
        self.clear();
        let mut head = String::new();
        if with_headers {
            head = format!("HTTP {} {}\n", answer.status, answer.reason);
            answer.headers.iter().for_each(|(name, value)| head.push_str(&format!("{name}: {value}\n")));
            head.push('\n');
        }
        if self.is_terminal() {
            let body = human::body(&answer.body);
            return self.result(&printable_lines(&format!("{head}{body}")));
        }
        gone_is_fine(self.pass_on(false, head.as_bytes()).and_then(|()| self.pass_on(false, &answer.body)))
    }

    /// Takes away what shows that something is going on.
    pub fn clear(&self) {
        if let Some(progress) = self.progress.get() {
            progress.clear();
        }
    }

    fn busy(&self, words: String) {
        self.progress().busy(words);
    }

    fn progress(&self) -> &Progress {
        let visible =
            self.settings.watched && !self.settings.quiet && !self.settings.json && io::stderr().is_terminal();
        self.progress.get_or_init(|| Progress::new(visible))
    }

    pub(super) fn say(&self, text: &str) {
        self.clear();
        // When stderr is gone there is nobody left to tell.
        let _ = writeln!(anstream::stderr().lock(), "{text}");
    }
}

fn write(mut out: impl io::Write, text: &str) -> io::Result<()> {
    let end = if text.ends_with('\n') || text.is_empty() { "" } else { "\n" };
    gone_is_fine(out.write_all(text.as_bytes()).and_then(|()| out.write_all(end.as_bytes())).and_then(|()| out.flush()))
}

/// A reader that has closed its end has seen what it wanted.
fn gone_is_fine(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}
