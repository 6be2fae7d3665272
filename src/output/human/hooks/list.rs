//! `connect webhook list`: a table on a terminal, tab-separated lines elsewhere.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::super::super::screen::Screen;
use super::super::super::style::{CARE, styled};
use super::super::{shortened, table, trimmed};
use super::state::HookState;
use crate::model::text::printable;
use crate::workflow::hooks::{Listed, State};

/// The webhooks.
pub fn hook_list(screen: &Screen, listed: &[Listed], now: Timestamp) -> String {
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
    // Beside the mark, the number, the state and the space between.
    let room = screen.width().saturating_sub(1 + 10 + 10 + 10).max(40);
    let with_events = room >= 80;
    let events_take = if with_events { room / 4 } else { 0 };
    let of = (room - events_take) * 2 / 5;
    let url = room - events_take - of;
    let mut headings = vec!["", "ID", "OF", "STATE", "DELIVERS TO"];
    headings.extend(with_events.then_some("EVENTS"));
    let mut rows = table(&headings);
    for (one, state) in listed.iter().zip(&states) {
        let own = if one.own { "•" } else { "" };
        let path = one.target.split_once(':').map_or(one.target.as_str(), |(_, path)| path);
        let mut row = vec![
            own.to_owned(),
            one.id.to_string(),
            shortened(path, of),
            state.word.to_owned(),
            shortened(&address(one), url),
        ];
        row.extend(with_events.then(|| shortened(&events(one), events_take)));
        rows.add_row(row);
    }
    let mut text = trimmed(&rows);
    if listed.iter().any(|one| one.own) {
        text.push_str("• made by connect\n");
    }
    for (one, state) in listed.iter().zip(&states) {
        if let Some(revive) = &state.revive {
            let _ = writeln!(text, "{} {}: {}\n  {revive}", styled(CARE, "→"), one.id, state.words);
        }
    }
    text
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
        "{}\t{}\t{}\t{}\t{}\t{events}\t{}",
        one.id,
        printable(&one.target, 300),
        address(one),
        if one.own { "own" } else { "other" },
        state.word,
        printable(one.connection.as_str(), 250),
    );
}
