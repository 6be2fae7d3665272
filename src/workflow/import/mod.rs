//! Importing: GitLab CI/CD for a repository on GitHub, as GitLab's own page sets it up in a dozen clicks.
//!
//! It is told in four chapters. `look` sees what is there on both sides, and whether the accounts may do what is
//! wanted; `plan` compares that with what is wanted and changes nothing; `work` makes what is missing, one file a step
//! (`project`, `ci`, `token`, `mirror`, `integration`, `hook`, `actions`); `proof` sees that it works. Every thing that
//! is made is written down before it is asked for and again with its number (`ledger`), so that a run that is cut short
//! anywhere is taken up by the next, and `undo` removes what was made here and nothing else.
//!
//! `status` looks and plans as if it were to be done again: what the plan would change has drifted.

mod actions;
mod again;
mod choose;
mod ci;
mod copies;
mod ends;
mod error;
mod hook;
mod integration;
mod ledger;
mod list;
mod look;
mod mirror;
mod plan;
mod project;
mod proof;
mod records;
mod status;
mod target;
mod template;
mod token;
mod undo;
mod work;

use std::time::Duration;

use crate::model::import::{Setup, Sync};
use crate::model::place::Repository;
use crate::model::{Connection, ConnectionName, Import, StoreKind};

use super::{Answer, Error, Tools};

pub use choose::{Typed, connection};
pub use ci::LeftFile;
pub(super) use copies::followed;
pub(super) use ends::{github, gitlab};
pub use error::{ImportError, Stopped};
pub(super) use hook::refuses;
pub use list::{Importable, ListedRepository, RepositoryList, list};
pub use plan::{Plan, Planned, State, StepKind};
pub use proof::{Proof, Proven};
pub(super) use records::follow_renaming;
pub(super) use records::tidy_notes;
pub use records::{of_repository, on_record, remembered};
pub use status::{Drift, ImportStatusShown, statuses};
pub use template::MINIMAL;
pub use undo::{UndoWish, Undoing, Undone, undo, undo_plan};

/// Whose lock is held while a store is tried out. No default name looks like that.
const OWN_NAME: &str = "connect import";

/// What the user asked for.
pub struct Wanted {
    /// The repository's owner.
    pub owner: String,
    /// The repository's name.
    pub name: String,
    /// The group, or the project, by its full path.
    pub to: String,
    /// With whose token on GitHub.
    pub github: Connection,
    /// With whose token on GitLab.
    pub gitlab: Connection,
    /// Whose token GitLab reports statuses with, where another was named.
    pub status: Option<Connection>,
    /// Whose token the webhook's URL carries, where one was named.
    pub hook: Option<Connection>,
    /// How it is to be set up.
    pub setup: Setup,
    /// The `.gitlab-ci.yml`, where one is to be put.
    pub ci_content: Option<String>,
    /// Whether files that are there and differ are replaced.
    pub overwrite: bool,
    /// Where a token that is made is kept.
    pub store: StoreKind,
    /// How many days such a token lives.
    pub token_days: i64,
    /// How long a mirror or an import is watched.
    pub patience: Duration,
}

impl Wanted {
    /// `owner/name`, as it was typed.
    fn full_name(&self) -> String {
        format!("{}/{}", self.owner, self.name)
    }
}

/// Somebody who can be asked about an import.
pub trait Confirm {
    /// Here is what would be done: shall it be?
    fn carry_out(&self, plan: &Plan) -> Answer;

    /// GitLab makes no token for this project alone; shall the personal token of `connection` go into the webhook's
    /// URL?
    fn use_personal_token(&self, connection: &ConnectionName, why: &str) -> Answer;
}

/// What came of it.
#[derive(Debug)]
pub struct Imported {
    /// The plan that was carried out.
    pub plan: Plan,
    /// The record, as it is now.
    pub import: Import,
    /// The repository.
    pub repository: Repository,
    /// The `.gitlab-ci.yml` that is there in the place of the one that was to be put there.
    pub file_left: Option<LeftFile>,
    /// What was seen to work.
    pub proof: Proof,
}

/// Puts in order what runs that were cut short have left, as far as that needs no import: whoever looks at imports sees
/// them by the names of today.
///
/// # Errors
/// [`Error`]: a file or a store.
pub fn tidy(tools: &Tools<'_>) -> Result<(), Error> {
    super::keep::tidy(tools)
}

/// Looks at both sides and says what would be done. Changes nothing.
///
/// # Errors
/// [`Error`]: something is hidden, not allowed, or another project's place.
pub async fn plan(tools: &Tools<'_>, wanted: &Wanted) -> Result<Plan, Error> {
    let ends = ends::Ends::open(tools, wanted)?;
    let records = ledger::known(tools, wanted)?;
    let found = Box::pin(look::look(tools, wanted, &ends, records)).await?;
    hook::has_room(wanted, &ends, &found)?;
    Ok(plan::plan(wanted, &ends, &found))
}

/// Sets it up: looks, shows the plan, and when it is agreed to, makes what is missing and proves that it works.
///
/// # Errors
/// [`ImportError::Stopped`] when something was made already: it says what stands and what is missing, and running the
/// same again goes on from there. Any other [`Error`] when nothing was changed.
pub async fn import(tools: &Tools<'_>, wanted: &Wanted, decide: &dyn Confirm) -> Result<Imported, Error> {
    super::keep::tidy(tools)?;
    let ends = ends::Ends::open(tools, wanted)?;
    let held = ledger::Held::of(tools, wanted)?;
    let records = ledger::known(tools, wanted)?;
    let mut found = Box::pin(look::look(tools, wanted, &ends, records)).await?;
    hook::has_room(wanted, &ends, &found)?;
    let held = held.also_of(tools, wanted, &found)?;
    let mut plan = plan::plan(wanted, &ends, &found);
    if token::is_lost(tools, &found, &plan)? {
        found.kept_lost = true;
        plan = plan::plan(wanted, &ends, &found);
    }
    let failed = || Error::of_store(wanted.store, None);
    if plan.acts(StepKind::Token) {
        // A token that nobody could keep is better not made.
        tools.stores.open(wanted.store).and_then(|store| store.check()).map_err(failed())?;
    }
    if plan.changes() {
        match decide.carry_out(&plan) {
            Answer::Yes => {}
            Answer::No => return Err(Error::Declined),
            Answer::CannotAsk => return Err(ImportError::PlanNotConfirmed.into()),
        }
    }
    if plan.acts(StepKind::Token) {
        let store = tools.stores.open(wanted.store).map_err(failed())?;
        // A throw-away secret that cannot be removed is in the journal, for `doctor`.
        let _left: Option<String> = super::keep::try_out(tools, &*store, OWN_NAME)?;
    }
    Box::pin(work::work(tools, wanted, &ends, found, plan, held, decide)).await
}

/// Whether the project is to follow by GitLab's own mirroring.
fn mirrors(setup: &Setup) -> bool {
    setup.sync == Sync::Mirror
}
