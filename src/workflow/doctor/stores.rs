//! The stores: each that is used, or would be, is tried with a throw-away secret.

use std::collections::BTreeMap;

use super::super::error::fresh_id;
use super::super::{Error, Tools, fault, keep};
use super::check::{Check, Group, Trouble, Verdict};
use crate::catalog::{CatalogError, Home, Intent, Resting};
use crate::files::{self, Look};
use crate::model::{Connection, ConnectionName, Secret, StoreKind};
use crate::store::{Store, StoreError};

/// Whose lock a trial holds, and what its note in the journal is about. No default name looks like that.
const OWN_NAME: &str = "connect doctor";

/// What a store is tried with. It opens nothing.
const TRIAL: &str = "connect-doctor-was-here";

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
    connections.iter().flat_map(|connection| {
        let token = connection.token.as_ref().map(|token| token.kept_in);
        token.into_iter().chain(connection.webhook.as_ref().map(|webhook| webhook.kept_in))
    })
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

/// Writes, reads, compares, removes. The journal knows of it before anything is written, so that a run that
/// is killed leaves nothing that the next one does not remove.
fn round_trip(tools: &Tools<'_>, store: &dyn Store) -> Result<Verdict, Error> {
    let Ok(name) = OWN_NAME.parse::<ConnectionName>() else { return Err(Error::NoRandomness) };
    for open in tools.journal.unfinished()?.into_iter().filter(|open| open.intent.connection == name) {
        keep::finish(tools, open)?;
    }
    let kind = store.kind();
    let failed = || Error::of_store(kind, None);
    let _lock = tools.records.try_lock(&name)?;
    let resting = Resting { secret: fresh_id()?, kept_in: kind };
    let secret = Secret::new(format!("{TRIAL}-{}", resting.secret.as_str()));
    let open = tools.journal.open(Intent::trial(name, resting.clone(), tools.clock.now()))?;
    fault::point("doctor.intent");
    let written = store.put(&resting.secret, OWN_NAME, &secret).map_err(failed());
    fault::point("doctor.written");
    let compared = written.and_then(|()| {
        let back = store.get(&resting.secret).map_err(failed())?;
        if back.same_as(&secret) { Ok(()) } else { Err(failed()(StoreError::ReadBackDiffers)) }
    });
    let gone = keep::removed(tools, &resting);
    fault::point("doctor.removed");
    match compared {
        Err(e) => {
            if gone || keep::never_arrived(&e) {
                open.close()?;
            }
            Err(e)
        }
        Ok(()) if gone => {
            open.close()?;
            Ok(Verdict::Well("written, read back and removed a throw-away secret".into()))
        }
        Ok(()) => Ok(Verdict::Bad(Trouble::LeftBehind { store: kind, place: store.place(&resting.secret) })),
    }
}
