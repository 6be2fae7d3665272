//! The proof: that it was set up is one thing, that it works another.

use std::time::Duration;

use jiff::Timestamp;

use crate::model::hook::Hook;
use crate::model::import::{BranchChoice, Sync};
use crate::model::mirror::{Integration, Mirror, MirrorStatus, Pipeline, Triggered};
use crate::model::place::Project;

use super::super::pace::Pace;
use super::super::{Error, Event};
use super::work::Work;
use super::{ci, hook, mirrors};

/// How long GitHub may take to deliver a ping, and GitLab to make a pipeline of a commit that it has.
const MOMENT: Duration = Duration::from_secs(8);

/// How long GitLab may take to begin an update that it does not put off.
const AT_ONCE: Duration = Duration::from_secs(2);

const SUCCEEDED: &str = "the last update succeeded";

/// How long GitHub may take to begin and end a run of the workflow.
const A_RUN_OF_ACTIONS: Duration = Duration::from_secs(120);

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
    /// The webhook that tells GitLab.
    pub hook: Option<Hook>,
    /// Whether connect made that webhook.
    pub hook_is_ours: bool,
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
    let follows = Box::pin(follow(work, project));
    let (follows, hook, integration) = tokio::join!(follows, await_ping(work), see_integration(work, project));
    let (mirror, commits, mut seen) = follows?;
    let (hook, pinged) = hook?;
    let hook_is_ours = hook::relied_upon(work).is_some_and(|(_, ours)| ours);
    let (integration, reports) = integration?;
    let (pipelines, started) = await_pipeline(work, project, commits.gitlab.as_deref(), commits.pipelines).await?;
    seen.extend(started);
    seen.extend(pinged);
    seen.extend(reports);
    let (on_github, on_gitlab) = (commits.github, commits.gitlab);
    let project = project.clone();
    Ok(Proof { project, on_github, on_gitlab, mirror, hook, hook_is_ours, integration, pipelines, proven: seen })
}

/// The commit of the default branch on both sides, and what GitLab has run lately.
struct Commits {
    github: Option<String>,
    gitlab: Option<String>,
    pipelines: Vec<Pipeline>,
}

/// Sees that the project has what the repository has, by whichever way it comes there.
async fn follow(work: &Work<'_>, project: &Project) -> Result<(Option<Mirror>, Commits, Vec<Proven>), Error> {
    if !mirrors(&work.wanted.setup) {
        let (commits, seen) = await_commits(work, project).await?;
        return Ok((None, commits, vec![seen]));
    }
    // One that was left as it was has been looked at a moment ago.
    let untouched = work.found.standing.as_ref().filter(|_| !work.plan.acts(super::StepKind::Mirror));
    let finished = untouched.and_then(|standing| standing.mirror.clone());
    let finished = finished.filter(|mirror| mirror.status == MirrorStatus::Finished);
    let (mut mirror, mut pulled) = match finished {
        Some(mirror) => (Some(mirror), proven("mirror", Some(true), SUCCEEDED)),
        None => await_mirror(work, project).await?,
    };
    let mut commits = compare(work, project, seen_head(work)).await?;
    // One that was set up just now has pulled already, unless somebody has pushed since.
    let left_out = |commits: &Commits| is_left_out(work, commits.gitlab.as_deref());
    let mut later = false;
    if pulled.works == Some(true) && commits.github != commits.gitlab && !left_out(&commits) {
        let before = mirror.as_ref().and_then(|mirror| mirror.last_update_at);
        if let Some(refused) = trigger(work, project).await? {
            pulled = refused;
        } else if is_begun(work, project, before).await? {
            (mirror, pulled) = await_mirror(work, project).await?;
        } else {
            later = true;
        }
        commits = compare(work, project, None).await?;
    }
    let branch = branch(work);
    let same = commits.github == commits.gitlab;
    let (here, there) = (short(commits.github.as_deref()), short(commits.gitlab.as_deref()));
    let (works, says) = match pulled.works {
        _ if same && commits.github.is_none() => (Some(true), "there is no commit yet on either side".to_owned()),
        _ if same => (Some(true), format!("`{branch}` is {here} on both sides")),
        _ if left_out(&commits) => (
            None,
            format!(
                "`{branch}` is {here} on GitHub and {there} on GitLab; it may not be among the branches that are mirrored"
            ),
        ),
        _ if later => {
            let why = "GitLab pulls at most every five minutes";
            (None, format!("`{branch}` is {here} on GitHub and {there} on GitLab; {why}"))
        }
        // What is still under way may bring it yet.
        pulled => (pulled.and(Some(false)), format!("`{branch}` is {here} on GitHub and {there} on GitLab")),
    };
    Ok((mirror, commits, vec![pulled, proven("commit", works, says)]))
}

/// Whether GitLab pulls at once, or has put it off. GitLab REST, "Project pull mirroring": asked within five minutes of
/// the last update it answers 200 all the same, and pulls when these are over.
async fn is_begun(work: &Work<'_>, project: &Project, before: Option<Timestamp>) -> Result<bool, Error> {
    let Work { wanted, ends, .. } = work;
    let mut pace = Pace::new(AT_ONCE);
    loop {
        let mirror = ends.gitlab.mirror(&ends.gitlab_token, project.id).await;
        let mirror = mirror.map_err(|error| ends.gitlab_failed(wanted, error))?;
        if mirror.is_none_or(|mirror| mirror.status != MirrorStatus::Finished || mirror.last_update_at != before) {
            return Ok(true);
        }
        if !pace.wait().await {
            return Ok(false);
        }
    }
}

/// Whether the default branch is missing on GitLab because other branches were asked for. Which those are is GitLab's
/// to say.
fn is_left_out(work: &Work<'_>, there: Option<&str>) -> bool {
    there.is_none() && work.wanted.setup.branches != BranchChoice::All
}

fn branch<'a>(work: &'a Work<'_>) -> &'a str {
    work.found.repository.default_branch.as_deref().unwrap_or("main")
}

fn short(sha: Option<&str>) -> String {
    sha.map_or_else(|| "nothing".to_owned(), |sha| sha.get(..10).unwrap_or(sha).to_owned())
}

fn proven(what: &'static str, works: Option<bool>, says: impl Into<String>) -> Proven {
    Proven { what, works, says: says.into() }
}

/// Waits until no update of the mirror is under way.
async fn await_mirror(work: &Work<'_>, project: &Project) -> Result<(Option<Mirror>, Proven), Error> {
    let Work { wanted, ends, .. } = work;
    let mut pace = Pace::new(wanted.patience);
    loop {
        let mirror = ends.gitlab.mirror(&ends.gitlab_token, project.id).await;
        let Some(mirror) = mirror.map_err(|error| ends.gitlab_failed(wanted, error))? else {
            return Ok((None, proven("mirror", Some(false), "GitLab says that the project is not mirrored")));
        };
        match &mirror.status {
            MirrorStatus::Failed => {
                let why = mirror.last_error.clone().unwrap_or_else(|| "GitLab gives no reason".into());
                return Ok((Some(mirror), proven("mirror", Some(false), format!("its update failed: {why}"))));
            }
            MirrorStatus::Finished => return Ok((Some(mirror), proven("mirror", Some(true), SUCCEEDED))),
            _ => work.tools.say(Event::Watching { what: format!("the mirror of {}", project.path) }),
        }
        if !pace.wait().await {
            return Ok((Some(mirror), proven("mirror", None, "an update is still under way")));
        }
    }
}

/// Asks for an update; says why there will be none.
async fn trigger(work: &Work<'_>, project: &Project) -> Result<Option<Proven>, Error> {
    let Work { wanted, ends, .. } = work;
    let triggered = ends.gitlab.trigger_mirror(&ends.gitlab_token, project.id).await;
    let why = match triggered.map_err(|error| ends.gitlab_failed(wanted, error))? {
        Triggered::Accepted => return Ok(None),
        Triggered::Paused => "it is paused after too many failures; running this again sets it up anew",
        Triggered::NotMirrored => "the project is not mirrored",
    };
    Ok(Some(proven("mirror", Some(false), why)))
}

/// The commit of the default branch on GitHub, as it was seen, or put there, before the mirror pulled.
fn seen_head(work: &Work<'_>) -> Option<String> {
    work.pushed.borrow().clone().or_else(|| work.found.head.clone())
}

/// Compares both sides; GitHub is asked only if its commit is not known. Somebody may have pushed since it was.
async fn compare(work: &Work<'_>, project: &Project, seen: Option<String>) -> Result<Commits, Error> {
    let Work { wanted, found, ends, .. } = work;
    let here = async {
        match seen {
            Some(seen) => Ok(Some(seen)),
            None => ends.github.branch_head(&ends.github_token, &found.repository, branch(work)).await,
        }
    };
    let there = ends.gitlab.branch_head(&ends.gitlab_token, project.id, branch(work));
    let run = ends.gitlab.pipelines(&ends.gitlab_token, project.id, None);
    let (here, there, run) = tokio::join!(here, there, run);
    Ok(Commits {
        github: here.map_err(|error| ends.github_failed(wanted, error))?,
        gitlab: there.map_err(|error| ends.gitlab_failed(wanted, error))?,
        pipelines: run.map_err(|error| ends.gitlab_failed(wanted, error))?,
    })
}

/// Waits until the workflow has pushed; what was brought over once need not be the newest.
async fn await_commits(work: &Work<'_>, project: &Project) -> Result<(Commits, Proven), Error> {
    let once = work.wanted.setup.sync == Sync::Never;
    let mut pace = Pace::new(if once { MOMENT } else { work.wanted.patience.min(A_RUN_OF_ACTIONS) });
    loop {
        let commits = compare(work, project, None).await?;
        let branch = branch(work);
        if commits.github == commits.gitlab {
            let says = format!("`{branch}` is {} on both sides", short(commits.github.as_deref()));
            return Ok((commits, proven("commit", Some(true), says)));
        }
        if once && commits.gitlab.is_some() {
            let (here, there) = (short(commits.github.as_deref()), short(commits.gitlab.as_deref()));
            let says = format!("`{branch}` was brought over at {there}; on GitHub it is {here} by now");
            return Ok((commits, proven("commit", Some(true), says)));
        }
        if !once {
            work.tools.say(Event::Watching { what: "GitHub Actions, which pushes to GitLab".into() });
        }
        if !pace.wait().await {
            let says = if once {
                format!("`{branch}` is not on GitLab")
            } else {
                format!("`{branch}` is not on GitLab yet; see {}/actions", work.found.repository.web_url)
            };
            return Ok((commits, proven("commit", if once { Some(false) } else { None }, says)));
        }
    }
}

/// A pipeline appears if there is a file that asks for one. What was run lately is known already.
async fn await_pipeline(
    work: &Work<'_>,
    project: &Project,
    commit: Option<&str>,
    lately: Vec<Pipeline>,
) -> Result<(Vec<Pipeline>, Option<Proven>), Error> {
    let Work { wanted, found, ends, .. } = work;
    let Some(commit) = commit else { return Ok((Vec::new(), None)) };
    let usual = found.repository.default_branch.as_deref();
    let is_left = |step: &super::Planned| step.step == super::StepKind::CiFile && step.state == super::State::Leave;
    let file = wanted.setup.ci_file.as_ref().filter(|_| !work.plan.steps.iter().any(is_left));
    let is_there = |file: &crate::model::import::CiFile| {
        Some(ci::branch(&found.repository, file, found.head.is_none()).as_str()) == usual
    };
    let expected = file.is_some_and(is_there);
    let mut pipelines: Vec<Pipeline> = lately.into_iter().filter(|pipeline| pipeline.sha == commit).collect();
    let mut pace = Pace::new(MOMENT);
    while pipelines.is_empty() && expected && pace.wait().await {
        let run = ends.gitlab.pipelines(&ends.gitlab_token, project.id, Some(commit)).await;
        pipelines = run.map_err(|error| ends.gitlab_failed(wanted, error))?;
    }
    let seen = match pipelines.first() {
        Some(first) => Some(proven("pipeline", Some(true), format!("{} has the status `{}`", first.id, first.status))),
        None => expected.then(|| proven("pipeline", None, "none yet for this commit")),
    };
    Ok((pipelines, seen))
}

/// GitHub pings a webhook when it is made; one that was changed, or that is somebody else's, was asked for a ping.
async fn await_ping(work: &Work<'_>) -> Result<(Option<Hook>, Option<Proven>), Error> {
    let Work { wanted, found, ends, .. } = work;
    let Some((id, ours)) = hook::relied_upon(work) else { return Ok((None, None)) };
    let mut pace = Pace::new(MOMENT);
    // One that was left as it was has been looked at a moment ago.
    let mut seen = found.hooks.iter().find(|hook| hook.id == id && !work.plan.acts(super::StepKind::Webhook)).cloned();
    loop {
        let hook = match seen.take() {
            Some(seen) => Some(seen),
            None => {
                let hook = ends.github.hook(&ends.github_token, &found.repository, id).await;
                hook.map_err(|error| ends.github_failed(wanted, error))?
            }
        };
        let Some(hook) = hook else {
            return Ok((None, Some(proven("webhook", Some(false), "somebody has just removed it"))));
        };
        let asked = work.pinged.get().is_some();
        let answered =
            if asked { hook::pong(work, id).await?.map(Option::unwrap_or_default) } else { hook.last_response };
        if let Some(code) = answered {
            let good = !hook::refuses(code);
            let says = match good {
                true => format!("GitLab answered {code}"),
                false => refused(code, hook.last_message.as_deref()),
            };
            // By now GitHub knows, too, how its last delivery went.
            let next = "connect did not make this webhook; the same command makes one beside it";
            let says = if good || ours { says } else { format!("{says}; {next}") };
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
