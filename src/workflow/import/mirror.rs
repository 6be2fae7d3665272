//! The pull mirror: what is looked at is what GitLab answers, because without a licence it answers 200 and does nothing.

use crate::forge::{ForgeError, ForgeErrorKind};
use crate::model::import::{BranchChoice, Planted};
use crate::model::mirror::{Branches, Mirror, MirrorStatus, MirrorWish};
use crate::model::place::Project;

use super::super::{Error, fault};
use super::ImportError;
use super::Wanted;
use super::ends::Ends;
use super::look::{Found, same_repository};
use super::plan::{Planned, State, StepKind, odd, step};
use super::work::Work;

/// What is licensed, in words.
pub(super) const MIRRORING: &str = "pull mirroring";

pub(super) fn plan(wanted: &Wanted, ends: &Ends, found: &Found) -> Planned {
    let which = match &wanted.setup.branches {
        BranchChoice::All => "all branches".to_owned(),
        BranchChoice::Protected => "protected branches".to_owned(),
        BranchChoice::Matching(pattern) => format!("branches that match `{pattern}`"),
    };
    let what = format!("pulls the repository every 30 minutes, {which}, with pipelines");
    match found.standing.as_ref().and_then(|standing| standing.mirror.as_ref()) {
        None => step(StepKind::Mirror, State::Make, what),
        Some(mirror) if mirror.enabled == Some(false) => step(StepKind::Mirror, State::Make, what),
        Some(mirror) => match differs(wanted, ends, found, mirror) {
            Some(why) => odd(StepKind::Mirror, what, why),
            None => step(StepKind::Mirror, State::Stands, what),
        },
    }
}

/// Why a mirror that is there is set up anew.
fn differs(wanted: &Wanted, ends: &Ends, found: &Found, mirror: &Mirror) -> Option<String> {
    let source = &ends.clone_url(&found.repository.full_name());
    if !mirror.url.as_ref().is_some_and(|url| same_repository(url, source) && url.path().ends_with(".git")) {
        let elsewhere = mirror.url.as_ref().map_or_else(|| "elsewhere".into(), crate::model::text::masked_url);
        return Some(format!("it pulls from {elsewhere}"));
    }
    if mirror.status == MirrorStatus::Failed {
        let why = mirror.last_error.as_deref().unwrap_or("no reason is given");
        let how = if is_paused(ends, found) { "and GitLab has given it up" } else { "and is tried again" };
        return Some(format!("its last update failed, {how}: {why}"));
    }
    let planted = found.record.as_ref().and_then(|record| record.made.mirror.as_ref());
    if planted.is_some_and(|planted| planted.unanswered) {
        return Some("whether it was set up as it should be, nobody has heard".into());
    }
    // The token itself, and not what the record says of it: one in a variable is another without a word.
    if planted.is_some_and(|planted| planted.fingerprint != ends.github_token.fingerprint()) {
        return Some("it has an older token".into());
    }
    let (protected, regex) = match &wanted.setup.branches {
        BranchChoice::All => (false, None),
        BranchChoice::Protected => (true, None),
        BranchChoice::Matching(pattern) => (false, Some(pattern.as_str())),
    };
    // Before 17.5 GitLab does not tell these; what is not told does not differ. Of booleans `null` is false.
    let told = mirror.enabled.is_some();
    let is = |value: Option<bool>, wanted: bool| !told || value.unwrap_or(false) == wanted;
    if !is(mirror.triggers_builds, true) {
        return Some("it starts no pipelines now".into());
    }
    if !is(mirror.overwrites_diverged, true) {
        return Some("it leaves diverged branches now".into());
    }
    let same_regex = !told || mirror.branch_regex.as_deref().filter(|regex| !regex.is_empty()) == regex;
    if !is(mirror.only_protected, protected) || !same_regex {
        return Some("it brings other branches now".into());
    }
    None
}

/// GitLab tells nobody that it has given a mirror up, but whoever wants to trigger it: our webhook was answered 403.
fn is_paused(ends: &Ends, found: &Found) -> bool {
    let Some(standing) = &found.standing else { return false };
    let ours = found.hooks.iter().filter(|hook| super::hook::leads_to(ends, &hook.url, &standing.project));
    ours.into_iter().any(|hook| hook.last_response == Some(403))
}

fn wish(work: &Work<'_>) -> MirrorWish {
    let branches = match &work.wanted.setup.branches {
        BranchChoice::All => Branches::All,
        BranchChoice::Protected => Branches::Protected,
        BranchChoice::Matching(pattern) => Branches::Matching(pattern.clone()),
    };
    let url = work.ends.clone_url(&work.found.repository.full_name());
    MirrorWish { url, user: work.found.login.clone(), branches }
}

/// Sets the mirror up; GitLab then starts a first update by itself.
pub(super) async fn ensure(work: &Work<'_>, project: &Project) -> Result<(), Error> {
    let Work { wanted, found, ends, .. } = work;
    if !work.plan.acts(StepKind::Mirror) {
        return Ok(());
    }
    let there = found.standing.as_ref().is_some_and(|standing| standing.mirror.is_some());
    let before = work.ledger.import().made.mirror.clone();
    let planted = Planted {
        asked_at: work.tools.clock.now(),
        connection: wanted.github.name.clone(),
        fingerprint: ends.github_token.fingerprint(),
        was_there: before.as_ref().map_or(there, |before| before.was_there),
        unanswered: true,
    };
    work.ledger.change(|import| import.made.mirror = Some(planted))?;
    fault::point("import.mirror.asked");
    work.doing(StepKind::Mirror);
    let (token, wish) = (&ends.gitlab_token, wish(work));
    let failed = |error: ForgeError| {
        if error.was_refused() {
            work.ledger.change(|import| import.made.mirror.clone_from(&before))?;
        }
        Err(ends.gitlab_failed(wanted, error))
    };
    let by_regex = found.standing.as_ref().and_then(|standing| standing.mirror.as_ref()?.branch_regex.as_ref());
    let now = async || {
        if by_regex.is_some_and(|regex| !regex.is_empty()) && wish.branches == Branches::All {
            ends.gitlab.choose_no_branches(token, project.id, &ends.github_token).await?;
        }
        ends.gitlab.set_mirror(token, project.id, &wish, &ends.github_token).await.map(Some)
    };
    let as_it_was = async || {
        ends.gitlab.set_mirror_old(token, project.id, &wish, &ends.github_token).await?;
        ends.gitlab.mirror(token, project.id).await
    };
    let set = match if found.old_mirror { as_it_was().await } else { now().await } {
        // A server that does not tell its version.
        Err(error) if matches!(error.kind, ForgeErrorKind::Unsupported { .. }) && found.server_version.is_none() => {
            as_it_was().await
        }
        other => other,
    };
    let set = set.or_else(failed)?;
    if set.is_none_or(|mirror| mirror.enabled == Some(false)) {
        work.ledger.change(|import| import.made.mirror.clone_from(&before))?;
        return Err(ImportError::NotLicensed {
            what: MIRRORING,
            place: project.path.clone(),
            stands: true,
            connection: wanted.gitlab.name.clone(),
        }
        .into());
    }
    fault::point("import.mirror.answered");
    work.ledger.change(|import| import.made.mirror = import.made.mirror.take().map(Planted::arrived))?;
    fault::point("import.mirror.made");
    work.done(StepKind::Mirror, "on");
    Ok(())
}
