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

/// On which branch it is to be.
pub(super) fn branch(repository: &Repository, file: &CiFile) -> String {
    let usual = || repository.default_branch.clone().unwrap_or_else(|| "main".into());
    match &file.branch {
        Some(branch) => branch.clone(),
        None if file.pull_request => BRANCH.into(),
        None => usual(),
    }
}

/// The file as it is on that branch. One that has come to the default branch by its pull request is there.
pub(super) async fn look(ends: &Ends, repository: &Repository, wanted: &CiFile) -> Result<Option<File>, ForgeError> {
    let (token, branch) = (&ends.github_token, branch(repository, wanted));
    if !wanted.pull_request {
        return ends.github.file(token, repository, PATH, &branch).await;
    }
    let usual = repository.default_branch.clone().unwrap_or_else(|| "main".into());
    let merged = ends.github.file(token, repository, PATH, &usual);
    let (merged, proposed) = tokio::join!(merged, ends.github.file(token, repository, PATH, &branch));
    Ok(match merged? {
        Some(file) if Fingerprint::of(&file.content) == wanted.digest => Some(file),
        merged => proposed?.or(merged),
    })
}

pub(super) fn plan(wanted: &Wanted, found: &Found) -> Option<Planned> {
    let file = wanted.setup.ci_file.as_ref()?;
    let branch = branch(&found.repository, file);
    let way = if file.pull_request { "by a pull request from" } else { "on" };
    Some(match &found.ci_file {
        None => step(StepKind::CiFile, State::Make, format!("{PATH} {way} `{branch}`, once GitLab finds it valid")),
        Some(there) if Fingerprint::of(&there.content) == file.digest => {
            step(StepKind::CiFile, State::Stands, format!("{PATH} is there, the same"))
        }
        Some(_) if file.overwrite => {
            step(StepKind::CiFile, State::Change, format!("{PATH} {way} `{branch}` is replaced"))
        }
        Some(_) => {
            let why = format!("{PATH} is there and differs; it is left alone (`--overwrite` replaces it)");
            step(StepKind::CiFile, State::Leave, why)
        }
    })
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
    let branch = branch(&found.repository, file);
    let branch_made = make_branch(work, &branch).await?;
    let earlier = work.ledger.import().made.ci_file.clone();
    let made = MadeFile {
        asked_at: work.tools.clock.now(),
        path: PATH.into(),
        branch: branch.clone(),
        digest: file.digest.clone(),
        branch_made,
        pull: None,
        replaced: replaces_anothers(found.ci_file.as_ref(), earlier.as_ref()),
    };
    work.ledger.change(|import| import.made.ci_file = Some(made))?;
    fault::point("import.ci.asked");
    let put = put(work, PATH, &branch, "Run GitLab CI/CD", content.as_bytes(), found.ci_file.as_ref()).await;
    if let Err(error) = put {
        // What was refused is as it was; a branch that was made for it is to be known.
        if error.was_refused() && !branch_made {
            work.ledger.change(|import| import.made.ci_file = earlier)?;
        }
        return Err(ends.github_failed(wanted, error));
    }
    fault::point("import.ci.made");
    let usual = found.repository.default_branch.as_deref().unwrap_or("main");
    if file.pull_request && branch != usual {
        propose(work, &branch, usual).await?;
    }
    work.done(StepKind::CiFile, &format!("{PATH} on `{branch}`"));
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
