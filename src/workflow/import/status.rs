//! Is an import still as it was set up? Looked at as if it were to be done again: what the plan would change has
//! drifted. Nothing is changed at the forges; under which names both sides go by now is learnt.
//!
//! Of the `.gitlab-ci.yml` nothing is said: once it is in the repository it is the users' own, and they change it day
//! by day.

use std::time::Duration;

use futures_util::future::join_all;

use crate::model::clock::SOON;
use crate::model::import::{BranchChoice, Planted, Setup, Side, Sync};
use crate::model::{Connection, ConnectionName, Health, Import, StoreKind};

use super::super::locate::{Address, which};
use super::super::{Error, Tools};
use super::again::again;
use super::look::Found;
use super::plan::{Plan, Planned, State, StepKind};
use super::{Wanted, copies, ends, ledger, look};

/// How many imports are looked at together.
const TOGETHER: usize = 8;

/// How an import was found.
#[derive(Debug)]
pub struct ImportStatusShown {
    /// Its record.
    pub import: Import,
    /// What is there, compared with what was set up; nothing where it could not be looked at.
    pub plan: Option<Plan>,
    /// What has drifted.
    pub drift: Vec<Drift>,
    /// What the repository was called until now.
    pub repository_before: Option<String>,
    /// Where the project was until now.
    pub project_before: Option<String>,
    /// The command that sets it up again as it was.
    pub again: String,
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
    /// The command that mends it.
    pub mend: String,
}

/// Looks at imports, some at a time: at a forge that does not answer, they wait together.
pub async fn statuses(tools: &Tools<'_>, imports: Vec<Import>) -> Vec<ImportStatusShown> {
    let mut shown = Vec::with_capacity(imports.len());
    let mut imports = imports.into_iter();
    loop {
        let some: Vec<_> = imports.by_ref().take(TOGETHER).map(|import| Box::pin(status(tools, import))).collect();
        if some.is_empty() {
            return shown;
        }
        shown.extend(join_all(some).await);
    }
}

/// Looks at one import.
async fn status(tools: &Tools<'_>, import: Import) -> ImportStatusShown {
    let mut shown = ImportStatusShown {
        again: again(tools, &import),
        import,
        plan: None,
        drift: Vec::new(),
        repository_before: None,
        project_before: None,
        error: None,
    };
    if shown.import.undone_at.is_some() {
        return shown;
    }
    match Box::pin(seen(tools, &shown.import)).await {
        Ok((plan, found)) => {
            follow(tools, &mut shown, &plan, &found);
            shown.drift = drift(tools, &shown, &plan, &found);
            shown.plan = Some(plan);
        }
        Err(error) => match lapsed(tools, &shown, &error) {
            Some(lapsed) => shown.drift.push(lapsed),
            None => shown.error = Some(error),
        },
    }
    shown
}

/// What was wanted then, as the record has it; but for the `.gitlab-ci.yml`.
fn wanted(tools: &Tools<'_>, import: &Import) -> Result<Wanted, Error> {
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
        setup: Setup { ci_file: None, ..import.setup.clone() },
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

/// The same as far as undoing needs it: the two ends.
pub(super) fn ends_wanted(tools: &Tools<'_>, import: &Import) -> Result<Wanted, Error> {
    let setup = Setup { status_connection: None, hook_connection: None, ..import.setup.clone() };
    wanted(tools, &Import { setup, ..import.clone() })
}

async fn seen(tools: &Tools<'_>, import: &Import) -> Result<(Plan, Found), Error> {
    let wanted = wanted(tools, import)?;
    let ends = ends::Ends::open(tools, &wanted)?;
    let found = Box::pin(look::look(tools, &wanted, &ends, vec![import.clone()])).await?;
    Ok((super::plan::plan(&wanted, &ends, &found), found))
}

/// Repositories and projects are renamed; their numbers stay. So that the import is found under the names of today, the
/// record learns them, unless somebody is at work on it: they learn them, too.
fn follow(tools: &Tools<'_>, shown: &mut ImportStatusShown, plan: &Plan, found: &Found) {
    let before = shown.import.clone();
    let mut now = before.clone();
    now.github.path.clone_from(&plan.repository);
    if !found.project_gone {
        now.gitlab.path.clone_from(&plan.project);
    }
    if now == before {
        return;
    }
    let changed = |before: &str, now: &str| (before != now).then(|| before.to_owned());
    shown.repository_before = changed(&before.github.path, &now.github.path);
    shown.project_before = changed(&before.gitlab.path, &now.gitlab.path);
    // What cannot be written is learnt anew next time; what another process has done meanwhile stays.
    let learnt = ledger::change_alone(tools, &before, |current| {
        if current.gitlab.id == before.gitlab.id {
            current.github.path.clone_from(&now.github.path);
            current.gitlab.path.clone_from(&now.gitlab.path);
        }
    });
    if let Ok(Some(current)) = learnt {
        let _ = copies::settle(tools, &current);
    }
    shown.import = now;
    shown.again = again(tools, &shown.import);
}

fn drift(tools: &Tools<'_>, shown: &ImportStatusShown, plan: &Plan, found: &Found) -> Vec<Drift> {
    let again = |what: StepKind, says: String| Drift { what: what.word(), says, mend: shown.again.clone() };
    if found.project_gone {
        return vec![again(StepKind::Project, "it is gone, and what was set up in it with it".into())];
    }
    let acting = plan.steps.iter().filter(|step| step.state.acts());
    let mut drift: Vec<Drift> = acting.map(|step| again(step.step, how_it_is(step))).collect();
    drift.extend(dying(tools, shown));
    drift
}

/// How a step is that is not as it was set up.
fn how_it_is(planned: &Planned) -> String {
    if let (State::Change, Some(odd)) = (planned.state, &planned.odd) {
        return odd.clone();
    }
    let missing = match planned.step {
        StepKind::Project => "it is gone",
        StepKind::Mirror => "it is switched off: nothing is pulled any more",
        StepKind::Integration => "it is switched off: pipelines are not reported to GitHub",
        StepKind::Token => "it was revoked or has ended, or its connection was forgotten",
        StepKind::Webhook => "it was removed: GitLab hears of pushes only when it looks, every 30 minutes",
        StepKind::Secret => "it was removed: the workflow cannot push",
        StepKind::Workflow => "it was removed: nothing is pushed any more",
        StepKind::Features | StepKind::CiFile => "it is not as it was set up",
    };
    missing.to_owned()
}

/// Copies of tokens that are dead, or will be soon. The user's own have to be replaced by the user first.
fn dying(tools: &Tools<'_>, shown: &ImportStatusShown) -> Vec<Drift> {
    let made = &shown.import.made;
    let copies: [(StepKind, Option<&Planted>); 4] = [
        (StepKind::Mirror, made.mirror.as_ref()),
        (StepKind::Integration, made.integration.as_ref()),
        (StepKind::Webhook, made.hook_token.as_ref()),
        (StepKind::Secret, made.secret.as_ref()),
    ];
    let ours = made.token.as_ref().and_then(|token| token.connection.as_ref());
    let of_users = copies.into_iter().filter_map(|(step, planted)| Some((step, planted?)));
    of_users
        // What was made for the import, the plan replaces.
        .filter(|(_, planted)| Some(&planted.connection) != ours)
        .filter_map(|(step, planted)| {
            let connection = tools.records.find(&planted.connection).ok().flatten();
            let (says, mend) = ailing(connection.as_ref(), planted, tools)?;
            Some(Drift { what: step.word(), says, mend: mend.unwrap_or_else(|| shown.again.clone()) })
        })
        .collect()
}

/// What is wrong with a copy, and the command that mends it where another import does not.
fn ailing(connection: Option<&Connection>, planted: &Planted, tools: &Tools<'_>) -> Option<(String, Option<String>)> {
    let name = &planted.connection;
    let Some((connection, token)) = connection.and_then(|it| Some((it, it.token.as_ref()?))) else {
        return Some((format!("it has the token of `{name}`, which is no connection any more"), None));
    };
    // Another token by now: the plan says so.
    if token.fingerprint != planted.fingerprint {
        return None;
    }
    let source = match token.kept_in {
        StoreKind::Env => format!("--pat-env {}", token.secret.as_str()),
        _ => "--pat".to_owned(),
    };
    let renew = Some(format!("connect {} --name {name} {source}", connection.forge.word()));
    if matches!(token.health, Health::Expired | Health::Revoked | Health::Unknown) {
        return Some((format!("the token of `{name}`, which it has, is dead"), renew));
    }
    let end = token.expires_at?;
    let left = end.duration_since(tools.clock.now());
    let day = end.strftime("%Y-%m-%d");
    (left < SOON).then(|| (format!("the token of `{name}`, which it has, ends on {day}"), renew))
}

/// What an error says of an import that was well once.
fn lapsed(tools: &Tools<'_>, shown: &ImportStatusShown, error: &Error) -> Option<Drift> {
    let Error::NotLicensed { place, .. } = error else { return None };
    let mut pushed = shown.import.clone();
    (pushed.setup.sync, pushed.setup.branches) = (Sync::Actions, BranchChoice::All);
    Some(Drift {
        what: StepKind::Mirror.word(),
        says: format!("it is no longer licensed for {place}; GitHub Actions can push instead"),
        mend: again(tools, &pushed),
    })
}
