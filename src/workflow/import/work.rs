//! Carrying a plan out: each step by itself, those that need nothing of one another at the same time.

use std::cell::{OnceCell, RefCell};

use super::super::remember::Happened;
use super::super::{Error, Event, Tools};
use super::ImportError;
use super::Stopped;
use super::ends::Ends;
use super::ledger::{Held, Ledger};
use super::look::Found;
use super::mirror::MIRRORING;
use super::plan::{Plan, StepKind};
use super::{Confirm, Imported, Wanted};
use super::{actions, ci, copies, hook, integration, mirror, mirrors, project, proof, token};
use crate::model::import::Sync;

/// What the steps work with.
pub(super) struct Work<'a> {
    pub tools: &'a Tools<'a>,
    pub wanted: &'a Wanted,
    pub ends: &'a Ends,
    pub found: &'a Found,
    pub plan: &'a Plan,
    pub ledger: Ledger<'a>,
    pub decide: &'a dyn Confirm,
    /// The steps that were begun in this run.
    begun: RefCell<Vec<StepKind>>,
    /// Those that have come to their end.
    done: RefCell<Vec<StepKind>>,
    /// The newest commit of the default branch, where one was put there in this run.
    pub pushed: RefCell<Option<String>>,
    /// The deliveries of the webhook that there were before it was asked for a ping.
    pub pinged: OnceCell<Vec<u64>>,
}

impl Work<'_> {
    /// A step is begun.
    pub(super) fn doing(&self, step: StepKind) {
        if !self.begun.borrow().contains(&step) {
            self.begun.borrow_mut().push(step);
        }
        self.tools.say(Event::Step { step: step.word(), says: None });
    }

    /// A step is done, with nothing to be said of it.
    pub(super) fn settled(&self, step: StepKind) {
        self.done.borrow_mut().push(step);
    }

    /// A step is done.
    pub(super) fn done(&self, step: StepKind, says: &str) {
        self.settled(step);
        self.tools.say(Event::Step { step: step.word(), says: Some(says.to_owned()) });
    }
}

/// Makes what is missing, then sees that it works.
pub(super) async fn work(
    tools: &Tools<'_>,
    wanted: &Wanted,
    ends: &Ends,
    mut found: Found,
    plan: Plan,
    held: Held,
    decide: &dyn Confirm,
) -> Result<Imported, Error> {
    if let Some(left) = found.kept.take_if(|_| found.project_gone) {
        // Its token died with the project. It goes before the record stops naming it.
        super::super::disconnect(tools, &left.name, false).await?;
    }
    let ledger = Ledger::begin(tools, wanted, ends, &found, held)?;
    super::super::fault::point("import.begun");
    let (begun, done) = (RefCell::default(), RefCell::default());
    let (pushed, pinged) = (RefCell::default(), OnceCell::new());
    let work = Work { tools, wanted, ends, found: &found, plan: &plan, ledger, decide, begun, done, pushed, pinged };
    let outcome = Box::pin(steps(&work)).await;
    let settled = copies::settle(tools, &work.ledger.import());
    super::super::fault::point("import.copied");
    let outcome = outcome.and_then(|project| settled.map(|()| project));
    let proof = match outcome {
        Ok(project) => Box::pin(proof::prove(&work, &project)).await,
        Err(error) => Err(error),
    };
    match proof {
        Ok(proof) => {
            let before = found.record.as_ref().and_then(|record| record.finished_at);
            if plan.changes() || before.is_none() {
                let import = Box::new(work.ledger.import().clone());
                tools.remember(&Happened::Imported(import), &wanted.gitlab);
            }
            let now = tools.clock.now();
            work.ledger.change(|import| {
                let whole = proof.is_whole() && import.setup.pending_file().is_none();
                import.finished_at = whole.then_some(now);
            })?;
            super::super::fault::point("import.finished");
            work.ledger.close()?;
            let import = work.ledger.import().clone();
            let file_left = ci::left_alone(wanted, &found);
            drop(work);
            Ok(Imported { plan, import, file_left, repository: found.repository, proof })
        }
        Err(error) => Err(stopped(&work, error)?),
    }
}

/// All that stands is on record: the error says so, and at which step it happened.
fn stopped(work: &Work<'_>, error: Error) -> Result<Error, Error> {
    let import = work.ledger.import().clone();
    let nothing = import.made.is_nothing();
    if nothing && work.found.record.is_none() {
        work.ledger.forget()?;
    }
    work.ledger.close()?;
    let done = work.done.borrow();
    let failed: Vec<_> = work.begun.borrow().iter().filter(|step| !done.contains(step)).map(|it| it.word()).collect();
    let (stands, missing) = standing(work);
    let stopped = Stopped { project: import.gitlab.path, nothing, failed, stands, missing };
    Ok(ImportError::Stopped { source: Box::new(error), stopped: Box::new(stopped) }.into())
}

/// The steps that are done, and those that are not.
fn standing(work: &Work<'_>) -> (Vec<&'static str>, Vec<&'static str>) {
    let done = work.done.borrow();
    let wanted = work.plan.steps.iter().filter(|planned| planned.state != super::State::Leave);
    let (stands, missing): (Vec<_>, Vec<_>) =
        wanted.partition(|planned| planned.state == super::State::Stands || done.contains(&planned.step));
    let words = |steps: Vec<&super::Planned>| steps.into_iter().map(|planned| planned.step.word()).collect();
    (words(stands), words(missing))
}

/// The order: the project first, since everything hangs on it. Then GitLab's judgement of the CI file, so that no token
/// is planted for one that is invalid. Then, side by side, the features, the integration (so that the first pipelines
/// report), the token, and the CI file (so that the first pull brings it). The mirror after the file, and the webhook
/// last: its first ping is then answered by a mirror that is on.
async fn steps(work: &Work<'_>) -> Result<crate::model::place::Project, Error> {
    let project = Box::pin(project::ensure(work)).await?;
    if mirrors(&work.wanted.setup) && !project.may_mirror {
        let connection = work.wanted.gitlab.name.clone();
        return Err(ImportError::NotLicensed { what: MIRRORING, place: project.path, stands: true, connection }.into());
    }
    ci::judge(work, &project).await?;
    let features = project::ensure_features(work, &project);
    let integration = integration::ensure(work, &project);
    let source = async {
        ci::ensure(work).await?;
        if work.wanted.ci_content.is_some() {
            work.ledger.file_is_settled()?;
        }
        if mirrors(&work.wanted.setup) { mirror::ensure(work, &project).await } else { Ok(()) }
    };
    // Whatever becomes of one, the others are brought to their end: a request that is under way cannot be unsaid.
    let (features, integration, source, token) =
        tokio::join!(features, integration, Box::pin(source), Box::pin(token::ensure(work, &project)));
    source?;
    // Nothing is under way while somebody is asked.
    let plant = token.and_then(|token| token.agreed(work))?;
    if work.wanted.setup.sync == Sync::Actions {
        actions::ensure(work, &project, plant.as_ref()).await?;
    } else {
        hook::ensure(work, &project, plant.as_ref()).await?;
    }
    integration?;
    features?;
    Ok(project)
}
