//! The `.gitlab-ci.yml`: judged by GitLab first, then put into the repository on GitHub.

use crate::forge::{FileChange, ForgeError};
use crate::model::Fingerprint;
use crate::model::hook::File;
use crate::model::import::{CiFile, MadeFile};
use crate::model::place::{Project, Repository};

use super::super::{Error, fault};
use super::Wanted;
use super::ends::Ends;
use super::look::Found;
use super::plan::{Planned, State, StepKind, step};
use super::work::Work;

/// Where GitLab looks for it.
pub(super) const PATH: &str = ".gitlab-ci.yml";

/// The branch of a pull request, unless another is named.
const BRANCH: &str = "add-gitlab-ci";

/// The file as it was found.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    /// What is there, or what the branch begins with that is made for it.
    pub file: Option<File>,
    /// Whether that is the default branch's.
    pub usual: bool,
}

impl Seen {
    fn is(&self, wanted: &CiFile) -> bool {
        self.file.as_ref().is_some_and(|file| Fingerprint::of(&file.content) == wanted.digest)
    }
}

/// The default branch, as it is or will be.
fn usual(repository: &Repository) -> String {
    repository.default_branch.clone().unwrap_or_else(|| "main".into())
}

/// On which branch it is to be. In an empty repository there is but one: the first commit makes it.
pub(super) fn branch(repository: &Repository, file: &CiFile, empty: bool) -> String {
    match &file.branch {
        _ if empty => usual(repository),
        Some(branch) => branch.clone(),
        None if file.pull_request => BRANCH.into(),
        None => usual(repository),
    }
}

/// Whether it is proposed, and not put there at once.
fn is_proposed(repository: &Repository, file: &CiFile, empty: bool) -> bool {
    file.pull_request && branch(repository, file, empty) != usual(repository)
}

/// The file as it is on that branch. One that has come to the default branch by its pull request is there.
pub(super) async fn look(ends: &Ends, repository: &Repository, wanted: &CiFile) -> Result<Seen, ForgeError> {
    let (token, branch, usual) = (&ends.github_token, branch(repository, wanted, false), usual(repository));
    if branch == usual {
        return Ok(Seen { file: ends.github.file(token, repository, PATH, &usual).await?, usual: true });
    }
    let (merged, there, head) = tokio::join!(
        ends.github.file(token, repository, PATH, &usual),
        ends.github.file(token, repository, PATH, &branch),
        ends.github.branch_head(token, repository, &branch),
    );
    let merged = Seen { file: merged?, usual: true };
    if head?.is_none() || wanted.pull_request && merged.is(wanted) {
        return Ok(merged);
    }
    Ok(Seen { file: there?, usual: false })
}

pub(super) fn plan(wanted: &Wanted, found: &Found) -> Option<Planned> {
    let file = wanted.setup.ci_file.as_ref()?;
    let (seen, empty) = (&found.ci_file, found.head.is_none());
    let branch = branch(&found.repository, file, empty);
    let proposed = is_proposed(&found.repository, file, empty);
    let way = if proposed { "by a pull request from" } else { "on" };
    let because = if empty { "; it is the first commit" } else { "" };
    Some(match &seen.file {
        None => {
            let says = format!("{PATH} {way} `{branch}`, once GitLab finds it valid{because}");
            step(StepKind::CiFile, State::Make, says)
        }
        Some(_) if seen.is(file) && proposed && !seen.usual && pull(found).is_none() => {
            step(StepKind::CiFile, State::Change, format!("{PATH} is on `{branch}`; the pull request is opened"))
        }
        Some(_) if seen.is(file) => step(StepKind::CiFile, State::Stands, format!("{PATH} is there, the same")),
        Some(_) if file.overwrite => {
            step(StepKind::CiFile, State::Change, format!("{PATH} {way} `{branch}` is replaced"))
        }
        Some(_) => {
            let why = format!("{PATH} is there and differs; it is left alone (`--overwrite` replaces it)");
            step(StepKind::CiFile, State::Leave, why)
        }
    })
}

/// The pull request of an earlier run.
fn pull(found: &Found) -> Option<u64> {
    found.record.as_ref()?.made.ci_file.as_ref()?.pull
}

/// Has the file judged, then puts it where it belongs.
pub(super) async fn ensure(work: &Work<'_>, project: &Project) -> Result<(), Error> {
    let Work { wanted, found, ends, .. } = work;
    let (Some(file), Some(content)) = (&wanted.setup.ci_file, &wanted.ci_content) else { return Ok(()) };
    if !work.plan.acts(StepKind::CiFile) {
        return Ok(());
    }
    work.doing(StepKind::CiFile);
    let lint = ends.gitlab.lint(&ends.gitlab_token, project.id, content).await;
    let lint = lint.map_err(|error| ends.gitlab_failed(wanted, error))?;
    if !lint.valid {
        return Err(Error::CiInvalid { errors: lint.errors });
    }
    let empty = found.head.is_none();
    let branch = branch(&found.repository, file, empty);
    if !found.ci_file.is(file) || found.ci_file.usual {
        write(work, file, content, &branch).await?;
    }
    if is_proposed(&found.repository, file, empty) {
        propose(work, &branch, &usual(&found.repository)).await?;
    }
    work.pushed.set(work.pushed.get() || branch == usual(&found.repository));
    work.done(StepKind::CiFile, &format!("{PATH} on `{branch}`"));
    Ok(())
}

/// Writes it, on a branch that is made for it unless it is there.
async fn write(work: &Work<'_>, file: &CiFile, content: &str, branch: &str) -> Result<(), Error> {
    let Work { wanted, found, ends, .. } = work;
    let branch_made = make_branch(work, branch).await?;
    let there = found.ci_file.file.as_ref();
    let earlier = work.ledger.import().made.ci_file.clone();
    let made = MadeFile {
        asked_at: work.tools.clock.now(),
        path: PATH.into(),
        branch: branch.to_owned(),
        digest: file.digest.clone(),
        branch_made,
        pull: None,
        replaced: replaces_anothers(there, earlier.as_ref()),
    };
    work.ledger.change(|import| import.made.ci_file = Some(made))?;
    fault::point("import.ci.asked");
    let put = put(work, PATH, branch, "Run GitLab CI/CD", content.as_bytes(), there).await;
    if let Err(error) = put {
        // What was refused is as it was; a branch that was made for it is to be known.
        if error.was_refused() && !branch_made {
            work.ledger.change(|import| import.made.ci_file = earlier)?;
        }
        return Err(ends.github_failed(wanted, error));
    }
    fault::point("import.ci.made");
    Ok(())
}

/// The branch, made from the default one unless it is there; says whether it was made.
async fn make_branch(work: &Work<'_>, branch: &str) -> Result<bool, Error> {
    let Work { wanted, found, ends, .. } = work;
    let repository = &found.repository;
    let (Some(head), false) = (&found.head, repository.default_branch.as_deref() == Some(branch)) else {
        // The first commit of an empty repository makes its branch.
        return Ok(false);
    };
    let made = ends.github.create_branch(&ends.github_token, repository, branch, head).await;
    let made = made.map_err(|error| ends.github_failed(wanted, error))?;
    let before =
        work.ledger.import().made.ci_file.as_ref().is_some_and(|file| file.branch_made && file.branch == branch);
    Ok(made || before)
}

/// Puts a file into the repository.
pub(super) async fn put(
    work: &Work<'_>,
    path: &str,
    branch: &str,
    message: &str,
    content: &[u8],
    replaces: Option<&File>,
) -> Result<(), ForgeError> {
    let Work { found, ends, .. } = work;
    let replaces = replaces.map(|file| file.sha.as_str());
    let change = FileChange { path, branch, message, content, replaces };
    ends.github.put_file(&ends.github_token, &found.repository, &change).await.map(drop)
}

/// Whether a file that is replaced is somebody else's: one of ours is not.
pub(super) fn replaces_anothers(there: Option<&File>, earlier: Option<&MadeFile>) -> bool {
    let ours = |file: &File| earlier.filter(|earlier| earlier.digest == Fingerprint::of(&file.content));
    there.is_some_and(|file| ours(file).is_none_or(|earlier| earlier.replaced))
}

async fn propose(work: &Work<'_>, branch: &str, base: &str) -> Result<(), Error> {
    let Work { wanted, found, ends, .. } = work;
    let (token, repository) = (&ends.github_token, &found.repository);
    let failed = |error| ends.github_failed(wanted, error);
    let open = ends.github.pulls(token, repository, branch).await.map_err(failed)?;
    let pull = match open.into_iter().next() {
        Some(pull) => pull,
        None => {
            let text = format!("Adds `{PATH}`, so that GitLab CI/CD runs for this repository.");
            ends.github.open_pull(token, repository, branch, base, "Run GitLab CI/CD", &text).await.map_err(failed)?
        }
    };
    work.ledger.change(|import| {
        if let Some(file) = import.made.ci_file.as_mut() {
            file.pull = Some(pull.number);
        }
    })
}
