//! History: what happened, read line by line, and whether the lines follow on each other.

use std::collections::BTreeSet;

use crate::catalog::CatalogError;
use crate::catalog::history::{Entry, Found, Verified};
use crate::model::text::printable;

use super::locate::alike;
use super::{Error, Tools};

/// What was read, beside the entries.
#[derive(Debug, Default)]
pub struct HistoryRead {
    /// How many entries were shown.
    pub shown: usize,
    /// Lines that do not read.
    pub unreadable: Vec<usize>,
    /// The number of the last line, when it was not written to its end.
    pub torn: Option<usize>,
    /// How the chain was found, when it was to be verified.
    pub verified: Option<Verified>,
}

/// Reads the history, and gives each entry to `each` as it comes; with a name, those about that connection. The
/// chain is verified as a whole. Nothing is changed.
///
/// # Errors
/// [`Error::NeverSeen`] for a name that is in no entry and no record; [`Error::Catalog`] when the file cannot be read.
pub fn history(
    tools: &Tools<'_>,
    name: Option<&str>,
    verify: bool,
    each: &mut dyn FnMut(&Entry),
) -> Result<HistoryRead, Error> {
    let reading = tools.history.read()?;
    let mut chain = verify.then(|| reading.verifier());
    let mut read = HistoryRead::default();
    let mut names = BTreeSet::new();
    for line in reading {
        let (number, found): (usize, Found) = line?;
        if let Some(chain) = chain.as_mut() {
            chain.add(number, &found);
        }
        match found {
            Found::Torn => read.torn = Some(number),
            Found::Unreadable => read.unreadable.push(number),
            Found::Entry(entry) => {
                if name.is_none_or(|name| entry.is_about(name)) {
                    read.shown += 1;
                    each(&entry);
                } else {
                    remember_names(&mut names, &entry);
                }
            }
        }
    }
    read.verified = chain.map(crate::catalog::history::Chain::end);
    match name {
        Some(name) if read.shown == 0 && !exists(tools, name)? => Err(never_seen(tools, name, names)),
        _ => Ok(read),
    }
}

fn remember_names(names: &mut BTreeSet<String>, entry: &Entry) {
    for name in entry.names() {
        if !names.contains(name) {
            names.insert(name.to_owned());
        }
    }
}

fn exists(tools: &Tools<'_>, name: &str) -> Result<bool, CatalogError> {
    Ok(tools.records.names()?.iter().any(|there| there.as_str() == name))
}

fn never_seen(tools: &Tools<'_>, name: &str, mut names: BTreeSet<String>) -> Error {
    names.extend(tools.records.names().unwrap_or_default().into_iter().map(String::from));
    let similar = alike(names.iter().filter_map(|there| there.parse().ok()), name);
    Error::NeverSeen { wanted: printable(name, 80), similar }
}
