//! `GET /`: the map of the API, and the cheapest way to see a classic token's scopes.

use serde_json::{Map, Value, json};

use super::{Call, Handled, versions};
use crate::http::Answer;

/// Name and path of what the map lists.
const MAP: &[(&str, &str)] = &[
    ("current_user_url", "/user"),
    ("emails_url", "/user/emails"),
    ("emojis_url", "/emojis"),
    ("events_url", "/events"),
    ("feeds_url", "/feeds"),
    ("followers_url", "/user/followers"),
    ("following_url", "/user/following{/target}"),
    ("gists_url", "/gists{/gist_id}"),
    ("issue_search_url", "/search/issues?q={query}{&page,per_page,sort,order}"),
    ("issues_url", "/issues"),
    ("keys_url", "/user/keys"),
    ("label_search_url", "/search/labels?q={query}&repository_id={repository_id}{&page,per_page}"),
    ("notifications_url", "/notifications"),
    ("organization_url", "/orgs/{org}"),
    ("organization_repositories_url", "/orgs/{org}/repos{?type,page,per_page,sort}"),
    ("organization_teams_url", "/orgs/{org}/teams"),
    ("public_gists_url", "/gists/public"),
    ("rate_limit_url", "/rate_limit"),
    ("repository_url", "/repos/{owner}/{repo}"),
    ("repository_search_url", "/search/repositories?q={query}{&page,per_page,sort,order}"),
    ("current_user_repositories_url", "/user/repos{?type,page,per_page,sort}"),
    ("starred_url", "/user/starred{/owner}{/repo}"),
    ("starred_gists_url", "/gists/starred"),
    ("user_url", "/users/{user}"),
    ("user_organizations_url", "/user/orgs"),
    ("user_repositories_url", "/users/{user}/repos{?type,page,per_page,sort}"),
    ("user_search_url", "/search/users?q={query}{&page,per_page,sort,order}"),
    ("code_search_url", "/search/code?q={query}{&page,per_page,sort,order}"),
    ("commit_search_url", "/search/commits?q={query}{&page,per_page,sort,order}"),
];

/// What 2026-03-10 took away.
const RETIRED: &[(&str, &str)] = &[("authorizations_url", "/authorizations"), ("hub_url", "/hub")];

/// `GET /`
pub(super) fn show(call: &mut Call<'_>) -> Handled {
    call.accepts("", "allows_permissionless_access=true");
    let retired = if call.version == versions::NEWEST { &[] } else { RETIRED };
    let mut map: Map<String, Value> = MAP
        .iter()
        .chain(retired)
        .map(|(name, path)| ((*name).to_owned(), json!(format!("{}{path}", call.api))))
        .collect();
    let page = format!("{}/settings/connections/applications{{/client_id}}", call.site);
    map.insert("current_user_authorizations_html_url".to_owned(), json!(page));
    Ok(Answer::json(200, &Value::Object(map)))
}
