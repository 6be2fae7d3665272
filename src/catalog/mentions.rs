//! Which connections were mentioned on which day: what is worth a word is worth one word a day.
//!
//! One small file, replaced whole, that holds the present day's marks only. Losing it costs a repetition, so nothing
//! here is ever a reason to fail, and nobody waits long for it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use jiff::civil::Date;

use super::Home;
use crate::files::{self, Lock};
use crate::model::ConnectionName;

/// Some ten thousand connections' marks.
const LIMIT: u64 = 4 * 1024 * 1024;

/// How long another process may be at it; each is done within milliseconds.
const PATIENCE: Duration = Duration::from_millis(500);

/// The marks of a home.
#[derive(Debug, Clone)]
pub struct Mentions {
    path: PathBuf,
    lock: PathBuf,
}

impl Mentions {
    /// The marks of a home; nothing is read or made yet.
    pub fn new(home: &Home) -> Self {
        // No connection's lock begins with a dot.
        Self { path: home.mentions_file(), lock: home.locks().join(".mentions.lock") }
    }

    /// Those of these connections that were not mentioned on this day; they count as mentioned from now on. Where
    /// that cannot be written down they are mentioned again, which is better than never.
    pub fn due(&self, names: Vec<ConnectionName>, today: Date) -> Vec<ConnectionName> {
        if names.is_empty() {
            return names;
        }
        let lock = Lock::acquire(&self.lock, PATIENCE);
        let mut marks = self.read();
        // Another day's marks are over; so are those of a day to come, left by a clock that was wrong.
        marks.retain(|_, day| *day == today);
        let due: Vec<ConnectionName> = names.into_iter().filter(|name| !marks.contains_key(name.as_str())).collect();
        marks.extend(due.iter().map(|name| (name.to_string(), today)));
        if lock.is_ok()
            && !due.is_empty()
            && let Ok(text) = serde_json::to_vec(&marks)
        {
            let _ = files::replace(&self.path, &text);
        }
        due
    }

    fn read(&self) -> BTreeMap<String, Date> {
        let bytes = files::read(&self.path, LIMIT).ok().flatten();
        bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn names(names: &[&str]) -> Vec<ConnectionName> {
        names.iter().filter_map(|name| name.parse().ok()).collect()
    }

    #[test]
    fn once_a_day_each() {
        let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
        let mentions = Mentions::new(&Home::below(folder.path()));
        let due = |wanted: &[&str], day| mentions.due(names(wanted), date(2026, 11, day));
        assert_eq!(due(&[], 1), names(&[]));
        assert!(!folder.path().join("state").exists(), "nothing to say makes no folders");
        assert_eq!(due(&["a"], 1), names(&["a"]));
        assert_eq!(due(&["a", "b"], 1), names(&["b"]));
        assert_eq!(due(&["a", "b"], 2), names(&["a", "b"]));
        assert_eq!(due(&["a"], 1), names(&["a"]), "a clock that was set back");
    }

    #[test]
    fn what_does_not_read_or_cannot_be_written_is_no_reason_to_be_silent() {
        let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
        let home = Home::below(folder.path());
        files::replace(&home.mentions_file(), b"{").unwrap_or_else(|e| panic!("{e}"));
        let mentions = Mentions::new(&home);
        let due = || mentions.due(names(&["a"]), date(2026, 11, 1));
        assert_eq!((due(), due()), (names(&["a"]), names(&[])));
        let file = folder.path().join("file");
        files::replace(&file, b"").unwrap_or_else(|e| panic!("{e}"));
        let mentions = Mentions::new(&Home::below(&file));
        let due = || mentions.due(names(&["a"]), date(2026, 11, 1));
        assert_eq!((due(), due()), (names(&["a"]), names(&["a"])));
    }

    #[test]
    fn of_many_at_once_no_mark_is_lost() {
        let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
        let mentions = Mentions::new(&Home::below(folder.path()));
        let all: Vec<String> = (0..8).map(|number| format!("c{number}")).collect();
        std::thread::scope(|scope| {
            for name in &all {
                let mentions = &mentions;
                scope.spawn(move || mentions.due(names(&[name]), date(2026, 11, 1)));
            }
        });
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        assert_eq!(mentions.due(names(&all), date(2026, 11, 1)), names(&[]));
    }
}
