//! `connect which`, `connect use` and `connect rename`.

use std::fmt::Write as _;

use super::super::screen::Screen;
use super::super::style::{CARE, GOOD, STRONG, styled};
use super::counted;
use crate::model::text::printable;
use crate::model::{Connection, ConnectionName};
use crate::workflow::{Candidate, Choice, Reason, Served};

/// The connection, the reason, and the others of the same forge.
pub fn which(screen: &Screen, choice: &Choice) -> String {
    let name = printable(choice.name.as_str(), 250);
    if !screen.is_terminal() {
        let (reason, prefix) = match &choice.reason {
            Reason::Prefix(prefix) => ("prefix", prefix.as_str()),
            Reason::Default => ("default", "-"),
            Reason::Only => ("only", "-"),
        };
        return format!("{name}\t{reason}\t{}\n", printable(prefix, 300));
    }
    let because = match &choice.reason {
        Reason::Prefix(prefix) => format!("it serves {}", printable(prefix, 300)),
        Reason::Default => "it is the default of its host".to_owned(),
        Reason::Only => "it is the only connection of its host".to_owned(),
    };
    let mut text = format!("{}\n  because {because}\n", styled(STRONG, &name));
    for other in choice.others.iter().take(20) {
        let _ = writeln!(text, "  not {}: {}", printable(other.name.as_str(), 60), why_not(other, choice));
    }
    if choice.others.len() > 20 {
        let _ = writeln!(text, "  nor {} more", choice.others.len() - 20);
    }
    text
}

fn why_not(other: &Candidate, choice: &Choice) -> String {
    match (&other.prefix, &choice.reason) {
        (Some(prefix), Reason::Prefix(_)) => format!("{} fits less", printable(prefix, 100)),
        (_, Reason::Prefix(_)) => "no prefix of it fits".to_owned(),
        _ => "it is not the default".to_owned(),
    }
}

/// Records that do not read could have been the better answer.
pub fn unread(screen: &Screen, count: usize) {
    if count > 0 {
        let words =
            format!("{} could not be read and had no say; `connect list` shows which", counted(count, "record"));
        screen.warning("records_unread", &words);
    }
}

/// What a connection serves now.
pub fn served(served: &Served) -> String {
    let connection = &served.connection;
    let mark = if served.changed { styled(GOOD, "✓") } else { "·".to_owned() };
    let mut text = format!("{mark} {}\n", printable(connection.name.as_str(), 250));
    for prefix in &connection.serves {
        let _ = writeln!(text, "  serves {}", printable(prefix, 300));
    }
    for registry in &connection.registries {
        let _ = writeln!(text, "  opens the container registry {}", printable(registry.as_str(), 200));
    }
    if connection.default {
        let _ = writeln!(text, "  is the default of {}", printable(&connection.url, 300));
    }
    if connection.serves.is_empty() && !connection.default {
        let _ = writeln!(text, "  serves {} when no other does", printable(&connection.url, 300));
    }
    for other in &served.taken_from {
        let _ = writeln!(text, "  {} `{other}` gave that up", styled(CARE, "!"));
    }
    if !served.changed {
        text.push_str("  nothing was changed\n");
    }
    text
}

/// What `connect rename` says.
pub fn renamed_to(from: &ConnectionName, connection: &Connection) -> String {
    format!("{} `{from}` is called `{}` now\n", styled(GOOD, "✓"), connection.name)
}
