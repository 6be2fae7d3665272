//! Why deliveries cannot be received, told.

use super::{Failure, io_words};
use crate::catalog::InboxError;
use crate::model::ConnectionName;
use crate::output::Exit;
use crate::workflow::listen::ListenError;

pub(super) fn failure(error: &ListenError) -> Failure {
    let message = error.to_string();
    let failed = |code, message: String| Failure::new(Exit::Failed, code, message);
    match error {
        ListenError::Bind { source, .. } => failed("cannot_listen", format!("{message}: {}", io_words(source)))
            .hint("`--addr 127.0.0.1:PORT` takes another address; port 0 is any that is free"),
        ListenError::Certificate(_) => Failure::new(Exit::Usage, "certificate_unusable", message).hint(
            "`--tls-cert` wants the chain in PEM, the receiver's own first; `--tls-key` its key without a password",
        ),
        ListenError::Key { connection, .. } => Failure::new(Exit::Store, "webhook_secret_unfit", message)
            .hint(format!("`connect webhook settings {connection} --new-secret` makes another"))
            .at(Some(connection)),
        ListenError::Unread { connection, source, others } => {
            let told = Failure { message, ..Failure::of(source) };
            told.hint(format!("the others alone: {}", by_name(others))).at(Some(connection))
        }
        ListenError::Inbox { connection, source } => {
            let failure = match source {
                InboxError::Busy => failed("listener_exists", message)
                    .hint("end that one, or let it receive: one listener may serve several connections"),
                InboxError::Damaged { path, .. } => failed("spool_damaged", message).hint(format!(
                    "see that the disk is not full; else move {} away: deliveries in it that were not handed on yet are then asked for with `connect webhook redeliver --failed`, as far as the forge still has them",
                    path.display()
                )),
                InboxError::Unreadable { .. } => {
                    failed("spool_damaged", message).hint("use the version of connect that has stored it")
                }
                InboxError::File(source) => super::file(source),
            };
            failure.at(Some(connection))
        }
        ListenError::Nothing => Failure::new(Exit::NotFound, "no_webhook", message)
            .hint("`connect webhook settings NAME` makes one and prints what to enter at the forge"),
        ListenError::NotPolled { connection } => Failure::new(Exit::Usage, "not_polled", message)
            .hint("`--connection NAME` of a connection to GitHub; without `--poll` deliveries are received")
            .at(Some(connection)),
        ListenError::NothingToPoll => Failure::new(Exit::NotFound, "no_webhook", message)
            .hint("`--temporary --repo OWNER/REPO` makes one for as long as this runs")
            .hint("`connect webhook add --repo OWNER/REPO --url https://connect.invalid/` makes one that stays and delivers to nobody"),
        ListenError::Reader(source) => failed("output_failed", format!("{message}: {}", io_words(source)))
            .hint("what was accepted and not read is kept, and handed on by the next run"),
        ListenError::Thread(_) => failed("failed", message),
    }
}

/// The flag that names these, as far as they are few.
fn by_name(connections: &[ConnectionName]) -> String {
    const FEW: usize = 4;
    let names: Vec<&str> = connections.iter().take(FEW).map(ConnectionName::as_str).collect();
    let more = if connections.len() > FEW { ",…" } else { "" };
    format!("`--connection {}{more}`", names.join(","))
}
