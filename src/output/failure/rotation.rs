//! How the errors of a rotation are told: first of all, which token works now.

use crate::workflow::rotate::RotationError;

use super::super::Exit;
use super::Failure;

const FINISH: &str = "`connect rotate --resume` finishes it";

/// Tells an error of a rotation.
pub(super) fn failure(error: &RotationError) -> Failure {
    let message = error.to_string();
    let new_one = |connection| {
        format!("`connect rotate {connection}` on a terminal shows the page for a new one; `--pat-stdin` takes it")
    };
    match error {
        RotationError::Variable { connection } => Failure::new(Exit::Store, "store_read_only", message)
            .hint("rotate it where the variable is set")
            .hint(format!("or `connect store migrate {connection} --to keyring` first"))
            .at(Some(connection)),
        RotationError::NotRotatable { connection } => Failure::new(Exit::Forbidden, "not_rotatable", message)
            .hint("the application that got it renews it; a personal access token is rotated")
            .at(Some(connection)),
        RotationError::MayNot { connection, .. } => Failure::new(Exit::Forbidden, "missing_scope", message)
            .hint("nothing was changed; GitLab adds no scope to a token that is there")
            .hint(new_one(connection))
            .at(Some(connection)),
        RotationError::NoNumber { connection } => Failure::new(Exit::Failed, "token_number_unknown", message)
            .hint(format!("`connect status {connection}` asks GitLab for it"))
            .at(Some(connection)),
        RotationError::Shared { connection, others } => {
            let failure = Failure::new(Exit::Differs, "token_shared", message).hint("nothing was changed");
            let forget =
                |failure: Failure, other| failure.hint(format!("`connect disconnect {other}` forgets it there"));
            others.iter().take(3).fold(failure, forget).hint("then rotate it").at(Some(connection))
        }
        RotationError::Dead { connection, health } => {
            let code = match health {
                crate::model::Health::Expired => "token_expired",
                crate::model::Health::Revoked => "token_revoked",
                _ => "token_unknown",
            };
            Failure::new(Exit::TokenInvalid, code, message).hint(new_one(connection)).at(Some(connection))
        }
        RotationError::AnswerLost { connection } => Failure::new(Exit::TokenInvalid, "answer_lost", message)
            .hint("the old token is dead, and nobody has the new one: revoke that on the page of your tokens")
            .hint(new_one(connection))
            .at(Some(connection)),
        RotationError::Unsettled { connection, until, why } => {
            let failure = Failure::new(Exit::Unreachable, "rotation_unsettled", message);
            let failure = why.iter().fold(failure, |failure, why| failure.hint(format!("no answer came: {why}")));
            failure
                .hint(format!(
                    "it is certain after {}; `connect rotate --resume` finds out then",
                    until.strftime("%H:%M:%S UTC")
                ))
                .hint("it is not asked for a second time: GitLab would take that for a theft")
                .at(Some(connection))
        }
        RotationError::NewRefused { connection } => Failure::new(Exit::TokenInvalid, "new_token_refused", message)
            .hint("the old token is dead; the new one was kept all the same")
            .hint(format!("`connect status {connection}` asks once more"))
            .hint(new_one(connection))
            .at(Some(connection)),
        RotationError::NotStored { connection, source } => {
            let failure = Failure::new(Exit::Store, "new_token_not_stored", message)
                .hint("the old token is dead; the new one is safe in the journal, encrypted")
                .hint(FINISH);
            match source.as_ref() {
                crate::store::StoreError::File(_) => failure.hint("make room on the disk first"),
                _ => failure.hint("unlock the store first; `connect doctor` says how it is"),
            }
            .at(Some(connection))
        }
        RotationError::NotRecorded { connection, .. } => Failure::new(Exit::Failed, "new_token_not_recorded", message)
            .hint("the old token is dead; nothing is lost")
            .hint(format!("see that the disk can be written to; {FINISH}"))
            .at(Some(connection)),
        RotationError::NowhereToPut { connection, .. } => Failure::new(Exit::Store, "new_token_lost", message)
            .hint("both tokens are lost to you: revoke the new one on the page of your tokens")
            .hint(new_one(connection))
            .at(Some(connection)),
        RotationError::Unreadable { connection } => Failure::new(Exit::TokenInvalid, "answer_unreadable", message)
            .hint("the answer is kept in the journal, encrypted; the old token is dead")
            .hint(new_one(connection))
            .at(Some(connection)),
        RotationError::KeyLost { connection } => Failure::new(Exit::Store, "escrow_key_lost", message)
            .hint("the old token is dead; revoke the new one on the page of your tokens")
            .hint(new_one(connection))
            .at(Some(connection)),
        RotationError::TooLong { connection, .. } => Failure::new(Exit::Forbidden, "lifetime_refused", message)
            .hint("nothing was changed, the old token works; ask for less: `--expires-in 30d`")
            .at(Some(connection)),
    }
}
