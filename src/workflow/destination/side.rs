//! The forge that a place is at, with the connection that may write there.

use url::Url;

use super::super::import::{github, gitlab};
use super::super::{Error, Tools};
use super::DestinationError;
use crate::forge::{ForgeError, GitHub, GitLab};
use crate::model::{Connection, Destination, DestinationKind, Host, Secret};

/// One forge, and the token that is used there.
pub(super) struct Side<F> {
    pub forge: F,
    pub host: Host,
    pub token: Secret,
    pub via: Connection,
    /// Who may write to the place.
    who: &'static str,
    /// The place, and whether it is an environment's.
    place: (String, bool),
}

impl<F> Side<F> {
    /// An error of the forge's, with whose token it was.
    pub fn failed(&self) -> impl Fn(ForgeError) -> Error + '_ {
        |source| {
            let (host, via) = (Box::new(self.host.clone()), self.via.name.clone());
            let (place, environment) = self.place.clone();
            DestinationError::Forge { source: Box::new(source), host, place, environment, via, who: self.who }.into()
        }
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
pub(super) fn at_gitlab(tools: &Tools<'_>, via: Connection, it: &Destination) -> Result<Side<GitLab>, Error> {
    let (forge, host, token) = gitlab(tools, &via)?;
    let (who, place) = (who(it, &via), (super::shown(it), false));
    Ok(Side { forge, host, token, via, who, place })
}

/// A place at a GitHub.
pub(super) fn at_github(tools: &Tools<'_>, via: Connection, it: &Destination) -> Result<Side<GitHub>, Error> {
    let (forge, host, token) = github(tools, &via)?;
    let (who, place) = (who(it, &via), (super::shown(it), it.environment.is_some()));
    Ok(Side { forge, host, token, via, who, place })
}

/// Who may write to a place. GitLab docs, "Roles and permissions"; GitHub REST, "Actions Secrets".
fn who(destination: &Destination, via: &Connection) -> &'static str {
    let is_group = destination.target.strip_prefix(&via.url).is_some_and(|rest| rest.starts_with("/groups/"));
    match destination.kind {
        DestinationKind::GitlabMirror | DestinationKind::GitlabIntegration => {
            "a maintainer of the project, with the scope `api`; and the project needs GitLab Premium"
        }
        DestinationKind::GitlabVariable if destination.target == via.url => {
            "an administrator of the instance, with the scope `api`"
        }
        DestinationKind::GitlabVariable if is_group => "an owner of the group, with the scope `api`",
        DestinationKind::GitlabVariable => "a maintainer of the project, with the scope `api`",
        DestinationKind::GithubSecret => {
            "who may write to the repository, or owns the organisation, with the scope `repo` (of an organisation \
             `admin:org`) or the permission `Secrets`"
        }
        _ => "an administrator of the repository, or an owner of the organisation, with the permission `Webhooks`",
    }
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
