//! Which connection answers git: scheme, host and port exactly, then the longest `serves` prefix, then the user name
//! that is asked for, then the default.

use url::Url;

use crate::git::credential::Place;
use crate::model::{Account, Connection, ConnectionName, ForgeKind, Outline, SecretId, StoreKind, TokenKind};

use super::super::{Address, Error, Tools};

/// Words that stand in the place of a user name where nobody is meant: the token says who it is.
const NOBODY: [&str; 7] =
    ["git", "oauth2", "x-access-token", "x-oauth-basic", "token", "private-token", "gitlab-ci-token"];

/// Who answers.
#[derive(Debug)]
pub(super) enum Chosen {
    /// No connection: a login that was kept may.
    Nobody,
    /// This connection, before any login.
    Connection(Box<Connection>),
    /// This connection, unless there is a login of that very user.
    Unless(Box<Connection>),
    /// The place has connections, and none of them may be taken.
    None(Why),
}

/// Why none of several is taken.
#[derive(Debug)]
pub(super) enum Why {
    /// They fit alike.
    Several(Vec<ConnectionName>),
    /// The forge is below a path of its host, and git has not said which path is meant.
    PathNeeded(Box<Connection>),
}

/// How well a connection goes with a user's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Goes {
    Not,
    /// No name was given, or one that names nobody.
    WithAnybody,
    WithThatName,
}

struct Fit {
    connection: Connection,
    precision: usize,
    goes: Goes,
}

/// The address of a place on the web, if it is one that a forge could be at, to the letter: neither `github.com.` nor
/// what a browser would make `github.com` of is github.com.
pub(super) fn address(place: &Place) -> Option<Address> {
    if !matches!(place.protocol.as_str(), "http" | "https") {
        return None;
    }
    let mut url = Url::parse(&format!("{}://{}/", place.protocol, place.host)).ok()?;
    let port = match (url.port(), url.port_or_known_default()) {
        (Some(port), _) => format!(":{port}"),
        // It may be said all the same.
        (None, Some(port)) if place.host.ends_with(&format!(":{port}")) => format!(":{port}"),
        _ => String::new(),
    };
    if format!("{}{port}", url.host_str()?) != place.host {
        return None;
    }
    // git has decoded it: what has a meaning in a URL had none in front of it.
    let path = place.path.as_deref().unwrap_or_default().replace('%', "%25").replace('\\', "%5C");
    url.set_path(&path);
    Some(Address::at(url))
}

/// Chooses. `user` is the name that is asked for.
///
/// # Errors
/// [`Error::Catalog`] when the records' folder cannot be read.
pub(super) fn choose(tools: &Tools<'_>, place: &Place, user: Option<&str>) -> Result<Chosen, Error> {
    let Some(address) = address(place) else { return Ok(Chosen::Nobody) };
    let user = user.filter(|user| !user.is_empty());
    let (there, below) = candidates(tools, place, &address)?;
    // Where one forge is at the top of a host and another below it, the token of the one is none of the other's business.
    let below = below.into_iter().filter_map(|name| tools.records.find(&name).ok().flatten());
    if let Some(one) = below.into_iter().find(|connection| goes(connection, user) != Goes::Not) {
        return Ok(Chosen::None(Why::PathNeeded(Box::new(one))));
    }
    let mut fits = Vec::with_capacity(there.len());
    for (name, precision) in there {
        // It may have gone in the meantime; one that does not read answers for nothing.
        if let Ok(Some(connection)) = tools.records.find(&name) {
            fits.push(Fit { goes: goes(&connection, user), precision, connection });
        }
    }
    // A renaming that was cut short has left two records of one token, until a command of connect's puts that in order.
    let mut seen: Vec<SecretId> = Vec::with_capacity(fits.len());
    fits.retain(|fit| {
        let kept = fit.connection.token.as_ref().filter(|token| token.kept_in != StoreKind::Env);
        let first = kept.is_none_or(|token| !seen.contains(&token.secret));
        seen.extend(kept.map(|token| token.secret.clone()));
        first
    });
    Ok(among(fits, user.is_some()))
}

/// The connections of a place, each with how precisely a prefix of its fits; and, where no path was given, those that are
/// below a path of that host.
type Candidates = (Vec<(ConnectionName, usize)>, Vec<ConnectionName>);

fn candidates(tools: &Tools<'_>, place: &Place, address: &Address) -> Result<Candidates, Error> {
    let (mut there, mut below, mut nearest) = (Vec::new(), Vec::new(), 0);
    for outline in tools.records.outlines()? {
        let Ok(outline) = outline else { continue };
        if !outline.has_token || outline.made_for_one {
            continue;
        }
        if address.is_at(&outline.url) {
            let nearness = address.nearness(&outline.url);
            if nearness > nearest {
                there.clear();
            }
            nearest = nearest.max(nearness);
            if nearness == nearest {
                there.push((outline.name.clone(), precision(&outline, address)));
            }
        } else if place.path.is_none() && Url::parse(&outline.url).is_ok_and(|base| address.has_origin_of(&base)) {
            below.push(outline.name);
        }
    }
    Ok((there, below))
}

/// The connections of a place, whatever path they serve; of those that do not read, none.
pub(super) fn at_host<'a>(
    tools: &'a Tools<'_>,
    place: &Place,
) -> Result<impl Iterator<Item = Connection> + use<'a>, Error> {
    let address = address(place);
    let mut names = Vec::new();
    for outline in tools.records.outlines()? {
        let Ok(outline) = outline else { continue };
        let here = |address: &Address| Url::parse(&outline.url).is_ok_and(|base| address.has_origin_of(&base));
        if outline.has_token && address.as_ref().is_some_and(here) {
            names.push(outline.name);
        }
    }
    Ok(names.into_iter().filter_map(|name| tools.records.find(&name).ok().flatten()))
}

/// One more than the length of the longest prefix that fits, so that a prefix of the whole host counts too.
fn precision(outline: &Outline, address: &Address) -> usize {
    outline.serves.iter().filter_map(|prefix| address.fits(prefix, &outline.url)).max().map_or(0, |length| length + 1)
}

fn among(mut fits: Vec<Fit>, named: bool) -> Chosen {
    fits.retain(|fit| fit.goes != Goes::Not);
    let longest = fits.iter().map(|fit| fit.precision).max().unwrap_or(0);
    let exactly = |fit: &Fit| fit.goes == Goes::WithThatName;
    let best = |fit: &Fit| fit.precision == longest;
    if named && fits.iter().any(|fit| best(fit) && exactly(fit)) {
        fits.retain(|fit| best(fit) && exactly(fit));
    } else if named && fits.iter().any(exactly) {
        // The account that was named, though another has the longer prefix but not that name.
        let longest = fits.iter().filter(|fit| exactly(fit)).map(|fit| fit.precision).max().unwrap_or(0);
        fits.retain(|fit| exactly(fit) && fit.precision == longest);
    } else {
        fits.retain(best);
    }
    if fits.len() > 1 && fits.iter().filter(|fit| fit.connection.default).count() == 1 {
        fits.retain(|fit| fit.connection.default);
    }
    let by_name = named && fits.iter().all(exactly);
    let mut left = fits.into_iter();
    match (left.next(), left.len()) {
        (None, _) => Chosen::Nobody,
        (Some(only), 0) if named && !by_name => Chosen::Unless(Box::new(only.connection)),
        (Some(only), 0) => Chosen::Connection(Box::new(only.connection)),
        (Some(first), _) => {
            let names = std::iter::once(first).chain(left).map(|fit| fit.connection.name);
            Chosen::None(Why::Several(names.collect()))
        }
    }
}

/// Whether a user's name stands only where one has to.
pub(in super::super) fn names_nobody(user: &str) -> bool {
    user.is_empty() || NOBODY.contains(&user.to_ascii_lowercase().as_str())
}

/// Forges take no notice of the case of a login.
fn goes(connection: &Connection, user: Option<&str>) -> Goes {
    let Some(user) = user else { return Goes::WithAnybody };
    let is = |name: &str| name.eq_ignore_ascii_case(user);
    let account = connection.account.as_ref();
    if account.is_some_and(|Account { login, .. }| is(login)) || is(connection.git_user()) {
        return Goes::WithThatName;
    }
    if account.is_none() || names_nobody(user) {
        return Goes::WithAnybody;
    }
    Goes::Not
}

/// The name that is answered: the one that was asked for where the token goes with any, else the one it goes with.
pub(super) fn user_of(connection: &Connection, asked: Option<&str>) -> String {
    let kind = connection.token.as_ref().map(|token| &token.kind);
    let fixed = match kind {
        Some(TokenKind::AppInstallation) => true,
        Some(TokenKind::Oauth) => connection.forge == ForgeKind::GitLab,
        _ => false,
    };
    let asked = asked.filter(|asked| !asked.is_empty() && !fixed);
    asked.unwrap_or_else(|| connection.git_user()).to_owned()
}
