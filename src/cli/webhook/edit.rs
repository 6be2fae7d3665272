//! `connect webhook edit`

use clap::Args as ClapArgs;
use url::Url;

use super::super::CliError;
use super::super::options::BEHIND_A_PROXY;
use super::super::session::{AgeKeys, Session};
use super::place::PlaceArgs;
use super::words::{self, ContentType};
use crate::model::hook::Target;
use crate::model::{ForgeKind, PublicUrl, StoreKind};
use crate::output::{Exit, human, json};
use crate::workflow::hooks::{self, EditEvents, HookEdit};

/// Change a webhook: what is named, and nothing else
///
/// The secret stays: it is sent along where connect knows it, and a change that would take an unknown one away is
/// refused. Nothing is sent where nothing differs.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  connect webhook edit --repo agility-game/store --add-events release
  connect webhook edit 12345678 --repo agility-game/store --inactive
  connect webhook edit 7 --project agility-game/ci --url https://ci.example/new
  connect webhook edit --repo agility-game/store --secret

Exit codes:
  3   there is no such webhook
  9   an unknown secret would be lost; or more than one could be meant
  10  it was changed, and has no secret any more")]
pub(super) struct Args {
    /// Its number  [default: the only one that connect has made there]
    #[arg(value_name = "ID", value_parser = words::number)]
    id: Option<u64>,

    #[command(flatten)]
    place: PlaceArgs,

    #[command(flatten)]
    change: Change,

    /// Send events that look mistyped as they are
    #[arg(long, help_heading = "What changes")]
    as_typed: bool,
}

/// What is to become of it. At least one.
#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "What changes")]
struct Change {
    /// Where it is to deliver to
    #[arg(long, value_name = "URL", value_parser = words::url, conflicts_with = "public_url")]
    url: Option<Url>,

    // Where forges reach whoever receives.
    #[arg(
        long,
        value_name = "BASE",
        help = format!("To the connection's own address below this base. {BEHIND_A_PROXY}")
    )]
    public_url: Option<PublicUrl>,

    /// What it is to tell of, and nothing else
    #[arg(long, value_name = "EVENT", value_delimiter = ',', conflicts_with_all = ["all_events", "add_events", "remove_events"])]
    events: Vec<String>,

    /// Everything
    #[arg(long, conflicts_with_all = ["add_events", "remove_events"])]
    all_events: bool,

    /// What it is to tell of as well
    #[arg(long, value_name = "EVENT", value_delimiter = ',')]
    add_events: Vec<String>,

    /// What it is to tell of no more
    #[arg(long, value_name = "EVENT", value_delimiter = ',')]
    remove_events: Vec<String>,

    /// How the body is sent: json, form (GitHub)
    #[arg(long, value_name = "FORM", hide_possible_values = true)]
    content_type: Option<ContentType>,

    /// Deliver only where the receiver's certificate is right
    #[arg(long)]
    verify_tls: bool,

    /// Deliver also where it is wrong
    #[arg(long, conflicts_with = "verify_tls")]
    skip_tls_verify: bool,

    /// Deliver again (GitHub)
    #[arg(long)]
    active: bool,

    /// Deliver nothing for now (GitHub)
    #[arg(long, conflicts_with = "active")]
    inactive: bool,

    /// Give it the connection's secret, as after a change of that; one that
    /// somebody else made becomes connect's own
    #[arg(long)]
    secret: bool,
}

/// Of two flags that say yes and no.
fn either(yes: bool, no: bool) -> Option<bool> {
    (yes || no).then_some(yes)
}

impl Change {
    fn is_nothing(&self) -> bool {
        let events = [&self.events, &self.add_events, &self.remove_events];
        let flags = [self.all_events, self.verify_tls, self.skip_tls_verify, self.active, self.inactive, self.secret];
        self.url.is_none()
            && self.public_url.is_none()
            && self.content_type.is_none()
            && events.iter().all(|events| events.is_empty())
            && !flags.contains(&true)
    }

    fn events(&self, session: &Session, target: &Target, as_typed: bool) -> Result<Option<EditEvents>, CliError> {
        if let Some(wish) = words::wish(session, target, &self.events, self.all_events, as_typed)? {
            return Ok(Some(EditEvents::All(wish)));
        }
        let add = words::events(session, target, &self.add_events, as_typed)?;
        let remove = words::no_more(target, &self.remove_events, as_typed)?;
        Ok((!add.is_empty() || !remove.is_empty()).then_some(EditEvents::Some { add, remove }))
    }
}

impl Args {
    pub(super) fn run(self, session: &Session) -> Result<Exit, CliError> {
        let screen = session.screen.clone();
        let events = move |event| screen.event(event);
        let tools = session.tools(AgeKeys::default(), &events);
        let change = self.change;
        if change.is_nothing() {
            return Err(CliError::usage(
                "nothing is named that shall change",
                &["as in `--add-events release` or `--url URL`; `connect webhook edit --help` lists what can"],
            ));
        }
        let (mut site, id) = self.place.hook(&tools, self.id)?;
        let active = either(change.active, change.inactive);
        if active.is_some() && site.target.forge() == ForgeKind::GitLab {
            return Err(CliError::usage(
                "GitLab has no switch for a webhook",
                &["one that it has switched off is revived by a test that is taken: `connect webhook test`"],
            ));
        }
        let edit = HookEdit {
            events: change.events(session, &site.target, self.as_typed)?,
            json: change.content_type.map(|form| form.is_json(&site.target)).transpose()?,
            verify_tls: either(change.verify_tls, change.skip_tls_verify),
            active,
            secret: change.secret,
            url: words::address(change.url, change.public_url),
            default_store: session.config.store.unwrap_or(StoreKind::Keyring),
        };
        words::warn_of_plain_http(session, edit.url.as_ref());
        let edited = session.wait_for(async { Ok(Box::pin(hooks::edit(&tools, &mut site, id, edit)).await?) })?;
        let now = session.environment.clock.now();
        if session.screen.is_json() {
            session.screen.document(&json::HookEdited::of(&site, &edited, now)).map_err(CliError::Output)?;
        } else {
            session.screen.result(&human::hook_edited(&site, &edited, now)).map_err(CliError::Output)?;
        }
        if edited.secret_lost {
            session.screen.warning("secret_lost", &human::secret_lost(&site, &edited));
            return Ok(Exit::Partly);
        }
        Ok(Exit::Done)
    }
}
