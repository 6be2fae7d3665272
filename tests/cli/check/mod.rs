//! `connect check`, and `--for` when connecting: may this token do this?

mod classic;
mod connecting;
mod fine_grained;
mod gitlab;
mod places;
mod shown;

use forge_sandbox::{
    Builder, GithubAccountSeed, GithubOrganizationSeed, GithubRepositorySeed, GithubSeed, GithubTokenSeed, Membership,
    Role, Sandbox, Seed, SeenRequest,
};
use serde_json::Value;

use crate::support::Home;
use crate::support::call::Call;
use crate::support::forges::built;

/// `ada` owns `acme`, `bob` is a member, `eve` pushes to its vault. `vault` is private, `site` public, `attic` private
/// and archived, `void` private and empty.
fn acme(organization: GithubOrganizationSeed, tokens: Vec<GithubTokenSeed>) -> Builder {
    let account = |login: &str| GithubAccountSeed { login: login.into(), ..Default::default() };
    let repository = |name: &str, private| GithubRepositorySeed {
        owner: Some("acme".into()),
        name: name.into(),
        private,
        hooks: vec!["https://ci.example/hook".into()],
        ..Default::default()
    };
    let vault = GithubRepositorySeed {
        collaborators: [("eve".to_owned(), Role::Push)].into(),
        former_names: vec!["safe".into()],
        ..repository("vault", true)
    };
    let github = GithubSeed {
        accounts: ["ada", "bob", "eve"].map(account).into(),
        organizations: vec![organization],
        repositories: vec![
            vault,
            repository("site", false),
            GithubRepositorySeed { archived: true, ..repository("attic", true) },
            GithubRepositorySeed { empty: true, ..repository("void", true) },
        ],
        tokens,
    };
    Sandbox::builder().seed(Seed { github, ..Seed::default() })
}

fn organization() -> GithubOrganizationSeed {
    let members = [("ada", Membership::Admin), ("bob", Membership::Member)];
    let members = members.map(|(login, place)| (login.to_owned(), place)).into();
    GithubOrganizationSeed { login: "acme".into(), members, ..Default::default() }
}

/// A fine-grained token of `ada`'s for all that is `acme`'s.
fn fine(name: &str, permissions: &[(&str, &str)]) -> GithubTokenSeed {
    let (login, resource_owner) = (Some("ada".into()), Some("acme".into()));
    GithubTokenSeed { login, resource_owner, ..GithubTokenSeed::fine_grained(name, permissions) }
}

/// A classic token of somebody's.
fn classic(name: &str, login: &str, scopes: &[&str]) -> GithubTokenSeed {
    GithubTokenSeed { login: Some(login.into()), ..GithubTokenSeed::classic(name, scopes) }
}

fn world_with(tokens: Vec<GithubTokenSeed>) -> Sandbox {
    built(acme(organization(), tokens))
}

/// Connects a token of github.com under its own name, and forgets the requests that took.
fn connected(home: &Home, world: &Sandbox, token: &str) {
    let call = home.connect(["github", "--api-url", &world.dotcom_api_url(), "--pat-stdin", "--store", "plain"]);
    call.with(["--name", token]).stdin(world.github_token(token)).ends().succeeds().never_says("error");
    world.clear_requests();
}

/// `connect check NAME --for …`, in `acme/REPO` if one is given.
fn check(home: &Home, name: &str, wanted: &str, repo: &str) -> Call {
    let call = home.connect(["check", name, "--for", wanted]);
    if repo.is_empty() { call } else { call.with(["--repo", &format!("acme/{repo}")]) }
}

/// What was found of each need, by name.
fn verdicts(document: &Value) -> Vec<(String, String)> {
    let needs = document["needs"].as_array().unwrap_or_else(|| panic!("{document}"));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    needs.iter().map(|need| (text(&need["name"]), text(&need["verdict"]))).collect()
}

/// The verdict on one need.
fn verdict(document: &Value, name: &str) -> String {
    let found = verdicts(document).into_iter().find(|(known, _)| known == name);
    found.unwrap_or_else(|| panic!("no need {name} in {document}")).1
}

/// The requests so far, as `METHOD path`, without the first look at the token.
fn sent(world: &Sandbox) -> Vec<String> {
    let short = |seen: &SeenRequest| format!("{} {}", seen.method, seen.path);
    world.requests().iter().map(short).filter(|request| request != "GET /user").collect()
}

/// No forge accepted anything that was no reading.
fn nothing_written(world: &Sandbox) {
    let writes = &world.state()["github"]["writes"];
    assert_eq!(writes.as_array().map(Vec::len), Some(0), "{writes}");
}
