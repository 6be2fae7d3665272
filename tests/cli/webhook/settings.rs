//! `connect webhook settings`: what to paste into the web form, and the secret, which is shown to who asks.

use super::*;
use crate::support::output::scrubbed;
use crate::support::{Cast as _, world};

#[test]
fn the_form_of_github() {
    let (home, world) = (Home::new(), world());
    insta::assert_snapshot!(receiver(&home, &world, "hooks").shown(), @"
    exit 0
    --- stdout
    ✓ Made a webhook secret for `hooks`, in HOME/connect/data/secrets/ID

    Enter, on the forge's page for a new webhook:
      repository    https://github.com/OWNER/REPO/settings/hooks/new
      organisation  https://github.com/organizations/ORG/settings/hooks/new

      Payload URL        BASE/hooks/ID (BASE: where the forge reaches you; `--public-url BASE` remembers it)
      Content type       application/json
      Secret             (not shown)
      SSL verification   enabled
      Events             push alone
      Active             yes

    The secret: `connect webhook settings hooks --show-secret`, or `--secret-only` in a pipe
    To receive: `connect webhook listen --connection hooks`
    --- stderr
    warning: the webhook secret is kept readable, by you and by whoever becomes you; `--store keyring` or `--store file` would not
    ");
    let output = home.connect(["webhook", "settings", "--public-url", "https://hooks.example.com/in/"]).ends();
    insta::assert_snapshot!(output.shown(), @"
    exit 0
    --- stdout
    `hooks` has a webhook secret, in HOME/connect/data/secrets/ID

    Enter, on the forge's page for a new webhook:
      repository    https://github.com/OWNER/REPO/settings/hooks/new
      organisation  https://github.com/organizations/ORG/settings/hooks/new

      Payload URL        https://hooks.example.com/in/hooks/ID
      Content type       application/json
      Secret             (not shown)
      SSL verification   enabled
      Events             push alone
      Active             yes

    The secret: `connect webhook settings hooks --show-secret`, or `--secret-only` in a pipe
    To receive: `connect webhook listen --connection hooks`
    ");
    // It is remembered, and the secret is the same.
    let made = secret(&home, "hooks");
    assert_eq!((made.len(), made.bytes().all(|b| b.is_ascii_hexdigit())), (64, true));
    let again = home.connect(["webhook", "settings", "hooks", "--show-secret", "--events", "push,release"]).ends();
    assert!(again.stdout().contains("https://hooks.example.com/in/hooks/"), "{}", again.shown());
    assert!(again.stdout().contains(&made) && again.stdout().contains("push, release alone"), "{}", again.shown());
    assert!(world.requests().iter().all(|seen| seen.header("authorization").is_none()));
}

#[test]
fn for_programs() {
    let (home, world) = (Home::new(), world());
    receiver(&home, &world, "hooks").never_says("error");
    let call = || home.connect(["webhook", "settings", "hooks", "--public-url", "hooks.example.com"]);
    let document = call().json().succeeds().document();
    let id = webhook(&home, "hooks")["id"].as_str().unwrap().to_owned();
    assert_eq!(id.len(), 32);
    assert_eq!(document["url"], format!("https://hooks.example.com/hooks/{id}"));
    assert_eq!((&document["id"], &document["path"]), (&id.clone().into(), &format!("/hooks/{id}").into()));
    assert_eq!((&document["proof"], &document["made"]), (&"signature".into(), &false.into()));
    assert_eq!((&document["content_type"], &document["ssl_verification"]), (&"application/json".into(), &true.into()));
    assert_eq!(document["pages"]["repository"], "https://github.com/OWNER/REPO/settings/hooks/new");
    assert!(document.get("secret").is_none(), "{document}");
    let shown = call().with(["--show-secret"]).json().succeeds().document();
    assert_eq!(shown["secret"], secret(&home, "hooks").as_str());
}

#[test]
fn the_form_of_gitlab() {
    let (home, world) = (Home::new(), world());
    let call = home.connect(["gitlab", "--host", &world.gitlab_url(), "--webhook-only", "--store", "plain"]);
    let output = call.with(["--public-url", "https://hooks.example.com"]).ends();
    insta::assert_snapshot!(output.shown(), @"
    exit 0
    --- stdout
    ✓ Made a webhook secret for `webhook@127.0.0.1:PORT`, in HOME/connect/data/secrets/ID

    Enter, on the forge's page for a new webhook:
      project       http://127.0.0.1:PORT/GROUP/PROJECT/-/hooks
      group         http://127.0.0.1:PORT/groups/GROUP/-/hooks

      URL                https://hooks.example.com/hooks/ID
      Signing token      (not shown)
      Secret token       leave it empty
      Trigger            push alone
      SSL verification   enabled

    The secret: `connect webhook settings webhook@127.0.0.1:PORT --show-secret`, or `--secret-only` in a pipe
    To receive: `connect webhook listen --connection webhook@127.0.0.1:PORT`
    --- stderr
    warning: the webhook secret is kept readable, by you and by whoever becomes you; `--store keyring` or `--store file` would not
    GitLab takes signing tokens since 19.0: where the form has no such field, `--new-secret --plain-token`; where it makes one itself, keep that one by `--webhook-secret-stdin`
    ");
    let name = format!("webhook@{}", world.gitlab_url().trim_start_matches("http://"));
    let signing = secret(&home, &name);
    assert!(signing.starts_with("whsec_") && signing.len() == 50, "{}", signing.len());
    assert_eq!(webhook(&home, &name)["proof"], "signing-token");
    // What is weaker takes a word.
    let plain = || home.connect(["webhook", "settings", "--plain-token"]);
    plain().json().fails(9, "webhook_secret_stands");
    assert_eq!(secret(&home, &name), signing);
    let output = plain().with(["--new-secret", "--show-secret"]).ends().succeeds();
    assert_eq!(webhook(&home, &name)["proof"], "token");
    assert!(output.stdout().contains(&format!("Secret token       {}", secret(&home, &name))), "{}", output.shown());
}

/// GitLab before 19.0 would ignore a signing token without a word.
#[test]
fn a_gitlab_that_is_known_to_be_too_old_for_signing_tokens() {
    for (version, proof) in [("18.11.0", "token"), ("19.0.0", "signing-token")] {
        let home = Home::new();
        let world = crate::support::forges::built(Sandbox::builder().gitlab_version(version));
        home.gitlab(&world, "api").with(["--name", "lab"]).ends().succeeds().never_says("error");
        let document = home.connect(["webhook", "settings", "lab"]).json().succeeds().document();
        assert_eq!((&document["proof"], &document["made"]), (&proof.into(), &true.into()), "{version}");
        assert!(home.record("lab")["token"].is_object());
    }
}

#[test]
fn shown_to_whoever_sits_there_when_it_was_made() {
    let (home, world) = (Home::new(), world());
    let call = home.connect(["github", "--api-url", &world.dotcom_api_url(), "--webhook-only", "--store", "plain"]);
    let ended = call.env("NO_COLOR", "1").at_terminal().ends();
    assert_eq!(ended.code, 0, "{}", ended.screen);
    let made = secret(&home, "webhook@github.com");
    assert!(ended.screen.contains(&made), "{}", ended.screen);
    insta::assert_snapshot!(scrubbed(&ended.screen.replace(&made, "SECRET"), &home.path().display().to_string()), @"
    ✓ Made a webhook secret for `webhook@github.com`, in HOME/connect/data/secrets/ID

    Enter, on the forge's page for a new webhook:
      repository    https://github.com/OWNER/REPO/settings/hooks/new
      organisation  https://github.com/organizations/ORG/settings/hooks/new

      Payload URL        BASE/hooks/ID (BASE: where the forge reaches you; `--public-url BASE` remembers it)
      Content type       application/json
      Secret             SECRET
      SSL verification   enabled
      Events             push alone
      Active             yes

    Until the secret is entered there, nothing arrives. Again: `connect webhook settings webhook@github.com --show-secret`
    To receive: `connect webhook listen --connection webhook@github.com`
    warning: the webhook secret is kept readable, by you and by whoever becomes you; `--store keyring` or `--store file` would not
    ");
    let settings = |more: &[&str]| home.connect(["webhook", "settings"]).with(more).at_terminal().ends();
    assert!(!settings(&[]).screen.contains(&made));
    assert!(settings(&["--show-secret"]).screen.contains(&made));
    // For programs a terminal is no reason to show anything.
    assert!(!settings(&["--new-secret", "--json"]).screen.contains(&secret(&home, "webhook@github.com")));
}

#[test]
fn which_connection_is_meant() {
    let (home, world) = (Home::new(), world());
    let settings = |more: &[&str]| home.connect(["webhook", "settings"]).with(more);
    let error = settings(&[]).json().fails(3, "no_such_connection");
    assert!(error["hint"].as_str().unwrap().contains("connect github --webhook-only"), "{error}");
    home.dotcom(&world, "classic").with(["--name", "one"]).ends().succeeds().never_says("error");
    // The only one there is; it has a webhook from now on.
    assert_eq!(settings(&[]).json().succeeds().document()["connection"], "one");
    home.dotcom(&world, "stranger").with(["--name", "two"]).ends().succeeds().never_says("error");
    assert_eq!(settings(&[]).json().succeeds().document()["connection"], "one");
    receiver(&home, &world, "three").never_says("error");
    let error = settings(&[]).json().fails(9, "several_connections");
    assert!(error["hint"].as_str().unwrap().contains("`one`, `three`"), "{error}");
    assert_eq!(settings(&["--connection", "two"]).json().succeeds().document()["made"], true);
    let by_variable = settings(&["three"]).env("CONNECT_CONNECTION", "one").json().succeeds().document();
    assert_eq!(by_variable["connection"], "three", "what is typed wins");
    settings(&["nobody"]).json().fails(3, "no_such_connection");
    for name in ["one", "two"] {
        home.connect(["disconnect", name]).ends().succeeds().never_says("error");
    }
    // Nothing is asked with it, but a URL finds it here.
    assert_eq!(settings(&["https://github.com/o/r"]).json().succeeds().document()["connection"], "three");
    home.connect(["which", "https://github.com/o/r"]).json().fails(3, "no_connection_serves");
}

#[test]
fn an_address_that_cannot_be_meant() {
    let (home, world) = (Home::new(), world());
    home.github(&world, "classic").with(["--name", "server"]).ends().succeeds().never_says("error");
    receiver(&home, &world, "hooks").never_says("error");
    let settings = |name: &str, base: &str| home.connect(["webhook", "settings", name, "--public-url", base]);
    for base in [
        "ftp://example.com",
        "https://me:hidden-word@example.com",
        "https://example.com/?a=hidden-word",
        "nonsense",
        "",
    ] {
        settings("hooks", base).ends().exits(2).never_says("hidden-word");
    }
    assert!(webhook(&home, "hooks").get("public_url").is_none());
    let warned = |name: &str, base: &str| settings(name, base).json().succeeds().warnings();
    assert_eq!(warned("hooks", "http://hooks.example.com"), ["plain_http"]);
    assert_eq!(warned("hooks", "https://hooks.example.com"), Vec::<String>::new());
    // A forge on this machine reaches it; github.com does not.
    assert_eq!(warned("server", "http://127.0.0.1:8787"), ["kept_plain"]);
    assert_eq!(warned("server", "https://buildhost"), Vec::<String>::new());
    let dotcom = ["github", "--webhook-only", "--store", "plain", "--public-url"];
    let call = home.connect(dotcom).with(["http://localhost:8787"]);
    assert_eq!(call.json().succeeds().warnings(), ["kept_plain", "not_reachable"]);
    // Nor does it know the names of one's own network.
    assert_eq!(home.connect(dotcom).with(["https://buildhost"]).json().succeeds().warnings(), ["not_reachable"]);
}

#[test]
fn events_as_the_forge_calls_them() {
    let (home, world) = (Home::new(), world());
    receiver(&home, &world, "hooks").never_says("error");
    let settings = |events: &str| home.connect(["webhook", "settings", "hooks", "--events", events]);
    insta::assert_snapshot!(settings("push,pusj").ends().shown(), @"
    exit 2
    --- stderr
    error: there is no event `pusj`; did you mean `push`?
      → `--as-typed` sends it all the same, should it be a new one
    ");
    assert!(settings("pusj").with(["--as-typed"]).ends().succeeds().stdout().contains("pusj alone"));
    // One of an organisation's, and one that nobody knows yet.
    assert_eq!(settings("membership").json().succeeds().document()["events"], serde_json::json!(["membership"]));
    assert_eq!(settings("quantum_leap").json().succeeds().warnings(), ["unknown_event"]);
    assert!(settings("*").ends().succeeds().stdout().contains("all of them"));
}

#[test]
fn help() {
    let help = Home::new().connect(["webhook", "settings", "--help"]).ends().succeeds().stdout();
    let (own, _) = help.split_once("Options everywhere:").unwrap();
    let (_, examples) = help.split_once("Examples:").unwrap();
    insta::assert_snapshot!(format!("{own}(options everywhere)\n\nExamples:{examples}"), @"
    What to enter into the forge's web form, for a webhook made by hand

    For people who may not use the API of their forge, or would rather not. A
    connection without a webhook secret gets one; a secret that exists already is
    kept by `--webhook-secret-stdin`. Nobody at the forge is asked.

    The secret itself is shown when it has just been made and a terminal is there to
    show it; later, and in a pipe, only with `--show-secret` or `--secret-only`.
    `connect github --webhook-only` and `connect gitlab --webhook-only` make a
    connection that has no token.

    Usage: connect webhook settings [OPTIONS] [NAME]

    Arguments:
      [NAME]
              Which connection, by name or by a URL it serves; may be left out where
              only one can be meant

    Options:
          --connection <NAME>
              The same as NAME
              
              [env: CONNECT_CONNECTION]

          --public-url <BASE>
              Where forges reach whoever receives, as `https://hooks.example.com`;
              remembered. A path in it is for a proxy, which takes it away: `connect
              webhook listen` answers at `/hooks/<id>`
              
              [env: CONNECT_PUBLIC_URL]

          --events <EVENT>
              The events that the hook is for, as the forge's API calls them
              
              [default: push]

          --as-typed
              Take events that look mistyped as they are

          --show-secret
              Show the secret, here and whenever it was made

          --secret-only
              Print the secret and nothing else, for a pipe

          --new-secret
              Make another secret in place of the one there is

          --plain-token
              A plain secret token instead of a signing token (GitLab before 19.0):
              the one that is made, or, in the place of a signing token, the one
              that is given

          --store <STORE>
              Where to keep the secret: keyring, file, plain or env
              
              [env: CONNECT_STORE]

      -h, --help
              Print help (see a summary with '-h')

    The webhook's secret:
          --webhook-secret-stdin
              Keep a webhook secret that exists already, read from standard input

          --webhook-secret-file <FILE>
              Read the webhook secret from a file (`-` is standard input)

          --webhook-secret-env <VAR>
              Read the webhook secret from an environment variable

          --accept-former-for <TIME>
              Where this replaces a webhook secret: accept the former one, too, for
              so long, as `7d` or `12h`, until it is changed everywhere

    (options everywhere)

    Examples:
      connect webhook settings --public-url https://hooks.example.com
      connect webhook settings octocat@github.com --secret-only | wl-copy
      connect webhook settings NAME --new-secret --accept-former-for 1d

    Exit codes:
      3  there is no such connection
      8  the store is missing, locked or refused
      9  more than one connection, and none was named; a secret of another kind is
         there already
    ");
}

/// An address without anything that is delivered there would be forgotten without a word.
#[test]
fn an_address_goes_with_a_webhook_secret() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").with(["--name", "work"]).ends().succeeds().never_says("error");
    let before = home.contents();
    let token = || home.dotcom(&world, "classic").with(["--name", "work"]);
    insta::assert_snapshot!(token().with(["--public-url", "https://hooks.example.com"]).ends().shown(), @"
    exit 2
    --- stderr
    error: `--public-url` goes with a webhook secret, and none was given
      → `--webhook-secret-file FILE` keeps one beside the token, `--webhook-only` one alone
      → where there is one already: `connect webhook settings work --public-url BASE`
    ");
    let gitlab =
        home.connect(["gitlab", "--host", &world.gitlab_url(), "--pat-env", "GITLAB_TOKEN", "--store", "plain"]);
    let gitlab = gitlab.env("GITLAB_TOKEN", &world.gitlab_token("api"));
    gitlab.clone().with(["--public-url", "https://hooks.example.com"]).json().fails(2, "usage");
    assert_eq!(home.contents(), before);
    // A variable is set for every command, and this one has nothing to do with it.
    gitlab.env("CONNECT_PUBLIC_URL", "https://hooks.example.com").ends().succeeds().never_says("error");
    token()
        .with(["--public-url", "https://hooks.example.com", "--webhook-secret-env", "HOOK_SECRET"])
        .env("HOOK_SECRET", "It-is-a-Secret-to-Everybody")
        .ends()
        .succeeds()
        .never_says("error");
    assert_eq!(webhook(&home, "work")["public_url"], "https://hooks.example.com");
}
