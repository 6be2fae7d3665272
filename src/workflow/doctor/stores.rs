//! The stores: each that is used, or would be, is tried with a throw-away secret.

use std::collections::BTreeMap;

use super::super::{Error, Tools, keep};
use super::check::{Check, Group, Trouble, Verdict};
use crate::catalog::{CatalogError, Home, Part};
use crate::files::{self, Look};
use crate::model::{Connection, StoreKind};
use crate::store::Store;

/// Whose lock a trial holds, and what its note in the journal is about. No default name looks like that.
const OWN_NAME: &str = "connect doctor";

/// Tries the stores; says which are broken, so that no token is looked for there.
pub(super) fn look(
    tools: &Tools<'_>,
    home: &Home,
    connections: &[Connection],
    default: Option<StoreKind>,
    checks: &mut Vec<Check>,
) -> Vec<StoreKind> {
    let mut wanted: BTreeMap<&str, (StoreKind, usize)> = BTreeMap::new();
    for kind in used(connections) {
        wanted.entry(kind.word()).or_insert((kind, 0)).1 += 1;
    }
    // That they cannot be counted was said among the files.
    let logins = default.and_then(|_| super::super::credential::kept(tools).ok()).unwrap_or_default();
    for kind in [StoreKind::Keyring, StoreKind::File, StoreKind::Plain].into_iter().filter(|k| logins.in_store(*k) > 0)
    {
        wanted.entry(kind.word()).or_insert((kind, 0)).1 += logins.in_store(kind);
    }
    if let Some(kind) = default {
        wanted.entry(kind.word()).or_insert((kind, 0));
    }
    let mut broken = Vec::new();
    for (kind, uses) in wanted.into_values() {
        let verdict = one(tools, home, kind, uses > 0);
        if matches!(verdict, Verdict::Bad(Trouble::Failed(_))) {
            broken.push(kind);
        }
        checks.push(Check::new(Group::Store, kind.word(), verdict));
    }
    broken
}

fn used(connections: &[Connection]) -> impl Iterator<Item = StoreKind> {
    connections.iter().flat_map(|connection| Part::all_of(connection).map(|(_, resting)| resting.kept_in))
}

fn one(tools: &Tools<'_>, home: &Home, kind: StoreKind, used: bool) -> Verdict {
    let store = match tools.stores.open(kind) {
        Ok(store) => store,
        Err(e) => return Verdict::failed(Error::of_store(kind, None)(e)),
    };
    if let Err(e) = store.check() {
        return Verdict::failed(Error::of_store(kind, None)(e));
    }
    if !store.is_writable() {
        return Verdict::Well("keeps nothing: the variables are read".into());
    }
    if kind != StoreKind::Keyring && !used {
        // The first secret would make a folder, and a key with a passphrase.
        return Verdict::Well("the default, not used yet".into());
    }
    if !matches!(files::look(&home.locks()), Ok(Look::Folder { .. } | Look::Nothing)) {
        return Verdict::Well("answers; not tried, because nothing can be noted in the journal".into());
    }
    match round_trip(tools, &*store) {
        Ok(verdict) => verdict,
        Err(Error::Catalog(CatalogError::Busy { .. })) => {
            Verdict::Skipped("another `connect doctor` is trying it at the moment".into())
        }
        // That nothing can be written was said of the folder; the store itself answers.
        Err(Error::Catalog(CatalogError::File(_))) => {
            Verdict::Well("answers; not tried, because nothing can be noted in the journal".into())
        }
        Err(e) => Verdict::failed(e),
    }
}

/// Writes, reads, compares, removes.
fn round_trip(tools: &Tools<'_>, store: &dyn Store) -> Result<Verdict, Error> {
    Ok(match keep::try_out(tools, store, OWN_NAME)? {
        None => Verdict::Well("written, read back and removed a throw-away secret".into()),
        Some(place) => Verdict::Bad(Trouble::LeftBehind { store: store.kind(), place }),
    })
}
