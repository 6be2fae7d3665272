//! `--sync actions`, for a GitLab without pull mirroring: a workflow of GitHub Actions that pushes to GitLab, with the
//! GitLab token as an encrypted secret.

use crate::model::Fingerprint;
use crate::model::import::{MadeFile, Planted};
use crate::model::place::Project;

use super::super::{Error, fault};
use super::ImportError;
use super::Wanted;
use super::ci;
use super::ends::Ends;
use super::look::Found;
use super::plan::{Planned, State, StepKind, odd, step};
use super::token::{self, Plant};
use super::work::Work;

/// Where GitHub looks for workflows.
pub(super) const WORKFLOW_PATH: &str = ".github/workflows/mirror-to-gitlab.yml";

/// The secret's name.
pub(super) const SECRET: &str = "GITLAB_MIRROR_TOKEN";

/// The workflow, but for the project's address. Tokens go by git's configuration in the environment: no command line
/// and no URL carries them. Nothing of others' making runs in it.
const WORKFLOW: &str = r#"# Pushes every branch and tag to GitLab, where CI/CD runs. Made by `connect import --sync actions`.
name: Mirror to GitLab
on:
  push:
  delete:
  workflow_dispatch:
permissions:
  contents: read
concurrency:
  group: mirror-to-gitlab
jobs:
  mirror:
    runs-on: ubuntu-latest
    steps:
      - name: Push to GitLab
        env:
          GITHUB_TOKEN: ${{ github.token }}
          GITLAB_MIRROR_TOKEN: ${{ secrets.GITLAB_MIRROR_TOKEN }}
          SOURCE: ${{ github.server_url }}/${{ github.repository }}.git
          TARGET: {target}
        run: |
          set -eu
          header() { printf 'Authorization: Basic %s' "$(printf '%s:%s' "$1" "$2" | base64 | tr -d '\n')"; }
          git init --quiet --bare mirror
          cd mirror
          export GIT_TERMINAL_PROMPT=0 GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=http.extraHeader
          GIT_CONFIG_VALUE_0="$(header x-access-token "$GITHUB_TOKEN")" \
            git fetch --quiet --prune "$SOURCE" '+refs/heads/*:refs/heads/*' '+refs/tags/*:refs/tags/*'
          GIT_CONFIG_VALUE_0="$(header oauth2 "$GITLAB_MIRROR_TOKEN")" \
            git push --quiet --prune "$TARGET" '+refs/heads/*:refs/heads/*' '+refs/tags/*:refs/tags/*'
"#;

/// The workflow for a project.
pub(super) fn workflow(ends: &Ends, path: &str) -> String {
    WORKFLOW.replace("{target}", ends.gitlab_host.page(&format!("{path}.git")).as_str())
}

pub(super) fn plan_secret(wanted: &Wanted, ends: &Ends, found: &Found) -> Planned {
    let what = format!("`{SECRET}`, sealed for GitHub Actions");
    let planted = found.record.as_ref().and_then(|record| record.made.secret.as_ref());
    let current = token::planted(wanted, ends, found).map(|(_, fingerprint)| fingerprint);
    match planted {
        Some(planted) if found.has_secret && !planted.unanswered && Some(&planted.fingerprint) == current.as_ref() => {
            match token::ending(found).filter(|_| wanted.hook.is_none()) {
                Some(_) => odd(StepKind::Secret, what, "the token in it ends soon"),
                None => step(StepKind::Secret, State::Stands, what),
            }
        }
        _ if found.has_secret => {
            let why = if planted.is_some() { "it is an older token" } else { "the one that is there is replaced" };
            odd(StepKind::Secret, what, why)
        }
        _ => step(StepKind::Secret, State::Make, what),
    }
}

/// Another import of the repository, or somebody else, has a workflow under this name: pushed would be what that one
/// says, to where that one says, and with the one secret that there is.
///
/// # Errors
/// [`ImportError::WorkflowInTheWay`], unless it is to be replaced.
pub(super) fn is_free(wanted: &Wanted, ends: &Ends, found: &Found) -> Result<(), Error> {
    let made = found.record.as_ref().and_then(|record| record.made.workflow.as_ref());
    let Some(file) = found.workflow.as_ref().filter(|_| made.is_none() && !wanted.overwrite) else { return Ok(()) };
    if Fingerprint::of(&file.content) == Fingerprint::of(workflow(ends, &found.target.path).as_bytes()) {
        return Ok(());
    }
    Err(ImportError::WorkflowInTheWay { repository: found.repository.full_name(), path: WORKFLOW_PATH }.into())
}

pub(super) fn plan_workflow(wanted: &Wanted, ends: &Ends, found: &Found) -> Planned {
    let what = format!("{WORKFLOW_PATH} pushes to GitLab");
    let path = &found.target.path;
    let ours = Fingerprint::of(workflow(ends, path).as_bytes());
    let made = found.record.as_ref().and_then(|record| record.made.workflow.as_ref());
    match &found.workflow {
        None => step(StepKind::Workflow, State::Make, what),
        Some(file) if Fingerprint::of(&file.content) == ours => step(StepKind::Workflow, State::Stands, what),
        Some(file) if made.is_some_and(|made| made.digest == Fingerprint::of(&file.content)) => {
            odd(StepKind::Workflow, what, "the project has moved")
        }
        Some(_) if wanted.overwrite => odd(StepKind::Workflow, what, "the file there is replaced"),
        Some(_) => {
            let why = format!("{WORKFLOW_PATH} is there and differs; it is left alone (`--overwrite` replaces it)");
            step(StepKind::Workflow, State::Leave, why)
        }
    }
}

/// Plants the token, then the workflow: its first run, which the commit starts, finds the token there.
pub(super) async fn ensure(work: &Work<'_>, project: &Project, plant: Option<&Plant>) -> Result<(), Error> {
    if let Some(plant) = plant.filter(|_| work.plan.acts(StepKind::Secret)) {
        put_secret(work, plant).await?;
    }
    token::retire(work, project).await;
    if work.plan.acts(StepKind::Workflow) {
        put_workflow(work, project).await?;
    }
    Ok(())
}

async fn put_secret(work: &Work<'_>, plant: &Plant) -> Result<(), Error> {
    let Work { wanted, found, ends, .. } = work;
    let before = work.ledger.import().made.secret.clone();
    let planted = Planted {
        asked_at: work.tools.clock.now(),
        connection: plant.connection.clone(),
        fingerprint: plant.secret.fingerprint(),
        was_there: before.as_ref().map_or(found.has_secret, |before| before.was_there),
        unanswered: true,
    };
    work.ledger.change(|import| import.made.secret = Some(planted))?;
    fault::point("import.secret.asked");
    work.doing(StepKind::Secret);
    let put = ends.github.put_actions_secret(&ends.github_token, &found.repository, SECRET, &plant.secret).await;
    if let Err(error) = put {
        if error.was_refused() {
            work.ledger.change(|import| import.made.secret = before)?;
        }
        return Err(ends.github_failed(wanted, error));
    }
    fault::point("import.secret.answered");
    work.ledger.change(|import| import.made.secret = import.made.secret.take().map(Planted::arrived))?;
    fault::point("import.secret.made");
    work.done(StepKind::Secret, SECRET);
    Ok(())
}

async fn put_workflow(work: &Work<'_>, project: &Project) -> Result<(), Error> {
    let found = work.found;
    let content = workflow(work.ends, &project.path);
    let branch = found.repository.default_branch.clone().unwrap_or_else(|| "main".into());
    let earlier = work.ledger.import().made.workflow.clone();
    let made = MadeFile {
        asked_at: work.tools.clock.now(),
        path: WORKFLOW_PATH.into(),
        branch: branch.clone(),
        digest: Fingerprint::of(content.as_bytes()),
        branch_made: false,
        pull: None,
        branched_at: None,
        commit: None,
        replaced: ci::replaces_others(found.workflow.as_ref(), earlier.as_ref()),
    };
    work.ledger.change(|import| import.made.workflow = Some(made))?;
    fault::point("import.workflow.asked");
    work.doing(StepKind::Workflow);
    let replaces = found.workflow.as_ref();
    let put = ci::put(work, WORKFLOW_PATH, &branch, "Mirror to GitLab", content.as_bytes(), replaces).await;
    if let Err(error) = put {
        if ci::was_refused(&error) {
            work.ledger.change(|import| import.made.workflow = earlier)?;
        }
        return Err(error);
    }
    fault::point("import.workflow.made");
    work.done(StepKind::Workflow, WORKFLOW_PATH);
    Ok(())
}
