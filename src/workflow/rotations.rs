//! Rotations: whether each connection's present token is one that came after a given day, by what the history says.
//!
//! The evidence is the token's fingerprint. A token counts as rotated since a day when nothing in the history had it
//! before that day, and a line since then says how it came: `rotated`, `replaced`, or `connected` where connect knew no
//! token before. To connect the same token anew is no rotation, under whatever name; and where no line tells how the
//! present token came (a variable that was given another one), there is no evidence.
//!
//! A connection keeps its past when it is renamed, and loses it when it is forgotten.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;

use crate::catalog::CatalogError;
use crate::catalog::history::Entry;
use crate::model::{Connection, ConnectionName, Destination};

use super::{Error, HistoryRead, Tools, find_connection, history, list};

/// What was found.
#[derive(Debug)]
pub struct Rotations {
    /// From when on rotations count.
    pub since: Timestamp,
    /// One a connection with a token, by name.
    pub connections: Vec<Rotation>,
    /// Records that do not read; each says why.
    pub damaged: Vec<CatalogError>,
    /// What was read beside the entries.
    pub read: HistoryRead,
}

/// One connection.
#[derive(Debug)]
pub struct Rotation {
    /// Its record.
    pub connection: Connection,
    /// How its present token came, if that was since then.
    pub rotated: Option<Arrival>,
    /// The places that did not follow.
    pub stale: Vec<Destination>,
}

/// How a token came, in the words of the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// When.
    pub at: Timestamp,
    /// `rotated`, `replaced` or `connected`.
    pub event: String,
    /// The fingerprint of the token before, where one is known.
    pub old: Option<String>,
    /// The fingerprint of the token.
    pub new: String,
    /// Who did it.
    pub user: String,
    /// On which machine.
    pub machine: String,
    /// The places that have it since.
    pub followed: Vec<Followed>,
}

/// A place that was given the new token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Followed {
    /// When.
    pub at: Timestamp,
    /// What kind of place.
    pub kind: String,
    /// The place.
    pub target: String,
}

/// Reads the history, and says of each connection, or of those named (by name or by a URL they serve), whether its
/// token was rotated since a moment. With `verify` the chain of the history is checked too.
///
/// # Errors
/// [`Error::NoSuchConnection`] and the like; [`Error::NoToken`] for one that is named and only receives;
/// [`Error::Catalog`] when the file or the folder cannot be read.
pub fn rotations(tools: &Tools<'_>, since: Timestamp, names: &[String], verify: bool) -> Result<Rotations, Error> {
    let (connections, damaged) = wanted(tools, names)?;
    let mut past = Past::default();
    let read = history(tools, None, verify, &mut |entry| past.add(entry))?;
    let of = |connection: Connection| {
        let rotated = past.since(&connection, since);
        let stale = connection.stale_destinations();
        Rotation { connection, rotated, stale: stale.into_iter().filter(|copy| copy.of.is_token()).collect() }
    };
    Ok(Rotations { since, connections: connections.into_iter().map(of).collect(), damaged, read })
}

fn wanted(tools: &Tools<'_>, names: &[String]) -> Result<(Vec<Connection>, Vec<CatalogError>), Error> {
    if names.is_empty() {
        let mut listed = list(tools, None)?;
        listed.connections.retain(|connection| connection.token.is_some());
        return Ok((listed.connections, listed.damaged));
    }
    let mut seen: BTreeSet<ConnectionName> = BTreeSet::new();
    let mut found = Vec::with_capacity(names.len());
    for name in names {
        let connection = find_connection(&tools.records, name)?;
        if connection.token.is_none() {
            return Err(Error::NoToken { connection: connection.name });
        }
        if seen.insert(connection.name.clone()) {
            found.push(connection);
        }
    }
    found.sort_by(|one, other| one.name.cmp(&other.name));
    Ok((found, Vec::new()))
}

/// What the history tells of tokens, line by line.
#[derive(Debug, Default)]
struct Past {
    /// The token that each connection has, by its present name: its fingerprint.
    present: HashMap<String, String>,
    /// How each token came first, by its fingerprint: under whatever name, it is the same token since then.
    arrivals: HashMap<String, Arrival>,
    /// When each was first heard of, in whatever line: part of a history may be lost.
    seen: HashMap<String, Timestamp>,
    /// Where copies of each went.
    copies: HashMap<String, Vec<Followed>>,
}

impl Past {
    fn add(&mut self, entry: &Entry) {
        let Some(at) = time(entry) else { return };
        // The webhook's secrets have no part in this.
        if entry.field("part").is_some() {
            return;
        }
        for fingerprint in [entry.field("fingerprint"), entry.field("old_fingerprint")].into_iter().flatten() {
            let seen = self.seen.entry(fingerprint.to_owned()).or_insert(at);
            *seen = at.min(*seen);
        }
        let (Some(event), Some(name)) = (entry.field("event"), entry.field("connection")) else { return };
        match event {
            "connected" | "replaced" | "rotated" => self.arrived(event, name, at, entry),
            "planted" | "pushed" => self.followed(at, entry),
            "renamed" => {
                if let Some(fingerprint) = entry.field("from").and_then(|before| self.present.remove(before)) {
                    self.present.insert(name.to_owned(), fingerprint);
                }
            }
            "disconnected" => drop(self.present.remove(name)),
            _ => {}
        }
    }

    fn arrived(&mut self, event: &str, name: &str, at: Timestamp, entry: &Entry) {
        let Some(new) = entry.field("fingerprint") else { return };
        let before = self.present.insert(name.to_owned(), new.to_owned());
        if self.arrivals.contains_key(new) {
            return;
        }
        let who = |field| entry.field(field).unwrap_or("unknown").to_owned();
        let arrival = Arrival {
            at,
            event: event.to_owned(),
            old: entry.field("old_fingerprint").map(str::to_owned).or(before).filter(|old| old != new),
            new: new.to_owned(),
            user: who("user"),
            machine: who("machine"),
            followed: Vec::new(),
        };
        self.arrivals.insert(new.to_owned(), arrival);
    }

    /// A copy of a token went somewhere. What is there twice is there since the first time.
    fn followed(&mut self, at: Timestamp, entry: &Entry) {
        let (Some(fingerprint), Some(target)) = (entry.field("fingerprint"), entry.field("target")) else { return };
        let kind = entry.field("destination").unwrap_or("unknown");
        let copies = self.copies.entry(fingerprint.to_owned()).or_default();
        if !copies.iter().any(|there| there.kind == kind && there.target == target) {
            copies.push(Followed { at, kind: kind.to_owned(), target: target.to_owned() });
        }
    }

    /// How the present token of a connection came, if nobody had heard of it before that moment.
    fn since(&self, connection: &Connection, since: Timestamp) -> Option<Arrival> {
        let fingerprint = connection.token.as_ref()?.fingerprint.as_str();
        let arrival = self.arrivals.get(fingerprint).filter(|arrival| arrival.at >= since)?;
        self.seen.get(fingerprint).filter(|seen| **seen >= since)?;
        let followed = self.copies.get(fingerprint).cloned().unwrap_or_default();
        Some(Arrival { followed, ..arrival.clone() })
    }
}

fn time(entry: &Entry) -> Option<Timestamp> {
    entry.field("at")?.parse().ok()
}

#[cfg(test)]
mod tests {
    //! Made-up histories, and what they are evidence of.

    use serde_json::{Value, json};

    use super::*;
    use crate::catalog::{Happening, History, Home};

    /// A fingerprint, by a letter.
    fn print(letter: char) -> String {
        format!("sha256:{}", letter.to_string().repeat(64))
    }

    /// A happening on a day of November, by its event, its connection and its token.
    fn on(day: u32, event: &str, connection: &str, token: char, more: Value) -> Value {
        let mut line = json!({ "at": format!("2026-11-{day:02}T10:00:00Z"), "event": event, "connection": connection,
            "fingerprint": print(token), "user": "alice", "machine": "desk" });
        for (name, value) in more.as_object().into_iter().flatten() {
            line[name] = value.clone();
        }
        line
    }

    fn none() -> Value {
        json!({})
    }

    fn past(lines: &[Value]) -> Past {
        let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
        let history = History::new(&Home::below(folder.path()));
        for line in lines {
            let happening: Happening = serde_json::from_value(line.clone()).unwrap_or_else(|e| panic!("{e}: {line}"));
            history.append(&happening).unwrap_or_else(|e| panic!("{e}"));
        }
        let mut past = Past::default();
        for line in history.read().unwrap_or_else(|e| panic!("{e}")) {
            match line.unwrap_or_else(|e| panic!("{e}")) {
                (_, crate::catalog::history::Found::Entry(entry)) => past.add(&entry),
                other => panic!("{other:?}"),
            }
        }
        past
    }

    /// The event by which the present token of a connection came since the 10th, and the token before.
    fn since_the_tenth(lines: &[Value], connection: &str, token: char) -> Option<(String, Option<String>)> {
        let record = json!({ "name": connection, "version": 1, "forge": "gitlab", "url": "https://gitlab.com",
            "api_url": "https://gitlab.com/api/v4", "account": null, "token": { "kind": "personal", "fingerprint": print(token),
            "scopes": null, "expires_at": null, "secret": "0", "kept_in": "plain", "checked_at": "2026-11-01T00:00:00Z",
            "health": "valid" } });
        let connection: Connection = serde_json::from_value(record).unwrap_or_else(|e| panic!("{e}"));
        let tenth: Timestamp = "2026-11-10T00:00:00Z".parse().unwrap_or_default();
        past(lines).since(&connection, tenth).map(|arrival| (arrival.event, arrival.old))
    }

    fn came(event: &str, old: Option<char>) -> Option<(String, Option<String>)> {
        Some((event.to_owned(), old.map(print)))
    }

    #[test]
    fn rotated_replaced_and_connected_since() {
        let rotated = on(11, "rotated", "a", 'b', json!({ "old_fingerprint": print('a') }));
        assert_eq!(
            since_the_tenth(&[on(1, "connected", "a", 'a', none()), rotated], "a", 'b'),
            came("rotated", Some('a'))
        );
        let replaced = [on(1, "connected", "a", 'a', none()), on(11, "replaced", "a", 'b', none())];
        assert_eq!(since_the_tenth(&replaced, "a", 'b'), came("replaced", Some('a')));
        assert_eq!(since_the_tenth(&[on(11, "connected", "a", 'a', none())], "a", 'a'), came("connected", None));
    }

    #[test]
    fn rotated_before_is_not_rotated_since() {
        let lines = [
            on(1, "connected", "a", 'a', none()),
            on(9, "rotated", "a", 'b', json!({ "old_fingerprint": print('a') })),
        ];
        assert_eq!(since_the_tenth(&lines, "a", 'b'), None);
        assert_eq!(
            since_the_tenth(&[on(10, "connected", "a", 'a', json!({ "at": "2026-11-10T00:00:00Z" }))], "a", 'a'),
            came("connected", None)
        );
        assert_eq!(
            since_the_tenth(&[on(10, "connected", "a", 'a', json!({ "at": "2026-11-09T23:59:59Z" }))], "a", 'a'),
            None
        );
    }

    #[test]
    fn the_same_token_anew_is_no_rotation() {
        let again = [on(1, "connected", "a", 'a', none()), on(11, "replaced", "a", 'a', none())];
        assert_eq!(since_the_tenth(&again, "a", 'a'), None);
        let forgotten = [
            on(1, "connected", "a", 'a', none()),
            on(11, "disconnected", "a", 'a', none()),
            on(12, "connected", "b", 'a', none()),
        ];
        assert_eq!(since_the_tenth(&forgotten, "b", 'a'), None, "under another name it is the same");
        let back = [
            on(1, "rotated", "a", 'b', json!({ "old_fingerprint": print('a') })),
            on(11, "replaced", "a", 'a', none()),
        ];
        assert_eq!(since_the_tenth(&back, "a", 'a'), None, "the line of its arrival is lost, but it was there");
        let moved = [on(1, "migrated", "a", 'a', none()), on(11, "connected", "a", 'a', none())];
        assert_eq!(since_the_tenth(&moved, "a", 'a'), None);
    }

    #[test]
    fn a_token_of_which_no_line_tells_is_no_evidence() {
        assert_eq!(since_the_tenth(&[on(11, "connected", "a", 'a', none())], "a", 'x'), None);
        assert_eq!(since_the_tenth(&[], "a", 'a'), None);
        let webhook = on(11, "replaced", "a", 'a', json!({ "part": "webhook" }));
        assert_eq!(since_the_tenth(&[webhook], "a", 'a'), None);
    }

    #[test]
    fn a_connection_keeps_its_past_when_it_is_renamed() {
        let lines = [
            on(1, "connected", "old", 'a', none()),
            on(2, "renamed", "new", 'a', json!({ "from": "old" })),
            on(11, "replaced", "new", 'b', none()),
        ];
        assert_eq!(since_the_tenth(&lines, "new", 'b'), came("replaced", Some('a')));
    }

    #[test]
    fn the_copies_that_followed_are_those_of_the_present_token() {
        let to = |day, event, token, target: &str| {
            on(day, event, "a", token, json!({ "destination": "gitlab-mirror", "target": target }))
        };
        let past = past(&[
            on(1, "connected", "a", 'a', none()),
            to(2, "planted", 'a', "https://gitlab.com/x/one"),
            to(2, "planted", 'a', "https://gitlab.com/x/two"),
            on(11, "rotated", "a", 'b', json!({ "old_fingerprint": print('a') })),
            to(11, "pushed", 'b', "https://gitlab.com/x/one"),
            to(12, "pushed", 'b', "https://gitlab.com/x/one"),
        ]);
        let followed = past.copies.get(&print('b')).cloned().unwrap_or_default();
        assert_eq!(followed.len(), 1);
        assert_eq!(
            (followed[0].target.as_str(), followed[0].at.to_string().as_str()),
            ("https://gitlab.com/x/one", "2026-11-11T10:00:00Z")
        );
    }
}
