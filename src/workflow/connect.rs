//! Connecting: a token is checked with its forge, then kept, then written down.

use std::path::PathBuf;

use crate::catalog::{Part, Resting};
use crate::forge::{Depth, Forge};
use crate::model::connection::RECORD_VERSION;
use crate::model::shape::{self, ShapeWarning};
use crate::model::{
    Account, AccountKind, Connection, ConnectionName, Host, Inspection, Need, Secret, SecretId, StoreKind, TokenRecord,
    Wish,
};

use super::check as checking;
use super::keep::{self, Change};
use super::remember::Happened;
use super::{Error, Event, NewWebhookSecret, Tools, webhook_secret};

/// What the user asked to be connected.
pub struct NewConnection {
    /// Which forge.
    pub host: Host,
    /// A file with certificates to trust as well.
    pub ca_cert: Option<PathBuf>,
    /// `--allow-http` was given.
    pub allow_http: bool,
    /// The token.
    pub token: Secret,
    /// The user says that it is an OAuth access token (GitLab).
    pub oauth: bool,
    /// The variable it was read from, for the store `env`.
    pub variable: Option<String>,
    /// Another name than `login@host`.
    pub name: Option<ConnectionName>,
    /// The store that was asked for; else the one the record has, else the default.
    pub store: Option<StoreKind>,
    /// The user's default store.
    pub default_store: StoreKind,
    /// Check, report, forget.
    pub keep: bool,
    /// What the token is wanted for; nothing where that was not said.
    pub wishes: Vec<Wish>,
    /// A webhook's secret to be kept beside the token.
    pub webhook: Option<NewWebhookSecret>,
}

/// What came of it.
#[derive(Debug)]
pub struct Connected {
    /// The record; not written anywhere when nothing was to be kept.
    pub connection: Connection,
    /// What the forge said.
    pub inspection: Inspection,
    /// Where the token rests, for people; nothing when nothing was to be kept.
    pub place: Option<String>,
    /// Whether another token was there before.
    pub replaced: bool,
    /// What it needs for what it is wanted for, as far as that is told without a repository.
    pub needs: Vec<Need>,
    /// Where the webhook's secret that was given rests, for people.
    pub webhook_place: Option<String>,
    /// Whether that took the place of another.
    pub webhook_replaced: bool,
}

/// The answer to a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Go on.
    Yes,
    /// Stop; nothing is changed.
    No,
    /// Nobody can be asked.
    CannotAsk,
}

/// Somebody who can be asked: a person at a terminal, or a flag that answers for them.
pub trait Decide {
    /// The name belongs to `theirs`; shall it go over to `ours`?
    fn take_over(&self, connection: &ConnectionName, theirs: &str, ours: &str) -> Answer;

    /// The prefix is served by `theirs`; shall it go over to `ours`?
    fn take_prefix(&self, prefix: &str, theirs: &ConnectionName, ours: &ConnectionName) -> Answer;

    /// The token looks like the other forge's; shall it be sent all the same? Without anybody to
    /// ask it is sent: a shape never refuses.
    fn send_anyway(&self, host: &Host) -> Answer;

    /// The token lacks some of what it is wanted for; shall it be kept all the same?
    fn keep_lacking(&self, needs: &[Need]) -> Answer;
}

/// Checks a token and keeps it. Until it is checked nothing is touched, and until the record is
/// swapped the old token stays in place.
///
/// # Errors
/// [`Error`]; everything is then as it was.
pub async fn connect(tools: &Tools<'_>, new: NewConnection, decide: &dyn Decide) -> Result<Connected, Error> {
    let inspection = check(tools, &new, decide).await?;
    let needs = fit(&new, &inspection, decide)?;
    let connection = record_of(tools, &new, &inspection)?;
    if !new.keep {
        return Ok(Connected {
            connection,
            inspection,
            place: None,
            replaced: false,
            needs,
            webhook_place: None,
            webhook_replaced: false,
        });
    }
    keep::tidy(tools)?;
    let connected = keep_it(tools, new, connection, inspection, decide)?;
    Ok(Connected { needs, ..connected })
}

/// Checks a token and keeps it beside whatever there is: a name that is taken gets `+WORD` at its end, and a number if that is not
/// enough. No connection is changed.
///
/// # Errors
/// [`Error`]; everything is then as it was. [`Error::Declined`] where the token looks like the other forge's: it was not sent.
pub(super) async fn connect_beside(
    tools: &Tools<'_>,
    new: NewConnection,
    decide: &dyn Decide,
    word: &str,
) -> Result<Connected, Error> {
    let inspection = check(tools, &new, decide).await?;
    let mut connection = record_of(tools, &new, &inspection)?;
    keep::tidy(tools)?;
    let usual = connection.name.clone();
    for number in 0..100_u32 {
        let name = match number {
            0 => Ok(usual.clone()),
            1 => format!("{usual}+{word}").parse(),
            more => format!("{usual}+{word}{more}").parse(),
        };
        let Ok(name) = name else { break };
        let lock = tools.lock(&name)?;
        if tools.records.path(&name).exists() {
            let there = tools.records.find(&name).ok().flatten().and_then(|there| there.token);
            if there.is_some_and(|token| token.fingerprint == new.token.fingerprint()) {
                // Another process has taken it in meanwhile.
                return Err(Error::ChangedMeanwhile { connection: name });
            }
            continue;
        }
        connection.name = name;
        let change = Change { part: Part::Token, secret: &new.token, old: None, happened: Happened::Connected };
        let connection = keep::swap(tools, connection, change, &lock)?;
        return Ok(Connected {
            place: place_of(tools, &connection),
            connection,
            inspection,
            replaced: false,
            needs: Vec::new(),
            webhook_place: None,
            webhook_replaced: false,
        });
    }
    Err(Error::NameTaken { name: usual })
}

/// Where a connection's token rests, for people.
fn place_of(tools: &Tools<'_>, connection: &Connection) -> Option<String> {
    let token = connection.token.as_ref()?;
    tools.stores.open(token.kept_in).map(|store| store.place(&token.secret)).ok()
}

/// Compares what the token may do with what it is wanted for. One that lacks something is kept only if somebody says so.
fn fit(new: &NewConnection, inspection: &Inspection, decide: &dyn Decide) -> Result<Vec<Need>, Error> {
    let needs = checking::offline(&new.host, inspection, &new.wishes);
    if !needs.iter().any(|need| need.verdict.refuses()) || decide.keep_lacking(&needs) == Answer::Yes {
        return Ok(needs);
    }
    let page = checking::for_missing(&new.host, &inspection.kind, &needs, &new.wishes);
    Err(Error::PermissionMissing { needs, page })
}

/// Asks the forge: first, where it is not a vendor's own host, whether it is one.
async fn check(tools: &Tools<'_>, new: &NewConnection, decide: &dyn Decide) -> Result<Inspection, Error> {
    let label = new.host.to_string();
    if let Some(warning) = shape::warning(new.host.kind(), &new.token) {
        tools.say(Event::OddShape(warning));
        if matches!(warning, ShapeWarning::OtherForge { .. }) && decide.send_anyway(&new.host) == Answer::No {
            return Err(Error::Declined);
        }
    }
    let forge = Forge::new(&new.host, &tools.transport(new.ca_cert.as_deref())?);
    if !new.host.is_vendors_own() {
        tools.say(Event::Looking { host: label.clone() });
        forge.look().await.map_err(Error::of_forge(Some(&new.host), None))?;
    }
    tools.say(Event::Checking { host: label });
    let said = if new.oauth {
        forge.inspect_oauth(&new.token, Depth::Full).await
    } else {
        forge.inspect(&new.token, Depth::Full).await
    };
    said.map_err(Error::of_forge(Some(&new.host), new.name.as_ref()))
}

/// The record as it will be, but for the id of the secret.
fn record_of(tools: &Tools<'_>, new: &NewConnection, inspection: &Inspection) -> Result<Connection, Error> {
    let nameless =
        || Account { login: format!("{}-token", new.host.kind().word()), id: None, kind: AccountKind::Unknown };
    let account = inspection.account.clone().unwrap_or_else(nameless);
    let name = match &new.name {
        Some(name) => name.clone(),
        None => default_name(&account.login, &new.host)?,
    };
    let token = TokenRecord {
        kind: inspection.kind.clone(),
        fingerprint: new.token.fingerprint(),
        bound: None,
        scopes: inspection.scopes.clone(),
        expires_at: inspection.expires_at,
        secret: SecretId::variable(new.variable.as_deref().unwrap_or_default()),
        kept_in: new.store.unwrap_or(new.default_store),
        checked_at: tools.clock.now(),
        account_checked_at: inspection.account.is_some().then(|| tools.clock.now()),
        etag: inspection.etag.clone(),
        refused_at: None,
        health: inspection.health,
        label: inspection.label.clone(),
        id: inspection.token_id,
    };
    Ok(Connection {
        name,
        version: RECORD_VERSION,
        forge: new.host.kind(),
        url: new.host.url().to_owned(),
        api_url: new.host.api_url().to_owned(),
        allow_http: new.allow_http && new.host.is_plain_http(),
        ca_cert: new.ca_cert.clone(),
        server_version: inspection.server_version.clone(),
        account: inspection.account.clone(),
        token: Some(token),
        webhook: None,
        serves: Vec::new(),
        registries: Vec::new(),
        default: false,
        destinations: Vec::new(),
        made_for: None,
    })
}

/// `login@host`, with what a hostile server could put into a login left out.
fn default_name(login: &str, host: &Host) -> Result<ConnectionName, Error> {
    let plain: String = login.chars().filter(|c| !c.is_control() && !c.is_whitespace()).take(100).collect();
    let name = format!("{}@{host}", plain.trim_start_matches('-'));
    name.parse()
        .or_else(|_| format!("{}@{host}", host.kind().word()).parse())
        .map_err(|_| Error::NoSuchConnection { wanted: crate::model::text::printable(&name, 80), similar: Vec::new() })
}

fn keep_it(
    tools: &Tools<'_>,
    new: NewConnection,
    mut connection: Connection,
    inspection: Inspection,
    decide: &dyn Decide,
) -> Result<Connected, Error> {
    let name = connection.name.clone();
    let seen = tools.records.find(&name)?;
    let agreed = agreed_to_take_over(seen.as_ref(), &connection, decide)?;
    let lock = tools.lock(&name)?;
    let current = tools.records.find(&name)?;
    if let Some(current) = &current
        && is_anothers(current, &connection)
        && !(agreed && seen.as_ref().is_some_and(|seen| !is_anothers(seen, current)))
    {
        return Err(Error::ChangedMeanwhile { connection: name });
    }
    if current.as_ref().is_some_and(|current| current.webhook.is_some() && current.url != connection.url) {
        // Its secret belongs to hooks of the other forge, which would go on delivering.
        return Err(Error::NameTaken { name });
    }
    let replaced = current.as_ref().is_some_and(|current| current.token.is_some());
    let old = inherit(&mut connection, current, new.store);
    if let Some(webhook) = &new.webhook {
        // Before the token is kept: after an error everything is as it was.
        webhook.may_replace(&connection)?;
    }
    let happened = if replaced { Happened::Replaced } else { Happened::Connected };
    let change = Change { part: Part::Token, secret: &new.token, old, happened };
    let mut connection = keep::swap(tools, connection, change, &lock)?;
    let (mut webhook_place, mut webhook_replaced) = (None, false);
    if let Some(webhook) = new.webhook {
        let kept = webhook_secret::keep_in(tools, connection, webhook, &lock)?;
        (connection, webhook_place, webhook_replaced) = (kept.connection, Some(kept.place), kept.replaced);
    }
    let place = place_of(tools, &connection);
    Ok(Connected { connection, inspection, place, replaced, needs: Vec::new(), webhook_place, webhook_replaced })
}

/// Asks before a name goes over to another account.
fn agreed_to_take_over(seen: Option<&Connection>, connection: &Connection, decide: &dyn Decide) -> Result<bool, Error> {
    let Some(seen) = seen.filter(|seen| is_anothers(seen, connection)) else { return Ok(false) };
    let (theirs, ours) = (whose(seen), whose(connection));
    match decide.take_over(&connection.name, &theirs, &ours) {
        Answer::Yes => Ok(true),
        Answer::No => Err(Error::Declined),
        Answer::CannotAsk => Err(Error::OtherAccount { connection: connection.name.clone(), theirs, ours }),
    }
}

/// Whether two records speak of two accounts. A renamed account keeps its number; where a number is
/// not known, the logins decide.
fn is_anothers(one: &Connection, other: &Connection) -> bool {
    if one.forge != other.forge || one.url != other.url {
        return true;
    }
    if one.token.is_none() || other.token.is_none() {
        // What only receives is nobody's account.
        return false;
    }
    match (&one.account, &other.account) {
        (Some(one), Some(other)) => match (one.id, other.id) {
            (Some(one), Some(other)) => one != other,
            _ => one.login != other.login,
        },
        (None, None) => false,
        _ => true,
    }
}

fn whose(connection: &Connection) -> String {
    let login = connection.account.as_ref().map_or("an account that it may not name", |account| &account.login);
    let host = connection.host().map_or_else(|_| connection.url.clone(), |host| host.to_string());
    format!("{} at {host}", crate::model::text::printable(login, 60))
}

/// Takes over from the old record what the user has chosen for the connection, and says where the old
/// token rests. What belongs to a host stays behind when the host changes.
fn inherit(connection: &mut Connection, old: Option<Connection>, asked: Option<StoreKind>) -> Option<Resting> {
    let old = old?;
    if old.url == connection.url {
        connection.serves = old.serves;
        connection.registries = old.registries;
        connection.default = old.default;
    }
    connection.webhook = old.webhook;
    connection.destinations = old.destinations;
    connection.made_for = old.made_for;
    let before = old.token?;
    if before.kept_in == StoreKind::Env {
        return None;
    }
    // The store is remembered a connection.
    if let Some(token) = connection.token.as_mut()
        && asked.is_none()
    {
        token.kept_in = before.kept_in;
    }
    Some(Resting { secret: before.secret, kept_in: before.kept_in })
}
