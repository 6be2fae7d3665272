//! Why a request that somebody has typed is not sent, told.

use crate::forge::NotInside;
use crate::output::Exit;
use crate::workflow::api::ApiError;

use super::Failure;

pub(super) fn failure(error: &ApiError) -> Failure {
    let message = error.to_string();
    match error {
        ApiError::Address { source: NotInside::Elsewhere { .. } } => {
            Failure::new(Exit::Usage, "outside_the_api", message)
                .hint("name another connection, or a path of this one's API: `user`, `repos/OWNER/REPO`")
        }
        ApiError::Address { .. } => Failure::new(Exit::Usage, "outside_the_api", message)
            .hint("as in `user`, `repos/OWNER/REPO/issues?state=all`, `projects/GROUP%2FPROJECT`"),
        ApiError::Key { .. } => Failure::new(Exit::Usage, "not_a_key", message)
            .hint("as in `title=…`, `labels[]=…`, `settings[private]=…`, each once"),
        ApiError::NoPages => {
            Failure::new(Exit::Usage, "usage", message).hint("leave out `--paginate`, or ask with `-X GET`")
        }
        ApiError::PageElsewhere => Failure::new(Exit::Unreachable, "redirected_elsewhere", message)
            .hint("the token was not taken there; `--include` shows in `link` where it would lead"),
        ApiError::TooMuch => Failure::new(Exit::Failed, "too_much", message)
            .hint("ask for a part: `?page=1&per_page=100`, or what narrows the list down"),
    }
}
