//! What people read: tables on a terminal, plain tab-separated lines in a pipe, and short texts. A file
//! for each command that has something to say; here is what they share.

mod adopt;
mod api;
mod check;
mod connected;
mod destination;
mod disconnected;
mod doctor;
mod exec;
mod history;
mod hooks;
mod import;
mod list;
mod listen;
mod rotate;
mod rotations;
mod settings;
mod setup_git;
mod stale;
mod status;
mod stores;
mod token_page;
mod webhook;
mod which;

use comfy_table::{Cell, ContentArrangement, Table, presets};
use jiff::{SignedDuration, Timestamp};
use std::fmt::Write as _;

use crate::model::duration::in_words;
use crate::model::text::printable;
use crate::model::{Connection, Health, StoreKind};
use crate::workflow::Field;

pub use adopt::{adopted, adoption_notes, found, may_it_be_sent};
pub use api::body;
pub use check::{beside, check, fitness, lacking};
pub use connected::{cautions, connected};
pub use destination::{destination_added, destination_removed, destinations, destinations_pushed};
pub use disconnected::{disconnected, pages_written};
pub use doctor::doctor;
pub use exec::{dies_within_the_hour, none_is_default};
pub use history::{HistoryPage, flaw_in_words, history_ends};
pub(in crate::output) use hooks::{HookState, interrupted_asking, of_hook};
pub use hooks::{
    after_deliveries, hook, hook_added, hook_caught_up, hook_cautions, hook_deliveries, hook_edited, hook_exchange,
    hook_list, hook_pinged, hook_redelivered, hook_removed, remove_question, secret_lost, take_over_question,
};
pub use import::{
    called_now, file_left, import_status, importable_word, imported, importing, partly_imported, personal_token, plan,
    plan_page, repositories, status_word, step_done, step_word, to_undo, undoing, undone, unproven,
};
pub use list::list;
pub(in crate::output) use listen::interrupted_receiving;
pub use listen::{
    bound_wide, caught_up, deliveries_stay, delivery, delivery_fields, left_behind, list_cut, listened, listening,
    not_handed_on, not_polled, not_taken, patience, polling, temporary_hook,
};
pub use rotate::{
    SHARED, TAKE_LESS, make_new, new_token_prompt, old_token_resumed, revoke_question, rotated, rotation_plan,
    rotation_question, rotation_resumed,
};
pub use rotations::{rotations, rotations_end};
pub use settings::{done, settings, settings_end};
pub use setup_git::{git_set_up, setup_git_plan};
pub(in crate::output) use stale::{dies_soon, push};
pub use status::{renamed, status, watching};
pub use stores::{DefaultStore, migrated, migrated_logins, migration_ends, store_chosen, stores, weaker_question};
pub use token_page::{before_the_prompt, token_page};
pub use webhook::{WebhookPage, webhook_cautions, webhook_page};
pub(in crate::output) use webhook::{form_pages, revealed};
pub use which::{renamed_to, served, unread, which};

/// A name that is too long for a table, with the middle left out: both ends tell it apart.
fn shortened(text: &str, limit: usize) -> String {
    let characters: Vec<char> = printable(text, 300).chars().collect();
    if characters.len() <= limit {
        return characters.into_iter().collect();
    }
    let (head, tail) = ((limit - 1).div_ceil(2), (limit - 1) / 2);
    let start = characters.iter().take(head);
    let end = characters.iter().skip(characters.len() - tail);
    start.chain(&['…']).chain(end).collect()
}

fn fields(text: &mut String, fields: &[Field]) {
    let width = fields.iter().map(|field| field.label.chars().count()).max().unwrap_or(0).max(17);
    for field in fields {
        let _ = writeln!(text, "  {:<width$}  {}", field.label, printable(&field.value, 1100));
    }
}

fn table(headings: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(headings.iter().map(Cell::new));
    table
}

/// comfy-table fills every line up; terminals and snapshots do without.
fn trimmed(table: &Table) -> String {
    let mut text = table.trim_fmt();
    text.push('\n');
    text
}

fn time_left(connection: &Connection, now: Timestamp, soon: SignedDuration) -> String {
    if connection.token.is_none() {
        return "-".into();
    }
    let Some(at) = connection.expires_at() else { return without_end(connection).into() };
    let left = at.duration_since(now);
    if left.is_negative() || left.is_zero() {
        return format!("✗ expired {} ago", in_words(left));
    }
    let words = in_words(left);
    if left <= soon { format!("{words} !") } else { words }
}

/// A token that may not describe itself may well have an end that nobody told.
fn without_end(connection: &Connection) -> &'static str {
    let told = connection.token.as_ref().is_none_or(|token| token.health != Health::Limited);
    if told { "never" } else { "not known" }
}

/// For how long the webhook secret before is accepted beside the one there is.
fn former_left(connection: &Connection, now: Timestamp) -> Option<SignedDuration> {
    let former = connection.webhook.as_ref()?.former.as_ref()?;
    Some(former.until.duration_since(now)).filter(SignedDuration::is_positive)
}

fn is_plain(connection: &Connection) -> bool {
    connection.token.as_ref().is_some_and(|token| token.kept_in == StoreKind::Plain)
}

fn is_webhook_plain(connection: &Connection) -> bool {
    connection.webhook.as_ref().is_some_and(|webhook| webhook.kept_in == StoreKind::Plain)
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn host(connection: &Connection) -> String {
    connection.host().map_or_else(|_| printable(&connection.url, 80), |host| host.to_string())
}

fn account_at_host(connection: &Connection) -> String {
    if connection.token.is_none() {
        return host(connection);
    }
    let login = connection.account.as_ref().map_or("?", |account| account.login.as_str());
    printable(&format!("{login}@{}", host(connection)), 250)
}

fn name(login: &str) -> String {
    printable(login, 60)
}

const fn health_word(health: Health) -> &'static str {
    match health {
        Health::Valid => "valid",
        Health::Limited => "limited",
        Health::Blocked => "blocked",
        Health::Expired => "expired",
        Health::Revoked => "revoked",
        Health::Unknown => "unknown",
        Health::Other => "other",
    }
}
