//! What `connect github` and `connect gitlab` have in common.

use std::path::PathBuf;

use clap::Args;
use jiff::SignedDuration;

use super::CliError;
use super::ask::Asker;
use super::environment;
use super::options::BEHIND_A_PROXY;
use super::session::{AgeKeys, Session};
use super::token_input::{Source, WAYS};
use super::webhook_input::{self, SecretSource};
use crate::catalog::Records;
use crate::model::{Connection, ConnectionName, ForgeKind, Host, PublicUrl, StoreKind, Task, Wish};
use crate::output::{Exit, human, json};
use crate::workflow::{self, NewConnection, NewReceiver, NewWebhookSecret, Wanted};

/// The flags of both.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "The connection")]
pub(super) struct Common {
    /// What to call the connection, instead of `login@host`
    #[arg(long, value_name = "NAME", env = "CONNECT_NAME", hide_env_values = true)]
    pub name: Option<ConnectionName>,

    /// Where to keep the token: keyring, file, plain or env
    #[arg(long, value_name = "STORE", env = "CONNECT_STORE", hide_env_values = true)]
    pub store: Option<StoreKind>,

    /// Check and report, keep nothing
    #[arg(long, conflicts_with = "webhook_source")]
    pub no_keep: bool,

    /// What the token is wanted for: git, import, webhooks, status, read, or single
    /// permissions and scopes. Chooses what the pre-filled page ticks; a token that
    /// lacks any of it is not kept
    #[arg(long = "for", value_name = "TASK", value_delimiter = ',', num_args = 1..)]
    pub wishes: Vec<Wish>,

    /// Trust the certificates in this PEM file as well
    #[arg(long, value_name = "FILE", env = "CONNECT_CA_CERT", hide_env_values = true)]
    pub ca_cert: Option<PathBuf>,

    /// Allow plain http to another machine (the token travels readable)
    #[arg(long, env = "CONNECT_ALLOW_HTTP", hide_env_values = true, value_parser = clap::builder::FalseyValueParser::new(), action = clap::ArgAction::SetTrue)]
    pub allow_http: bool,

    /// With `--store file`: the age identity that opens it
    #[arg(long, value_name = "FILE", env = "CONNECT_AGE_IDENTITY", hide_env_values = true)]
    pub age_identity: Option<PathBuf>,

    /// With `--store file`: encrypt to this age recipient as well (a team)
    #[arg(
        long,
        value_name = "RECIPIENT",
        value_delimiter = ',',
        env = "CONNECT_AGE_RECIPIENTS",
        hide_env_values = true
    )]
    pub age_recipient: Vec<String>,

    #[command(flatten)]
    pub webhook: SecretSource,

    /// No token at all: a connection that only receives webhooks, called
    /// `webhook@host`. Its secret is made unless it is given
    #[arg(long, conflicts_with_all = ["no_keep", "wishes"], help_heading = "The webhook's secret")]
    pub webhook_only: bool,

    // Where forges reach whoever receives.
    #[arg(
        long,
        value_name = "BASE",
        env = "CONNECT_PUBLIC_URL",
        hide_env_values = true,
        help_heading = "The webhook's secret",
        help = format!("With a webhook secret: where forges reach whoever receives, as `https://hooks.example.com`; remembered. {BEHIND_A_PROXY}")
    )]
    pub public_url: Option<PublicUrl>,
}

/// Where the forge is, by the flags and by what is known of the connection.
struct Site {
    host: Host,
    ca_cert: Option<PathBuf>,
    allow_http: bool,
    known: Option<Connection>,
}

/// Connects: fetches the token, checks it, keeps it, says so.
pub(super) fn run(
    session: &Session,
    kind: ForgeKind,
    host: Option<&str>,
    api_url: Option<&str>,
    source: Option<Source>,
    oauth: bool,
    common: Common,
) -> Result<Exit, CliError> {
    let webhook = common.webhook.chosen();
    one_from_stdin(source.as_ref(), webhook.as_ref())?;
    let overlap = common.webhook.overlap(webhook.is_some())?;
    let site = site(session, kind, host, api_url, &common)?;
    if common.webhook_only && source.is_some() {
        let hints = ["leave `--webhook-only` out, and the connection has both"];
        return Err(CliError::usage("`--webhook-only` is for a connection without a token", &hints));
    }
    if webhook.is_none() && !common.webhook_only && common.public_url.as_ref().is_some_and(is_asked_for) {
        let settings = match &site.known {
            Some(known) => format!("connect webhook settings {}", known.name),
            None => "connect webhook settings NAME".to_owned(),
        };
        return Err(CliError::usage(
            "`--public-url` goes with a webhook secret, and none was given",
            &[
                "`--webhook-secret-file FILE` keeps one beside the token, `--webhook-only` one alone",
                &format!("where there is one already: `{settings} --public-url BASE`"),
            ],
        ));
    }
    // To change the webhook secret of a connection that there is, nobody has to give its token once more.
    let edits = || source.is_none() && webhook.is_some() && site.known.is_some();
    if common.webhook_only || edits() {
        return receive(session, site, webhook, overlap, common);
    }
    let source = match source {
        Some(source) => source,
        None if session.may_ask() && webhook.as_ref().and_then(Source::stdin).is_none() => Source::Prompt,
        None => return Err(CliError::usage("no token was given", &ways(webhook.is_some()))),
    };
    let variable = source.variable().map(str::to_owned);
    let default_store = session.config.store.unwrap_or(StoreKind::Keyring);
    let kept_in_env =
        site.known.as_ref().and_then(|known| known.token.as_ref()).is_some_and(|t| t.kept_in == StoreKind::Env);
    let asked = common.store;
    let store = asked.or((kept_in_env && variable.is_some()).then_some(StoreKind::Env));
    if store.unwrap_or(default_store) == StoreKind::Env && variable.is_none() && !common.no_keep {
        return Err(CliError::usage(
            "the store `env` keeps nothing, so it needs the name of the variable that has the token",
            &["as in `--pat-env GITLAB_TOKEN --store env`"],
        ));
    }
    // Only one of the two can come by standard input, and a mistake in this one is found before anybody is asked.
    let webhook = match webhook {
        Some(source) => {
            let new = new_secret(asked, default_store, overlap, common.public_url);
            Some(webhook_input::read(Some(source), session, kind, new)?)
        }
        None => None,
    };
    let Common { name, no_keep, wishes, age_identity, age_recipient, .. } = common;
    let Site { host, ca_cert, allow_http, .. } = site;
    let token = source.read(session, || say_where_to_make_one(session, &host, &wishes))?;
    super::check::warn_of_unknown_words(&session.screen, &wishes);
    let keep = !no_keep;
    let new = NewConnection {
        host,
        ca_cert,
        allow_http,
        token,
        oauth,
        variable,
        name,
        store,
        default_store,
        keep,
        wishes,
        webhook,
    };
    let screen = session.screen.clone();
    let events = move |event| screen.event(event);
    let tools = session.tools(AgeKeys { identity: age_identity, recipients: age_recipient }, &events);
    let asker = Asker::new(session);
    let connected = session.wait_for(async { Ok(workflow::connect(&tools, new, &asker).await?) })?;
    if session.screen.is_json() {
        session.screen.document(&json::Connected::of(&connected)).map_err(CliError::Output)?;
    } else {
        session.screen.result(&human::connected(&connected, tools.clock.now())).map_err(CliError::Output)?;
    }
    human::cautions(&session.screen, &connected, tools.clock.now());
    human::fitness(&session.screen, &connected);
    Ok(Exit::Done)
}

/// The ways to give a token; without one, a webhook's secret makes a connection of its own.
fn ways(webhook: bool) -> Vec<&'static str> {
    let alone =
        ["to change a connection that there is: `--name NAME`", "for a connection without one: `--webhook-only`"];
    WAYS.into_iter().chain(alone.into_iter().filter(|_| webhook)).collect()
}

/// Whether it was said for this very call. A variable is set for many, most of which have nothing to do with it.
fn is_asked_for(public_url: &PublicUrl) -> bool {
    environment::text("CONNECT_PUBLIC_URL").and_then(|text| text.parse().ok()).as_ref() != Some(public_url)
}

/// Standard input is read once.
fn one_from_stdin(token: Option<&Source>, webhook: Option<&Source>) -> Result<(), CliError> {
    match (token.and_then(Source::stdin), webhook.and_then(Source::stdin)) {
        (Some(one), Some(other)) => Err(CliError::usage(
            format!("`{one}` and `{other}` cannot both read standard input"),
            &["give one of the two by a file or a variable: `--webhook-secret-file FILE`, `--webhook-secret-env VAR`"],
        )),
        _ => Ok(()),
    }
}

/// What is to be kept beside the secret itself.
fn new_secret(
    store: Option<StoreKind>,
    default_store: StoreKind,
    overlap: Option<SignedDuration>,
    public_url: Option<PublicUrl>,
) -> NewWebhookSecret {
    NewWebhookSecret { store, overlap, public_url, ..NewWebhookSecret::any(default_store) }
}

/// Keeps a webhook's secret and no token, and says what to enter at the forge.
fn receive(
    session: &Session,
    site: Site,
    source: Option<Source>,
    overlap: Option<SignedDuration>,
    common: Common,
) -> Result<Exit, CliError> {
    let Common { name, store, age_identity, age_recipient, public_url, .. } = common;
    let Site { host, ca_cert, allow_http, .. } = site;
    let default_store = session.config.store.unwrap_or(StoreKind::Keyring);
    let new = new_secret(store, default_store, overlap, public_url);
    let webhook = webhook_input::read(source, session, host.kind(), new)?;
    let new = NewReceiver { host, ca_cert, allow_http, name, webhook };
    let screen = session.screen.clone();
    let events = move |event| screen.event(event);
    let tools = session.tools(AgeKeys { identity: age_identity, recipients: age_recipient }, &events);
    let kept = session.wait_for(async { Ok(workflow::receive(&tools, new).await?) })?;
    super::webhook::settings::show(session, &kept, &["push".to_owned()], false)
}

/// Where the forge is: what is not said is as it was.
fn site(
    session: &Session,
    kind: ForgeKind,
    host: Option<&str>,
    api_url: Option<&str>,
    common: &Common,
) -> Result<Site, CliError> {
    let known = remembered(session, kind, host, common)?;
    let allow_http = common.allow_http || known.as_ref().is_some_and(|known| known.allow_http);
    let host = match (&known, api_url) {
        (Some(known), None) => read_host(kind, Some(&known.url), Some(&known.api_url), allow_http)?,
        (Some(known), given) => read_host(kind, Some(&known.url), given, allow_http)?,
        (None, given) => read_host(kind, host, given, allow_http)?,
    };
    let ca_cert = common.ca_cert.clone().or_else(|| known.as_ref().and_then(|known| known.ca_cert.clone()));
    let ca_cert = ca_cert.map(|path| std::path::absolute(&path).unwrap_or(path));
    Ok(Site { host, ca_cert, allow_http, known })
}

/// The connection of that name, whose settings need not be repeated; nothing when another host is asked for.
fn remembered(
    session: &Session,
    kind: ForgeKind,
    host: Option<&str>,
    common: &Common,
) -> Result<Option<Connection>, CliError> {
    let Some(name) = &common.name else { return Ok(None) };
    let known = Records::new(&session.environment.home).find(name)?.filter(|known| known.forge == kind);
    let same_host = |known: &Connection| {
        host.is_none_or(|host| Host::parse(kind, host, None, true).is_ok_and(|host| host.url() == known.url))
    };
    Ok(known.filter(same_host))
}

/// Reads `--host` and `--api-url`.
pub(super) fn read_host(
    kind: ForgeKind,
    host: Option<&str>,
    api_url: Option<&str>,
    allow_http: bool,
) -> Result<Host, CliError> {
    use crate::model::host::NotAHost;
    Host::parse(kind, host.unwrap_or(kind.vendor_host()), api_url, allow_http).map_err(|problem| {
        let hint = match &problem {
            NotAHost::Unreadable | NotAHost::Scheme => {
                "`--host` takes `gitlab.example.com`, `gitlab.example.com:8443` or `https://example.com/gitlab`"
                    .to_owned()
            }
            NotAHost::PlainHttp => {
                "use https, or `--allow-http` if you know that the network is yours alone".to_owned()
            }
            NotAHost::UserInfo | NotAHost::Query => "give the address alone; the token goes in by `--pat`".to_owned(),
            NotAHost::Path { host } => format!("`--host {host}` is enough; a repository is named elsewhere"),
            NotAHost::OtherForge { other, .. } => format!("`connect {}` is for {other}", other.word()),
        };
        CliError::usage(problem.to_string(), &[&hint])
    })
}

/// Before the hidden prompt: the page that makes the right token, and what to tick there.
fn say_where_to_make_one(session: &Session, host: &Host, wishes: &[Wish]) {
    let usual = [Wish::Task(Task::Git), Wish::Task(Task::Read)];
    let wishes = if wishes.is_empty() { &usual } else { wishes };
    let mut wanted = Wanted {
        host,
        wishes,
        owner: None,
        repositories: &[],
        name: super::new_token::USUAL_NAME,
        description: None,
        days: Some(super::new_token::USUAL_DAYS),
        classic: false,
        self_rotate: true,
    };
    let mut page = workflow::new_token(&wanted);
    if page.is_err() && host.kind() == ForgeKind::GitHub {
        wanted.classic = true;
        page = workflow::new_token(&wanted);
    }
    if let Ok(page) = page {
        session.screen.ask(&human::before_the_prompt(host, &page, wishes));
    }
}
