//! Connections: what they serve, how their tokens are kept, and what their forges say of them.

use jiff::Timestamp;
use tokio::task::JoinSet;

use super::super::learn::{self, Lesson};
use super::super::locate::Address;
use super::super::{Error, Tools, destination, webhook_secret};
use super::ask::Progress;
use super::check::{Check, Trouble, Verdict};
use super::hosts::Site;
use crate::catalog::Part;
use crate::forge::{Depth, Forge, ForgeError};
use crate::model::clock::SOON;
use crate::model::webhook::is_weak;
use crate::model::{Connection, ForgeKind, Health, Host, Inspection, Secret, StoreKind, TokenKind};

/// What is known of one connection before and after its forge is asked.
struct Patient<'a> {
    connection: &'a Connection,
    host: &'a Host,
    links: Vec<Check>,
    /// Why its forge is not asked.
    unasked: Option<String>,
    said: Option<Result<Inspection, ForgeError>>,
    /// The token is the one that the record speaks of.
    known: bool,
}

impl Patient<'_> {
    fn add(&mut self, name: &str, verdict: Verdict) {
        self.links.push(Check::of_connection(name, &self.connection.name, &self.host.to_string(), verdict));
    }

    fn skip(&mut self, names: &[&str], why: &str) {
        names.iter().for_each(|name| self.add(name, Verdict::Skipped(why.to_owned())));
    }
}

/// Looks at all of them; the forges are asked in parallel.
pub(super) async fn look(
    tools: &Tools<'_>,
    readable: &[(&Connection, Host)],
    sites: &[Site<'_>],
    broken: &[StoreKind],
    progress: &mut Progress<'_>,
    checks: &mut Vec<Check>,
) {
    let mut asking = JoinSet::new();
    let mut patients = Vec::new();
    for (index, (connection, host)) in readable.iter().enumerate() {
        let mut patient = Patient { connection, host, links: Vec::new(), unasked: None, said: None, known: true };
        kept(&mut patient);
        copies(&mut patient);
        let secret = token(tools, broken, &mut patient);
        let site = sites.iter().find(|site| site.is_of(host, connection));
        match (secret, site.and_then(|site| site.forge.clone()), site.and_then(|site| site.closed.clone())) {
            (Some(secret), Some(forge), None) => {
                let oauth =
                    patient.known && connection.token.as_ref().is_some_and(|token| token.kind == TokenKind::Oauth);
                asking.spawn(async move { (index, ask(&forge, &secret, oauth).await) });
            }
            (Some(_), _, closed) => patient.unasked = closed.or_else(|| Some("the host was not reached".into())),
            (None, ..) => {}
        }
        patients.push(patient);
    }
    while let Some(finished) = asking.join_next().await {
        match finished {
            Ok((index, said)) => {
                progress.step();
                if let Some(patient) = patients.get_mut(index) {
                    patient.said = Some(said);
                }
            }
            Err(e) if e.is_panic() => std::panic::resume_unwind(e.into_panic()),
            Err(_) => {}
        }
    }
    learn::all(&tools.records, patients.iter().filter_map(lesson).collect(), tools.clock.now());
    for mut patient in patients {
        judge(&mut patient, tools.clock.now());
        checks.append(&mut patient.links);
    }
}

/// What the answer says of the token that the record knows.
fn lesson(patient: &Patient<'_>) -> Option<Lesson> {
    let outcome = patient.said.clone().filter(|_| patient.known)?;
    let outcome = outcome.map_err(Error::of_forge(Some(patient.host), Some(&patient.connection.name)));
    Some(Lesson { connection: patient.connection.clone(), fingerprint: None, outcome })
}

/// What the record alone tells.
fn kept(patient: &mut Patient<'_>) {
    let connection = patient.connection;
    if patient.host.is_plain_http() {
        patient.add("address", Verdict::Bad(Trouble::PlainHttp));
    } else {
        patient.add("address", Verdict::Well(addresses(patient.host)));
    }
    let never = |prefix: &&String| !Address::read(prefix).is_some_and(|address| address.is_at(&connection.url));
    let prefixes: Vec<String> = connection.serves.iter().filter(never).map(|p| shown(p)).collect();
    match connection.serves.len() {
        _ if !prefixes.is_empty() => patient.add("serves", Verdict::Bad(Trouble::NeverServes { prefixes })),
        0 => {}
        1 => patient.add("serves", Verdict::Well("1 prefix".into())),
        count => patient.add("serves", Verdict::Well(format!("{count} prefixes"))),
    }
    if connection.token.as_ref().is_some_and(|token| token.kept_in == StoreKind::Plain) {
        patient.add("kept in", Verdict::Bad(Trouble::KeptPlain));
    } else if connection.webhook.as_ref().is_some_and(|webhook| webhook.kept_in == StoreKind::Plain) {
        patient.add("kept in", Verdict::Bad(Trouble::WebhookPlain));
    }
}

/// The copies of its secrets: whether each has the present one.
fn copies(patient: &mut Patient<'_>) {
    let all = destination::destinations(patient.connection).len();
    match destination::stale(patient.connection).len() {
        _ if all == 0 => {}
        0 => patient.add("copies", Verdict::Well(format!("{all}, with the present secret"))),
        stale => patient.add("copies", Verdict::Bad(Trouble::StaleCopies { stale, all })),
    }
}

/// Where the forge is, and where its API is if that is not where one would look for it.
fn addresses(host: &Host) -> String {
    let (url, api) = (host.url(), host.api_url());
    if host.is_vendors_own() || api.starts_with(url) { url.to_owned() } else { format!("{url}, its API at {api}") }
}

/// A prefix that somebody wrote into a record.
fn shown(prefix: &str) -> String {
    Address::read(prefix).map_or_else(|| crate::model::text::printable(prefix, 80), |address| address.shown())
}

/// Fetches the token, and says how that went. Nothing where there is none to ask with.
fn token(tools: &Tools<'_>, broken: &[StoreKind], patient: &mut Patient<'_>) -> Option<Secret> {
    let connection = patient.connection;
    webhook(tools, broken, patient);
    let Some(record) = &connection.token else {
        patient.add("token", Verdict::Well("none: it only receives webhooks".into()));
        return None;
    };
    if broken.contains(&record.kept_in) {
        patient.skip(&["token"], &format!("the store `{}` is broken", record.kept_in));
        patient.unasked = Some("there is no token to ask with".into());
        return None;
    }
    match tools.secret_of(connection) {
        Err(e) => {
            patient.add("token", Verdict::failed(e));
            patient.unasked = Some("there is no token to ask with".into());
            None
        }
        Ok((secret, record)) => {
            patient.known = secret.fingerprint() == record.fingerprint;
            let verdict = if patient.known {
                Verdict::Well(format!("readable, {}", record.fingerprint.short()))
            } else {
                Verdict::Bad(Trouble::AnotherToken { name: record.secret.as_str().to_owned() })
            };
            patient.add("token", verdict);
            Some(secret)
        }
    }
}

/// The webhook's secrets: whether each can be read, and is of the kind that the record says.
fn webhook(tools: &Tools<'_>, broken: &[StoreKind], patient: &mut Patient<'_>) {
    let now = tools.clock.now();
    for (part, resting) in Part::all_of(patient.connection).filter(|(part, _)| !part.is_token()) {
        let link = match part {
            Part::Token | Part::Webhook => "webhook secret",
            Part::WebhookToken => "webhook token",
            Part::WebhookFormer => "former webhook secret",
        };
        if broken.contains(&resting.kept_in) {
            patient.skip(&[link], &format!("the store `{}` is broken", resting.kept_in));
            continue;
        }
        let former = patient.connection.webhook.as_ref().and_then(|webhook| webhook.former.as_ref());
        let until = former.filter(|_| part == Part::WebhookFormer).map(|former| former.until);
        let verdict = match (webhook_secret::read(tools, patient.connection, part), until) {
            (_, Some(until)) if until <= now => Verdict::Bad(Trouble::FormerOver { until }),
            (Err(e), _) => Verdict::failed(e),
            (Ok(_), Some(until)) => Verdict::Well(format!(
                "readable, accepted for another {}",
                crate::model::duration::in_words(until.duration_since(now))
            )),
            (Ok((secret, _)), None) if is_weak(&secret) => Verdict::Bad(Trouble::WebhookWeak),
            (Ok((_, proof)), None) => Verdict::Well(format!("readable, a {}", proof.in_words())),
        };
        patient.add(link, verdict);
    }
}

async fn ask(forge: &Forge, secret: &Secret, oauth: bool) -> Result<Inspection, ForgeError> {
    if oauth && forge.host().kind() == ForgeKind::GitLab {
        forge.inspect_oauth(secret, Depth::Brief).await
    } else {
        forge.inspect(secret, Depth::Brief).await
    }
}

/// The links that the forge's answer shows.
fn judge(patient: &mut Patient<'_>, now: Timestamp) {
    let connection = patient.connection;
    let Some(record) = &connection.token else { return };
    if let Some(at) = record.refused_at {
        let taken = matches!(patient.said, Some(Ok(_)));
        patient.add("git", Verdict::Bad(Trouble::RefusedThroughGit { at, taken }));
    }
    match patient.said.take() {
        None => {
            let why = patient.unasked.take().unwrap_or_else(|| "it was not asked".into());
            patient.skip(&["health"], &why);
            // What the record says of the end is still true.
            if patient.known {
                let verdict = end(connection, record.expires_at, now);
                patient.add("expiry", verdict);
            }
            patient.skip(&["scopes"], &why);
        }
        Some(Err(error)) => {
            let dead = error.kind.says_dead();
            let failed = Error::of_forge(Some(patient.host), Some(&connection.name))(error);
            patient.add("health", Verdict::failed(failed));
            let why = if dead { "the token is not valid" } else { "the forge did not tell" };
            patient.skip(&["expiry", "scopes"], why);
        }
        Some(Ok(said)) => {
            let verdict = match another(connection, &said) {
                Some((theirs, ours)) => {
                    Verdict::failed(Error::OtherAccount { connection: connection.name.clone(), theirs, ours })
                }
                None if said.gaps.is_empty() => Verdict::Well("valid".into()),
                None => Verdict::Well("valid, and may not tell everything of itself".into()),
            };
            patient.add("health", verdict);
            let verdict = match said.expires_at.or(record.expires_at.filter(|_| patient.known)) {
                None if said.health == Health::Limited => Verdict::Skipped("the forge did not tell".into()),
                // The forge has just accepted it: it is the clock that is wrong, which is a link of its own.
                Some(at) if at <= now => Verdict::Skipped(format!(
                    "at {}, which has passed by this machine's clock; the forge accepts it still",
                    at.strftime("%Y-%m-%d %H:%M UTC")
                )),
                Some(at) if said.health == Health::Limited => end(connection, Some(at), now),
                _ => end(connection, said.expires_at, now),
            };
            patient.add("expiry", verdict);
            patient.add("scopes", scopes(said.scopes.as_deref()));
        }
    }
}

fn scopes(scopes: Option<&[String]>) -> Verdict {
    match scopes {
        None => Verdict::Well("the forge names none for this kind of token".into()),
        Some([]) => Verdict::Bad(Trouble::NoScopes),
        Some(scopes) => Verdict::Well(crate::model::text::printable(&scopes.join(", "), 200)),
    }
}

fn end(connection: &Connection, at: Option<Timestamp>, now: Timestamp) -> Verdict {
    let Some(at) = at else { return Verdict::Well("never, as far as is known".into()) };
    let left = at.duration_since(now);
    if left.is_negative() || left.is_zero() {
        return Verdict::failed(Error::TokenExpired { connection: connection.name.clone(), at });
    }
    match left {
        left if left <= SOON => Verdict::Bad(Trouble::ExpiresSoon { left }),
        left => Verdict::Well(format!("in {}", crate::model::duration::in_words(left))),
    }
}

/// The two logins, when the token is another account's than the record says.
fn another(connection: &Connection, said: &Inspection) -> Option<(String, String)> {
    let (before, now) = (connection.account.as_ref()?, said.account.as_ref()?);
    let differ = before.id.zip(now.id).is_some_and(|(before, now)| before != now);
    differ.then(|| (before.login.clone(), now.login.clone()))
}
