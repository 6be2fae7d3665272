//! git: whether it asks connect for the hosts of the connections, who else answers, and what makes it not ask at all.
//!
//! Only git's configuration is looked at, as it counts in the folder one stands in. No helper is called, and no value that
//! somebody wrote is repeated: a helper can be a command line with a password in it.

use std::path::{Path, PathBuf};

use url::Url;

use super::super::credential::names_nobody;
use super::super::setup_git::{self, Asked, Site};
use super::Question;
use super::check::{Check, Group, Trouble, Verdict};
use crate::files;
use crate::git::config::{self, Entry, Helper};
use crate::git::{Git, GitError};
use crate::model::text::begins_like_a_token;
use crate::model::{Connection, Outline};

/// `password_expiry_utc`: git itself takes no token whose end has passed.
const KNOWS_EXPIRY: (u32, u32) = (2, 40);

/// `state[]`: what connect handed out is known again without a look at the store.
const KNOWS_STATE: (u32, u32) = (2, 46);

/// What is wrong with what git does for the hosts of connections.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GitTrouble {
    /// It does not know when a token dies.
    #[error("git {version} does not know when a token expires, and tries dead ones (2.40 and later do)")]
    Old {
        /// Its version.
        version: String,
    },
    /// Some hosts are set up, this one is not.
    #[error("git does not ask connect for it")]
    NotAsked,
    /// Others answer before connect.
    #[error("git asks {} before connect: what they know is taken", list(helpers))]
    AnswersFirst {
        /// Which.
        helpers: Vec<String>,
    },
    /// Others are told of connect's tokens.
    #[error(
        "git tells {} every token of connect's that works; what is told may be kept there{}",
        list(helpers),
        readable(helpers)
    )]
    Told {
        /// Which.
        helpers: Vec<String>,
    },
    /// connect's program is no longer where a line says.
    #[error("git is told to start connect where it no longer is: {place}")]
    Gone {
        /// Its path, or its name.
        place: String,
    },
    /// Which connection answers depends on the path, and git does not tell it.
    #[error("which connection answers depends on the path, and git does not name it")]
    NoPath,
    /// A header is sent, whatever helpers say.
    #[error("an `http.extraHeader` of git's configuration authorises every request; no helper is asked")]
    Header,
    /// `~/.netrc` has a line for the host.
    #[error("{} has a login for it, which git's HTTP library takes before any helper is asked", path.display())]
    Netrc {
        /// The file.
        path: PathBuf,
    },
    /// git asks for one user, and no connection is that user's.
    #[error("`credential.username` asks for another user than any connection's here")]
    OtherUser,
    /// The URLs are rewritten to ssh.
    #[error("`url.….insteadOf` turns its URLs into ssh: no helper is asked")]
    BySsh,
    /// The URLs get a login put into them, which is taken in place of what any helper says.
    #[error("`url.….insteadOf` puts a login into its URLs: no helper is asked, and the configuration is readable")]
    LoginPutIn,
    /// A remote's URL has a password or a token in it.
    #[error("the URL of the remote `{remote}` has a password in it, which is readable in `.git/config`")]
    SecretInUrl {
        /// The remote's name.
        remote: String,
        /// Its URL without it.
        clean: String,
        /// It is the one that is pushed to.
        push: bool,
    },
}

fn list(helpers: &[String]) -> String {
    let name = |helper: &String| if helper.contains(' ') { helper.clone() } else { format!("`{helper}`") };
    helpers.iter().map(name).collect::<Vec<_>>().join(", ")
}

fn readable(helpers: &[String]) -> &'static str {
    if helpers.iter().any(|helper| helper == "store") { ", `store` in a readable file" } else { "" }
}

/// Looks at git. Without connections with tokens there is nothing it could be given.
pub(super) fn look(question: &Question<'_>, connections: &[Connection], all: &[Outline], checks: &mut Vec<Check>) {
    let sites = sites(connections, all);
    if sites.is_empty() {
        return;
    }
    let mut add = |name: &str, verdict| checks.push(Check::new(Group::Git, name, verdict));
    let git = match question.git {
        Ok(git) => git,
        Err(_) => return add("git", Verdict::Skipped("there is none in any folder of PATH".into())),
    };
    let entries = match git.version().and_then(|version| Ok((version, everything(git)?))) {
        Ok((version, entries)) => {
            add("git", of_version(&version));
            entries
        }
        Err(error) => return add("git", Verdict::failed(error)),
    };
    let netrc = question.surroundings.netrc.as_deref().and_then(Netrc::read);
    let asked: Vec<(&Site, Url, Asked)> = sites
        .iter()
        .filter_map(|site| {
            let url = site.parsed()?;
            let asked = setup_git::of(&entries, site, &url);
            Some((site, url, asked))
        })
        .collect();
    if !asked.iter().any(|(.., asked)| asked.asks_connect()) {
        add("helper", Verdict::Skipped("git does not ask connect; `connect setup-git` lets it".into()));
    } else {
        for (site, url, asked) in &asked {
            for verdict in host(git, &entries, netrc.as_ref(), url, asked, connections) {
                let host = Some(site.label().to_owned());
                checks.push(Check { host, ..Check::new(Group::Git, site.label(), verdict) });
            }
        }
    }
    for entry in entries.iter().filter(|entry| entry.section == "remote") {
        checks.extend(remote(entry));
    }
}

/// The hosts of these connections, judged among all.
fn sites(connections: &[Connection], all: &[Outline]) -> Vec<Site> {
    let answers = |connection: &&Connection| connection.token.is_some() && connection.made_for.is_none();
    let mut urls: Vec<&str> = connections.iter().filter(answers).map(|connection| connection.url.as_str()).collect();
    urls.sort_unstable();
    urls.dedup();
    let site = |url: &str| Site {
        url: url.to_owned(),
        connections: connections.iter().filter(|connection| connection.url == url).count(),
        needs_path: setup_git::needs_path(url, all),
    };
    urls.into_iter().map(site).collect()
}

fn everything(git: &Git) -> Result<Vec<Entry>, GitError> {
    let pattern = r"^(credential\.|http\..*extraheader$|url\..*insteadof$|remote\..*url$)";
    setup_git::matching(git, &["config"], pattern)
}

fn of_version(version: &str) -> Verdict {
    let mut parts = version.split('.').map_while(|part| part.parse::<u32>().ok());
    let number = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    if number < KNOWS_EXPIRY {
        Verdict::Bad(Trouble::Git(GitTrouble::Old { version: version.to_owned() }))
    } else if number < KNOWS_STATE {
        Verdict::Well(format!("git {version}; from 2.46 on it is quicker after each fetch and push"))
    } else {
        Verdict::Well(format!("git {version}"))
    }
}

/// What is to be said of a host; more than one thing can be wrong.
fn host(
    git: &Git,
    entries: &[Entry],
    netrc: Option<&Netrc>,
    url: &Url,
    asked: &Asked,
    connections: &[Connection],
) -> Vec<Verdict> {
    let mut troubles = Vec::new();
    let names = |helpers: Vec<&Helper>| {
        let mut names: Vec<String> = helpers.into_iter().map(|helper| helper.label().to_owned()).collect();
        names.dedup();
        names
    };
    if config::sends_a_header(entries, url) {
        troubles.push(GitTrouble::Header);
    }
    if let Some(netrc) = netrc.filter(|netrc| netrc.names(url)) {
        troubles.push(GitTrouble::Netrc { path: netrc.path.clone() });
    }
    if by_ssh(entries, url) {
        troubles.push(GitTrouble::BySsh);
    }
    if puts_a_login_in(entries, url) {
        troubles.push(GitTrouble::LoginPutIn);
    }
    if !asked.asks_connect() {
        troubles.push(GitTrouble::NotAsked);
    } else {
        let ours = || asked.helpers.iter().filter(|helper| helper.is_connect());
        if !ours().any(|helper| setup_git::is_there(git, helper)) {
            let place = ours().next().map(place_of).unwrap_or_default();
            troubles.push(GitTrouble::Gone { place });
        }
        let (before, told) = (names(asked.before().collect()), names(asked.told().collect()));
        if !before.is_empty() {
            troubles.push(GitTrouble::AnswersFirst { helpers: before });
        }
        if !told.is_empty() {
            troubles.push(GitTrouble::Told { helpers: told });
        }
        if asked.needs_path && asked.use_http_path != Some(true) {
            troubles.push(GitTrouble::NoPath);
        }
        let user = config::credential(entries, "username", url).map(Entry::text);
        if user.is_some_and(|user| !is_known(user, url, connections)) {
            troubles.push(GitTrouble::OtherUser);
        }
    }
    if troubles.is_empty() {
        return vec![Verdict::Well("git asks connect, and nobody else".into())];
    }
    troubles.into_iter().map(|trouble| Verdict::Bad(Trouble::Git(trouble))).collect()
}

/// The hosts that `~/.netrc` has logins for. curl, which git speaks HTTP with, reads it by itself.
struct Netrc {
    path: PathBuf,
    hosts: Vec<String>,
}

impl Netrc {
    /// Larger than any that a person keeps.
    const LIMIT: u64 = 256 * 1024;

    fn read(path: &Path) -> Option<Self> {
        let bytes = files::read(path, Self::LIMIT).ok()??;
        let text = std::str::from_utf8(&bytes).ok()?;
        let mut words = text.split_ascii_whitespace();
        let mut hosts = Vec::new();
        while let Some(word) = words.next() {
            match word {
                "machine" => hosts.extend(words.next().map(str::to_owned)),
                "default" => hosts.push("*".to_owned()),
                // What follows may be any word at all.
                "login" | "password" | "account" => drop(words.next()),
                _ => {}
            }
        }
        Some(Self { path: path.to_owned(), hosts })
    }

    fn names(&self, url: &Url) -> bool {
        self.hosts.iter().any(|host| host == "*" || url.host_str().is_some_and(|it| it.eq_ignore_ascii_case(host)))
    }
}

fn place_of(helper: &Helper) -> String {
    match helper {
        Helper::ConnectAt(path) => path.display().to_string(),
        Helper::ConnectByName | Helper::Other(_) => "`git-credential-connect` is in no folder of PATH".into(),
    }
}

/// Whether a user's name is one that a connection of the host goes by.
fn is_known(user: &str, url: &Url, connections: &[Connection]) -> bool {
    let is = |name: &str| name.eq_ignore_ascii_case(user);
    let here = |connection: &&Connection| Url::parse(&connection.url).is_ok_and(|base| base.origin() == url.origin());
    let goes = |connection: &Connection| {
        names_nobody(user)
            || is(connection.git_user())
            || connection.account.as_ref().is_none_or(|account| is(&account.login))
    };
    connections.iter().filter(here).any(goes)
}

/// What URLs of a host are rewritten to. The prefix is compared as git does: letter by letter.
fn rewritten_to<'a>(entries: &'a [Entry], url: &Url) -> impl Iterator<Item = &'a str> {
    let base = format!("{}/", url.as_str().trim_end_matches('/'));
    let rewrites = |entry: &&Entry| entry.section == "url" && entry.name == "insteadof";
    let covers = move |entry: &&Entry| !entry.text().is_empty() && base.starts_with(entry.text());
    entries.iter().filter(rewrites).filter(covers).map(|entry| entry.subsection.as_deref().unwrap_or_default())
}

fn by_ssh(entries: &[Entry], url: &Url) -> bool {
    let is_ssh = |to: &str| to.starts_with("ssh://") || (!to.contains("://") && to.contains('@') && to.contains(':'));
    rewritten_to(entries, url).any(is_ssh)
}

/// What CI scripts write: `url.https://oauth2:TOKEN@gitlab.com/.insteadOf https://gitlab.com/`.
fn puts_a_login_in(entries: &[Entry], url: &Url) -> bool {
    let has_login = |to: Url| matches!(to.scheme(), "http" | "https") && to.password().is_some();
    rewritten_to(entries, url).any(|to| Url::parse(to).is_ok_and(has_login))
}

/// A remote whose URL has a password, or a token in the place of the user.
fn remote(entry: &Entry) -> Option<Check> {
    let mut url = Url::parse(entry.text()).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let as_user = begins_like_a_token(url.username());
    if url.password().is_none_or(str::is_empty) && !as_user {
        return None;
    }
    url.set_password(None).ok()?;
    url.set_username("").ok()?;
    let printable = crate::model::text::printable;
    let remote = printable(entry.subsection.as_deref().unwrap_or_default(), 60);
    let clean = printable(&crate::model::text::masked_url(&url), 300);
    let trouble = GitTrouble::SecretInUrl { remote: remote.clone(), clean, push: entry.name == "pushurl" };
    Some(Check::new(Group::Git, &format!("remote {remote}"), Verdict::Bad(Trouble::Git(trouble))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(lines: &[(&str, &str)]) -> Vec<Entry> {
        let text = |(key, value): &(&str, &str)| format!("local\0file:.git/config\0{key}\n{value}\0");
        config::read(lines.iter().map(text).collect::<String>().as_bytes())
    }

    #[test]
    fn versions() {
        let bad = |version| matches!(of_version(version), Verdict::Bad(_));
        assert!(bad("2.39.5") && bad("1.9") && bad("something"));
        assert!(!bad("2.40.0") && !bad("2.47.3") && !bad("2.46.0.windows.1") && !bad("3.0"));
    }

    #[test]
    fn rewritten_to_ssh() {
        let url = Url::parse("https://github.com").unwrap_or_else(|e| panic!("{e}"));
        let by = |to: &str, from: &str| by_ssh(&entries(&[(&format!("url.{to}.insteadof"), from)]), &url);
        assert!(by("git@github.com:", "https://github.com/"));
        assert!(by("ssh://git@github.com/", "https://"));
        assert!(!by("https://mirror.example.com/", "https://github.com/"));
        assert!(!by("git@github.com:", "https://gitlab.com/"));
        assert!(!by("git@github.com:", "https://github.com/acme/"));
    }

    #[test]
    fn a_login_that_is_put_in() {
        let url = Url::parse("https://gitlab.com").unwrap_or_else(|e| panic!("{e}"));
        let put = |to: &str, from: &str| puts_a_login_in(&entries(&[(&format!("url.{to}.insteadof"), from)]), &url);
        assert!(put("https://oauth2:hunter2@gitlab.com/", "https://gitlab.com/"));
        assert!(put("https://oauth2:hunter2@gitlab.com", "https://gitlab.com"));
        assert!(!put("https://oauth2@gitlab.com/", "https://gitlab.com/"));
        assert!(!put("https://oauth2:hunter2@gitlab.com/", "https://github.com/"));
        assert!(!put("git@gitlab.com:", "https://gitlab.com/"));
    }

    #[test]
    fn secrets_in_remotes_are_found_and_not_repeated() {
        let found = |url: &str| {
            let all = entries(&[("remote.origin.url", url)]);
            all.first().and_then(remote).map(|check| format!("{:?}", check.verdict))
        };
        for url in [
            "https://octocat:hunter2@github.com/o/r",
            "https://ghp_hunter2hunter2hunter2hunter2hunter2hun@github.com/o/r",
        ] {
            let said = found(url).unwrap_or_default();
            assert!(said.contains("origin") && !said.contains("hunter2"), "{said}");
        }
        for url in ["https://octocat@github.com/o/r", "git@github.com:o/r", "https://github.com/o/r", "/srv/git"] {
            assert_eq!(found(url), None, "{url}");
        }
    }
}
