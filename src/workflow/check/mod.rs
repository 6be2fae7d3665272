//! Checking: may this token do what it is wanted for?
//!
//! What is wanted becomes a list of needs (`needs`). Each is judged by what the forge says of the token: scopes are
//! compared (`scopes`); permissions, which GitHub and GitLab tell nobody, are tried without changing anything
//! (`permissions`, `granular`). With a repository, project or group it is asked too whether the account may do it
//! there (`repository`, `gitlab`). What could not be found out stays unknown.

pub(super) mod gitlab;
mod granular;
mod hidden;
mod needs;
mod pages;
mod permissions;
pub(super) mod refusal;
mod repository;
mod scopes;

use url::Url;

use crate::forge::{Depth, Forge, ForgeError};
use crate::model::need::allowed;
use crate::model::place::{Group, Project, Repository};
use crate::model::{Connection, ForgeKind, Host, Inspection, Need, Secret, Task, TokenKind, Verdict, Wish, wish};

use super::new_token::Page;
use super::tools::host_of;
use super::{Error, Event, Tools, learn};

/// Where the token is to work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A GitHub repository.
    Repository {
        /// Its owner's login.
        owner: String,
        /// Its name.
        name: String,
    },
    /// A GitLab project, by its full path.
    Project(String),
    /// A GitLab group, by its full path.
    Group(String),
}

impl Place {
    /// As it was typed.
    pub fn path(&self) -> String {
        match self {
            Self::Repository { owner, name } => format!("{owner}/{name}"),
            Self::Project(path) | Self::Group(path) => path.clone(),
        }
    }
}

/// A place as the forge shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// A GitHub repository.
    Repository(Repository),
    /// A GitLab project.
    Project(Project),
    /// A GitLab group, and the account's role there where it could be found out.
    Group(Group, Option<u32>),
}

impl Seen {
    /// The name that it has now.
    pub fn path(&self) -> String {
        match self {
            Self::Repository(repository) => repository.full_name(),
            Self::Project(project) => project.path.clone(),
            Self::Group(group, _) => group.path.clone(),
        }
    }
}

/// What a check found.
#[derive(Debug)]
pub struct Checkup {
    /// The connection.
    pub connection: Connection,
    /// What the token is wanted for.
    pub wishes: Vec<Wish>,
    /// Where, as it was typed.
    pub asked: Option<Place>,
    /// Where, as the forge shows it; nothing where it refused.
    pub seen: Option<Seen>,
    /// What it needs for that.
    pub needs: Vec<Need>,
    /// Where what is missing is added, or a new token made.
    pub page: Option<Url>,
    /// The pre-filled page for a new token, beside the one for editing.
    pub new_token: Option<Page>,
    /// Why the forge was not asked to the end.
    pub cut_short: Option<Error>,
}

impl Checkup {
    /// Whether the token may do all of it; nothing where that cannot be told.
    pub fn allowed(&self) -> Option<bool> {
        allowed(&self.needs)
    }

    /// The name that was typed, where the place has another by now.
    pub fn renamed_from(&self) -> Option<String> {
        let (typed, now) = (self.asked.as_ref()?.path(), self.seen.as_ref()?.path());
        (!typed.eq_ignore_ascii_case(&now)).then_some(typed)
    }

    /// `project` or `group`, where the path that was typed is one and was said to be the other.
    pub fn taken_as(&self) -> Option<&'static str> {
        match (self.asked.as_ref()?, self.seen.as_ref()?) {
            (Place::Project(_), Seen::Group(..)) => Some("group"),
            (Place::Group(_), Seen::Project(_)) => Some("project"),
            _ => None,
        }
    }
}

/// What the judges of both forges work with.
struct Case<'a> {
    connection: &'a Connection,
    host: Host,
    secret: Secret,
    said: Inspection,
    wishes: &'a [Wish],
}

impl Case<'_> {
    /// An error of the forge, with whose token it was.
    fn failed(&self, error: ForgeError) -> Error {
        Error::of_forge(Some(&self.host), Some(&self.connection.name))(error)
    }
}

/// What they come to.
#[derive(Default)]
pub(super) struct Findings {
    pub(super) seen: Option<Seen>,
    pub(super) needs: Vec<Need>,
    pub(super) cut_short: Option<Error>,
}

/// Checks a connection's token for what is wanted, at a place if one is given.
///
/// # Errors
/// [`Error`]: the token is dead, the place is hidden, the forge did not answer. A token that may too little is none.
pub async fn check(
    tools: &Tools<'_>,
    connection: Connection,
    wishes: Vec<Wish>,
    place: Option<Place>,
) -> Result<Checkup, Error> {
    let forge = tools.forge_of(&connection)?;
    let host = host_of(&connection)?;
    let (secret, token) = tools.secret_of(&connection)?;
    tools.say(Event::Checking { host: host.to_string() });
    // A variable may hold a token of another kind by now.
    let known = secret.fingerprint() == token.fingerprint;
    let said = match (&forge, &token.kind) {
        (Forge::GitLab(_), TokenKind::Oauth) if known => forge.inspect_oauth(&secret, Depth::Brief).await,
        _ => forge.inspect(&secret, Depth::Brief).await,
    };
    let said = said.map_err(Error::of_forge(Some(&host), Some(&connection.name)));
    let (connection, said) = learn::one(tools, connection, &secret, said);
    let said = said?;
    let case = Case { connection: &connection, host, secret, said, wishes: &wishes };
    let mut findings = match &forge {
        Forge::GitHub(github) => repository::judge(&case, github, place.as_ref()).await?,
        Forge::GitLab(gitlab) => gitlab::judge(&case, gitlab, place.as_ref()).await?,
    };
    let (page, new_token) = pages::of(&case, &mut findings);
    let Findings { seen, needs, cut_short } = findings;
    Ok(Checkup { connection, wishes, asked: place, seen, needs, page, new_token, cut_short })
}

/// As [`check`], for a token that has just been inspected: what it needs for these wishes at a place, and the place.
///
/// # Errors
/// As [`check`].
pub(super) async fn at_place(
    connection: &Connection,
    forge: &Forge,
    secret: &Secret,
    said: &Inspection,
    wishes: &[Wish],
    place: &Place,
) -> Result<Findings, Error> {
    let (host, secret, said) = (host_of(connection)?, secret.clone(), said.clone());
    let case = Case { connection, host, secret, said, wishes };
    match forge {
        Forge::GitHub(github) => repository::judge(&case, github, Some(place)).await,
        Forge::GitLab(gitlab) => gitlab::judge(&case, gitlab, Some(place)).await,
    }
}

/// Adds that the account must administer the repository, unless something that is wanted there says so already; and that
/// it is archived, where something is to be written there.
pub(super) fn must_administer(repository: &Repository, writes: bool, needs: &mut Vec<Need>) {
    if needs.iter().any(|need| need.verdict == Verdict::Archived) {
        return;
    }
    if repository.archived && writes {
        needs.retain(|need| need.name != "admin");
        needs.extend(repository::role_need(&[Wish::Task(Task::Import)], repository));
    } else if !needs.iter().any(|need| need.name == "admin") {
        needs.extend(repository::role_need(&[Wish::Scope("admin:repo_hook".into())], repository));
    }
}

/// What can be said of a token without asking for a place: for connecting. Sends nothing.
pub(super) fn offline(host: &Host, said: &Inspection, wishes: &[Wish]) -> Vec<Need> {
    let mut needs = needs::of(host.kind(), rights(host.kind(), said), wishes);
    match (rights(host.kind(), said), host.kind()) {
        (Rights::Scopes(has), forge) => scopes::judge(forge, has, &mut needs, scopes::Around::default()),
        (_, ForgeKind::GitHub) => permissions::without_a_place(&mut needs),
        (_, ForgeKind::GitLab) => granular::without_a_place(&mut needs),
    }
    needs
}

pub(super) use pages::for_missing;

/// By what a token's rights are told.
#[derive(Clone, Copy)]
enum Rights<'a> {
    /// A list of scopes.
    Scopes(&'a [String]),
    /// Permissions that nobody tells.
    Permissions,
}

fn rights(forge: ForgeKind, said: &Inspection) -> Rights<'_> {
    match (&said.scopes, forge, &said.kind) {
        (_, ForgeKind::GitLab, TokenKind::Granular) | (None, _, _) => Rights::Permissions,
        (Some(scopes), _, _) => Rights::Scopes(scopes),
    }
}

/// The words that connect does not know, each with one that may have been meant.
pub fn unknown_words(wishes: &[Wish]) -> Vec<(String, Option<&'static str>)> {
    let words = wishes.iter().filter_map(|wish| match wish {
        Wish::Word(word) => Some(word),
        _ => None,
    });
    words.map(|word| (word.clone(), wish::similar(word))).collect()
}
