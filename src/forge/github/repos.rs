//! `/repos/{owner}/{repo}` and lists of repositories: is it there, for whom, and what may the account do?

use serde::Deserialize;

use super::super::error::ForgeError;
use super::super::http::Authorization;
use super::super::words::Scrubber;
use super::super::{address, lenient, page};
use super::{GitHub, user};
use crate::model::Secret;
use crate::model::place::{Repository, Role};

/// The most of a description that is kept, in characters; GitHub takes no more than 350.
const DESCRIPTION: usize = 500;

/// GitHub REST: "Get a repository". `permissions` is the user's role and not the token's: a token that only
/// reads shows all of them.
#[derive(Deserialize)]
struct Found {
    id: u64,
    name: String,
    owner: Owner,
    #[serde(default, deserialize_with = "lenient::or_default")]
    private: bool,
    #[serde(default, deserialize_with = "lenient::or_default")]
    visibility: Option<String>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    archived: bool,
    #[serde(default, deserialize_with = "lenient::or_default")]
    disabled: bool,
    #[serde(default, deserialize_with = "lenient::or_default")]
    permissions: Option<Roles>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    default_branch: Option<String>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    description: Option<String>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    html_url: Option<String>,
    /// In KiB.
    #[serde(default, deserialize_with = "lenient::or_default")]
    size: Option<u64>,
}

#[derive(Deserialize)]
struct Owner {
    login: String,
    #[serde(default, rename = "type", deserialize_with = "lenient::or_default")]
    kind: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Roles {
    admin: bool,
    maintain: bool,
    push: bool,
    triage: bool,
    pull: bool,
}

impl Roles {
    fn highest(&self) -> Option<Role> {
        [
            (self.admin, Role::Admin),
            (self.maintain, Role::Maintain),
            (self.push, Role::Push),
            (self.triage, Role::Triage),
            (self.pull, Role::Pull),
        ]
        .into_iter()
        .find_map(|(has, role)| has.then_some(role))
    }
}

impl GitHub {
    /// The repository, under the name that it has now: a former name leads there.
    ///
    /// # Errors
    /// [`NotFound`](super::super::ForgeErrorKind::NotFound) also where the token may not know of it; or what
    /// GitHub said.
    pub async fn repository(&self, token: &Secret, owner: &str, name: &str) -> Result<Repository, ForgeError> {
        self.repository_at(token, &["repos", owner, name]).await
    }

    /// The repository with this number, whatever its name is now. GitHub leads former names there.
    ///
    /// # Errors
    /// As [`Self::repository`].
    pub async fn repository_by_id(&self, token: &Secret, id: u64) -> Result<Repository, ForgeError> {
        self.repository_at(token, &["repositories", &id.to_string()]).await
    }

    async fn repository_at(&self, token: &Secret, path: &[&str]) -> Result<Repository, ForgeError> {
        let answer = self.get(path, &[], Authorization::Bearer(token)).await?;
        Ok(self.told(answer.json(&self.label)?, &Scrubber::new(Some(token))))
    }

    /// Every repository that the token sees, by name, up to ten thousand; and the organisations that single sign-on
    /// left out, by number. A fine-grained token sees all public ones of its account, and of the others those it was
    /// given.
    ///
    /// GitHub REST: "List repositories for the authenticated user".
    ///
    /// # Errors
    /// What GitHub said; of half a list nothing is told.
    pub async fn repositories(&self, token: &Secret) -> Result<(Vec<Repository>, Vec<String>), ForgeError> {
        let query =
            [("affiliation", "owner,collaborator,organization_member"), ("sort", "full_name"), ("per_page", "100")];
        let call = self.reading(&["user", "repos"], &query, Authorization::Bearer(token));
        let scrubber = Scrubber::new(Some(token));
        let (mut all, mut left_out) = (Vec::new(), Vec::<String>::new());
        page::each(&self.transport, call, page::MOST, |answer| {
            let found: Vec<Found> = answer.json(&self.label)?;
            all.extend(found.into_iter().map(|one| self.told(one, &scrubber)));
            for id in answer.header("x-github-sso").map(user::left_out).unwrap_or_default() {
                let id = scrubber.name(&id);
                if !left_out.contains(&id) {
                    left_out.push(id);
                }
            }
            Ok(())
        })
        .await?;
        Ok((all, left_out))
    }

    fn told(&self, found: Found, scrubber: &Scrubber<'_>) -> Repository {
        let visibility =
            found.visibility.unwrap_or_else(|| if found.private { "private" } else { "public" }.to_owned());
        let page = self.host.page(&format!("{}/{}", found.owner.login, found.name));
        Repository {
            id: found.id,
            owner: scrubber.name(&found.owner.login),
            name: scrubber.name(&found.name),
            visibility: scrubber.name(&visibility),
            archived: found.archived,
            role: found.permissions.and_then(|roles| roles.highest()),
            of_organization: found.owner.kind.as_deref() == Some("Organization"),
            default_branch: found.default_branch.map(|branch| scrubber.name(&branch)).filter(|name| !name.is_empty()),
            disabled: found.disabled,
            description: found
                .description
                .map(|text| scrubber.text(text.trim(), DESCRIPTION))
                .filter(|text| !text.is_empty()),
            web_url: address::page(found.html_url.as_deref(), page, scrubber),
            empty: found.size == Some(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_role_counts() {
        let role = |json: &str| serde_json::from_str::<Roles>(json).ok().and_then(|roles| roles.highest());
        assert_eq!(role(r#"{"admin":false,"maintain":false,"push":true,"triage":true,"pull":true}"#), Some(Role::Push));
        assert_eq!(role(r#"{"admin":true,"pull":true}"#), Some(Role::Admin));
        assert_eq!(role(r#"{"pull":false}"#), None);
        assert_eq!(role("{}"), None);
    }
}
