//! `connect config`.

use std::fmt::Write as _;
use std::path::Path;

use super::super::screen::Screen;
use super::super::style::{GOOD, styled};
use super::{table, trimmed};
use crate::model::text::printable;

/// All choices: key, value, and whether it was made or is built in.
pub fn settings(screen: &Screen, settings: &[(&str, String, &str)]) -> String {
    if screen.is_terminal() {
        let mut table = table(&["KEY", "VALUE", "FROM"]);
        for (key, value, source) in settings {
            table.add_row([*key, value, &words(source)]);
        }
        return trimmed(&table);
    }
    settings.iter().fold(String::new(), |mut text, (key, value, source)| {
        let _ = writeln!(text, "{key}\t{value}\t{source}");
        text
    })
}

fn words(source: &str) -> String {
    if source == "config" { "config.toml".into() } else { "built in".into() }
}

/// What is worth knowing about the file.
pub fn settings_end(screen: &Screen, path: &Path, unknown: &[String]) {
    if !unknown.is_empty() {
        let keys: Vec<String> = unknown.iter().map(|key| format!("`{}`", printable(key, 40))).collect();
        screen.note(&format!("{} has keys that this version does not know: {}", path.display(), keys.join(", ")));
    }
}

/// What was done, in one line.
pub fn done(said: &str) -> String {
    format!("{} {said}\n", styled(GOOD, "✓"))
}
