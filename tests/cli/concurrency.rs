//! Many processes at once, on one home: no record is mixed or lost, no secret is left that nobody knows.

use std::collections::BTreeSet;

use forge_sandbox::{GithubSeed, GithubTokenSeed, Sandbox, Seed};

use crate::support::call::Running;
use crate::support::forges::built;
use crate::support::{Cast as _, Home, Output};

const PROCESSES: usize = 8;

/// A GitHub with eight tokens of octocat's, `many-1` to `many-8`.
fn world() -> Sandbox {
    let tokens = GithubTokenSeed {
        name: "many".to_owned(),
        scopes: vec!["repo".to_owned()],
        count: Some(PROCESSES),
        ..GithubTokenSeed::default()
    };
    let github = GithubSeed { tokens: vec![tokens], ..GithubSeed::default() };
    built(Sandbox::builder().seed(Seed { github, ..Seed::default() }))
}

/// Eight calls at once, and how they ended.
fn at_once(call: impl Fn(usize) -> Running) -> Vec<Output> {
    let running: Vec<Running> = (1..=PROCESSES).map(call).collect();
    running.into_iter().map(Running::ends).collect()
}

/// Every record has its secret, and there is none besides.
fn all_is_in_order(home: &Home) {
    let named: BTreeSet<String> =
        home.records().iter().map(|record| record["token"]["secret"].as_str().unwrap().to_owned()).collect();
    let kept: BTreeSet<String> =
        home.secrets().iter().map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).collect();
    assert_eq!(named, kept);
    assert!(home.journal().is_empty(), "{:?}", home.journal());
}

#[test]
fn different_names() {
    let (home, world) = (Home::new(), world());
    let outputs = at_once(|number| {
        let token = format!("many-{number}");
        home.dotcom(&world, &token).with(["--name", &format!("c{number}")]).begins()
    });
    for output in outputs {
        output.succeeds().never_says("error");
    }
    assert_eq!(home.records().len(), PROCESSES);
    for number in 1..=PROCESSES {
        let output = home.connect(["token", &format!("c{number}")]).ends().succeeds();
        assert_eq!(output.stdout().trim(), world.github_token(&format!("many-{number}")));
    }
    all_is_in_order(&home);
}

#[test]
fn one_name_and_different_tokens() {
    let (home, world) = (Home::new(), world());
    for round in 0..3 {
        let outputs = at_once(|number| home.dotcom(&world, &format!("many-{number}")).begins());
        for output in outputs {
            output.succeeds().never_says("error");
        }
        assert_eq!(home.records().len(), 1, "round {round}");
        let token = home.connect(["token", "octocat@github.com"]).ends().succeeds().stdout();
        assert!((1..=PROCESSES).any(|number| token.trim() == world.github_token(&format!("many-{number}"))));
        all_is_in_order(&home);
    }
}

#[test]
fn readers_always_find_a_token_while_it_is_replaced() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "many-1").ends().succeeds().never_says("error");
    let known: Vec<String> = (1..=PROCESSES).map(|number| world.github_token(&format!("many-{number}"))).collect();
    let outputs = at_once(|number| {
        if number % 2 == 0 {
            home.dotcom(&world, &format!("many-{number}")).begins()
        } else {
            home.connect(["token", "octocat@github.com"]).begins()
        }
    });
    for (index, output) in outputs.into_iter().enumerate() {
        let output = output.succeeds();
        assert!(index % 2 == 1 || known.contains(&output.stdout().trim().to_owned()), "{}", output.shown());
    }
    all_is_in_order(&home);
}

#[test]
fn connecting_and_disconnecting_one_name() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "many-1").ends().succeeds().never_says("error");
    let outputs = at_once(|number| {
        if number % 2 == 0 {
            home.dotcom(&world, &format!("many-{number}")).begins()
        } else {
            home.connect(["disconnect", "octocat@github.com"]).begins()
        }
    });
    for output in outputs {
        assert!(matches!(output.code, Some(0 | 3)), "{}", output.shown());
    }
    all_is_in_order(&home);
}

#[test]
fn a_new_file_store_is_made_once() {
    let (home, world) = (Home::new(), world());
    let home = home.with_env("CONNECT_PASSPHRASE", "correct horse battery staple");
    let running: Vec<Running> = (1..=3)
        .map(|number| {
            home.connect(["github", "--api-url", &world.dotcom_api_url(), "--pat-stdin", "--store", "file"])
                .with(["--name", &format!("c{number}")])
                .stdin(world.github_token(&format!("many-{number}")))
                .begins()
        })
        .collect();
    for call in running {
        call.ends().succeeds().never_says("error");
    }
    for number in 1..=3 {
        let output = home.connect(["token", &format!("c{number}")]).ends().succeeds();
        assert_eq!(output.stdout().trim(), world.github_token(&format!("many-{number}")));
    }
    all_is_in_order(&home);
}

#[test]
fn whoever_has_to_wait_is_told_for_whom() {
    let (home, world) = (Home::new(), world());
    home.github(&world, "classic").with(["--name", "hub"]).ends().succeeds().never_says("error");
    let path = home.connect_home().join("state/locks/hub.lock");
    let held = std::fs::File::options().write(true).open(path).unwrap();
    held.lock().unwrap();
    let mut terminal = home.connect(["use", "hub", "--default"]).env("NO_COLOR", "1").at_terminal();
    terminal.sees("waiting for another process that is at work on `hub`");
    drop(held);
    let ended = terminal.ends();
    assert_eq!(ended.code, 0, "{}", ended.screen);
    assert!(ended.screen.contains("is the default"), "{}", ended.screen);
}
