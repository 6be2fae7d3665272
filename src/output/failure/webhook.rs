//! What is wrong with a connection's webhook, told.

use crate::output::Exit;
use crate::workflow::Error;

use super::Failure;

pub(super) fn failure(error: &Error) -> Failure {
    let message = error.to_string();
    match error {
        Error::NoWebhook { connection } => Failure::new(Exit::NotFound, "no_webhook", message)
            .hint(format!("`connect webhook settings {connection}` makes one and prints what to enter at the forge"))
            .hint("one that exists already is kept by `--webhook-secret-stdin`, when connecting")
            .at(Some(connection)),
        Error::WebhookSecret { connection, .. } => Failure::new(Exit::Usage, "webhook_secret_unfit", message)
            .hint("copy it once more, or leave it out: connect makes one that fits")
            .at(Some(connection)),
        Error::ProofDiffers { connection, .. } => Failure::new(Exit::Store, "webhook_secret_differs", message)
            .hint("give the secret once more under this name, if the change is meant")
            .at(Some(connection)),
        Error::WebhookLost { connection, .. } => Failure::new(Exit::Store, "secret_missing", message)
            .hint(format!(
                "`connect webhook settings {connection} --new-secret` makes another, to be entered at the forge"
            ))
            .hint("one that you have elsewhere goes in by `--webhook-secret-stdin`")
            .at(Some(connection)),
        Error::OtherProof { connection, .. } => Failure::new(Exit::Differs, "webhook_secret_stands", message)
            .hint(format!(
                "a plain token proves less; `connect webhook settings {connection} --plain-token` puts one in its place: with `--new-secret` a new one, with `--webhook-secret-stdin` a given one"
            ))
            .hint("`--accept-former-for 7d` accepts both for a while")
            .at(Some(connection)),
        Error::NoneNamed { names } => Failure::new(Exit::Differs, "several_connections", message)
            .hint(format!("name one of {}", super::listed(names))),
        Error::NoConnection => Failure::new(Exit::NotFound, "no_such_connection", message)
            .hint("`connect github --webhook-only` or `connect gitlab --webhook-only` makes one that only receives"),
        _ => Failure::new(Exit::Failed, "failed", message),
    }
}
