//! Repositories: how one is described, and all of the caller's.
//!
//! A repository that the token may not see is 404, as one that does not exist. `permissions` is
//! the user's role, not the token's: a read-only token of an owner shows `admin: true`.

use serde_json::{Map, Value, json};

use super::access::{self, Asks};
use super::user::{node_id, simple};
use super::{Call, Handled, Scene, auth, error, orgs};
use crate::http::{Answer, fields};
use crate::world::github::{AccountKind, Repository, Role};

/// Name and path of the links beside every repository.
const LINKS: &[(&str, &str)] = &[
    ("forks_url", "/forks"),
    ("keys_url", "/keys{/key_id}"),
    ("collaborators_url", "/collaborators{/collaborator}"),
    ("teams_url", "/teams"),
    ("hooks_url", "/hooks"),
    ("issue_events_url", "/issues/events{/number}"),
    ("events_url", "/events"),
    ("assignees_url", "/assignees{/user}"),
    ("branches_url", "/branches{/branch}"),
    ("tags_url", "/tags"),
    ("blobs_url", "/git/blobs{/sha}"),
    ("git_tags_url", "/git/tags{/sha}"),
    ("git_refs_url", "/git/refs{/sha}"),
    ("trees_url", "/git/trees{/sha}"),
    ("statuses_url", "/statuses/{sha}"),
    ("languages_url", "/languages"),
    ("stargazers_url", "/stargazers"),
    ("contributors_url", "/contributors"),
    ("subscribers_url", "/subscribers"),
    ("subscription_url", "/subscription"),
    ("commits_url", "/commits{/sha}"),
    ("git_commits_url", "/git/commits{/sha}"),
    ("comments_url", "/comments{/number}"),
    ("issue_comment_url", "/issues/comments{/number}"),
    ("contents_url", "/contents/{+path}"),
    ("compare_url", "/compare/{base}...{head}"),
    ("merges_url", "/merges"),
    ("archive_url", "/{archive_format}{/ref}"),
    ("downloads_url", "/downloads"),
    ("issues_url", "/issues{/number}"),
    ("pulls_url", "/pulls{/number}"),
    ("milestones_url", "/milestones{/number}"),
    ("notifications_url", "/notifications{?since,all,participating}"),
    ("labels_url", "/labels{/name}"),
    ("releases_url", "/releases{/id}"),
    ("deployments_url", "/deployments"),
];

/// What is the same in every repository of the sandbox.
fn unremarkable() -> Map<String, Value> {
    fields(json!({
        "mirror_url": null,
        "homepage": null,
        "language": null,
        "license": null,
        "forks_count": 0,
        "stargazers_count": 0,
        "watchers_count": 0,
        "open_issues_count": 0,
        "forks": 0,
        "open_issues": 0,
        "watchers": 0,
        "is_template": false,
        "topics": [],
        "has_projects": true,
        "has_wiki": true,
        "has_pages": false,
        "has_discussions": false,
        "allow_forking": true,
        "web_commit_signoff_required": false,
        "pushed_at": "2026-10-06T21:30:41Z",
        "created_at": "2025-01-26T19:01:12Z",
        "updated_at": "2026-10-06T21:30:44Z",
    }))
}

pub(super) fn describe(scene: &Scene<'_>, repository: &Repository, role: Role) -> Map<String, Value> {
    let full_name = repository.full_name();
    let url = format!("{}/repos/{full_name}", scene.api);
    let html = format!("{}/{full_name}", scene.site);
    let host = scene.site.split("://").nth(1).unwrap_or("github.com");
    let mut body = fields(json!({
        "id": repository.id,
        "node_id": node_id("R", repository.id),
        "name": repository.name,
        "full_name": full_name,
        "private": repository.private,
        "html_url": html,
        "description": repository.description,
        "fork": false,
        "url": url,
        "git_url": format!("git://{host}/{full_name}.git"),
        "ssh_url": format!("git@{host}:{full_name}.git"),
        "clone_url": format!("{html}.git"),
        "svn_url": html,
        "default_branch": repository.default_branch,
        "size": if repository.is_empty().unwrap_or(repository.empty) { 0 } else { 108 },
        "archived": repository.archived,
        "disabled": repository.disabled,
        "has_issues": repository.has_issues,
        "visibility": if repository.private { "private" } else { "public" },
        "permissions": {
            "admin": role >= Role::Admin,
            "maintain": role >= Role::Maintain,
            "push": role >= Role::Push,
            "triage": role >= Role::Triage,
            "pull": true,
        },
    }));
    body.extend(unremarkable());
    if !scene.newest {
        body.insert("has_downloads".to_owned(), json!(true));
    }
    for (name, path) in LINKS {
        body.insert((*name).to_owned(), json!(format!("{url}{path}")));
    }
    if let Some(owner) = scene.github.account(&repository.owner) {
        body.insert("owner".to_owned(), Value::Object(simple(scene, owner)));
    }
    body
}

/// One repository as `GET /repos/{o}/{r}` shows it: a little more than in lists.
fn describe_alone(call: &Call<'_>, repository: &Repository, role: Role) -> Answer {
    let mut body = describe(&call.scene(), repository, role);
    if call.caller.is_none() {
        body.remove("permissions");
    }
    body.insert("network_count".to_owned(), json!(0));
    body.insert("subscribers_count".to_owned(), json!(1));
    if let Some(owner) = call.github.account(&repository.owner)
        && owner.kind == AccountKind::Organization
    {
        body.insert("organization".to_owned(), Value::Object(simple(&call.scene(), owner)));
    }
    Answer::json(200, &Value::Object(body))
}

/// `GET /repos/{owner}/{repo}` and `GET /repositories/{id}`
pub(super) fn show(call: &mut Call<'_>, repository: &Repository) -> Handled {
    let role = access::enter(call, repository, Asks::reading("metadata=read"))?;
    Ok(describe_alone(call, repository, role))
}

/// `GET /user/repos`
pub(super) fn mine(call: &mut Call<'_>) -> Handled {
    call.accepts("", "metadata=read");
    auth::people_only(call)?;
    let (token, account) = call.account()?;
    let exclusive = ["visibility", "affiliation"].iter().any(|name| call.request.query(name).is_some());
    if exclusive && call.request.query("type").is_some() {
        let words = "If you specify visibility or affiliation, you cannot specify type.";
        return Err(error::refusal(422, words));
    }
    let affiliation =
        call.request.query("affiliation").unwrap_or_else(|| "owner,collaborator,organization_member".to_owned());
    let visibility = call.request.query("visibility").unwrap_or_else(|| "all".to_owned());
    let github = &call.github;
    let wanted = |it: &Repository| {
        let how = if it.owner == account.login {
            "owner"
        } else if github.account(&it.owner).is_some_and(|owner| owner.members.contains_key(&account.login)) {
            "organization_member"
        } else if it.collaborators.contains_key(&account.login) {
            "collaborator"
        } else {
            return false;
        };
        let seen = match visibility.as_str() {
            "public" => !it.private,
            "private" => it.private,
            _ => true,
        };
        seen && affiliation.split(',').any(|wanted| wanted.trim() == how) && !token.without_sso.contains(&it.owner)
    };
    let mut repositories: Vec<(&Repository, Role)> = github
        .repositories
        .iter()
        .filter(|it| wanted(it))
        .filter(|it| access::check_policy(call, &it.owner, it.private).is_ok())
        .filter_map(|it| access::reach(call, it, "repo").map(|role| (it, role)))
        .collect();
    repositories.sort_by_key(|(it, _)| it.full_name());
    let bodies = repositories.iter().map(|(it, role)| Value::Object(describe(&call.scene(), it, *role))).collect();
    let answer = call.page(bodies);
    Ok(match orgs::partial_results(call, &token) {
        Some(header) => answer.with("x-github-sso", header),
        None => answer,
    })
}
