//! What could be imported: the repositories that a GitHub token sees, and what of them was imported already.

use crate::forge::{Depth, GitHub};
use crate::model::place::{Repository, Role};
use crate::model::{Connection, ForgeKind, Host, Import, Secret, scope};

use super::super::{Error, Event, Tools, learn};
use super::ends;
use super::look::SCOPES;

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
    let token = Power::of(scopes(tools, connection, &github, &host, &token).await?);
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
            ListedRepository { importable: importable(&repository, &token), imported, repository }
        })
        .collect();
    Ok(RepositoryList { repositories, hidden, sso_left_out })
}

/// What a token may do, as far as its own list tells.
enum Power {
    /// Permissions, which nobody lists.
    Permissions,
    /// Its scopes.
    Scopes(Vec<String>),
}

impl Power {
    fn of(scopes: Option<Vec<String>>) -> Self {
        scopes.map_or(Self::Permissions, Self::Scopes)
    }

    /// The scopes that an import of this repository wants and that the token lacks.
    fn lacks(&self, repository: &Repository) -> Vec<&'static str> {
        let Self::Scopes(has) = self else { return Vec::new() };
        let of_public = repository.is_public() && has.iter().any(|one| one == "public_repo");
        let has_it = |wanted: &str| {
            scope::giver(ForgeKind::GitHub, has, wanted).is_some() || of_public && scope::public_repo_is_enough(wanted)
        };
        SCOPES.into_iter().filter(|wanted| !has_it(wanted)).collect()
    }
}

/// The token's scopes, as they are on record; nothing where it has permissions instead. Scopes can be added without the
/// token becoming another: before it is said that one is missing, GitHub is asked.
async fn scopes(
    tools: &Tools<'_>,
    connection: &Connection,
    github: &GitHub,
    host: &Host,
    token: &Secret,
) -> Result<Option<Vec<String>>, Error> {
    let known = connection.token.as_ref().and_then(|token| token.scopes.clone());
    let lacks =
        |has: &[String]| SCOPES.into_iter().any(|wanted| scope::giver(ForgeKind::GitHub, has, wanted).is_none());
    if !known.as_deref().is_some_and(lacks) {
        return Ok(known);
    }
    let said = github.inspect(token, Depth::Brief).await;
    let said = said.map_err(Error::of_forge(Some(host), Some(&connection.name)));
    let (_, said) = learn::one(tools, connection.clone(), token, said);
    Ok(said?.scopes)
}

fn importable(repository: &Repository, token: &Power) -> Importable {
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
        Some(_) if matches!(token, Power::Permissions) && repository.is_public() => {
            Importable::Unknown("public: whether it is selected for the token shows when it is tried".into())
        }
        Some(_) => match token.lacks(repository).as_slice() {
            [] => Importable::Yes,
            missing => Importable::No(format!("the token lacks `{}`", missing.join("`, `"))),
        },
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
        let of = |visibility, role, archived, by_permissions: bool| {
            let scopes = (!by_permissions).then(|| vec!["repo".to_owned(), "admin:repo_hook".to_owned()]);
            importable(&repository(visibility, role, archived), &Power::of(scopes))
        };
        assert_eq!(of("private", Some(Role::Admin), false, true), Importable::Yes);
        assert_eq!(of("public", Some(Role::Admin), false, false), Importable::Yes);
        assert!(matches!(of("public", Some(Role::Admin), false, true), Importable::Unknown(_)));
        assert!(matches!(of("private", Some(Role::Admin), true, false), Importable::No(why) if why == "archived"));
        assert!(matches!(of("public", Some(Role::Pull), false, false), Importable::No(_)));
        assert!(matches!(of("private", None, false, false), Importable::Unknown(_)));
    }

    #[test]
    fn what_scopes_leave_out() {
        let of = |visibility, scopes: &[&str]| {
            let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
            importable(&repository(visibility, Some(Role::Admin), false), &Power::Scopes(scopes))
        };
        let no = |missing: &str| Importable::No(format!("the token lacks {missing}"));
        assert_eq!(of("public", &["read:org"]), no("`repo`, `admin:repo_hook`"));
        assert_eq!(of("private", &["admin:repo_hook"]), no("`repo`"));
        assert_eq!(of("private", &["repo"]), Importable::Yes, "it includes the other one");
        assert_eq!(of("private", &["public_repo", "admin:repo_hook"]), no("`repo`"));
        assert_eq!(of("public", &["public_repo", "admin:repo_hook"]), Importable::Yes);
    }
}
