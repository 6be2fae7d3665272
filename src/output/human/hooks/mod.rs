//! `connect webhook add`, `show`, `edit`, `ping`, `remove`: one webhook, in words.

mod deliveries;
mod list;
mod state;

use std::fmt::Write as _;

use jiff::Timestamp;

use super::super::screen::Screen;
use super::super::style::{BAD, CARE, GOOD, QUIET, styled};
use super::is_webhook_plain;
use super::webhook::{WEBHOOK_READABLE, bare_name, hooks_to_change};
use crate::model::hook::{Hook, Target};
use crate::model::public_url::is_bare_name;
use crate::model::text::printable;
use crate::model::{ForgeKind, Proof};
use crate::workflow::hooks::{Added, Edited, Listed, Outcome, Pinged, Removed, Site, State};

pub(in crate::output) use deliveries::interrupted_asking;
pub use deliveries::{after_deliveries, hook_caught_up, hook_deliveries, hook_exchange, hook_redelivered};
pub use list::hook_list;
pub(in crate::output) use state::{HookState, of_hook};

/// The width of the column with the labels.
const LABELS: usize = 12;

fn line(text: &mut String, label: &str, value: &str) {
    let _ = writeln!(text, "  {label:<LABELS$}{value}");
}

/// Events, in their order; everything as such.
pub(super) fn events_in_words(hook: &Hook) -> String {
    match hook.events.as_slice() {
        [] => "none".to_owned(),
        [all] if all == "*" => "everything".to_owned(),
        // GitLab names all that it has.
        _ if hook.of.is_some() && hook.left_out.is_empty() => "everything".to_owned(),
        events => printable(&events.join(", "), 2_000),
    }
}

/// The facts that all commands show of a webhook.
fn facts(text: &mut String, hook: &Hook, target: Option<&Target>, page: Option<&str>, now: Timestamp) {
    let flags = target.map_or_else(|| hook.id.to_string(), |target| flags(target, hook.id));
    let signs_alone = target.is_some_and(|target| target.forge() == ForgeKind::GitHub);
    line(text, "delivers to", &printable(hook.url.as_str(), 500));
    line(text, "events", &events_in_words(hook));
    let form = if hook.json { "JSON" } else { "a form" };
    let secret = match (hook.signs, hook.has_secret) {
        (Some(true), Some(true)) => ", signed, with a plain token beside it",
        (Some(true), _) => ", signed",
        // GitHub's secret signs; GitLab's is sent along.
        (_, Some(true)) if signs_alone => ", signed",
        (_, Some(true)) => ", with a plain token",
        (_, Some(false)) => ", without a secret: nobody can verify it",
        (_, None) => "",
    };
    line(text, "sends", &format!("{form}{secret}"));
    if !hook.verifies_tls {
        line(text, "certificate", &format!("{} not looked at", styled(CARE, "!")));
    }
    let state = of_hook(hook, &flags, now);
    let mark = match state.word {
        "active" | "delivering" => String::new(),
        "off" => format!("{} ", styled(QUIET, "–")),
        _ => format!("{} ", styled(BAD, "✗")),
    };
    let last = match (hook.last_response, state.word) {
        (Some(code), "delivering") => format!(", last answered with {code}"),
        _ => String::new(),
    };
    line(text, "state", &format!("{mark}{}{last}", state.words));
    if let Some(page) = page {
        line(text, "page", page);
    }
    if let Some(revive) = state.revive {
        let _ = writeln!(text, "  {} {revive}", styled(CARE, "→"));
    }
}

fn flags(target: &Target, id: u64) -> String {
    format!("{id} {}", target.flag())
}

/// A webhook and whose it is.
fn named(site: &Site, id: u64) -> String {
    format!("webhook {id} of {}", printable(&site.target.path(), 300))
}

/// What `add` says.
pub fn hook_added(site: &Site, added: &Added, now: Timestamp) -> String {
    let named = named(site, added.hook.id);
    let mark = styled(GOOD, "✓");
    let mut text = match added.outcome {
        Outcome::Made => format!("{mark} Made {named}\n"),
        Outcome::Changed => format!("{mark} Changed {named}\n"),
        Outcome::TakenOver => format!("{mark} Took over {named}\n"),
        Outcome::AsItWas => format!("{mark} There is {named} already, as it shall be\n"),
    };
    let page = site.page(added.hook.id);
    facts(&mut text, &added.hook, Some(&site.target), Some(page.as_str()), now);
    let made = if added.secret_made { "made now, " } else { "" };
    line(&mut text, "secret", &format!("{}{made}kept in {}", secret_in_words(added), printable(&added.place, 300)));
    if added.outcome != Outcome::AsItWas {
        let name = printable(added.connection.name.as_str(), 250);
        let _ = writeln!(text, "To receive: `connect webhook listen --connection {name}`");
    }
    text
}

fn secret_in_words(added: &Added) -> String {
    let beside = if added.with_token { " with a plain token beside it" } else { "" };
    match added.proof {
        // GitHub's is just that.
        Proof::Signature => String::new(),
        proof => format!("a {}{beside}, ", proof.in_words()),
    }
}

/// What is worth a warning once it is there.
pub fn hook_cautions(screen: &Screen, added: &Added) {
    if !added.not_taken.is_empty() {
        let events: Vec<String> = added.not_taken.iter().map(|event| format!("`{}`", printable(event, 60))).collect();
        screen.warning("events_not_taken", &format!("the forge did not take {}", events.join(", ")));
    }
    if (added.secret_made || added.secret_replaced) && is_webhook_plain(&added.connection) {
        screen.warning("kept_plain", WEBHOOK_READABLE);
    }
    if added.secret_replaced {
        hooks_to_change(screen, &added.connection, Some(added.hook.id));
    }
    if is_bare_name(&added.hook.url) {
        bare_name(screen, &added.connection);
    }
    if added.proof == Proof::Token {
        screen.note("a plain token is sent along with each delivery; GitLab 19.0 and later sign instead");
    }
    if !added.hook.verifies_tls {
        screen.warning("tls_not_verified", "it delivers to whoever answers at that address, with any certificate");
    }
}

/// What `show` says.
pub fn hook(listed: &Listed, now: Timestamp) -> String {
    let target = listed.target.parse::<Target>();
    let place = target.as_ref().map_or_else(|_| listed.target.clone(), Target::path);
    let whose = match (listed.own, listed.temporary) {
        (true, true) => "connect's own for one run of `connect webhook listen`",
        (true, false) => "connect's own",
        (false, _) => "made by somebody else",
    };
    let mut text = format!("Webhook {} of {}, {whose}\n", listed.id, printable(&place, 300));
    if let State::There(hook) = &listed.state {
        if let Some(name) = &hook.name {
            line(&mut text, "name", &printable(name, 200));
        }
        facts(&mut text, hook, target.as_ref().ok(), listed.page.as_deref(), now);
        if let Some(at) = hook.created_at {
            line(&mut text, "made", &at.strftime("%Y-%m-%d %H:%M UTC").to_string());
        }
    }
    line(&mut text, "connection", &printable(listed.connection.as_str(), 250));
    text
}

/// What `edit` says.
pub fn hook_edited(site: &Site, edited: &Edited, now: Timestamp) -> String {
    let named = named(site, edited.hook.id);
    let mark = styled(GOOD, "✓");
    let mut text = if edited.changed {
        format!("{mark} Changed {named}\n")
    } else {
        format!("{mark} Left {named} as it was: nothing differs\n")
    };
    let page = site.page(edited.hook.id);
    facts(&mut text, &edited.hook, Some(&site.target), Some(page.as_str()), now);
    text
}

/// What is said when a change has taken the secret away all the same.
pub fn secret_lost(site: &Site, edited: &Edited) -> String {
    format!(
        "{} had a secret, and has none any more; `connect webhook edit {} --secret` gives it the connection's",
        named(site, edited.hook.id),
        flags(&site.target, edited.hook.id)
    )
}

/// What `ping` says.
pub fn hook_pinged(site: &Site, id: u64, pinged: &Pinged) -> String {
    let event = printable(&pinged.event, 60);
    let said = pinged.says.as_deref().map(|said| printable(said, 300)).filter(|said| !said.is_empty());
    let took = pinged.delivery.as_ref().and_then(|delivery| delivery.took);
    let took = took.map(|took| format!(" after {took} ms")).unwrap_or_default();
    let (mark, words) = match pinged.taken {
        Some(true) => {
            let said = said.unwrap_or_else(|| "OK".to_owned());
            (styled(GOOD, "✓"), format!("the receiver took the {event}{took} ({said})"))
        }
        Some(false) => {
            let said = said.unwrap_or_else(|| "no answer".to_owned());
            (styled(BAD, "✗"), format!("the receiver did not take the {event}{took} ({said})"))
        }
        None => (styled(CARE, "?"), format!("asked for a {event}; how it went is not known yet")),
    };
    let mut text = format!("{mark} Webhook {id} of {}: {words}\n", printable(&site.target.path(), 300));
    let flags = flags(&site.target, id);
    match (pinged.taken, &pinged.delivery) {
        (Some(false), Some(delivery)) => {
            let _ = writeln!(
                text,
                "  {} `connect webhook deliveries {flags} --show {}` shows what was sent and answered",
                styled(CARE, "→"),
                delivery.id
            );
        }
        (None, _) => {
            let _ = writeln!(text, "  {} `connect webhook deliveries {flags}` shows it in a moment", styled(CARE, "→"));
        }
        _ => {}
    }
    text
}

/// What is asked before one is removed.
pub fn remove_question(target: &Target, hook: &Hook, own: bool) -> String {
    let whose = if own { "" } else { ", which connect did not make" };
    format!(
        "Webhook {} of {}{whose}, delivers to {}. Remove it?",
        hook.id,
        printable(&target.path(), 300),
        printable(hook.url.as_str(), 300)
    )
}

/// What is asked before one is taken over that somebody else has made.
pub fn take_over_question(target: &Target, hook: &Hook) -> String {
    format!(
        "{} has a webhook of this address already, {}, which connect did not make. With another secret, whoever has the \
         one of now can verify it no more. Take it over?",
        printable(&target.path(), 300),
        hook.id
    )
}

/// What `remove` says.
pub fn hook_removed(site: &Site, id: u64, removed: &Removed) -> String {
    let named = named(site, id);
    let mark = styled(GOOD, "✓");
    match &removed.hook {
        Some(hook) => format!("{mark} Removed {named}, which delivered to {}\n", printable(hook.url.as_str(), 300)),
        None => format!("{mark} The {named} was gone already; connect has forgotten it\n"),
    }
}
