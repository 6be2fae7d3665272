//! The proof: that it was set up is one thing, that it works another.

use std::time::Duration;

use crate::forge::ForgeError;
use crate::model::hook::Hook;
use crate::model::import::{BranchChoice, Sync};
use crate::model::mirror::{Integration, Mirror, MirrorStatus, Pipeline, Triggered};
use crate::model::place::Project;

use super::super::{Error, Event};
use super::work::{Pace, Work};
use super::{ci, hook, mirrors};

/// How long GitHub may take to deliver a ping, and GitLab to make a pipeline of a commit that it has.
const MOMENT: Duration = Duration::from_secs(8);

/// What was seen after everything was set up.
#[derive(Debug)]
pub struct Proof {
    /// The project.
    pub project: Project,
    /// The commit of the default branch on GitHub; nothing in an empty repository.
    pub on_github: Option<String>,
    /// The same on GitLab.
    pub on_gitlab: Option<String>,
    /// The mirror, where there is one.
    pub mirror: Option<Mirror>,
    /// The webhook, where connect made one.
    pub hook: Option<Hook>,
    /// The integration, where there is one.
    pub integration: Option<Integration>,
    /// The pipelines of the commit, the newest first.
    pub pipelines: Vec<Pipeline>,
    /// What was looked at, and how it was found.
    pub proven: Vec<Proven>,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proven {
    /// `commit`, `mirror`, `webhook`, `integration`, `pipeline`.
    pub what: &'static str,
    /// Whether it works; nothing where it could not be told yet.
    pub works: Option<bool>,
    /// What was seen.
    pub says: String,
}

impl Proof {
    /// Whether nothing was found not to work.
    pub fn is_whole(&self) -> bool {
        self.proven.iter().all(|proven| proven.works != Some(false))
    }
}

/// Looks whether it all works: the mirror is awaited, the commits compared, the ping read.
pub(super) async fn prove(work: &Work<'_>, project: &Project) -> Result<Proof, Error> {
    let mirror = if mirrors(&work.wanted.setup) { Some(await_mirror(work, project).await?) } else { None };
    let broken = mirror.as_ref().is_some_and(|(_, proven)| proven.works == Some(false));
    let commits = await_commit(work, project, broken);
    let (commits, hook, integration) = tokio::join!(commits, await_ping(work), see_integration(work, project));
    let (on_github, on_gitlab, pipelines, more) = commits?;
    let (hook, pinged) = hook?;
    let (integration, reports) = integration?;
    let (mirror, pulled) = mirror.unzip();
    let proven = pulled.into_iter().chain(more).chain(pinged).chain(reports).collect();
    let project = project.clone();
    Ok(Proof { project, on_github, on_gitlab, mirror: mirror.flatten(), hook, integration, pipelines, proven })
}

fn proven(what: &'static str, works: Option<bool>, says: impl Into<String>) -> Proven {
    Proven { what, works, says: says.into() }
}

/// Waits until no update of the mirror is under way. Where nothing was set up in this run, one is asked for if the
/// project is behind.
async fn await_mirror(work: &Work<'_>, project: &Project) -> Result<(Option<Mirror>, Proven), Error> {
    let Work { wanted, found, ends, .. } = work;
    let token = &ends.gitlab_token;
    let failed = |error: ForgeError| ends.gitlab_failed(wanted, error);
    let mut pace = Pace::new(wanted.patience);
    let mut asked = work.plan.acts(super::StepKind::Mirror);
    loop {
        let Some(mirror) = ends.gitlab.mirror(token, project.id).await.map_err(failed)? else {
            return Ok((None, proven("mirror", Some(false), "GitLab says that the project is not mirrored")));
        };
        match &mirror.status {
            MirrorStatus::Failed => {
                let why = mirror.last_error.clone().unwrap_or_else(|| "GitLab gives no reason".into());
                return Ok((Some(mirror), proven("mirror", Some(false), format!("its update failed: {why}"))));
            }
            MirrorStatus::Finished if asked => {
                return Ok((Some(mirror), proven("mirror", Some(true), "the last update succeeded")));
            }
            MirrorStatus::Finished | MirrorStatus::None => {
                let branch = found.repository.default_branch.as_deref().unwrap_or("main");
                let there = ends.gitlab.branch_head(token, project.id, branch).await.map_err(failed)?;
                let behind = there != found.head && !is_left_out(work, there.as_deref());
                if !behind && mirror.status == MirrorStatus::Finished {
                    return Ok((Some(mirror), proven("mirror", Some(true), "the last update succeeded")));
                }
                asked = true;
                if behind {
                    match ends.gitlab.trigger_mirror(token, project.id).await.map_err(failed)? {
                        Triggered::Accepted => {}
                        Triggered::Paused => {
                            let why = "it is paused after too many failures; running this again sets it up anew";
                            return Ok((Some(mirror), proven("mirror", Some(false), why)));
                        }
                        Triggered::NotMirrored => {
                            return Ok((Some(mirror), proven("mirror", Some(false), "the project is not mirrored")));
                        }
                    }
                }
            }
            _ => work.tools.say(Event::Watching { what: format!("the mirror of {}", project.path) }),
        }
        if !pace.wait().await {
            return Ok((Some(mirror), proven("mirror", None, "an update is still under way")));
        }
    }
}

/// Whether the default branch is missing on GitLab because other branches were asked for. Which those are is GitLab's
/// to say.
fn is_left_out(work: &Work<'_>, there: Option<&str>) -> bool {
    there.is_none() && work.wanted.setup.sync == Sync::Mirror && work.wanted.setup.branches != BranchChoice::All
}

/// Compares the default branch on both sides, and looks for the pipeline that its commit starts.
async fn await_commit(
    work: &Work<'_>,
    project: &Project,
    broken: bool,
) -> Result<(Option<String>, Option<String>, Vec<Pipeline>, Vec<Proven>), Error> {
    let Work { wanted, found, ends, .. } = work;
    let branch = found.repository.default_branch.as_deref().unwrap_or("main");
    let by_actions = wanted.setup.sync == Sync::Actions;
    let patience = if by_actions { wanted.patience.min(Duration::from_secs(120)) } else { MOMENT };
    let mut pace = Pace::new(if broken { Duration::ZERO } else { patience });
    let (on_github, on_gitlab) = loop {
        let here = ends.github.branch_head(&ends.github_token, &found.repository, branch);
        let there = ends.gitlab.branch_head(&ends.gitlab_token, project.id, branch);
        let (here, there) = tokio::join!(here, there);
        let here = here.map_err(|error| ends.github_failed(wanted, error))?;
        let there = there.map_err(|error| ends.gitlab_failed(wanted, error))?;
        let once = wanted.setup.sync == Sync::Never && there.is_some();
        if here == there || once || is_left_out(work, there.as_deref()) {
            break (here, there);
        }
        if by_actions {
            work.tools.say(Event::Watching { what: "GitHub Actions, which pushes to GitLab".into() });
        }
        if !pace.wait().await {
            break (here, there);
        }
    };
    let short = |sha: &Option<String>| {
        sha.as_deref().map_or_else(|| "nothing".to_owned(), |sha| sha.get(..10).unwrap_or(sha).to_owned())
    };
    let commit = if on_github == on_gitlab {
        proven("commit", Some(true), format!("`{branch}` is {} on both sides", short(&on_github)))
    } else if wanted.setup.sync == Sync::Never && on_gitlab.is_some() {
        let (here, there) = (short(&on_github), short(&on_gitlab));
        let says = format!("`{branch}` was brought over at {there}; on GitHub it is {here} by now");
        proven("commit", Some(true), says)
    } else if by_actions {
        let actions = format!("{}/actions", found.repository.web_url);
        proven("commit", None, format!("`{branch}` is not on GitLab yet; see {actions}"))
    } else {
        let (here, there) = (short(&on_github), short(&on_gitlab));
        let (works, why) = match wanted.setup.sync {
            _ if broken => (Some(false), ""),
            // Somebody has pushed since, or the interval is not over: GitLab docs, "Pull mirroring".
            _ if on_gitlab.is_some() => (None, "; GitLab pulls at most every five minutes"),
            _ if is_left_out(work, None) => (None, "; it may not be among the branches that are mirrored"),
            _ => (Some(false), ""),
        };
        proven("commit", works, format!("`{branch}` is {here} on GitHub and {there} on GitLab{why}"))
    };
    let (pipelines, seen) = await_pipeline(work, project, on_gitlab.as_deref()).await?;
    let more = std::iter::once(commit).chain(seen).collect();
    Ok((on_github, on_gitlab, pipelines, more))
}

/// A pipeline appears if there is a file that asks for one.
async fn await_pipeline(
    work: &Work<'_>,
    project: &Project,
    commit: Option<&str>,
) -> Result<(Vec<Pipeline>, Option<Proven>), Error> {
    let Work { wanted, found, ends, .. } = work;
    let Some(commit) = commit else { return Ok((Vec::new(), None)) };
    let usual = found.repository.default_branch.as_deref();
    let file = wanted.setup.ci_file.as_ref().filter(|_| {
        !work.plan.steps.iter().any(|step| step.step == super::StepKind::CiFile && step.state == super::State::Leave)
    });
    let expected =
        file.is_some_and(|file| !file.pull_request && Some(ci::branch(&found.repository, file).as_str()) == usual);
    let mut pace = Pace::new(if expected { MOMENT } else { Duration::ZERO });
    loop {
        let pipelines = ends.gitlab.pipelines(&ends.gitlab_token, project.id, Some(commit)).await;
        let pipelines = pipelines.map_err(|error| ends.gitlab_failed(wanted, error))?;
        if let Some(first) = pipelines.first() {
            let seen = proven("pipeline", Some(true), format!("{} has the status `{}`", first.id, first.status));
            return Ok((pipelines, Some(seen)));
        }
        if !pace.wait().await {
            let missing = expected.then(|| proven("pipeline", None, "none yet for this commit"));
            return Ok((pipelines, missing));
        }
    }
}

/// GitHub pings a webhook when it is made; one that was changed was asked for a ping.
async fn await_ping(work: &Work<'_>) -> Result<(Option<Hook>, Option<Proven>), Error> {
    let Work { wanted, found, ends, .. } = work;
    let Some(id) = work.ledger.import().made.hook.as_ref().and_then(|hook| hook.id) else { return Ok((None, None)) };
    let mut pace = Pace::new(MOMENT);
    // One that was left as it was has been looked at a moment ago.
    let mut seen = found.hooks.iter().find(|hook| hook.id == id && !work.plan.acts(super::StepKind::Webhook)).cloned();
    loop {
        let hook = match seen.take() {
            Some(seen) => Some(seen),
            None => ends
                .github
                .hook(&ends.github_token, &found.repository, id)
                .await
                .map_err(|error| ends.github_failed(wanted, error))?,
        };
        let Some(hook) = hook else {
            return Ok((None, Some(proven("webhook", Some(false), "somebody has just removed it"))));
        };
        let asked = work.pinged.get().is_some();
        let answered =
            if asked { hook::pong(work, id).await?.map(Option::unwrap_or_default) } else { hook.last_response };
        if let Some(code) = answered {
            let good = !hook::refuses(code);
            let says =
                if good { format!("GitLab answered {code}") } else { refused(code, hook.last_message.as_deref()) };
            return Ok((Some(hook), Some(proven("webhook", Some(good), says))));
        }
        if !pace.wait().await {
            return Ok((Some(hook), Some(proven("webhook", None, "GitHub has not delivered its ping yet"))));
        }
    }
}

fn refused(code: u16, message: Option<&str>) -> String {
    let why = match code {
        0 => return "GitHub got no answer from GitLab".into(),
        401 | 404 => "GitLab does not accept the token in its URL",
        403 => "GitLab refuses: the token's role is below Maintainer, or the mirror is paused",
        400 => "GitLab says that the project is not mirrored",
        _ => message.unwrap_or("no explanation is given"),
    };
    format!("GitLab answered {code}: {why}")
}

async fn see_integration(work: &Work<'_>, project: &Project) -> Result<(Option<Integration>, Option<Proven>), Error> {
    let Work { wanted, ends, .. } = work;
    let planned = work.plan.steps.iter().find(|step| step.step == super::StepKind::Integration);
    let there = match planned.map(|step| step.state) {
        None | Some(super::State::Leave) => return Ok((None, None)),
        // It was looked at a moment ago.
        Some(super::State::Stands) => work.found.standing.as_ref().and_then(|standing| standing.integration.clone()),
        Some(super::State::Make | super::State::Change) => {
            let there = ends.gitlab.integration(&ends.gitlab_token, project.id).await;
            there.map_err(|error| ends.gitlab_failed(wanted, error))?
        }
    };
    let active = there.as_ref().is_some_and(|there| there.active);
    let says = if active { "statuses are reported to GitHub" } else { "it is switched off" };
    Ok((there, Some(proven("integration", Some(active), says))))
}
