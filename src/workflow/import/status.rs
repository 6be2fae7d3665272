//! Is an import still as it was set up? Looked at as if it were to be done again: what the plan would change has
//! drifted. Nothing is changed here.

use std::time::Duration;

use jiff::SignedDuration;

use crate::model::import::{Planted, Side};
use crate::model::{Connection, ConnectionName, Health, Import, StoreKind};

use super::super::locate::{Address, which};
use super::super::{Error, Tools};
use super::hook::HookState;
use super::look::Found;
use super::plan::{Plan, StepKind};
use super::{Wanted, ends, hook, look};

/// A token that ends sooner than this is worth a word, in days.
const SOON: i64 = 14;

/// How an import was found.
#[derive(Debug)]
pub struct ImportStatusShown {
    /// Its record.
    pub import: Import,
    /// What is there, compared with what was set up; nothing where it could not be looked at.
    pub plan: Option<Plan>,
    /// What has drifted.
    pub drift: Vec<Drift>,
    /// Why it could not be looked at.
    pub error: Option<Error>,
}

/// One thing that is not as it was set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// Which step it belongs to: `mirror`, `webhook` …
    pub what: &'static str,
    /// How it is now.
    pub says: String,
    /// How it is mended.
    pub mend: String,
}

/// Looks at one import.
pub async fn status(tools: &Tools<'_>, import: Import) -> ImportStatusShown {
    if import.undone_at.is_some() {
        return ImportStatusShown { import, plan: None, drift: Vec::new(), error: None };
    }
    match Box::pin(compared(tools, &import)).await {
        Ok((plan, drift)) => ImportStatusShown { import, plan: Some(plan), drift, error: None },
        Err(error) => {
            let drift = lapsed(&import, &error).into_iter().collect::<Vec<_>>();
            let error = drift.is_empty().then_some(error);
            ImportStatusShown { import, plan: None, drift, error }
        }
    }
}

/// What was wanted then, as the record has it.
pub(super) fn wanted(tools: &Tools<'_>, import: &Import) -> Result<Wanted, Error> {
    let find = |name: &ConnectionName| tools.record(name);
    let serving = |side: &Side| match tools.record(&side.connection) {
        // Forgotten, and connected again under another name.
        Err(error @ Error::NoSuchConnection { .. }) => serves(tools, side).ok_or(error),
        other => other,
    };
    let optional = |name: &Option<ConnectionName>| name.as_ref().map(find).transpose();
    let (owner, name) = import.github.path.split_once('/').unwrap_or((import.github.path.as_str(), ""));
    Ok(Wanted {
        owner: owner.to_owned(),
        name: name.to_owned(),
        to: import.gitlab.path.clone(),
        github: serving(&import.github)?,
        gitlab: serving(&import.gitlab)?,
        status: optional(&import.setup.status_connection)?,
        hook: optional(&import.setup.hook_connection)?,
        setup: import.setup.clone(),
        ci_content: None,
        overwrite: false,
        store: StoreKind::Keyring,
        token_days: 0,
        patience: Duration::ZERO,
    })
}

/// The connection that serves a place of an import.
fn serves(tools: &Tools<'_>, side: &Side) -> Option<Connection> {
    let address = Address::read(&format!("{}/{}", side.url, side.path))?;
    let found = which(&tools.records, &address).ok()?;
    tools.records.find(&found.name).ok().flatten()
}

/// The command that sets everything right.
fn again(import: &Import) -> String {
    format!("connect import {} --to {}", import.github.path, import.gitlab.path)
}

async fn compared(tools: &Tools<'_>, import: &Import) -> Result<(Plan, Vec<Drift>), Error> {
    let wanted = wanted(tools, import)?;
    let ends = ends::Ends::open(tools, &wanted)?;
    let found = Box::pin(look::look(tools, &wanted, &ends, vec![import.clone()])).await?;
    let plan = super::plan::plan(&wanted, &ends, &found);
    let mut drift = Vec::new();
    if found.project_gone {
        let says = format!("{} is gone", import.gitlab.path);
        drift.push(Drift { what: StepKind::Project.word(), says, mend: again(import) });
    } else {
        let acting = plan.steps.iter().filter(|step| step.state.acts());
        drift.extend(acting.map(|step| {
            let gone = step.state == super::State::Make;
            let says = if gone { format!("gone: {}", step.says) } else { step.says.clone() };
            Drift { what: step.step.word(), says, mend: again(import) }
        }));
        drift.extend(deaf(import, &wanted, &ends, &found));
        if import.setup.ci_file.is_some() && found.ci_file.is_none() {
            let mend = format!("{} --ci-file FILE", again(import));
            let says = format!("{} is gone", super::ci::PATH);
            drift.push(Drift { what: StepKind::CiFile.word(), says, mend });
        }
    }
    drift.extend(dying(tools, import)?);
    Ok((plan, drift))
}

/// A webhook that is as it should be and that GitLab refuses.
fn deaf(import: &Import, wanted: &Wanted, ends: &ends::Ends, found: &Found) -> Option<Drift> {
    let HookState::Stands { id } = hook::state(wanted, ends, found) else { return None };
    let hook = found.hooks.iter().find(|hook| hook.id == id)?;
    let code = hook.last_response.filter(|code| !(200..300).contains(code))?;
    let says = format!("GitLab answered {code} when GitHub last told it of something");
    Some(Drift { what: StepKind::Webhook.word(), says, mend: again(import) })
}

/// Copies of tokens that are dead, or will be soon: who planted them has to plant others.
fn dying(tools: &Tools<'_>, import: &Import) -> Result<Vec<Drift>, Error> {
    let made = &import.made;
    let copies: [(StepKind, Option<&Planted>); 4] = [
        (StepKind::Mirror, made.mirror.as_ref()),
        (StepKind::Integration, made.integration.as_ref()),
        (StepKind::Webhook, made.hook_token.as_ref()),
        (StepKind::Secret, made.secret.as_ref()),
    ];
    let mut drift = Vec::new();
    for (step, planted) in copies {
        let Some(planted) = planted else { continue };
        let connection = tools.records.find(&planted.connection)?;
        let Some(says) = ailing(connection.as_ref(), planted, tools) else { continue };
        drift.push(Drift { what: step.word(), says, mend: again(import) });
    }
    Ok(drift)
}

fn ailing(connection: Option<&Connection>, planted: &Planted, tools: &Tools<'_>) -> Option<String> {
    let name = &planted.connection;
    let Some(token) = connection.and_then(|connection| connection.token.as_ref()) else {
        return Some(format!("`{name}`, whose token it has, is no connection any more"));
    };
    // Another token by now: the plan says so where it can be told.
    if token.fingerprint != planted.fingerprint {
        return None;
    }
    if matches!(token.health, Health::Expired | Health::Revoked | Health::Unknown) {
        return Some(format!("the token of `{name}`, which it has, is dead"));
    }
    let end = token.expires_at?;
    let left = end.duration_since(tools.clock.now());
    (left < SignedDuration::from_hours(24 * SOON))
        .then(|| format!("the token of `{name}`, which it has, ends at {end}"))
}

/// What an error says of an import that was well once.
fn lapsed(import: &Import, error: &Error) -> Option<Drift> {
    match error {
        Error::NotLicensed { place, .. } => Some(Drift {
            what: StepKind::Mirror.word(),
            says: format!("pull mirroring is no longer licensed for {place}"),
            mend: format!("`{} --sync actions`, or a licence", again(import)),
        }),
        _ => None,
    }
}
