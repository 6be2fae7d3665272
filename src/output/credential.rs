//! What git's helper prints: the answer on stdout, in git's own form, and on stderr lines that begin with `connect:`,
//! because the user sees them among git's own.

use std::io::{self, Write as _};

use jiff::tz::TimeZone;

use crate::git::credential::{Description, write};
use crate::model::text::printable;
use crate::workflow::Event;
use crate::workflow::credential::Remark;

use super::Failure;

/// Longer than any sentence of ours.
const LONGEST: usize = 500;

/// Says one line.
pub fn line(text: &str) {
    let _ = writeln!(io::stderr().lock(), "connect: {}", printable(text, LONGEST));
}

/// Says what went wrong, and the first thing that helps. git's helper has no `--store`: there the choice is a setting.
pub fn failure(failure: &Failure) {
    let hint = match failure.code {
        "no_keyring" => Some("`connect store use file` has new ones kept in encrypted files"),
        _ => failure.hints.first().map(String::as_str),
    };
    match hint {
        Some(hint) => line(&format!("{}; {hint}", failure.message)),
        None => line(&failure.message),
    }
}

/// Says what a workflow says by the way, as far as somebody who waits for git wants to know.
pub fn event(event: &Event) {
    if let Event::Exposed { place } = event {
        line(&format!("others on this machine can read the secret in {place}; `chmod 600` it"));
    }
}

/// Gives git its answer.
///
/// # Errors
/// When stdout cannot be written, or a value does not fit into a line.
pub fn given(given: &Description) -> io::Result<()> {
    let lines = write(given).map_err(io::Error::other)?;
    let mut out = io::stdout().lock();
    out.write_all(&lines).and_then(|()| out.flush())
}

/// Says what this program is capable of.
///
/// # Errors
/// When stdout cannot be written.
pub fn capabilities(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush())
}

/// Says what this program is, to whoever asks for it.
///
/// # Errors
/// When stdout cannot be written.
pub fn about(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}").and_then(|()| out.flush())
}

/// Says what the user is to know.
pub fn remarks(remarks: &[Remark]) {
    remarks.iter().for_each(|remark| line(&told(remark)));
}

fn told(remark: &Remark) -> String {
    match remark {
        Remark::Several { names, place, without_path } => {
            let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            let how = if *without_path {
                format!(
                    "`git config --global credential.{place}.useHttpPath true` lets git say the path, `connect use` which is meant"
                )
            } else {
                "`connect use NAME --on PREFIX` or `--default` says which is meant".to_owned()
            };
            format!("{} serve {place} alike, and none was chosen; {how}", names.join(" and "))
        }
        Remark::PathNeeded { connection, url, place } => format!(
            "`{connection}` serves {url}, and git does not say the path; `git config --global credential.{place}.useHttpPath true`"
        ),
        Remark::Dead { connection, at } => {
            let how = match at {
                Some(at) => format!("expired on {}", at.to_zoned(TimeZone::UTC).date()),
                None => "was revoked".to_owned(),
            };
            // It knows the host. `connect gitlab` without one would take the new token to gitlab.com.
            format!(
                "the token of `{connection}` {how}, and was not given; `connect rotate {connection}` takes a new one"
            )
        }
        Remark::NotKept { place, why } => format!("the login for {place} was not kept: {why}"),
        Remark::RefusedBefore { connection, at } => format!(
            "the token of `{connection}` was refused on {}; if it is again, `connect status {connection}`",
            at.to_zoned(TimeZone::UTC).date()
        ),
    }
}
