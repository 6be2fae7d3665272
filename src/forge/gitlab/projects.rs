//! `/projects/:id`: is it there, and what may the account do? Making one, and taking it away. And the reads that
//! tell what a fine-grained token may.

use jiff::Timestamp;
use reqwest::Method;
use serde::{Deserialize, Serialize};
use url::Url;

use super::super::error::ForgeError;
use super::super::http::{Answer, Authorization, Repeat};
use super::super::words::Scrubber;
use super::super::{address, lenient};
use super::GitLab;
use crate::model::Secret;
use crate::model::place::{AccessLevel, Features, Project};

/// GitLab REST: "Retrieve a project". `mirror` is there only where pull mirroring is licensed for the project.
#[derive(Deserialize)]
struct Found {
    id: u64,
    path_with_namespace: String,
    #[serde(default, deserialize_with = "lenient::or_default")]
    name: Option<String>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    visibility: Option<String>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    archived: bool,
    #[serde(default, deserialize_with = "lenient::or_default")]
    permissions: Option<Permissions>,
    /// Absent and `null` are two things here.
    #[serde(default, deserialize_with = "lenient::there")]
    mirror: Option<bool>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    web_url: Option<String>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    empty_repo: bool,
    #[serde(default, deserialize_with = "lenient::or_default")]
    default_branch: Option<String>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    creator_id: Option<u64>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    created_at: Option<Timestamp>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    import_url: Option<String>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    namespace: Option<Owner>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    marked_for_deletion_on: Option<String>,
    /// What it was called before 12.10; both are told.
    #[serde(default, deserialize_with = "lenient::or_default")]
    marked_for_deletion_at: Option<String>,
    #[serde(flatten)]
    features: Told,
}

#[derive(Deserialize)]
struct Owner {
    id: u64,
}

/// `disabled`, `private`, `enabled`; before 11.10 only whether it is there (and today still).
#[derive(Deserialize, Default)]
#[serde(default)]
struct Told {
    #[serde(deserialize_with = "lenient::or_default")]
    issues_access_level: Option<String>,
    #[serde(deserialize_with = "lenient::or_default")]
    merge_requests_access_level: Option<String>,
    #[serde(deserialize_with = "lenient::or_default")]
    wiki_access_level: Option<String>,
    #[serde(deserialize_with = "lenient::or_default")]
    snippets_access_level: Option<String>,
    #[serde(deserialize_with = "lenient::or_default")]
    issues_enabled: Option<bool>,
    #[serde(deserialize_with = "lenient::or_default")]
    merge_requests_enabled: Option<bool>,
    #[serde(deserialize_with = "lenient::or_default")]
    wiki_enabled: Option<bool>,
    #[serde(deserialize_with = "lenient::or_default")]
    snippets_enabled: Option<bool>,
}

impl Told {
    fn features(&self) -> Features {
        let one = |level: &Option<String>, enabled| level.as_deref().map(|level| level != "disabled").or(enabled);
        Features {
            issues: one(&self.issues_access_level, self.issues_enabled),
            merge_requests: one(&self.merge_requests_access_level, self.merge_requests_enabled),
            wiki: one(&self.wiki_access_level, self.wiki_enabled),
            snippets: one(&self.snippets_access_level, self.snippets_enabled),
        }
    }
}

/// What a project is to have, as it is written; what is not sent stays as it is.
#[derive(Serialize)]
struct Wanted {
    #[serde(skip_serializing_if = "Option::is_none")]
    issues_access_level: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    merge_requests_access_level: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wiki_access_level: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    snippets_access_level: Option<&'static str>,
}

impl From<Features> for Wanted {
    fn from(features: Features) -> Self {
        let level = |on: Option<bool>| on.map(|on| if on { "enabled" } else { "disabled" });
        Self {
            issues_access_level: level(features.issues),
            merge_requests_access_level: level(features.merge_requests),
            wiki_access_level: level(features.wiki),
            snippets_access_level: level(features.snippets),
        }
    }
}

/// A project that is to be made.
#[derive(Debug, Clone, Copy)]
pub struct NewProject<'a> {
    /// Its own name, as people see it.
    pub name: &'a str,
    /// The last part of its path.
    pub path: &'a str,
    /// The group's or user's namespace, by number.
    pub namespace: u64,
    /// `public`, `internal`, `private`; nothing is what the instance does by itself.
    pub visibility: Option<&'a str>,
    /// What people are told of it.
    pub description: Option<&'a str>,
    /// What it is to have beside the repository.
    pub features: Features,
    /// Where its repository is to come from, once: an address that needs no password. One in it would not be sent.
    pub import_url: Option<&'a Url>,
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
        self.told(&answer, token)
    }

    fn told(&self, answer: &Answer, token: &Secret) -> Result<Project, ForgeError> {
        let found: Found = answer.json(&self.label)?;
        let page = self.host.page(&found.path_with_namespace);
        Ok(project(found, page, &Scrubber::new(Some(token))))
    }

    /// Makes a project. Sent once: after a lost connection, look whether it is there.
    ///
    /// GitLab REST: "Create a project".
    ///
    /// # Errors
    /// [`AlreadyTaken`](super::super::ForgeErrorKind::AlreadyTaken), [`NamespaceNotValid`](super::super::ForgeErrorKind::NamespaceNotValid),
    /// [`ImportsOff`](super::super::ForgeErrorKind::ImportsOff), or what else GitLab said, as that it could not read the repository.
    pub async fn create_project(&self, token: &Secret, new: &NewProject<'_>) -> Result<Project, ForgeError> {
        #[derive(Serialize)]
        struct Body<'a> {
            name: &'a str,
            path: &'a str,
            namespace_id: u64,
            #[serde(skip_serializing_if = "Option::is_none")]
            visibility: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            description: Option<&'a str>,
            #[serde(flatten)]
            features: Wanted,
            #[serde(skip_serializing_if = "Option::is_none")]
            import_url: Option<Url>,
        }
        let body = Body {
            name: new.name,
            path: new.path,
            namespace_id: new.namespace,
            visibility: new.visibility,
            description: new.description,
            features: new.features.into(),
            import_url: new.import_url.map(address::bare),
        };
        let call = self.writing(Method::POST, &["projects"], &body, token, Repeat::Never);
        self.told(&self.transport.send(&call).await?, token)
    }

    /// Switches on and off what a project has beside its repository. What is nothing in `features` stays as it is.
    ///
    /// GitLab REST: "Update a project". It wants the role of a maintainer.
    ///
    /// # Errors
    /// What GitLab said.
    pub async fn edit_features(&self, token: &Secret, id: u64, features: Features) -> Result<Project, ForgeError> {
        let id = id.to_string();
        if features == Features::default() {
            return self.project(token, &id).await;
        }
        let call = self.writing(Method::PUT, &["projects", &id], &Wanted::from(features), token, Repeat::Safe);
        self.told(&self.transport.send(&call).await?, token)
    }

    /// Lets more or fewer people see a project: `public`, `internal`, `private`.
    ///
    /// GitLab REST: "Update a project". It wants the role of a maintainer.
    ///
    /// # Errors
    /// What GitLab said, as that its group allows no such project.
    pub async fn edit_visibility(&self, token: &Secret, id: u64, visibility: &str) -> Result<Project, ForgeError> {
        #[derive(Serialize)]
        struct Body<'a> {
            visibility: &'a str,
        }
        let id = id.to_string();
        let call = self.writing(Method::PUT, &["projects", &id], &Body { visibility }, token, Repeat::Safe);
        self.told(&self.transport.send(&call).await?, token)
    }

    /// Takes a project away, or marks it to be taken away after the time that the instance grants. False: there was
    /// none.
    ///
    /// GitLab REST: "Delete a project". It wants the role of an owner.
    ///
    /// # Errors
    /// What GitLab said.
    pub async fn delete_project(&self, token: &Secret, id: u64) -> Result<bool, ForgeError> {
        let call = self.deleting(&["projects", &id.to_string()], token);
        match self.transport.send(&call).await {
            // Asked for twice, it is to go all the same.
            Err(error) if error.status == Some(400) && error.mentions("marked for deletion") => Ok(true),
            outcome => ForgeError::if_there(outcome).map(|found| found.is_some()),
        }
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

fn project(found: Found, page: Url, scrubber: &Scrubber<'_>) -> Project {
    let path = scrubber.name(&found.path_with_namespace);
    let last = path.rsplit('/').next().unwrap_or_default().to_owned();
    Project {
        id: found.id,
        visibility: scrubber.name(found.visibility.as_deref().unwrap_or("private")),
        archived: found.archived,
        role: found.permissions.and_then(|permissions| permissions.highest()),
        may_mirror: found.mirror.is_some(),
        name: found.name.map_or(last, |name| scrubber.name(&name)),
        web_url: address::page(found.web_url.as_deref(), page, scrubber),
        empty: found.empty_repo,
        default_branch: found.default_branch.map(|branch| scrubber.name(&branch)).filter(|name| !name.is_empty()),
        creator: found.creator_id,
        created_at: found.created_at,
        mirrored: found.mirror == Some(true),
        import_url: found.import_url.and_then(|text| address::named(&text, scrubber)),
        features: found.features.features(),
        namespace: found.namespace.map(|namespace| namespace.id),
        doomed: found.marked_for_deletion_on.or(found.marked_for_deletion_at).is_some(),
        path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Project {
        let found = serde_json::from_str(json).unwrap_or_else(|e| unreachable!("{e}"));
        let page = Url::parse("https://h/g/p").unwrap_or_else(|e| unreachable!("{e}"));
        project(found, page, &Scrubber::new(Some(&Secret::new("glpat-x".into()))))
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
