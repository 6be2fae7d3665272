//! `/import/github` and `/projects/:id/import`: a GitHub repository with its issues and pull requests, brought over by
//! GitLab itself.
//!
//! GitLab asks GitHub with a token that it is given for it. So two forges refuse here, and one of them speaks through
//! the other: a 401 can be GitHub's. They are told apart by the words.

use std::collections::BTreeMap;

use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::body::Revealed;
use super::super::error::{ForgeError, ForgeErrorKind};
use super::super::http::{Answer, Authorization, Call, Repeat};
use super::super::lenient;
use super::super::words::Scrubber;
use super::{GitLab, errors};
use crate::model::Secret;
use crate::model::mirror::{FailedRelation, ImportStatus, Importing};

/// An import that is to begin.
#[derive(Debug, Clone, Copy)]
pub struct NewImport<'a> {
    /// What GitLab shall ask GitHub with. GitLab documents classic tokens only.
    pub github_token: &'a Secret,
    /// The repository's number at GitHub.
    pub repo: u64,
    /// The full path of the group or user that the project shall belong to; it has to be there.
    pub namespace_path: &'a str,
    /// The project's name and path.
    pub name: &'a str,
    /// The base URL of a GitHub that is not github.com.
    pub github_hostname: Option<&'a str>,
    /// Whether collaborators become members. They take seats.
    pub collaborators: bool,
    /// Whether files in comments come along.
    pub attachments: bool,
}

/// An import that has begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The new project, by number.
    pub project: u64,
    /// Its full path.
    pub path: String,
    /// What GitLab has to say about the token.
    pub warning: Option<String>,
}

/// GitLab REST: "Import repository from GitHub".
#[derive(Serialize)]
struct Body<'a> {
    personal_access_token: Revealed<'a>,
    repo_id: u64,
    target_namespace: &'a str,
    new_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    github_hostname: Option<&'a str>,
    optional_stages: Stages,
}

#[derive(Serialize)]
struct Stages {
    attachments_import: bool,
    collaborators_import: bool,
}

#[derive(Deserialize)]
struct Begun {
    id: u64,
    /// With a slash at the front.
    #[serde(default, deserialize_with = "lenient::or_default")]
    full_path: Option<String>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    import_warning: Option<String>,
}

/// GitLab REST: "Retrieve import status of a project". `stats` is for imports from GitHub only.
#[derive(Deserialize)]
struct Found {
    #[serde(default, deserialize_with = "lenient::or_default")]
    import_status: Option<String>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    import_error: Option<String>,
    #[serde(default, deserialize_with = "lenient::those_that_fit")]
    failed_relations: Vec<Failed>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    stats: Stats,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Failed {
    #[serde(deserialize_with = "lenient::or_default")]
    relation_name: Option<String>,
    #[serde(deserialize_with = "lenient::or_default")]
    source: Option<String>,
    #[serde(deserialize_with = "lenient::or_default")]
    exception_message: Option<String>,
    #[serde(deserialize_with = "lenient::or_default")]
    exception_class: Option<String>,
}

/// How many of each sort.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Stats {
    #[serde(deserialize_with = "lenient::or_default")]
    fetched: BTreeMap<String, Value>,
    #[serde(deserialize_with = "lenient::or_default")]
    imported: BTreeMap<String, Value>,
}

impl GitLab {
    /// Has GitLab begin to import a repository from GitHub, into a project that it makes for it. Sent once: after a
    /// lost connection, look whether the project is there. Six a minute.
    ///
    /// # Errors
    /// [`OtherForgeRefused`](ForgeErrorKind::OtherForgeRefused) where GitHub did not accept the GitHub token, or had
    /// another reason; [`AlreadyTaken`](ForgeErrorKind::AlreadyTaken), [`ImportsOff`](ForgeErrorKind::ImportsOff),
    /// [`RoleTooLow`](ForgeErrorKind::RoleTooLow), [`NotFound`](ForgeErrorKind::NotFound) for the namespace; or what
    /// else GitLab said.
    pub async fn import_github(&self, token: &Secret, new: &NewImport<'_>) -> Result<Imported, ForgeError> {
        let body = Body {
            personal_access_token: Revealed(new.github_token),
            repo_id: new.repo,
            target_namespace: new.namespace_path,
            new_name: new.name,
            github_hostname: new.github_hostname,
            optional_stages: Stages { attachments_import: new.attachments, collaborators_import: new.collaborators },
        };
        let call = self.writing(Method::POST, &["import", "github"], &body, token, Repeat::Never);
        let call = Call { carries: vec![new.github_token], judge, ..call };
        let begun: Begun = self.transport.send(&call).await?.json(&self.label)?;
        let scrubber = call.scrubber();
        let path = begun.full_path.unwrap_or_else(|| format!("{}/{}", new.namespace_path, new.name));
        Ok(Imported {
            project: begun.id,
            path: scrubber.name(path.trim_start_matches('/')),
            warning: begun.import_warning.and_then(|text| scrubber.some(&text)),
        })
    }

    /// How far an import is. It may take minutes or days; ask less and less often. Where the project is a mirror, each
    /// pull may show here as well.
    ///
    /// # Errors
    /// What GitLab said.
    pub async fn importing(&self, token: &Secret, id: u64) -> Result<Importing, ForgeError> {
        let path = ["projects", &id.to_string(), "import"];
        let found: Found = self.get(&path, &[], Authorization::Bearer(token)).await?.json(&self.label)?;
        Ok(importing(found, &Scrubber::new(Some(token))))
    }
}

/// GitLab `lib/api/import_github.rb` and `app/services/import/github_service.rb` (MIT): `{"error":"Access denied to
/// your GitHub account."}` is GitHub's 401, `{"errors":…}` is the importer's own way to say no.
fn judge(answer: &Answer) -> Option<ForgeErrorKind> {
    let kind = errors::judge(answer)?;
    let words = answer.words();
    let any = |tellings: &[&str]| tellings.iter().any(|telling| words.mentions(telling));
    Some(match (answer.status, kind) {
        (401, _) if any(&["your github account", "access denied"]) => ForgeErrorKind::OtherForgeRefused,
        (_, ForgeErrorKind::InvalidRequest) if any(&["due to a github error"]) => ForgeErrorKind::OtherForgeRefused,
        (_, ForgeErrorKind::InvalidRequest) if any(&["does not exist"]) => ForgeErrorKind::NotFound,
        (_, ForgeErrorKind::InvalidRequest) if any(&["not allowed to import"]) => ForgeErrorKind::RoleTooLow,
        // A refusal that is not of the API's own making: the importer says that it is switched off.
        (403, ForgeErrorKind::Forbidden) if !words.said.is_empty() && !words.said.starts_with("403") => {
            ForgeErrorKind::ImportsOff
        }
        (_, kind) => kind,
    })
}

fn importing(found: Found, scrubber: &Scrubber<'_>) -> Importing {
    let status = match found.import_status.as_deref() {
        None | Some("none" | "") => ImportStatus::None,
        Some("scheduled") => ImportStatus::Scheduled,
        Some("started") => ImportStatus::Started,
        Some("finished") => ImportStatus::Finished,
        Some("failed") => ImportStatus::Failed,
        Some("canceled") => ImportStatus::Canceled,
        Some(other) => ImportStatus::Other(scrubber.name(other)),
    };
    let sum = |stats: &BTreeMap<String, Value>| stats.values().filter_map(Value::as_u64).fold(0, u64::saturating_add);
    let failed = |one: Failed| FailedRelation {
        relation: scrubber.name(one.relation_name.or(one.source).as_deref().unwrap_or_default()),
        message: scrubber.clean(one.exception_message.or(one.exception_class).as_deref().unwrap_or_default()),
    };
    Importing {
        status,
        error: found.import_error.and_then(|text| scrubber.some(&text)),
        fetched: sum(&found.stats.fetched),
        imported: sum(&found.stats.imported),
        failed_relations: found.failed_relations.into_iter().map(failed).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ForgeErrorKind as Kind;

    #[test]
    fn who_refused() {
        let kind = |status, body: &str| judge(&Answer::made_up(status, &[("x-gitlab-meta", "{}")], body));
        for (status, body, expected) in [
            (401, r#"{"error":"Access denied to your GitHub account."}"#, Kind::OtherForgeRefused),
            (401, r#"{"errors":"Access denied to your GitHub account."}"#, Kind::OtherForgeRefused),
            (401, r#"{"message":"401 Unauthorized"}"#, Kind::UnknownToken),
            (422, r#"{"errors":"Import failed due to a GitHub error: Not Found (HTTP 404)"}"#, Kind::OtherForgeRefused),
            (403, r#"{"errors":"github import source is disabled"}"#, Kind::ImportsOff),
            (403, r#"{"message":"403 Forbidden"}"#, Kind::Forbidden),
            (
                403,
                r#"{"error":"insufficient_scope","error_description":"The request requires higher privileges than provided by the access token.","scope":"api"}"#,
                Kind::MissingScope { needed: vec!["api".into()], has: None },
            ),
            (422, r#"{"errors":"Namespace or group to import repository into does not exist."}"#, Kind::NotFound),
            (422, r#"{"errors":"You are not allowed to import projects in this namespace."}"#, Kind::RoleTooLow),
            (422, r#"{"errors":"Name has already been taken, Path has already been taken"}"#, Kind::AlreadyTaken),
            (400, r#"{"errors":"Invalid URL: http://10.0.0.1"}"#, Kind::InvalidRequest),
            (400, r#"{"error":"repo_id is missing"}"#, Kind::InvalidRequest),
            (429, r#"{"error":"Too Many Requests"}"#, Kind::RateLimited { until: None, secondary: false }),
        ] {
            assert_eq!(kind(status, body), Some(expected), "{status} {body}");
        }
        assert_eq!(kind(201, ""), None);
    }

    fn read(json: &str) -> Importing {
        let found = serde_json::from_str(json).unwrap_or_else(|error| unreachable!("{error}"));
        importing(found, &Scrubber::new(None))
    }

    #[test]
    fn progress() {
        let found = read(
            r#"{"id":1,"import_status":"finished","import_error":"","failed_relations":[
                {"id":42,"exception_class":"RuntimeError","exception_message":"no such user","source":"Importer","relation_name":"issue","line_number":0},
                {"exception_class":"StandardError","source":"Importer","relation_name":null}, 7],
            "stats":{"fetched":{"issue":5,"note":3,"odd":"x"},"imported":{"issue":4,"note":3}}}"#,
        );
        assert_eq!((&found.status, &found.error), (&ImportStatus::Finished, &None));
        assert_eq!((found.fetched, found.imported), (8, 7));
        let pairs: Vec<_> =
            found.failed_relations.iter().map(|one| (one.relation.as_str(), one.message.as_str())).collect();
        assert_eq!(pairs, [("issue", "no such user"), ("Importer", "StandardError")]);
        let failed =
            read(r#"{"import_status":"failed","import_error":"Bad token 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"}"#);
        assert_eq!(failed.error.as_deref(), Some("Bad token ***"));
    }

    #[test]
    fn words_for_how_far_it_is() {
        for (json, status) in [
            ("{}", ImportStatus::None),
            (r#"{"import_status":null,"stats":null,"failed_relations":null}"#, ImportStatus::None),
            (r#"{"import_status":"none"}"#, ImportStatus::None),
            (r#"{"import_status":"scheduled","stats":[]}"#, ImportStatus::Scheduled),
            (
                r#"{"import_status":"started","stats":{"fetched":{"a":18446744073709551615,"b":2}}}"#,
                ImportStatus::Started,
            ),
            (r#"{"import_status":"canceled"}"#, ImportStatus::Canceled),
            (r#"{"import_status":"resting"}"#, ImportStatus::Other("resting".into())),
        ] {
            assert_eq!(read(json).status, status, "{json}");
        }
    }
}
