//! What can go wrong in a workflow. How bad it is, and what to do, is said in `output/failure.rs`.

use jiff::Timestamp;
use url::Url;

use super::import::ImportError;
use crate::catalog::CatalogError;
use crate::files::FileError;
use crate::forge::ForgeError;
use crate::model::host::NotAHost;
use crate::model::webhook::NotAWebhookSecret;
use crate::model::{ConnectionName, Host, Need, Proof, StoreKind};
use crate::store::{PassphraseError, StoreError};

/// What went wrong, and with which connection where one is known.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The forge refused, or could not be reached.
    #[error("{source}")]
    Forge {
        /// What it was.
        source: Box<ForgeError>,
        /// Which forge, when one was asked.
        host: Option<Box<Host>>,
        /// Whose token, when it is a connection's.
        connection: Option<ConnectionName>,
    },
    /// The store is missing, locked, or refused.
    #[error("{source}")]
    Store {
        /// What it was.
        source: Box<StoreError>,
        /// Which store.
        store: StoreKind,
        /// Whose secret.
        connection: Option<ConnectionName>,
    },
    /// A record, the journal or the configuration.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// A file that the user named: a certificate.
    #[error(transparent)]
    File(#[from] FileError),
    /// A record's addresses do not read; somebody edited it.
    #[error("the record of `{connection}` has an address that does not read: {source}")]
    Record {
        /// Whose.
        connection: ConnectionName,
        /// Why not.
        source: NotAHost,
    },
    /// There is no connection of that name.
    #[error("there is no connection `{wanted}`")]
    NoSuchConnection {
        /// The name that was asked for.
        wanted: String,
        /// Names that are like it.
        similar: Vec<ConnectionName>,
    },
    /// No connection of that name is in the history, nor is there one.
    #[error("nothing is recorded of `{wanted}`, and there is no such connection")]
    NeverSeen {
        /// The name that was asked for.
        wanted: String,
        /// Names that are like it.
        similar: Vec<ConnectionName>,
    },
    /// Secrets would go to a store that protects them less, and nobody can be asked.
    #[error("{count} of these secrets would be kept readable in the store `plain`")]
    Weaker {
        /// How many.
        count: usize,
    },
    /// The connection has no webhook secret.
    #[error("`{connection}` has no webhook secret")]
    NoWebhook {
        /// Which connection.
        connection: ConnectionName,
    },
    /// Deliveries cannot be received.
    #[error(transparent)]
    Listen(#[from] super::listen::ListenError),
    /// What was given, or what a variable holds by now, cannot be a webhook's secret at that forge.
    #[error("the webhook secret of `{connection}` does not fit: {source}")]
    WebhookSecret {
        /// Which connection.
        connection: ConnectionName,
        /// Why not.
        source: NotAWebhookSecret,
    },
    /// A webhook secret of another kind was asked for than the one there is, and nobody said that it may be replaced.
    #[error("`{connection}` has a {} already", stands.in_words())]
    OtherProof {
        /// Which connection.
        connection: ConnectionName,
        /// What there is.
        stands: Proof,
    },
    /// No connection was named, and more than one could be meant.
    #[error("there is more than one connection")]
    NoneNamed {
        /// Which ones.
        names: Vec<ConnectionName>,
    },
    /// No connection was named, and there is none.
    #[error("there is no connection")]
    NoConnection,
    /// The store has the webhook's secret no longer.
    #[error("the webhook secret of `{connection}` is no longer there ({store})")]
    WebhookLost {
        /// Which connection.
        connection: ConnectionName,
        /// Which store.
        store: StoreKind,
    },
    /// The webhook's secret proves deliveries in another way than the record says: nothing weaker is accepted for it.
    #[error("the webhook secret of `{connection}` is no longer the {} that was kept", expected.in_words())]
    ProofDiffers {
        /// Which connection.
        connection: ConnectionName,
        /// What the record says.
        expected: Proof,
    },
    /// The store that was chosen as the default cannot be used now.
    #[error("{source}")]
    NotUsable {
        /// Why not.
        source: Box<StoreError>,
        /// Which store.
        store: StoreKind,
    },
    /// No connection serves that URL.
    #[error("no connection serves {url}")]
    NoneServes {
        /// The URL, masked.
        url: String,
        /// Connections of the same machine whose scheme, port or path differ, with their addresses.
        near: Vec<(ConnectionName, String)>,
    },
    /// More than one connection serves that URL, and none is the default.
    #[error("more than one connection serves {url}")]
    SeveralServe {
        /// The URL, masked.
        url: String,
        /// Which ones.
        names: Vec<ConnectionName>,
    },
    /// The connection has no token: it only receives webhooks.
    #[error("`{connection}` has no token; it only receives webhooks")]
    NoToken {
        /// Which connection.
        connection: ConnectionName,
    },
    /// By what is known, the token has died.
    #[error("the token of `{connection}` expired at {at}")]
    TokenExpired {
        /// Which connection.
        connection: ConnectionName,
        /// When.
        at: Timestamp,
    },
    /// When the forge was last asked, it said that the token was revoked.
    #[error("the token of `{connection}` was revoked, by what its forge last said")]
    TokenRevoked {
        /// Which connection.
        connection: ConnectionName,
    },
    /// The record's address is not the one that the token was given for: somebody edited the record.
    #[error("the record of `{connection}` does not lead to the forge that its token was given for")]
    AddressDiffers {
        /// Which connection.
        connection: ConnectionName,
    },
    /// What the store holds is not what the record says.
    #[error("what the {store} holds for `{connection}` is not the token that was put there")]
    SecretDiffers {
        /// Which connection.
        connection: ConnectionName,
        /// Which store.
        store: StoreKind,
    },
    /// The name is taken by another account, and nobody can be asked.
    #[error("`{connection}` is the connection of {theirs}; this token belongs to {ours}")]
    OtherAccount {
        /// The name.
        connection: ConnectionName,
        /// Whose it is.
        theirs: String,
        /// Whose token was given.
        ours: String,
    },
    /// That is no prefix that the connection could serve.
    #[error("`{connection}` cannot serve `{prefix}`: {why}")]
    NotAPrefix {
        /// Which connection.
        connection: ConnectionName,
        /// What was typed.
        prefix: String,
        /// The connection's own address.
        url: String,
        /// What is wrong.
        why: &'static str,
    },
    /// It does not serve that prefix.
    #[error("`{connection}` does not serve {prefix}")]
    NotServed {
        /// Which connection.
        connection: ConnectionName,
        /// The prefix.
        prefix: String,
    },
    /// Another connection serves that prefix, and nobody can be asked.
    #[error("{prefix} is served by `{connection}`")]
    ServedByAnother {
        /// The prefix.
        prefix: String,
        /// By which.
        connection: ConnectionName,
    },
    /// An earlier run for the connection was cut short, and what it left cannot be put in order now.
    #[error("an earlier run for `{connection}` was cut short, and what it left cannot be put in order now")]
    Unfinished {
        /// Which connection.
        connection: ConnectionName,
    },
    /// There is a connection of the new name already.
    #[error("there is a connection `{name}` already")]
    NameTaken {
        /// The name.
        name: ConnectionName,
    },
    /// The user was asked, and said no.
    #[error("nothing was changed")]
    Declined,
    /// Another process changed the connection in the meantime.
    #[error("`{connection}` was changed by another process in the meantime")]
    ChangedMeanwhile {
        /// Which one.
        connection: ConnectionName,
    },
    /// The forge took the revocation, yet the token still works.
    #[error("{host} accepted the revocation, but the token still works")]
    StillAlive {
        /// Which connection.
        connection: ConnectionName,
        /// Which host.
        host: String,
    },
    /// The forge does not show the repository, project or group to this token.
    #[error("there is no {what} `{path}`, or `{connection}` may not know of it")]
    Hidden {
        /// Which connection.
        connection: ConnectionName,
        /// `repository`, `project` or `group`.
        what: &'static str,
        /// As it was typed.
        path: String,
        /// What may be the cause; the forge answers alike to all of them.
        checklist: Vec<String>,
    },
    /// The token lacks what it was said to be for, and was not kept.
    #[error("the token lacks what it is wanted for: {}; it was not kept", lacking(needs))]
    PermissionMissing {
        /// All that is needed.
        needs: Vec<Need>,
        /// Where it is added.
        page: Option<Url>,
    },
    /// There is no connection of that kind to choose, or more than one host and none of them the vendor's own.
    #[error("{}", none_of_kind(*wanted, hosts))]
    NoneOfKind {
        /// Which forge.
        wanted: crate::model::ForgeKind,
        /// The hosts there are.
        hosts: Vec<String>,
    },
    /// The connection is for the other forge.
    #[error("`{connection}` is not a connection to {wanted}")]
    OtherForge {
        /// Which connection.
        connection: ConnectionName,
        /// Which forge was wanted.
        wanted: crate::model::ForgeKind,
    },
    /// The connection is for another host than the one its token would be planted at.
    #[error("`{connection}` is not for {wanted}; its token does not go there")]
    OtherHost {
        /// Which connection.
        connection: ConnectionName,
        /// The flag that named it.
        flag: &'static str,
        /// The forge's address that was wanted.
        wanted: String,
    },
    /// What stands against an import, or what came of it.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// What stands against a rotation, or what came of it.
    #[error(transparent)]
    Rotation(#[from] super::rotate::RotationError),
    /// What can go wrong with a forge's webhooks.
    #[error(transparent)]
    Hooks(#[from] super::hooks::HooksError),
    /// What can go wrong with the places where copies of a secret are.
    #[error(transparent)]
    Destination(#[from] super::destination::DestinationError),
    /// Why a token that a person has made is not taken over.
    #[error(transparent)]
    Guided(#[from] super::rotate::guided::GuidedError),
    /// What is wrong with git, or what it refused.
    #[error(transparent)]
    Git(#[from] crate::git::GitError),
    /// Why git's configuration was left as it is.
    #[error(transparent)]
    SetupGit(#[from] super::setup_git::SetupGitError),

    /// git wants a login for nowhere, or keeps one for it.
    #[error("what git asks names no place: {0}")]
    NoPlace(crate::git::credential::NoPlace),
    /// What the store holds for a login is not what was put there, or not for that place.
    #[error("what the store `{store}` holds for {place} is not the login that was put there")]
    LoginDiffers {
        /// Where it is for.
        place: String,
        /// Which store.
        store: StoreKind,
    },
    /// A login that cannot be kept as it is.
    #[error("the login for {place} cannot be kept: {why}")]
    Untellable {
        /// Where it is for.
        place: String,
        /// Why not.
        why: crate::git::credential::Unwritable,
    },
    /// Why a request that somebody has typed is not sent.
    #[error(transparent)]
    Api(#[from] super::api::ApiError),
    /// Why a command is not run with tokens.
    #[error(transparent)]
    Exec(#[from] super::exec::ExecError),
    /// The operating system gives no random numbers.
    #[error("the operating system gives no random numbers")]
    NoRandomness,
    /// The user pressed Ctrl-C.
    #[error("interrupted")]
    Interrupted,
}

impl Error {
    /// Says with which connection it happened.
    pub(super) fn of_forge(
        host: Option<&Host>,
        connection: Option<&ConnectionName>,
    ) -> impl FnOnce(ForgeError) -> Self {
        let (host, connection) = (host.cloned().map(Box::new), connection.cloned());
        |source| Self::Forge { source: Box::new(source), host, connection }
    }

    /// Whether the user pressed Ctrl-C, also where a passphrase was asked for.
    pub fn is_interruption(&self) -> bool {
        let at_prompt = |source: &StoreError| matches!(source, StoreError::Passphrase(PassphraseError::Interrupted));
        match self {
            Self::Interrupted => true,
            Self::Store { source, .. } => at_prompt(source),
            _ => false,
        }
    }

    /// Says with which store and connection it happened.
    pub(super) fn of_store(store: StoreKind, connection: Option<&ConnectionName>) -> impl FnOnce(StoreError) -> Self {
        let connection = connection.cloned();
        move |source| Self::Store { source: Box::new(source), store, connection }
    }
}

fn none_of_kind(wanted: crate::model::ForgeKind, hosts: &[String]) -> String {
    if hosts.is_empty() {
        format!("there is no connection to {wanted}")
    } else {
        format!("there are connections to more than one {wanted}")
    }
}

/// The names of what is missing.
fn lacking(needs: &[Need]) -> String {
    let names = needs.iter().filter(|need| need.verdict.refuses()).map(|need| format!("`{}`", need.name));
    names.collect::<Vec<_>>().join(", ")
}

/// What a fresh id needs.
pub(super) fn fresh_id() -> Result<crate::model::SecretId, Error> {
    crate::model::SecretId::random().map_err(|_| Error::NoRandomness)
}
