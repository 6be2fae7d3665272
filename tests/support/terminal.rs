//! The built program in a real pseudo-terminal, of 80 columns unless it is said otherwise, with a shell around it that tells how it
//! ended and whether the terminal echoes again.

use rexpect::session::PtySession;

use super::call::Call;

/// How long the other side may take to say what is expected.
const PATIENCE_MS: u64 = 30_000;

/// A terminal in which a call runs.
pub struct Terminal {
    session: PtySession,
    seen: String,
}

impl Call {
    /// Makes the call at a terminal. Whatever is typed before the program switches the echo off is seen,
    /// as at a real one.
    pub fn at_terminal(self) -> Terminal {
        self.at_terminal_of(80)
    }

    /// The same with so many columns.
    pub fn at_terminal_of(self, columns: u16) -> Terminal {
        let script = format!(
            "trap : INT; stty sane cols {columns} rows 24; \"$@\"; code=$?; \
             stty -a | tr ' ;' '\\n\\n' | grep -x -e echo -e -echo; echo \"exit=$code\""
        );
        let command = self.without_env("COLUMNS").by_way_of(["/bin/sh", "-c", &script, "sh"]).command();
        let session = rexpect::session::spawn_command(command, Some(PATIENCE_MS)).unwrap();
        Terminal { session, seen: String::new() }
    }
}

impl Terminal {
    /// Waits for a text on the screen.
    pub fn sees(&mut self, text: &str) -> &mut Self {
        let before = self.session.exp_string(text).unwrap_or_else(|e| panic!("{e}\nseen before:\n{}", self.seen));
        self.seen.push_str(&before);
        self.seen.push_str(text);
        self
    }

    /// Types a line. A question ends with its line: what is typed before that is echoed into the middle of it.
    pub fn types(&mut self, line: &str) -> &mut Self {
        if self.seen.ends_with("[y/N]") {
            let _ = self.sees("\r\n");
        }
        self.session.send_line(line).unwrap();
        self
    }

    /// Presses Ctrl and a letter.
    pub fn control(&mut self, letter: char) -> &mut Self {
        self.session.send_control(letter).unwrap();
        self
    }

    /// Waits for the end: the exit code, whether the terminal echoes, and all that was on the screen.
    pub fn ends(mut self) -> Ended {
        let rest = self.session.exp_eof().unwrap_or_else(|e| panic!("{e}\nseen before:\n{}", self.seen));
        self.seen.push_str(&rest);
        // The terminal's bytes come as one character each.
        let bytes: Vec<u8> = self.seen.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect();
        let screen = String::from_utf8_lossy(&bytes).replace("\r\n", "\n");
        let (screen, end) = screen.rsplit_once("exit=").unwrap_or_else(|| panic!("no end on\n{}", self.seen));
        let (screen, echo) = screen.trim_end().rsplit_once('\n').unwrap_or(("", screen.trim_end()));
        Ended { code: end.trim().parse().unwrap(), echoes: echo == "echo", screen: format!("{screen}\n") }
    }
}

/// How a call at a terminal ended.
#[must_use]
#[derive(Debug)]
pub struct Ended {
    /// The exit code, as the shell has it.
    pub code: i32,
    /// Whether the terminal echoes what is typed.
    pub echoes: bool,
    /// Everything that was on the screen, escapes included.
    pub screen: String,
}
