//! `connect import list`.

use std::fmt::Write as _;

use super::super::super::screen::Screen;
use super::super::super::style::{CARE, QUIET, styled};
use super::hanging;
use crate::model::place::Role;
use crate::model::text::printable;
use crate::workflow::import::{Importable, ListedRepository, RepositoryList};

/// Names that are longer than this stand on a line of their own.
const NAME: usize = 44;

/// How much room the words beside them have at the least.
const WORDS: usize = 16;

/// The longest role is `maintain`.
const ROLE: usize = 8;

/// The repositories: on a terminal a table, with the projects they were imported into underneath; elsewhere one line
/// each, fields separated by tabs.
pub fn repositories(screen: &Screen, list: &RepositoryList) -> String {
    if !screen.is_terminal() {
        return list.repositories.iter().fold(String::new(), |mut text, row| {
            let imported = if row.imported.is_empty() { "-".into() } else { printable(&row.imported.join(","), 600) };
            let why = row.importable.why().map_or_else(|| "-".into(), |why| printable(why, 200));
            let (name, word) = (name(row), importable_word(&row.importable));
            let _ = writeln!(text, "{name}\t{}\t{word}\t{why}\t{imported}", role(row));
            text
        });
    }
    let mut text = String::new();
    if !list.repositories.is_empty() {
        table(&mut text, &list.repositories, screen.width());
    }
    for import in &list.hidden {
        let words = format!(
            "{}, which was imported into {}/{}, is gone or hidden from this token",
            import.github.path, import.gitlab.url, import.gitlab.path
        );
        let space = if text.is_empty() { "" } else { "\n" };
        let mark = format!("{space}{} ", styled(CARE, "!"));
        hanging(&mut text, &mark, 2, &printable(&words, 400), screen.width());
    }
    text
}

fn table(text: &mut String, rows: &[ListedRepository], width: usize) {
    // The words want some room, too.
    let most = NAME.min(width.saturating_sub(1 + 2 + ROLE + 2 + WORDS));
    let fitting = rows.iter().map(|row| name(row).chars().count()).filter(|length| *length <= most);
    let names = fitting.max().unwrap_or(0).max("REPOSITORY".len());
    let indent = 1 + names + 2 + ROLE + 2;
    let _ = writeln!(text, " {:<names$}  {:<ROLE$}  IMPORT", "REPOSITORY", "ROLE");
    for row in rows {
        let name = name(row);
        let first = if name.chars().count() > names {
            format!(" {name}\n {:names$}  {:<ROLE$}  ", "", role(row))
        } else {
            format!(" {name:<names$}  {:<ROLE$}  ", role(row))
        };
        hanging(text, &first, indent, &word(row), width);
        for project in &row.imported {
            let _ = writeln!(text, "   → {}", styled(QUIET, &printable(project, 300)));
        }
    }
}

fn word(row: &ListedRepository) -> String {
    let why = row.importable.why().map(|why| printable(why, 200));
    match (&row.importable, why) {
        _ if !row.imported.is_empty() => "imported".to_owned(),
        (Importable::Unknown(_), Some(why)) => format!("? {why}"),
        (_, Some(why)) => format!("no: {why}"),
        (_, None) => "yes".to_owned(),
    }
}

fn name(row: &ListedRepository) -> String {
    printable(&row.repository.full_name(), 300)
}

fn role(row: &ListedRepository) -> &'static str {
    row.repository.role.map_or("-", Role::word)
}

/// The word in tables and JSON.
pub const fn importable_word(importable: &Importable) -> &'static str {
    match importable {
        Importable::Yes => "yes",
        Importable::No(_) => "no",
        Importable::Unknown(_) => "unknown",
    }
}
