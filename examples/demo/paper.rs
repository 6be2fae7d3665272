//! How the tour is set: in lines of one width, commands as they would be typed, what is said indented.

use std::io::Write as _;

use anstyle::{AnsiColor, Style};

/// Prints a line. Whoever has closed the other end has seen enough.
macro_rules! say {
    ($($text:tt)*) => { let _ = writeln!(anstream::stdout().lock(), $($text)*); };
}

pub(crate) use say;

/// Everything is set in this width; so is the terminal that the program believes to have.
pub const WIDTH: u16 = 80;

pub const TITLE: Style = AnsiColor::Cyan.on_default().bold();
pub const TYPED: Style = Style::new().bold();
pub const ASIDE: Style = Style::new().dimmed();
pub const GOOD: Style = AnsiColor::Green.on_default();

/// A text in lines of [`WIDTH`].
pub fn prose(text: &str) {
    for line in wrapped(text, "", "") {
        say!("{line}");
    }
}

/// A command line as it would be typed, over several lines if it is long.
pub fn typed(command: &str, redirection: &str) {
    let lines = wrapped(&format!("$ {command}{redirection}"), "  ", " \\");
    for (number, line) in lines.iter().enumerate() {
        let indent = if number == 0 { "" } else { "    " };
        say!("  {TYPED}{indent}{}{TYPED:#}", line.trim_start());
    }
}

/// What a command printed.
pub fn said_so(stdout: &str, stderr: &str) {
    let _ = write!(anstream::stdout().lock(), "{}{}", indented(stdout), indented(stderr));
}

/// Output, two columns to the right. Lines that no terminal would take are broken between words, and
/// nothing else is changed.
pub fn indented(output: &str) -> String {
    let mut text = String::new();
    for line in output.lines() {
        let indent = line.chars().take_while(|c| *c == ' ').count();
        let mut column = 2 + indent;
        text.push_str(&" ".repeat(column));
        for (number, word) in line.trim_start().split(' ').enumerate() {
            let length = visible(word);
            if number > 0 && column + 1 + length > usize::from(WIDTH) && visible(line) > usize::from(WIDTH) {
                column = 4 + indent;
                text.truncate(text.trim_end().len());
                text.push('\n');
                text.push_str(&" ".repeat(column));
            } else if number > 0 {
                column += 1;
                text.push(' ');
            }
            column += length;
            text.push_str(word);
        }
        text.push('\n');
    }
    text
}

/// How many columns a text takes: colours take none.
pub fn visible(text: &str) -> usize {
    text.split('\u{1b}').enumerate().fold(0, |sum, (number, piece)| {
        let shown = if number == 0 { piece } else { piece.split_once('m').map_or("", |(_, shown)| shown) };
        sum + shown.chars().count()
    })
}

/// Breaks a text between words. All lines but the last end with `end`.
pub fn wrapped(text: &str, indent: &str, end: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = indent.to_owned();
    for word in text.split(' ') {
        let length = line.chars().count() + 1 + word.chars().count() + end.len();
        if line.trim().is_empty() {
            line.push_str(word);
        } else if length > usize::from(WIDTH) - 2 && !text.starts_with("$ export") {
            lines.push(format!("{line}{end}"));
            line = format!("{indent}{word}");
        } else {
            line.push(' ');
            line.push_str(word);
        }
    }
    lines.push(line);
    lines
}
