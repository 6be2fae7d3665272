//! The attribute `url`: an address taken apart as git takes it apart, to stand for `protocol`, `host`, `path`,
//! `username` and `password`. What it does not name is not set any more.
//!
//! The forms are those of git's `credential_from_url`: the scheme up to `://`; what is in front of an `@` before the first
//! slash is the user, and behind a colon the password; each part is percent-decoded by itself.

use percent_encoding::percent_decode_str;
use zeroize::Zeroizing;

use super::{Description, Unreadable};
use crate::model::Secret;

pub(super) fn expand(description: &mut Description, url: &str) -> Result<(), Unreadable> {
    let (protocol, rest) =
        url.split_once("://").filter(|(protocol, _)| !protocol.is_empty()).ok_or(Unreadable::NoUrl)?;
    // A query or a fragment ends the host, too.
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let (user, host) = match authority.split_once('@') {
        Some((user, host)) => (Some(user), host),
        None => (None, authority),
    };
    let (user, password) = match user.map(|user| user.split_once(':').map_or((user, None), |(u, p)| (u, Some(p)))) {
        Some((user, password)) => (Some(user), password),
        None => (None, None),
    };
    let path = path.trim_matches('/');
    description.protocol = Some(protocol.to_owned());
    description.host = Some(decoded(host)?.as_str().to_owned());
    description.path = if path.is_empty() { None } else { Some(decoded(path)?.as_str().to_owned()) };
    description.username = user.map(decoded).transpose()?.map(|user| user.as_str().to_owned());
    description.password =
        password.map(decoded).transpose()?.map(|mut password| Secret::new(std::mem::take(&mut *password)));
    Ok(())
}

/// A part of it, decoded. What would not fit into a line then is refused, as in any other attribute.
fn decoded(part: &str) -> Result<Zeroizing<String>, Unreadable> {
    // Room for all of it at once: a buffer that grows leaves copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(part.len()));
    bytes.extend(percent_decode_str(part));
    if bytes.iter().any(|byte| matches!(byte, b'\n' | b'\r' | 0)) {
        return Err(Unreadable::ControlCharacter);
    }
    std::str::from_utf8(&bytes).map(|text| Zeroizing::new(text.to_owned())).map_err(|_| Unreadable::NotText("url"))
}
