//! What could be imported: the repositories that a GitHub token sees, and what of them was imported already.

use crate::model::place::{Repository, Role};
use crate::model::{Connection, Import};

use super::super::{Error, Event, Tools};
use super::ends;

/// The repositories, with what stands in the way of each.
#[derive(Debug)]
pub struct RepositoryList {
    /// Those that the token sees.
    pub repositories: Vec<ListedRepository>,
    /// Imports on record of repositories that it does not see.
    pub hidden: Vec<Import>,
    /// Organisations that single sign-on keeps it out of, by GitHub's number.
    pub sso_left_out: Vec<String>,
}

/// One repository.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedRepository {
    /// It.
    pub repository: Repository,
    /// Whether it can be imported.
    pub importable: Importable,
    /// The projects that it was imported into.
    pub imported: Vec<String>,
}

/// Whether a repository can be imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Importable {
    /// By all that can be seen.
    Yes,
    /// It cannot, and this is why.
    No(String),
    /// It depends on what nobody tells.
    Unknown(String),
}

impl Importable {
    /// Why not, or why nobody knows.
    pub fn why(&self) -> Option<&str> {
        match self {
            Self::Yes => None,
            Self::No(why) | Self::Unknown(why) => Some(why),
        }
    }
}

/// Asks GitHub what the connection's token sees.
///
/// # Errors
/// [`Error`].
pub async fn list(tools: &Tools<'_>, connection: &Connection) -> Result<RepositoryList, Error> {
    let (github, host, token) = ends::github(tools, connection)?;
    tools.say(Event::Checking { host: host.to_string() });
    let asked = github.repositories(&token).await;
    let (repositories, sso_left_out) = asked.map_err(Error::of_forge(Some(&host), Some(&connection.name)))?;
    let by_permissions = connection.token.as_ref().is_some_and(|token| token.scopes.is_none());
    let imports: Vec<Import> = tools.imports.all()?.into_iter().filter_map(Result::ok).collect();
    let is_here = |import: &Import| import.github.url == connection.url && import.is_kept_up();
    let mut here: Vec<Import> = imports.into_iter().filter(is_here).collect();
    here.sort_by_key(|import| (import.github.path.clone(), import.gitlab.path.clone()));
    let seen = |import: &Import| repositories.iter().any(|it| import.github.id == Some(it.id));
    let hidden = here.iter().filter(|import| !seen(import)).cloned().collect();
    let repositories = repositories
        .into_iter()
        .map(|repository| {
            let of_it = here.iter().filter(|import| import.github.id == Some(repository.id));
            let imported = of_it.map(|import| format!("{}/{}", import.gitlab.url, import.gitlab.path)).collect();
            ListedRepository { importable: importable(&repository, by_permissions), imported, repository }
        })
        .collect();
    Ok(RepositoryList { repositories, hidden, sso_left_out })
}

fn importable(repository: &Repository, by_permissions: bool) -> Importable {
    if repository.archived {
        return Importable::No("archived".into());
    }
    if repository.disabled {
        return Importable::No("disabled by GitHub".into());
    }
    match repository.role {
        Some(role) if role < Role::Admin => {
            let whose = if role == Role::Pull { "not owner, not a collaborator" } else { "not owner or administrator" };
            Importable::No(whose.into())
        }
        None => Importable::Unknown("GitHub does not say which role the account has".into()),
        // Such a token sees every public repository of its user, whether or not it was selected.
        Some(_) if by_permissions && repository.is_public() => {
            Importable::Unknown("public: whether it is selected for the token shows when it is tried".into())
        }
        Some(_) => Importable::Yes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repository(visibility: &str, role: Option<Role>, archived: bool) -> Repository {
        Repository {
            id: 1,
            owner: "o".into(),
            name: "r".into(),
            visibility: visibility.into(),
            archived,
            role,
            of_organization: false,
            default_branch: None,
            disabled: false,
            description: None,
            web_url: String::new(),
            empty: false,
        }
    }

    #[test]
    fn what_stands_in_the_way() {
        let of = |visibility, role, archived, by_permissions| {
            importable(&repository(visibility, role, archived), by_permissions)
        };
        assert_eq!(of("private", Some(Role::Admin), false, true), Importable::Yes);
        assert_eq!(of("public", Some(Role::Admin), false, false), Importable::Yes);
        assert!(matches!(of("public", Some(Role::Admin), false, true), Importable::Unknown(_)));
        assert!(matches!(of("private", Some(Role::Admin), true, false), Importable::No(why) if why == "archived"));
        assert!(matches!(of("public", Some(Role::Pull), false, false), Importable::No(_)));
        assert!(matches!(of("private", None, false, false), Importable::Unknown(_)));
    }
}
