//! The GitHub integration: GitLab's pipelines report their statuses to commits on GitHub.

use crate::forge::ForgeErrorKind;
use crate::model::import::Planted;
use crate::model::place::Project;

use super::super::{Error, fault};
use super::ImportError;
use super::Wanted;
use super::ends::Ends;
use super::look::{Found, same_repository};
use super::plan::{Planned, State, StepKind, odd, step};
use super::work::Work;

pub(super) fn plan(wanted: &Wanted, ends: &Ends, found: &Found) -> Planned {
    if !wanted.setup.integration {
        return step(StepKind::Integration, State::Leave, "pipelines are not reported to GitHub");
    }
    // GitLab docs, "GitHub" integration: a static name ends with the host's name, without its port.
    let host = ends.gitlab_host.web_base().host_str().unwrap_or_default();
    let what = format!("pipelines report to GitHub as `ci/gitlab/{host}`");
    match found.standing.as_ref().and_then(|standing| standing.integration.as_ref()).filter(|there| there.active) {
        None => step(StepKind::Integration, State::Make, what),
        Some(there) => {
            let url = ends.github_host.page(&found.repository.full_name());
            let elsewhere = there.repository_url.as_ref().filter(|there| !same_repository(there, &url));
            let planted = found.record.as_ref().and_then(|record| record.made.integration.as_ref());
            let unheard = planted.is_some_and(|planted| planted.unanswered);
            let older = planted.is_some_and(|planted| planted.fingerprint != ends.status_token.fingerprint());
            match elsewhere {
                Some(there) => {
                    let there = crate::model::text::masked_url(there);
                    odd(StepKind::Integration, what, format!("it reports to {there}"))
                }
                None if unheard => odd(StepKind::Integration, what, "whether it has the token, nobody has heard"),
                None if older => odd(StepKind::Integration, what, "it has an older token"),
                None if there.static_context == Some(false) => {
                    odd(StepKind::Integration, what, "its context changes with the branch")
                }
                None => step(StepKind::Integration, State::Stands, what),
            }
        }
    }
}

/// Switches it on.
pub(super) async fn ensure(work: &Work<'_>, project: &Project) -> Result<(), Error> {
    let Work { wanted, found, ends, .. } = work;
    if !work.plan.acts(StepKind::Integration) {
        return Ok(());
    }
    let there = found.standing.as_ref().and_then(|standing| standing.integration.as_ref());
    let before = work.ledger.import().made.integration.clone();
    let planted = Planted {
        asked_at: work.tools.clock.now(),
        connection: ends.status_connection.clone(),
        fingerprint: ends.status_token.fingerprint(),
        was_there: before.as_ref().map_or(there.is_some_and(|there| there.active), |before| before.was_there),
        unanswered: true,
    };
    work.ledger.change(|import| import.made.integration = Some(planted))?;
    fault::point("import.integration.asked");
    work.doing(StepKind::Integration);
    let url = ends.github_host.page(&found.repository.full_name());
    let set = ends.gitlab.set_integration(&ends.gitlab_token, project.id, &ends.status_token, &url).await;
    let set = match set {
        // Without a licence there is no such integration; what exactly is answered differs.
        Err(error) if matches!(error.kind, ForgeErrorKind::Unsupported { .. } | ForgeErrorKind::NotFound) => {
            work.ledger.change(|import| import.made.integration = before)?;
            return Err(ImportError::NotLicensed {
                what: "the GitHub integration",
                place: project.path.clone(),
                stands: true,
                connection: wanted.gitlab.name.clone(),
            }
            .into());
        }
        Err(error) => {
            if error.was_refused() {
                work.ledger.change(|import| import.made.integration = before)?;
            }
            return Err(ends.gitlab_failed(wanted, error));
        }
        Ok(set) => set,
    };
    fault::point("import.integration.answered");
    work.ledger.change(|import| import.made.integration = import.made.integration.take().map(Planted::arrived))?;
    fault::point("import.integration.made");
    work.done(StepKind::Integration, if set.active { "on" } else { "off" });
    Ok(())
}
