//! The jobs of docs/ci.md: imports by a machine that keeps no token, and has nobody to ask.

use forge_sandbox::{GithubSeed, GithubTokenSeed, Sandbox, Seed};

use super::standing::*;
use crate::support::Home;

/// A runner with the variables that the jobs name.
fn runner(scene: &Standing) -> Home {
    let mut home = Home::new();
    // An identity as `age-keygen` makes it; of nobody's.
    let key = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";
    let identity = home.file("age-key.txt", key);
    for (name, value) in [
        ("CONNECT_NO_INPUT", "1"),
        ("CONNECT_AGE_IDENTITY", &identity),
        ("GITHUB_TOKEN_FOR_MIRROR", &scene.world.github_token("classic")),
        ("GITLAB_TOKEN", &scene.world.gitlab_token("api")),
    ] {
        home.set_env(name, value);
    }
    home
}

fn connected(home: &Home, scene: &Standing) {
    let (github, gitlab) = (scene.world.github_url(), scene.world.gitlab_url());
    let tokens = [("github", &github, "GITHUB_TOKEN_FOR_MIRROR"), ("gitlab", &gitlab, "GITLAB_TOKEN")];
    for (forge, host, variable) in tokens {
        let call = home.connect([forge, "--host", host, "--pat-env", variable, "--store", "env"]);
        call.ends().succeeds().never_says("error");
    }
}

#[test]
fn in_a_pipeline() {
    let second = GithubTokenSeed::classic("second", &["repo", "admin:repo_hook", "read:org"]);
    let seed = Seed { github: GithubSeed { tokens: vec![second], ..Default::default() }, ..Default::default() };
    let Some(scene) = Standing::begun(Sandbox::builder().seed(seed)) else { return };
    let mut home = runner(&scene);
    connected(&home, &scene);
    let flags = ["import", STORE, "--to", PROJECT, "--store", "file", "--ci-template", "minimal"];
    let import = |home: &Home| home.connect(flags).with(["--yes", "--json"]).ends();
    let document = import(&home).succeeds().document();
    scene.world.settle();
    assert_eq!(document["project_url"], format!("{}/{PROJECT}", scene.world.gitlab_url()));
    // The next pipeline finds everything as it is.
    let plan = home.connect(flags).with(["--plan", "--detailed-exitcode"]).ends().succeeds();
    assert!(plan.stdout().lines().all(|line| line.contains("\tstands\t")), "{}", plan.shown());
    let status = |home: &Home| home.connect(["import", "status"]).ends();
    let _ = status(&home).succeeds();

    // The token in the variable is another one: whoever sees to it runs the same job again.
    home.set_env("GITHUB_TOKEN_FOR_MIRROR", &scene.world.github_token("second"));
    let drifted = status(&home).exits(9).stdout();
    assert!(drifted.lines().all(|line| line.ends_with("it has an older token")), "{drifted}");
    connected(&home, &scene);
    let _ = import(&home).succeeds();
    scene.world.settle();
    let _ = status(&home).succeeds();

    // A runner that has lost what was kept makes nothing twice.
    let other = runner(&scene);
    connected(&other, &scene);
    let _ = import(&other).succeeds();
    let tokens = scene.gitlab("GET", "/access_tokens", serde_json::Value::Null);
    assert_eq!((scene.hooks().len(), tokens.as_array().unwrap().len()), (1, 1));
}
