//! Taking one token in: it is checked with the host that the user has confirmed, and kept beside what there is.

use std::path::PathBuf;

use super::super::connect::connect_beside;
use super::super::{Answer, Connected, Decide, Error, NewConnection, Tools};
use super::stray::{Site, Stray};
use crate::forge::{Forge, ForgeErrorKind};
use crate::model::host::NotAHost;
use crate::model::shape::ShapeWarning;
use crate::model::{ConnectionName, ForgeKind, Host, Need, StoreKind};

/// How it is to be done.
#[derive(Debug, Clone)]
pub struct Manner {
    /// Where the host's API is, if that does not follow.
    pub api_url: Option<String>,
    /// A file with certificates to trust as well.
    pub ca_cert: Option<PathBuf>,
    /// Plain http to another machine is allowed.
    pub allow_http: bool,
    /// The store that was asked for.
    pub store: Option<StoreKind>,
    /// The user's default store.
    pub default_store: StoreKind,
}

/// Why a token was not taken in.
#[derive(Debug, thiserror::Error)]
pub enum Untaken {
    /// Nothing says which host it is for: it was sent nowhere.
    #[error("nothing says which host it is for; it was sent nowhere")]
    NoHost,
    /// It is another kind of secret: it was sent nowhere.
    #[error("it looks like {looks_like}, which cannot use the API; it was sent nowhere")]
    NotAnApiToken {
        /// What it looks like.
        looks_like: &'static str,
    },
    /// It looks like a token of the other forge: it was sent nowhere.
    #[error("it looks like a token of {looks_like}; it was sent nowhere")]
    OtherForge {
        /// Whose.
        looks_like: ForgeKind,
    },
    /// The host's address cannot be used.
    #[error("{0}")]
    Host(#[from] NotAHost),
    /// It could not be checked, or kept.
    #[error("{0}")]
    Work(#[from] Box<Error>),
}

impl From<Error> for Untaken {
    fn from(error: Error) -> Self {
        Self::Work(Box::new(error))
    }
}

/// Checks a token with its host and keeps it. The caller has the user's yes to that host.
///
/// # Errors
/// [`Untaken`]; everything is then as it was.
pub async fn take_in(tools: &Tools<'_>, stray: &Stray, manner: &Manner) -> Result<Connected, Untaken> {
    let site = stray.site.as_ref().ok_or(Untaken::NoHost)?;
    match stray.odd {
        Some(ShapeWarning::NotAnApiToken { looks_like }) => return Err(Untaken::NotAnApiToken { looks_like }),
        Some(ShapeWarning::OtherForge { looks_like }) => return Err(Untaken::OtherForge { looks_like }),
        Some(ShapeWarning::Damaged) | None => {}
    }
    let manner = remembered(tools, site, manner)?;
    let forge = match site.forge {
        Some(forge) => forge,
        None => recognised(tools, site, &manner).await?,
    };
    let host = host(site, forge, &manner)?;
    let new = NewConnection {
        host,
        ca_cert: manner.ca_cert,
        allow_http: manner.allow_http,
        token: stray.secret.clone(),
        oauth: stray.oauth,
        variable: None,
        name: None,
        store: manner.store,
        default_store: manner.default_store,
        keep: true,
        wishes: Vec::new(),
        webhook: None,
    };
    let word = stray.copies.first().map_or("adopted", |copy| copy.source.word());
    Ok(connect_beside(tools, new, &Nobody, word).await?)
}

/// What is not said is as it is for a connection to the same host.
fn remembered(tools: &Tools<'_>, site: &Site, manner: &Manner) -> Result<Manner, Error> {
    let mut manner = manner.clone();
    let there = tools.records.all()?.filter_map(Result::ok).find(|connection| connection.url == site.url);
    if let Some(there) = there {
        manner.api_url = manner.api_url.or(Some(there.api_url));
        manner.ca_cert = manner.ca_cert.or(there.ca_cert);
        manner.allow_http |= there.allow_http;
    }
    Ok(manner)
}

fn host(site: &Site, forge: ForgeKind, manner: &Manner) -> Result<Host, NotAHost> {
    Host::parse(forge, &site.url, manner.api_url.as_deref(), manner.allow_http)
}

/// Which kind of forge answers there, asked without a token.
async fn recognised(tools: &Tools<'_>, site: &Site, manner: &Manner) -> Result<ForgeKind, Untaken> {
    let transport = tools.transport(manner.ca_cert.as_deref())?;
    let mut last = None;
    for kind in [ForgeKind::GitLab, ForgeKind::GitHub] {
        let host = host(site, kind, manner)?;
        tools.say(super::super::Event::Looking { host: host.to_string() });
        match Forge::new(&host, &transport).look().await {
            Ok(()) => return Ok(kind),
            Err(error) => {
                if let ForgeErrorKind::NotAForge { found: Some(found) } = &error.kind {
                    return Ok(*found);
                }
                last = Some(Error::of_forge(Some(&host), None)(error));
            }
        }
    }
    Err(last.map_or(Untaken::NoHost, Untaken::from))
}

/// Nobody is asked on the way: whatever would need a decision is left alone.
struct Nobody;

impl Decide for Nobody {
    fn take_over(&self, _: &ConnectionName, _: &str, _: &str) -> Answer {
        Answer::No
    }

    fn take_prefix(&self, _: &str, _: &ConnectionName, _: &ConnectionName) -> Answer {
        Answer::No
    }

    fn send_anyway(&self, _: &Host) -> Answer {
        Answer::No
    }

    fn keep_lacking(&self, _: &[Need]) -> Answer {
        Answer::No
    }
}
