//! One link of the chain, and what is wrong with it.

use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};

use super::super::Error;
use crate::model::webhook::SHORTEST;
use crate::model::{ConnectionName, StoreKind, duration};

/// Which part of the chain a link belongs to, in the order in which a request needs them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// The program itself.
    Connect,
    /// `config.toml`.
    Configuration,
    /// Folders, files, records.
    Files,
    /// Where secrets are.
    Store,
    /// Variables.
    Environment,
    /// One forge.
    Host,
    /// One connection.
    Connection,
    /// git, and whom it asks.
    Git,
    /// What earlier runs left unfinished.
    Journal,
}

/// One link, and how it is.
#[derive(Debug)]
pub struct Check {
    /// What it belongs to.
    pub group: Group,
    /// What it is called.
    pub name: String,
    /// Whose it is, if it is one connection's.
    pub connection: Option<ConnectionName>,
    /// Which forge's it is, by its label.
    pub host: Option<String>,
    /// How it is.
    pub verdict: Verdict,
}

/// How a link is.
#[derive(Debug)]
pub enum Verdict {
    /// Well; what was found, for people.
    Well(String),
    /// Not judged, and why not, for people.
    Skipped(String),
    /// Broken, or to be looked at.
    Bad(Trouble),
}

impl Verdict {
    /// Broken, by an error of the workflows.
    pub(super) fn failed(error: impl Into<Error>) -> Self {
        Self::Bad(Trouble::Failed(Box::new(error.into())))
    }
}

impl Check {
    pub(super) fn new(group: Group, name: &str, verdict: Verdict) -> Self {
        Self { group, name: name.to_owned(), connection: None, host: None, verdict }
    }

    /// A link of a connection.
    pub(super) fn of_connection(name: &str, connection: &ConnectionName, host: &str, verdict: Verdict) -> Self {
        let (connection, host) = (Some(connection.clone()), Some(host.to_owned()));
        Self { connection, host, ..Self::new(Group::Connection, name, verdict) }
    }

    /// A link of a host.
    pub(super) fn of_host(name: &str, host: &str, verdict: Verdict) -> Self {
        Self { host: Some(host.to_owned()), ..Self::new(Group::Host, name, verdict) }
    }
}

/// What the next run that writes makes of what an earlier one left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// The record names the new token: the old one is removed.
    RemovesOld,
    /// The record does not name the new token: the new one is removed.
    RemovesNew,
    /// Only the note is crossed out.
    CrossesOut,
    /// A forgetting or a renaming is brought to its end.
    Finishes,
    /// The record does not read: nothing, until it does.
    Waits,
}

/// What is wrong with a link. How bad it is, and how it is mended, is said in `output/failure/doctor.rs`.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// What any command would have met.
    #[error("{0}")]
    Failed(Box<Error>),
    /// What git does for the hosts of connections.
    #[error("{0}")]
    Git(super::git::GitTrouble),
    /// Keys in `config.toml` that mean nothing.
    #[error("keys that mean nothing here: {}", keys.join(", "))]
    UnknownKeys {
        /// Which.
        keys: Vec<String>,
        /// The file.
        path: PathBuf,
    },
    /// Others may use a file or folder.
    #[error("others on this machine may use {} (mode {mode:03o})", path.display())]
    Open {
        /// Which.
        path: PathBuf,
        /// Its mode.
        mode: u32,
        /// A folder, not a file.
        folder: bool,
        /// It holds a token that anybody who reads it can use.
        secret: bool,
    },
    /// A file or folder is another user's.
    #[error("{} belongs to another user", path.display())]
    Foreign {
        /// Which.
        path: PathBuf,
    },
    /// A pipe, a device, a folder where a file should be; a file where a folder should be.
    #[error("{} is not what connect keeps there: a pipe, a device, a folder or a file in the wrong place", path.display())]
    Stranger {
        /// Which.
        path: PathBuf,
    },
    /// Half written by a process that was killed.
    #[error("{} was left half written by a run that was killed", path.display())]
    Abandoned {
        /// Which.
        path: PathBuf,
    },
    /// A secret that no record and no intent names.
    #[error("no record names the secret in {}", path.display())]
    Orphan {
        /// Which file.
        path: PathBuf,
    },
    /// A variable makes other programs use another token or host than connect's.
    #[error("it is set: gh, glab and others take it instead of what connect gives them")]
    Overrides {
        /// Its name.
        name: String,
    },
    /// A variable of ours that means nothing.
    #[error("there is no such variable")]
    UnknownVariable {
        /// What may have been meant.
        meant: Option<String>,
    },
    /// A proxy variable that does not read.
    #[error("it does not read as the address of a proxy")]
    ProxyUnreadable,
    /// `SSL_CERT_FILE` or `SSL_CERT_DIR` without certificates.
    #[error("no certificate can be read from {}", path.display())]
    NoCertificates {
        /// Where it leads.
        path: PathBuf,
    },
    /// The resolver knows no such host.
    #[error("there is no such host name: {host}")]
    NameNotFound {
        /// The name.
        host: String,
    },
    /// GitHub does not take the API's version.
    #[error("the version of the API that connect speaks is refused")]
    ApiVersionRefused,
    /// This machine's clock and the forge's differ.
    #[error("this machine's clock is {} the forge's", off(*by))]
    Clock {
        /// By how much it is ahead; negative where it is behind.
        by: SignedDuration,
    },
    /// No request without a token is left.
    #[error("no request without a token is left{}", until.map_or_else(String::new, |at| format!(" until {at}")))]
    UsedUp {
        /// When the counter starts anew.
        until: Option<Timestamp>,
    },
    /// Several connections of one host are marked default.
    #[error("{} connections are marked as the default for this host", names.len())]
    SeveralDefaults {
        /// Which.
        names: Vec<ConnectionName>,
    },
    /// Several connections of one host, and none that is chosen.
    #[error("{} connections answer for this host, and none is chosen", names.len())]
    NoneChosen {
        /// Which.
        names: Vec<ConnectionName>,
    },
    /// Prefixes that lie at another host.
    #[error("it can never serve {}: another address than its own", prefixes.join(", "))]
    NeverServes {
        /// Which.
        prefixes: Vec<String>,
    },
    /// The token lies readable.
    #[error("the token is kept readable, in the store `plain`")]
    KeptPlain,
    /// The webhook's secret lies readable.
    #[error("the webhook secret is kept readable, in the store `plain`")]
    WebhookPlain,
    /// The webhook's secret can be found by trying.
    #[error("it has fewer than {SHORTEST} characters: whoever sees one delivery can find it by trying")]
    WebhookWeak,
    /// A change-over is over, and its secret is still kept.
    #[error("its time was over at {}; nothing is accepted by it any more", until.strftime("%Y-%m-%d %H:%M UTC"))]
    FormerOver {
        /// Since when.
        until: Timestamp,
    },
    /// Places have a secret still that is not the present one.
    #[error("{stale} of {all} {} {} not of the present secret", copies(*all), are(*stale))]
    StaleCopies {
        /// In how many places.
        stale: usize,
        /// Of how many.
        all: usize,
    },
    /// The token travels readable.
    #[error("the token travels readable: plain http was allowed")]
    PlainHttp,
    /// Secrets of logins that no login names any more.
    #[error("{count} of the logins' secrets {} left over: a run was cut short", are(*count))]
    LooseLogins {
        /// How many.
        count: usize,
    },
    /// A server refused the token when git used it.
    #[error("git was refused with it on {}{}", at.strftime("%Y-%m-%d"), if *taken { "; its forge takes it now" } else { "" })]
    RefusedThroughGit {
        /// When.
        at: Timestamp,
        /// Whether the forge has taken it since.
        taken: bool,
    },
    /// The variable holds another token than the record knows.
    #[error("the variable {name} holds another token than the one that was checked")]
    AnotherToken {
        /// Its name.
        name: String,
    },
    /// The token dies soon.
    #[error("it expires in {}", duration::in_words(*left))]
    ExpiresSoon {
        /// How long still.
        left: SignedDuration,
    },
    /// The forge names scopes, and there are none.
    #[error("the token has no scope at all")]
    NoScopes,
    /// An earlier run was cut short.
    #[error("a run was cut short at {since}; {}", next_words(*next))]
    CutShort {
        /// When it had begun.
        since: Timestamp,
        /// What becomes of it.
        next: Next,
    },
    /// A rotation was cut short.
    #[error("a rotation was cut short at {since}; {}", if *answered { "the new token is safe in the journal" } else { "no answer of the forge is there" })]
    RotationCutShort {
        /// When it had begun.
        since: Timestamp,
        /// Whether the forge's answer is in the journal.
        answered: bool,
    },
    /// A person has made a new token, and the old one is neither revoked nor given up.
    #[error("the token that was replaced on {} may still work; it is kept so that it can be revoked", since.strftime("%Y-%m-%d, %H:%M UTC"))]
    OldTokenLives {
        /// When it was.
        since: Timestamp,
        /// Whether somebody has said that it is to be revoked.
        decided: bool,
    },
    /// An import, or the undoing of one, was cut short.
    #[error("{} of {repository} into {project} was cut short", if *undoing { "the undoing of the import" } else { "an import" })]
    ImportCutShort {
        /// `owner/name`.
        repository: String,
        /// The project's full path.
        project: String,
        /// Whether it was being undone.
        undoing: bool,
    },
    /// A file of the journal that this version cannot read.
    #[error("{} does not read: damaged, or written by a later connect", path.display())]
    JournalUnreadable {
        /// Which.
        path: PathBuf,
    },
    /// The store could be reached, and trying it left something behind.
    #[error("what the {store} was tried with could not be removed: {place}")]
    LeftBehind {
        /// Which store.
        store: StoreKind,
        /// Where it is.
        place: String,
    },
}

const fn copies(count: usize) -> &'static str {
    if count == 1 { "copy" } else { "copies" }
}

const fn are(count: usize) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

fn off(by: SignedDuration) -> String {
    let seconds = by.as_secs().unsigned_abs();
    let length = match seconds {
        ..=119 => format!("{seconds} seconds"),
        120..=7199 => format!("{} minutes", seconds / 60),
        _ => duration::in_words(by.abs()),
    };
    format!("{length} {}", if by.is_negative() { "behind" } else { "ahead of" })
}

const fn next_words(next: Next) -> &'static str {
    match next {
        Next::Finishes => "the next run brings it to its end",
        Next::RemovesOld => "the next run removes the secret that was replaced",
        Next::RemovesNew => "the next run removes the secret that was never recorded",
        Next::CrossesOut => "the next run only crosses its note out",
        Next::Waits => "nothing is done until its record reads",
    }
}
