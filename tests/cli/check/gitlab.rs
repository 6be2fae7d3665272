//! GitLab: scopes, roles, groups, licences, and fine-grained tokens.

use forge_sandbox::{
    CreationLevel, Fault, GitlabGroupSeed, GitlabProjectSeed, GitlabSeed, GitlabTokenSeed, GitlabUserSeed, ReadyMade,
    Tier, Visibility,
};

use super::{Call, Home, Sandbox, Seed, Value, built, verdict, verdicts};

const PEOPLE: [(&str, u8); 5] = [("owner", 50), ("keeper", 40), ("dev", 30), ("guest", 10), ("nobody", 0)];

/// The group `orbit` with a private, a public and an archived project, and one person for each role; each has a token
/// of the same name with `api`.
fn orbit(tier: Tier, level: CreationLevel, tokens: Vec<GitlabTokenSeed>) -> Sandbox {
    let project = |path: &str, visibility, archived| GitlabProjectSeed {
        path: path.into(),
        visibility,
        archived,
        ..Default::default()
    };
    let members = PEOPLE.iter().filter(|(_, role)| *role > 0).map(|(name, role)| ((*name).to_owned(), *role)).collect();
    let user = |name: &str| GitlabUserSeed { username: name.into(), ..Default::default() };
    let own = |name: &str| GitlabTokenSeed { user: Some(name.into()), ..GitlabTokenSeed::classic(name, &["api"]) };
    let gitlab = GitlabSeed {
        users: PEOPLE.iter().map(|(name, _)| user(name)).collect(),
        groups: vec![
            GitlabGroupSeed { path: "orbit".into(), members, project_creation_level: level, ..Default::default() },
            GitlabGroupSeed { path: "orbit/empty".into(), project_creation_level: level, ..Default::default() },
        ],
        projects: vec![
            project("orbit/probe", Visibility::Private, false),
            project("orbit/site", Visibility::Public, false),
            project("orbit/attic", Visibility::Private, true),
        ],
        tokens: PEOPLE.iter().map(|(name, _)| own(name)).chain(tokens).collect(),
    };
    built(Sandbox::builder().tier(tier).seed(Seed { gitlab, ..Seed::default() }))
}

fn premium(tokens: Vec<GitlabTokenSeed>) -> Sandbox {
    orbit(Tier::Premium, CreationLevel::Developer, tokens)
}

fn connected(home: &Home, world: &Sandbox, token: &str) {
    let call = home.connect(["gitlab", "--host", &world.gitlab_url(), "--pat-stdin", "--store", "plain"]);
    call.with(["--name", token]).stdin(world.gitlab_token(token)).ends().succeeds().never_says("error:");
    world.clear_requests();
}

fn check(home: &Home, name: &str, wanted: &str, place: &[&str]) -> Call {
    home.connect(["check", name, "--for", wanted]).with(place)
}

#[test]
fn scopes() {
    let scopes: [(&str, &[&str]); 5] = [
        ("api", &["api"]),
        ("read_api", &["read_api"]),
        ("git", &["write_repository"]),
        ("pull", &["read_repository", "read_user"]),
        ("looker", &["read_api", "read_repository"]),
    ];
    let tokens = scopes.iter().map(|(name, scopes)| GitlabTokenSeed::classic(&format!("t-{name}"), scopes)).collect();
    let (home, world) = (Home::new(), premium(tokens));
    for (name, _) in scopes {
        connected(&home, &world, &format!("t-{name}"));
    }
    for (name, wanted, exit, expected) in [
        ("api", "git,read,webhooks,import,status", 0, "granted granted granted granted granted"),
        ("read_api", "read", 5, "granted missing"),
        ("looker", "read", 0, "granted granted"),
        ("read_api", "webhooks", 5, "missing"),
        ("git", "git", 0, "not_needed granted granted"),
        ("pull", "git", 5, "granted granted missing"),
        ("read_api", "read_user", 0, "granted"),
        ("api", "sudo", 5, "missing"),
        ("api", "repo", 5, "missing"),
        ("api", "Contents", 0, "unknown"),
    ] {
        let output = check(&home, &format!("t-{name}"), wanted, &[]).json();
        let found: Vec<String> = verdicts(&output.document()).into_iter().map(|(_, verdict)| verdict).collect();
        assert_eq!(
            (output.code, found.join(" ").as_str()),
            (Some(exit), expected),
            "{name} {wanted} {}",
            output.shown()
        );
    }
    let document = check(&home, "t-read_api", "webhooks,git", &[]).json().exits(5).document();
    let page = document["page"].as_str().unwrap();
    assert!(page.contains("/-/user_settings/personal_access_tokens?name=connect&scopes=api"), "{page}");
    assert!(document["needs"][0]["add"].as_str().unwrap().contains("cannot be changed"), "{document}");
}

#[test]
fn roles_in_projects() {
    let (home, world) = (Home::new(), premium(Vec::new()));
    for (name, _) in PEOPLE {
        connected(&home, &world, name);
    }
    for (name, project, wanted, row, expected) in [
        ("owner", "probe", "webhooks", "maintainer", "granted"),
        ("keeper", "probe", "webhooks", "maintainer", "granted"),
        ("dev", "probe", "webhooks", "maintainer", "role"),
        ("dev", "probe", "git", "developer", "granted"),
        ("dev", "probe", "status", "developer", "granted"),
        ("guest", "probe", "git", "developer", "role"),
        ("guest", "probe", "read", "reporter", "role"),
        ("dev", "probe", "import", "maintainer", "role"),
        ("keeper", "attic", "git", "developer", "archived"),
        ("keeper", "attic", "read", "reporter", "granted"),
        ("nobody", "site", "read", "reporter", "not_needed"),
        ("nobody", "site", "git", "developer", "role"),
    ] {
        let exit = if matches!(expected, "granted" | "not_needed") { 0 } else { 5 };
        let path = format!("orbit/{project}");
        let output = check(&home, name, wanted, &["--project", &path]).json().exits(exit);
        assert_eq!(verdict(&output.document(), row), expected, "{name} {wanted} {}", output.shown());
        assert_eq!(output.document()["project"]["name"], path);
    }
    let error = check(&home, "nobody", "git", &["--project", "orbit/probe"]).json().fails(3, "project_hidden");
    assert!(error["checklist"][0].as_str().unwrap().contains("must be a member"), "{error}");
    check(&home, "owner", "git", &["--repo", "orbit/probe"]).json().fails(2, "usage");
    assert!(world.requests().iter().all(|seen| seen.method == "GET"));
}

#[test]
fn an_administrator_without_a_role() {
    let tokens =
        vec![GitlabTokenSeed { user: Some("root".into()), ..GitlabTokenSeed::classic("plain-root", &["api"]) }];
    let (home, world) = (Home::new(), premium(tokens));
    connected(&home, &world, "admin");
    connected(&home, &world, "plain-root");
    for (name, expected) in [("admin", "granted"), ("plain-root", "unknown")] {
        for place in [["--project", "orbit/probe"], ["--group", "orbit"]] {
            let document = check(&home, name, "git", &place).json().succeeds().document();
            assert_eq!(verdict(&document, "developer"), expected, "{name} {place:?} {document}");
        }
    }
}

#[test]
fn importing_into_a_group() {
    for (level, name, creates, role) in [
        (CreationLevel::Developer, "keeper", "granted", "granted"),
        (CreationLevel::Developer, "dev", "granted", "role"),
        (CreationLevel::Maintainer, "keeper", "granted", "granted"),
        (CreationLevel::Maintainer, "dev", "role", "role"),
        (CreationLevel::Owner, "keeper", "role", "granted"),
        (CreationLevel::Owner, "owner", "granted", "granted"),
        (CreationLevel::NoOne, "owner", "policy", "granted"),
        (CreationLevel::Administrator, "owner", "policy", "granted"),
    ] {
        let (home, world) = (Home::new(), orbit(Tier::Premium, level, Vec::new()));
        connected(&home, &world, name);
        let output = check(&home, name, "import", &["--group", "orbit"]).json();
        let document = output.document();
        let found = (verdict(&document, "project_creation_level"), verdict(&document, "maintainer"));
        assert_eq!(found, (creates.to_owned(), role.to_owned()), "{level:?} {name} {}", output.shown());
        assert_eq!(output.code == Some(0), creates == "granted" && role == "granted");
        assert_eq!(verdict(&document, "premium"), "granted");
        assert_eq!(document["group"]["name"], "orbit");
    }
}

#[test]
fn licences_by_tier() {
    for (tier, expected, exit) in [(Tier::Free, "missing", 5), (Tier::Premium, "granted", 0)] {
        let (home, world) = (Home::new(), orbit(tier, CreationLevel::Developer, Vec::new()));
        connected(&home, &world, "owner");
        // With a project that shows it, and without: then the plan tells.
        for place in [["--group", "orbit"], ["--group", "orbit/empty"], ["--project", "orbit/probe"]] {
            let output = check(&home, "owner", "import", &place).json().exits(exit);
            assert_eq!(verdict(&output.document(), "premium"), expected, "{place:?} {}", output.shown());
        }
        let output = check(&home, "owner", "webhooks", &["--group", "orbit"]).json().exits(exit);
        assert_eq!(verdict(&output.document(), "premium"), expected);
        assert_eq!(verdict(&output.document(), "owner"), "granted");
        // A project's webhooks are free.
        check(&home, "owner", "webhooks", &["--project", "orbit/probe"]).json().succeeds().never_says("premium");
    }
}

#[test]
fn a_path_that_is_something_else() {
    let (home, world) = (Home::new(), premium(Vec::new()));
    connected(&home, &world, "keeper");
    let document = check(&home, "keeper", "git", &["--project", "orbit"]).json().succeeds().document();
    assert_eq!(document["group"]["name"], "orbit");
    let document = check(&home, "keeper", "git", &["--group", "orbit/probe"]).json().succeeds().document();
    assert_eq!(document["project"]["name"], "orbit/probe");
    let screen =
        check(&home, "keeper", "git", &["--project", "orbit"]).env("NO_COLOR", "1").at_terminal().ends().screen;
    assert!(screen.contains("it is a group, and was checked as one"), "{screen}");
    let url = format!("{}/orbit/probe/-/merge_requests/1", world.gitlab_url());
    let document = home.connect(["check", &url, "--for", "git"]).json().succeeds().document();
    assert_eq!(document["project"]["name"], "orbit/probe");
    check(&home, "keeper", "git", &["--group", "orbit/nothing"]).json().fails(3, "group_hidden");
}

#[test]
fn tokens_of_projects_reach_their_project() {
    let (home, world) = (Home::new(), premium(Vec::new()));
    connected(&home, &world, "project-bot");
    let dashboard = ["--project", "agility-game/home-assistant/dashboard"];
    let document = check(&home, "project-bot", "webhooks", &dashboard).json().succeeds().document();
    assert_eq!(document["allowed"], true);
    let error =
        check(&home, "project-bot", "webhooks", &["--project", "orbit/probe"]).json().fails(3, "project_hidden");
    assert!(error["checklist"][0].as_str().unwrap().contains("its own project"), "{error}");
}

#[test]
fn fine_grained_tokens_are_tried_by_reading() {
    let token = |name: &str, permissions: &[&str]| GitlabTokenSeed {
        user: Some("keeper".into()),
        ..GitlabTokenSeed::granular(name, permissions)
    };
    let all = [
        "Personal Access Token: Read",
        "User: Read",
        "Project: Read",
        "Branch: Read",
        "Webhook: Read",
        "Commit Status: Read",
    ];
    let (home, world) = (
        Home::new(),
        premium(vec![token("fine-all", &all), token("fine-none", &all[..2]), token("fine-project", &all[..3])]),
    );
    for name in ["fine-all", "fine-none", "fine-project"] {
        connected(&home, &world, name);
    }
    let place = ["--project", "orbit/probe"];
    let document = check(&home, "fine-none", "read", &place).json().exits(5).document();
    assert_eq!(verdict(&document, "project"), "missing");
    assert!(document["needs"][0]["add"].as_str().unwrap().contains("Project: Read"), "{document}");
    let document = check(&home, "fine-project", "read,webhooks", &place).json().exits(5).document();
    assert_eq!((verdict(&document, "project"), verdict(&document, "hooks")), ("granted".into(), "missing".into()));
    assert_eq!(verdict(&document, "maintainer"), "granted");
    // Whoever may read may not yet write, and that cannot be tried.
    let document = check(&home, "fine-all", "webhooks,status,import", &place).json().document();
    for name in ["hooks", "statuses", "import"] {
        assert_eq!(verdict(&document, name), "unknown", "{document}");
    }
    assert_eq!(document["allowed"], Value::Null);
    let document = check(&home, "fine-all", "git", &[]).json().succeeds().document();
    assert!(document["needs"][0]["why"].as_str().unwrap().contains("--project"), "{document}");
    assert!(world.requests().iter().all(|seen| seen.method == "GET"));
}

#[test]
fn weather_and_policies() {
    let (home, world) = (Home::new(), premium(Vec::new()));
    connected(&home, &world, "keeper");
    let place = ["--group", "orbit", "--timeout", "2"];
    world.fault(Fault::gitlab().path("/groups/orbit/members").ready_made(ReadyMade::BadGateway));
    for (path, row) in [("/user", "maintainer"), ("/namespaces", "premium")] {
        world.clear_faults();
        world.fault(Fault::gitlab().path(path).ready_made(ReadyMade::BadGateway));
        world.fault(Fault::gitlab().path("/projects").ready_made(ReadyMade::BadGateway));
        let output = check(&home, "keeper", "import", &place).json().exits(7);
        let document = output.document();
        assert_eq!(
            (document["error"]["code"].as_str(), &document["allowed"]),
            (Some("server_error"), &Value::Null),
            "{path}"
        );
        if path == "/user" {
            assert_eq!(verdict(&document, row), "unknown");
        }
    }
    world.clear_faults();
    world.fault(Fault::gitlab().path("/projects").ready_made(ReadyMade::IpRestricted));
    let document = check(&home, "keeper", "git", &["--project", "orbit/probe"]).json().exits(5).document();
    assert_eq!(verdict(&document, "write_repository"), "policy");
    world.clear_faults();
    world.fault(Fault::gitlab().path("/projects").ready_made(ReadyMade::UserBlocked));
    check(&home, "keeper", "git", &["--project", "orbit/probe"]).json().fails(5, "account_blocked");
    world.clear_faults();
    world.revoke_gitlab("keeper");
    check(&home, "keeper", "git", &[]).json().fails(4, "token_revoked");
}

#[test]
fn a_token_that_may_not_look_at_the_project() {
    let (home, world) = (
        Home::new(),
        premium(vec![GitlabTokenSeed {
            user: Some("keeper".into()),
            ..GitlabTokenSeed::classic("git-only", &["write_repository"])
        }]),
    );
    connected(&home, &world, "git-only");
    let document = check(&home, "git-only", "git", &["--project", "orbit/probe"]).json().succeeds().document();
    assert_eq!(
        (verdict(&document, "write_repository"), verdict(&document, "developer")),
        ("granted".into(), "unknown".into())
    );
    assert_eq!(document["allowed"], Value::Null);
}
