//! Which connection is meant: by name, or by the URL it is to serve.
//!
//! For a URL, scheme, host, port and base path must match exactly; then the longest `serves` prefix
//! wins, then the one marked default for that host, then the only one. Where more than one is left,
//! none is chosen.

use url::Url;

use crate::catalog::Records;
use crate::model::text::{masked_url, printable};
use crate::model::{Connection, ConnectionName};

use super::Error;

/// What is asked for by URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    url: Url,
    /// Over ssh neither scheme nor port say anything of the web address: the host decides.
    over_ssh: bool,
}

impl Address {
    /// Reads a URL or git's short form `user@host:path`; nothing when it is neither.
    pub fn read(text: &str) -> Option<Self> {
        if text.contains(['\\', ' ']) {
            return None;
        }
        let (text, over_ssh) = match text.split_once("://") {
            Some(("ssh" | "git+ssh" | "ssh+git", rest)) => (format!("https://{rest}"), true),
            Some(("http" | "https", _)) => (text.to_owned(), false),
            Some(_) => return None,
            None => match text.split_once(':') {
                Some((host, path)) if host.contains('@') && !path.starts_with("//") => {
                    (format!("https://{host}/{}", path.trim_start_matches('/')), true)
                }
                _ if text.contains(['.', '/', ':']) && !text.contains('@') => (format!("https://{text}"), false),
                _ => return None,
            },
        };
        let mut url = Url::parse(&text).ok()?;
        url.host_str()?;
        let _ = url.set_username("");
        let _ = url.set_password(None);
        url.set_query(None);
        url.set_fragment(None);
        Some(Self { url, over_ssh })
    }

    /// The URL as it may be shown.
    pub fn shown(&self) -> String {
        masked_url(&self.url)
    }

    /// The path below a base URL, without `.git` at its end; nothing where it is that base itself, or elsewhere.
    pub fn below(&self, base: &str) -> Option<String> {
        if !self.is_at(base) {
            return None;
        }
        let base = Url::parse(base).ok()?;
        let path = self.url.path();
        let rest = if self.over_ssh { path } else { path.get(base.path().trim_end_matches('/').len()..)? };
        let rest = rest.trim_matches('/');
        let rest = rest.strip_suffix(".git").unwrap_or(rest);
        (!rest.is_empty()).then(|| rest.to_owned())
    }

    /// Whether a base URL is this address's forge.
    fn is_at(&self, base: &str) -> bool {
        let Ok(base) = Url::parse(base) else { return false };
        let same_place =
            if self.over_ssh { base.host_str() == self.url.host_str() } else { base.origin() == self.url.origin() };
        same_place && (self.over_ssh || is_below(self.url.path(), base.path()))
    }

    /// How precisely a `serves` prefix fits: its length, if it does.
    fn fits(&self, prefix: &str) -> Option<usize> {
        let base = Url::parse(prefix).ok()?;
        let same_place =
            if self.over_ssh { base.host_str() == self.url.host_str() } else { base.origin() == self.url.origin() };
        let path = base.path().trim_end_matches('/');
        (same_place && is_below(self.url.path(), path)).then_some(path.len())
    }
}

/// Whether a path is another, or below it by whole segments. Forges take no notice of case.
fn is_below(path: &str, base: &str) -> bool {
    let (path, base) = (path.to_lowercase(), base.trim_end_matches('/').to_lowercase());
    let path = path.trim_end_matches('/').trim_end_matches(".git");
    path.strip_prefix(base.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Reads what the user typed. A name that exists is a name, whatever else it looks like.
///
/// # Errors
/// [`Error::NoSuchConnection`] when it is neither an existing name nor anything like a URL.
pub fn find_connection(records: &Records, text: &str) -> Result<Connection, Error> {
    if let Ok(name) = text.parse::<ConnectionName>()
        && let Some(connection) = records.find(&name)?
    {
        return Ok(connection);
    }
    match Address::read(text) {
        Some(address) => {
            // A record that does not read cannot answer for anything.
            let all: Vec<Connection> = records.all()?.filter_map(Result::ok).collect();
            choose(&all, &address).cloned()
        }
        None => Err(no_such(records, text)),
    }
}

/// The name of a connection that is there, whether or not its record reads.
///
/// # Errors
/// [`Error::NoSuchConnection`].
pub fn existing_name(records: &Records, text: &str) -> Result<ConnectionName, Error> {
    match text.parse::<ConnectionName>() {
        Ok(name) if records.path(&name).exists() => Ok(name),
        _ => Err(no_such(records, text)),
    }
}

/// The connection that answers for an address.
///
/// # Errors
/// [`Error::NoneServes`], [`Error::SeveralServe`].
pub fn choose<'a>(connections: &'a [Connection], address: &Address) -> Result<&'a Connection, Error> {
    let candidates: Vec<(&Connection, usize)> = connections
        .iter()
        .filter(|connection| connection.token.is_some() && address.is_at(&connection.url))
        .map(|connection| {
            let best = connection.serves.iter().filter_map(|prefix| address.fits(prefix)).max();
            // One more than the length, so that a prefix of the whole host counts too.
            (connection, best.map_or(0, |length| length + 1))
        })
        .collect();
    let longest = candidates.iter().map(|(_, length)| *length).max().unwrap_or(0);
    let best: Vec<&Connection> = candidates.iter().filter(|(_, l)| *l == longest).map(|(c, _)| *c).collect();
    let defaults: Vec<&Connection> = best.iter().filter(|connection| connection.default).copied().collect();
    match (best.as_slice(), defaults.as_slice()) {
        ([], _) => Err(Error::NoneServes { url: address.shown() }),
        ([only], _) | (_, [only]) => Ok(only),
        (several, _) => Err(Error::SeveralServe {
            url: address.shown(),
            names: several.iter().map(|connection| connection.name.clone()).collect(),
        }),
    }
}

/// The error for a name that is not there, with the names that are like it.
pub(super) fn no_such(records: &Records, wanted: &str) -> Error {
    let names = records.names().unwrap_or_default();
    let wanted_low = wanted.to_lowercase();
    let mut similar: Vec<ConnectionName> = names
        .into_iter()
        .filter(|name| {
            let name = name.as_str().to_lowercase();
            !wanted_low.is_empty() && (name.contains(&wanted_low) || wanted_low.contains(&name))
        })
        .collect();
    similar.truncate(5);
    Error::NoSuchConnection { wanted: printable(wanted, 80), similar }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection(name: &str, url: &str, serves: &[&str], default: bool) -> Connection {
        let value = serde_json::json!({
            "name": name, "version": 1, "forge": "gitlab", "url": url, "api_url": format!("{url}/api/v4"),
            "account": null, "serves": serves, "default": default,
            "token": { "kind": "personal", "fingerprint": "sha256:0", "scopes": null, "expires_at": null,
                "secret": "0", "kept_in": "plain", "checked_at": "2026-11-01T00:00:00Z", "health": "valid" }
        });
        serde_json::from_value(value).unwrap_or_else(|e| panic!("{e}"))
    }

    fn chosen(connections: &[Connection], text: &str) -> Result<String, String> {
        let address = Address::read(text).ok_or("no address")?;
        choose(connections, &address).map(|c| c.name.to_string()).map_err(|e| match e {
            Error::SeveralServe { names, .. } => format!("several: {}", names.len()),
            _ => "none".into(),
        })
    }

    #[test]
    fn host_port_scheme_and_base_path_must_match() {
        let all = [connection("a", "https://example.com/gitlab", &[], false)];
        assert_eq!(chosen(&all, "https://example.com/gitlab/o/r.git"), Ok("a".into()));
        assert_eq!(chosen(&all, "example.com/gitlab"), Ok("a".into()));
        assert_eq!(chosen(&all, "git@example.com:o/r.git"), Ok("a".into()));
        for other in [
            "https://example.com/gitlabber/o/r",
            "https://example.com/o/r",
            "http://example.com/gitlab/o/r",
            "https://example.com:8443/gitlab/o/r",
            "https://example.com.evil.test/gitlab/o/r",
            "https://evil.test/https://example.com/gitlab",
            "https://example.com@evil.test/gitlab/o/r",
        ] {
            assert_eq!(chosen(&all, other), Err("none".into()), "{other}");
        }
    }

    #[test]
    fn the_longest_prefix_then_the_default_then_the_only_one() {
        let base = "https://gitlab.com";
        let all = [
            connection("general", base, &[], false),
            connection("group", base, &["https://gitlab.com/agility-game"], false),
            connection("sub", base, &["https://gitlab.com/agility-game/home-assistant"], false),
        ];
        assert_eq!(chosen(&all, "https://gitlab.com/agility-game/x"), Ok("group".into()));
        assert_eq!(chosen(&all, "https://gitlab.com/Agility-Game/Home-Assistant/x.git"), Ok("sub".into()));
        assert_eq!(chosen(&all, "https://gitlab.com/agility-games/x"), Err("several: 3".into()));
        let two = [connection("one", base, &[], false), connection("two", base, &[], true)];
        assert_eq!(chosen(&two, "https://gitlab.com/x/y"), Ok("two".into()));
        let tie = [connection("one", base, &[], false), connection("two", base, &[], false)];
        assert_eq!(chosen(&tie, "https://gitlab.com/x/y"), Err("several: 2".into()));
    }

    #[test]
    fn what_is_no_address() {
        for text in ["octocat", "octocat@github.com", "file:///etc/passwd", "https://", "C:\\x"] {
            assert!(Address::read(text).is_none(), "{text}");
        }
    }
}
