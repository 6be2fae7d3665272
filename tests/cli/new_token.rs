//! `connect new-token`: the page, and what it fills in.

use crate::support::Home;

const TASKS: [&str; 5] = ["git", "import", "webhooks", "status", "read"];

/// What is printed for each task.
fn pages(words: &[&str]) -> String {
    let home = Home::new();
    let page = |task: &str| home.connect(["new-token"]).with(words).with(["--for", task]).ends().shown();
    TASKS.map(|task| format!("=== {task}\n{}", page(task))).join("")
}

#[test]
fn github_fine_grained() {
    insta::assert_snapshot!(pages(&["github"]), @r#"
    === git
    exit 0
    --- stdout
    https://github.com/settings/personal-access-tokens/new?name=connect&expires_in=90&contents=write&workflows=write&metadata=read

    The link fills in:
      Token name         connect
      Expiration         90 days
      Contents           Read and write
      Workflows          Read and write
      Metadata           Read-only

    By hand:
      Repository access  choose "Only select repositories", and which
      Resource owner     choose the user or organisation that owns the repositories

    Then: `connect github --pat`
    === import
    exit 0
    --- stdout
    https://github.com/settings/personal-access-tokens/new?name=connect&expires_in=90&actions=write&contents=write&issues=write&repository_hooks=write&workflows=write&statuses=write&metadata=read

    The link fills in:
      Token name         connect
      Expiration         90 days
      Actions            Read and write
      Contents           Read and write
      Issues             Read and write
      Webhooks           Read and write
      Workflows          Read and write
      Commit statuses    Read and write
      Metadata           Read-only

    By hand:
      Repository access  choose "Only select repositories", and which
      Resource owner     choose the user or organisation that owns the repositories

    Then: `connect github --pat`
    === webhooks
    exit 0
    --- stdout
    https://github.com/settings/personal-access-tokens/new?name=connect&expires_in=90&repository_hooks=write&metadata=read

    The link fills in:
      Token name         connect
      Expiration         90 days
      Webhooks           Read and write
      Metadata           Read-only

    By hand:
      Repository access  choose "Only select repositories", and which
      Resource owner     choose the user or organisation that owns the repositories

    Then: `connect github --pat`
    === status
    exit 0
    --- stdout
    https://github.com/settings/personal-access-tokens/new?name=connect&expires_in=90&statuses=write&metadata=read

    The link fills in:
      Token name         connect
      Expiration         90 days
      Commit statuses    Read and write
      Metadata           Read-only

    By hand:
      Repository access  choose "Only select repositories", and which
      Resource owner     choose the user or organisation that owns the repositories

    Then: `connect github --pat`
    === read
    exit 0
    --- stdout
    https://github.com/settings/personal-access-tokens/new?name=connect&expires_in=90&contents=read&issues=read&pull_requests=read&statuses=read&metadata=read

    The link fills in:
      Token name         connect
      Expiration         90 days
      Contents           Read-only
      Issues             Read-only
      Pull requests      Read-only
      Commit statuses    Read-only
      Metadata           Read-only

    By hand:
      Repository access  choose "Only select repositories", and which
      Resource owner     choose the user or organisation that owns the repositories

    Then: `connect github --pat`
    "#);
}

#[test]
fn github_classic() {
    insta::assert_snapshot!(pages(&["github", "--classic"]), @r#"
    === git
    exit 0
    --- stdout
    https://github.com/settings/tokens/new?description=connect&default_expires_at=90&scopes=repo,workflow

    The link fills in:
      Note               connect
      Expiration         90 days
      Scope              repo
      Scope              workflow

    By hand:
      After making it    "Configure SSO", if the organisation uses single sign-on

    Then: `connect github --pat`
    === import
    exit 0
    --- stdout
    https://github.com/settings/tokens/new?description=connect&default_expires_at=90&scopes=repo,workflow

    The link fills in:
      Note               connect
      Expiration         90 days
      Scope              repo
      Scope              workflow

    By hand:
      After making it    "Configure SSO", if the organisation uses single sign-on

    Then: `connect github --pat`
    === webhooks
    exit 0
    --- stdout
    https://github.com/settings/tokens/new?description=connect&default_expires_at=90&scopes=admin:repo_hook

    The link fills in:
      Note               connect
      Expiration         90 days
      Scope              admin:repo_hook

    By hand:
      After making it    "Configure SSO", if the organisation uses single sign-on

    Then: `connect github --pat`
    === status
    exit 0
    --- stdout
    https://github.com/settings/tokens/new?description=connect&default_expires_at=90&scopes=repo:status

    The link fills in:
      Note               connect
      Expiration         90 days
      Scope              repo:status

    By hand:
      After making it    "Configure SSO", if the organisation uses single sign-on

    Then: `connect github --pat`
    === read
    exit 0
    --- stdout
    https://github.com/settings/tokens/new?description=connect&default_expires_at=90&scopes=repo,read:org

    The link fills in:
      Note               connect
      Expiration         90 days
      Scope              repo
      Scope              read:org

    By hand:
      After making it    "Configure SSO", if the organisation uses single sign-on

    Then: `connect github --pat`
    "#);
}

#[test]
fn gitlab() {
    insta::assert_snapshot!(pages(&["gitlab"]), @"
    === git
    exit 0
    --- stdout
    https://gitlab.com/-/user_settings/personal_access_tokens?name=connect&scopes=read_user,read_repository,write_repository,self_rotate

    The link fills in:
      Token name         connect
      Scope              read_user
      Scope              read_repository
      Scope              write_repository
      Scope              self_rotate

    By hand:
      Expiration date    90 days from today (the link cannot say it)

    Then: `connect gitlab --pat`
    === import
    exit 0
    --- stdout
    https://gitlab.com/-/user_settings/personal_access_tokens?name=connect&scopes=api

    The link fills in:
      Token name         connect
      Scope              api

    By hand:
      Expiration date    90 days from today (the link cannot say it)

    Then: `connect gitlab --pat`
    === webhooks
    exit 0
    --- stdout
    https://gitlab.com/-/user_settings/personal_access_tokens?name=connect&scopes=api

    The link fills in:
      Token name         connect
      Scope              api

    By hand:
      Expiration date    90 days from today (the link cannot say it)

    Then: `connect gitlab --pat`
    === status
    exit 0
    --- stdout
    https://gitlab.com/-/user_settings/personal_access_tokens?name=connect&scopes=api

    The link fills in:
      Token name         connect
      Scope              api

    By hand:
      Expiration date    90 days from today (the link cannot say it)

    Then: `connect gitlab --pat`
    === read
    exit 0
    --- stdout
    https://gitlab.com/-/user_settings/personal_access_tokens?name=connect&scopes=read_api,read_repository,self_rotate

    The link fills in:
      Token name         connect
      Scope              read_api
      Scope              read_repository
      Scope              self_rotate

    By hand:
      Expiration date    90 days from today (the link cannot say it)

    Then: `connect gitlab --pat`
    ");
}

#[test]
fn with_everything_said() {
    let words = "github --for import,status --owner agility-game --repo agility-game/store -R agility-game/other \
                 --token-name mirror --expires-in 30d";
    let call = Home::new().connect(["new-token"]).with(words.split_whitespace());
    let output = call.with(["--description", "CI & \"mirrors\""]).ends();
    insta::assert_snapshot!(output.shown(), @r#"
    exit 0
    --- stdout
    https://github.com/settings/personal-access-tokens/new?name=mirror&description=CI+%26+%22mirrors%22&target_name=agility-game&expires_in=30&actions=write&contents=write&issues=write&repository_hooks=write&workflows=write&statuses=write&metadata=read

    The link fills in:
      Token name         mirror
      Description        CI & "mirrors"
      Resource owner     agility-game
      Expiration         30 days
      Actions            Read and write
      Contents           Read and write
      Issues             Read and write
      Webhooks           Read and write
      Workflows          Read and write
      Commit statuses    Read and write
      Metadata           Read-only

    By hand:
      Repository access  choose "Only select repositories": agility-game/store, agility-game/other

    Then: `connect github --pat`
    "#);
}

#[test]
fn for_programs() {
    let output = Home::new().connect(["new-token", "gitlab", "--for", "git,read"]).json().succeeds();
    insta::assert_snapshot!(output.shown(), @r#"
    exit 0
    --- stdout
    {"url":"https://gitlab.com/-/user_settings/personal_access_tokens?name=connect&scopes=read_repository,write_repository,read_api,self_rotate","filled_in":[{"label":"Token name","value":"connect"},{"label":"Scope","value":"read_repository"},{"label":"Scope","value":"write_repository"},{"label":"Scope","value":"read_api"},{"label":"Scope","value":"self_rotate"}],"by_hand":[{"label":"Expiration date","value":"90 days from today (the link cannot say it)"}]}
    "#);
}

#[test]
fn on_hosts_of_ones_own() {
    for (forge, host, start) in [
        ("github", "github.example.com", "https://github.example.com/settings/"),
        ("github", "acme.ghe.com", "https://acme.ghe.com/settings/"),
        ("gitlab", "https://example.com/gitlab", "https://example.com/gitlab/-/user_settings/personal_access_tokens?"),
        ("gitlab", "gitlab.example.com:8443", "https://gitlab.example.com:8443/-/user_settings/"),
    ] {
        let output = Home::new().connect(["new-token", forge, "--for", "git", "--host", host]).ends().succeeds();
        assert!(output.stdout().starts_with(start), "{}", output.shown());
        // The next step leads to the same host.
        let host = host.trim_start_matches("https://");
        let steps = [host.to_owned(), format!("https://{host}")].map(|h| format!("connect {forge} --host {h} --pat`"));
        assert!(steps.iter().any(|step| output.stdout().contains(step)), "{}", output.shown());
    }
}

#[test]
fn limits() {
    let home = Home::new();
    let long = "x".repeat(41);
    for words in [
        vec!["github", "--expires-in", "367d"],
        vec!["github", "--expires-in", "1h"],
        vec!["github", "--expires-in", "0d"],
        vec!["github", "--token-name", &long],
        vec!["gitlab", "--expires-in", "401d"],
        vec!["gitlab", "--classic"],
        vec!["github", "--repo", "no-owner"],
        vec!["github", "--repo", "a/b?c=d"],
        vec!["github", "--host", "gitlab.com"],
    ] {
        home.connect(["new-token"]).with(&words).with(["--for", "git"]).json().fails(2, "usage");
    }
    home.connect(["new-token", "github", "--for", "git", "--expires-in", "366d"]).ends().succeeds().never_says("error");
}

#[test]
fn what_is_typed_does_not_break_out_of_the_address() {
    let call =
        Home::new().connect(["new-token", "gitlab", "--for", "git", "--token-name", "a&scopes=sudo#x \u{1b}[2J"]);
    let output = call.json();
    if output.code == Some(0) {
        let address = output.document()["url"].as_str().unwrap().to_owned();
        assert!(
            !address.contains("&scopes=sudo") && !address.contains('#') && !address.contains('\u{1b}'),
            "{address}"
        );
    } else {
        output.fails(2, "usage");
    }
    let output = Home::new().connect(["new-token", "gitlab", "--for", "git", "--token-name", "\u{1b}[2J"]).ends();
    output.never_says("\u{1b}");
}

#[test]
fn it_needs_no_home_and_leaves_nothing() {
    let home = Home::new();
    let before = home.contents();
    home.connect(["new-token", "github", "--for", "git"]).ends().succeeds().never_says("error");
    assert_eq!(home.contents(), before);
}

#[test]
fn single_permissions_and_scopes() {
    let home = Home::new();
    let page = |words: &str| {
        let output = home.connect(["new-token"]).with(words.split_whitespace()).json().succeeds();
        output.document()["url"].as_str().unwrap().to_owned()
    };
    for (words, end) in [
        ("github --for Contents=write,commit_statuses", "&contents=write&statuses=read"),
        ("github --for status,contents", "&statuses=write&contents=read&metadata=read"),
        ("github --for organization_custom_properties=admin", "&organization_custom_properties=admin"),
        ("github --classic --for read:org,gist", "&scopes=read:org,gist"),
        ("github --classic --for Contents=write,statuses", "&scopes=repo"),
        ("gitlab --for read_api,create_runner", "&scopes=read_api,create_runner,self_rotate"),
    ] {
        assert!(page(words).ends_with(end), "{words}: {}", page(words));
    }
    for (words, hint) in [
        ("github --for repo", "--classic"),
        ("github --for webhoks", "did you mean `webhooks`"),
        ("github --for read_api", "neither a task nor"),
        ("github --classic --for merge_queues", "no scope"),
        ("gitlab --for Contents", "no scope"),
        ("gitlab --for repo", "neither a task nor"),
        ("gitlab --for gti", "did you mean `git`"),
    ] {
        let error = home.connect(["new-token"]).with(words.split_whitespace()).json().fails(2, "usage");
        assert!(error["message"].as_str().unwrap().contains(hint), "{words}: {error}");
    }
}
