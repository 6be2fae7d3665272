//! The choice among the connections, and the reason for it.

use crate::catalog::Records;
use crate::model::{ConnectionName, Outline};

use super::super::Error;
use super::Address;

/// The connection that answers for an address, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// Its name.
    pub name: ConnectionName,
    /// Why.
    pub reason: Reason,
    /// The others of the same forge, which were not chosen.
    pub others: Vec<Candidate>,
    /// How many records did not read, and so could not answer.
    pub unread: usize,
}

/// Why a connection was chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// This prefix of its `serves` fits the address, and no longer one of another does.
    Prefix(String),
    /// It is marked as the default of its host.
    Default,
    /// It is the only one of its host.
    Only,
}

/// A connection that could have answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Which one.
    pub name: ConnectionName,
    /// Its longest prefix that fits, if any does.
    pub prefix: Option<String>,
    /// Whether it is marked as the default.
    pub default: bool,
}

/// How well a connection fits an address.
struct Fit<'a> {
    connection: &'a Outline,
    /// The longest prefix that fits, and the length of its path.
    best: Option<(usize, &'a String)>,
}

impl Fit<'_> {
    /// One more than the length, so that a prefix of the whole host counts too.
    fn precision(&self) -> usize {
        self.best.map_or(0, |(length, _)| length + 1)
    }

    fn candidate(&self) -> Candidate {
        Candidate {
            name: self.connection.name.clone(),
            prefix: self.best.map(|(_, prefix)| prefix.clone()),
            default: self.connection.default,
        }
    }
}

/// The connection that answers for an address, among all that are kept. A record that does not read
/// cannot answer for anything.
///
/// # Errors
/// [`Error::NoneServes`], [`Error::SeveralServe`].
pub fn which(records: &Records, address: &Address) -> Result<Choice, Error> {
    let mut unread = 0;
    let outlines = records.outlines()?.filter_map(|record| record.inspect_err(|_| unread += 1).ok());
    let all: Vec<Outline> = outlines.collect();
    Ok(Choice { unread, ..choose(&all, address)? })
}

/// The connection among these that answers for an address.
///
/// # Errors
/// [`Error::NoneServes`], [`Error::SeveralServe`].
pub fn choose(connections: &[Outline], address: &Address) -> Result<Choice, Error> {
    let with_token = connections.iter().filter(|connection| connection.has_token && !connection.made_for_one);
    let there = with_token.clone().filter(|connection| address.is_at(&connection.url));
    let nearest = there.clone().map(|connection| address.nearness(&connection.url)).max();
    let fits: Vec<Fit<'_>> = there
        .filter(|connection| Some(address.nearness(&connection.url)) == nearest)
        .map(|connection| {
            let prefixes =
                connection.serves.iter().filter_map(|prefix| Some((address.fits(prefix, &connection.url)?, prefix)));
            Fit { connection, best: prefixes.max_by_key(|(length, _)| *length) }
        })
        .collect();
    let longest = fits.iter().map(Fit::precision).max().unwrap_or(0);
    let best: Vec<&Fit<'_>> = fits.iter().filter(|fit| fit.precision() == longest).collect();
    let defaults: Vec<&Fit<'_>> = best.iter().filter(|fit| fit.connection.default).copied().collect();
    let (chosen, reason) = match (best.as_slice(), defaults.as_slice()) {
        ([], _) => {
            let near = with_token.filter(|connection| address.is_near(&connection.url));
            return Err(Error::NoneServes {
                url: address.shown(),
                near: near.take(5).map(|connection| (connection.name.clone(), connection.url.clone())).collect(),
            });
        }
        ([only], _) => {
            let by_prefix = only.best.map(|(_, prefix)| Reason::Prefix(prefix.clone()));
            (*only, by_prefix.unwrap_or(Reason::Only))
        }
        (_, [only]) => (*only, Reason::Default),
        (several, _) => {
            return Err(Error::SeveralServe {
                url: address.shown(),
                names: several.iter().map(|fit| fit.connection.name.clone()).collect(),
            });
        }
    };
    let others = fits.iter().filter(|fit| fit.connection.name != chosen.connection.name).map(Fit::candidate);
    Ok(Choice { name: chosen.connection.name.clone(), reason, others: others.collect(), unread: 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection(name: &str, url: &str, serves: &[&str], default: bool) -> Outline {
        let value = serde_json::json!({
            "name": name, "version": 1, "forge": "gitlab", "url": url, "api_url": format!("{url}/api/v4"),
            "account": null, "serves": serves, "default": default,
            "token": { "kind": "personal", "fingerprint": "sha256:0", "scopes": null, "expires_at": null,
                "secret": "0", "kept_in": "plain", "checked_at": "2026-11-01T00:00:00Z", "health": "valid" }
        });
        serde_json::from_value(value).unwrap_or_else(|e| panic!("{e}"))
    }

    fn chosen(connections: &[Outline], text: &str) -> Result<String, String> {
        let address = Address::read(text).ok_or("no address")?;
        choose(connections, &address).map(|choice| choice.name.to_string()).map_err(|e| match e {
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
    fn a_forge_below_a_path_is_not_the_one_at_the_top_of_its_host() {
        let all = [
            connection("top", "https://example.com", &["https://example.com/gitlab/acme"], true),
            connection("below", "https://example.com/gitlab", &[], false),
        ];
        assert_eq!(chosen(&all, "https://example.com/gitlab/o/r.git"), Ok("below".into()));
        assert_eq!(chosen(&all, "https://example.com/gitlab/acme/r.git"), Ok("below".into()));
        assert_eq!(chosen(&all, "https://example.com/gitlabber/r.git"), Ok("top".into()));
        assert_eq!(chosen(&all, "git@example.com:o/r.git"), Ok("top".into()), "over ssh nobody knows");
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
}
