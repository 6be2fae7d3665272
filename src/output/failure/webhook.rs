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
        _ => Failure::new(Exit::Failed, "failed", message),
    }
}
