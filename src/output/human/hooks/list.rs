//! `connect webhook list`: a table on a terminal, tab-separated lines elsewhere.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::super::super::screen::Screen;
use super::super::super::style::{CARE, styled};
use super::super::{shortened, table, trimmed};
use super::state::HookState;
use crate::model::text::printable;
use crate::workflow::hooks::{Listed, State};

/// The webhooks. `of_place`: all of one place, which then needs no column.
pub fn hook_list(screen: &Screen, listed: &[Listed], of_place: bool, now: Timestamp) -> String {
    let states: Vec<HookState> = listed.iter().map(|one| HookState::of(one, now)).collect();
    if !screen.is_terminal() {
        let mut text = String::new();
        for (one, state) in listed.iter().zip(&states) {
            plain_line(&mut text, one, state);
        }
        return text;
    }
    if listed.is_empty() {
        return String::new();
    }
    let mut text = list_table(listed, &states, of_place, screen.width());
    if listed.iter().any(|one| one.own && !one.temporary) {
        text.push_str("• made by connect\n");
    }
    if listed.iter().any(|one| one.own && one.temporary) {
        text.push_str("◦ made by connect for one run of `connect webhook listen`\n");
    }
    for (one, state) in listed.iter().zip(&states) {
        if let Some(revive) = &state.revive {
            let _ = writeln!(text, "{} {}: {}\n  {revive}", styled(CARE, "→"), one.id, state.words);
        }
    }
    text
}

/// The table, no wider than the terminal: columns whose texts are short leave their room to the others.
fn list_table(listed: &[Listed], states: &[HookState], of_place: bool, width: usize) -> String {
    let ids: Vec<String> = listed.iter().map(|one| one.id.to_string()).collect();
    let ids_take = ids.iter().map(String::len).max().unwrap_or_default();
    let states_take = states.iter().map(|state| state.word.len()).max().unwrap_or_default().max("STATE".len());
    // A column has a space at either side.
    let room = width.saturating_sub((1 + 2) + (ids_take + 2) + (states_take + 2));
    let mut columns = vec![("DELIVERS TO", listed.iter().map(address).collect::<Vec<String>>())];
    if !of_place {
        columns.push(("OF", listed.iter().map(|one| place(one).to_owned()).collect()));
    }
    let events: Vec<String> = listed.iter().map(events).collect();
    let widest = |texts: &[String]| texts.iter().map(|text| text.chars().count()).max().unwrap_or_default();
    // They are the first to go where there is not room for all.
    if room / (columns.len() + 1) > LEAST || widest(&events) <= LEAST {
        columns.push(("EVENTS", events));
    }
    let natural: Vec<usize> = columns.iter().map(|(title, texts)| widest(texts).max(title.len())).collect();
    let takes = shares(&natural, room.saturating_sub(2 * columns.len()));
    let mut headings = vec!["", "ID", "STATE"];
    headings.extend(columns.iter().map(|(title, _)| *title));
    let mut rows = table(&headings);
    for (at, (one, state)) in listed.iter().zip(states).enumerate() {
        let own = match (one.own, one.temporary) {
            (true, false) => "•",
            (true, true) => "◦",
            (false, _) => "",
        };
        let mut row = vec![own.to_owned(), ids.get(at).cloned().unwrap_or_default(), state.word.to_owned()];
        row.extend(columns.iter().zip(&takes).map(|((title, texts), take)| {
            let text = texts.get(at).map(String::as_str).unwrap_or_default();
            if *title == "DELIVERS TO" { shortened_address(text, *take) } else { shortened(text, *take) }
        }));
        rows.add_row(row);
    }
    trimmed(&rows)
}

/// Fewer characters than this say nothing.
const LEAST: usize = 16;

/// Divides the room among columns: each gets what it needs, as long as that is no more than its share of what the
/// smaller ones leave.
fn shares(natural: &[usize], room: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..natural.len()).collect();
    order.sort_by_key(|at| natural.get(*at).copied());
    let (mut takes, mut left) = (vec![0; natural.len()], room);
    for (done, at) in order.into_iter().enumerate() {
        let share = left / (natural.len() - done);
        let take = natural.get(at).copied().unwrap_or_default().min(share);
        if let Some(slot) = takes.get_mut(at) {
            *slot = take;
        }
        left -= take;
    }
    takes
}

/// An address that is too long for a table: hosts tell webhooks apart, and after them the ends of paths. The path's
/// middle goes first; a host that is itself too long loses its own.
fn shortened_address(address: &str, limit: usize) -> String {
    let length = |text: &str| text.chars().count();
    if length(address) <= limit {
        return address.to_owned();
    }
    let bare = address.strip_prefix("https://").unwrap_or(address);
    let from = bare.find("://").map_or(0, |at| at + 3);
    let path = bare.get(from..).and_then(|rest| rest.find('/')).map_or(bare.len(), |at| from + at);
    let (host, path) = bare.split_at(path);
    if length(bare) <= limit {
        return bare.to_owned();
    }
    // The path keeps an ellipsis and a few characters.
    let tail = length(path).min(limit.saturating_sub(length(host)).max(limit / 4));
    let host = shortened(host, limit.saturating_sub(tail).max(1));
    let tail = length(path).min(limit.saturating_sub(length(&host)));
    if tail == length(path) {
        return host + path;
    }
    let end: String = path.chars().skip(length(path) - tail.saturating_sub(1)).collect();
    format!("{host}…{end}")
}

fn place(one: &Listed) -> &str {
    one.target.split_once(':').map_or(one.target.as_str(), |(_, path)| path)
}

fn address(one: &Listed) -> String {
    match &one.state {
        State::There(hook) => printable(hook.url.as_str(), 500),
        State::Gone(known) | State::Unknown(known, _) => printable(&known.url, 500),
    }
}

fn events(one: &Listed) -> String {
    match &one.state {
        State::There(hook) => super::events_in_words(hook),
        _ => "-".to_owned(),
    }
}

/// One webhook on one line, for `cut` and `awk`.
fn plain_line(text: &mut String, one: &Listed, state: &HookState) {
    let events = match &one.state {
        State::There(hook) if !hook.events.is_empty() => printable(&hook.events.join(","), 2_000),
        _ => "-".to_owned(),
    };
    let _ = writeln!(
        text,
        "{}\t{}\t{}\t{}\t{}\t{events}\t{}\t{}",
        one.id,
        printable(&one.target, 300),
        address(one),
        if one.own { "own" } else { "other" },
        state.word,
        printable(one.connection.as_str(), 250),
        if one.temporary { "temporary" } else { "-" },
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_columns_leave_their_room_to_the_others() {
        assert_eq!(shares(&[70, 10, 40], 60), [25, 10, 25]);
        assert_eq!(shares(&[30, 10], 60), [30, 10]);
        assert_eq!(shares(&[70, 40], 60), [30, 30]);
        assert_eq!(shares(&[70], 60), [60]);
    }

    #[test]
    fn hosts_stay_and_ends_of_paths() {
        let short = |url: &str| shortened_address(url, 30);
        let id = "hooks/0123456789abcdef0123456789abcdef";
        assert_eq!(short(&format!("https://one.example.com/{id}")), "one.example.com…23456789abcdef");
        assert_eq!(short("https://a.example/in"), "https://a.example/in");
        assert_eq!(short("https://one.example.com/in/hooks"), "one.example.com/in/hooks");
        for url in [&format!("https://{}.example.com/{id}", "long".repeat(12)), &format!("http://127.0.0.1:8787/{id}")]
        {
            assert_eq!(short(url).chars().count(), 30, "{url}");
            assert!(short(url).ends_with("cdef"), "{}", short(url));
        }
        assert!(short(&format!("http://127.0.0.1:8787/{id}")).starts_with("http://127.0.0.1:8787…"));
    }
}
