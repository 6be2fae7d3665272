//! `connect webhook listen`

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args as ClapArgs;
use tokio::sync::watch;
use url::Url;

use super::super::options::BEHIND_A_PROXY;
use super::super::session::{AgeKeys, Session};
use super::super::{CliError, environment, interrupt};
use super::handing_on::{self, Words, forwards_safely, repositories, variables_with_secrets, words as command_line};
use super::words;
use crate::model::hook::event;
use crate::model::{Connection, ForgeKind, Letter, PublicUrl, StoreKind, duration};
use crate::output::json::Delivery;
use crate::output::{Exit, Screen, human};
use crate::workflow::hooks::{self, EventWish, TargetKind, TypedTarget};
use crate::workflow::import::Typed;
use crate::workflow::listen::{
    self as workflow, CertificateFiles, Filter, ListenError, Listening, Port, Sink, Source, TemporaryHook,
};
use crate::workflow::{Tools, receiving_connection};

const MEGABYTE: u64 = 1024 * 1024;

/// How often deliveries are fetched.
const USUAL_PAUSE: Duration = Duration::from_secs(30);

/// Where a webhook delivers whose deliveries are fetched: RFC 2606 keeps the name from ever being anybody's.
const NOWHERE: &str = "https://connect.invalid";

/// Receive deliveries: verify each, keep it, hand it on
///
/// Each delivery that its signature proves (or, where GitLab has nothing else, its token) is written to disk before
/// the sender hears that it was accepted, and handed on in the order in which it came: printed, posted to `--forward`,
/// given to `--exec`. What fails there is kept and tried again; the next run goes on where this one was. A repeat of a
/// delivery is handed on once, unless it was asked for by `connect webhook redeliver`.
///
/// On a terminal one line a delivery; elsewhere fields separated by tabs: time, forge, connection, event, action,
/// repository, who, number, `repeat`. With `--json` one object a line, with headers and body.
///
/// `--exec` runs a command without a shell for each delivery. The body is its standard input; CONNECT_WEBHOOK_ID,
/// _FORGE, _CONNECTION, _EVENT, _ACTION, _REPOSITORY, _SENDER, _RECEIVED_AT, _BODY (`json` or `form`) and _REPEAT are
/// in its environment, and no secret of ours. It has done its work when it ends with 0, and as long for it as it likes:
/// the connection's next delivery waits (`--exec 'timeout 60 ./deploy.sh'` sets a limit).
///
/// Forges deliver to `BASE/hooks/ID`, as `connect webhook settings` shows it. `GET /healthz` answers 200 while
/// deliveries are taken.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  connect webhook listen
  connect webhook listen --json | jq --unbuffered .event
  connect webhook listen --forward http://127.0.0.1:3000/webhooks
  connect webhook listen --exec './deploy.sh --quick' --events push \\
      --repo agility-game/store
  connect webhook listen --addr 0.0.0.0:8443 --tls-cert chain.pem --tls-key key.pem

Exit codes:
  0  Ctrl-C or SIGTERM: what was accepted is finished, or kept for the next run
  1  the address is taken, or another process listens for the same connection
  2  a flag is wrong, or the command of `--exec` is not there or cannot be run
  3  no such connection, or it has no webhook secret
  8  the store is missing, locked or refused")]
pub(in super::super) struct Args {
    /// Whose deliveries, by name; several times for several. Without it, those of
    /// all connections that have a webhook secret
    #[arg(long, value_name = "NAME", env = "CONNECT_CONNECTION", hide_env_values = true, value_delimiter = ',')]
    connection: Vec<String>,

    /// Where to listen. Port 0 is any that is free
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "CONNECT_WEBHOOK_ADDR",
        hide_env_values = true,
        default_value = "127.0.0.1:8787"
    )]
    addr: SocketAddr,

    // Where forges reach this machine, to be shown.
    #[arg(
        long,
        value_name = "BASE",
        env = "CONNECT_PUBLIC_URL",
        hide_env_values = true,
        help = format!("Where forges reach this machine, as `https://hooks.example.com`, to be shown. {BEHIND_A_PROXY}")
    )]
    public_url: Option<PublicUrl>,

    /// Post each delivery to this URL, with the bytes and headers that it came with
    /// (but never GitLab's token)
    #[arg(
        long,
        value_name = "URL",
        env = "CONNECT_WEBHOOK_FORWARD",
        hide_env_values = true,
        help_heading = "Handing on"
    )]
    forward: Option<Url>,

    /// Let `--forward` go to another machine unencrypted
    #[arg(long, requires = "forward", help_heading = "Handing on")]
    allow_http: bool,

    /// A 4xx of the URL (but 408, 425, 429) counts as handed on. Without it all that is
    /// not 2xx is tried again
    #[arg(long, requires = "forward", help_heading = "Handing on")]
    skip_refused: bool,

    /// Run this command for each delivery, without a shell
    #[arg(
        long,
        value_name = "COMMAND",
        env = "CONNECT_WEBHOOK_EXEC",
        hide_env_values = true,
        value_parser = command_line,
        help_heading = "Handing on"
    )]
    exec: Option<Words>,

    /// Only these events, as `push,pull_request.opened`; others are acknowledged
    /// and dropped. GitLab's by any of its names: `merge_requests`, `merge_request`
    #[arg(long, value_name = "EVENT", value_delimiter = ',', help_heading = "Handing on")]
    events: Vec<String>,

    /// Only these repositories, as `OWNER/REPO` or `OWNER/*`, or by their addresses
    #[arg(short = 'R', long, value_name = "REPO", value_delimiter = ',', help_heading = "Handing on")]
    repo: Vec<String>,

    /// Fetch deliveries from GitHub's API instead of receiving them: no port is open
    #[arg(long, conflicts_with_all = ["addr", "tls_cert", "metrics", "at_once", "public_url"], help_heading = "How deliveries come")]
    poll: bool,

    /// With `--poll`: how often it is asked, as `30s` or `5m`  [default: 30s]
    #[arg(
        long,
        value_name = "TIME",
        env = "CONNECT_WEBHOOK_POLL_EVERY",
        hide_env_values = true,
        value_parser = pause,
        help_heading = "How deliveries come"
    )]
    poll_every: Option<Duration>,

    /// Make a webhook of `--repo` at the start, to `--public-url`, and remove it at the end.
    /// Without `--events` it is made for every event; with `--poll` it delivers to nobody
    #[arg(long, requires = "repo", help_heading = "How deliveries come")]
    temporary: bool,

    /// Do not ask for what was missed
    #[arg(long, help_heading = "How deliveries come")]
    no_catch_up: bool,

    /// Hand on repeats as well, such as those asked for on the forge's web page
    #[arg(long, help_heading = "Handing on")]
    accept_repeats: bool,

    /// A chain of certificates in PEM, to speak TLS
    #[arg(
        long,
        value_name = "FILE",
        env = "CONNECT_WEBHOOK_TLS_CERT",
        hide_env_values = true,
        requires = "tls_key",
        help_heading = "Limits and TLS"
    )]
    tls_cert: Option<PathBuf>,

    /// Its key, in PEM
    #[arg(
        long,
        value_name = "FILE",
        env = "CONNECT_WEBHOOK_TLS_KEY",
        hide_env_values = true,
        requires = "tls_cert",
        help_heading = "Limits and TLS"
    )]
    tls_key: Option<PathBuf>,

    /// How many deliveries at once; more are told to come back
    #[arg(long, value_name = "N", default_value_t = 128, value_parser = clap::value_parser!(u16).range(1..=4096), help_heading = "Limits and TLS")]
    at_once: u16,

    /// How many megabytes may wait on disk, for each connection; past it senders are
    /// told to come back
    #[arg(long, value_name = "MB", env = "CONNECT_WEBHOOK_SPOOL_LIMIT", hide_env_values = true, default_value_t = 1024, value_parser = clap::value_parser!(u64).range(1..=1_048_576), help_heading = "Limits and TLS")]
    spool_limit: u64,

    /// Answer `/metrics` as Prometheus reads it
    #[arg(long, help_heading = "Limits and TLS")]
    metrics: bool,
}

/// Nobody asks more often than once a second, or seldom enough for the forge to forget. A bare number means days
/// elsewhere; here whoever types one means seconds.
fn pause(text: &str) -> Result<Duration, String> {
    if text.trim().bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("say in what: `30s`, `5m` or `1h`".into());
    }
    let pause = duration::parse(text).map_err(|why| why.to_string())?.unsigned_abs();
    match pause.as_secs() {
        0 => Err("once a second is as often as it gets".into()),
        1..=86_400 => Ok(pause),
        _ => Err("once a day is as seldom as it gets: the forge forgets".into()),
    }
}

impl Args {
    pub(in super::super) fn run(self, session: &Session) -> Result<Exit, CliError> {
        self.check_pause()?;
        let screen = session.screen.clone();
        let events = move |event| screen.event(event);
        let tools = session.tools(AgeKeys::default(), &events);
        let temporary = self.temporary.then(|| self.temporary_hook(session, &tools)).transpose()?;
        let connections = match &temporary {
            // The webhook's own connection, as soon as it is there.
            Some(_) if self.connection.len() <= 1 => Vec::new(),
            _ => workflow::receiving(&tools, &self.connection)?,
        };
        let connections = if self.poll && self.connection.is_empty() { only_github(connections) } else { connections };
        let all: Vec<Connection> = tools.records.all()?.filter_map(Result::ok).collect();
        let without = variables_with_secrets(&all);
        let wanted = self.wanted(session, connections, temporary, without)?;
        run(session, &tools, wanted)
    }

    /// Whoever says how often means that deliveries are fetched. A variable that says so is there for other runs as well.
    /// The parser cannot see to it: it lets an argument off that another one excludes, as `--addr` does `--poll`.
    fn check_pause(&self) -> Result<(), CliError> {
        let by_variable = || environment::text("CONNECT_WEBHOOK_POLL_EVERY").and_then(|text| pause(&text).ok());
        match self.poll_every {
            Some(_) if !self.poll && self.poll_every != by_variable() => Err(CliError::usage(
                "`--poll-every` says how often deliveries are fetched, and they are not without `--poll`",
                &["add `--poll`, or leave `--poll-every` out: then they are received as they come"],
            )),
            _ => Ok(()),
        }
    }

    /// The webhook that is to be there for this run.
    fn temporary_hook(&self, session: &Session, tools: &Tools<'_>) -> Result<TemporaryHook, CliError> {
        let usage = |message: &str, hint: &str| Err(CliError::usage(message, &[hint]));
        let [repository] = &self.repo[..] else {
            return usage("`--temporary` makes one webhook", "name one repository: `--repo OWNER/REPO`");
        };
        let Some(place) = Typed::read(repository) else {
            return usage("`--temporary` makes a webhook of one repository", "name it: `--repo OWNER/REPO`");
        };
        let base = match (&self.public_url, self.poll) {
            (Some(base), _) => base.clone(),
            (None, true) => NOWHERE.parse().map_err(|_| CliError::usage("no address", &[]))?,
            (None, false) => {
                return usage(
                    "`--temporary` wants to know where the forge reaches this machine",
                    "`--public-url https://…`, or `--poll`, which needs no port",
                );
            }
        };
        let named = self.connection.first().map(String::as_str);
        let kind = match named.map(|name| receiving_connection(tools, Some(name))).transpose()? {
            Some(connection) if connection.forge == ForgeKind::GitLab => TargetKind::Project,
            _ => TargetKind::Repo,
        };
        let site = hooks::site(tools, named, &TypedTarget { kind, place })?;
        let name = |event: &String| match (event.split('.').next().unwrap_or(event), kind) {
            // Whatever its payloads call it, too.
            (name, TargetKind::Project) => event::at_gitlab(name),
            (name, _) => name.to_owned(),
        };
        let names: Vec<String> = self.events.iter().map(name).collect();
        let events = words::wish(session, &site.target, &names, names.is_empty(), false)?.unwrap_or(EventWish::All);
        let default_store = session.config.store.unwrap_or(StoreKind::Keyring);
        Ok(TemporaryHook { site, base, events, default_store })
    }

    fn wanted(
        self,
        session: &Session,
        connections: Vec<Connection>,
        temporary: Option<TemporaryHook>,
        without: Vec<String>,
    ) -> Result<Listening, CliError> {
        if let Some(url) = &self.forward {
            forwards_safely(url, self.allow_http)?;
        }
        let source = if self.poll {
            Source::Poll { every: self.poll_every.unwrap_or(USUAL_PAUSE) }
        } else {
            Source::Port(Port {
                address: self.addr,
                certificate: self.tls_cert.zip(self.tls_key).map(|(chain, key)| CertificateFiles { chain, key }),
                at_once: usize::from(self.at_once),
                metrics: self.metrics,
            })
        };
        handing_on::events(session, &self.events, &connections)?;
        let repositories = match &temporary {
            Some(hook) => vec![hook.site.target.path()],
            None => repositories(&self.repo, &connections)?,
        };
        let command = self.exec.map(|words| handing_on::command(words, without)).transpose()?.flatten();
        Ok(Listening {
            connections,
            source,
            catch_up: !self.no_catch_up,
            temporary,
            public_url: self.public_url,
            forward: self.forward,
            command,
            skip_refused: self.skip_refused,
            forward_time: session.global.timeout(),
            filter: Filter { events: self.events, repositories },
            accept_repeats: self.accept_repeats,
            limit: self.spool_limit * MEGABYTE,
        })
    }
}

/// A run that fetches deliveries and was not told whose fetches GitHub's.
fn only_github(connections: Vec<Connection>) -> Vec<Connection> {
    connections.into_iter().filter(|one| one.forge == ForgeKind::GitHub).collect()
}

fn run(session: &Session, tools: &Tools<'_>, wanted: Listening) -> Result<Exit, CliError> {
    let other =
        |e: std::io::Error| CliError::Other { message: format!("cannot start: {}", e.kind()), hints: Vec::new() };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(other)?;
    let sink = sink(session.screen.clone());
    // A prompt may have been there, and whoever watched over it would end this in the middle of the farewell.
    interrupt::heard_elsewhere();
    let listened = runtime.block_on(async {
        let (stop, stops) = watch::channel(false);
        let listening = workflow::listen(tools, wanted, sink, stops);
        tokio::pin!(listening);
        let first = tokio::select! {
            ended = &mut listening => return ended.map_err(CliError::from),
            asked = interrupt::asked_to_stop() => asked,
        };
        first.map_err(other)?;
        stop.send_replace(true);
        // Whoever asks twice does not want to wait.
        tokio::select! {
            ended = &mut listening => ended.map_err(CliError::from),
            _ = interrupt::asked_to_stop() => Err(CliError::Interrupted),
        }
    });
    runtime.shutdown_timeout(Duration::from_millis(100));
    match listened {
        Ok(ended) => {
            session.screen.note(&human::listened(ended.left));
            Ok(Exit::Done)
        }
        // Who reads has read what it wanted, as `head` does.
        Err(CliError::Work(crate::workflow::Error::Listen(ListenError::Reader(e))))
            if e.kind() == std::io::ErrorKind::BrokenPipe =>
        {
            Ok(Exit::Done)
        }
        Err(error) => Err(error),
    }
}

/// Prints deliveries. A run that only passes them on is told of them all the same.
fn sink(screen: Screen) -> Sink {
    let terminal = screen.is_terminal();
    Box::new(move |letter: &Letter| {
        if screen.is_json() {
            screen.line(&Delivery::of(letter).line()?)
        } else if terminal {
            screen.line(&human::delivery(letter))
        } else {
            screen.line(&human::delivery_fields(letter))
        }
    })
}
