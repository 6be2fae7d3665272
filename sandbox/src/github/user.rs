//! `GET /user`: the one call which every kind of token of a person may make.

use serde_json::{Map, Value, json};

use super::{Call, Handled, Scene, auth};
use crate::http::{Answer, fields};
use crate::world::github::{Account, TokenKind};

/// Name and path of the links which GitHub puts beside every account.
const LINKS: &[(&str, &str)] = &[
    ("followers_url", "/followers"),
    ("following_url", "/following{/other_user}"),
    ("gists_url", "/gists{/gist_id}"),
    ("starred_url", "/starred{/owner}{/repo}"),
    ("subscriptions_url", "/subscriptions"),
    ("organizations_url", "/orgs"),
    ("repos_url", "/repos"),
    ("events_url", "/events{/privacy}"),
    ("received_events_url", "/received_events"),
];

/// The short form of an account, as it stands inside other objects.
pub(super) fn simple(scene: &Scene<'_>, account: &Account) -> Map<String, Value> {
    let url = format!("{}/users/{}", scene.api, account.login);
    let mut body = Map::new();
    body.insert("login".to_owned(), json!(account.login));
    body.insert("id".to_owned(), json!(account.id));
    body.insert("node_id".to_owned(), json!(node_id("U", account.id)));
    body.insert("avatar_url".to_owned(), json!(format!("https://avatars.githubusercontent.com/u/{}?v=4", account.id)));
    body.insert("gravatar_id".to_owned(), json!(""));
    body.insert("html_url".to_owned(), json!(format!("{}/{}", scene.site, account.login)));
    for (name, path) in LINKS {
        body.insert((*name).to_owned(), json!(format!("{url}{path}")));
    }
    body.insert("url".to_owned(), json!(url));
    body.insert("type".to_owned(), json!(account.kind.name()));
    body.insert("user_view_type".to_owned(), json!("public"));
    body.insert("site_admin".to_owned(), json!(false));
    body
}

/// GitHub's opaque identifiers: the sandbox's are as opaque, and as stable.
pub(super) fn node_id(kind: &str, id: u64) -> String {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    format!("{kind}_{}", URL_SAFE_NO_PAD.encode(id.to_be_bytes()))
}

/// `GET /user`
pub(super) fn show(call: &mut Call<'_>) -> Handled {
    call.accepts("", "allows_permissionless_access=true");
    auth::people_only(call)?;
    let (token, account) = call.account()?;
    let mut body = simple(&call.scene(), &account);
    let repositories = &call.github.repositories;
    let of_mine =
        |private: bool| repositories.iter().filter(|it| it.owner == account.login && it.private == private).count();
    body.extend(fields(json!({
        "name": account.name,
        "company": null,
        "blog": "",
        "location": null,
        "email": null,
        "hireable": null,
        "bio": null,
        "twitter_username": null,
        "notification_email": null,
        "public_repos": of_mine(false),
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "created_at": "2011-01-25T18:44:36Z",
        "updated_at": "2026-08-22T11:25:23Z",
    })));
    // The private half is for those who may read the profile.
    let private = token.has_scope(&["user", "read:user"])
        || token.kind == TokenKind::FineGrained && token.permissions.contains_key("profile");
    if private {
        body.insert("user_view_type".to_owned(), json!("private"));
        body.extend(fields(json!({
            "private_gists": 0,
            "total_private_repos": of_mine(true),
            "owned_private_repos": of_mine(true),
            "disk_usage": 0,
            "collaborators": 0,
            "two_factor_authentication": true,
            "plan": { "name": "free", "space": 976_562_499, "collaborators": 0, "private_repos": 10_000 },
        })));
    }
    Ok(Answer::json(200, &Value::Object(body)))
}
