//! What is said before a command runs.

use jiff::SignedDuration;

use crate::model::ConnectionName;
use crate::model::text::printable;

/// A token may die while the command runs.
pub fn dies_within_the_hour(name: &ConnectionName, left: SignedDuration) -> String {
    let minutes = left.as_mins().max(0);
    let left = match minutes {
        0 => "within a minute".to_owned(),
        1 => "in a minute".to_owned(),
        _ => format!("in {minutes} minutes"),
    };
    format!("the token of `{}` expires {left}", printable(name.as_str(), 250))
}

/// Somewhere nobody was chosen.
pub fn none_is_default(names: &[ConnectionName]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    format!("none of {} is the default: no token of theirs is handed out", names.join(", "))
}
