//! What a connection serves: the owners, groups and hosts that it answers for before others do.

use url::Url;

use crate::files::Lock;
use crate::model::text::printable;
use crate::model::{Connection, ConnectionName, Registry};

use super::locate::Address;
use super::{Answer, Decide, Error, Tools};

/// What is to change.
#[derive(Debug, Default)]
pub struct Serving {
    /// Prefixes to serve from now on: a URL, or a path at the connection's own host.
    pub on: Vec<String>,
    /// Prefixes to serve no longer.
    pub not_on: Vec<String>,
    /// To be, or no longer to be, the default of its host.
    pub default: Option<bool>,
    /// Container registries that are its forge's from now on.
    pub registries: Vec<Registry>,
    /// Those that are no longer.
    pub not_registries: Vec<Registry>,
}

/// How it is now.
#[derive(Debug)]
pub struct Served {
    /// The connection.
    pub connection: Connection,
    /// Whether anything is different.
    pub changed: bool,
    /// What others gave up for it: a prefix, or that they were the default.
    pub taken_from: Vec<ConnectionName>,
}

/// How often somebody is asked anew because others took the same prefixes in the meantime.
const ROUNDS: usize = 10;

/// Changes what a connection serves. A prefix that another connection has already goes over only if `decide`
/// says so; the default of a host goes over without a question, as there can only be one.
///
/// # Errors
/// [`Error::NotAPrefix`], [`Error::NotServed`], [`Error::ServedByAnother`], [`Error::ChangedMeanwhile`]; nothing is
/// changed then.
pub fn serve(
    tools: &Tools<'_>,
    name: &ConnectionName,
    serving: &Serving,
    decide: &dyn Decide,
) -> Result<Served, Error> {
    let connection = tools.record(name)?;
    if connection.token.is_none() {
        // There is nothing to answer with.
        return Err(Error::NoToken { connection: name.clone() });
    }
    let wanted = Wanted::read(&connection, serving)?;
    if wanted.is_nothing() {
        return Ok(Served { connection, changed: false, taken_from: Vec::new() });
    }
    // What is written into a record that is about to go would be lost.
    super::rename::finish(tools)?;
    let mut agreed = Vec::new();
    for _ in 0..ROUNDS {
        agree(name, &rivals(tools, &connection, &wanted)?, decide, &mut agreed)?;
        // Nobody is waited for at a prompt with this in hand.
        let _one_at_a_time = tools.records.lock_serving()?;
        let rivals = rivals(tools, &connection, &wanted)?;
        if rivals.iter().flat_map(Rival::takings).all(|taking| agreed.contains(&taking)) {
            return change(tools, &connection, wanted, &rivals);
        }
    }
    Err(Error::ChangedMeanwhile { connection: name.clone() })
}

/// What is to change, as it will be written.
struct Wanted {
    on: Vec<String>,
    not_on: Vec<String>,
    default: Option<bool>,
    registries: Vec<Registry>,
    not_registries: Vec<Registry>,
}

impl Wanted {
    fn read(connection: &Connection, serving: &Serving) -> Result<Self, Error> {
        let read = |texts: &[String]| -> Result<Vec<String>, Error> {
            let mut prefixes: Vec<String> = Vec::new();
            for text in texts {
                let new = prefix(connection, text)?;
                if !prefixes.iter().any(|there| same(there, &new)) {
                    prefixes.push(new);
                }
            }
            Ok(prefixes)
        };
        let (on, not_on) = (read(&serving.on)?, read(&serving.not_on)?);
        if let Some(both) = on.iter().find(|on| not_on.iter().any(|gone| same(gone, on))) {
            return Err(Error::NotAPrefix {
                connection: connection.name.clone(),
                prefix: both.clone(),
                url: connection.url.clone(),
                why: "it is wanted and not wanted at once",
            });
        }
        let (registries, not_registries) = (serving.registries.clone(), serving.not_registries.clone());
        let own = connection.registries();
        if let Some(other) = registries.iter().find(|new| new.is_a_vendors() && !own.contains(new)) {
            return Err(Error::NotAPrefix {
                connection: connection.name.clone(),
                prefix: other.to_string(),
                url: connection.url.clone(),
                why: "that registry is another forge's",
            });
        }
        Ok(Self { on, not_on, default: serving.default, registries, not_registries })
    }

    const fn is_nothing(&self) -> bool {
        let prefixes = self.on.is_empty() && self.not_on.is_empty();
        prefixes && self.default.is_none() && self.registries.is_empty() && self.not_registries.is_empty()
    }

    /// The record with the change made.
    fn applied(&self, before: &Connection) -> Result<Connection, Error> {
        let mut after = before.clone();
        for gone in &self.not_on {
            let count = after.serves.len();
            after.serves.retain(|served| !same(gone, served));
            if after.serves.len() == count {
                return Err(Error::NotServed { connection: before.name.clone(), prefix: gone.clone() });
            }
        }
        let is_new = |prefix: &&String| !after.serves.iter().any(|served| same(prefix, served));
        let new: Vec<String> = self.on.iter().filter(is_new).cloned().collect();
        after.serves.extend(new);
        for gone in &self.not_registries {
            if !after.registries.contains(gone) {
                return Err(Error::NotServed { connection: before.name.clone(), prefix: gone.to_string() });
            }
            after.registries.retain(|named| named != gone);
        }
        let known = after.registries();
        after.registries.extend(self.registries.iter().filter(|new| !known.contains(new)).cloned());
        after.default = self.default.unwrap_or(after.default);
        Ok(after)
    }
}

/// A connection that has to give something up, and which prefixes.
struct Rival {
    name: ConnectionName,
    prefixes: Vec<String>,
}

impl Rival {
    fn takings(&self) -> impl Iterator<Item = (ConnectionName, String)> {
        self.prefixes.iter().map(|prefix| (self.name.clone(), prefix.clone()))
    }
}

/// Asks for each prefix that would be taken from somebody and was not asked for yet.
fn agree(
    name: &ConnectionName,
    rivals: &[Rival],
    decide: &dyn Decide,
    agreed: &mut Vec<(ConnectionName, String)>,
) -> Result<(), Error> {
    for (other, prefix) in rivals.iter().flat_map(Rival::takings) {
        if agreed.contains(&(other.clone(), prefix.clone())) {
            continue;
        }
        match decide.take_prefix(&prefix, &other, name) {
            Answer::Yes => agreed.push((other, prefix)),
            Answer::No => return Err(Error::Declined),
            Answer::CannotAsk => return Err(Error::ServedByAnother { prefix, connection: other }),
        }
    }
    Ok(())
}

/// Takes from the others and gives to the one; whatever speaks against it is found out before the first is written.
fn change(tools: &Tools<'_>, seen: &Connection, wanted: Wanted, rivals: &[Rival]) -> Result<Served, Error> {
    let name = &seen.name;
    let locks = lock_all(tools, name, rivals)?;
    let before = tools.record(name)?;
    if before.url != seen.url {
        return Err(Error::ChangedMeanwhile { connection: name.clone() });
    }
    let after = wanted.applied(&before)?;
    let mut others = Vec::new();
    for rival in rivals {
        let gone = || Error::ChangedMeanwhile { connection: rival.name.clone() };
        let mut other = tools.records.find(&rival.name)?.ok_or_else(gone)?;
        other.serves.retain(|served| !rival.prefixes.iter().any(|taken| same(taken, served)));
        if wanted.default == Some(true) && other.url == before.url {
            other.default = false;
        }
        others.push(other);
    }
    let taken_from: Vec<ConnectionName> = others.iter().map(|other| other.name.clone()).collect();
    let changed = after != before || !others.is_empty();
    let mut records: Vec<(Connection, Lock)> = others.into_iter().zip(locks.others).collect();
    if after != before {
        records.push((after.clone(), locks.own));
    }
    // All are written beside the old ones before the first is replaced: a full disk takes nothing from anybody.
    tools.records.save_all(&records)?;
    Ok(Served { connection: after, changed, taken_from })
}

/// The connections that have to give something up, in the order of their names.
fn rivals(tools: &Tools<'_>, connection: &Connection, wanted: &Wanted) -> Result<Vec<Rival>, Error> {
    let mut rivals = Vec::new();
    for other in tools.records.all()?.filter_map(Result::ok).filter(|other| other.name != connection.name) {
        let has = |prefix: &&String| other.serves.iter().any(|served| same(prefix, served));
        let prefixes: Vec<String> = wanted.on.iter().filter(has).cloned().collect();
        if !prefixes.is_empty() || (wanted.default == Some(true) && other.default && other.url == connection.url) {
            rivals.push(Rival { name: other.name, prefixes });
        }
    }
    rivals.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(rivals)
}

struct Locks {
    own: Lock,
    others: Vec<Lock>,
}

/// All the locks, in the order of the names: two processes that want the same ones never wait for each other.
fn lock_all(tools: &Tools<'_>, name: &ConnectionName, others: &[Rival]) -> Result<Locks, Error> {
    let mut locks = Vec::new();
    let mut own = None;
    for other in others {
        if own.is_none() && *name < other.name {
            own = Some(tools.lock(name)?);
        }
        locks.push(tools.lock(&other.name)?);
    }
    let own = match own {
        Some(own) => own,
        None => tools.lock(name)?,
    };
    Ok(Locks { own, others: locks })
}

/// Forges take no notice of case.
fn same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.trim_end_matches('/').to_lowercase()
}

/// Reads a prefix: a URL at the connection's host, or a path there (`agility-game`, `group/subgroup`).
fn prefix(connection: &Connection, text: &str) -> Result<String, Error> {
    let refused = |why: &'static str| Error::NotAPrefix {
        connection: connection.name.clone(),
        prefix: without_secrets(text),
        url: connection.url.clone(),
        why,
    };
    let base = Url::parse(&connection.url).map_err(|_| refused("the connection's own address does not read"))?;
    let first = text.split('/').next().unwrap_or_default();
    let own = first.eq_ignore_ascii_case(&authority(&base));
    let whole = text.contains("://") || text.contains('@') || own;
    if !whole && first.contains('.') && !first.starts_with('.') && first.contains(|c: char| c.is_ascii_alphabetic()) {
        // A group may well be called `a.b`; then its whole URL says so.
        return Err(refused("that looks like another host; for a group of that name give the whole URL"));
    }
    let path = if whole {
        let address = Address::read(text).ok_or_else(|| refused("it does not read as a URL"))?;
        address.path_at(&connection.url, own).ok_or_else(|| refused("that is at another address"))?
    } else {
        text.trim_matches('/').to_owned()
    };
    let path = path.trim_end_matches(".git").trim_matches('/').to_owned();
    if path.split('/').any(|segment| matches!(segment, "." | "..") || (segment.is_empty() && !path.is_empty()))
        || path.contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '?' | '#' | '\\' | '%'))
    {
        return Err(refused("it does not read as the path of an owner or a group"));
    }
    let base = connection.url.trim_end_matches('/');
    Ok(if path.is_empty() { base.to_owned() } else { format!("{base}/{path}") })
}

/// What was typed, to be shown: without what may be a password or a token in it.
fn without_secrets(text: &str) -> String {
    match (Address::read(text), text.split_once("://")) {
        (Some(address), _) => printable(&address.shown(), 120),
        (None, Some((scheme, _))) => printable(&format!("{scheme}://…"), 120),
        (None, None) => {
            let path = text.rsplit('@').next().unwrap_or_default();
            printable(path.split(['?', '#']).next().unwrap_or_default(), 120)
        }
    }
}

/// Host, and port where it is not the usual one.
fn authority(base: &Url) -> String {
    let host = base.host_str().unwrap_or_default();
    base.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection(url: &str) -> Connection {
        let value = serde_json::json!({
            "name": "a", "version": 1, "forge": "gitlab", "url": url, "api_url": format!("{url}/api/v4"),
            "account": null, "token": null
        });
        serde_json::from_value(value).unwrap_or_else(|e| panic!("{e}"))
    }

    fn read(url: &str, text: &str) -> Option<String> {
        prefix(&connection(url), text).ok()
    }

    #[test]
    fn prefixes_as_people_write_them() {
        let url = "https://example.com:8443/gitlab";
        for text in [
            "https://example.com:8443/gitlab/group/sub",
            "https://example.com:8443/gitlab/group/sub/",
            "example.com:8443/gitlab/group/sub.git",
            "https://user:secret@Example.com:8443/gitlab/group/sub?x=1#y",
            "git@example.com:group/sub",
            "group/sub",
            "/group/sub/",
        ] {
            assert_eq!(read(url, text).as_deref(), Some("https://example.com:8443/gitlab/group/sub"), "{text}");
        }
        for text in ["https://example.com:8443/gitlab", "", "/"] {
            assert_eq!(read(url, text).as_deref(), Some(url), "{text}");
        }
    }

    #[test]
    fn what_is_none() {
        for text in [
            "https://example.com/group",
            "http://example.com:8443/gitlab/group",
            "https://example.com:8443/group",
            "https://evil.test/gitlab/group",
            "github.com/agility-game",
            "a/../b",
            "a//b",
            "a b",
            "a%2fb",
            "file:///etc",
        ] {
            assert_eq!(read("https://example.com:8443/gitlab", text), None, "{text}");
        }
    }
}
