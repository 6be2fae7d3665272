//! What was delivered: lists, and one with all that was sent and answered.

use std::fmt::Write as _;

use super::super::super::failure::Failure;
use super::super::super::screen::Screen;
use super::super::super::style::{BAD, GOOD, STRONG, styled};
use super::super::{table, trimmed};
use super::flags;
use crate::model::hook::{Delivery, Exchange};
use crate::model::text::printable;
use crate::workflow::hooks::{Again, CaughtUp, Redelivered, Site};

/// The most of an answer that is shown, in characters.
const SHOWN: usize = 8_000;

fn at(delivery: &Delivery) -> String {
    delivery.at.map_or_else(|| "-".to_owned(), |at| at.to_string())
}

/// The same for people.
fn when(delivery: &Delivery) -> String {
    delivery.at.map_or_else(|| "-".to_owned(), |at| at.strftime("%Y-%m-%d %H:%M:%S").to_string())
}

fn event(delivery: &Delivery) -> String {
    let action = delivery.action.as_deref().map(|action| format!(".{action}")).unwrap_or_default();
    printable(&format!("{}{action}", delivery.event), 60)
}

/// How it went: the status, or the forge's words where there was no answer.
fn how(delivery: &Delivery) -> String {
    match delivery.status_code {
        Some(code) => code.to_string(),
        None if delivery.status.is_empty() => "no answer".to_owned(),
        None => printable(&delivery.status, 60),
    }
}

fn or_dash(text: &str) -> String {
    if text.is_empty() { "-".to_owned() } else { printable(text, 100) }
}

/// The deliveries: a table on a terminal, tab-separated lines elsewhere.
pub fn hook_deliveries(screen: &Screen, deliveries: &[Delivery]) -> String {
    if !screen.is_terminal() {
        return deliveries.iter().fold(String::new(), |mut text, one| {
            let _ = writeln!(
                text,
                "{}\t{}\t{}\t{}\t{}\t{}\t{}",
                one.id,
                at(one),
                or_dash(&one.event),
                one.action.as_deref().map_or_else(|| "-".into(), or_dash),
                how(one),
                one.took.map_or_else(|| "-".into(), |took| took.to_string()),
                or_dash(&one.guid),
            );
            text
        });
    }
    if deliveries.is_empty() {
        return String::new();
    }
    let mut rows = table(&["", "ID", "WHEN", "EVENT", "ANSWER", "TOOK"]);
    for one in deliveries {
        let mark = if one.succeeded() { styled(GOOD, "✓") } else { styled(BAD, "✗") };
        let again = if one.redelivery { " (again)" } else { "" };
        rows.add_row([
            mark,
            one.id.to_string(),
            when(one),
            format!("{}{again}", event(one)),
            how(one),
            one.took.map_or_else(|| "-".to_owned(), |took| format!("{took} ms")),
        ]);
    }
    trimmed(&rows)
}

/// What to do next, beside the list.
pub fn after_deliveries(screen: &Screen, site: &Site, id: u64, deliveries: &[Delivery], failed: bool) {
    if deliveries.is_empty() {
        let words = if failed {
            "nothing has failed that the forge remembers"
        } else {
            "nothing was delivered that the forge remembers"
        };
        screen.note(words);
    } else if screen.is_terminal() && deliveries.iter().any(|one| !one.succeeded()) {
        let place = site.target.flag();
        screen.note(&format!("`connect webhook redeliver --failed --hook {id} {place}` has them sent once more"));
        screen.note(&format!(
            "`connect webhook deliveries {} --show ID` shows what was sent and answered",
            flags(&site.target, id)
        ));
    }
}

/// One delivery, with all that was sent and answered.
pub fn hook_exchange(exchange: &Exchange) -> String {
    let one = &exchange.delivery;
    let mut text = format!("{} {}, {}: {}\n", one.id, event(one), at(one), how(one));
    let headers = |text: &mut String, headers: &[(String, String)]| {
        for (name, value) in headers {
            let _ = writeln!(text, "{}: {}", printable(name, 200), printable(value, 2_000));
        }
    };
    let _ = writeln!(text, "\n{}", styled(STRONG, "Sent"));
    headers(&mut text, &exchange.request_headers);
    let payload = serde_json::to_string_pretty(&exchange.payload).unwrap_or_default();
    text.push('\n');
    lines(&mut text, &payload, usize::MAX);
    let _ = writeln!(text, "\n{}", styled(STRONG, "Answered"));
    headers(&mut text, &exchange.response_headers);
    if !exchange.response.is_empty() {
        text.push('\n');
        lines(&mut text, &exchange.response, SHOWN);
    }
    text
}

/// A text of several lines, each of them fit for a terminal.
fn lines(text: &mut String, many: &str, most: usize) {
    for line in many.lines().take(most) {
        let _ = writeln!(text, "{}", printable(line, SHOWN));
    }
}

/// That whoever had deliveries sent once more was interrupted: `asked` have been asked for, and one may be under way.
pub(in crate::output) fn interrupted_asking(asked: usize) -> Failure {
    let so_far = match asked {
        0 => "a delivery was being asked for again".to_owned(),
        1 => "1 delivery had been asked for again".to_owned(),
        many => format!("{many} deliveries had been asked for again"),
    };
    Failure::interrupted(so_far)
        .hint("one that was under way may come, too: `connect webhook deliveries` shows what was sent")
        .hint("the same command asks for what is still missing")
}

/// Of which webhook what follows was asked for; nothing in a pipe, where every line says it.
pub fn hook_caught_up(screen: &Screen, caught_up: &CaughtUp) -> String {
    if !screen.is_terminal() {
        return String::new();
    }
    let place = caught_up.target.split_once(':').map_or(caught_up.target.as_str(), |(_, path)| path);
    let name = printable(caught_up.connection.as_str(), 250);
    format!("{}\n", styled(STRONG, &format!("Webhook {} of {}, {name}", caught_up.hook, printable(place, 300))))
}

/// What was asked for once more. `of`: the webhook, where there may be several.
pub fn hook_redelivered(
    screen: &Screen,
    done: &[Redelivered],
    failures: &[Option<Failure>],
    of: Option<&CaughtUp>,
) -> String {
    let of = of.map_or_else(String::new, |of| format!("\t{}\t{}", of.hook, printable(&of.target, 300)));
    let mut text = String::new();
    for (one, failure) in done.iter().zip(failures) {
        let (word, words) = match (&one.outcome, failure) {
            (Again::Asked, _) => ("asked", "asked for; it comes in a moment".to_owned()),
            (Again::Answered(status), _) => ("answered", format!("sent, and answered with {status}")),
            (Again::Unanswered, _) => ("unanswered", "sent, and nobody answered".to_owned()),
            (Again::Failed(error), failure) => {
                let why = failure.as_ref().map_or_else(|| error.to_string(), |failure| failure.message.clone());
                ("failed", format!("not asked for: {}", printable(&why, 300)))
            }
        };
        let delivery = &one.delivery;
        if screen.is_terminal() {
            let mark = if one.outcome.is_fine() { styled(GOOD, "✓") } else { styled(BAD, "✗") };
            let _ = writeln!(text, "{mark} {} {} of {}: {words}", delivery.id, event(delivery), when(delivery));
        } else {
            let guid = or_dash(&delivery.guid);
            let _ = writeln!(text, "{}\t{}\t{word}\t{words}\t{guid}{of}", delivery.id, event(delivery));
        }
    }
    text
}
