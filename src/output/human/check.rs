//! What `connect check` says: a table on a terminal, tab-separated lines elsewhere, and then what is missing.

use std::fmt::Write as _;

use super::super::screen::Screen;
use super::super::style::{BAD, CARE, GOOD, styled};
use super::{host, shortened, table, trimmed};
use crate::model::text::{printable, without_tokens};
use crate::model::{ForgeKind, Need, TokenKind, Verdict};
use crate::workflow::{Checkup, Connected, Seen};

/// What `connect check` prints.
pub fn check(screen: &Screen, checkup: &Checkup) -> String {
    if !screen.is_terminal() {
        return checkup.needs.iter().fold(String::new(), |mut text, need| {
            plain_line(&mut text, need);
            text
        });
    }
    let mut text = heading(checkup);
    let label = |need: &Need| shortened(&labelled(need), 26);
    let width = checkup.needs.iter().map(|need| label(need).chars().count()).max().unwrap_or(0);
    let verdicts = checkup.needs.iter().map(|need| marked(need.verdict).chars().count()).max().unwrap_or(0);
    let room = screen.width().saturating_sub(width + verdicts + 6).max(20);
    let mut rows = table(&["NEED", "VERDICT", "WHY"]);
    for need in &checkup.needs {
        let mut lines = folded(&printable(&need.why, 400), room).into_iter();
        rows.add_row([label(need), marked(need.verdict), lines.next().unwrap_or_default()]);
        for line in lines {
            rows.add_row([String::new(), String::new(), line]);
        }
    }
    text.push('\n');
    text.push_str(&trimmed(&rows));
    let more = what_to_do(checkup, screen.width());
    if !more.is_empty() {
        text.push('\n');
        text.push_str(&more);
    }
    text
}

fn labelled(need: &Need) -> String {
    let label = without_tokens(&need.label);
    match need.level {
        Some(level) => format!("{label} ({level})"),
        None => label,
    }
}

/// One need on one line, for `cut` and `awk`.
fn plain_line(text: &mut String, need: &Need) {
    let _ = writeln!(
        text,
        "{}\t{}\t{}\t{}",
        printable(&without_tokens(&need.name), 100),
        need.level.map_or("-", crate::model::permission::Level::word),
        need.verdict.word(),
        printable(&need.why, 400),
    );
}

fn heading(checkup: &Checkup) -> String {
    let words: Vec<String> = checkup.wishes.iter().map(|wish| without_tokens(&wish.to_string())).collect();
    let name = checkup.connection.name.as_str();
    let verdict = match checkup.allowed() {
        Some(true) => format!("{} `{name}` may do this", styled(GOOD, "✓")),
        Some(false) => format!("{} `{name}` may not do this", styled(BAD, "✗")),
        None => format!("{} Nothing speaks against it, but not all can be told of `{name}`", styled(CARE, "?")),
    };
    let place = checkup.seen.as_ref().map(|seen| format!(" in {}", printable(&seen.path(), 100))).unwrap_or_default();
    let mut text = format!("{verdict}{place}: {}\n", words.join(", "));
    if let Some(seen) = &checkup.seen {
        let _ = writeln!(text, "  {}", about(seen));
    }
    if let Some(before) = checkup.renamed_from() {
        let _ = writeln!(text, "  {} is its former name", printable(&before, 100));
    }
    if let Some(kind) = checkup.taken_as() {
        let _ = writeln!(text, "  it is a {kind}, and was checked as one");
    }
    text
}

fn about(seen: &Seen) -> String {
    let (visibility, archived) = match seen {
        Seen::Repository(it) => (&it.visibility, it.archived),
        Seen::Project(it) => (&it.visibility, it.archived),
        Seen::Group(it, _) => (&it.visibility, it.archived),
    };
    let archived = if archived { ", archived" } else { "" };
    format!("{}{archived}", printable(visibility, 20))
}

fn marked(verdict: Verdict) -> String {
    let mark = match verdict {
        Verdict::Granted | Verdict::NotNeeded => '✓',
        Verdict::Unknown => '?',
        _ => '✗',
    };
    format!("{mark} {}", verdict.word().replace('_', " "))
}

/// What is missing, and where it is added.
fn what_to_do(checkup: &Checkup, width: usize) -> String {
    let mut text = String::new();
    let mut said: Vec<&str> = Vec::new();
    for add in checkup.needs.iter().filter(|need| need.verdict.refuses()).filter_map(|need| need.add.as_deref()) {
        // Single sign-on and policies have one remedy for all of it.
        if said.contains(&add) {
            continue;
        }
        said.push(add);
        let mut lines = folded(&printable(add, 300), width.saturating_sub(4).max(40)).into_iter();
        let _ = writeln!(text, "  {} {}", styled(CARE, "→"), lines.next().unwrap_or_default());
        for more in lines {
            let _ = writeln!(text, "    {more}");
        }
    }
    if let Some(page) = &checkup.page {
        let what = if checkup.new_token.is_some() { "Edit the token" } else { "The page" };
        let _ = writeln!(text, "\n{what}: {page}");
    }
    if let Some(page) = &checkup.new_token {
        let _ = writeln!(text, "Or make another: {}", page.url);
    }
    text
}

/// What goes to stderr where stdout has lines for programs.
pub fn beside(screen: &Screen, checkup: &Checkup) {
    let text = what_to_do(checkup, screen.width());
    if !text.is_empty() {
        screen.note(text.trim_matches('\n'));
    }
}

/// What a token lacks, above the question whether it is to be kept.
pub fn lacking(needs: &[Need]) -> String {
    let mut text = "The token lacks what it is wanted for:\n".to_owned();
    for need in needs.iter().filter(|need| need.verdict.refuses()) {
        let _ = writeln!(text, "  {}: {}", without_tokens(&need.label), printable(&need.why, 200));
    }
    text
}

/// What is worth saying of a token that was connected for something.
pub fn fitness(screen: &Screen, connected: &Connected) {
    let missing: Vec<String> = connected
        .needs
        .iter()
        .filter(|need| need.verdict.refuses())
        .map(|need| format!("`{}`", without_tokens(&need.name)))
        .collect();
    if !missing.is_empty() {
        let verb = if connected.place.is_some() { "; it was kept all the same" } else { "" };
        screen.warning("permission_missing", &format!("the token lacks {}{verb}", missing.join(", ")));
    }
    let by_trying = connected.inspection.scopes.is_none() || connected.inspection.kind == TokenKind::Granular;
    if connected.needs.iter().any(|need| need.verdict == Verdict::Unknown) && by_trying {
        let connection = &connected.connection;
        let mut words: Vec<&str> = Vec::new();
        for word in connected.needs.iter().flat_map(|need| &need.wanted_for) {
            if !words.contains(&word.as_str()) {
                words.push(word);
            }
        }
        let place = match connection.forge {
            ForgeKind::GitHub => "--repo OWNER/REPO",
            ForgeKind::GitLab => "--project GROUP/PROJECT",
        };
        screen.note(&format!(
            "{} does not say what this token may do; a place tells: `connect check {} --for {} {place}`",
            host(connection),
            connection.name,
            without_tokens(&words.join(",")),
        ));
    }
}

/// A text in lines that are at most so long, broken between words where that is possible.
pub(super) fn folded(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        let room = |line: &String| line.chars().count() + 1 + word.chars().count() <= width;
        match lines.last_mut().filter(|line| room(line)) {
            Some(line) => {
                line.push(' ');
                line.push_str(word);
            }
            None => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding() {
        assert_eq!(folded("one two three", 7), ["one two", "three"]);
        assert_eq!(folded("averylongword x", 4), ["averylongword", "x"]);
        assert_eq!(folded("", 4), [""]);
    }
}
