//! `GET /meta`: does a GitHub answer there?

use super::super::error::ForgeError;
use super::super::http::Authorization;
use super::super::recognise;
use super::GitHub;
use crate::model::ForgeKind;

impl GitHub {
    /// Asks without a token; every answer that GitHub marks as its own is good, refusals included.
    ///
    /// # Errors
    /// [`NotAForge`](super::super::ForgeErrorKind::NotAForge), or why no answer came.
    pub async fn look(&self) -> Result<(), ForgeError> {
        let mut call = self.reading(&["meta"], &[], Authorization::None);
        call.judge = |answer| recognise::look(answer, ForgeKind::GitHub);
        self.transport.send(&call).await.map(drop)
    }
}
