//! How it is told that a token which a person has made is not taken over. Nothing was changed then.

use crate::workflow::rotate::guided::GuidedError;

use super::super::Exit;
use super::Failure;

/// Tells it.
pub(super) fn failure(error: &GuidedError) -> Failure {
    let message = error.to_string();
    match error {
        GuidedError::SameToken { connection } => Failure::new(Exit::Differs, "same_token", message)
            .hint(format!("make a new one: `connect rotate {connection} --dry-run` shows where"))
            .at(Some(connection)),
        GuidedError::OtherAccount { connection, theirs, .. } => Failure::new(Exit::Differs, "other_account", message)
            .hint(format!("nothing was changed; make the new token as {theirs}"))
            .hint("`connect github|gitlab` keeps it as a connection of its own")
            .at(Some(connection)),
        GuidedError::MayLess { connection, lost } => {
            let mut failure = Failure::new(Exit::Forbidden, "may_do_less", message)
                .hint("nothing was changed; add on the new token's page what is missing, and give it again")
                .hint("`--allow-less` takes it as it is")
                .at(Some(connection));
            failure.more.insert("lost".into(), lost.as_slice().into());
            failure
        }
        GuidedError::NeedsAPerson { connection, page } => Failure::new(Exit::Differs, "needs_a_person", message)
            .hint(format!("make it on {page}"))
            .hint(format!("then, at a terminal, `connect rotate {connection}` asks for it, hidden"))
            .hint(format!("or from a pipe: `connect rotate {connection} --pat-stdin --revoke-old`"))
            .at(Some(connection)),
    }
}
