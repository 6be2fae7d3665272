//! The two forges of an import, and the tokens that are used and planted there.

use url::Url;

use crate::forge::{Forge, ForgeError, GitHub, GitLab};
use crate::model::host::Flavour;
use crate::model::{Connection, ConnectionName, ForgeKind, Host, Secret};

use super::super::tools::host_of;
use super::super::{Error, Tools};
use super::Wanted;

/// Both ends, ready to be spoken to.
pub(super) struct Ends {
    pub github: GitHub,
    pub github_host: Host,
    pub github_token: Secret,
    pub gitlab: GitLab,
    pub gitlab_host: Host,
    pub gitlab_token: Secret,
    /// What reports statuses: the token named for that, or the repository's own.
    pub status_token: Secret,
    pub status_connection: ConnectionName,
    /// What the webhook's URL carries, where a connection was named for it.
    pub hook_token: Option<Secret>,
}

impl Ends {
    pub(super) fn open(tools: &Tools<'_>, wanted: &Wanted) -> Result<Self, Error> {
        let (github, github_host, github_token) = github(tools, &wanted.github)?;
        let (gitlab, gitlab_host, gitlab_token) = gitlab(tools, &wanted.gitlab)?;
        let (status_token, status_connection) = match &wanted.status {
            Some(other) => {
                same_forge(other, &wanted.github, "--status-token")?;
                (tools.secret_of(other)?.0, other.name.clone())
            }
            None => (github_token.clone(), wanted.github.name.clone()),
        };
        let hook_token = match &wanted.hook {
            Some(other) => {
                same_forge(other, &wanted.gitlab, "--hook-token")?;
                Some(tools.secret_of(other)?.0)
            }
            None => None,
        };
        Ok(Self {
            github,
            github_host,
            github_token,
            gitlab,
            gitlab_host,
            gitlab_token,
            status_token,
            status_connection,
            hook_token,
        })
    }

    /// Where git fetches the repository: canonical and with `.git`, because a mirror follows no redirect.
    pub(super) fn clone_url(&self, full_name: &str) -> Url {
        self.github_host.page(&format!("{full_name}.git"))
    }

    /// An error of GitHub's, with whose token it was.
    pub(super) fn github_failed(&self, wanted: &Wanted, error: ForgeError) -> Error {
        Error::of_forge(Some(&self.github_host), Some(&wanted.github.name))(error)
    }

    /// An error of GitLab's, with whose token it was.
    pub(super) fn gitlab_failed(&self, wanted: &Wanted, error: ForgeError) -> Error {
        Error::of_forge(Some(&self.gitlab_host), Some(&wanted.gitlab.name))(error)
    }

    /// Whether it is an Enterprise Server, or one in GitHub's own data centres under another name.
    pub(super) fn is_enterprise(&self) -> bool {
        self.github_host.flavour() != Flavour::GitHubCom
    }

    /// Where GitHub tells GitLab of pushes, without the token.
    pub(super) fn hook_url(&self, project: u64) -> Option<Url> {
        Url::parse(&format!("{}/projects/{project}/mirror/pull", self.gitlab_host.api_url())).ok()
    }
}

pub(in super::super) fn github(tools: &Tools<'_>, connection: &Connection) -> Result<(GitHub, Host, Secret), Error> {
    match tools.forge_of(connection)? {
        Forge::GitHub(github) => Ok((github, host_of(connection)?, tools.secret_of(connection)?.0)),
        Forge::GitLab(_) => Err(wrong(connection, ForgeKind::GitHub)),
    }
}

pub(in super::super) fn gitlab(tools: &Tools<'_>, connection: &Connection) -> Result<(GitLab, Host, Secret), Error> {
    match tools.forge_of(connection)? {
        Forge::GitLab(gitlab) => Ok((gitlab, host_of(connection)?, tools.secret_of(connection)?.0)),
        Forge::GitHub(_) => Err(wrong(connection, ForgeKind::GitLab)),
    }
}

fn wrong(connection: &Connection, wanted: ForgeKind) -> Error {
    Error::OtherForge { connection: connection.name.clone(), wanted }
}

/// A token goes to the forge that it was made for and to no other.
fn same_forge(other: &Connection, one: &Connection, flag: &'static str) -> Result<(), Error> {
    if other.forge == one.forge && other.url == one.url {
        return Ok(());
    }
    Err(Error::OtherHost { connection: other.name.clone(), flag, wanted: one.url.clone() })
}
