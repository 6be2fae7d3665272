//! What people read: tables on a terminal, plain tab-separated lines in a pipe, and short texts.

use std::fmt::Write as _;

use comfy_table::{Cell, ContentArrangement, Table, presets};
use jiff::{SignedDuration, Timestamp};

use crate::model::duration::in_words;
use crate::model::inspection::Reach;
use crate::model::text::printable;
use crate::model::{Connection, ForgeKind, Health, Host, StoreKind, Task};
use crate::workflow::{Checked, Connected, Disconnected, Field, Page};

use super::failure::Failure;
use super::json::days_left;
use super::screen::Screen;
use super::style::{BAD, CARE, GOOD, STRONG, styled};

/// A token with less than this left is shown as a matter of concern.
const SOON: SignedDuration = SignedDuration::from_hours(14 * 24);

/// What `connect github` and `connect gitlab` say at the end.
pub fn connected(connected: &Connected, now: Timestamp) -> String {
    let connection = &connected.connection;
    let account = connection.account.as_ref().map_or_else(|| "an account it may not name".into(), |a| name(&a.login));
    let mark = styled(GOOD, "✓");
    let mut text = match (&connected.place, connected.replaced) {
        (None, _) => format!("{mark} The token is {account}'s at {}; nothing was kept\n", host(connection)),
        (Some(_), false) => {
            format!("{mark} Connected {account} at {} as `{}`\n", host(connection), name(connection.name.as_str()))
        }
        (Some(_), true) => {
            format!("{mark} Replaced the token of `{}`, {account} at {}\n", connection.name, host(connection))
        }
    };
    let mut line = |label: &str, value: &str| {
        let _ = writeln!(text, "  {label:<9}{value}");
    };
    if let Some(token) = &connection.token {
        line("token", &format!("{}, {}", token.kind.word(), token.fingerprint.short()));
        line("scopes", &scopes(connection));
        line("expires", &expiry(connection, now));
    }
    if let Some(version) = &connection.server_version {
        line("server", &format!("{} {}", connection.forge, printable(version, 40)));
    }
    if let Some(place) = &connected.place {
        line("kept in", place);
    }
    if let Some(reach) = &connected.inspection.reach {
        line("reaches", &reached(reach));
    }
    text
}

/// What is worth a warning once the token has been checked.
pub fn cautions(screen: &Screen, connected: &Connected, now: Timestamp) {
    let connection = &connected.connection;
    if let Some(days) = connection.expires_at().map(|at| days_left(at, now)).filter(|days| *days < 7) {
        let words = if days < 0 {
            "some time ago, by what the forge says".to_owned()
        } else if days == 0 {
            "within a day".to_owned()
        } else {
            format!("in {days} days")
        };
        let verb = if days < 0 { "expired" } else { "expires" };
        screen.warning("expires_soon", &format!("the token {verb} {words}"));
    }
    if connected.place.is_some() && is_plain(connection) {
        screen.warning("kept_plain", "the token is kept readable, by you and by whoever becomes you; `--store keyring` or `--store file` would not");
    }
    if connection.allow_http {
        screen.warning("plain_http", "the token travels readable over the network");
    }
    if !connected.inspection.sso_left_out.is_empty() {
        screen.warning(
            "sso_partial",
            &format!(
                "the token does not reach {} with single sign-on; authorise it with \"Configure SSO\" on {}/settings/tokens",
                counted(connected.inspection.sso_left_out.len(), "organisation"),
                connection.url
            ),
        );
    }
    for gap in &connected.inspection.gaps {
        screen.note(&format!("not found out: {}", printable(gap, 300)));
    }
}

/// The table of `connect list`.
pub fn list(screen: &Screen, connections: &[Connection], now: Timestamp) -> String {
    if !screen.is_terminal() {
        let mut text = String::with_capacity(connections.len() * 120);
        for connection in connections {
            plain_line(&mut text, connection);
        }
        return text;
    }
    if connections.is_empty() {
        return String::new();
    }
    // The usual name says whose and where. Where somebody chose another it is said too, if it fits.
    let renamed = |connection: &Connection| connection.name.as_str() != account_at_host(connection);
    if connections.iter().any(renamed) {
        let text = list_table(connections, now, true);
        if text.lines().all(|line| line.chars().count() <= screen.width()) {
            return text;
        }
    }
    list_table(connections, now, false)
}

fn list_table(connections: &[Connection], now: Timestamp, with_account: bool) -> String {
    let mut headings = vec!["NAME", "TOKEN", "EXPIRES", "KEPT IN"];
    if with_account {
        headings.insert(1, "ACCOUNT");
    }
    let mut table = table(&headings);
    for connection in connections {
        let mut row = vec![
            shortened(connection.name.as_str(), 36),
            connection.token.as_ref().map_or("-", |token| token.kind.word()).to_owned(),
            time_left(connection, now, SOON),
            kept_in(connection),
        ];
        if with_account {
            row.insert(1, shortened(&account_at_host(connection), 30));
        }
        table.add_row(row);
    }
    trimmed(&table)
}

fn account_at_host(connection: &Connection) -> String {
    let login = connection.account.as_ref().map_or("?", |account| account.login.as_str());
    printable(&format!("{login}@{}", host(connection)), 250)
}

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

/// One connection on one line, for `cut` and `awk`: times as RFC 3339, `-` for what is not there.
fn plain_line(text: &mut String, connection: &Connection) {
    let token = connection.token.as_ref();
    let expires = token.and_then(|token| token.expires_at).map(|at| at.to_string());
    let _ = writeln!(
        text,
        "{}\t{}\t{}\t{}\t{}\t{}\t{}",
        printable(connection.name.as_str(), 250),
        connection.url,
        connection.account.as_ref().map_or_else(|| "-".into(), |account| name(&account.login)),
        token.map_or("-", |token| token.kind.word()),
        expires.as_deref().unwrap_or("-"),
        token.map_or("-", |token| token.kept_in.word()),
        token.map_or("-", |token| health_word(token.health)),
    );
}

/// The table of `connect status`.
///
/// A token that dies `within` this time counts as dying soon.
pub fn status(
    screen: &Screen,
    rows: &[(Checked, Option<Failure>)],
    now: Timestamp,
    within: Option<SignedDuration>,
) -> String {
    let readable = rows.iter().filter(|(checked, _)| is_plain(&checked.connection)).count();
    if readable > 0 {
        let words = format!("{} kept readable, in the store `plain`", counted(readable, "token"));
        screen.warning("kept_plain", &words);
    }
    if !screen.is_terminal() {
        return rows.iter().fold(String::new(), |mut text, row| {
            plain_status(&mut text, row, now, within);
            text
        });
    }
    if rows.is_empty() {
        return String::new();
    }
    let mut table = table(&["NAME", "HEALTH", "TIME LEFT"]);
    for (checked, failure) in rows {
        let connection = &checked.connection;
        let name = shortened(connection.name.as_str(), 40);
        let left = time_left(connection, now, within.unwrap_or(SOON));
        table.add_row([name, verdict(connection, failure.as_ref()), left]);
    }
    let mut text = trimmed(&table);
    for (checked, failure) in rows {
        let Some(failure) = failure else { continue };
        let _ =
            writeln!(text, "\n{} {}: {}", styled(BAD, "✗"), checked.connection.name, printable(&failure.message, 400));
        for hint in &failure.hints {
            let _ = writeln!(text, "  {} {hint}", styled(CARE, "→"));
        }
    }
    text
}

fn plain_status(
    text: &mut String,
    (checked, failure): &(Checked, Option<Failure>),
    now: Timestamp,
    within: Option<SignedDuration>,
) {
    let connection = &checked.connection;
    let word = failure.as_ref().map_or_else(
        || connection.token.as_ref().map_or("-", |token| health_word(token.health)),
        |failure| failure.code,
    );
    let expires = connection.expires_at();
    let _ = writeln!(
        text,
        "{}\t{word}\t{}\t{}\t{}",
        printable(connection.name.as_str(), 250),
        expires.map_or_else(|| "-".into(), |at| at.to_string()),
        expires.map_or_else(|| "-".into(), |at| days_left(at, now).to_string()),
        match (failure, expires.filter(|at| within.is_some_and(|within| at.duration_since(now) <= within))) {
            (Some(failure), _) => printable(&failure.message, 400),
            (None, Some(at)) => format!("expires in {}", in_words(at.duration_since(now))),
            (None, None) => "-".into(),
        },
    );
}

/// What `connect disconnect` says.
pub fn disconnected(done: &Disconnected) -> String {
    let mark = styled(GOOD, "✓");
    let mut text = format!("{mark} Forgot `{}`\n", done.connection.name);
    if done.revoked {
        let _ = writeln!(text, "  revoked at {}; it no longer works", host(&done.connection));
    }
    for place in &done.removed {
        let _ = writeln!(text, "  removed from {place}");
    }
    for place in &done.remaining {
        let _ = writeln!(text, "  {} still in {place}, which connect does not change", styled(CARE, "!"));
    }
    text
}

/// What `connect new-token` prints.
pub fn token_page(page: &Page, host: &Host) -> String {
    let mut text = format!("{}\n\nThe link fills in:\n", page.url);
    fields(&mut text, &page.filled_in);
    if !page.by_hand.is_empty() {
        text.push_str("\nBy hand:\n");
        fields(&mut text, &page.by_hand);
    }
    let _ = writeln!(text, "\nThen: `connect {}{} --pat`", host.kind().word(), host.flag());
    text
}

/// What stands above the hidden prompt.
pub fn before_the_prompt(host: &Host, page: &Page, tasks: &[Task]) -> String {
    let tasks: Vec<&str> = tasks.iter().map(|task| task.word()).collect();
    let mut text = format!(
        "Make a token for {host} here, unless you have one (for: {}):\n\n  {}\n\n",
        tasks.join(", "),
        styled(STRONG, page.url.as_str())
    );
    fields(&mut text, &page.filled_in);
    fields(&mut text, &page.by_hand);
    let _ = write!(
        text,
        "\nFor other work (import, webhooks, status): `connect new-token {} --for TASK`.",
        host.kind().word()
    );
    if host.kind() == ForgeKind::GitLab {
        text.push_str("\nOne token reaches all that its one account reaches; for a single group or project,\nmake a group or project access token there.");
    }
    text
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

fn verdict(connection: &Connection, failure: Option<&Failure>) -> String {
    match failure {
        Some(failure) => format!("✗ {}", failure.code),
        None => {
            let word = connection.token.as_ref().map_or("-", |token| health_word(token.health));
            format!("✓ {word}")
        }
    }
}

fn time_left(connection: &Connection, now: Timestamp, soon: SignedDuration) -> String {
    let Some(at) = connection.expires_at() else { return without_end(connection).into() };
    let left = at.duration_since(now);
    if left.is_negative() || left.is_zero() {
        return format!("✗ expired {} ago", in_words(left));
    }
    let words = in_words(left);
    if left <= soon { format!("{words} !") } else { words }
}

fn expiry(connection: &Connection, now: Timestamp) -> String {
    match connection.expires_at() {
        None => without_end(connection).into(),
        Some(at) if at <= now => format!("expired, at {}", at.strftime("%Y-%m-%d %H:%M UTC")),
        Some(at) => format!("in {}, at {}", in_words(at.duration_since(now)), at.strftime("%Y-%m-%d %H:%M UTC")),
    }
}

/// A token that may not describe itself may well have an end that nobody told.
fn without_end(connection: &Connection) -> &'static str {
    let told = connection.token.as_ref().is_none_or(|token| token.health != Health::Limited);
    if told { "never" } else { "not known" }
}

fn scopes(connection: &Connection) -> String {
    match connection.token.as_ref().and_then(|token| token.scopes.as_ref()) {
        None => "not told (what it may do shows when it is used)".into(),
        Some(scopes) if scopes.is_empty() => "none".into(),
        Some(scopes) => printable(&scopes.join(", "), 300),
    }
}

fn reached(reach: &Reach) -> String {
    let more = if reach.more { ", and more" } else { "" };
    let some: Vec<String> =
        reach.groups.iter().chain(&reach.projects).take(3).map(|place| printable(&place.path, 60)).collect();
    let examples = if some.is_empty() { String::new() } else { format!(": {}", some.join(", ")) };
    let (groups, projects) = (counted(reach.groups.len(), "group"), counted(reach.projects.len(), "project"));
    format!("{groups}, {projects}{more}{examples}")
}

fn is_plain(connection: &Connection) -> bool {
    connection.token.as_ref().is_some_and(|token| token.kept_in == StoreKind::Plain)
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn kept_in(connection: &Connection) -> String {
    let Some(token) = &connection.token else { return "-".into() };
    let open = if connection.allow_http { ", plain http" } else { "" };
    match token.kept_in {
        StoreKind::Plain => format!("plain !{open}"),
        StoreKind::Env => format!("env: {}{open}", token.secret.as_str()),
        other => format!("{other}{open}"),
    }
}

fn host(connection: &Connection) -> String {
    connection.host().map_or_else(|_| printable(&connection.url, 80), |host| host.to_string())
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
