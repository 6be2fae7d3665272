//! `GET /meta`: does a GitHub answer there?

use super::super::diagnose::{Answered, ApiVersion};
use super::super::error::{ForgeError, ForgeErrorKind};
use super::super::http::{Answer, Authorization};
use super::super::recognise;
use super::{GitHub, errors};
use crate::model::ForgeKind;

impl GitHub {
    /// Asks without a token; every answer that GitHub marks as its own is good, refusals included.
    ///
    /// # Errors
    /// [`NotAForge`](super::super::ForgeErrorKind::NotAForge), or why no answer came.
    pub async fn look(&self) -> Result<(), ForgeError> {
        self.answer_to_a_look().await.map(drop)
    }

    /// As [`Self::look`], with what the answer tells beside its kind.
    pub(in crate::forge) async fn diagnose(&self) -> Result<Answered, ForgeError> {
        let answer = self.answer_to_a_look().await?;
        let api_version = match errors::judge(&answer) {
            Some(ForgeErrorKind::ApiVersionRetired) => ApiVersion::Refused,
            _ => ApiVersion::Accepted,
        };
        let version = answer.header("x-github-enterprise-version");
        Ok(Answered::read(&answer, version, Some(api_version)))
    }

    async fn answer_to_a_look(&self) -> Result<Answer, ForgeError> {
        let mut call = self.reading(&["meta"], &[], Authorization::None);
        call.judge = |answer| recognise::look(answer, ForgeKind::GitHub);
        self.transport.send(&call).await
    }
}
