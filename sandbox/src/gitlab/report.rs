//! Telling GitHub how a pipeline stands: what the GitHub integration does.
//!
//! A commit status for each change, posted to the API beside the repository's address, with the
//! token that the integration was given. What GitHub answers changes nothing here; the state keeps
//! it for whoever tests.
//!
//! Source: GitLab "GitHub integration": the context ends in the instance's host when it is static,
//! else in the branch.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::{outside, pipelines};
use crate::client::{self, Outgoing};
use crate::server::Shared;
use crate::world::World;
use crate::world::gitlab::Project;
use crate::world::gitlab::integration::Integration;
use crate::world::gitlab::pipeline::Pipeline;

/// Where a repository's statuses are posted, without the commit.
fn address(repository_url: &str, github_url: &str) -> Option<String> {
    let url = repository_url.trim_end_matches('/').trim_end_matches(".git");
    let (api, path) = if let Some(path) = url.strip_prefix(outside::DOTCOM) {
        (github_url.to_owned(), path)
    } else if let Some(path) = url.strip_prefix(&format!("{github_url}/")) {
        (format!("{github_url}/api/v3"), path)
    } else {
        let (scheme, rest) = url.split_once("://")?;
        let (host, path) = rest.split_once('/')?;
        (format!("{scheme}://{host}/api/v3"), path)
    };
    let (owner, name) = path.split_once('/')?;
    Some(format!("{api}/repos/{owner}/{}/statuses", name.split('/').next()?))
}

/// `ci/gitlab/gitlab.example.com`, or `ci/gitlab/main`.
fn context(integration: &Integration, pipeline: &Pipeline, site: &str) -> String {
    let host = site.split("://").nth(1).and_then(|rest| rest.split([':', '/']).next()).unwrap_or_default();
    format!("ci/gitlab/{}", if integration.static_context { host } else { &pipeline.branch })
}

fn status(
    world: &World,
    project: &Project,
    integration: &Integration,
    pipeline: &Pipeline,
    state: &str,
) -> Option<Outgoing> {
    let token = integration.token.as_ref()?;
    let result = match state {
        "pending" => "is pending",
        "success" => "passed",
        _ => "failed",
    };
    let body = json!({
        "state": state,
        "target_url": pipelines::page(&world.gitlab_url, project, pipeline),
        "description": format!("Pipeline {result} on GitLab"),
        "context": context(integration, pipeline, &world.gitlab_url),
    });
    Some(Outgoing {
        url: format!("{}/{}", address(&integration.repository_url, &world.github_url)?, pipeline.sha),
        headers: vec![
            ("authorization".to_owned(), format!("token {token}")),
            ("user-agent".to_owned(), format!("GitLab/{}", world.settings.gitlab_version)),
            ("accept".to_owned(), "application/vnd.github.v3+json".to_owned()),
            ("content-type".to_owned(), "application/json".to_owned()),
        ],
        body: body.to_string().into(),
        verify: true,
        authority: world.ca_certificate.clone(),
        limit: Duration::from_secs(10),
    })
}

/// Posts a commit status for each of the states, one after the other.
pub(super) async fn report(shared: &Arc<Shared>, project: u64, pipeline: u64, states: &[&str]) {
    for state in states {
        let outgoing = {
            let world = shared.world();
            world.gitlab.project(project).and_then(|it| {
                let integration = it.integration.as_ref().filter(|integration| integration.active)?;
                let pipeline = it.pipelines.iter().find(|it| it.id == pipeline)?;
                status(&world, it, integration, pipeline, state)
            })
        };
        let Some(outgoing) = outgoing else {
            return;
        };
        let answer = client::post(&outgoing).await.ok().map(|answer| answer.status);
        let mut world = shared.world();
        if let Some(integration) = world.gitlab.project_mut(project).and_then(|it| it.integration.as_mut()) {
            integration.last_answer = answer;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_api_is_beside_the_repository() {
        let at = |url: &str| address(url, "http://127.0.0.1:4000/github");
        let own = "http://127.0.0.1:4000/github/api/v3/repos/o/r/statuses";
        assert_eq!(at("http://127.0.0.1:4000/github/o/r.git").as_deref(), Some(own));
        let dotcom = "http://127.0.0.1:4000/github/repos/o/r/statuses";
        assert_eq!(at("https://github.com/o/r/").as_deref(), Some(dotcom));
        let other = "https://ghe.example.com/api/v3/repos/o/r/statuses";
        assert_eq!(at("https://ghe.example.com/o/r").as_deref(), Some(other));
        assert_eq!(at("https://ghe.example.com"), None);
    }
}
