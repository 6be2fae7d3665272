//! The one place that says of an error how bad it is (the exit code), which cause it is (a stable
//! word for programs), and what to do next.

mod adopt;
mod api;
mod check;
mod destination;
pub mod doctor;
mod doctor_git;
mod exec;
mod forge;
mod git;
mod guided;
mod hooks;
mod import;
mod listen;
mod rotation;
mod store;
mod webhook;

use std::io::ErrorKind;

use crate::catalog::CatalogError;
use crate::files::FileError;
use crate::model::text::without_tokens;
use crate::workflow::Error;

use super::Exit;

/// An error as it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// How the run ends because of it.
    pub exit: Exit,
    /// A stable word, one for each cause.
    pub code: &'static str,
    /// What happened, without a full stop.
    pub message: String,
    /// What to do next: commands to run, pages to open.
    pub hints: Vec<String>,
    /// With which connection, if it was one.
    pub connection: Option<String>,
    /// What only this cause has to tell programs.
    pub more: serde_json::Map<String, serde_json::Value>,
}

impl Failure {
    /// What somebody typed into the wrong place is repeated in many messages; a token never is.
    pub fn new(exit: Exit, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            exit,
            code,
            message: without_tokens(&message.into()),
            hints: Vec::new(),
            connection: None,
            more: serde_json::Map::new(),
        }
    }

    /// Adds what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(without_tokens(&hint.into()));
        self
    }

    fn at(mut self, connection: Option<impl ToString>) -> Self {
        self.connection = connection.map(|name| without_tokens(&name.to_string()));
        self
    }

    /// The same, with the connection that it was about, where the error does not say it.
    #[must_use]
    pub fn about(mut self, connection: &crate::model::ConnectionName) -> Self {
        self.connection.get_or_insert_with(|| connection.to_string());
        self
    }

    /// How it is told that the user pressed Ctrl-C: what has become of the work by then, after the same word everywhere.
    pub fn interrupted(so_far: impl std::fmt::Display) -> Self {
        Self::new(Exit::Interrupted, "interrupted", format!("interrupted; {so_far}"))
    }

    /// How an error of an import is told: a token that is to be made anew is made for that.
    pub fn of_import(error: &Error) -> Self {
        Self::of(error).for_import()
    }

    /// The same with the hints that leave the task open.
    #[must_use]
    pub fn for_import(mut self) -> Self {
        for hint in &mut self.hints {
            *hint = hint.replace("--for TASK", "--for import");
        }
        self
    }

    /// The same where a command was to be run: it keeps the codes for itself, but those that say what has to be
    /// typed instead.
    #[must_use]
    pub fn for_exec(mut self) -> Self {
        if matches!(self.exit, Exit::Failed | Exit::NotFound | Exit::TokenInvalid | Exit::Forbidden)
            || matches!(self.exit, Exit::Expiring | Exit::Unreachable | Exit::Store | Exit::Partly)
        {
            self.exit = Exit::NotRun;
        }
        self
    }

    /// How an error of a workflow is told.
    pub fn of(error: &Error) -> Self {
        let message = error.to_string();
        match error {
            Error::Forge { source, host, connection } => {
                forge::failure(source, host.as_deref()).at(connection.as_ref())
            }
            Error::Store { source, store, connection } => store::failure(source, *store).at(connection.as_ref()),
            Error::Catalog(source) => catalog(source),
            Error::Listen(source) => listen::failure(source),
            Error::File(source) => file(source),
            Error::Record { connection, .. } => Self::new(Exit::Failed, "record_damaged", message)
                .hint("connect again under this name to mend the record")
                .at(Some(connection)),
            Error::NoSuchConnection { wanted, similar } => {
                let failure = Self::new(Exit::NotFound, "no_such_connection", message).at(Some(wanted));
                match similar.as_slice() {
                    [] => failure.hint("`connect list` shows what there is"),
                    names => failure.hint(format!("did you mean {}?", listed(names))),
                }
            }
            Error::NoneServes { near, .. } => {
                let failure = Self::new(Exit::NotFound, "no_connection_serves", message);
                near.iter()
                    .fold(failure, |failure, (name, url)| failure.hint(format!("`{name}` is for {url}")))
                    .hint("`connect list` shows what there is; scheme, host, port and base path must match exactly")
            }
            Error::NeverSeen { wanted, similar } => {
                let failure = Self::new(Exit::NotFound, "no_such_connection", message).at(Some(wanted));
                match similar.as_slice() {
                    [] => failure.hint("`connect history` shows all that is recorded"),
                    names => failure.hint(format!("did you mean {}?", listed(names))),
                }
            }
            Error::Weaker { .. } => Self::new(Exit::Differs, "weaker_store", message)
                .hint("`--yes` moves them there; `--to keyring` or `--to file` protects them"),
            Error::NoWebhook { .. }
            | Error::WebhookSecret { .. }
            | Error::ProofDiffers { .. }
            | Error::WebhookLost { .. }
            | Error::OtherProof { .. }
            | Error::NoneNamed { .. }
            | Error::NoConnection => webhook::failure(error),
            Error::NotUsable { source, store } => Self {
                hints: vec![
                    "nothing was changed; `--yes` writes it down all the same".into(),
                    "`connect store show` says how the stores are".into(),
                ],
                ..store::failure(source, *store)
            },
            Error::SeveralServe { names, .. } => Self::new(Exit::Differs, "several_connections_serve", message)
                .hint(format!("name one of {}", listed(names)))
                .hint("`connect use NAME --on PREFIX` lets one answer for an owner or a group,")
                .hint("`connect use NAME --default` for the whole host"),
            Error::NoPlace(_) => Self::new(Exit::Usage, "no_place", message)
                .hint("git says `protocol` and `host`; by hand, `url=https://…`"),
            Error::LoginDiffers { place, .. } => Self::new(Exit::Store, "login_differs", message)
                .hint(format!("`printf 'url={place}\\n\\n' | git credential reject` forgets it")),
            Error::Untellable { .. } => Self::new(Exit::Failed, "login_unfit", message),
            Error::NoToken { connection } => Self::new(Exit::NotFound, "no_token", message)
                .hint(format!("connect a token under its name, `--name {connection}`, and it has both"))
                .at(Some(connection)),
            Error::TokenExpired { connection, .. } => Self::new(Exit::TokenInvalid, "token_expired", message)
                .hint("make a new one and connect it under the same name")
                .hint(format!("if its life was extended at the forge, `connect status {connection}` finds out"))
                .at(Some(connection)),
            Error::TokenRevoked { connection } => Self::new(Exit::TokenInvalid, "token_revoked", message)
                .hint("make a new one and connect it under the same name")
                .hint(format!("`connect status {connection}` asks once more"))
                .at(Some(connection)),
            Error::AddressDiffers { connection } => Self::new(Exit::Store, "address_differs", message)
                .hint("the token was not sent; connect again under this name if the new address is right")
                .at(Some(connection)),
            Error::SecretDiffers { connection, .. } => Self::new(Exit::Store, "secret_differs", message)
                .hint("somebody changed the entry; connect again under this name")
                .at(Some(connection)),
            Error::OtherAccount { connection, .. } => Self::new(Exit::Differs, "other_account", message)
                .hint("`--yes` replaces it; `--name NAME` keeps both")
                .at(Some(connection)),
            Error::NotAPrefix { url, connection, .. } => Self::new(Exit::Usage, "not_a_prefix", message)
                .hint(format!("an owner or a group at its host, as in `{url}/OWNER` or `OWNER`"))
                .at(Some(connection)),
            Error::NotServed { connection, .. } => Self::new(Exit::NotFound, "not_served", message)
                .hint(format!("`connect use {connection}` shows what it serves"))
                .at(Some(connection)),
            Error::ServedByAnother { connection, .. } => Self::new(Exit::Differs, "served_by_another", message)
                .hint("`--yes` takes it over")
                .at(Some(connection)),
            Error::Unfinished { connection } => Self::new(Exit::Store, "unfinished", message)
                .hint("run the command again, if that run has only just ended")
                .hint(format!("`connect doctor {connection}` says which store or record stands in the way"))
                .at(Some(connection)),
            Error::NameTaken { name } => Self::new(Exit::Differs, "name_taken", message)
                .hint(format!("choose another name, or `connect disconnect {name}` first"))
                .at(Some(name)),
            Error::Declined => Self::new(Exit::Differs, "declined", message),
            Error::ChangedMeanwhile { connection } => Self::new(Exit::Differs, "changed_meanwhile", message)
                .hint("run the command again")
                .at(Some(connection)),
            Error::StillAlive { connection, .. } => Self::new(Exit::Failed, "still_alive", message)
                .hint("everything is kept; try again in a minute, or revoke it on the forge's page")
                .at(Some(connection)),
            Error::Hidden { connection, what, checklist, .. } => {
                check::hidden(message, what, checklist).at(Some(connection))
            }
            Error::PermissionMissing { needs, page } => check::permission_missing(message, needs, page.as_ref()),
            Error::Hooks(error) => hooks::failure(error),
            Error::Destination(error) => destination::failure(error),
            Error::Git(error) => git::failure(error),
            Error::SetupGit(error) => git::setup_failure(error),
            Error::Guided(error) => guided::failure(error),
            Error::Exec(error) => exec::failure(error),
            Error::Api(error) => api::failure(error),
            Error::NoRandomness => Self::new(Exit::Failed, "no_randomness", message),
            Error::NoneOfKind { .. } | Error::OtherForge { .. } | Error::OtherHost { .. } => import::of_sides(error),
            Error::Import(error) => import::failure(error),
            Error::Rotation(error) => rotation::failure(error),
            Error::Interrupted => Self::interrupted("nothing was changed"),
        }
    }
}

fn listed(names: &[crate::model::ConnectionName]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn catalog(error: &CatalogError) -> Failure {
    let message = error.to_string();
    match error {
        CatalogError::File(source) => file(source),
        CatalogError::Newer { name, .. } => Failure::new(Exit::Failed, "record_newer", message)
            .hint("update connect; the record was left as it is")
            .at(Some(name)),
        CatalogError::Damaged { path, .. } if path.parent().is_some_and(|folder| folder.ends_with("imports")) => {
            Failure::new(Exit::Failed, "record_damaged", message)
                .hint("restore it from a backup: it says what that import made")
                .hint("without one, move it away and import again: what is there is taken as it is")
        }
        CatalogError::Damaged { path, .. }
            if path.ends_with("data/logins.json") || path.ends_with("connect/logins.json") =>
        {
            Failure::new(Exit::Failed, "logins_damaged", message).hint(format!(
                "restore it from a backup, or remove {}: git asks for those passwords again",
                path.display()
            ))
        }
        CatalogError::Damaged { path, .. } => Failure::new(Exit::Failed, "record_damaged", message)
            .hint(format!("restore it from a backup, or remove {} and connect again", path.display())),
        CatalogError::Busy { name } => Failure::new(Exit::Failed, "busy", message)
            .hint("wait for it to end, then run the command again")
            .at(Some(name)),
        CatalogError::Config { .. } => Failure::new(Exit::Failed, "config_damaged", message)
            .hint("mend the file; nothing was done")
            .hint("its keys are `store` (keyring, file, plain, env) and `expires_in` (as in `90d`)"),
        CatalogError::History { .. } => Failure::new(Exit::Failed, "failed", message),
        CatalogError::NoRandomness => Failure::new(Exit::Failed, "no_randomness", message),
    }
}

fn file(error: &FileError) -> Failure {
    let (source, path) = match error {
        FileError::Io { source, path, .. } => (source, path),
        FileError::NotAFile { path } | FileError::TooLarge { path, .. } => {
            return Failure::new(Exit::Failed, "file_failed", error.to_string())
                .hint(format!("connect did not write that; look at {} and move it away", path.display()));
        }
        FileError::Busy { .. } => {
            return Failure::new(Exit::Failed, "file_failed", error.to_string())
                .hint("wait for it to end, then run the command again");
        }
    };
    let message = format!("{error}: {}", io_words(source));
    let place = path.parent().unwrap_or(path).display();
    match source.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
            Failure::new(Exit::Failed, "disk_full", message)
                .hint("make room and run the command again; what was there is as it was")
        }
        ErrorKind::ReadOnlyFilesystem => Failure::new(Exit::Failed, "read_only", message)
            .hint(format!("{place} is on a file system that cannot be written; `CONNECT_HOME` names another place")),
        ErrorKind::PermissionDenied => Failure::new(Exit::Failed, "permission_denied", message)
            .hint(format!("see who owns {place}; connect must be able to use it")),
        ErrorKind::NotFound => Failure::new(Exit::Failed, "file_not_found", message)
            .hint(format!("see whether {} is there, or is a link that leads nowhere", path.display())),
        _ => Failure::new(Exit::Failed, "file_failed", message),
    }
}

/// What the operating system said, without the number.
fn io_words(error: &std::io::Error) -> String {
    let text = error.to_string();
    match text.split_once(" (os error") {
        Some((words, _)) => words.to_lowercase(),
        None => text,
    }
}
