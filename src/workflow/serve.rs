//! What a connection serves: the owners, groups and hosts that it answers for before others do.

use url::Url;

use crate::files::Lock;
use crate::model::text::printable;
use crate::model::{Connection, ConnectionName};

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

/// Changes what a connection serves. A prefix that another connection has already goes over only if `decide`
/// says so; the default of a host goes over without a question, as there can only be one.
///
/// # Errors
/// [`Error::NotAPrefix`], [`Error::NotServed`], [`Error::ServedByAnother`]; nothing is changed then.
pub fn serve(
    tools: &Tools<'_>,
    name: &ConnectionName,
    serving: &Serving,
    decide: &dyn Decide,
) -> Result<Served, Error> {
    let connection = tools.record(name)?;
    let read = |texts: &[String]| texts.iter().map(|text| prefix(&connection, text)).collect::<Result<Vec<_>, _>>();
    let (on, not_on) = (read(&serving.on)?, read(&serving.not_on)?);
    let others = rivals(tools, &connection, &on, serving.default == Some(true))?;
    for (other, prefixes) in &others {
        for taken in prefixes {
            match decide.take_prefix(taken, &other.name, name) {
                Answer::Yes => {}
                Answer::No => return Err(Error::Declined),
                Answer::CannotAsk => {
                    return Err(Error::ServedByAnother { prefix: taken.clone(), connection: other.name.clone() });
                }
            }
        }
    }
    let locks = lock_all(tools, name, &others)?;
    let mut taken_from = Vec::new();
    for ((other, prefixes), lock) in others.iter().zip(&locks.others) {
        // What another process changed in the meantime is not written over.
        let mut current = tools.record(&other.name)?;
        current.serves.retain(|served| !prefixes.iter().any(|taken| same(taken, served)));
        if serving.default == Some(true) && current.url == connection.url {
            current.default = false;
        }
        if tools.records.find(&other.name)?.as_ref() != Some(&current) {
            tools.records.save(&current, lock)?;
            taken_from.push(other.name.clone());
        }
    }
    let before = tools.record(name)?;
    let mut after = before.clone();
    for gone in &not_on {
        let count = after.serves.len();
        after.serves.retain(|served| !same(gone, served));
        if after.serves.len() == count {
            return Err(Error::NotServed { connection: name.clone(), prefix: gone.clone() });
        }
    }
    after.serves.extend(on.into_iter().filter(|new| !before.serves.iter().any(|served| same(new, served))));
    after.default = serving.default.unwrap_or(after.default);
    let changed = after != before || !taken_from.is_empty();
    if after != before {
        tools.records.save(&after, &locks.own)?;
    }
    Ok(Served { connection: after, changed, taken_from })
}

/// The connections that have to give something up, and which prefixes.
fn rivals(
    tools: &Tools<'_>,
    connection: &Connection,
    on: &[String],
    default: bool,
) -> Result<Vec<(Connection, Vec<String>)>, Error> {
    let mut rivals = Vec::new();
    for other in tools.records.all()?.filter_map(Result::ok).filter(|other| other.name != connection.name) {
        let has = |prefix: &&String| other.serves.iter().any(|served| same(prefix, served));
        let prefixes: Vec<String> = on.iter().filter(has).cloned().collect();
        if !prefixes.is_empty() || (default && other.default && other.url == connection.url) {
            rivals.push((other, prefixes));
        }
    }
    Ok(rivals)
}

struct Locks {
    own: Lock,
    others: Vec<Lock>,
}

/// All the locks, in the order of the names: two processes that want the same ones never wait for each other.
fn lock_all(tools: &Tools<'_>, name: &ConnectionName, others: &[(Connection, Vec<String>)]) -> Result<Locks, Error> {
    let mut locks = Vec::new();
    let mut own = None;
    for (other, _) in others {
        if own.is_none() && *name < other.name {
            own = Some(tools.records.lock(name)?);
        }
        locks.push(tools.records.lock(&other.name)?);
    }
    let own = match own {
        Some(own) => own,
        None => tools.records.lock(name)?,
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
        // What stands before an `@` may be a password.
        prefix: printable(text.rsplit('@').next().unwrap_or_default(), 120),
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
