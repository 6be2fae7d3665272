//! The variables that programs read: which of them get a connection's token, and which tell where it belongs.
//!
//! `docs/programs.md` has this table with the place where each program says so. Every variable in it is taken out of
//! the command's environment before one is put in: a token that somebody has left there would go to a host that it was
//! not made for, and an address would lead ours there. An address is set only together with the token that goes there.

use crate::model::host::Flavour;
use crate::model::{Connection, ForgeKind, Host, TokenKind};

/// One variable.
#[derive(Debug, Clone, Copy)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What it is for.
    pub holds: Holds,
}

/// What a variable holds.
#[derive(Debug, Clone, Copy)]
pub enum Holds {
    /// A token of these connections. Two of them cannot both have it.
    Token(Whose),
    /// The token of the first of these connections: programs that read it are told by another variable where it goes.
    FirstToken(Whose),
    /// Where the token goes that one of these variables holds; of several, that of the connection that was named first.
    Address(&'static [&'static str], fn(&Host) -> Option<String>),
    /// Nothing of ours; it would be read before what is.
    Nothing,
}

/// Which connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// github.com and *.ghe.com.
    Cloud,
    /// GitHub Enterprise Server.
    Server,
    /// Any GitHub.
    AnyGitHub,
    /// Any GitLab.
    AnyGitLab,
    /// GitLab, with a token that goes as `PRIVATE-TOKEN`.
    Private,
    /// GitLab, with an application's token.
    Application,
}

impl Whose {
    /// Whether a connection is meant. One whose address does not read is nobody's.
    pub fn fits(self, connection: &Connection, host: &Host) -> bool {
        let cloud = matches!(host.flavour(), Flavour::GitHubCom | Flavour::GheCom);
        let oauth = connection.token.as_ref().is_some_and(|token| token.kind == TokenKind::Oauth);
        match self {
            Self::Cloud => cloud,
            Self::Server => connection.forge == ForgeKind::GitHub && !cloud,
            Self::AnyGitHub => connection.forge == ForgeKind::GitHub,
            Self::AnyGitLab => connection.forge == ForgeKind::GitLab,
            Self::Private => connection.forge == ForgeKind::GitLab && !oauth,
            Self::Application => connection.forge == ForgeKind::GitLab && oauth,
        }
    }
}

/// The tokens that gh takes.
const OF_GH: &[&str] = &["GH_TOKEN", "GITHUB_TOKEN", "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"];
const OF_OCTOKIT: &[&str] = &["OCTOKIT_ACCESS_TOKEN"];
const OF_GITHUB: &[&str] = &["GITHUB_TOKEN"];
const OF_GITLAB: &[&str] = &["GITLAB_TOKEN", "GITLAB_ACCESS_TOKEN", "GITLAB_PRIVATE_TOKEN", "GITLAB_OAUTH_TOKEN"];

/// All of them. Tokens stand before the addresses that go with them.
pub const VARIABLES: [Variable; 26] = {
    use Holds::{Address, FirstToken, Nothing, Token};
    const fn of(name: &'static str, holds: Holds) -> Variable {
        Variable { name, holds }
    }
    [
        of("GH_TOKEN", Token(Whose::Cloud)),
        of("GITHUB_TOKEN", Token(Whose::Cloud)),
        of("GH_ENTERPRISE_TOKEN", Token(Whose::Server)),
        of("GITHUB_ENTERPRISE_TOKEN", Token(Whose::Server)),
        of("OCTOKIT_ACCESS_TOKEN", FirstToken(Whose::AnyGitHub)),
        of("GITLAB_TOKEN", Token(Whose::AnyGitLab)),
        of("GITLAB_ACCESS_TOKEN", Token(Whose::AnyGitLab)),
        of("GITLAB_PRIVATE_TOKEN", Token(Whose::Private)),
        of("GITLAB_OAUTH_TOKEN", Token(Whose::Application)),
        of("GH_HOST", Address(OF_GH, gh_host)),
        of("GITHUB_API_URL", Address(OF_GITHUB, api_url)),
        of("GITHUB_GRAPHQL_URL", Address(OF_GITHUB, graphql_url)),
        of("GITHUB_BASE_URL", Address(OF_GITHUB, terraform_github)),
        of("OCTOKIT_API_ENDPOINT", Address(OF_OCTOKIT, api_url_with_slash)),
        of("OCTOKIT_WEB_ENDPOINT", Address(OF_OCTOKIT, url)),
        of("GITLAB_HOST", Address(OF_GITLAB, url)),
        of("GITLAB_URL", Address(OF_GITLAB, url)),
        of("GITLAB_BASE_URL", Address(OF_GITLAB, api_url_with_slash)),
        of("GITLAB_API_HOST", Address(OF_GITLAB, other_api_host)),
        of("GITLAB_URI", Nothing),
        of("GL_HOST", Nothing),
        of("GL_TOKEN", Nothing),
        of("GL_URL", Nothing),
        of("OAUTH_TOKEN", Nothing),
        of("OCTOKIT_LOGIN", Nothing),
        of("OCTOKIT_PASSWORD", Nothing),
    ]
};

/// Whether the table has a variable of this name.
pub fn is_known(name: &str) -> bool {
    VARIABLES.iter().any(|variable| variable.name == name)
}

fn gh_host(host: &Host) -> Option<String> {
    // By itself gh goes there.
    (host.flavour() != Flavour::GitHubCom).then(|| authority(host.web_base())).flatten()
}

fn url(host: &Host) -> Option<String> {
    Some(host.url().to_owned())
}

fn api_url(host: &Host) -> Option<String> {
    Some(host.api_url().to_owned())
}

fn api_url_with_slash(host: &Host) -> Option<String> {
    Some(format!("{}/", host.api_url()))
}

fn graphql_url(host: &Host) -> Option<String> {
    Some(host.graphql_url().to_string())
}

/// The provider adds the path of the API to any address but those of github.com and *.ghe.com.
fn terraform_github(host: &Host) -> Option<String> {
    Some(match host.flavour() {
        Flavour::GitHubServer => format!("{}/", host.url()),
        _ => format!("{}/", host.api_url()),
    })
}

/// Where the API is on a host of its own.
fn other_api_host(host: &Host) -> Option<String> {
    let (web, api) = (authority(host.web_base()), authority(host.api_base()));
    api.filter(|api| web.as_ref() != Some(api))
}

fn authority(url: &url::Url) -> Option<String> {
    let host = url.host_str()?;
    Some(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_variable_is_there_twice_and_tokens_come_first() {
        let mut names: Vec<&str> = VARIABLES.iter().map(|variable| variable.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), VARIABLES.len());
        let mut tokens = Vec::new();
        for variable in VARIABLES {
            match variable.holds {
                Holds::Token(_) | Holds::FirstToken(_) => tokens.push(variable.name),
                Holds::Address(with, _) => assert!(with.iter().all(|name| tokens.contains(name)), "{}", variable.name),
                Holds::Nothing => {}
            }
        }
    }

    #[test]
    fn every_variable_is_documented() {
        let documented = include_str!("../../../docs/programs.md");
        for variable in VARIABLES {
            assert!(documented.contains(&format!("`{}`", variable.name)), "{}", variable.name);
        }
    }
}
