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
use super::ImportError;
use super::again::{again, is_minimal, undo_again};
use super::look::Found;
use super::plan::{Plan, Planned, State, StepKind};
use super::{Wanted, copies, ends, hook, ledger, look, undo};

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
    /// The command that goes on with its undoing, where that was begun and has not come to its end.
    pub undo: Option<String>,
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
        undo: None,
        error: None,
    };
    if shown.import.undone_at.is_some() {
        return shown;
    }
    if let Some(begun) = &shown.import.undoing {
        // Whatever was removed on purpose has not drifted.
        let goes_on = undo_again(&shown.import, begun);
        let left = undo::steps(&shown.import, begun.delete_project).into_iter();
        let says = "it is still to be removed";
        let drift = left.map(|(step, _)| Drift { what: step.word(), says: says.into(), mend: goes_on.clone() });
        shown.drift = drift.collect();
        shown.undo = Some(goes_on);
        return shown;
    }
    match Box::pin(seen(tools, &shown.import)).await {
        Ok((plan, found, foreign)) => {
            follow(tools, &mut shown, &plan, &found);
            shown.drift = drift(tools, &shown, &plan, &found, foreign.as_deref());
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

/// What would be done if it were to be done again, what was found, and what is wrong with a webhook of others.
async fn seen(tools: &Tools<'_>, import: &Import) -> Result<(Plan, Found, Option<String>), Error> {
    let wanted = wanted(tools, import)?;
    let ends = ends::Ends::open(tools, &wanted)?;
    let found = Box::pin(look::look(tools, &wanted, &ends, vec![import.clone()])).await?;
    let plan = super::plan::plan(&wanted, &ends, &found);
    let foreign = foreign(&ends, &found);
    Ok((plan, found, foreign))
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

fn drift(
    tools: &Tools<'_>,
    shown: &ImportStatusShown,
    plan: &Plan,
    found: &Found,
    foreign: Option<&str>,
) -> Vec<Drift> {
    let again = |what: StepKind, says: String| Drift { what: what.word(), says, mend: shown.again.clone() };
    if found.project_gone {
        return vec![again(
            StepKind::Project,
            "it is gone, and what was set up in it with it; or it is hidden from this token".into(),
        )];
    }
    let acting = plan.steps.iter().filter(|step| step.state.acts());
    let mut drift: Vec<Drift> = acting.map(|step| again(step.step, how_it_is(&shown.import, step, foreign))).collect();
    drift.extend(shown.import.setup.pending_file().map(|file| {
        let by_hand =
            if is_minimal(file) { "" } else { "; connect does not keep it: put its path in the place of FILE" };
        again(StepKind::CiFile, format!("it is not known to be in the repository yet{by_hand}"))
    }));
    // Once is enough for what another import mends anyway.
    let told = |one: &Drift| drift.iter().any(|known| known.what == one.what && known.mend == one.mend);
    let more: Vec<Drift> = dying(tools, shown).into_iter().filter(|one| !told(one)).collect();
    drift.extend(more);
    drift
}

/// How a step is that is not as it was set up.
fn how_it_is(import: &Import, planned: &Planned, foreign: Option<&str>) -> String {
    match (planned.state, &planned.odd, foreign) {
        (State::Change, Some(odd), _) => return odd.clone(),
        (_, _, Some(foreign)) if planned.step == StepKind::Webhook => return foreign.to_owned(),
        _ => {}
    }
    if !was_made(import, planned.step) {
        return not_yet(planned.step).to_owned();
    }
    let missing = match planned.step {
        StepKind::Project => "it is gone, or hidden from this token",
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

/// What of a webhook that connect did not make, and that leads to the project, is not as it should be.
fn foreign(ends: &ends::Ends, found: &Found) -> Option<String> {
    let project = &found.standing.as_ref()?.project;
    let there = found.hooks.iter().find(|it| hook::leads_to(ends, &it.url, project))?;
    let whose = "there is one that connect did not make, and";
    let refused = there.last_response.filter(|code| hook::refuses(*code));
    Some(match (hook::fault_of(there), refused) {
        (Some(fault), _) => format!("{whose} {fault}"),
        (None, Some(code)) => format!("{whose} GitLab answered {code} when it was last told of something"),
        (None, None) => format!("{whose} whether GitLab takes what it tells, nobody has heard"),
    })
}

/// Whether it was there once, as far as the record knows: that it is missing is news then. What was there before the
/// import is not in the record of one that came to its end.
fn was_made(import: &Import, step: StepKind) -> bool {
    let made = &import.made;
    let arrived = |planted: &Option<Planted>| planted.as_ref().is_some_and(|planted| !planted.unanswered);
    let recorded = match step {
        StepKind::Project | StepKind::Features => import.gitlab.id.is_some(),
        StepKind::Mirror => arrived(&made.mirror),
        StepKind::Integration => arrived(&made.integration),
        StepKind::Token => return made.token.as_ref().is_some_and(|token| token.id.is_some()),
        StepKind::Webhook => made.hook.as_ref().is_some_and(|hook| hook.id.is_some()),
        StepKind::Secret => arrived(&made.secret),
        StepKind::Workflow => made.workflow.is_some(),
        StepKind::CiFile => made.ci_file.is_some(),
    };
    recorded || import.finished_at.is_some()
}

/// How a step is that was never carried out.
const fn not_yet(step: StepKind) -> &'static str {
    match step {
        StepKind::Mirror => "it is not set up yet: nothing is pulled",
        StepKind::Integration => "it is not set up yet: pipelines are not reported to GitHub",
        StepKind::Webhook => "it is not made yet: GitLab hears of pushes only when it looks, every 30 minutes",
        StepKind::Secret => "it is not there yet: the workflow cannot push",
        StepKind::Workflow => "it is not there yet: nothing is pushed",
        StepKind::Token | StepKind::Project => "it is not made yet",
        StepKind::Features => "issues, merge requests, wiki and snippets are not switched off yet",
        StepKind::CiFile => "it is not there yet",
    }
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
    let Error::Import(ImportError::NotLicensed { place, .. }) = error else { return None };
    let mut pushed = shown.import.clone();
    let not = if was_made(&pushed, StepKind::Mirror) { "no longer" } else { "not" };
    (pushed.setup.sync, pushed.setup.branches) = (Sync::Actions, BranchChoice::All);
    Some(Drift {
        what: StepKind::Mirror.word(),
        says: format!("it is {not} licensed for {place}; GitHub Actions can push instead"),
        mend: again(tools, &pushed),
    })
}
