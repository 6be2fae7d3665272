//! Deliveries, one line each, and what is said while they are waited for.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

use super::super::failure::Failure;
use super::super::style::{QUIET, STRONG, styled};
use crate::model::hook::Target;
use crate::model::text::printable;
use crate::model::{ConnectionName, ForgeKind, Letter};
use crate::workflow::listen::ReceivingAddress;

/// A delivery on a terminal: when, from which forge, what, where, who, and its number.
pub fn delivery(letter: &Letter) -> String {
    let event = match &letter.action {
        Some(action) => format!("{}.{action}", letter.event),
        None => letter.event.clone(),
    };
    let shown = |fact: &Option<String>| printable(fact.as_deref().unwrap_or("-"), 80);
    let mut text = format!(
        "{}  {:<6}  {}  {}  {}  {}",
        letter.received_at.strftime("%Y-%m-%d %H:%M:%S"),
        letter.forge.word(),
        styled(STRONG, &printable(&event, 60)),
        shown(&letter.repository),
        shown(&letter.sender),
        styled(QUIET, &printable(&letter.id, 80)),
    );
    if letter.repeat {
        text.push_str("  (repeat)");
    }
    text
}

/// The same for programs that do not read JSON: fields separated by tabs, empty where nothing is known.
pub fn delivery_fields(letter: &Letter) -> String {
    let fact = |fact: &Option<String>| printable(fact.as_deref().unwrap_or_default(), 200);
    [
        letter.received_at.to_string(),
        letter.forge.word().to_owned(),
        letter.connection.as_str().to_owned(),
        printable(&letter.event, 200),
        fact(&letter.action),
        fact(&letter.repository),
        fact(&letter.sender),
        printable(&letter.id, 200),
        if letter.repeat { "repeat" } else { "" }.to_owned(),
    ]
    .join("\t")
}

/// Where deliveries are received.
pub fn listening(at: &str, addresses: &[ReceivingAddress]) -> String {
    let mut text = format!("listening at {at}; Ctrl-C ends it\n");
    for address in addresses {
        let here = printable(&address.here, 300);
        // A proxy or a tunnel leads from the one to the other: whoever sets it up needs both.
        let reached = match &address.outside {
            Some(outside) if *outside != address.here => format!("{}, here {here}", printable(outside, 300)),
            _ => here,
        };
        let _ = writeln!(text, "  {}: {reached}", address.connection);
        if address.waiting > 0 {
            let words = deliveries(usize::try_from(address.waiting).unwrap_or(usize::MAX));
            let _ = writeln!(text, "    {words} from before to be handed on");
        }
    }
    text
}

/// The warning for an address that other machines reach.
pub fn bound_wide(address: SocketAddr) -> String {
    format!(
        "other machines reach {address}, and nothing that they send is encrypted; give `--tls-cert` and `--tls-key`, or listen at 127.0.0.1 behind a proxy that does TLS"
    )
}

/// The warning for a delivery that was refused.
pub fn not_taken(connection: &ConnectionName, why: &str, others: u64) -> String {
    let more = if others > 0 { format!(" ({others} more like it before)") } else { String::new() };
    format!("a delivery for `{connection}` was refused: {}{more}", printable(why, 200))
}

/// The warning for a delivery that could not be handed on.
pub fn not_handed_on(connection: &ConnectionName, id: &str, why: &str, again_in: Option<Duration>) -> String {
    let which = if id.is_empty() { String::new() } else { format!(" {}", printable(id, 80)) };
    let next = match again_in {
        Some(pause) => format!("it is kept, and tried again in {:.1} s", pause.as_secs_f64()),
        None => "it is kept for the next run".to_owned(),
    };
    format!("delivery{which} for `{connection}` was not handed on: {}; {next}", printable(why, 300))
}

/// Which webhooks' deliveries are fetched.
pub fn polling(every: Duration, webhooks: &[(ConnectionName, String, u64)]) -> String {
    let mut text = format!("asking every {} for new deliveries; Ctrl-C ends it\n", short(every));
    for (connection, target, id) in webhooks {
        let _ = writeln!(text, "  {connection}: webhook {id} of {}", printable(place(target), 200));
    }
    text
}

/// The warning for deliveries that could not be fetched.
pub fn not_polled(why: &str, again_in: Option<Duration>) -> String {
    let next =
        again_in.map_or_else(|| "not tried again".to_owned(), |pause| format!("tried again in {}", short(pause)));
    format!("new deliveries could not be fetched: {}; {next}", printable(why, 300))
}

/// What came of asking for what was missed.
pub fn caught_up(connection: &ConnectionName, target: &str, asked: usize, why: Option<&str>) -> String {
    let place = printable(place(target), 200);
    let rest = why.map(|why| printable(why, 300));
    match (asked, rest) {
        (0, Some(why)) => format!("`{connection}` could not ask {place} for what was missed: {why}"),
        (asked, Some(why)) => format!("{} of {place} missed, asked for again; not all: {why}", deliveries(asked)),
        (asked, None) => format!("{} of {place} missed, asked for again", deliveries(asked)),
    }
}

/// That a webhook is there for this run.
pub fn temporary_hook(target: &str, id: u64, stays: bool) -> String {
    let place = printable(place(target), 200);
    if stays {
        format!("webhook {id} of {place} was there before, to stay; it is left as it is")
    } else {
        format!("webhook {id} of {place} is there as long as this runs")
    }
}

/// The warning that a webhook for one run is left.
pub fn left_behind(target: &Target, id: u64, connection: &ConnectionName) -> String {
    let flag = if target.forge() == ForgeKind::GitHub { "--repo" } else { "--project" };
    let path = printable(&target.path(), 200);
    format!(
        "webhook {id} of {path}, which was for this run, is still there: the next `--temporary` run there takes it over, or `connect webhook remove {id} {flag} {path} --connection {connection}`"
    )
}

/// That whoever receives was told twice to stop. `temporary`: a webhook was there for this run, and may still be.
pub(in crate::output) fn interrupted_receiving(temporary: bool) -> Failure {
    let failure = Failure::interrupted("what was accepted and not handed on is kept for the next run");
    match temporary {
        true => {
            failure.hint("the webhook of this run may still be there: the next `--temporary` run there takes it over")
        }
        false => failure,
    }
}

/// The warning that deliveries are left of a connection that was forgotten.
pub fn deliveries_stay(connection: &str, place: &str, why: &str) -> String {
    format!("what was delivered to `{connection}` stays, readable, in {place}: {why}; end that, and remove the folder")
}

/// The warning that a list is longer than what was read of it.
pub fn list_cut(target: &str, hook: u64, most: usize) -> String {
    let place = printable(place(target), 200);
    format!("webhook {hook} of {place} has delivered more than {most} times; what is older was not looked at")
}

/// That a forge is waited for.
pub fn patience(host: &str, left: usize) -> String {
    format!("{host} asks for patience; {} left to be asked for", deliveries(left))
}

/// `repo:OWNER/NAME` without what it is.
fn place(target: &str) -> &str {
    target.split_once(':').map_or(target, |(_, path)| path)
}

fn deliveries(count: usize) -> String {
    if count == 1 { "1 delivery".to_owned() } else { format!("{count} deliveries") }
}

/// A pause: `30 s`, `1.5 s`.
fn short(pause: Duration) -> String {
    if pause.subsec_millis() == 0 { format!("{} s", pause.as_secs()) } else { format!("{:.1} s", pause.as_secs_f64()) }
}

/// What is said at the end.
pub fn listened(left: u64) -> String {
    match usize::try_from(left).unwrap_or(usize::MAX) {
        0 => "stopped; everything that was accepted was handed on".to_owned(),
        1 => "stopped; 1 delivery is kept, and handed on by the next run".to_owned(),
        many => format!("stopped; {} are kept, and handed on by the next run", deliveries(many)),
    }
}
