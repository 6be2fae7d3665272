//! What is wrong with the webhooks at a forge, told.

use crate::forge::ForgeErrorKind;
use crate::model::ConnectionName;
use crate::model::hook::Target;
use crate::output::Exit;
use crate::workflow::hooks::HooksError;

use super::{Failure, forge};

pub(super) fn failure(error: &HooksError) -> Failure {
    let message = error.to_string();
    match error {
        HooksError::Forge { source, host, connection, target } => {
            let mut failure = forge::failure(source, Some(host)).at(Some(connection));
            match source.kind {
                ForgeErrorKind::Moved => {
                    failure.hints = vec![format!("name it by its present name, together with the number: `--{} …`", target.word())];
                    return failure;
                }
                // Who may do it says more than that nobody knows why.
                ForgeErrorKind::Forbidden => failure.hints.clear(),
                ref kind if *kind == ForgeErrorKind::NotFound || kind.says_not_allowed() => {}
                _ => return failure,
            }
            for_whom(failure, connection, target)
        }
        HooksError::NotShown { connection, target, .. } => {
            let failure = Failure::new(Exit::Forbidden, "webhooks_hidden", message).at(Some(connection));
            for_whom(failure, connection, target)
        }
        HooksError::NoSuchHook { connection, target, .. } => Failure::new(Exit::NotFound, "no_such_webhook", message)
            .hint(format!("`connect webhook list {}` shows what there is", target.flag()))
            .at(Some(connection)),
        HooksError::NoneMade { target: Some(target), .. } => Failure::new(Exit::NotFound, "no_such_webhook", message)
            .hint(format!("`connect webhook list {}` shows those of others, which are named by their number", target.flag())),
        HooksError::NoneMade { target: None, .. } => Failure::new(Exit::NotFound, "no_such_webhook", message)
            .hint("name the place: `--repo OWNER/REPO`, `--org ORG`, `--project GROUP/PROJECT` or `--group GROUP`")
            .hint("`connect webhook list` shows those that connect has made"),
        HooksError::Several { all } => {
            let failure = Failure::new(Exit::Differs, "several_webhooks", message);
            let shown = all.iter().take(10).map(|(connection, target, id)| {
                let place = target.parse::<Target>().map_or_else(|_| target.clone(), |target| target.flag());
                format!("`{id} {place} --connection {connection}`")
            });
            shown.fold(failure, |failure, hint| failure.hint(hint))
        }
        HooksError::NotATarget { form, .. } => Failure::new(Exit::Usage, "usage", message)
            .hint(format!("as in `{form}`, or its whole address at the connection's host")),
        HooksError::Unreachable { .. } => Failure::new(Exit::Usage, "url_not_reachable", message)
            .hint("give an address that is reached from outside: a proxy's or a tunnel's, with `https://` in front")
            .hint("`connect webhook listen --poll` needs none: it reads the deliveries from the API (GitHub)"),
        HooksError::NoUrl => Failure::new(Exit::Usage, "usage", message)
            .hint("`--url URL`, or `--public-url BASE` for the connection's own address below it"),
        HooksError::NotOurs { connection, target, id } => Failure::new(Exit::Differs, "webhook_not_ours", message)
            .hint(format!("`connect webhook show {id} {}` shows it", target.flag()))
            .hint("`--yes` takes it over: it gets this connection's secret, and whoever has the other verifies it no more")
            .at(Some(connection)),
        HooksError::WouldLoseSecret { connection, .. } => {
            Failure::new(Exit::Differs, "would_lose_secret", message)
                .hint("`--secret` gives it the connection's secret along with the address, and makes it connect's own")
                .at(Some(connection))
        }
        HooksError::NoSigning { connection, .. } => Failure::new(Exit::Failed, "signing_not_taken", message)
            .hint(format!("`connect webhook settings {connection} --new-secret --plain-token` puts a plain token in its place, where nothing else uses the signing token; then leave the secret out here"))
            .at(Some(connection)),
        HooksError::NotConfirmed => {
            Failure::new(Exit::Differs, "needs_a_yes", message).hint("`--yes` removes it without a question")
        }
        HooksError::TellsAll { .. } => {
            Failure::new(Exit::Usage, "usage", message).hint("name what it is to tell of instead: `--events push,…`")
        }
        HooksError::NoTest { others, .. } => {
            Failure::new(Exit::Usage, "no_such_test", message).hint(format!("what it makes tests of: {others}"))
        }
        HooksError::NoSuchDelivery { .. } => Failure::new(Exit::NotFound, "no_such_delivery", message)
            .hint("forges remember deliveries for three days (github.com) or seven; `connect webhook deliveries` lists them"),
        HooksError::NoDeliveries { page, .. } => {
            Failure::new(Exit::Failed, "no_deliveries", message).hint(format!("its page may show them: {page}"))
        }
    }
}

/// Who may do it, and what finds out whether the token may.
fn for_whom(failure: Failure, connection: &ConnectionName, target: &Target) -> Failure {
    let failure = failure.hint(format!("its webhooks are for {}", target.who()));
    let check = format!("`connect check {connection} --for webhooks {}` says what is missing", target.flag());
    match target {
        // `check` looks at no organisation.
        Target::GithubOrg(_) => failure,
        _ => failure.hint(check),
    }
}
