//! What users of gh and glab type by habit: `login`, `logout`, `switch`. Hidden from help; each is another
//! way to say a command of connect's own.

use clap::Args as ClapArgs;

use super::connecting::{self, Common};
use super::session::{AgeKeys, Session};
use super::token_input::PatSource;
use super::{CliError, disconnect, r#use};
use crate::model::{Connection, ForgeKind, Host};
use crate::output::Exit;
use crate::workflow;

/// Connect a forge, by its host name (`connect github`, `connect gitlab`)
#[derive(Debug, ClapArgs)]
pub(super) struct Login {
    #[command(flatten)]
    source: PatSource,

    /// Which host
    #[arg(long, alias = "hostname", value_name = "HOST")]
    host: Option<String>,

    /// Send requests there, where that does not follow from the host
    #[arg(long, value_name = "URL")]
    api_url: Option<String>,

    #[command(flatten)]
    common: Common,
}

impl Login {
    pub(super) fn run(self, session: &Session) -> Result<Exit, CliError> {
        let kind = self.host.as_deref().and_then(kind_of).ok_or_else(|| {
            let hints = [
                "`connect github --pat`, with `--host` for another than github.com",
                "`connect gitlab --pat`, with `--host` for another than gitlab.com",
            ];
            CliError::usage("it is not plain whether GitHub or GitLab is meant", &hints)
        })?;
        let source = self.source.chosen()?;
        connecting::run(session, kind, self.host.as_deref(), self.api_url.as_deref(), source, false, self.common)
    }
}

/// The forge that a host's name tells of.
fn kind_of(host: &str) -> Option<ForgeKind> {
    let name = host.split_once("://").map_or(host, |(_, rest)| rest).to_lowercase();
    let name = name.split(['/', ':']).next().unwrap_or_default();
    let says = |word: &str| name.split('.').any(|part| part == word);
    match (says("github") || name.ends_with(".ghe.com"), says("gitlab")) {
        (true, false) => Some(ForgeKind::GitHub),
        (false, true) => Some(ForgeKind::GitLab),
        _ => None,
    }
}

/// Whose connection is meant.
#[derive(Debug, ClapArgs)]
struct Whose {
    /// Which connection
    #[arg(value_name = "NAME", conflicts_with_all = ["host", "user"])]
    name: Option<String>,

    /// The one at this host
    #[arg(long, alias = "hostname", value_name = "HOST")]
    host: Option<String>,

    /// The one of this account
    #[arg(long, short, value_name = "LOGIN")]
    user: Option<String>,
}

impl Whose {
    /// The name of the only connection that is meant, among those that `fits` lets pass.
    fn only(self, session: &Session, fits: impl Fn(&Connection) -> bool) -> Result<String, CliError> {
        if let Some(name) = self.name {
            return Ok(name);
        }
        let tools = session.tools(AgeKeys::default(), &|_| ());
        let meant = |connection: &Connection| {
            let login = connection.account.as_ref().map(|account| account.login.as_str());
            self.host.as_deref().is_none_or(|host| is_at(connection, host))
                && self.user.as_deref().is_none_or(|user| login.is_some_and(|login| login.eq_ignore_ascii_case(user)))
        };
        let all = workflow::list(&tools, None)?.connections;
        let mut found: Vec<&Connection> =
            all.iter().filter(|connection| meant(connection) && fits(connection)).collect();
        match (found.pop(), found.is_empty()) {
            (Some(only), true) => Ok(only.name.to_string()),
            (None, _) => Err(CliError::from(workflow::Error::NoSuchConnection {
                wanted: self.user.or(self.host).unwrap_or_default(),
                similar: Vec::new(),
            })),
            (Some(_), false) => Err(CliError::usage(
                "more than one connection could be meant",
                &["name one; `connect list` shows them"],
            )),
        }
    }
}

fn is_at(connection: &Connection, host: &str) -> bool {
    Host::parse(connection.forge, host, None, true).is_ok_and(|host| host.url() == connection.url)
}

/// Forget a connection (`connect disconnect`)
#[derive(Debug, ClapArgs)]
pub(super) struct Logout {
    #[command(flatten)]
    whose: Whose,
}

impl Logout {
    pub(super) fn run(self, session: &Session) -> Result<Exit, CliError> {
        disconnect::Args::of(self.whose.only(session, |_| true)?).run(session)
    }
}

/// Make a connection the default of its host (`connect use NAME --default`)
#[derive(Debug, ClapArgs)]
pub(super) struct Switch {
    #[command(flatten)]
    whose: Whose,
}

impl Switch {
    pub(super) fn run(self, session: &Session) -> Result<Exit, CliError> {
        // Between two, the one that is not the default yet.
        r#use::Args::switch_to(self.whose.only(session, |connection| !connection.default)?).run(session)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_tells_its_forge_or_nothing() {
        for (host, kind) in [
            ("github.com", Some(ForgeKind::GitHub)),
            ("https://github.example.com:8443/x", Some(ForgeKind::GitHub)),
            ("acme.ghe.com", Some(ForgeKind::GitHub)),
            ("GitLab.com", Some(ForgeKind::GitLab)),
            ("http://gitlab.example.com", Some(ForgeKind::GitLab)),
            ("git.example.com", None),
            ("notgithub.com", None),
            ("gitlab.github.com", None),
        ] {
            assert_eq!(kind_of(host), kind, "{host}");
        }
    }
}
