//! What can go wrong in a workflow. How bad it is, and what to do, is said in `output/failure.rs`.

use jiff::Timestamp;
use url::Url;

use crate::catalog::CatalogError;
use crate::files::FileError;
use crate::forge::ForgeError;
use crate::model::host::NotAHost;
use crate::model::{ConnectionName, Host, Need, StoreKind, Verdict};
use crate::store::StoreError;

/// How things stand when an import has stopped on its way. Steps are named by their words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    /// The project's full path.
    pub project: String,
    /// Nothing was made, by this run or an earlier one.
    pub nothing: bool,
    /// The steps at which it happened.
    pub failed: Vec<&'static str>,
    /// The steps that stand.
    pub stands: Vec<&'static str>,
    /// The steps that are missing.
    pub missing: Vec<&'static str>,
}

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
    /// The connection has no webhook.
    #[error("`{connection}` has no webhook any more")]
    NoWebhook {
        /// Which connection.
        connection: ConnectionName,
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
    /// A record of an import does not read, and may be that of the one that is meant.
    #[error("the record of an import at {} does not read: {why}", path.display())]
    ImportRecordDamaged {
        /// Where it is.
        path: std::path::PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Another process carries out, or undoes, an import of the same repository.
    #[error("another process is at work on the import of {repository}")]
    ImportBusy {
        /// `owner/name`.
        repository: String,
    },
    /// A token or an account may not do what a later step of an import needs; nothing was made.
    #[error("the import cannot be done, and nothing was made: {}", standing_against(needs))]
    ImportForbidden {
        /// All that is needed.
        needs: Vec<Need>,
        /// Where it is added.
        page: Option<Url>,
        /// Whose token is concerned first.
        connection: ConnectionName,
    },
    /// There is a project at the path, and it is not this import.
    #[error("{path} is taken: {why}")]
    ProjectTaken {
        /// The full path.
        path: String,
        /// What it is.
        why: String,
        /// Whether the last part of the path came from the project's name, and not from `--to`.
        by_name: bool,
        /// With whose token it was seen.
        connection: ConnectionName,
    },
    /// GitHub has disabled the repository: nobody reads or writes there, whatever the token may do.
    #[error("GitHub has disabled {path}: nobody reads or writes there")]
    RepositoryDisabled {
        /// `owner/name`.
        path: String,
        /// With whose token it was seen.
        connection: ConnectionName,
    },
    /// The group takes no project that more people see than the group itself.
    #[error("{group} is {widest}: no project in it can be {wanted}")]
    TooVisible {
        /// The group.
        group: String,
        /// Who sees the group.
        widest: String,
        /// Who was to see the project.
        wanted: String,
        /// With whose token it was seen.
        connection: ConnectionName,
    },
    /// Pull mirroring, or the GitHub integration, is not licensed for that place.
    #[error("{what} is not licensed for {place}")]
    NotLicensed {
        /// Which of the two, in words.
        what: &'static str,
        /// The project or group.
        place: String,
        /// Whether it is there already.
        stands: bool,
        /// With whose token it was seen.
        connection: ConnectionName,
    },
    /// A project that is there has no commit, and GitLab imports only into what it makes.
    #[error("{project} is there, and empty: GitLab brings a repository only into a project that it makes for it")]
    NotFilled {
        /// The project's full path.
        project: String,
        /// With whose token it was seen.
        connection: ConnectionName,
    },
    /// There is something to be changed, and nobody can be asked whether it shall be.
    #[error("there is something to change, and nobody to agree to it")]
    PlanNotConfirmed,
    /// There is something to be removed, and nobody can be asked whether it shall be.
    #[error("there is something to remove, and nobody to agree to it")]
    UndoNotConfirmed,
    /// GitLab makes no token for the project alone.
    #[error("GitLab makes no access token for this project alone: {why}")]
    NoProjectToken {
        /// Whose personal token could be used instead.
        connection: ConnectionName,
        /// What GitLab said.
        why: String,
    },
    /// GitLab makes no token that lives as long.
    #[error("GitLab makes no access token for this project that lives {days} days ({why})")]
    TokenTooLong {
        /// With whose token it was asked for.
        connection: ConnectionName,
        /// How long it was to live.
        days: i64,
        /// What GitLab said.
        why: String,
    },
    /// GitLab found the `.gitlab-ci.yml` wrong.
    #[error("GitLab finds the `.gitlab-ci.yml` invalid: {}", errors.join("; "))]
    CiInvalid {
        /// What is wrong.
        errors: Vec<String>,
    },
    /// GitHub says that the webhook is there already, and it is not to be seen.
    #[error("{repository} has a webhook of this address already, and it is not this import's")]
    HookInTheWay {
        /// `owner/name`.
        repository: String,
    },
    /// A webhook is to be made, and GitHub takes no more of them there; nothing was made.
    #[error("{repository} has {most} webhooks that tell of `{event}` already, which is as many as there may be")]
    NoRoomForHook {
        /// `owner/name`.
        repository: String,
        /// Of what.
        event: &'static str,
        /// How many GitHub takes.
        most: usize,
    },
    /// The repository has another workflow under the name of the one that is to push to GitLab.
    #[error("{repository} has another {path} already, which connect did not make for this import")]
    WorkflowInTheWay {
        /// `owner/name`.
        repository: String,
        /// The file.
        path: &'static str,
    },
    /// GitLab's importer gave up.
    #[error("the import into {project} failed: {why}")]
    ImportFailed {
        /// The project.
        project: String,
        /// What GitLab says.
        why: String,
    },
    /// It goes on at the forge, and was watched for long enough.
    #[error("{what} is still under way")]
    StillUnderWay {
        /// What.
        what: String,
    },
    /// An import stopped on its way; what was made stands.
    #[error("{source}")]
    ImportStopped {
        /// Why.
        source: Box<Error>,
        /// How things stand.
        stopped: Box<Stopped>,
    },
    /// Connect has no record of such an import.
    #[error("no import of {repository} is on record")]
    NoSuchImport {
        /// `owner/name`.
        repository: String,
    },
    /// More than one import of that repository is on record.
    #[error("{repository} was imported more than once")]
    SeveralImports {
        /// `owner/name`.
        repository: String,
        /// Into which projects.
        projects: Vec<String>,
    },
    /// The project was there before the import; it is not connect's to delete.
    #[error("connect did not make the project {path}")]
    NotOurProject {
        /// The full path.
        path: String,
    },
    /// Only its owners delete a project.
    #[error("only an owner deletes the project {path}")]
    OwnersOnly {
        /// The full path.
        path: String,
        /// With whose token it was tried.
        connection: ConnectionName,
    },
    /// Something that an import made lies where the token does not see it: it may be gone, or be there all the same.
    #[error("the {what} {path} is gone, or hidden from `{connection}`")]
    OutOfSight {
        /// `repository` or `project`.
        what: &'static str,
        /// The full path, as it was last seen.
        path: String,
        /// With whose token it was looked for.
        connection: ConnectionName,
    },
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

/// Why not: what the token lacks by its name, the rest in words.
fn standing_against(needs: &[Need]) -> String {
    let against = || needs.iter().filter(|need| need.verdict.refuses());
    let is_lack = |need: &&Need| need.verdict == Verdict::Missing;
    let lacks: Vec<String> = against().filter(is_lack).map(|need| format!("`{}`", need.name)).collect();
    let mut words: Vec<String> = Vec::new();
    if !lacks.is_empty() {
        words.push(format!("the token lacks {}", lacks.join(", ")));
    }
    for need in against().filter(|need| !is_lack(need)) {
        if !words.contains(&need.why) {
            words.push(need.why.clone());
        }
    }
    words.join("; ")
}

/// What a fresh id needs.
pub(super) fn fresh_id() -> Result<crate::model::SecretId, Error> {
    crate::model::SecretId::random().map_err(|_| Error::NoRandomness)
}
