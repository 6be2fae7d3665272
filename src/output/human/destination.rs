//! What `connect destination` says.

use std::fmt::Write as _;

use super::super::failure::Failure;
use super::super::screen::Screen;
use super::super::style::{BAD, CARE, GOOD, styled};
use super::{counted, shortened, table, trimmed};
use crate::model::text::printable;
use crate::model::{Copied, Destination};
use crate::workflow::destination::{Added, Followed, Listed, Pushed, Removed, State, shown, state};

/// The table of `destination list`, and below it what went wrong; lines with tabs elsewhere.
pub fn destinations(screen: &Screen, listed: &[Listed]) -> String {
    let all = || listed.iter().flat_map(|listed| listed.destinations.iter().map(move |it| (listed, it)));
    if !screen.is_terminal() {
        let mut text = String::new();
        all().for_each(|(listed, destination)| plain_line(&mut text, listed, destination));
        return text;
    }
    if all().next().is_none() {
        return String::new();
    }
    let mut rows = table(&["", "CONNECTION", "KIND", "PLACE", "STATE", "SINCE"]);
    // A column has a space at either side; a day has ten characters.
    let room = screen.width().saturating_sub(3 + 20 + 9 + 12 + 4);
    let (names, places) = (room * 2 / 5, room - room * 2 / 5);
    for (listed, destination) in all() {
        let state = state(destination, &listed.connection);
        let mark = match state {
            State::Current => "",
            State::Stale | State::Never => "!",
        };
        rows.add_row([
            mark.to_owned(),
            shortened(listed.connection.name.as_str(), names),
            destination.kind.word().to_owned(),
            shortened(&place(destination), places),
            state.word().to_owned(),
            destination.since.strftime("%Y-%m-%d").to_string(),
        ]);
    }
    let mut text = trimmed(&rows);
    for (listed, destination) in all() {
        if let Some(trouble) = &destination.trouble {
            let _ = writeln!(text, "{} {}\n  {}", styled(CARE, "!"), shown(destination), printable(trouble, 300));
        }
        let stale = state(destination, &listed.connection) != State::Current;
        if stale && destination.trouble.is_none() && destination.of == Copied::Webhook {
            let _ = writeln!(text, "{} {}\n  has another webhook secret", styled(CARE, "!"), shown(destination));
        }
    }
    let stale = all().filter(|(listed, it)| state(it, &listed.connection) != State::Current).count();
    if stale > 0 {
        let copies = if stale == 1 { "1 copy".to_owned() } else { format!("{stale} copies") };
        let _ = writeln!(text, "{} {copies} to be brought: `connect destination push --stale`", styled(CARE, "→"));
    }
    text
}

/// The end of a place tells it apart: what it is called there, else the end of its address.
fn place(destination: &Destination) -> String {
    let target = destination.target.split_once("://").map_or(destination.target.as_str(), |(_, rest)| rest);
    let path = match destination.target.contains("://") {
        true => target.split_once('/').map_or(target, |(_, path)| path),
        false => target,
    };
    let environment = destination.environment.as_ref().map(|it| format!("@{it}")).unwrap_or_default();
    match &destination.name {
        Some(name) => printable(&format!("{path}{environment}:{name}"), 300),
        None => printable(path, 300),
    }
}

fn plain_line(text: &mut String, listed: &Listed, destination: &Destination) {
    let dash = |text: Option<&str>| text.map_or_else(|| "-".to_owned(), |text| printable(text, 300));
    let _ = writeln!(
        text,
        "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}",
        printable(listed.connection.name.as_str(), 250),
        destination.kind.word(),
        printable(&destination.target, 500),
        dash(destination.name.as_deref()),
        dash(destination.environment.as_deref()),
        secret(destination),
        state(destination, &listed.connection).word(),
        destination.since,
        dash(destination.via.as_ref().map(|via| via.as_str())),
        dash(destination.trouble.as_deref()),
    );
}

const fn secret(destination: &Destination) -> &'static str {
    match destination.of {
        Copied::Token => "token",
        Copied::Webhook => "webhook",
    }
}

const fn secret_in_words(destination: &Destination) -> &'static str {
    match destination.of {
        Copied::Token => "the token",
        Copied::Webhook => "the webhook secret",
    }
}

/// What `destination add` says; that the secret did not arrive is told as an error.
pub fn destination_added(added: &Added) -> String {
    let name = printable(added.connection.name.as_str(), 250);
    let (it, what) = (&added.destination, secret_in_words(&added.destination));
    let place = format!("{} ({})", shown(it), it.kind.word());
    match &added.outcome {
        Some(Ok(followed)) => {
            let seen = match followed {
                Followed::Verified => "seen to be there",
                Followed::Unverifiable => "the place does not tell more",
            };
            format!("{} Put {what} of `{name}` at {place}: {seen}\n", styled(GOOD, "✓"))
        }
        None => format!("{} On the list of `{name}`: {place}\n", styled(GOOD, "✓")),
        Some(Err(_)) => format!("{} On the list of `{name}`, and stale: {place}\n", styled(CARE, "!")),
    }
}

/// What `destination remove` says.
pub fn destination_removed(removed: &Removed) -> String {
    let name = printable(removed.connection.name.as_str(), 250);
    let place = format!("{} ({})", shown(&removed.destination), removed.destination.kind.word());
    let mut text = format!("{} Off the list of `{name}`: {place}\n", styled(GOOD, "✓"));
    let _ = match removed.deleted {
        Some(true) => writeln!(text, "  the copy is gone from there"),
        Some(false) => writeln!(text, "  there was no copy there any more"),
        None => writeln!(text, "  {} the copy is still there, for as long as the secret works", styled(CARE, "!")),
    };
    text
}

/// What `destination push` did, a line a place and a summary.
pub fn destinations_pushed(pushed: &[Pushed], failures: &[Option<Failure>]) -> String {
    let mut text = String::new();
    for (one, failure) in pushed.iter().zip(failures) {
        let name = printable(one.connection.as_str(), 250);
        let place = format!("{} ({})", shown(&one.destination), one.destination.kind.word());
        let _ = match (&one.outcome, failure) {
            (Ok(Followed::Verified), _) => writeln!(text, "{} `{name}`: {place}", styled(GOOD, "✓")),
            (Ok(Followed::Unverifiable), _) => {
                writeln!(text, "{} `{name}`: {place}, which does not tell more", styled(GOOD, "✓"))
            }
            (Err(_), failure) => {
                let message = failure.as_ref().map(|failure| printable(&failure.message, 400)).unwrap_or_default();
                writeln!(text, "{} `{name}`: {place}\n    {message}", styled(BAD, "✗"))
            }
        };
        for hint in failure.iter().flat_map(|failure| &failure.hints) {
            let _ = writeln!(text, "    {} {hint}", styled(CARE, "→"));
        }
    }
    if pushed.len() > 1 {
        let failed = failures.iter().flatten().count();
        let brought = counted(pushed.len() - failed, "place");
        let _ = match failed {
            0 => writeln!(text, "{brought} brought up to date"),
            _ => writeln!(text, "{brought} brought up to date, {failed} failed and stale"),
        };
    }
    text
}
