//! `GET /projects/:id`: is it there, and what may the account do? And the reads that tell what a fine-grained
//! token may.

use serde::Deserialize;

use super::super::error::ForgeError;
use super::super::http::Authorization;
use super::super::words::Scrubber;
use super::GitLab;
use crate::model::Secret;
use crate::model::place::{AccessLevel, Project};

/// GitLab REST: "Retrieve a project". `mirror` is there only where pull mirroring is licensed for the project.
#[derive(Deserialize)]
struct Found {
    id: u64,
    path_with_namespace: String,
    visibility: Option<String>,
    #[serde(default)]
    archived: Option<bool>,
    #[serde(default)]
    permissions: Option<Permissions>,
    /// Absent and `null` are two things here.
    #[serde(default, deserialize_with = "there")]
    mirror: bool,
}

fn there<'de, D: serde::Deserializer<'de>>(value: D) -> Result<bool, D::Error> {
    serde::de::IgnoredAny::deserialize(value).map(|_| true)
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Permissions {
    project_access: Option<Access>,
    group_access: Option<Access>,
}

#[derive(Deserialize)]
struct Access {
    access_level: Option<AccessLevel>,
}

impl Permissions {
    fn highest(&self) -> Option<AccessLevel> {
        let levels = [&self.project_access, &self.group_access];
        levels.into_iter().flatten().filter_map(|access| access.access_level).max()
    }
}

/// Something in a project that a fine-grained token may or may not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readable {
    /// Its branches, by way of the repository.
    Repository,
    /// Its webhooks.
    Hooks,
    /// The statuses of its last commit.
    Statuses,
}

impl Readable {
    const fn path(self) -> &'static [&'static str] {
        match self {
            Self::Repository => &["repository", "branches"],
            Self::Hooks => &["hooks"],
            Self::Statuses => &["repository", "commits", "HEAD", "statuses"],
        }
    }

    /// The request, in words.
    pub fn asked(self) -> String {
        format!("GET {}", self.path().join("/"))
    }
}

impl GitLab {
    /// The project, by its full path or a former one.
    ///
    /// # Errors
    /// [`NotFound`](super::super::ForgeErrorKind::NotFound) also where the token may not know of it; or what GitLab
    /// said.
    pub async fn project(&self, token: &Secret, path: &str) -> Result<Project, ForgeError> {
        let answer = self.get(&["projects", path], &[], Authorization::Bearer(token)).await?;
        let found: Found = answer.json(&self.label)?;
        Ok(project(found, token))
    }

    /// A project of a group or of one below it; nothing where there is none to be seen.
    ///
    /// # Errors
    /// What GitLab said.
    pub async fn project_in(&self, token: &Secret, group: u64) -> Result<Option<Project>, ForgeError> {
        #[derive(Deserialize)]
        struct Listed {
            id: u64,
        }
        let (path, query) =
            (["groups", &group.to_string(), "projects"], [("include_subgroups", "true"), ("per_page", "1")]);
        let answer = self.get(&path, &query, Authorization::Bearer(token)).await?;
        let listed: Vec<Listed> = answer.json(&self.label)?;
        // Lists show a project otherwise than it shows itself.
        match listed.first() {
            Some(first) => self.project(token, &first.id.to_string()).await.map(Some),
            None => Ok(None),
        }
    }

    /// Tries to read something in a project; what is read is dropped.
    ///
    /// # Errors
    /// [`MissingGranularPermission`](super::super::ForgeErrorKind::MissingGranularPermission), or what else GitLab
    /// said.
    pub async fn read(&self, token: &Secret, project: &str, what: Readable) -> Result<(), ForgeError> {
        let mut path = vec!["projects", project];
        path.extend(what.path());
        self.get(&path, &[("per_page", "1")], Authorization::Bearer(token)).await.map(drop)
    }
}

fn project(found: Found, token: &Secret) -> Project {
    let scrubber = Scrubber::new(Some(token));
    Project {
        id: found.id,
        path: scrubber.name(&found.path_with_namespace),
        visibility: scrubber.name(found.visibility.as_deref().unwrap_or("private")),
        archived: found.archived.unwrap_or(false),
        role: found.permissions.and_then(|permissions| permissions.highest()),
        may_mirror: found.mirror,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Project {
        let found = serde_json::from_str(json).unwrap_or_else(|e| unreachable!("{e}"));
        project(found, &Secret::new("glpat-x".into()))
    }

    #[test]
    fn role_and_licence() {
        let plain = r#"{"id":6,"path_with_namespace":"g/p","visibility":"internal","permissions":{"project_access":null,"group_access":{"access_level":40,"notification_level":3}}}"#;
        let found = read(plain);
        assert_eq!((found.role, found.may_mirror, found.archived), (Some(40), false, false));
        for mirror in ["false", "true", "null"] {
            let json = format!(r#"{{"id":6,"path_with_namespace":"g/p","mirror":{mirror},"archived":true}}"#);
            let found = read(&json);
            assert_eq!((found.role, found.may_mirror, found.archived), (None, true, true), "{mirror}");
            assert_eq!(found.visibility, "private", "nothing said is the safe side");
        }
        let both = r#"{"id":6,"path_with_namespace":"g/p","permissions":{"project_access":{"access_level":30},"group_access":{"access_level":20}}}"#;
        assert_eq!(read(both).role, Some(30));
    }
}
