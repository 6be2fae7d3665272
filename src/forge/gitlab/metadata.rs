//! `GET /metadata`: which GitLab it is, and whether one answers at all.

use serde::Deserialize;

use super::super::diagnose::Answered;
use super::super::error::{ForgeError, ForgeErrorKind};
use super::super::http::{Answer, Authorization};
use super::super::recognise;
use super::super::words::Scrubber;
use super::GitLab;
use crate::model::{ForgeKind, Secret};

/// GitLab REST: "Metadata" (since 15.2). It tells the edition, and not the tier.
#[derive(Deserialize)]
struct Metadata {
    version: Option<String>,
}

impl GitLab {
    /// The version, as `19.1.1-ee`.
    pub(super) async fn version(&self, authorization: Authorization<'_>) -> Result<Option<String>, ForgeError> {
        let answer = self.get(&["metadata"], &[], authorization).await?;
        answer.json::<Metadata>(&self.label).map(|found| found.version)
    }

    /// The version, as `19.1.1-ee`; nothing where GitLab does not tell this token.
    ///
    /// # Errors
    /// Why the token is not accepted, or why no answer came.
    pub async fn server_version(&self, token: &Secret) -> Result<Option<String>, ForgeError> {
        match self.version(Authorization::Bearer(token)).await {
            Ok(version) => Ok(version.and_then(|text| Scrubber::new(Some(token)).some(&text))),
            Err(error) if error.kind == ForgeErrorKind::NotFound || error.kind.says_not_allowed() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Asks without a token; every answer that GitLab marks as its own is good, refusals included.
    ///
    /// # Errors
    /// [`NotAForge`](super::super::ForgeErrorKind::NotAForge), or why no answer came.
    pub async fn look(&self) -> Result<(), ForgeError> {
        self.answer_to_a_look().await.map(drop)
    }

    /// As [`Self::look`], with what the answer tells beside its kind. The version is told to nobody
    /// without a token.
    pub(in crate::forge) async fn diagnose(&self) -> Result<Answered, ForgeError> {
        Ok(Answered::read(&self.answer_to_a_look().await?, None, None))
    }

    async fn answer_to_a_look(&self) -> Result<Answer, ForgeError> {
        let mut call = self.reading(&["metadata"], &[], Authorization::None);
        call.judge = |answer| recognise::look(answer, ForgeKind::GitLab);
        self.transport.send(&call).await
    }
}
