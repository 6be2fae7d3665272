//! What is wrong with the places where copies of a secret are, told.

use crate::forge::ForgeErrorKind;
use crate::model::DestinationKind;
use crate::output::Exit;
use crate::workflow::destination::{DestinationError, KINDS, forms};

use super::{Failure, forge, listed};

pub(super) fn failure(error: &DestinationError) -> Failure {
    let message = error.to_string();
    match error {
        DestinationError::Forge { source, host, via, who, environment, .. } => {
            let mut failure = forge::failure(source, Some(host)).at(Some(via));
            // The forge's own sentence, behind the place.
            failure.message = Failure::new(failure.exit, failure.code, message).message;
            match source.kind {
                // Who may do it says more than that nobody knows why.
                ForgeErrorKind::Forbidden => failure.hints.clear(),
                ref kind if *kind == ForgeErrorKind::NotFound || kind.says_not_allowed() => {}
                _ => return failure,
            }
            if *environment && source.kind == ForgeErrorKind::NotFound {
                failure =
                    failure.hint("GitHub makes no environment for a secret; it is made in the repository's settings");
            }
            failure
                .hint(format!("who may write there: {who}"))
                .hint(format!("`{via}` was used; `connect destination add` with `--via NAME` names another"))
        }
        DestinationError::NotAPlace { kind: Some(kind), .. } => {
            let failure = Failure::new(Exit::Usage, "not_a_place", message);
            let failure = forms(*kind).iter().fold(failure, |failure, form| failure.hint(format!("as in `{form}`")));
            match kind {
                DestinationKind::File => failure.hint("`file:$PWD/token` is one in this folder"),
                DestinationKind::Command => failure,
                _ => failure.hint("a path may be a whole address: `https://gitlab.example.com/group/project`"),
            }
        }
        DestinationError::NotAPlace { kind: None, .. } => Failure::new(Exit::Usage, "not_a_place", message)
            .hint(format!("the kinds are {}", KINDS.map(DestinationKind::word).join(", ")))
            .hint("`connect destination add --help` shows the form of each"),
        DestinationError::Unfit { connection, .. } => Failure::new(Exit::Usage, "does_not_fit", message)
            .hint("`connect list` shows the connections, `--secret token|webhook` says which of the secrets is meant")
            .at(Some(connection)),
        DestinationError::WhichVia { connection, forge, candidates, .. } => {
            let failure = Failure::new(Exit::Differs, "which_via", message).at(Some(connection));
            match candidates.as_slice() {
                [] => failure.hint(format!(
                    "no connection to a {forge} there is kept; `connect {} --pat` makes one",
                    forge.word()
                )),
                names => failure
                    .hint(format!("name one with `--via NAME`: {}", listed(names)))
                    .hint("or `connect use NAME --on PATH` lets one answer for that from now on"),
            }
        }
        DestinationError::NoVia { connection, .. } => Failure::new(Exit::NotFound, "no_via", message)
            .hint(format!("`connect destination add {connection} --to … --via NAME` names one"))
            .at(Some(connection)),
        DestinationError::NotAtForge { via, .. } => Failure::new(Exit::Usage, "other_host", message)
            .hint("`--via NAME` takes a connection to the place's own forge")
            .at(Some(via)),
        DestinationError::LeadsElsewhere { connection, what, .. } => {
            Failure::new(Exit::Differs, "leads_elsewhere", message)
                .hint(format!(
                    "the token was not sent; see the settings of the {what}, or use the connection that belongs there"
                ))
                .at(Some(connection))
        }
        DestinationError::NotThere { via, what, .. } => {
            let failure = Failure::new(Exit::NotFound, "no_such_place", message).at(Some(via));
            match *what {
                "pull mirror" | "GitHub integration" => {
                    failure.hint("`connect import OWNER/REPO --to GROUP/PROJECT` sets it up; GitLab Premium has it")
                }
                "webhook" => failure.hint("`connect webhook list --repo OWNER/REPO` shows those that there are"),
                _ => failure.hint("look whether somebody has removed it"),
            }
        }
        DestinationError::NotMaskable { via, .. } => Failure::new(Exit::Failed, "not_maskable", message)
            .hint("GitLab masks one line of at least 8 characters without spaces")
            .hint("make the variable by hand without masking it, if its value may stand in logs; then push again")
            .at(Some(via)),
        DestinationError::DoesNotWork { connection, .. } => Failure::new(Exit::Failed, "copy_failed", message)
            .hint(format!("it stays listed as stale; `connect destination push {connection} --stale` tries again"))
            .at(Some(connection)),
        DestinationError::NotListed { connection, .. } => Failure::new(Exit::NotFound, "no_such_destination", message)
            .hint(format!("`connect destination list {connection}` shows what there is"))
            .at(Some(connection)),
        DestinationError::NotDeletable { connection, .. } => Failure::new(Exit::Usage, "not_deletable", message)
            .hint("nothing was changed; without `--delete` it is taken off the list, and the copy stays")
            .at(Some(connection)),
        DestinationError::NoSuchFolder { connection, .. } => Failure::new(Exit::NotFound, "no_such_place", message)
            .hint("nothing was written; a folder is not made, so that it is known who may read what is in it")
            .at(Some(connection)),
        DestinationError::NotOurs { connection, instead, .. } => {
            Failure::new(Exit::Differs, "destination_taken", message)
                .hint(format!("`{instead}` takes it away"))
                .at(Some(connection))
        }
    }
}
