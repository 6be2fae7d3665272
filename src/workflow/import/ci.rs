//! The `.gitlab-ci.yml`: judged by GitLab first, then put into the repository on GitHub.

use crate::forge::{FileChange, ForgeError};
use crate::model::Fingerprint;
use crate::model::hook::File;
use crate::model::import::{CiFile, MadeFile};
use crate::model::place::{Project, Repository};

use super::super::{Error, fault};
use super::ImportError;
use super::Wanted;
use super::ends::Ends;
use super::look::Found;
use super::plan::{Planned, State, StepKind, odd, step};
use super::work::Work;

/// Where GitLab looks for it.
pub(super) const PATH: &str = ".gitlab-ci.yml";

/// The branch of a pull request, unless another is named.
const BRANCH: &str = "add-gitlab-ci";

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

/// The file as it was found.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub file: Option<File>,
    /// It is on another branch than the default one.
    pub elsewhere: bool,
}

/// The file as it is on that branch. One that has come to the default branch by its pull request is there.
pub(super) async fn look(ends: &Ends, repository: &Repository, wanted: &CiFile) -> Result<Seen, ForgeError> {
    let (token, branch, usual) = (&ends.github_token, branch(repository, wanted, false), usual(repository));
    if branch == usual {
        let file = ends.github.file(token, repository, PATH, &usual).await?;
        return Ok(Seen { file, elsewhere: false });
    }
    let (merged, there, head) = tokio::join!(
        ends.github.file(token, repository, PATH, &usual),
        ends.github.file(token, repository, PATH, &branch),
        ends.github.branch_head(token, repository, &branch),
    );
    let merged = Seen { file: merged?, elsewhere: false };
    let is_merged = merged.file.as_ref().is_some_and(|file| Fingerprint::of(&file.content) == wanted.digest);
    // A branch that is made for it begins with what the default one has.
    if head?.is_none() || wanted.pull_request && is_merged {
        return Ok(merged);
    }
    Ok(Seen { file: there?, elsewhere: true })
}

/// Whether the file is on its branch already, put there by an earlier run that did not come to its pull request.
fn lacks_its_pull(found: &Found) -> bool {
    let made = found.record.as_ref().and_then(|record| record.made.ci_file.as_ref());
    found.ci_elsewhere && made.is_none_or(|made| made.pull.is_none())
}

pub(super) fn plan(wanted: &Wanted, found: &Found) -> Option<Planned> {
    let file = wanted.setup.ci_file.as_ref()?;
    let empty = found.head.is_none();
    let branch = branch(&found.repository, file, empty);
    let proposed = is_proposed(&found.repository, file, empty);
    let way = if proposed { "by a pull request from" } else { "on" };
    let because = if empty { "; it is the first commit" } else { "" };
    let Some(_) = &wanted.ci_content else {
        // An earlier run put it there: whoever works on it since is not to be disturbed.
        let says = match &found.ci_file {
            Some(there) if Fingerprint::of(&there.content) == file.digest => "is there, as an earlier run put it there",
            Some(_) => "is there, and was changed since an earlier run put it there",
            None if file.pending => {
                "was asked for and never put there; `--ci-file FILE` or `--ci-template minimal` puts it there"
            }
            None => "is gone; `--ci-file FILE` or `--ci-template minimal` puts it there again",
        };
        let state = if found.ci_file.is_some() { State::Stands } else { State::Leave };
        return Some(step(StepKind::CiFile, state, format!("{PATH} {says}")));
    };
    Some(match &found.ci_file {
        None => {
            let says = format!("{PATH} {way} `{branch}`, once GitLab finds it valid{because}");
            step(StepKind::CiFile, State::Make, says)
        }
        Some(there) if Fingerprint::of(&there.content) == file.digest && proposed && lacks_its_pull(found) => {
            step(StepKind::CiFile, State::Change, format!("{PATH} is on `{branch}`; the pull request is opened"))
        }
        Some(there) if Fingerprint::of(&there.content) == file.digest => {
            step(StepKind::CiFile, State::Stands, format!("{PATH} is there, the same"))
        }
        Some(_) if file.overwrite => {
            odd(StepKind::CiFile, format!("{PATH} {way} `{branch}`"), "the one that is there is replaced")
        }
        Some(_) => {
            let why = format!("{PATH} is there and differs; it is left alone (`--overwrite` replaces it)");
            step(StepKind::CiFile, State::Leave, why)
        }
    })
}

/// A file in the repository that was not replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftFile {
    /// Where it is in the repository.
    pub path: &'static str,
    /// On which branch.
    pub branch: String,
}

/// The file that is there and differs from the one that was to be put there, where it is not to be replaced.
pub(super) fn left_alone(wanted: &Wanted, found: &Found) -> Option<LeftFile> {
    let (file, there) = (wanted.setup.ci_file.as_ref()?, found.ci_file.as_ref()?);
    let differs = wanted.ci_content.is_some() && Fingerprint::of(&there.content) != file.digest;
    let repository = &found.repository;
    let branch = if found.ci_elsewhere { branch(repository, file, false) } else { usual(repository) };
    (differs && !file.overwrite).then_some(LeftFile { path: PATH, branch })
}

/// Whether the very file is where it is to be.
fn is_there(file: &CiFile, found: &Found) -> bool {
    found.ci_file.as_ref().is_some_and(|there| Fingerprint::of(&there.content) == file.digest)
}

/// Has the file judged. GitLab judges a file for a project, which has to be there; this comes before anything else is
/// made in it, and before any token is planted.
pub(super) async fn judge(work: &Work<'_>, project: &Project) -> Result<(), Error> {
    let Work { wanted, found, ends, .. } = work;
    let (Some(file), Some(content)) = (&wanted.setup.ci_file, &wanted.ci_content) else { return Ok(()) };
    if !work.plan.acts(StepKind::CiFile) || is_there(file, found) {
        return Ok(());
    }
    work.doing(StepKind::CiFile);
    let lint = ends.gitlab.lint(&ends.gitlab_token, project.id, content).await;
    let lint = lint.map_err(|error| ends.gitlab_failed(wanted, error))?;
    if lint.valid { Ok(()) } else { Err(ImportError::CiInvalid { errors: lint.errors }.into()) }
}

/// Puts the file, which was found valid, where it belongs.
pub(super) async fn ensure(work: &Work<'_>) -> Result<(), Error> {
    let Work { wanted, found, .. } = work;
    let (Some(file), Some(content)) = (&wanted.setup.ci_file, &wanted.ci_content) else { return Ok(()) };
    if !work.plan.acts(StepKind::CiFile) {
        return Ok(());
    }
    work.doing(StepKind::CiFile);
    let empty = found.head.is_none();
    let branch = branch(&found.repository, file, empty);
    if !is_there(file, found) {
        add(work, file, content, &branch).await?;
    }
    if is_proposed(&found.repository, file, empty) {
        propose(work, &branch, &usual(&found.repository)).await?;
    }
    work.done(StepKind::CiFile, &format!("on `{branch}`"));
    Ok(())
}

async fn add(work: &Work<'_>, file: &CiFile, content: &str, branch: &str) -> Result<(), Error> {
    let found = work.found;
    let earlier = work.ledger.import().made.ci_file.clone();
    let same = earlier.clone().filter(|earlier| earlier.branch == branch);
    let made = MadeFile {
        asked_at: work.tools.clock.now(),
        path: PATH.into(),
        branch: branch.to_owned(),
        digest: file.digest.clone(),
        branch_made: same.as_ref().is_some_and(|earlier| earlier.branch_made),
        pull: same.as_ref().and_then(|earlier| earlier.pull),
        replaced: replaces_others(found.ci_file.as_ref(), same.as_ref()),
        branched_at: same.and_then(|earlier| earlier.branched_at),
        commit: None,
    };
    let made = make_branch(work, made).await?;
    work.ledger.change(|import| import.made.ci_file = Some(made.clone()))?;
    fault::point("import.ci.asked");
    let commit = match put(work, PATH, branch, "Run GitLab CI/CD", content.as_bytes(), found.ci_file.as_ref()).await {
        Ok(commit) => commit,
        Err(error) => {
            // The branch stays on record where it was made; the file is not there.
            if was_refused(&error) && !made.branch_made {
                work.ledger.change(|import| import.made.ci_file = earlier)?;
            }
            return Err(error);
        }
    };
    fault::point("import.ci.answered");
    if branch == usual(&found.repository) {
        work.pushed.replace(Some(commit.clone()));
    }
    work.ledger.change(|import| import.made.ci_file = Some(MadeFile { commit: Some(commit), ..made }))?;
    fault::point("import.ci.made");
    Ok(())
}

/// Whether a file that is there is somebody else's, and not what an earlier run put there.
pub(super) fn replaces_others(there: Option<&File>, earlier: Option<&MadeFile>) -> bool {
    match (there, earlier) {
        (Some(there), Some(earlier)) if Fingerprint::of(&there.content) == earlier.digest => earlier.replaced,
        (there, _) => there.is_some(),
    }
}

/// Whether a forge has refused: nothing was done.
pub(super) fn was_refused(error: &Error) -> bool {
    matches!(error, Error::Forge { source, .. } if source.was_refused())
}

/// The branch for the file, made from the default one unless it is there. That it is to be made is written down before.
async fn make_branch(work: &Work<'_>, made: MadeFile) -> Result<MadeFile, Error> {
    let Work { wanted, found, ends, .. } = work;
    let (token, repository) = (&ends.github_token, &found.repository);
    let (Some(head), false) = (&found.head, repository.default_branch.as_ref() == Some(&made.branch)) else {
        // The first commit of an empty repository makes its branch.
        return Ok(made);
    };
    let failed = |error| ends.github_failed(wanted, error);
    if ends.github.branch_head(token, repository, &made.branch).await.map_err(failed)?.is_some() {
        return Ok(made);
    }
    let made = MadeFile { branch_made: true, branched_at: Some(head.clone()), ..made };
    work.ledger.change(|import| import.made.ci_file = Some(made.clone()))?;
    fault::point("import.branch.asked");
    let created = ends.github.create_branch(token, repository, &made.branch, head).await.map_err(failed)?;
    fault::point("import.branch.made");
    // Somebody was quicker: it is not connect's to delete.
    Ok(if created { made } else { MadeFile { branch_made: false, branched_at: None, ..made } })
}

/// Puts a file into the repository; gives the commit.
pub(super) async fn put(
    work: &Work<'_>,
    path: &str,
    branch: &str,
    message: &str,
    content: &[u8],
    replaces: Option<&File>,
) -> Result<String, Error> {
    let Work { wanted, found, ends, .. } = work;
    let replaces = replaces.map(|file| file.sha.as_str());
    let change = FileChange { path, branch, message, content, replaces };
    let put = ends.github.put_file(&ends.github_token, &found.repository, &change).await;
    put.map_err(|error| ends.github_failed(wanted, error))
}

async fn propose(work: &Work<'_>, branch: &str, base: &str) -> Result<(), Error> {
    let Work { wanted, found, ends, .. } = work;
    let (token, repository) = (&ends.github_token, &found.repository);
    let failed = |error| ends.github_failed(wanted, error);
    let open = ends.github.pulls(token, repository, branch).await.map_err(failed)?;
    let pull = match open.into_iter().next() {
        Some(pull) => pull,
        None => {
            fault::point("import.pull.asked");
            let text = format!("Adds `{PATH}`, so that GitLab CI/CD runs for this repository.");
            ends.github.open_pull(token, repository, branch, base, "Run GitLab CI/CD", &text).await.map_err(failed)?
        }
    };
    fault::point("import.pull.answered");
    work.ledger.change(|import| {
        if let Some(file) = import.made.ci_file.as_mut() {
            file.pull = Some(pull.number);
        }
    })
}
