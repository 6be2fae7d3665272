//! Showing the stores: how each is, and what is in it. Nobody is asked, and no secret is touched.

use crate::catalog::{CatalogError, ConfigFile, Key, Part};
use crate::model::{ConnectionName, StoreKind};
use crate::store::{Protection, StoreError};

use super::{Error, Tools};

/// All stores, the strongest first.
const ALL: [StoreKind; 4] = [StoreKind::Keyring, StoreKind::File, StoreKind::Plain, StoreKind::Env];

/// How one store is.
#[derive(Debug)]
pub struct StoreShown {
    /// Which one.
    pub kind: StoreKind,
    /// Where it keeps things, for people.
    pub place: String,
    /// Whether it can be used now.
    pub usable: Result<(), Error>,
    /// How it protects what is in it; nothing where that cannot be told.
    pub protection: Option<Protection>,
    /// Whose secrets are in it.
    pub holds: Vec<(ConnectionName, Part)>,
    /// How many logins of git's are in it that belong to no connection.
    pub logins: usize,
}

/// How all of them are.
#[derive(Debug)]
pub struct StoresShown {
    /// The four stores.
    pub stores: Vec<StoreShown>,
    /// Records that do not read: what they keep where is not known.
    pub damaged: Vec<CatalogError>,
}

/// Looks at every store.
///
/// # Errors
/// [`Error::Catalog`] when the records' folder cannot be read.
pub fn show_stores(tools: &Tools<'_>) -> Result<StoresShown, Error> {
    let listed = super::list(tools, None)?;
    let holds = |kind: StoreKind| {
        let secrets = listed.connections.iter().flat_map(|connection| {
            let kept = Part::all_of(connection).filter(|(_, resting)| resting.kept_in == kind);
            kept.map(|(part, _)| (connection.name.clone(), part)).collect::<Vec<_>>()
        });
        secrets.collect()
    };
    let (logins, unread) = match super::credential::kept(tools) {
        Ok(logins) => (logins, None),
        Err(Error::Catalog(e)) => (super::credential::KeptLogins::default(), Some(e)),
        Err(e) => return Err(e),
    };
    let look = |kind: &StoreKind| look_at(tools, *kind, holds(*kind), logins.in_store(*kind));
    let stores = ALL.iter().map(look).collect::<Result<_, _>>();
    Ok(StoresShown { stores: stores?, damaged: listed.damaged.into_iter().chain(unread).collect() })
}

fn look_at(
    tools: &Tools<'_>,
    kind: StoreKind,
    holds: Vec<(ConnectionName, Part)>,
    logins: usize,
) -> Result<StoreShown, Error> {
    let store = tools.stores.open(kind).map_err(Error::of_store(kind, None))?;
    let usable = store.check().map_err(Error::of_store(kind, None));
    Ok(StoreShown { kind, place: store.home(), usable, protection: store.protection().ok(), holds, logins })
}

/// Makes a store the default for new secrets, if it can be used; with `anyway`, also if not. Gives what speaks
/// against it.
///
/// # Errors
/// [`Error::NotUsable`]; nothing was changed then. [`Error::Catalog`] when the configuration cannot be written.
pub fn use_store(
    tools: &Tools<'_>,
    config: &ConfigFile,
    kind: StoreKind,
    anyway: bool,
) -> Result<Option<Error>, Error> {
    let store = tools.stores.open(kind).map_err(Error::of_store(kind, None))?;
    let problem =
        store.check().err().map(|source: StoreError| Error::NotUsable { source: Box::new(source), store: kind });
    match problem {
        Some(problem) if !anyway => Err(problem),
        problem => {
            config.set(Key::Store, kind.word())?;
            Ok(problem)
        }
    }
}
