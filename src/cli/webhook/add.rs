//! `connect webhook add`

use clap::Args as ClapArgs;
use jiff::SignedDuration;
use url::Url;

use super::super::ask::Asker;
use super::super::options::BEHIND_A_PROXY;
use super::super::session::{AgeKeys, Session};
use super::super::token_input::Source;
use super::super::{CliError, webhook_input};
use super::place::PlaceArgs;
use super::words::{self, ContentType};
use crate::model::{ForgeKind, PublicUrl, StoreKind, duration};
use crate::output::{Exit, human, json};
use crate::workflow::NewWebhookSecret;
use crate::workflow::hooks::{self, HookUrl, NewHook};

/// Make a webhook, or see that it is as it shall be
///
/// The secret is kept with the connection first: the one it has, a given one, or a new one of 32 random bytes. On GitLab
/// that is a signing token where the server takes it (19.0), else a plain token. A webhook of the same address that
/// connect has made is shown, and changed only where it differs; one that somebody else made is taken over only when
/// you agree.
///
/// A new one sends JSON, looks at the receiver's certificate, and tells of `push` unless events are named.
#[derive(Debug, ClapArgs)]
#[command(
    override_usage = "connect webhook add <--repo|--org|--project|--group> <PATH> [OPTIONS]",
    after_help = "\
Examples:
  connect webhook add --repo agility-game/store --events push,pull_request \\
      --public-url https://hooks.example.com
  connect webhook add --org agility-game --all-events --url https://ci.example/in
  connect webhook add --project agility-game/ci --events merge_requests,pipeline \\
      --url https://ci.example/in --secret-env HOOK_SECRET --json

Exit codes:
  2   the address or an event is wrong
  3   the place is not there, or hidden
  5   the token or the account may not do it
  8   the secret cannot be kept; nothing was made
  9   there is one of that address, which connect did not make"
)]
pub(super) struct Args {
    #[command(flatten)]
    place: PlaceArgs,

    /// Where it is to deliver to
    #[arg(long, value_name = "URL", value_parser = words::url, conflicts_with = "public_url", help_heading = "The webhook")]
    url: Option<Url>,

    // Where forges reach whoever receives.
    #[arg(
        long,
        value_name = "BASE",
        env = "CONNECT_PUBLIC_URL",
        hide_env_values = true,
        help_heading = "The webhook",
        help = format!("Where forges reach whoever receives: it delivers to the connection's own address below it, `BASE/hooks/<id>`; remembered. {BEHIND_A_PROXY}")
    )]
    public_url: Option<PublicUrl>,

    /// What it is to tell of, by the names of the forge's API  [default: push]
    #[arg(long, value_name = "EVENT", value_delimiter = ',', help_heading = "The webhook")]
    events: Vec<String>,

    /// Everything
    #[arg(long, conflicts_with = "events", help_heading = "The webhook")]
    all_events: bool,

    /// Send events that look mistyped as they are
    #[arg(long, help_heading = "The webhook")]
    as_typed: bool,

    /// How the body is sent: json, form (GitHub)  [default: json]
    #[arg(long, value_name = "FORM", hide_possible_values = true, help_heading = "The webhook")]
    content_type: Option<ContentType>,

    /// Deliver also where the receiver's certificate is wrong
    #[arg(long, help_heading = "The webhook")]
    skip_tls_verify: bool,

    #[command(flatten)]
    secret: SecretArgs,

    /// GitLab: send a plain token beside the signature, for a receiver that knows
    /// no signatures
    #[arg(long, help_heading = "The secret")]
    with_token: bool,

    /// Where a new secret is kept: keyring, file, plain or env
    #[arg(long, value_name = "STORE", env = "CONNECT_STORE", hide_env_values = true, help_heading = "The secret")]
    store: Option<StoreKind>,
}

/// A secret that exists already.
#[derive(Debug, Clone, Default, ClapArgs)]
#[command(next_help_heading = "The secret")]
struct SecretArgs {
    #[command(flatten)]
    source: SecretSource,

    /// Where this replaces the connection's secret: accept the former one, too,
    /// for so long, as `7d`
    #[arg(long, value_name = "TIME", value_parser = duration::parse, requires = "secret_source")]
    accept_former_for: Option<SignedDuration>,
}

/// The ways to give it. At most one.
#[derive(Debug, Clone, Default, ClapArgs)]
#[group(id = "secret_source", multiple = false)]
struct SecretSource {
    /// Use a secret that exists already, read from standard input
    #[arg(long)]
    secret_stdin: bool,

    /// Read the secret from a file (`-` is standard input)
    #[arg(long, value_name = "FILE")]
    secret_file: Option<String>,

    /// Read the secret from an environment variable
    #[arg(long, value_name = "VAR")]
    secret_env: Option<String>,
}

impl SecretSource {
    fn chosen(self) -> Option<Source> {
        let Self { secret_stdin, secret_file, secret_env } = self;
        match (secret_stdin, secret_file, secret_env) {
            (true, ..) => Some(Source::Stdin { flag: "--secret-stdin" }),
            (_, Some(path), _) if path == "-" => Some(Source::Stdin { flag: "--secret-file -" }),
            (_, Some(path), _) => Some(Source::File(path)),
            (.., Some(name)) => Some(Source::Variable { flag: "--secret-env", name }),
            _ => None,
        }
    }
}

impl Args {
    pub(super) fn run(self, session: &Session) -> Result<Exit, CliError> {
        let screen = session.screen.clone();
        let events = move |event| screen.event(event);
        let tools = session.tools(AgeKeys::default(), &events);
        let mut site = self.place.site(&tools)?;
        let forge = site.target.forge();
        if self.with_token && forge == ForgeKind::GitHub {
            return Err(CliError::usage(
                "GitHub sends no plain token: its signature proves more",
                &["leave `--with-token` out"],
            ));
        }
        let url = words::address(self.url, self.public_url).unwrap_or(HookUrl::Remembered);
        words::warn_of_plain_http(session, Some(&url));
        let wish = words::wish(session, &site.target, &self.events, self.all_events, self.as_typed)?;
        let json = self.content_type.map(|form| form.is_json(&site.target)).transpose()?;
        let secret = NewWebhookSecret {
            plain: self.with_token,
            overlap: self.secret.accept_former_for,
            store: self.store,
            ..NewWebhookSecret::any(session.config.store.unwrap_or(StoreKind::Keyring))
        };
        let secret = webhook_input::read(self.secret.source.chosen(), session, forge, secret)?;
        let verify_tls = self.skip_tls_verify.then_some(false);
        let new = NewHook { url, events: wish, json, verify_tls, secret, temporary: false };
        let asker = Asker::new(session);
        let target = site.target.clone();
        let take_over = |hook: &crate::model::hook::Hook| asker.confirm(&human::take_over_question(&target, hook));
        let added = session.wait_for(async { Ok(Box::pin(hooks::add(&tools, &mut site, new, &take_over)).await?) })?;
        let now = session.environment.clock.now();
        if session.screen.is_json() {
            session.screen.document(&json::HookAdded::of(&site, &added, now)).map_err(CliError::Output)?;
        } else {
            session.screen.result(&human::hook_added(&site, &added, now)).map_err(CliError::Output)?;
        }
        human::hook_cautions(&session.screen, &added);
        Ok(Exit::Done)
    }
}
