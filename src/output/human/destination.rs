//! What `connect destination` says.

use std::fmt::Write as _;

use super::super::failure::Failure;
use super::super::screen::Screen;
use super::super::style::{BAD, CARE, GOOD, styled};
use super::stale::push;
use super::{counted, shortened, table, trimmed};
use crate::model::text::printable;
use crate::model::{Copied, Destination};
use crate::workflow::destination::{
    Added, Followed, Listed, Made, Place, Pushed, Removed, State, shown, state, without_place,
};

/// The table of `destination list`, and below it what went wrong; lines with tabs elsewhere.
pub fn destinations(screen: &Screen, listed: &[Listed]) -> String {
    let all = || listed.iter().flat_map(|listed| listed.places.iter().map(move |it| (listed, it)));
    if !screen.is_terminal() {
        let mut text = String::new();
        all().for_each(|(listed, place)| plain_line(&mut text, listed, place));
        return text;
    }
    if all().next().is_none() {
        return String::new();
    }
    let rows: Vec<[String; 6]> = all().map(|(listed, place)| row(listed, place)).collect();
    let widest =
        |column: usize, least: usize| rows.iter().map(|row| row[column].chars().count()).max().max(Some(least));
    // A column has a space at either side; a day has ten characters.
    let fixed = 1 + widest(2, 4).unwrap_or(0) + widest(4, 5).unwrap_or(0) + 10 + 6 * 2 - 1;
    let (names, places) = split(screen.width().saturating_sub(fixed).max(24), widest(1, 10), widest(3, 5));
    let mut table = table(&["", "CONNECTION", "KIND", "PLACE", "STATE", "SINCE"]);
    for [mark, name, kind, place, state, since] in rows {
        table.add_row([mark, shortened(&name, names), kind, shortened(&place, places), state, since]);
    }
    let mut text = trimmed(&table);
    for (listed, place) in all() {
        let destination = &place.destination;
        let stale = state(destination, &listed.connection) != State::Current;
        let words = match &destination.trouble {
            Some(trouble) => printable(trouble, 300),
            None if stale && destination.of == Copied::Webhook => "has another webhook secret".to_owned(),
            None => continue,
        };
        let _ = writeln!(text, "{} {}\n  {words}", styled(CARE, "!"), printable(&place.to, 300));
    }
    let stale = all().filter(|(listed, it)| state(&it.destination, &listed.connection) != State::Current).count();
    if stale > 0 {
        let copies = if stale == 1 { "1 copy".to_owned() } else { format!("{stale} copies") };
        let _ = writeln!(text, "{} {copies} to be brought: `connect destination push --stale`", styled(CARE, "→"));
    }
    text
}

fn row(listed: &Listed, place: &Place) -> [String; 6] {
    let destination = &place.destination;
    let state = state(destination, &listed.connection);
    let mark = match state {
        State::Current => "",
        State::Stale | State::Never => "!",
    };
    let typed = place.to.split_once(':').map_or(place.to.as_str(), |(_, rest)| rest);
    [
        mark.to_owned(),
        printable(listed.connection.name.as_str(), 250),
        destination.kind.word().to_owned(),
        printable(typed, 300),
        state.word().to_owned(),
        destination.since.strftime("%Y-%m-%d").to_string(),
    ]
}

/// How wide two columns are that share a room: what one does not need is the other's, and the second gets more.
fn split(room: usize, first: Option<usize>, second: Option<usize>) -> (usize, usize) {
    let (first, second) = (first.unwrap_or(0), second.unwrap_or(0));
    if first + second <= room {
        return (first, second);
    }
    let part = room * 2 / 5;
    match (first <= part, second <= room - part) {
        (true, _) => (first, room - first),
        (_, true) => (room - second, second),
        _ => (part, room - part),
    }
}

fn plain_line(text: &mut String, listed: &Listed, place: &Place) {
    let destination = &place.destination;
    let dash = |text: Option<&str>| text.map_or_else(|| "-".to_owned(), |text| printable(text, 300));
    let _ = writeln!(
        text,
        "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}",
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
        printable(&place.to, 500),
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
    let mut text = match &added.outcome {
        Some(Ok(_)) => format!("{} Put {what} of `{name}` there\n", styled(GOOD, "✓")),
        None => format!("{} On the list of `{name}`: {what}\n", styled(GOOD, "✓")),
        Some(Err(_)) => format!("{} On the list of `{name}`, and stale: {what}\n", styled(CARE, "!")),
    };
    let mut line = |label: &str, words: &str| {
        let _ = writeln!(text, "  {label:<5}  {words}");
    };
    line("place", &format!("{} {}", it.kind.word(), shown(it)));
    if let Some(via) = &it.via {
        line("via", &format!("`{}`", printable(via.as_str(), 250)));
    }
    match &added.outcome {
        Some(Ok(Followed::Verified)) => line("seen", "it is there"),
        Some(Ok(Followed::Unverifiable)) => line("seen", "it was taken; the place does not tell more"),
        None => line("next", &format!("`{}` brings it", push(&name))),
        Some(Err(_)) => {}
    }
    match &added.made {
        Some(Made::Variable { page }) => {
            line("new", "masked, and protected: no job gets it but those of protected branches");
            line("", &format!("and tags; to change that: {}", printable(page, 300)));
        }
        Some(Made::OrganisationSecret { page }) => {
            line("new", "for the organisation's private repositories alone;");
            line("", &format!("to change that: {}", printable(page, 300)));
        }
        None => {}
    }
    text
}

/// What `destination remove` says.
pub fn destination_removed(removed: &Removed) -> String {
    let name = printable(removed.connection.name.as_str(), 250);
    let it = &removed.destination;
    let mut text = format!("{} Off the list of `{name}`: {} {}\n", styled(GOOD, "✓"), it.kind.word(), shown(it));
    let arrived = it.fingerprint.is_some() || it.secret.is_some();
    let _ = match removed.deleted {
        Some(true) => writeln!(text, "  the copy is gone from there"),
        Some(false) => writeln!(text, "  there was no copy there any more"),
        None if !arrived && it.trouble.is_none() => writeln!(text, "  no copy was ever put there"),
        None if !arrived => writeln!(text, "  {} whether a copy has arrived there is not known", styled(CARE, "!")),
        None => {
            writeln!(text, "  {} the copy is still there, and works for as long as the secret does", styled(CARE, "!"))
        }
    };
    text
}

/// What `destination push` did, a line a place and a summary.
pub fn destinations_pushed(pushed: &[Pushed], failures: &[Option<Failure>]) -> String {
    let mut text = String::new();
    for (one, failure) in pushed.iter().zip(failures) {
        let name = printable(one.connection.as_str(), 250);
        let place = format!("{} {}", one.destination.kind.word(), shown(&one.destination));
        let _ = match (&one.outcome, failure) {
            (Ok(Followed::Verified), _) => writeln!(text, "{} `{name}`: {place}", styled(GOOD, "✓")),
            (Ok(Followed::Unverifiable), _) => {
                writeln!(text, "{} `{name}`: {place}\n    taken; the place does not tell more", styled(GOOD, "✓"))
            }
            (Err(_), failure) => {
                let message = failure.as_ref().map(|failure| failure.message.as_str()).unwrap_or_default();
                let message = printable(without_place(message, &one.destination), 400);
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
