//! The terminal's settings, so that they can be put back when a prompt is cut short from outside:
//! `rpassword` puts them back itself, but not when the process ends while it waits.

#[cfg(unix)]
mod settings {
    use std::fs::File;
    use std::sync::{Mutex, PoisonError};

    use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

    static BEFORE: Mutex<Option<(File, Termios)>> = Mutex::new(None);

    fn replace(with: Option<(File, Termios)>) -> Option<(File, Termios)> {
        std::mem::replace(&mut *BEFORE.lock().unwrap_or_else(PoisonError::into_inner), with)
    }

    pub(in crate::cli) fn remember() {
        let terminal = File::open("/dev/tty").ok();
        replace(terminal.and_then(|tty| tcgetattr(&tty).ok().map(|settings| (tty, settings))));
    }

    pub(in crate::cli) fn forget() {
        replace(None);
    }

    pub(in crate::cli) fn put_back() -> bool {
        match replace(None) {
            Some((tty, settings)) => tcsetattr(&tty, OptionalActions::Now, &settings).is_ok(),
            None => false,
        }
    }
}

/// A console on Windows takes its settings back when the process that changed them ends.
#[cfg(not(unix))]
mod settings {
    pub(in crate::cli) const fn remember() {}

    pub(in crate::cli) const fn forget() {}

    pub(in crate::cli) const fn put_back() -> bool {
        false
    }
}

pub(super) use settings::{forget, put_back, remember};

/// Whether what is printed is read by a person: results and remarks both go to a terminal.
pub(super) fn is_read_by_people() -> bool {
    use std::io::IsTerminal as _;
    std::io::stdout().is_terminal() && std::io::stderr().is_terminal()
}
