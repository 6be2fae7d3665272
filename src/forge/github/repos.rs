//! `GET /repos/{owner}/{repo}`: is it there, for whom, and what may the account do?

use serde::Deserialize;

use super::super::error::ForgeError;
use super::super::http::Authorization;
use super::super::words::Scrubber;
use super::GitHub;
use crate::model::Secret;
use crate::model::place::{Repository, Role};

/// GitHub REST: "Get a repository". `permissions` is the user's role and not the token's: a token that only
/// reads shows all of them.
#[derive(Deserialize)]
struct Found {
    id: u64,
    name: String,
    owner: Owner,
    #[serde(default)]
    private: bool,
    visibility: Option<String>,
    #[serde(default)]
    archived: bool,
    permissions: Option<Roles>,
}

#[derive(Deserialize)]
struct Owner {
    login: String,
    #[serde(rename = "type")]
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
        let answer = self.get(&["repos", owner, name], &[], Authorization::Bearer(token)).await?;
        let found: Found = answer.json(&self.label)?;
        let scrubber = Scrubber::new(Some(token));
        let visibility =
            found.visibility.unwrap_or_else(|| if found.private { "private" } else { "public" }.to_owned());
        Ok(Repository {
            id: found.id,
            owner: scrubber.name(&found.owner.login),
            name: scrubber.name(&found.name),
            visibility: scrubber.name(&visibility),
            archived: found.archived,
            role: found.permissions.and_then(|roles| roles.highest()),
            of_organization: found.owner.kind.as_deref() == Some("Organization"),
        })
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
