//! Hosts: the way there, what answers, and what time it is there. Each is asked once, without a token.

use std::path::PathBuf;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinSet;

use super::super::locate::{Address, choose};
use super::super::{Error, Tools};
use super::ask::Progress;
use super::check::{Check, Trouble, Verdict};
use super::environment::in_file;
use crate::forge::{Answered, ApiVersion, Forge, ForgeError, ForgeErrorKind, address_count, proxy_for};
use crate::model::host::{Flavour, is_loopback};
use crate::model::{Clock, Connection, ForgeKind, Host, Outline};

/// A difference of clocks that is worth a word.
const WORTH_A_WORD: SignedDuration = SignedDuration::from_secs(60);

/// One forge, as these connections reach it.
pub(super) struct Site<'a> {
    host: Host,
    ca_cert: Option<PathBuf>,
    connections: Vec<&'a Connection>,
    /// The client, once it could be built.
    pub forge: Option<Forge>,
    /// Why nobody can be asked there; nothing where it answers.
    pub closed: Option<String>,
}

impl Site<'_> {
    /// Whether a connection reaches its forge this way.
    pub(super) fn is_of(&self, host: &Host, connection: &Connection) -> bool {
        self.host == *host && self.ca_cert == connection.ca_cert
    }
}

/// The forges of these connections, each once.
pub(super) fn sites<'a>(readable: &[(&'a Connection, Host)]) -> Vec<Site<'a>> {
    let mut sites: Vec<Site<'a>> = Vec::new();
    for (connection, host) in readable {
        match sites.iter_mut().find(|site| site.is_of(host, connection)) {
            Some(site) => site.connections.push(connection),
            None => sites.push(Site {
                host: host.clone(),
                ca_cert: connection.ca_cert.clone(),
                connections: vec![connection],
                forge: None,
                closed: None,
            }),
        }
    }
    sites
}

/// What was found out on the network.
struct Found {
    addresses: Option<usize>,
    answered: Option<Result<Answered, ForgeError>>,
    /// This machine's time before and after the answer.
    times: (Timestamp, Timestamp),
}

/// Looks at all of them, in parallel.
pub(super) async fn look<'a>(
    tools: &Tools<'_>,
    mut sites: Vec<Site<'a>>,
    network: bool,
    progress: &mut Progress<'_>,
    checks: &mut Vec<Check>,
) -> Vec<Site<'a>> {
    let mut asking = JoinSet::new();
    let mut links: Vec<Vec<Check>> = sites.iter_mut().map(|site| before(tools, site)).collect();
    for (index, site) in sites.iter().enumerate() {
        if let (Some(forge), true) = (site.forge.clone(), network) {
            let (clock, limit) = (tools.clock, tools.transport.timeout);
            asking.spawn(async move { (index, ask(forge, clock, limit).await) });
        }
    }
    let mut found: Vec<Option<Found>> = sites.iter().map(|_| None).collect();
    while let Some(finished) = asking.join_next().await {
        match finished {
            Ok((index, what)) => {
                progress.step();
                if let Some(slot) = found.get_mut(index) {
                    *slot = Some(what);
                }
            }
            Err(e) if e.is_panic() => std::panic::resume_unwind(e.into_panic()),
            Err(_) => {}
        }
    }
    for ((site, mut links), found) in sites.iter_mut().zip(links.drain(..)).zip(found) {
        match found {
            Some(found) => judge(site, &found, &mut links),
            None => {
                let why = if network { "the certificates cannot be read" } else { "`--no-network`" };
                site.closed = Some(why.to_owned());
                skip(site, 0, why, &mut links);
            }
        }
        links.extend(chosen(site));
        checks.append(&mut links);
    }
    sites
}

/// What can be said without asking anybody: the proxy and the certificates. Builds the client.
fn before(tools: &Tools<'_>, site: &mut Site<'_>) -> Vec<Check> {
    let label = site.host.to_string();
    let url = site.host.api_base();
    let proxy = match proxy_for(url) {
        Some(proxy) => proxy.to_string(),
        None if is_loopback(url) => "none: it is this machine".to_owned(),
        None => "none".to_owned(),
    };
    let certificates = match tools.transport(site.ca_cert.as_deref()) {
        Err(e) => Verdict::failed(e),
        Ok(transport) => {
            site.forge = Some(Forge::new(&site.host, &transport));
            Verdict::Well(trusted(site))
        }
    };
    vec![Check::of_host("proxy", &label, Verdict::Well(proxy)), Check::of_host("certificates", &label, certificates)]
}

/// Which certificates are trusted.
fn trusted(site: &Site<'_>) -> String {
    if site.host.api_base().scheme() == "http" {
        return "none are needed: plain http".to_owned();
    }
    match &site.ca_cert {
        None => "the system's".to_owned(),
        Some(path) => format!("the system's, and {} in {}", in_file(path).unwrap_or(0), path.display()),
    }
}

async fn ask(forge: Forge, clock: Clock, limit: Duration) -> Found {
    let url = forge.host().api_base().clone();
    // Behind a proxy it is the proxy that looks names up.
    let by_name = url.domain().is_some() && proxy_for(&url).is_none();
    let addresses = if by_name { address_count(&url, limit).await } else { None };
    let begun = clock.now();
    let answered = if by_name && addresses.is_none() { None } else { Some(forge.diagnose().await) };
    Found { addresses, answered, times: (begun, clock.now()) }
}

/// The links that a request shows, in their order.
const SHOWN: [&str; 7] = ["name", "request", "forge", "API version", "version", "clock", "rate limit"];

/// Whether the host has this link at all.
fn has(host: &Host, name: &str) -> bool {
    let tells_version = matches!(host.flavour(), Flavour::GitHubServer | Flavour::GitLabSelfManaged);
    match name {
        "API version" => host.kind() == ForgeKind::GitHub,
        "version" => tells_version,
        _ => true,
    }
}

fn skip(site: &Site<'_>, from: usize, why: &str, links: &mut Vec<Check>) {
    let label = site.host.to_string();
    for name in SHOWN.into_iter().skip(from).filter(|name| has(&site.host, name)) {
        links.push(Check::of_host(name, &label, Verdict::Skipped(why.to_owned())));
    }
}

fn judge(site: &mut Site<'_>, found: &Found, links: &mut Vec<Check>) {
    let label = site.host.to_string();
    let url = site.host.api_base();
    let mut add = |name, verdict| links.push(Check::of_host(name, &label, verdict));
    let Some(answered) = &found.answered else {
        let host = url.host_str().unwrap_or_default().to_owned();
        add("name", Verdict::Bad(Trouble::NameNotFound { host }));
        site.closed = Some("the host's name is not known".to_owned());
        return skip(site, 1, "the name is not known", links);
    };
    add("name", Verdict::Well(resolved(url, found.addresses)));
    let failed = |error: &ForgeError| Verdict::failed(Error::of_forge(Some(&site.host), None)(error.clone()));
    match answered {
        Err(error) if is_on_the_way(&error.kind) => {
            add("request", failed(error));
            site.closed = Some("the host was not reached".to_owned());
            skip(site, 2, "it was not reached", links);
        }
        Err(error) => {
            add("request", Verdict::Well("answered".into()));
            add("forge", failed(error));
            site.closed = Some("something else answers there".to_owned());
            skip(site, 3, "no forge answered", links);
        }
        Ok(answered) => {
            add("request", Verdict::Well("answered".into()));
            add("forge", Verdict::Well(format!("a {} answers", site.host.kind())));
            told(site, answered, found.times, links);
        }
    }
}

fn resolved(url: &url::Url, addresses: Option<usize>) -> String {
    match addresses {
        Some(1) => "1 address".to_owned(),
        Some(count) => format!("{count} addresses"),
        None if url.domain().is_none() => "it is an address already".to_owned(),
        None => "the proxy looks it up".to_owned(),
    }
}

/// Whether no answer came, as against a wrong one.
const fn is_on_the_way(kind: &ForgeErrorKind) -> bool {
    use ForgeErrorKind as Kind;
    matches!(
        kind,
        Kind::NameNotFound
            | Kind::ConnectionRefused
            | Kind::ConnectionLost
            | Kind::TimedOut
            | Kind::ProxyFailed
            | Kind::CertificateNotTrusted
            | Kind::CertificateExpired
            | Kind::CertificateWrongName
            | Kind::TlsFailed
            | Kind::CannotBuild
    )
}

/// What a forge says of itself.
fn told(site: &Site<'_>, answered: &Answered, times: (Timestamp, Timestamp), links: &mut Vec<Check>) {
    let label = site.host.to_string();
    let mut add = |name, verdict| {
        if has(&site.host, name) {
            links.push(Check::of_host(name, &label, verdict));
        }
    };
    add(
        "API version",
        match answered.api_version {
            Some(ApiVersion::Refused) => Verdict::Bad(Trouble::ApiVersionRefused),
            _ => Verdict::Well("accepted".into()),
        },
    );
    let before = site.connections.iter().find_map(|connection| connection.server_version.clone());
    add(
        "version",
        match (&answered.version, before) {
            (Some(version), _) => Verdict::Well(version.clone()),
            (None, Some(version)) => Verdict::Well(format!("{version}, when it was last told")),
            (None, None) => Verdict::Skipped("it does not tell strangers".into()),
        },
    );
    add(
        "clock",
        match answered.date {
            None => Verdict::Skipped("it does not say what time it is".into()),
            Some(date) => clock(skew(date, times)),
        },
    );
    add(
        "rate limit",
        match answered.remaining {
            None => Verdict::Well("none is told".into()),
            Some(counter) if counter.left == 0 => Verdict::Bad(Trouble::UsedUp { until: counter.until }),
            Some(counter) => {
                let of = counter.of.map(|of| format!(" of {of}")).unwrap_or_default();
                Verdict::Well(format!("{}{of} requests without a token are left", counter.left))
            }
        },
    );
}

fn clock(by: SignedDuration) -> Verdict {
    if by.abs() > WORTH_A_WORD {
        Verdict::Bad(Trouble::Clock { by })
    } else {
        Verdict::Well("right, to within a minute".into())
    }
}

/// By how much this machine is ahead of the forge; the time that the answer took is nobody's mistake.
fn skew(date: Timestamp, (before, after): (Timestamp, Timestamp)) -> SignedDuration {
    if date > after {
        after.duration_since(date)
    } else if date < before {
        before.duration_since(date)
    } else {
        SignedDuration::ZERO
    }
}

/// Whether it is clear which connection answers for the host as a whole.
fn chosen(site: &Site<'_>) -> Option<Check> {
    let all: Vec<Outline> = site.connections.iter().map(|connection| Outline::from(*connection)).collect();
    if all.iter().filter(|connection| connection.has_token).count() < 2 {
        return None;
    }
    let defaults: Vec<_> = all.iter().filter(|connection| connection.default).map(|c| c.name.clone()).collect();
    let verdict = match choose(&all, &Address::read(site.host.url())?) {
        _ if defaults.len() > 1 => Verdict::Bad(Trouble::SeveralDefaults { names: defaults }),
        Ok(choice) => Verdict::Well(format!("`{}`", choice.name)),
        Err(Error::SeveralServe { names, .. }) => Verdict::Bad(Trouble::NoneChosen { names }),
        Err(e) => Verdict::failed(e),
    };
    Some(Check::of_host("default", &site.host.to_string(), verdict))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_an_answer_took_is_nobodys_mistake() {
        let at = |second: i64| Timestamp::from_second(1_793_534_400 + second).unwrap_or_default();
        for (date, before, after, by) in [(5, 0, 10, 0), (0, 0, 0, 0), (100, 0, 10, -90), (0, 70, 80, 70_i64)] {
            assert_eq!(skew(at(date), (at(before), at(after))), SignedDuration::from_secs(by), "{date}");
        }
    }
}
