//! Which connections an import uses, where they are not named: those that serve the repository and the project.

use std::collections::BTreeSet;

use crate::catalog::Records;
use crate::model::text::{is_path_part, printable};
use crate::model::{Connection, ForgeKind, Host};

use super::super::locate::{Address, find_connection, which};
use super::super::{Error, Tools};

/// A repository or project as it was typed: a path, or a whole URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Typed {
    /// The forge's part of a URL is read when the connection is known.
    text: String,
    is_url: bool,
}

impl Typed {
    /// Reads a path or a URL; nothing when it is neither.
    pub fn read(text: &str) -> Option<Self> {
        let is_url = text.contains("://") || text.contains('@');
        let text = text.trim_end_matches('/');
        if is_url {
            Address::read(text)?;
            return Some(Self { text: text.to_owned(), is_url });
        }
        // As it stands in the address that is copied from a forge's page. Neither forge lets a name end so.
        let path = text.trim_start_matches('/');
        let path = path.strip_suffix(".git").unwrap_or(path);
        let good = !path.is_empty() && path.split('/').all(is_path_part);
        good.then(|| Self { text: path.to_owned(), is_url })
    }

    /// The path at the connection's forge.
    pub fn path(&self, connection: &Connection) -> Option<String> {
        if !self.is_url {
            return Some(self.text.clone());
        }
        let below = Address::read(&self.text)?.below(&connection.url)?;
        let path = below.split("/-/").next().unwrap_or(&below).trim_end_matches('/').to_owned();
        path.split('/').all(is_path_part).then_some(path)
    }

    /// Whether it names this place of the forge at `url`.
    pub(super) fn is_at(&self, url: &str, path: &str) -> bool {
        let typed = if self.is_url {
            Address::read(&self.text).and_then(|address| address.below(url))
        } else {
            Some(self.text.clone())
        };
        typed.is_some_and(|typed| typed.eq_ignore_ascii_case(path))
    }

    /// As it may be shown.
    pub fn shown(&self) -> String {
        Address::read(&self.text).filter(|_| self.is_url).map_or_else(|| self.text.clone(), |address| address.shown())
    }
}

/// The connection of this kind that was named, or that serves what was typed.
///
/// # Errors
/// [`Error::NoneServes`], [`Error::SeveralServe`], [`Error::OtherForge`], [`Error::NoSuchConnection`].
pub fn connection(tools: &Tools<'_>, kind: ForgeKind, named: Option<&str>, typed: &Typed) -> Result<Connection, Error> {
    let records = &tools.records;
    let found = match named {
        Some(name) => find_connection(records, name)?,
        None if typed.is_url => find_connection(records, &typed.text)?,
        None => by_path(records, kind, &typed.text)?,
    };
    if found.forge == kind { Ok(found) } else { Err(Error::OtherForge { connection: found.name, wanted: kind }) }
}

/// The vendor's own host, as everywhere; where there is no connection to it, the only one there is.
fn by_path(records: &Records, kind: ForgeKind, path: &str) -> Result<Connection, Error> {
    let kept = records.all()?.filter_map(Result::ok).filter(|it| it.forge == kind && it.token.is_some());
    let hosts: BTreeSet<String> = kept.filter(|it| it.made_for.is_none()).map(|it| it.url).collect();
    let vendor = Host::vendor(kind).map(|host| host.url().to_owned()).unwrap_or_default();
    let base = match hosts.len() {
        1 => hosts.first(),
        _ => hosts.get(&vendor),
    };
    let none = || Error::NoneOfKind { wanted: kind, hosts: hosts.iter().map(|url| printable(url, 200)).collect() };
    let base = base.ok_or_else(none)?;
    let address = Address::read(&format!("{base}/{path}")).ok_or_else(none)?;
    let name = which(records, &address)?.name;
    records.find(&name)?.ok_or_else(none)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed() {
        for good in ["o/r", "group/sub/project", "https://github.com/o/r.git", "git@github.com:o/r", "octocat"] {
            assert!(Typed::read(good).is_some(), "{good}");
        }
        assert_eq!(Typed::read("o/r.git"), Typed::read("o/r"));
        for bad in [
            ".git",
            "o/.git",
            "",
            "/",
            "o//r",
            "o/r?x",
            "../x",
            "o/ghp_16C7e42F292c6912E7710c838347Ae178B4a",
            "ftp://h/o/r",
        ] {
            assert!(Typed::read(bad).is_none(), "{bad}");
        }
    }
}
