//! What a check looks like: to people, to `awk`, to programs; and that the token is nowhere in it.

use forge_sandbox::{Fault, ReadyMade};

use super::*;
use crate::support::output::scrubbed;

const HOOKS: &[(&str, &str)] = &[("repository_hooks", "read"), ("statuses", "write")];

/// What stands on a terminal of 80 columns.
fn on_screen(home: &Home, call: Call) -> String {
    let ended = call.env("NO_COLOR", "1").at_terminal().ends();
    // Before it a spinner may have turned.
    let shown = &ended.screen[ended.screen.find(['✓', '✗', '?']).unwrap_or(0)..];
    for line in shown.lines().filter(|line| !line.contains("https://")) {
        assert!(line.chars().count() <= 80, "{line:?}");
    }
    format!("exit {}\n{}", ended.code, scrubbed(shown, &home.path().display().to_string()))
}

#[test]
fn for_people() {
    let tokens = vec![fine("hub", HOOKS), classic("old", "ada", &["repo:status"]), classic("eve", "eve", &["repo"])];
    let (home, world) = (Home::new(), world_with(tokens));
    for name in ["hub", "old", "eve"] {
        connected(&home, &world, name);
    }
    insta::assert_snapshot!(on_screen(&home, check(&home, "hub", "webhooks,status", "vault")), @r#"
    exit 5
    ✗ `hub` may not do this in acme/vault: webhooks, status
      private

     NEED                     VERDICT    WHY
     Webhooks (write)         ✗ missing  PATCH hooks/4294967289: 403, GitHub wants
                                         repository_hooks=write
     Commit statuses (write)  ✓ granted  POST statuses/000…000: 422
     Metadata (read)          ✓ granted  every fine-grained token has it
     Role: admin              ✓ granted  the account's role is `admin`

      → set Webhooks to "Read and write", and select acme/vault under "Repository
        access"

    Edit the token: https://github.com/settings/personal-access-tokens
    Or make another: https://github.com/settings/personal-access-tokens/new?name=connect&target_name=acme&expires_in=90&repository_hooks=write&statuses=write&metadata=read
    "#);
    insta::assert_snapshot!(on_screen(&home, check(&home, "hub", "status,git", "safe")), @r#"
    exit 5
    ✗ `hub` may not do this in acme/vault: status, git
      private
      acme/safe is its former name

     NEED                     VERDICT    WHY
     Commit statuses (write)  ✓ granted  POST statuses/000…000: 422
     Contents (write)         ✗ missing  GET commits: 403, GitHub wants
                                         contents=read
     Workflows (write)        ? unknown  it cannot be verified without writing
     Metadata (read)          ✓ granted  every fine-grained token has it
     Role: push               ✓ granted  the account's role is `admin`

      → set Contents to "Read and write", and select acme/vault under "Repository
        access"

    Edit the token: https://github.com/settings/personal-access-tokens
    Or make another: https://github.com/settings/personal-access-tokens/new?name=connect&target_name=acme&expires_in=90&statuses=write&contents=write&workflows=write&metadata=read
    "#);
    insta::assert_snapshot!(on_screen(&home, check(&home, "hub", "webhooks", "")), @"
    exit 0
    ? Nothing speaks against it, but not all can be told of `hub`: webhooks

     NEED              VERDICT    WHY
     Webhooks (write)  ? unknown  GitHub tells a permission only by trying it in a
                                  repository: add `--repo OWNER/REPO`
     Metadata (read)   ✓ granted  every fine-grained token has it
    ");
    insta::assert_snapshot!(on_screen(&home, check(&home, "old", "git", "site")), @"
    exit 5
    ✗ `old` may not do this in acme/site: git
      public

     NEED        VERDICT    WHY
     repo        ✗ missing  the token has `repo:status`
     workflow    ✗ missing  the token has `repo:status`
     Role: push  ✓ granted  the account's role is `admin`

      → tick `repo` on the token's page; its value stays the same
      → tick `workflow` on the token's page; its value stays the same

    The page: https://github.com/settings/tokens
    ");
    insta::assert_snapshot!(on_screen(&home, check(&home, "eve", "webhooks", "vault")), @"
    exit 5
    ✗ `eve` may not do this in acme/vault: webhooks
      private

     NEED             VERDICT    WHY
     admin:repo_hook  ✓ granted  the token has `repo`, which includes
                                 `admin:repo_hook`
     Role: admin      ✗ role     the account's role is `push`

      → ask for the role `admin` in acme/vault
    ");
    insta::assert_snapshot!(on_screen(&home, check(&home, "hub", "status", "attic")), @"
    exit 5
    ✗ `hub` may not do this in acme/attic: status
      private, archived

     NEED                     VERDICT     WHY
     Commit statuses (write)  ✗ archived  acme/attic is archived: nobody writes
                                          there
     Metadata (read)          ✓ granted   every fine-grained token has it
     Role: push               ✗ archived  acme/attic is archived: nobody writes
                                          there

      → an administrator can unarchive it in its settings
    ");
}

#[test]
fn in_a_pipe() {
    let (home, world) = (Home::new(), world_with(vec![fine("hub", HOOKS), classic("old", "ada", &["gist"])]));
    connected(&home, &world, "hub");
    connected(&home, &world, "old");
    insta::assert_snapshot!(check(&home, "hub", "webhooks,status", "vault").ends().shown(), @r#"
    exit 5
    --- stdout
    repository_hooks	write	missing	PATCH hooks/4294967289: 403, GitHub wants repository_hooks=write
    statuses	write	granted	POST statuses/000…000: 422
    metadata	read	granted	every fine-grained token has it
    admin	-	granted	the account's role is `admin`
    --- stderr
      → set Webhooks to "Read and write", and select acme/vault under "Repository
        access"

    Edit the token: https://github.com/settings/personal-access-tokens
    Or make another: https://github.com/settings/personal-access-tokens/new?name=connect&target_name=acme&expires_in=90&repository_hooks=write&statuses=write&metadata=read
    "#);
    insta::assert_snapshot!(check(&home, "old", "read", "site").ends().shown(), @"
    exit 0
    --- stdout
    repo	-	not_needed	anybody may read a public repository
    read:org	-	not_needed	it is for reading organisations; a repository is read without it
    ");
    insta::assert_snapshot!(check(&home, "old", "git", "vault").ends().shown(), @r#"
    exit 3
    --- stderr
    error: there is no repository `acme/vault`, or `old` may not know of it
      → a private repository needs the scope `repo`; the token has `gist`
      → ada must be a member of acme, or a collaborator
      → if acme uses single sign-on, the token must be authorised: "Configure SSO" on https://github.com/settings/tokens
      → it may be spelt otherwise, renamed, or deleted
    "#);
    world.fault(Fault::github().path("/repos/acme/vault/hooks").ready_made(ReadyMade::ServerError));
    insta::assert_snapshot!(check(&home, "hub", "webhooks,status", "vault").with(["--timeout", "1"]).ends().shown(), @"
    exit 7
    --- stdout
    repository_hooks	write	unknown	GET hooks: 502, the server failed (Server Error)
    statuses	write	unknown	not asked: the server failed (Server Error)
    metadata	read	granted	every fine-grained token has it
    admin	-	granted	the account's role is `admin`
    --- stderr
    error: github.com: the server failed (Server Error)
      → see https://www.githubstatus.com, then try again
    ");
}

#[test]
fn for_programs() {
    let (home, world) = (Home::new(), world_with(vec![fine("hub", HOOKS), classic("old", "ada", &["gist"])]));
    connected(&home, &world, "hub");
    connected(&home, &world, "old");
    let pretty = |call: Call| serde_json::to_string_pretty(&call.json().document()).unwrap();
    insta::assert_snapshot!(pretty(check(&home, "hub", "webhooks", "vault")), @r#"
    {
      "allowed": false,
      "checklist": [],
      "connection": "hub",
      "for": [
        "webhooks"
      ],
      "forge": "github",
      "needs": [
        {
          "add": "set Webhooks to \"Read and write\", and select acme/vault under \"Repository access\"",
          "for": [
            "webhooks"
          ],
          "kind": "permission",
          "label": "Webhooks",
          "level": "write",
          "name": "repository_hooks",
          "verdict": "missing",
          "why": "PATCH hooks/4294967289: 403, GitHub wants repository_hooks=write"
        },
        {
          "add": null,
          "for": [
            "webhooks"
          ],
          "kind": "permission",
          "label": "Metadata",
          "level": "read",
          "name": "metadata",
          "verdict": "granted",
          "why": "every fine-grained token has it"
        },
        {
          "add": null,
          "for": [
            "webhooks"
          ],
          "kind": "role",
          "label": "Role: admin",
          "level": null,
          "name": "admin",
          "verdict": "granted",
          "why": "the account's role is `admin`"
        }
      ],
      "new_token": {
        "by_hand": [
          {
            "label": "Repository access",
            "value": "choose \"Only select repositories\": acme/vault"
          }
        ],
        "filled_in": [
          {
            "label": "Token name",
            "value": "connect"
          },
          {
            "label": "Resource owner",
            "value": "acme"
          },
          {
            "label": "Expiration",
            "value": "90 days"
          },
          {
            "label": "Webhooks",
            "value": "Read and write"
          },
          {
            "label": "Metadata",
            "value": "Read-only"
          }
        ],
        "url": "https://github.com/settings/personal-access-tokens/new?name=connect&target_name=acme&expires_in=90&repository_hooks=write&metadata=read"
      },
      "page": "https://github.com/settings/personal-access-tokens",
      "repository": {
        "archived": false,
        "id": 142000003,
        "name": "acme/vault",
        "role": "admin",
        "visibility": "private"
      }
    }
    "#);
    insta::assert_snapshot!(check(&home, "old", "git", "vault").json().shown(), @r#"
    exit 3
    --- stderr
    {"error":{"checklist":["a private repository needs the scope `repo`; the token has `gist`","ada must be a member of acme, or a collaborator","if acme uses single sign-on, the token must be authorised: \"Configure SSO\" on https://github.com/settings/tokens","it may be spelt otherwise, renamed, or deleted"],"code":"repository_hidden","connection":"old","hint":"a private repository needs the scope `repo`; the token has `gist`\nada must be a member of acme, or a collaborator\nif acme uses single sign-on, the token must be authorised: \"Configure SSO\" on https://github.com/settings/tokens\nit may be spelt otherwise, renamed, or deleted","message":"there is no repository `acme/vault`, or `old` may not know of it"}}
    "#);
}

/// A forge that repeats the token in every answer.
#[test]
fn the_token_is_nowhere() {
    let (home, world) = (Home::new(), world_with(vec![fine("hub", HOOKS)]));
    connected(&home, &world, "hub");
    let token = world.github_token("hub");
    let echo = format!(r#"{{"message":"you sent {token}","errors":["{token}"]}}"#);
    let headers = [("content-type", "application/json"), ("x-accepted-github-permissions", token.as_str())];
    let repository = format!(
        r#"{{"id":1,"name":"{token}","owner":{{"login":"{token}","type":"Organization"}},"visibility":"private","permissions":{{"admin":true}}}}"#
    );
    for (path, status, body) in [
        ("/repos/acme/vault/hooks", 403, echo.as_str()),
        ("/repos/acme/vault/hooks", 418, &echo),
        ("/repos/acme/vault/statuses", 409, &echo),
        ("/repos/acme/vault/statuses", 503, &echo),
        ("/repos/acme/vault", 403, &echo),
        ("/repos/acme/vault", 200, &repository),
    ] {
        world.clear_faults();
        world.fault(Fault::github().path(path).answer(status, &headers, body));
        for flags in [vec!["-vv"], vec!["-vv", "--json"], vec!["--color", "always"]] {
            let output = check(&home, "hub", "webhooks,status", "vault").with(["--timeout", "1"]).with(&flags).ends();
            output.never_says(&token[12..40]);
        }
    }
    world.clear_faults();
    world.fault(Fault::github().path("/repos").effect(forge_sandbox::Effect::TerminalEscapes));
    check(&home, "hub", "webhooks", "vault").ends().never_says("\u{1b}");
}
