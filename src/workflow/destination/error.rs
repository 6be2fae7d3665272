//! What can go wrong with the places where copies of a secret are, beside what goes wrong everywhere.

use crate::forge::ForgeError;
use crate::model::{ConnectionName, DestinationKind, ForgeKind, Host};

/// Why a copy was not put somewhere, or is not known to be there. Each says what the caller does about it.
#[derive(Debug, thiserror::Error)]
pub enum DestinationError {
    /// The forge refused, or was not reached. Say who may write there, where that may be the reason.
    #[error("{place}: {}", said(place, host, source))]
    Forge {
        /// What it was.
        source: Box<ForgeError>,
        /// Which forge.
        host: Box<Host>,
        /// The place.
        place: String,
        /// Whether it is an environment's: GitHub has no key for one that is not there.
        environment: bool,
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
    #[error("a place of the kind {} takes {takes}, not {offered} of `{connection}`", kind.word())]
    Unfit {
        /// Whose secret.
        connection: ConnectionName,
        /// What kind of place.
        kind: DestinationKind,
        /// What it takes: "a GitHub token".
        takes: &'static str,
        /// What it was to get: "the GitLab token".
        offered: String,
    },
    /// Nobody has said which connection may write there, and none or several could be meant. Name one with `--via`.
    #[error("nobody has said which connection may write to {place}")]
    WhichVia {
        /// Whose secret.
        connection: ConnectionName,
        /// At which kind of forge the place is.
        forge: ForgeKind,
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
    #[error("there is no {what} at {place}{}", may_be_off(what))]
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
    /// The copy cannot be taken away from such a place, alone or at all. Leave `--delete` out.
    #[error("the copy at {place} cannot be taken away alone: {}", why_not(*kind))]
    NotDeletable {
        /// Whose secret.
        connection: ConnectionName,
        /// What kind of place.
        kind: DestinationKind,
        /// The place.
        place: String,
    },
    /// The folder of a file is not there, or what is there is no file. Nothing was recorded.
    #[error("{place} cannot be written: {why}")]
    NoSuchFolder {
        /// Whose secret.
        connection: ConnectionName,
        /// The file.
        place: String,
        /// What is wrong with it.
        why: String,
    },
    /// An import or `webhook add` has put it there, and takes it away; or another connection's secret is there.
    #[error("{place} belongs to {owner}")]
    NotOurs {
        /// Whose list.
        connection: ConnectionName,
        /// The place.
        place: String,
        /// "an import", "a webhook", "`other`".
        owner: String,
        /// The command that takes it away.
        instead: String,
    },
}

/// The forms of `--to`, for each kind.
pub const fn forms(kind: DestinationKind) -> &'static [&'static str] {
    match kind {
        DestinationKind::GitlabMirror => &["gitlab-mirror:GROUP/PROJECT"],
        DestinationKind::GitlabIntegration => &["gitlab-integration:GROUP/PROJECT"],
        DestinationKind::GitlabVariable => &[
            "gitlab-variable:GROUP/PROJECT:NAME[@ENVIRONMENT]",
            "gitlab-variable:group=GROUP:NAME[@ENVIRONMENT]",
            "gitlab-variable:instance:NAME",
        ],
        DestinationKind::GithubSecret => {
            &["github-secret:OWNER/REPO:NAME", "github-secret:OWNER/REPO@ENVIRONMENT:NAME", "github-secret:ORG:NAME"]
        }
        DestinationKind::GithubWebhook => &["github-webhook:OWNER/REPO#ID", "github-webhook:ORG#ID"],
        DestinationKind::GitlabWebhook => &["gitlab-webhook:GROUP/PROJECT#ID", "gitlab-webhook:group=GROUP#ID"],
        DestinationKind::File => &["file:/absolute/path"],
        DestinationKind::Command => &["command:WORDS"],
    }
}

/// What the forge said, without its name where the place has that already.
fn said(place: &str, host: &Host, source: &ForgeError) -> String {
    let (text, host) = (source.to_string(), host.to_string());
    let rest = text.strip_prefix(&host).and_then(|rest| rest.strip_prefix(": "));
    rest.filter(|_| place.contains(&host)).map_or_else(|| text.clone(), str::to_owned)
}

fn may_be_off(what: &str) -> &'static str {
    match what {
        "pull mirror" | "GitHub integration" => ", or it is switched off",
        _ => "",
    }
}

const fn why_not(kind: DestinationKind) -> &'static str {
    match kind {
        DestinationKind::Command => "only the command knows where it has put it",
        DestinationKind::GitlabMirror | DestinationKind::GitlabIntegration => "it is a part of what is set up there",
        _ => "the webhook would lose its secret, and go on",
    }
}

fn not_a_place(kind: Option<DestinationKind>, why: &str) -> String {
    match kind {
        Some(kind) => format!("that is no place for `{}`: {why}", kind.word()),
        None => format!("that is no place: {why}"),
    }
}
