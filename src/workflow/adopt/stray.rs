//! What was found, put together: one token at one host, with all the places where copies of it are.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use url::Url;

use crate::model::shape::{self, ShapeWarning};
use crate::model::{Connection, ConnectionName, Fingerprint, ForgeKind, Secret, TokenKind};

/// Whose file or helper it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// GitHub's command line.
    Gh,
    /// GitLab's.
    Glab,
    /// git: its files of passwords, its helpers, addresses of remotes.
    Git,
    /// `.netrc`.
    Netrc,
    /// Variables.
    Env,
}

impl Source {
    /// All of them, in the order in which they are looked at.
    pub const ALL: [Self; 5] = [Self::Gh, Self::Glab, Self::Git, Self::Netrc, Self::Env];

    /// The word on the command line and in JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Gh => "gh",
            Self::Glab => "glab",
            Self::Git => "git",
            Self::Netrc => "netrc",
            Self::Env => "env",
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Where a copy is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// In a file, on this line (the first is 1).
    File {
        /// Which file.
        path: PathBuf,
        /// Which line.
        line: usize,
    },
    /// In git's configuration of a repository, under this key.
    Config {
        /// Which file.
        path: PathBuf,
        /// Which key, without a secret in it.
        key: String,
    },
    /// In a variable of this name.
    Variable(String),
    /// Another program has it: its keyring, its helper.
    Program(&'static str),
}

impl Place {
    /// The file, if it is in one: readable by whoever becomes the user.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::File { path, .. } | Self::Config { path, .. } => Some(path),
            Self::Variable(_) | Self::Program(_) => None,
        }
    }
}

/// How a copy is taken out of its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cut {
    /// These bytes go: a line, an entry.
    Bytes(Range<usize>),
    /// git puts this in place of the value of the key.
    Value(String),
    /// git takes the key away.
    Unset,
    /// Nobody but a person can do that.
    ByHand,
}

/// One copy of a token.
#[derive(Debug, Clone)]
pub struct Copy {
    /// Whose.
    pub source: Source,
    /// Where.
    pub place: Place,
    pub(super) cut: Cut,
}

impl Copy {
    /// Whether connect can take it out of where it is.
    pub fn is_removable(&self) -> bool {
        self.place.path().is_some() && self.cut != Cut::ByHand
    }
}

/// A host that a token is for, as far as that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Its base URL, without a slash at the end; that of a connection, where there is one at this host.
    pub url: String,
    /// Which kind of forge, if that is known without asking.
    pub forge: Option<ForgeKind>,
}

impl Site {
    /// The host that a text names, of which nothing else is known.
    pub fn of(text: &str) -> Option<Self> {
        origin(text).map(|url| Self { url: base(&url), forge: None })
    }

    /// The host as people write it: with its port unless that is the usual one.
    pub fn label(&self) -> &str {
        self.url.strip_prefix("https://").unwrap_or(&self.url)
    }

    /// Whether a text that somebody typed means this host.
    pub fn is_called(&self, text: &str) -> bool {
        origin(text)
            .is_some_and(|url| base(&url) == self.url || Some(base(&url)) == origin(&self.url).map(|url| base(&url)))
    }
}

/// A token that lies about.
#[derive(Debug)]
pub struct Stray {
    /// Where it belongs; nothing when that is not known, and then it is never tried.
    pub site: Option<Site>,
    /// Whose it is, by what stands beside it.
    pub user: Option<String>,
    /// What it is by its shape.
    pub kind: TokenKind,
    /// Its digest.
    pub fingerprint: Fingerprint,
    /// What its shape says against it.
    pub odd: Option<ShapeWarning>,
    /// The connection that has it already.
    pub known: Option<ConnectionName>,
    /// Where it is.
    pub copies: Vec<Copy>,
    /// Its owner renews it itself (an OAuth token of glab's): a copy of it dies soon.
    pub renewed_elsewhere: bool,
    pub(super) oauth: bool,
    pub(super) secret: Secret,
}

impl Stray {
    /// Whether a copy of it is in a file.
    pub fn is_readable(&self) -> bool {
        self.copies.iter().any(|copy| copy.place.path().is_some())
    }
}

/// One copy, as a reader found it.
pub(super) struct Found {
    pub source: Source,
    pub place: Place,
    pub cut: Cut,
    /// `github.com`, `https://gitlab.example.com:8443`; nothing where it was not said.
    pub address: Option<String>,
    /// Whose tokens that tool keeps.
    pub forge: Option<ForgeKind>,
    pub user: Option<String>,
    pub oauth: bool,
    pub secret: Secret,
}

/// Puts together what belongs together: the same token for the same host.
pub(super) fn together(found: Vec<Found>, connections: &[Connection]) -> Vec<Stray> {
    let mut strays: Vec<Stray> = Vec::new();
    let url = |site: &Option<Site>| site.as_ref().map(|site| site.url.clone());
    for found in found {
        let fingerprint = found.secret.fingerprint();
        let site = site(&found, connections);
        let copy = Copy { source: found.source, place: found.place, cut: found.cut };
        match strays.iter_mut().find(|stray| stray.fingerprint == fingerprint && url(&stray.site) == url(&site)) {
            Some(stray) => {
                stray.user = stray.user.take().or(found.user);
                stray.oauth |= found.oauth;
                stray.renewed_elsewhere |= found.oauth && copy.source == Source::Glab;
                if let (Some(known), Some(new)) = (&mut stray.site, site) {
                    known.forge = known.forge.or(new.forge);
                }
                stray.copies.push(copy);
            }
            None => strays.push(Stray {
                known: known(&fingerprint, site.as_ref(), connections),
                kind: TokenKind::Unknown,
                odd: None,
                user: found.user,
                renewed_elsewhere: found.oauth && copy.source == Source::Glab,
                oauth: found.oauth,
                secret: found.secret,
                copies: vec![copy],
                fingerprint,
                site,
            }),
        }
    }
    join_nameless(&mut strays);
    judge(&mut strays);
    // Hosts that are known first; within a host those that lie open.
    strays.sort_by_key(|stray| (stray.site.is_none(), url(&stray.site), !stray.is_readable()));
    strays
}

/// What the tokens are, once all is known that was said of their hosts: what one tool knows of a host counts for the
/// tokens of the others.
fn judge(strays: &mut [Stray]) {
    let sites: Vec<Site> = strays.iter().filter_map(|stray| stray.site.clone()).collect();
    for stray in strays {
        if let Some(site) = &mut stray.site {
            let same = |other: &&Site| other.url == site.url && other.forge.is_some();
            site.forge = site.forge.or_else(|| sites.iter().find(same).and_then(|other| other.forge));
        }
        let forge = stray.site.as_ref().and_then(|site| site.forge);
        stray.kind = kind(forge, &stray.secret, stray.oauth);
        stray.odd = forge.and_then(|forge| shape::warning(forge, &stray.secret));
    }
}

/// A copy that does not say where it belongs is one of the same token elsewhere, which does.
fn join_nameless(strays: &mut Vec<Stray>) {
    let mut index = 0;
    while let Some(stray) = strays.get(index) {
        let twin = |other: &Stray| other.site.is_some() && other.fingerprint == stray.fingerprint;
        match strays.iter().position(twin).filter(|_| stray.site.is_none()) {
            Some(mut named) => {
                let copies = strays.remove(index).copies;
                named -= usize::from(named > index);
                strays.iter_mut().skip(named).take(1).for_each(|stray| stray.copies.extend(copies.iter().cloned()));
            }
            None => index += 1,
        }
    }
}

/// The connection that has this very token, for this very host.
fn known(fingerprint: &Fingerprint, site: Option<&Site>, connections: &[Connection]) -> Option<ConnectionName> {
    let has = |connection: &&Connection| {
        connection.token.as_ref().is_some_and(|token| token.fingerprint == *fingerprint)
            && site.is_none_or(|site| site.url == connection.url)
    };
    connections.iter().find(has).map(|connection| connection.name.clone())
}

fn site(found: &Found, connections: &[Connection]) -> Option<Site> {
    let url = origin(found.address.as_deref()?)?;
    let there = connections.iter().find(|connection| origin(&connection.url).is_some_and(|base| base == url));
    let by_host = match url.host_str()? {
        "github.com" => Some(ForgeKind::GitHub),
        "gitlab.com" => Some(ForgeKind::GitLab),
        host if host.ends_with(".ghe.com") => Some(ForgeKind::GitHub),
        _ => None,
    };
    let forge =
        there.map(|connection| connection.forge).or(by_host).or(found.forge).or_else(|| looks_like(&found.secret));
    Some(Site { url: there.map_or_else(|| base(&url), |connection| connection.url.clone()), forge })
}

/// Whose token it looks like.
pub(super) fn looks_like(token: &Secret) -> Option<ForgeKind> {
    let not = |forge: ForgeKind| match shape::warning(forge, token) {
        Some(ShapeWarning::OtherForge { looks_like }) => Some(looks_like),
        _ => None,
    };
    not(ForgeKind::GitLab).or_else(|| not(ForgeKind::GitHub))
}

fn kind(forge: Option<ForgeKind>, token: &Secret, oauth: bool) -> TokenKind {
    match forge {
        _ if oauth => TokenKind::Oauth,
        Some(ForgeKind::GitHub) => shape::github_kind(token),
        Some(ForgeKind::GitLab) if looks_like(token) == Some(ForgeKind::GitLab) => TokenKind::Personal,
        _ => TokenKind::Unknown,
    }
}

/// Whether a text can be the name of a host.
pub fn is_a_host(text: &str) -> bool {
    origin(text).is_some()
}

/// Scheme, host and port of what stands in somebody's file; https where nothing is said. GitHub's and GitLab's own hosts
/// have many names (`api.github.com`, `gist.github.com`), and a token is for all of them.
pub(super) fn origin(text: &str) -> Option<Url> {
    let text = text.trim();
    let whole = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let mut url = Url::parse(&whole).ok()?;
    if !matches!(url.scheme(), "https" | "http") || !url.username().is_empty() || url.password().is_some() {
        return None;
    }
    url.set_path("");
    url.set_query(None);
    url.set_fragment(None);
    let host = url.host_str()?.trim_end_matches('.').to_owned();
    let host = match host.as_str() {
        name if name.ends_with(".github.com") => "github.com",
        "www.gitlab.com" | "registry.gitlab.com" => "gitlab.com",
        name => name,
    };
    url.set_host(Some(host)).ok()?;
    (!crate::model::text::begins_like_a_token(host)).then_some(url)
}

fn base(url: &Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}
