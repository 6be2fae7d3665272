//! Questions, and the only place that hears an answer typed in secret.

use std::io::{self, BufRead as _, IsTerminal as _};

use zeroize::Zeroizing;

use super::session::Session;
use super::{CliError, interrupt, terminal};
use crate::model::{ConnectionName, Host, Need};
use crate::output::{Screen, human};
use crate::workflow::{Answer, Decide};

/// Somebody who can be asked, or the flags that answer for them.
#[derive(Debug, Clone)]
pub(super) struct Asker {
    screen: Screen,
    yes: bool,
    may_ask: bool,
}

impl Asker {
    pub(super) fn new(session: &Session) -> Self {
        Self { screen: session.screen.clone(), yes: session.global.yes, may_ask: session.may_ask() }
    }

    /// Asks a yes-or-no question; an empty answer is no.
    pub(super) fn confirm(&self, question: &str) -> Answer {
        if self.yes {
            return Answer::Yes;
        }
        if !self.may_ask {
            return Answer::CannotAsk;
        }
        self.screen.ask(&format!("{question} [y/N]"));
        let mut line = String::new();
        match io::stdin().lock().read_line(&mut line) {
            Ok(_) if matches!(line.trim().to_ascii_lowercase().as_str(), "y" | "yes") => Answer::Yes,
            _ => Answer::No,
        }
    }
}

impl Decide for Asker {
    fn take_over(&self, connection: &ConnectionName, theirs: &str, ours: &str) -> Answer {
        self.confirm(&format!("`{connection}` is the connection of {theirs}. Replace it with {ours}?"))
    }

    fn take_prefix(&self, prefix: &str, theirs: &ConnectionName, ours: &ConnectionName) -> Answer {
        self.confirm(&format!("{prefix} is served by `{theirs}`. Shall `{ours}` serve it from now on?"))
    }

    fn send_anyway(&self, host: &Host) -> Answer {
        match self.confirm(&format!("Send it to {host} all the same?")) {
            Answer::CannotAsk => Answer::Yes,
            answer => answer,
        }
    }

    fn keep_lacking(&self, needs: &[Need]) -> Answer {
        if self.may_ask && !self.yes {
            self.screen.ask(&human::lacking(needs));
        }
        self.confirm("Keep it all the same?")
    }
}

/// Whether there is a person to ask: a terminal to type on.
pub(super) fn has_terminal() -> bool {
    io::stdin().is_terminal()
}

/// Asks for something that must not be seen. The terminal is as it was afterwards, on Ctrl-C too.
pub(super) fn hidden(screen: &Screen, prompt: &str) -> Result<Zeroizing<String>, CliError> {
    // Otherwise Ctrl-C would end the process while the terminal does not echo.
    let _pressed = interrupt::listen(screen);
    screen.clear();
    terminal::remember();
    interrupt::asking(true);
    let typed = rpassword::prompt_password(prompt);
    interrupt::asking(false);
    terminal::forget();
    match typed {
        Ok(text) => Ok(Zeroizing::new(text)),
        Err(e) if matches!(e.kind(), io::ErrorKind::Interrupted | io::ErrorKind::UnexpectedEof) => {
            screen.ask("");
            Err(CliError::Interrupted)
        }
        Err(e) => Err(CliError::Other {
            message: format!("cannot read from the terminal: {}", e.kind()),
            hints: vec!["give the token by `--pat-stdin`, `--pat-file` or `--pat-env`".into()],
        }),
    }
}
