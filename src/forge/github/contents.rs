//! `/repos/{owner}/{repo}/contents/{path}`: one file, at one branch.
//!
//! A change is a commit. GitHub wants to be told which version it replaces, so that nobody's change is lost; it wants
//! such requests one after the other.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use reqwest::Method;
use serde::{Deserialize, Serialize};

use super::super::error::{ForgeError, ForgeErrorKind};
use super::super::http::{Answer, Authorization, Call, Repeat};
use super::super::lenient;
use super::super::words::Scrubber;
use super::{GitHub, errors};
use crate::model::Secret;
use crate::model::hook::File;
use crate::model::place::Repository;

/// GitHub writes base64 with padding; what comes without is read as well.
pub(super) const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A file as it is to be.
#[derive(Debug, Clone, Copy)]
pub struct FileChange<'a> {
    /// Where, from the root: `.github/workflows/x.yml`. There, `workflows` is needed beside `contents`.
    pub path: &'a str,
    /// On which branch; it has to be there, unless the repository has no commit yet.
    pub branch: &'a str,
    /// The commit's message.
    pub message: &'a str,
    /// The file's bytes.
    pub content: &'a [u8],
    /// The [`File::sha`] of the version that it replaces; nothing for a new file.
    pub replaces: Option<&'a str>,
}

/// GitHub REST: "Create or update file contents", "Delete a file".
#[derive(Serialize)]
struct Body<'a> {
    message: &'a str,
    branch: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha: Option<&'a str>,
}

/// GitHub REST: "Get repository content", for a file.
#[derive(Deserialize)]
struct Found {
    #[serde(rename = "type")]
    kind: String,
    sha: String,
    #[serde(default, deserialize_with = "lenient::or_default")]
    encoding: String,
    #[serde(default, deserialize_with = "lenient::or_default")]
    content: String,
}

#[derive(Deserialize)]
struct Committed {
    commit: Commit,
}

#[derive(Deserialize)]
struct Commit {
    sha: String,
}

impl GitHub {
    /// The file at a branch, tag or commit; nothing where there is none, or no such branch. Files of more than 1 MB are
    /// [`TooLarge`](ForgeErrorKind::TooLarge): GitHub does not tell their content here.
    ///
    /// # Errors
    /// [`InvalidRequest`](ForgeErrorKind::InvalidRequest) where something else than a file is there; or what else
    /// GitHub said.
    pub async fn file(
        &self,
        token: &Secret,
        repo: &Repository,
        path: &str,
        reference: &str,
    ) -> Result<Option<File>, ForgeError> {
        let answer = self.get(&at(repo, path), &[("ref", reference)], Authorization::Bearer(token)).await;
        let Some(answer) = ForgeError::if_there(answer)? else { return Ok(None) };
        let error = |kind| ForgeError { status: Some(answer.status), ..ForgeError::new(kind, &self.label) };
        // A folder is a list of what is in it.
        if answer.json::<Vec<serde::de::IgnoredAny>>(&self.label).is_ok() {
            let said = Some("a folder is there, and no file".to_owned());
            return Err(ForgeError { said, ..error(ForgeErrorKind::InvalidRequest) });
        }
        let found: Found = answer.json(&self.label)?;
        match (found.kind.as_str(), found.encoding.as_str()) {
            ("file", "base64") => {}
            ("file", _) => return Err(error(ForgeErrorKind::TooLarge)),
            _ => {
                let said = Some("something else than a file is there".to_owned());
                return Err(ForgeError { said, ..error(ForgeErrorKind::InvalidRequest) });
            }
        }
        let content = decoded(&found.content).ok_or_else(|| error(ForgeErrorKind::Malformed))?;
        Ok(Some(File { sha: Scrubber::new(Some(token)).name(&found.sha), content }))
    }

    /// Writes a file; gives the new commit. Sent once: after a lost connection, look what is there.
    ///
    /// # Errors
    /// [`Conflict`](ForgeErrorKind::Conflict) where another version is there than the one to be replaced, or one is
    /// there and none was to be replaced; or what else GitHub said, as that the branch is protected.
    pub async fn put_file(
        &self,
        token: &Secret,
        repo: &Repository,
        change: &FileChange<'_>,
    ) -> Result<String, ForgeError> {
        let body = Body {
            message: change.message,
            branch: change.branch,
            content: Some(BASE64.encode(change.content)),
            sha: change.replaces,
        };
        let call = self.writing(Method::PUT, &at(repo, change.path), &body, token, Repeat::Never);
        let answer = self.transport.send(&Call { judge, ..call }).await?;
        let done: Committed = answer.json(&self.label)?;
        Ok(Scrubber::new(Some(token)).name(&done.commit.sha))
    }

    /// Takes a file away, if it is still that version. Sent once.
    ///
    /// # Errors
    /// [`Conflict`](ForgeErrorKind::Conflict), [`NotFound`](ForgeErrorKind::NotFound) where it is no more, or what else
    /// GitHub said.
    pub async fn delete_file(
        &self,
        token: &Secret,
        repo: &Repository,
        path: &str,
        branch: &str,
        message: &str,
        sha: &str,
    ) -> Result<(), ForgeError> {
        let body = Body { message, branch, content: None, sha: Some(sha) };
        let call = self.writing(Method::DELETE, &at(repo, path), &body, token, Repeat::Never);
        self.transport.send(&Call { judge, ..call }).await.map(drop)
    }
}

/// Each part of the path is escaped by itself.
fn at<'a>(repo: &'a Repository, path: &'a str) -> Vec<&'a str> {
    let mut all = vec!["repos", &repo.owner, &repo.name, "contents"];
    all.extend(path.split('/').filter(|part| !part.is_empty()));
    all
}

/// GitHub breaks base64 into lines.
fn decoded(text: &str) -> Option<Vec<u8>> {
    let text: String = text.split_ascii_whitespace().collect();
    BASE64.decode(text).ok()
}

/// GitHub REST: 409 is a version that is no longer the last, or another commit at the same time; without `sha`, a file
/// that is there is a 422 `Invalid request. "sha" wasn't supplied.`
fn judge(answer: &Answer) -> Option<ForgeErrorKind> {
    let kind = errors::judge(answer)?;
    let stale = answer.status == 409 || answer.status == 422 && answer.words().mentions("\"sha\" wasn't supplied");
    Some(if stale && kind == ForgeErrorKind::InvalidRequest { ForgeErrorKind::Conflict } else { kind })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_base64() {
        assert_eq!(decoded("aGVs\nbG8=\n").as_deref(), Some(&b"hello"[..]));
        assert_eq!(decoded("aGVsbG8").as_deref(), Some(&b"hello"[..]));
        assert_eq!(decoded("").as_deref(), Some(&b""[..]));
        assert_eq!(decoded("a*b"), None);
    }

    #[test]
    fn another_version_is_a_conflict() {
        let kind = |status, message: &str| {
            let body = serde_json::json!({ "message": message }).to_string();
            judge(&Answer::made_up(status, &[("x-github-request-id", "1")], &body))
        };
        let conflict = Some(ForgeErrorKind::Conflict);
        assert_eq!(kind(409, ".gitlab-ci.yml does not match 1234"), conflict);
        assert_eq!(kind(422, "Invalid request.\n\n\"sha\" wasn't supplied."), conflict);
        assert_eq!(
            kind(422, "Invalid request.\n\nFor 'links/0/schema', nil is not an object."),
            Some(ForgeErrorKind::InvalidRequest)
        );
        assert_eq!(kind(404, "Not Found"), Some(ForgeErrorKind::NotFound));
        assert_eq!(kind(201, ""), None);
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_written_is_read(bytes: Vec<u8>, width in 1usize..80) {
            let text = BASE64.encode(&bytes);
            let lines: Vec<&[u8]> = text.as_bytes().chunks(width).collect();
            let text = String::from_utf8(lines.join(&b'\n')).unwrap_or_default();
            proptest::prop_assert_eq!(decoded(&text), Some(bytes));
        }
    }
}
