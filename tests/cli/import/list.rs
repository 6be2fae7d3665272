//! `connect import list`: what could be imported, why not, and what was.

use forge_sandbox::{GithubRepositorySeed, GithubSeed, Role, Sandbox, Seed};
use serde_json::{Value, json};

use super::standing::*;
use crate::support::call::Call;
use crate::support::forges::built;
use crate::support::output::scrubbed;
use crate::support::{Cast as _, Home, world};

fn with(repositories: Vec<GithubRepositorySeed>) -> Sandbox {
    let github = GithubSeed { repositories, ..Default::default() };
    built(Sandbox::builder().seed(Seed { github, ..Default::default() }))
}

fn repository(owner: &str, name: &str) -> GithubRepositorySeed {
    GithubRepositorySeed { owner: Some(owner.into()), name: name.into(), private: true, ..Default::default() }
}

fn connected(world: &Sandbox, token: &str) -> Home {
    let home = Home::new();
    let _ = home.github(world, token).ends().succeeds();
    home
}

fn on_screen(home: &Home, call: Call) -> String {
    let ended = call.env("NO_COLOR", "1").at_terminal().ends();
    let seen = as_seen(&ended.screen);
    for line in seen.lines().filter(|line| !line.contains("://") && !line.starts_with("warning:")) {
        let line = if line.starts_with(" octocat/a-repository") { "" } else { line };
        assert!(line.chars().count() <= 80, "{line:?}");
    }
    format!("exit {}\n{}", ended.code, scrubbed(&seen, &home.path().display().to_string()))
}

#[test]
fn what_stands_in_the_way_of_each() {
    let may = |role| [("octocat".to_owned(), role)].into();
    let world = with(vec![
        GithubRepositorySeed { archived: true, ..repository("octocat", "old") },
        GithubRepositorySeed { disabled: true, ..repository("octocat", "banned") },
        GithubRepositorySeed { collaborators: may(Role::Push), ..repository("monalisa", "hers") },
        GithubRepositorySeed { collaborators: may(Role::Pull), ..repository("monalisa", "read") },
        GithubRepositorySeed { collaborators: may(Role::Maintain), ..repository("monalisa", "kept") },
        repository("octocat", "a-repository-with-a-name-so-long-that-no-table-would-hold-it-without-breaking-it"),
    ]);
    let home = connected(&world, "classic");
    insta::assert_snapshot!(home.connect(["import", "list"]).ends().shown(), @"
    exit 0
    --- stdout
    agility-game/home-assistant-community-store	admin	yes	-	-
    agility-game/timing-firmware	admin	yes	-	-
    monalisa/hers	push	no	not owner or administrator	-
    monalisa/kept	maintain	no	not owner or administrator	-
    monalisa/read	pull	no	not owner, not a collaborator	-
    octocat/Hello-World	admin	yes	-	-
    octocat/a-repository-with-a-name-so-long-that-no-table-would-hold-it-without-breaking-it	admin	yes	-	-
    octocat/banned	admin	no	disabled by GitHub	-
    octocat/diary	admin	yes	-	-
    octocat/old	admin	no	archived	-
    ");
    insta::assert_snapshot!(on_screen(&home, home.connect(["import", "list"])), @"
    exit 0
     REPOSITORY                                   ROLE      IMPORT
     agility-game/home-assistant-community-store  admin     yes
     agility-game/timing-firmware                 admin     yes
     monalisa/hers                                push      no: not owner or
                                                            administrator
     monalisa/kept                                maintain  no: not owner or
                                                            administrator
     monalisa/read                                pull      no: not owner, not a
                                                            collaborator
     octocat/Hello-World                          admin     yes
     octocat/a-repository-with-a-name-so-long-that-no-table-would-hold-it-without-breaking-it
                                                  admin     yes
     octocat/banned                               admin     no: disabled by GitHub
     octocat/diary                                admin     yes
     octocat/old                                  admin     no: archived
    ");
    let document = home.connect(["import", "list", "MONALISA"]).json().succeeds().document();
    let rows = document["repositories"].as_array().unwrap();
    assert_eq!((rows.len(), &document["hidden"]), (3, &json!([])));
    let fields: Vec<&String> = rows[0].as_object().unwrap().keys().collect();
    let known = ["archived", "id", "importable", "imported", "repository", "role", "url", "visibility", "why"];
    assert_eq!(fields, known);
    assert_eq!((&rows[0]["role"], &rows[0]["importable"]), (&json!("push"), &json!("no")), "{document}");
    assert!(document.get("sso_left_out").is_none());
}

#[test]
fn of_one_owner() {
    let world = world();
    let home = connected(&world, "classic");
    let names = |owner: &str| {
        let listed = home.connect(["import", "list", owner]).ends().succeeds().stdout();
        listed.lines().map(|line| line.split('\t').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names("octocat"), ["octocat/Hello-World", "octocat/diary"]);
    assert_eq!(names(&format!("{}/octocat", world.github_url())), names("octocat"));
    assert_eq!(names("nobody"), Vec::<String>::new());
    insta::assert_snapshot!(home.connect(["import", "list", "nobody"]).ends().shown(), @"
    exit 0
    --- stderr
    `octocat@127.0.0.1:PORT` sees no repository of nobody
    ");
    home.connect(["import", "list", "octocat/diary"]).json().fails(2, "usage");
}

#[test]
fn a_token_that_was_given_little() {
    let world = world();
    let home = connected(&world, "fine-grained-import");
    insta::assert_snapshot!(home.connect(["import", "list"]).ends().shown(), @"
    exit 0
    --- stdout
    agility-game/home-assistant-community-store	admin	unknown	public: whether it is selected for the token shows when it is tried	-
    octocat/Hello-World	admin	unknown	public: whether it is selected for the token shows when it is tried	-
    ");
    let home = connected(&world, "sso");
    let output = home.connect(["import", "list"]).json().succeeds();
    assert_eq!(output.warnings(), ["sso_partial"]);
    let document = output.document();
    assert_eq!(document["sso_left_out"].as_array().unwrap().len(), 1, "{document}");
    insta::assert_snapshot!(on_screen(&home, home.connect(["import", "list"])), @"
    exit 0
     REPOSITORY           ROLE      IMPORT
     octocat/Hello-World  admin     yes
     octocat/diary        admin     yes
    warning: organisations with single sign-on are left out: the token is not authorised for them
    ");
}

/// As `import` itself would say it.
#[test]
fn a_token_that_lacks_a_scope() {
    let world = world();
    let home = connected(&world, "classic-readonly");
    insta::assert_snapshot!(home.connect(["import", "list"]).ends().shown(), @"
    exit 0
    --- stdout
    agility-game/home-assistant-community-store	admin	no	the token lacks `repo`, `admin:repo_hook`	-
    octocat/Hello-World	admin	no	the token lacks `repo`, `admin:repo_hook`	-
    ");
    let _ = home.gitlab(&world, "api").ends().succeeds();
    let to = ["import", "agility-game/home-assistant-community-store", "--to", "agility-game/home-assistant", "--plan"];
    assert_eq!(home.connect(to).ends().code, Some(5));
}

/// Nothing is broken in its middle, and the words still have some room.
#[test]
fn on_a_narrow_terminal() {
    let world = world();
    let home = connected(&world, "classic");
    let ended = home.connect(["import", "list"]).env("NO_COLOR", "1").at_terminal_of(60).ends();
    let seen = as_seen(&ended.screen);
    assert!(seen.lines().all(|line| line.chars().count() <= 60), "{seen}");
    insta::assert_snapshot!(seen, @"
    REPOSITORY                    ROLE      IMPORT
    agility-game/home-assistant-community-store
                                  admin     yes
    agility-game/timing-firmware  admin     yes
    octocat/Hello-World           admin     yes
    octocat/diary                 admin     yes
    ");
}

#[test]
fn more_than_a_page() {
    let many = (0..230).map(|number| repository("octocat", &format!("r{number:03}"))).collect();
    let world = with(many);
    let home = connected(&world, "classic");
    world.clear_requests();
    let listed = home.connect(["import", "list", "octocat"]).ends().succeeds().stdout();
    assert_eq!(listed.lines().count(), 232);
    assert_eq!(world.requests().len(), 3, "a hundred at a time");
}

#[test]
fn what_was_imported() {
    let Some(scene) = Standing::new(&[]) else { return };
    let firmware = "agility-game/timing-firmware";
    let to = format!("{GROUP}/firmware");
    let _ = scene.home.connect(["import", firmware, "--to", &to, "--store", "plain", "--yes"]).ends().succeeds();
    let list = || scene.home.connect(["import", "list", "agility-game"]);
    insta::assert_snapshot!(scene.on_screen(list()), @"
    exit 0
     REPOSITORY                                   ROLE      IMPORT
     agility-game/home-assistant-community-store  admin     imported
       → http://127.0.0.1:PORT/agility-game/home-assistant/store
     agility-game/timing-firmware                 admin     imported
       → http://127.0.0.1:PORT/agility-game/home-assistant/firmware
    ");
    insta::assert_snapshot!(list().ends().shown(), @"
    exit 0
    --- stdout
    agility-game/home-assistant-community-store	admin	yes	-	http://127.0.0.1:PORT/agility-game/home-assistant/store
    agility-game/timing-firmware	admin	yes	-	http://127.0.0.1:PORT/agility-game/home-assistant/firmware
    ");
    // Undone, it could be imported again.
    let _ = scene.undo(&[]).succeeds();
    let document = list().json().succeeds().document();
    let store = document["repositories"].as_array().unwrap().iter().find(|it| it["repository"] == STORE).unwrap();
    assert_eq!(store["imported"], json!([]));
    // The other one is hidden from the next token.
    let record = scene.records().into_iter().find(|record| record["github"]["path"] == firmware).unwrap();
    let name = record["github"]["connection"].as_str().unwrap();
    let _ = scene.home.github(&scene.world, "stranger").with(["--name", name, "--yes"]).ends().succeeds();
    insta::assert_snapshot!(scene.on_screen(list()), @"
    exit 0
    ! agility-game/timing-firmware, which was imported into
      http://127.0.0.1:PORT/agility-game/home-assistant/firmware, is gone or hidden
      from this token
    `octocat@127.0.0.1:PORT` sees no repository of agility-game
    ");
    let document = list().json().succeeds().document();
    assert_eq!(document["hidden"], json!([firmware]));
    let of_another = scene.home.connect(["import", "list", "octocat"]).json().succeeds().document();
    assert_eq!(of_another["hidden"], json!([]));
}

#[test]
fn which_connection_is_asked() {
    let (world, other) = (world(), world());
    let home = connected(&world, "classic");
    let _ = home.github(&other, "classic").with(["--name", "other"]).ends().succeeds();
    insta::assert_snapshot!(home.connect(["import", "list"]).ends().shown(), @"
    exit 3
    --- stderr
    error: there are connections to more than one GitHub
      → http://127.0.0.1:PORT
      → http://127.0.0.1:PORT
      → name one with `--github NAME`, or give a whole URL
    ");
    let _ = home.connect(["import", "list", "--github", "other"]).ends().succeeds();
    let _ = home.github(&world, "collaborator").ends().succeeds();
    insta::assert_snapshot!(home.connect(["import", "list", &format!("{}/octocat", world.github_url())]).ends().shown(), @"
    exit 9
    --- stderr
    error: more than one connection serves http://127.0.0.1:PORT/octocat
      → name one of `hubot@127.0.0.1:PORT`, `octocat@127.0.0.1:PORT`
      → `connect use NAME --on PREFIX` lets one answer for an owner or a group,
      → `connect use NAME --default` for the whole host
    ");
    let _ = home.gitlab(&world, "api").with(["--name", "lab"]).ends().succeeds();
    home.connect(["import", "list", "--github", "lab"]).json().fails(2, "other_forge");
    let none = Home::new();
    none.connect(["import", "list"]).json().fails(3, "no_connection_serves");
    let _: Value = home.connect(["import", "list", "--github", "other"]).json().succeeds().document();
}
