//! What is said of copies that lag behind, of tokens that die soon, and of those that a server refused, wherever a
//! connection is shown.

use std::fmt::Write as _;

use super::super::screen::Screen;
use super::super::style::{CARE, styled};
use jiff::Timestamp;

use crate::model::duration::in_words;
use crate::model::text::printable;
use crate::model::{Connection, Destination};
use crate::workflow::DiesSoon;
use crate::workflow::destination::{destinations, shown, stale};

/// How many stale copies are named one by one.
const NAMED: usize = 5;

/// `2 of 3 copies are stale`, or `1 of 3 copies is stale`; nothing where all are well.
pub(super) fn stale_words(connection: &Connection) -> Option<String> {
    let stale = stale(connection).len();
    if stale == 0 {
        return None;
    }
    let all = destinations(connection).len();
    let copies = if all == 1 { "copy" } else { "copies" };
    Some(format!("{stale} of {all} {copies} {} stale", if stale == 1 { "is" } else { "are" }))
}

/// What stands below a table for a connection whose copies lag behind.
pub(super) fn stale_lines(connection: &Connection) -> String {
    let Some(words) = stale_words(connection) else { return String::new() };
    let name = printable(connection.name.as_str(), 250);
    let mut text = format!("\n{} {name}: {words}\n", styled(CARE, "!"));
    let stale = stale(connection);
    for copy in stale.iter().take(NAMED) {
        let _ = writeln!(text, "  {}", place(copy));
        if let Some(trouble) = &copy.trouble {
            let _ = writeln!(text, "    {}", printable(trouble, 300));
        }
    }
    if stale.len() > NAMED {
        let _ = writeln!(text, "  and {} more", stale.len() - NAMED);
    }
    let _ = writeln!(text, "  {} `{}`", styled(CARE, "→"), push(&name));
    text
}

/// The same beside lines for programs.
pub(super) fn stale_warning(screen: &Screen, connection: &Connection) {
    let Some(words) = stale_words(connection) else { return };
    let name = printable(connection.name.as_str(), 250);
    screen.warning("stale_copies", &format!("`{name}`: {words}; `{}` mends that", push(&name)));
}

/// That a server refused the token when git used it; `taken` where the forge has taken it since.
pub(super) fn refused_words(at: Timestamp, taken: bool) -> String {
    let since = if taken { "; its forge takes it now" } else { "" };
    format!("git was refused with this token on {}{since}", at.strftime("%Y-%m-%d"))
}

/// When it was, by the record.
pub(super) fn refused_at(connection: &Connection) -> Option<Timestamp> {
    connection.token.as_ref().and_then(|token| token.refused_at)
}

/// What stands below a table for a connection whose token was refused.
pub(super) fn refused_lines(connection: &Connection, at: Option<Timestamp>) -> String {
    let Some(at) = at else { return String::new() };
    let name = printable(connection.name.as_str(), 250);
    let taken = refused_at(connection).is_none();
    let next = match taken {
        true => format!("`connect check {name} --for git --repo OWNER/REPO`, if git is refused again"),
        false => format!("`connect status {name}` asks its forge"),
    };
    let (bang, arrow) = (styled(CARE, "!"), styled(CARE, "→"));
    format!("\n{bang} {name}: {}\n  {arrow} {next}\n", refused_words(at, taken))
}

/// The same beside lines for programs.
pub(super) fn refused_warning(screen: &Screen, connection: &Connection) {
    if let Some(at) = refused_at(connection) {
        let name = printable(connection.name.as_str(), 250);
        screen.warning("token_refused", &format!("`{name}`: {}", refused_words(at, false)));
    }
}

/// The command that mends stale copies. A name is quoted where a shell would take it apart.
pub(in crate::output) fn push(name: &str) -> String {
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || "/._-@%+,:=".contains(c));
    if plain {
        format!("connect destination push {name} --stale")
    } else {
        format!("connect destination push '{name}' --stale")
    }
}

/// A place, and under which name the copy is there: `gitlab-variable TOKEN of https://…`.
fn place(copy: &Destination) -> String {
    printable(&format!("{} {}", copy.kind.word(), shown(copy)), 400)
}

/// What is said, once a day, of a token that was used and dies soon.
pub(in crate::output) fn dies_soon(token: &DiesSoon) -> String {
    let (name, left) = (printable(token.connection.as_str(), 250), in_words(token.left));
    match &token.variable {
        None => format!("the token of `{name}` dies in {left}; `connect rotate {name}` replaces it"),
        Some(variable) => format!(
            "the token of `{name}` dies in {left}; `connect new-token {} --for TASK` makes one to put into {}",
            token.forge.word(),
            printable(variable, 100)
        ),
    }
}
