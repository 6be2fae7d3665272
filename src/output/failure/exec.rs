//! Why a command is not run with tokens, told.

use crate::output::Exit;
use crate::workflow::exec::ExecError;

use super::{Failure, listed};

pub(super) fn failure(error: &ExecError) -> Failure {
    let message = error.to_string();
    match error {
        ExecError::TwoTokens { variable, one, other } => Failure::new(Exit::Usage, "two_tokens", message)
            .hint(format!("name one of them, or run the command once with `{one}` and once with `{other}`"))
            .hint(format!("`--env VAR={other}` puts its token into another variable than {variable}")),
        ExecError::NothingChosen { open, remote } => {
            let failure = Failure::new(Exit::Differs, "nothing_chosen", message);
            let failure = match remote {
                Some(url) => failure.hint(format!("no connection serves this folder's remote, {url}")),
                None => failure,
            };
            match open.as_slice() {
                [] => failure.hint("`connect github --pat` or `connect gitlab --pat` makes a connection"),
                names => failure
                    .hint(format!("name one of {}", listed(names)))
                    .hint("`connect use NAME --default` lets one answer for its host"),
            }
        }
        ExecError::NotAUrl => Failure::new(Exit::Usage, "usage", message)
            .hint("as in `https://github.com/owner/repo` or `git@host:owner/repo`"),
    }
}
