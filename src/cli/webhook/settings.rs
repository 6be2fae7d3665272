//! `connect webhook settings`

use clap::Args as ClapArgs;

use super::super::CliError;
use super::super::options::BEHIND_A_PROXY;
use super::super::session::{AgeKeys, Session};
use super::super::webhook_input::{self, SecretSource};
use super::words;
use crate::model::hook::Target;
use crate::model::{ForgeKind, Proof, PublicUrl, StoreKind};
use crate::output::{Exit, human, json};
use crate::workflow::{self, Error, KeptWebhook, NewWebhookSecret};

/// What to enter into the forge's web form, for a webhook made by hand
///
/// For people who may not use the API of their forge, or would rather not. A connection without a webhook secret gets
/// one; a secret that exists already is kept by `--webhook-secret-stdin`. Nobody at the forge is asked.
///
/// The secret itself is shown when it has just been made and a terminal is there to show it; later, and in a pipe, only
/// with `--show-secret` or `--secret-only`. `connect github --webhook-only` and `connect gitlab --webhook-only` make a
/// connection that has no token.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  connect webhook settings --public-url https://hooks.example.com
  connect webhook settings octocat@github.com --secret-only | wl-copy
  connect webhook settings NAME --new-secret --accept-former-for 1d

Exit codes:
  3  there is no such connection
  8  the store is missing, locked or refused
  9  more than one connection, and none was named; a secret of another kind is
     there already")]
pub(in super::super) struct Args {
    /// Which connection, by name or by a URL it serves; may be left out where only
    /// one can be meant
    #[arg(value_name = "NAME")]
    name: Option<String>,

    /// The same as NAME
    #[arg(long, value_name = "NAME", env = "CONNECT_CONNECTION", hide_env_values = true)]
    connection: Option<String>,

    // Where forges reach whoever receives.
    #[arg(
        long,
        value_name = "BASE",
        env = "CONNECT_PUBLIC_URL",
        hide_env_values = true,
        help = format!("Where forges reach whoever receives, as `https://hooks.example.com`; remembered. {BEHIND_A_PROXY}")
    )]
    public_url: Option<PublicUrl>,

    /// The events that the hook is for, as the forge's API calls them
    #[arg(long, value_name = "EVENT", value_delimiter = ',', default_value = "push")]
    events: Vec<String>,

    /// Take events that look mistyped as they are
    #[arg(long)]
    as_typed: bool,

    /// Show the secret, here and whenever it was made
    #[arg(long)]
    show_secret: bool,

    /// Print the secret and nothing else, for a pipe
    #[arg(long, conflicts_with = "show_secret")]
    secret_only: bool,

    /// Make another secret in place of the one there is
    #[arg(long, conflicts_with = "webhook_source")]
    new_secret: bool,

    /// A plain secret token instead of a signing token (GitLab before 19.0): the one
    /// that is made, or, in the place of a signing token, the one that is given
    #[arg(long)]
    plain_token: bool,

    #[command(flatten)]
    secret: SecretSource,

    /// Where to keep the secret: keyring, file, plain or env
    #[arg(long, value_name = "STORE", env = "CONNECT_STORE", hide_env_values = true)]
    store: Option<StoreKind>,
}

impl Args {
    pub(in super::super) fn run(self, session: &Session) -> Result<Exit, CliError> {
        let screen = session.screen.clone();
        let events = move |event| screen.event(event);
        let tools = session.tools(AgeKeys::default(), &events);
        let named = self.name.as_deref().or(self.connection.as_deref());
        let connection = workflow::receiving_connection(&tools, named)?;
        let default_store = session.config.store.unwrap_or(StoreKind::Keyring);
        let source = self.secret.chosen();
        let overlap = self.secret.overlap(self.new_secret || source.is_some())?;
        let stands = connection.webhook.as_ref().map(|webhook| webhook.proof);
        let stays = !self.new_secret && source.is_none();
        if let Some(stands) = stands.filter(|stands| self.plain_token && *stands != Proof::Token && stays) {
            return Err(Error::OtherProof { connection: connection.name, stands }.into());
        }
        let new = NewWebhookSecret {
            replace: self.new_secret,
            proof: self.plain_token.then_some(Proof::Token),
            overlap,
            public_url: self.public_url,
            store: self.store,
            ..NewWebhookSecret::any(default_store)
        };
        let new = webhook_input::read(source, session, connection.forge, new)?;
        let events = words::events(session, &any_of(connection.forge), &self.events, self.as_typed)?;
        let kept = workflow::keep_webhook_secret(&tools, &connection.name, new)?;
        if self.secret_only {
            session.screen.secret(&kept.secret).map_err(CliError::Output)?;
            return Ok(Exit::Done);
        }
        show(session, &kept, &events, self.show_secret)
    }
}

/// Something of that forge whose webhooks may tell of all that any may: what the form is for is not said.
fn any_of(forge: ForgeKind) -> Target {
    match forge {
        ForgeKind::GitHub => Target::GithubOrg(String::new()),
        ForgeKind::GitLab => Target::GitlabGroup(String::new()),
    }
}

/// Prints what to enter at the forge. A secret that was made in this run is shown to whoever sits there, as nobody has
/// seen it yet.
pub(in super::super) fn show(
    session: &Session,
    kept: &KeptWebhook,
    events: &[String],
    asked: bool,
) -> Result<Exit, CliError> {
    let screen = &session.screen;
    let shown = asked || (kept.made && screen.is_terminal() && !screen.is_json());
    let page = human::WebhookPage { kept, events, shown };
    if screen.is_json() {
        screen.document(&json::WebhookPage::of(&page)).map_err(CliError::Output)?;
    } else {
        screen.result(&human::webhook_page(&page, session.environment.clock.now())).map_err(CliError::Output)?;
    }
    human::webhook_cautions(screen, kept);
    Ok(Exit::Done)
}
