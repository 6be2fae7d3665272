//! `connect status --format prometheus`: metrics in Prometheus' text format, for the textfile collector of
//! node_exporter, which reads `*.prom` files from a folder.
//!
//! As Prometheus wants it: base units, one HELP and one TYPE before the samples of a metric, all of them together, in
//! the order of their names; no timestamps on samples, which that collector refuses. A metric without samples is left
//! out. Labels say which connection it is, and hold no secret.
//!
//! Sources: prometheus.io, "Exposition formats" and "Metric and label naming"; node_exporter's README, "Textfile
//! Collector".

use std::fmt::Write as _;

use jiff::Timestamp;

use super::exit::Exit;
use super::failure::Failure;
use super::json::days_left;
use crate::model::text::printable;
use crate::model::{Connection, Health};
use crate::workflow::Checked;
use crate::workflow::destination::stale;

/// What a connection was found to be, and why its forge did not answer, if it did not.
type Row<'a> = (&'a Checked, Option<&'a Failure>);

/// A metric: its name, what it means, and its value for a connection.
struct Metric {
    name: &'static str,
    help: &'static str,
    value: fn(Row<'_>, Timestamp) -> Option<i64>,
}

const HEALTH: &str = "connect_token_health";
const UNREAD: &str = "connect_records_unreadable";
const ASKED: &str = "connect_status_timestamp_seconds";

const METRICS: [Metric; 5] = [
    Metric {
        name: "connect_destination_stale",
        help: "Copies of the connection's secrets that are not the present ones.",
        value: |(checked, _), _| count(stale(&checked.connection).len()),
    },
    Metric {
        name: "connect_token_check_success",
        help: "Whether the forge said how the token is: 1, or 0 if it could not be asked, and what is known is older.",
        value: |row, _| has_token(row, |_| i64::from(was_answered(row.1))),
    },
    Metric {
        name: "connect_token_days_left",
        help: "Whole days until the token dies, rounded down; negative after that. Missing for a token without an end.",
        value: |(checked, _), now| Some(days_left(checked.connection.expires_at()?, now)),
    },
    Metric {
        name: "connect_token_expires_timestamp_seconds",
        help: "When the token dies, in seconds since the Unix epoch. Missing for a token without an end.",
        value: |(checked, _), _| Some(checked.connection.expires_at()?.as_second()),
    },
    Metric {
        name: "connect_token_healthy",
        help: "Whether the token works, by what its forge last said: 1 or 0.",
        value: |row, now| has_token(row, |connection| i64::from(is_healthy(connection, now))),
    },
];

/// What the label `health` can be, each a sample of its own: the one that is true is 1, the others are 0.
const STATES: [(&str, Health); 7] = [
    ("blocked", Health::Blocked),
    ("expired", Health::Expired),
    ("limited", Health::Limited),
    ("other", Health::Other),
    ("revoked", Health::Revoked),
    ("unknown", Health::Unknown),
    ("valid", Health::Valid),
];

/// The metrics of these connections at a moment. `unread` is how many records do not read.
pub fn prometheus(rows: &[(Checked, Option<Failure>)], unread: usize, now: Timestamp) -> String {
    let mut rows: Vec<Row<'_>> = rows.iter().map(|(checked, failure)| (checked, failure.as_ref())).collect();
    rows.sort_by(|one, other| one.0.connection.name.cmp(&other.0.connection.name));
    let labels: Vec<String> = rows.iter().map(|(checked, _)| labels(&checked.connection)).collect();
    let mut families: Vec<(&str, &str, String)> =
        METRICS.iter().map(|metric| (metric.name, metric.help, samples(metric, &rows, &labels, now))).collect();
    families.push((
        HEALTH,
        "What the forge last said of the token: 1 for the word that is true.",
        states(&rows, &labels),
    ));
    families.push((UNREAD, "Records of connections that do not read.", format!("{UNREAD} {unread}\n")));
    let asked = format!("{ASKED} {}\n", now.as_second());
    families.push((ASKED, "When the forges were asked, in seconds since the Unix epoch.", asked));
    families.sort_by_key(|(name, ..)| *name);
    families.retain(|(.., samples)| !samples.is_empty());
    families.iter().fold(String::new(), |mut text, (name, help, samples)| {
        let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} gauge\n{samples}");
        text
    })
}

fn samples(metric: &Metric, rows: &[Row<'_>], labels: &[String], now: Timestamp) -> String {
    rows.iter().zip(labels).fold(String::new(), |mut text, (row, labels)| {
        if let Some(value) = (metric.value)(*row, now) {
            let _ = writeln!(text, "{}{{{labels}}} {value}", metric.name);
        }
        text
    })
}

fn states(rows: &[Row<'_>], labels: &[String]) -> String {
    rows.iter().zip(labels).fold(String::new(), |mut text, ((checked, _), labels)| {
        let Some(token) = &checked.connection.token else { return text };
        for (word, state) in STATES {
            let _ = writeln!(text, "{HEALTH}{{{labels},health=\"{word}\"}} {}", i64::from(token.health == state));
        }
        text
    })
}

fn labels(connection: &Connection) -> String {
    let host = connection.host().map_or_else(|_| connection.url.clone(), |host| host.to_string());
    let account = connection.account.as_ref().map_or("", |account| account.login.as_str());
    format!(
        "connection=\"{}\",forge=\"{}\",host=\"{}\",account=\"{}\"",
        escaped(connection.name.as_str()),
        connection.forge.word(),
        escaped(&host),
        escaped(account),
    )
}

/// A label's value: backslash, quotation mark and line break are escaped; other control characters have gone.
fn escaped(value: &str) -> String {
    printable(value, 250).replace('\\', r"\\").replace('"', "\\\"").replace('\n', r"\n")
}

fn count(number: usize) -> Option<i64> {
    i64::try_from(number).ok()
}

fn has_token(row: Row<'_>, value: impl FnOnce(&Connection) -> i64) -> Option<i64> {
    let connection = &row.0.connection;
    connection.token.is_some().then(|| value(connection))
}

/// That a token is dead or not let in is an answer; a store that is locked or a forge that is down is none.
fn was_answered(failure: Option<&Failure>) -> bool {
    failure.is_none_or(|failure| matches!(failure.exit, Exit::TokenInvalid | Exit::Forbidden))
}

fn is_healthy(connection: &Connection, now: Timestamp) -> bool {
    let works = |health| matches!(health, Health::Valid | Health::Limited);
    connection.token.as_ref().is_some_and(|token| works(token.health) && token.expires_at.is_none_or(|at| at > now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_escaped() {
        assert_eq!(escaped("a\"b\\c"), "a\\\"b\\\\c");
        assert!(!escaped("a\nb\u{1b}[31m").contains(['\n', '\u{1b}']));
    }
}
