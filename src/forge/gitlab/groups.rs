//! `GET /groups/:id` and its members: may the account make projects there?

use serde::Deserialize;

use super::super::error::{ForgeError, ForgeErrorKind};
use super::super::http::Authorization;
use super::super::words::Scrubber;
use super::GitLab;
use crate::model::Secret;
use crate::model::place::{AccessLevel, Group};

/// GitLab REST: "Retrieve a group".
#[derive(Deserialize)]
struct Found {
    id: u64,
    full_path: String,
    visibility: Option<String>,
    #[serde(default)]
    archived: Option<bool>,
    #[serde(default)]
    project_creation_level: Option<String>,
}

/// GitLab REST: "Retrieve a group member, including inherited and invited ones".
#[derive(Deserialize)]
struct Member {
    access_level: AccessLevel,
}

impl GitLab {
    /// The group, by its full path.
    ///
    /// # Errors
    /// [`NotFound`](ForgeErrorKind::NotFound) also where the token may not know of it; or what GitLab said.
    pub async fn group(&self, token: &Secret, path: &str) -> Result<Group, ForgeError> {
        let query = [("with_projects", "false")];
        let answer = self.get(&["groups", path], &query, Authorization::Bearer(token)).await?;
        let found: Found = answer.json(&self.label)?;
        let scrubber = Scrubber::new(Some(token));
        Ok(Group {
            id: found.id,
            path: scrubber.name(&found.full_path),
            visibility: scrubber.name(found.visibility.as_deref().unwrap_or("private")),
            archived: found.archived.unwrap_or(false),
            project_creation_level: found.project_creation_level.map(|level| scrubber.name(&level)),
        })
    }

    /// The role of an account in a group, handed down from those above it; nothing where it has none.
    ///
    /// # Errors
    /// What GitLab said.
    pub async fn role_in_group(
        &self,
        token: &Secret,
        group: u64,
        user: u64,
    ) -> Result<Option<AccessLevel>, ForgeError> {
        let (group, user) = (group.to_string(), user.to_string());
        let path = ["groups", &group, "members", "all", &user];
        match self.get(&path, &[], Authorization::Bearer(token)).await {
            Ok(answer) => answer.json::<Member>(&self.label).map(|member| Some(member.access_level)),
            Err(error) if error.kind == ForgeErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}
