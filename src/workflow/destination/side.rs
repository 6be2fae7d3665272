//! The forge that a place is at, with the connection that may write there.

use url::Url;

use super::super::import::{github, gitlab};
use super::super::{Error, Tools};
use super::DestinationError;
use crate::forge::{ForgeError, GitHub, GitLab};
use crate::model::{Connection, Destination, Host, Secret};

/// One forge, and the token that is used there.
pub(super) struct Side<F> {
    pub forge: F,
    pub host: Host,
    pub token: Secret,
    pub via: Connection,
}

impl<F> Side<F> {
    /// An error of the forge's, with whose token it was.
    pub fn failed(&self) -> impl Fn(ForgeError) -> Error + '_ {
        |error| Error::of_forge(Some(&self.host), Some(&self.via.name))(error)
    }

    /// The path of a page that a record names.
    pub fn path(&self, destination: &Destination) -> Result<String, Error> {
        let rest = destination.target.strip_prefix(&self.via.url).and_then(|rest| rest.strip_prefix('/'));
        rest.map(str::to_owned).ok_or_else(|| not_at_forge(&self.via, destination))
    }
}

/// The connection that may write to a place.
pub(super) fn via(tools: &Tools<'_>, connection: &Connection, destination: &Destination) -> Result<Connection, Error> {
    let none = || DestinationError::NoVia { connection: connection.name.clone(), place: super::shown(destination) };
    let name = destination.via.as_ref().ok_or_else(none)?;
    // The very record in hand may be newer than the one on the disk.
    if *name == connection.name {
        return Ok(connection.clone());
    }
    Ok(tools.records.find(name)?.ok_or_else(none)?)
}

/// A place at a GitLab.
pub(super) fn at_gitlab(tools: &Tools<'_>, via: Connection) -> Result<Side<GitLab>, Error> {
    let (forge, host, token) = gitlab(tools, &via)?;
    Ok(Side { forge, host, token, via })
}

/// A place at a GitHub.
pub(super) fn at_github(tools: &Tools<'_>, via: Connection) -> Result<Side<GitHub>, Error> {
    let (forge, host, token) = github(tools, &via)?;
    Ok(Side { forge, host, token, via })
}

pub(super) fn not_at_forge(via: &Connection, destination: &Destination) -> Error {
    DestinationError::NotAtForge { via: via.name.clone(), place: super::shown(destination) }.into()
}

/// Whether an address is below another: scheme, host, port and path.
pub(super) fn is_below(url: &Url, base: &Url) -> bool {
    let path = base.path().trim_end_matches('/');
    let rest = url.path().strip_prefix(path);
    url.origin() == base.origin() && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_below() {
        let below = |url: &str, base: &str| {
            Url::parse(url).is_ok_and(|url| Url::parse(base).is_ok_and(|base| is_below(&url, &base)))
        };
        assert!(below("https://github.com/o/r.git", "https://github.com"));
        assert!(below("https://h/gitlab/o/r", "https://h/gitlab"));
        for (url, base) in [
            ("https://github.com.evil.test/o/r", "https://github.com"),
            ("http://github.com/o/r", "https://github.com"),
            ("https://h/gitlabber/o/r", "https://h/gitlab"),
            ("https://h:8443/o/r", "https://h"),
        ] {
            assert!(!below(url, base), "{url}");
        }
    }
}
