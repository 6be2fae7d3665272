//! How logins get into a store, out of it, and from one to another, so that a kill at any point leaves none in it that
//! nobody knows of, and loses none: a secret is loose from before it is written until a login names it, and from
//! when none does until it is gone.

use crate::catalog::{Login, LoginIndex, Resting};
use crate::files::Lock;
use crate::model::{Secret, SecretId, StoreKind};

use super::super::error::fresh_id;
use super::super::{fault, keep};
use super::{Error, Tools, logins};

/// Puts a login's secrets into their store and the login into the index, in place of the same one before.
pub(super) fn put(
    tools: &Tools<'_>,
    index: &mut LoginIndex,
    mut login: Login,
    packed: &Secret,
    lock: &Lock,
) -> Result<(), Error> {
    tidy(tools, index);
    login.secret = fresh_id()?;
    let new = login.resting();
    index.loose.push(new.clone());
    tools.logins.save(index, lock)?;
    fault::point("login.loose");
    let store = tools.stores.open(login.kept_in).map_err(Error::of_store(login.kept_in, None))?;
    if let Err(e) = store.put(&new.secret, &logins::label(&login), packed).map_err(Error::of_store(login.kept_in, None))
    {
        // A write that timed out may still arrive; then it stays loose.
        if keep::never_arrived(&e) || keep::removed(tools, &new) {
            index.loose.retain(|loose| *loose != new);
            let _ = tools.logins.save(index, lock);
        }
        return Err(e);
    }
    fault::point("login.stored");
    let (before, mut stay): (Vec<Login>, Vec<Login>) = index.logins.drain(..).partition(|known| known.is_same(&login));
    index.loose.retain(|loose| *loose != new);
    index.loose.extend(before.iter().map(Login::resting));
    stay.push(login);
    index.logins = stay;
    tools.logins.save(index, lock)?;
    fault::point("login.named");
    clear(tools, index, lock)
}

/// Forgets logins, by the ids of their secrets.
pub(super) fn remove(tools: &Tools<'_>, index: &mut LoginIndex, gone: &[SecretId], lock: &Lock) -> Result<(), Error> {
    let (leave, stay): (Vec<Login>, Vec<Login>) =
        index.logins.drain(..).partition(|login| gone.contains(&login.secret));
    index.logins = stay;
    index.loose.extend(leave.iter().map(Login::resting));
    tools.logins.save(index, lock)?;
    fault::point("login.unnamed");
    clear(tools, index, lock)
}

/// Moves a login's secrets to another store.
pub(super) fn relocate(
    tools: &Tools<'_>,
    index: &mut LoginIndex,
    login: &Login,
    to: StoreKind,
    lock: &Lock,
) -> Result<(), Error> {
    let packed = logins::packed(tools, login)?;
    put(tools, index, Login { kept_in: to, ..login.clone() }, &packed, lock)
}

/// Removes from the stores what no login names, and says so in the index. What cannot be removed now stays loose: the
/// login itself is forgotten all the same.
fn clear(tools: &Tools<'_>, index: &mut LoginIndex, lock: &Lock) -> Result<(), Error> {
    if tidy(tools, index) {
        tools.logins.save(index, lock)?;
    }
    Ok(())
}

/// Removes what is loose, and what was to be forgotten by now; says whether the index has changed.
pub(super) fn tidy(tools: &Tools<'_>, index: &mut LoginIndex) -> bool {
    let overdue = logins::overdue(index, tools.clock.now());
    let named = |resting: &Resting, logins: &[Login]| logins.iter().any(|login| login.secret == resting.secret);
    let before = index.clone();
    index.loose.extend(index.logins.iter().filter(|login| overdue.contains(&login.secret)).map(Login::resting));
    index.logins.retain(|login| !overdue.contains(&login.secret));
    let logins = std::mem::take(&mut index.logins);
    index.loose.retain(|loose| !named(loose, &logins) && !keep::removed(tools, loose));
    index.logins = logins;
    *index != before
}
