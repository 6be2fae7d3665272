//! Three tokens pass through an import: the repository's, the project's maker's, and the one that is made. Each is found
//! in the store and in the requests that plant it, and nowhere else.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use forge_sandbox::{Fault, SeenRequest, Tier};

use super::*;
use crate::support::Output;

/// What would betray a token: its middle, or all of it in base64.
fn betrays(text: &[u8], token: &str) -> bool {
    let encoded = STANDARD.encode(token);
    let found = |part: &[u8]| text.windows(part.len()).any(|window| window == part);
    found(&token.as_bytes()[8..token.len() - 8]) || found(encoded.as_bytes())
}

/// All tokens of the story so far.
fn tokens(world: &Sandbox, path: &str) -> Vec<String> {
    let made = project_tokens(world, path).into_iter().map(|token| token["token"].as_str().unwrap().to_owned());
    [world.github_token("classic"), world.gitlab_token("api")].into_iter().chain(made).collect()
}

/// The files of the home in which a token is readable; the store's are not among them.
fn leaks(home: &Home, tokens: &[String]) -> Vec<String> {
    let files = home.contents().into_iter().filter(|(name, _)| !name.starts_with("connect/data/secrets/"));
    let betrayed = files.filter(|(_, bytes)| tokens.iter().any(|token| betrays(bytes, token)));
    betrayed.map(|(name, _)| name).collect()
}

/// As loud as it can be.
fn loud(call: &Call, flags: &[&str]) -> Output {
    call.clone().with(flags).env("RUST_BACKTRACE", "full").env("RUST_LOG", "trace").ends()
}

fn silent(output: &Output, tokens: &[String]) {
    for stream in [&output.out, &output.err] {
        assert!(!tokens.iter().any(|token| betrays(stream, token)), "{}", output.shown());
    }
}

/// connect's own requests; GitLab's git and GitHub's deliveries are not.
fn own(world: &Sandbox) -> Vec<SeenRequest> {
    let is_own = |seen: &SeenRequest| seen.header("user-agent").is_some_and(|agent| agent.starts_with("connect/"));
    world.requests().into_iter().filter(is_own).collect()
}

/// Which requests have a token elsewhere than in `Authorization`: method and path; and none of them in an address.
fn planting(world: &Sandbox, tokens: &[String]) -> Vec<String> {
    let mut planting = Vec::new();
    for seen in own(world) {
        let place = format!("{} {}", seen.method, seen.path);
        for token in tokens {
            assert!(!betrays(seen.path.as_bytes(), token) && !betrays(seen.query.as_bytes(), token), "{place}");
            for (name, value) in seen.headers.iter().filter(|(name, _)| name != "authorization") {
                assert!(!betrays(value.as_bytes(), token), "{place}: {name}");
            }
            if betrays(&seen.body, token) {
                planting.push(place.clone());
            }
        }
    }
    planting.sort();
    planting.dedup();
    planting
}

#[test]
fn through_a_whole_import_and_all_that_is_said_of_it() {
    if git_is_missing() {
        return;
    }
    let (home, world) = scene();
    let make = usual(&home).with(["--ci-template", "minimal"]);
    let mut said = vec![loud(&make.clone().with(["--plan"]), &["-vv"]), loud(&make, &["-vv"])];
    world.settle();
    let tokens = tokens(&world, PROJECT);
    assert_eq!(tokens.len(), 3);
    for flags in [vec!["-vv", "--json"], vec!["-vv", "--color", "always"]] {
        said.push(loud(&make, &flags));
        for other in [vec!["import", "status"], vec!["import", "list"], vec!["list"], vec!["history"], vec!["doctor"]] {
            said.push(loud(&home.connect(other), &flags));
        }
    }
    said.iter().for_each(|output| silent(output, &tokens));
    assert_eq!(leaks(&home, &tokens), Vec::<String>::new(), "records, journal, history, locks, temporary files");
    assert_eq!(home.secrets().len(), 3);
    let number = &project(&world, PROJECT)["id"];
    let (hub, lab) = ("/api/v3/repos/agility-game/home-assistant-community-store", "/api/v4/projects");
    let (integration, mirror) =
        (format!("PUT {lab}/{number}/integrations/github"), format!("PUT {lab}/{number}/mirror/pull"));
    assert_eq!(planting(&world, &tokens), [format!("POST {hub}/hooks"), integration, mirror]);
    // Each to its own forge.
    for seen in own(&world).iter().filter(|seen| seen.header("authorization").is_some()) {
        let bearer = seen.header("authorization").unwrap().trim_start_matches("Bearer ").to_owned();
        // `doctor` asks whether the one that was made is alive.
        let right = if seen.forge == forge_sandbox::Forge::GitHub { &tokens[..1] } else { &tokens[1..] };
        assert!(right.contains(&bearer), "{} {}", seen.method, seen.path);
    }
    let undone = loud(&home.connect(["import", "undo", STORE, "--yes"]), &["-vv"]);
    silent(&undone, &tokens);
    assert_eq!(leaks(&home, &tokens), Vec::<String>::new());
}

/// A webhook's address has the token in it. It is sent in a body, and shown to nobody: not by what is asked of the hooks
/// either.
#[test]
fn the_address_of_the_webhook_is_nowhere() {
    if git_is_missing() {
        return;
    }
    let (home, _world) = scene();
    let first = loud(&usual(&home), &["-vv"]);
    let again = loud(&usual(&home), &["-vv", "--json"]);
    let plan = loud(&usual(&home).with(["--plan"]), &["-vv"]);
    for output in [first, again, plan] {
        output.never_says("private_token").never_says("mirror/pull?");
    }
    for (name, bytes) in home.contents() {
        assert!(!String::from_utf8_lossy(&bytes).contains("private_token"), "{name}");
    }
}

/// The secret of a workflow is sealed before it is sent.
#[test]
fn through_an_import_by_a_workflow() {
    let (home, world) = scene_of(Sandbox::builder().tier(Tier::Free));
    let output = loud(&usual(&home).with(["--sync", "actions", "--wait", "0s"]), &["-vv"]);
    let tokens = tokens(&world, PROJECT);
    assert_eq!(tokens.len(), 3);
    silent(&output, &tokens);
    assert_eq!(planting(&world, &tokens), Vec::<String>::new(), "sealed, it is not to be read");
    assert_eq!(leaks(&home, &tokens), Vec::<String>::new());
    assert_eq!(repository(&world, STORE)["actions_secrets"]["GITLAB_MIRROR_TOKEN"], tokens[2]);
}

#[test]
fn through_an_import_by_gitlab_and_on_an_older_one() {
    if git_is_missing() {
        return;
    }
    let (home, world) = scene_of(Sandbox::builder().gitlab_version("16.9.0"));
    let output = loud(&usual(&home).with(["--mode", "full"]), &["-vv"]);
    let tokens = tokens(&world, PROJECT);
    silent(&output, &tokens);
    assert_eq!(leaks(&home, &tokens), Vec::<String>::new());
    let number = &project(&world, PROJECT)["id"];
    let lab = format!("/api/v4/projects/{number}");
    let import = "POST /api/v4/import/github".to_owned();
    let hook = format!("POST /api/v3/repos/{STORE}/hooks");
    let (integration, mirror) = (format!("PUT {lab}/integrations/github"), format!("PUT {lab}"));
    assert_eq!(planting(&world, &tokens), [hook, import, mirror, integration]);
}

/// What others on the machine can see of a process.
#[test]
#[cfg(target_os = "linux")]
fn while_it_is_at_work() {
    let (home, world) = scene();
    let hooks = format!("/repos/{STORE}/hooks");
    world.fault(Fault::github().method("POST").path(&hooks).never_answer());
    let running = usual(&home).with(["--timeout", "2"]).begins();
    let deadline = Instant::now() + Duration::from_secs(30);
    let asked = || world.requests().iter().any(|seen| seen.method == "POST" && seen.path.ends_with("/hooks"));
    while !asked() {
        assert!(Instant::now() < deadline, "the webhook is never asked for");
        std::thread::yield_now();
    }
    let tokens = tokens(&world, PROJECT);
    assert_eq!(tokens.len(), 3, "all three are in its hands");
    let read = |name: &str| std::fs::read(format!("/proc/{}/{name}", running.id())).unwrap();
    for name in ["cmdline", "environ", "comm"] {
        assert!(!tokens.iter().any(|token| betrays(&read(name), token)), "{name}");
    }
    let children = read(&format!("task/{}/children", running.id()));
    assert_eq!(String::from_utf8(children).unwrap(), "", "it calls no other program");
    assert_eq!(leaks(&home, &tokens), Vec::<String>::new());
    let output = running.ends();
    silent(&output, &tokens);
    assert_eq!(output.code, Some(7), "{}", output.shown());
}

/// Forges that repeat what they were sent, in every way in which they speak.
#[test]
fn when_a_forge_repeats_them() {
    let (home, world) = scene();
    let hooks = format!("/repos/{STORE}/hooks");
    let stop = world.fault(Fault::github().method("POST").path(&hooks).status(422));
    let _ = usual(&home).ends();
    world.remove_fault(stop);
    let tokens = tokens(&world, PROJECT);
    assert_eq!(tokens.len(), 3);
    let json = ("content-type", "application/json");
    let all = tokens.join(" ");
    let (source, number) = (world.github_url().replace("http://", ""), project(&world, PROJECT)["id"].clone());
    let address = format!("http://octocat:{}@{source}/{STORE}.git", tokens[0]);
    let echo = format!(r#"{{"message":"no: {all}","error":"no: {address}","errors":[{{"message":"{all}"}}]}}"#);
    let failed = format!(
        r#"{{"id":1,"enabled":true,"url":"{address}","update_status":"failed","last_error":"fatal: {all} at '{address}'"}}"#
    );
    let hook = format!(
        r#"{{"id":550000000,"active":true,"events":["push","pull_request"],"name":"web",
            "config":{{"url":"{}/projects/{number}/mirror/pull?private_token={}","content_type":"json","insecure_ssl":"0"}},
            "last_response":{{"code":401,"status":"unauthorized","message":"{all}"}}}}"#,
        world.gitlab_api_url(),
        tokens[2]
    );
    let project = format!("/projects/{number}");
    let (same, set) = (usual(&home), usual(&home).with(["--protected-only"]));
    let full = import(&home, FIRMWARE, GROUP).with(["--yes", "--mode", "full", "--wait", "0s"]);
    let by_hand = import(&home, FIRMWARE, GROUP).with(["--yes"]);
    let mirror = format!("{project}/mirror/pull");
    let second = import(&home, STORE, &format!("{GROUP}/second")).with(["--yes"]);
    for (call, method, path, status, body) in [
        (&same, "POST", &*hooks, 422, &echo),
        (&same, "POST", &hooks, 500, &echo),
        (&same, "GET", &hooks, 403, &echo),
        (&same, "POST", &hooks, 201, &hook),
        (&same, "GET", &mirror, 200, &failed),
        (&set, "PUT", &mirror, 400, &echo),
        (&by_hand, "POST", "/projects", 400, &echo),
        (&full, "POST", "/import/github", 422, &echo),
        (&second, "PUT", "/projects", 422, &echo),
    ] {
        let fault = if path.starts_with("/repos") { Fault::github() } else { Fault::gitlab() };
        let fault = fault.method(method).path(path).answer(status, &[json, ("x-request-id", &all)], body);
        world.clear_requests();
        let fault = world.fault(fault);
        let output = loud(call, &["-vv"]);
        let met = |seen: &SeenRequest| seen.method == method && seen.status == Some(status) && seen.path.contains(path);
        assert!(own(&world).iter().any(met), "{method} {path} {status} is in nobody's way\n{}", output.shown());
        for stream in [&output.out, &output.err] {
            assert!(!tokens.iter().any(|token| betrays(stream, token)), "{method} {path}\n{}", output.shown());
        }
        world.remove_fault(fault);
        assert_eq!(leaks(&home, &tokens), Vec::<String>::new(), "{method} {path}");
    }
}

/// Killed where a token is in its hands and not yet in the store, or about to be planted.
#[cfg(feature = "test-hooks")]
#[test]
fn when_it_is_killed() {
    for point in ["import.token.answered", "import.token.kept", "import.mirror.asked", "import.hook.answered"] {
        let (home, world) = scene();
        let output = usual(&home).env("CONNECT_TEST_FAULT", point).ends();
        assert!(output.signal.is_some(), "{point}: {}", output.shown());
        let tokens = tokens(&world, PROJECT);
        silent(&output, &tokens);
        assert_eq!(leaks(&home, &tokens), Vec::<String>::new(), "{point}");
    }
}
