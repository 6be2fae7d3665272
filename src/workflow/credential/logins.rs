//! Logins for the places that no connection answers for, and for other users of those that one does.
//!
//! What git calls the same login is the same here: protocol, host, path and user, each compared where it is asked for
//! (git's `credential_match`). The newest of several is given. A password that has died is not; what it can be renewed
//! with is, since git passes it on to the helper that renews it.

use jiff::{SignedDuration, Timestamp};

use crate::catalog::{Login, LoginIndex};
use crate::git::credential::{Capabilities, Description, Place, pack, unpack};
use crate::model::text::begins_like_a_token;
use crate::model::{Fingerprint, Secret, SecretId, StoreKind};
use crate::store::StoreError;

use super::super::error::fresh_id;
use super::{Answer, Error, PATIENCE, Remark, Tools, changes};

/// The newest login that fits, as git is given it.
pub(super) fn find(
    tools: &Tools<'_>,
    place: &Place,
    user: Option<&str>,
    wanted: &Description,
) -> Result<Answer, Error> {
    let now = tools.clock.now();
    let of_use = |login: &&Login| {
        fits(login, place, user)
            && (login.authtype.is_none() || wanted.capabilities.authtype)
            && !forgotten(login, now)
            && (!is_dead(login, now) || login.refreshes)
    };
    let read = || Ok::<_, Error>(tools.logins.read()?.logins.iter().filter(of_use).max_by_key(|l| l.kept_at).cloned());
    let mut chosen = read()?;
    loop {
        let Some(login) = chosen else { return Ok(Answer::default()) };
        match secrets(tools, &login) {
            Ok(secrets) => return Ok(answer(login, secrets, now)),
            // Another process may have put it elsewhere between our two looks. If not, it was removed behind our
            // back: git asks for it, and what it is told takes its place.
            Err(e) if is_missing(&e) => chosen = read()?.filter(|again| again.secret != login.secret),
            Err(e) => return Err(e),
        }
    }
}

fn answer(login: Login, secrets: Description, now: Timestamp) -> Answer {
    let dead = is_dead(&login, now);
    let given = Description {
        capabilities: Capabilities { authtype: login.authtype.is_some(), state: false },
        username: login.username,
        password: secrets.password.filter(|_| !dead),
        refresh_token: secrets.refresh_token,
        expires: login.password_expiry_utc.filter(|_| !dead),
        authtype: login.authtype,
        credential: secrets.credential,
        ..Description::default()
    };
    Answer { given: Some(Box::new(given)), remarks: Vec::new() }
}

/// Keeps what git has used with success, in place of what was kept for the same user there.
pub(super) fn keep(
    tools: &Tools<'_>,
    place: &Place,
    used: &Description,
    kind: StoreKind,
    lifetime: Option<u32>,
) -> Result<Option<Remark>, Error> {
    let now = tools.clock.now();
    let Some(mut login) = described(place, used, kind, now) else { return Ok(None) };
    let not_kept = |why: &'static str| Ok(Some(Remark::NotKept { place: shown(place), why }));
    if is_dead(&login, now) && !login.refreshes {
        return Ok(None);
    }
    if login.username.as_deref().is_some_and(begins_like_a_token) {
        return not_kept("its user name looks like a token, and names are not kept as secrets are");
    }
    if kind == StoreKind::Env {
        return not_kept("the store `env` keeps nothing");
    }
    login.forget_at = lifetime.and_then(|seconds| now.checked_add(SignedDuration::from_secs(i64::from(seconds))).ok());
    let mut new = used.clone();
    // git says so after each fetch and each push. Where nothing is new nobody is waited for, and nothing is written.
    let looked = tools.logins.read()?;
    if is_kept(tools, &looked, &login, &mut new)? {
        return Ok(None);
    }
    let lock = tools.logins.lock(PATIENCE)?;
    let mut index = tools.logins.read()?;
    if index != looked {
        new = used.clone();
        if is_kept(tools, &index, &login, &mut new)? {
            return Ok(None);
        }
    }
    login.refreshes = new.refresh_token.is_some();
    let packed = pack(&new, fresh_id()?.as_str()).map_err(|why| Error::Untellable { place: shown(place), why })?;
    login.bound = bound(&login, &packed);
    changes::put(tools, &mut index, login, &packed, &lock)?;
    Ok(None)
}

/// Whether a login is kept already as it was used; what it was renewed with is added to `used` where git does not say it.
fn is_kept(tools: &Tools<'_>, index: &LoginIndex, login: &Login, used: &mut Description) -> Result<bool, Error> {
    let Some(before) = index.logins.iter().find(|known| known.is_same(login)) else { return Ok(false) };
    match secrets(tools, before) {
        Ok(there) => Ok(is_same(&there, used) && is_as_before(before, login)),
        Err(e) if is_missing(&e) || matches!(e, Error::LoginDiffers { .. }) => Ok(false),
        Err(e) => Err(e),
    }
}

/// Forgets what fits; of a password or credential that is named, only that very one.
pub(super) fn forget(tools: &Tools<'_>, place: &Place, refused: &Description) -> Result<(), Error> {
    let user = refused.username.as_deref();
    if !tools.logins.read()?.logins.iter().any(|login| fits(login, place, user)) {
        return Ok(());
    }
    let lock = tools.logins.lock(PATIENCE)?;
    let mut index = tools.logins.read()?;
    let mut gone = Vec::new();
    for login in index.logins.iter().filter(|login| fits(login, place, user)) {
        if is_meant(tools, login, refused)? {
            gone.push(login.secret.clone());
        }
    }
    if gone.is_empty() { Ok(()) } else { changes::remove(tools, &mut index, &gone, &lock) }
}

fn is_meant(tools: &Tools<'_>, login: &Login, refused: &Description) -> Result<bool, Error> {
    if refused.password.is_none() && refused.credential.is_none() {
        return Ok(true);
    }
    let same = |one: &Option<Secret>, other: &Option<Secret>| match (one, other) {
        (Some(one), Some(other)) => one.same_as(other),
        _ => false,
    };
    match secrets(tools, login) {
        Ok(kept) => Ok(same(&kept.password, &refused.password) || same(&kept.credential, &refused.credential)),
        // Nobody can use what is not there.
        Err(e) if is_missing(&e) => Ok(true),
        // It is not known what it is. That keeps nobody from forgetting the others.
        Err(Error::LoginDiffers { .. }) => Ok(false),
        Err(e) => Err(e),
    }
}

/// The login that a description makes; nothing where something is missing, or it is not to be kept.
fn described(place: &Place, used: &Description, kind: StoreKind, now: Timestamp) -> Option<Login> {
    let encoded = used.authtype.as_ref().filter(|_| used.credential.is_some());
    let whole = encoded.is_some() || (used.username.is_some() && used.password.is_some());
    (whole && !used.ephemeral).then(|| Login {
        protocol: place.protocol.clone(),
        host: place.host.clone(),
        path: place.path.clone(),
        username: used.username.clone(),
        authtype: encoded.cloned(),
        password_expiry_utc: used.expires,
        refreshes: used.refresh_token.is_some(),
        forget_at: None,
        kept_at: now,
        secret: SecretId::variable(""),
        kept_in: kind,
        bound: Fingerprint::of(b""),
    })
}

/// Whether git has used what is kept already. A refresh token that it does not repeat (git before 2.41) is not lost.
fn is_same(kept: &Description, used: &mut Description) -> bool {
    let same = |one: &Option<Secret>, other: &Option<Secret>| match (one, other) {
        (Some(one), Some(other)) => one.same_as(other),
        (None, None) => true,
        _ => false,
    };
    if !same(&kept.password, &used.password) || !same(&kept.credential, &used.credential) {
        return false;
    }
    if used.refresh_token.is_none() {
        used.refresh_token.clone_from(&kept.refresh_token);
    }
    same(&kept.refresh_token, &used.refresh_token)
}

/// Whether nothing else has changed. One that is to be forgotten is kept for longer by each use.
fn is_as_before(before: &Login, login: &Login) -> bool {
    let lives = |login: &Login| (login.password_expiry_utc, login.authtype.clone());
    lives(before) == lives(login) && before.forget_at.is_none() && login.forget_at.is_none()
}

/// As git compares: what is not asked for, fits.
fn fits(login: &Login, place: &Place, user: Option<&str>) -> bool {
    login.protocol == place.protocol
        && login.host == place.host
        && place.path.as_ref().is_none_or(|path| login.path.as_ref() == Some(path))
        && user.is_none_or(|user| login.username.as_deref() == Some(user))
}

fn is_dead(login: &Login, now: Timestamp) -> bool {
    login.password_expiry_utc.is_some_and(|at| at <= now.as_second())
}

pub(super) fn forgotten(login: &Login, now: Timestamp) -> bool {
    login.forget_at.is_some_and(|at| at <= now)
}

/// The secrets of a login, which must be those that were kept for that place.
fn secrets(tools: &Tools<'_>, login: &Login) -> Result<Description, Error> {
    let packed = packed(tools, login)?;
    unpack(&packed).map_err(|_| Error::LoginDiffers { place: of(login), store: login.kept_in })
}

/// The same as they lie in the store.
pub(super) fn packed(tools: &Tools<'_>, login: &Login) -> Result<Secret, Error> {
    let failed = Error::of_store(login.kept_in, None);
    let packed = tools.stores.open(login.kept_in).and_then(|store| store.get(&login.secret)).map_err(failed)?;
    if bound(login, &packed) == login.bound {
        Ok(packed)
    } else {
        Err(Error::LoginDiffers { place: of(login), store: login.kept_in })
    }
}

fn bound(login: &Login, packed: &Secret) -> Fingerprint {
    let (place, rest) = login.binding();
    packed.bound_to(&place, &rest)
}

pub(super) fn is_missing(error: &Error) -> bool {
    matches!(error, Error::Store { source, .. } if matches!(**source, StoreError::NotFound))
}

fn shown(place: &Place) -> String {
    format!("{}://{}", place.protocol, place.host)
}

fn of(login: &Login) -> String {
    format!("{}://{}", login.protocol, login.host)
}

/// The label of a login's entry in the keyring's own window.
pub(super) fn label(login: &Login) -> String {
    match login.username.as_deref().filter(|user| !user.is_empty()) {
        Some(user) => format!("git: {user} at {}", of(login)),
        None => format!("git: {}", of(login)),
    }
}

/// Those that were to be forgotten by now.
pub(super) fn overdue(index: &LoginIndex, now: Timestamp) -> Vec<SecretId> {
    index.logins.iter().filter(|login| forgotten(login, now)).map(|login| login.secret.clone()).collect()
}
