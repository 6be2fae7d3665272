//! Remembering: what was done to a connection goes into the history. That is never what a run fails by: the work
//! is done by then, so a line that cannot be written is a warning.

use crate::catalog::{CatalogError, Happening, Part};
use crate::model::import::Side;
use crate::model::text::printable;
use crate::model::{Connection, ConnectionName, Destination, Fingerprint, Import, StoreKind};

use super::{Event, Tools};

/// What was done to a connection.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Happened {
    /// A token was kept under a name that had none.
    Connected,
    /// A token was kept in place of another.
    Replaced,
    /// The forge has given a new token in place of the old one, or somebody has made one.
    Rotated {
        /// The fingerprint of the token before.
        old: Fingerprint,
    },
    /// The forge has given a new token in place of the old one, and nobody has it.
    Lost,
    /// Its token was killed at the forge, and seen to be dead.
    Revoked,
    /// It was forgotten.
    Disconnected,
    /// A secret was moved to the store that the record names now.
    Migrated {
        /// Where it was before.
        from: StoreKind,
    },
    /// It was given the name that the record has now.
    Renamed {
        /// Its name before.
        from: ConnectionName,
    },
    /// A copy of its token was put somewhere.
    Planted(Box<Destination>),
    /// A place where a copy was has the present secret now.
    Pushed(Box<Destination>),
    /// A copy of its token was taken away from there.
    Removed(Box<Destination>),
    /// With its token a project was set up that follows a repository.
    Imported(Box<Import>),
    /// That was taken back.
    Undone(Box<Import>),
}

impl Happened {
    const fn word(&self) -> &'static str {
        match self {
            Self::Connected => "connected",
            Self::Replaced => "replaced",
            Self::Rotated { .. } => "rotated",
            Self::Lost => "lost",
            Self::Revoked => "revoked",
            Self::Disconnected => "disconnected",
            Self::Migrated { .. } => "migrated",
            Self::Renamed { .. } => "renamed",
            Self::Planted(_) => "planted",
            Self::Pushed(_) => "pushed",
            Self::Removed(_) => "removed",
            Self::Imported(_) => "imported",
            Self::Undone(_) => "undone",
        }
    }

    fn from(&self) -> Option<String> {
        match self {
            Self::Migrated { from } => Some(from.word().to_owned()),
            Self::Renamed { from } => Some(from.to_string()),
            _ => None,
        }
    }

    fn copy(&self) -> Option<&Destination> {
        match self {
            Self::Planted(copy) | Self::Pushed(copy) | Self::Removed(copy) => Some(copy),
            _ => None,
        }
    }

    fn import(&self) -> Option<&Import> {
        match self {
            Self::Imported(import) | Self::Undone(import) => Some(import),
            _ => None,
        }
    }
}

impl Tools<'_> {
    /// Writes into the history what was just done; `connection` is the record as it is now, or was last.
    /// Whoever wants the line to survive a kill puts [`Tools::happening`] into the journal first.
    pub(super) fn remember(&self, happened: &Happened, connection: &Connection) {
        self.note(&self.happening(happened, connection, Part::main_of(connection)));
    }

    /// The line of the history for what is about to be done to one of a connection's secrets.
    pub(super) fn happening(&self, happened: &Happened, connection: &Connection, part: Part) -> Happening {
        let actor = (self.actor)();
        let host = connection.host().map_or_else(|_| connection.url.clone(), |host| host.to_string());
        let token = connection.token.as_ref().filter(|_| part.is_token());
        let resting = part.of(connection);
        let (copy, import) = (happened.copy(), happened.import());
        let place = |side: &Side| printable(&format!("{}/{}", side.url, side.path), 500);
        let copied = copy.and_then(|copy| copy.fingerprint.clone());
        let old_fingerprint = match happened {
            Happened::Rotated { old } => Some(old.clone()),
            _ => None,
        };
        Happening {
            at: self.clock.now(),
            event: happened.word().into(),
            connection: Some(connection.name.clone()),
            host: Some(printable(&host, 250)),
            account: connection.account.as_ref().map(|account| printable(&account.login, 100)),
            fingerprint: copied.or_else(|| token.map(|token| token.fingerprint.clone())),
            old_fingerprint,
            part,
            store: resting.as_ref().map(|resting| resting.kept_in),
            from: happened.from(),
            secret: resting.map(|resting| resting.secret),
            cut: None,
            destination: copy.map(|copy| copy.kind),
            target: import.map(|import| place(&import.gitlab)).or_else(|| Some(printable(&copy?.target, 500))),
            repository: import.map(|import| place(&import.github)),
            user: actor.user,
            machine: actor.machine,
        }
    }

    /// Adds a line to the history.
    pub(super) fn note(&self, happening: &Happening) {
        self.told(self.history.append(happening));
    }

    /// Adds a line to the history unless it is there: who should have written it may have been killed before or after.
    pub(super) fn note_once(&self, happening: &Happening) {
        match self.history.has(happening) {
            Ok(true) => {}
            Ok(false) => self.note(happening),
            Err(e) => self.told(Err(e)),
        }
    }

    fn told(&self, written: Result<(), CatalogError>) {
        let Err(error) = written else { return };
        let reason = match &error {
            CatalogError::File(source) => source.io_kind().map(|kind| format!(": {kind}")).unwrap_or_default(),
            _ => String::new(),
        };
        self.say(Event::HistoryNotWritten { why: format!("{error}{reason}") });
    }
}
