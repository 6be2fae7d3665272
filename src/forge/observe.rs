//! What answers tell by the way: when the token dies that a request was made with.
//!
//! GitHub says it in a header of every authenticated answer, GitLab where a token describes itself. Whoever wants
//! to know hands an [`Observer`] to the [`Transport`](super::Transport); nothing is asked for it, and nothing here
//! remembers anything.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;

use super::http::{Answer, Authorization, Call};
use crate::model::Fingerprint;

/// Is told, for each answer that says so, which token it was asked with and when that token dies. It is called between
/// two requests and must be quick.
#[derive(Clone)]
pub struct Observer(Arc<dyn Fn(Fingerprint, Timestamp) + Send + Sync>);

impl Observer {
    /// One that calls this.
    pub fn new(told: impl Fn(Fingerprint, Timestamp) + Send + Sync + 'static) -> Self {
        Self(Arc::new(told))
    }

    /// Looks at an answer. One that says nothing of an end says nothing at all: a proxy may have left the header out.
    pub(super) fn look(&self, call: &Call<'_>, answer: &Answer) {
        let Authorization::Bearer(token) = call.authorization else { return };
        if let Some(end) = (call.tells)(answer) {
            (self.0)(token.fingerprint(), end);
        }
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observer")
    }
}

/// For calls whose answers tell nothing of the token.
pub(super) const fn nothing(_: &Answer) -> Option<Timestamp> {
    None
}
