//! What can go wrong with the places where copies of a secret are, beside what goes wrong everywhere.

use crate::forge::ForgeError;
use crate::model::{ConnectionName, DestinationKind, Host};

/// Why a copy was not put somewhere, or is not known to be there. Each says what the caller does about it.
#[derive(Debug, thiserror::Error)]
pub enum DestinationError {
    /// The forge refused, or was not reached. Say who may write there, where that may be the reason.
    #[error("{source}")]
    Forge {
        /// What it was.
        source: Box<ForgeError>,
        /// Which forge.
        host: Box<Host>,
        /// With whose token.
        via: ConnectionName,
        /// Who may write there.
        who: &'static str,
    },
    /// What was typed after `--to` is no place. Show the form.
    #[error("{}", not_a_place(*kind, why))]
    NotAPlace {
        /// What kind it begins with, if it is one.
        kind: Option<DestinationKind>,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Such a place takes no such secret. Say which it takes.
    #[error("{} takes {takes}, and `{connection}` is none", kind.word())]
    Unfit {
        /// Whose secret.
        connection: ConnectionName,
        /// What kind of place.
        kind: DestinationKind,
        /// What it takes: "a GitHub token".
        takes: &'static str,
    },
    /// Nobody has said which connection may write there, and none or several could be meant. Name one with `--via`.
    #[error("nobody has said which connection may write to {place}")]
    WhichVia {
        /// The place, as it was typed.
        place: String,
        /// Those that could be meant.
        candidates: Vec<ConnectionName>,
    },
    /// The record names no connection that may write there, or one that is no more. Add the place anew.
    #[error("no connection is named that may write to {place}")]
    NoVia {
        /// Whose secret.
        connection: ConnectionName,
        /// The place.
        place: String,
    },
    /// The place is at another forge than the connection that is to write there, or its record does not read. Add the
    /// place anew.
    #[error("{place} is not at the forge of `{via}`")]
    NotAtForge {
        /// Who was to write.
        via: ConnectionName,
        /// The place.
        place: String,
    },
    /// What is there would carry the secret to another forge than its own. Set it up anew, or use another connection.
    #[error("the {what} of {place} leads to {leads_to}, where the token of `{connection}` does not belong")]
    LeadsElsewhere {
        /// Whose token.
        connection: ConnectionName,
        /// What it is: "pull mirror".
        what: &'static str,
        /// The place.
        place: String,
        /// Where it leads.
        leads_to: String,
    },
    /// There is no such thing at the place, or it is switched off: it is not connect's to set up here.
    #[error("there is no {what} at {place}, or it is switched off")]
    NotThere {
        /// With whose token it was looked for.
        via: ConnectionName,
        /// What was looked for: "pull mirror".
        what: &'static str,
        /// The place.
        place: String,
    },
    /// A variable that is masked cannot have this value.
    #[error("GitLab cannot mask this value in the variable `{name}` of {place}")]
    NotMaskable {
        /// Who was to write.
        via: ConnectionName,
        /// The variable.
        name: String,
        /// The place.
        place: String,
    },
    /// It was written, and then seen not to be there or not to work.
    #[error("{place}: {why}")]
    DoesNotWork {
        /// Whose secret.
        connection: ConnectionName,
        /// The place.
        place: String,
        /// What was seen.
        why: String,
    },
    /// It is not on the connection's list.
    #[error("`{connection}` has no such destination: {place}")]
    NotListed {
        /// Whose list.
        connection: ConnectionName,
        /// The place.
        place: String,
    },
    /// An import or `webhook add` has put it there, and takes it away.
    #[error("{place} belongs to {owner}")]
    NotOurs {
        /// Whose list.
        connection: ConnectionName,
        /// The place.
        place: String,
        /// "an import", "a webhook".
        owner: &'static str,
        /// The command that takes it away.
        instead: String,
    },
}

/// The form of `--to`, for each kind.
pub const fn form(kind: DestinationKind) -> &'static str {
    match kind {
        DestinationKind::GitlabMirror => "gitlab-mirror:GROUP/PROJECT",
        DestinationKind::GitlabIntegration => "gitlab-integration:GROUP/PROJECT",
        DestinationKind::GitlabVariable => {
            "gitlab-variable:GROUP/PROJECT:NAME[@ENVIRONMENT], gitlab-variable:group=GROUP:NAME[@ENVIRONMENT], \
             gitlab-variable:instance:NAME"
        }
        DestinationKind::GithubSecret => {
            "github-secret:OWNER/REPO:NAME, github-secret:OWNER/REPO@ENVIRONMENT:NAME, github-secret:ORG:NAME"
        }
        DestinationKind::GithubWebhook => "github-webhook:OWNER/REPO#ID, github-webhook:ORG#ID",
        DestinationKind::GitlabWebhook => "gitlab-webhook:GROUP/PROJECT#ID, gitlab-webhook:group=GROUP#ID",
        DestinationKind::File => "file:/absolute/path",
        DestinationKind::Command => "command:WORDS",
    }
}

fn not_a_place(kind: Option<DestinationKind>, why: &str) -> String {
    match kind {
        Some(kind) => format!("that is no place for `{}`: {why}", kind.word()),
        None => format!("that is no place: {why}"),
    }
}
