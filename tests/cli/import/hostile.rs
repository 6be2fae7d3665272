//! Forges that mean ill or are out of order, and files that somebody has edited: no panic, no escape sequence, no token
//! where it does not belong, a sane exit code, and an import that can be finished afterwards.

use forge_sandbox::Fault;
use serde_json::{Value, json};

use super::by_hand;
use super::site::{PROJECT, REPOSITORY, Site, has_git};
use crate::support::{Home, Output, world};

const JSON: [(&str, &str); 1] = [("content-type", "application/json")];
const HOOKS: &str = "/repos/agility-game/home-assistant-community-store/hooks";

/// Nothing that a terminal would obey.
fn harmless(output: &Output) {
    for (name, stream) in [("stdout", &output.out), ("stderr", &output.err)] {
        let text = String::from_utf8_lossy(stream);
        let odd = text.chars().find(|c| (c.is_control() && *c != '\n' && *c != '\t') || *c == '\u{202e}');
        assert_eq!(odd, None, "{name}: {text:?}");
        assert!(!text.contains("panicked"), "{name}: {text}");
    }
}

/// Every secret there is, in no output and in no file but the stores'.
fn leaks_nothing(site: &Site, outputs: &[&Output]) {
    let mut secrets = site.tokens();
    secrets.extend([site.world.github_token("classic"), site.world.gitlab_token("api")]);
    for secret in &secrets {
        for output in outputs {
            output.never_says(secret);
        }
        for (name, bytes) in site.home.contents() {
            let there = String::from_utf8_lossy(&bytes).contains(secret.as_str());
            assert!(!there || name.starts_with("connect/data/secrets/"), "{name}");
        }
    }
}

#[test]
fn terminal_escapes_in_names() {
    if !has_git() {
        return;
    }
    let site = Site::owned();
    // A repository that says to be called so is asked for by that name, and is not there.
    let odd = site.world.fault(Fault::github().terminal_escapes());
    for flags in [&[][..], &["--json"], &["-vv"]] {
        harmless(&site.import([]).with(flags).ends().exits(3));
    }
    harmless(&site.connect(["import", "list"]));
    site.world.remove_fault(odd);
    site.world.fault(Fault::gitlab().terminal_escapes());
    for flags in [&["--plan"][..], &["--plan", "--json"], &[], &["--json"], &["-vv"]] {
        harmless(&site.import([]).with(flags).ends().succeeds());
    }
    let words: [&[&str]; 5] = [
        &["import", "list"],
        &["import", "list", "--json"],
        &["import", "status"],
        &["import", "status", "--json"],
        &["import", "undo", REPOSITORY, "--delete-project", "--yes"],
    ];
    for words in words {
        let output = site.home.connect(words).ends();
        assert!(matches!(output.code, Some(0 | 9)), "{}", output.shown());
        harmless(&output);
    }
}

#[test]
fn terminal_escapes_in_refusals() {
    let site = Site::new();
    let body =
        "{\"message\":\"\\u001b]0;owned\\u0007\\u001b[2J\\u009b31m\\r\\nBad \\u202egnis glpat-aaaaaaaaaaaaaaaaaaaa\"}";
    for (fault, forge) in [
        (Fault::gitlab().method("POST").path("/projects"), "x-gitlab-meta"),
        (Fault::gitlab().method("POST").path("/projects/104/access_tokens"), "x-gitlab-meta"),
        (Fault::gitlab().method("PUT").path("/projects/104/mirror/pull"), "x-gitlab-meta"),
        (Fault::github().method("POST").path(HOOKS), "x-github-request-id"),
    ] {
        for status in [400, 403, 422, 500] {
            let headers = [JSON[0], (forge, "\u{7f}")];
            site.world.fault(fault.clone().once().answer(status, &headers[..1], body));
            for call in [site.import([]), site.import(["--json"])] {
                let output = call.ends();
                harmless(&output);
                output.never_says("glpat-aaaaaaaaaaaaaaaaaaaa");
            }
        }
    }
}

/// Every answer of an import, replaced by each of these, once. Whatever comes of it, the run ends sanely, and once the
/// forges are themselves again everything is there once.
fn odd_answers(requests: &[(&str, &str, &str)]) {
    if !has_git() {
        return;
    }
    let site = Site::new();
    let huge = format!("{{\"id\":{0},\"project_id\":{0},\"full_name\":{0}}}", "9".repeat(400));
    let deep = "[".repeat(20_000);
    let bodies =
        ["null", "[]", "{}", "7", "\"x\"", "{\"id\":-1}", "{\"id\":18446744073709551616}", "{", "", &huge, &deep];
    for (forge, method, path) in requests {
        for body in bodies {
            let fault = if *forge == "gitlab" { Fault::gitlab() } else { Fault::github() };
            let fault = fault.method(method).path(path).once();
            let id = site.world.fault(fault.answer(200, &JSON, body));
            let output = site.import(["--ci-template", "minimal", "--wait", "0s"]).json();
            site.world.remove_fault(id);
            harmless(&output);
            let sane = matches!(output.code, Some(0 | 1 | 3 | 4 | 5 | 7 | 9 | 10));
            assert!(sane, "{method} {path} {body:.40}: {}", output.shown());
            // Who is told that there is no token makes one; the next run, told the truth, revokes the other.
            assert!(site.hooks().len() <= 1 && site.tokens().len() <= 2, "{method} {path} {body:.40}");
        }
    }
    site.world.settle();
    let output = site.import(["--ci-template", "minimal"]).ends().succeeds();
    site.is_whole(false, "at last");
    leaks_nothing(&site, &[&output]);
}

#[test]
fn odd_answers_to_what_is_looked_at_on_github() {
    let repository = "/repos/agility-game/home-assistant-community-store";
    odd_answers(&[
        ("github", "GET", "/user"),
        ("github", "GET", repository),
        ("github", "GET", &format!("{repository}/git/ref/heads/main")),
        ("github", "GET", &format!("{repository}/contents/.gitlab-ci.yml")),
        ("github", "GET", HOOKS),
    ]);
}

#[test]
fn odd_answers_to_what_is_looked_at_on_gitlab() {
    odd_answers(&[
        ("gitlab", "GET", "/metadata"),
        ("gitlab", "GET", "/personal_access_tokens/self"),
        ("gitlab", "GET", "/groups/agility-game%2Fhome-assistant"),
        ("gitlab", "GET", "/namespaces/agility-game%2Fhome-assistant"),
        ("gitlab", "GET", "/groups/11/members/all/2"),
        ("gitlab", "GET", "/projects/agility-game%2Fhome-assistant%2Fstore"),
    ]);
}

#[test]
fn odd_answers_to_what_is_made() {
    odd_answers(&[
        ("gitlab", "POST", "/projects"),
        ("gitlab", "POST", "/projects/104/ci/lint"),
        ("gitlab", "POST", "/projects/104/access_tokens"),
        ("gitlab", "PUT", "/projects/104/integrations/github"),
        ("gitlab", "PUT", "/projects/104/mirror/pull"),
        ("github", "PUT", "/repos/agility-game/home-assistant-community-store/contents"),
        ("github", "POST", HOOKS),
    ]);
}

#[test]
fn odd_answers_to_what_is_proven() {
    odd_answers(&[
        ("gitlab", "GET", "/projects/104"),
        ("gitlab", "GET", "/projects/104/mirror/pull"),
        ("gitlab", "GET", "/projects/104/repository/branches/main"),
        ("gitlab", "GET", "/projects/104/integrations/github"),
        ("gitlab", "GET", "/projects/104/pipelines"),
        ("gitlab", "GET", "/projects/104/access_tokens"),
        ("github", "GET", &format!("{HOOKS}/550000000")),
    ]);
}

#[test]
fn a_project_token_without_a_token_or_with_an_odd_one() {
    if !has_git() {
        return;
    }
    let site = Site::new();
    for token in [json!(null), json!(""), json!("glpat-x\ny"), json!("glpat-\u{1b}[2J"), json!(7), json!("glpat-é")] {
        let mut made =
            json!({ "id": 77, "name": "n", "active": true, "scopes": ["api"], "expires_at": "999999-01-01" });
        if !token.is_null() {
            made["token"] = token.clone();
        }
        let fault = Fault::gitlab().method("POST").path("/projects/104/access_tokens").once();
        site.world.fault(fault.answer(201, &JSON, &made.to_string()));
        let output = site.import([]).json();
        harmless(&output);
        assert!(matches!(output.code, Some(1 | 7)), "{token}: {}", output.shown());
        assert_eq!(output.error()["failed"], json!(["token"]), "{token}");
        assert_eq!((site.kept().len(), site.hooks().len(), site.home.secrets().len()), (0, 0, 2), "{token}");
    }
    site.import([]).ends().succeeds().never_says("error");
    site.is_whole(false, "at last");
}

#[test]
fn a_mirror_that_is_never_done() {
    let site = Site::new();
    let shown = json!({ "enabled": true, "update_status": "started",
        "url": format!("https://*****:*****@github.com/{REPOSITORY}.git") });
    site.world.fault(Fault::gitlab().method("GET").path("/projects/104/mirror/pull").answer(
        200,
        &JSON,
        &shown.to_string(),
    ));
    let output = site.import(["--wait", "1s"]).json();
    assert!(matches!(output.code, Some(0 | 10)), "{}", output.shown());
    assert!(output.warnings().contains(&"not_seen_yet".to_owned()), "{}", output.shown());
}

#[test]
fn an_answer_without_end() {
    let site = Site::new();
    for fault in [Fault::github().path(HOOKS), Fault::gitlab().path("/projects")] {
        let id = site.world.fault(fault.endless_body());
        site.import(["--timeout", "20"]).json().fails(7, "answer_too_large");
        site.world.remove_fault(id);
        assert_eq!((site.projects().len(), site.imports().len()), (0, 0));
    }
}

/// Nothing follows a write elsewhere, least of all a token.
#[test]
fn writes_that_are_led_elsewhere() {
    if !has_git() {
        return;
    }
    let other = world();
    let writes = [
        ("gitlab", "POST", "/projects"),
        ("gitlab", "POST", "/projects/104/access_tokens"),
        ("gitlab", "PUT", "/projects/104/mirror/pull"),
        ("gitlab", "PUT", "/projects/104/integrations/github"),
        ("github", "POST", HOOKS),
    ];
    for (forge, method, path) in writes {
        let site = Site::new();
        for status in [301, 302, 303, 307, 308] {
            let (fault, there) = match forge {
                "gitlab" => (Fault::gitlab(), format!("{}{path}", other.gitlab_api_url())),
                _ => (Fault::github(), format!("{}{path}", other.github_api_url())),
            };
            site.world.fault(fault.method(method).path(path).once().redirect(status, &there));
            let output = site.import([]).json();
            assert_eq!(output.code, Some(7), "{method} {path} {status}: {}", output.shown());
            assert_eq!(output.error()["code"], "redirected_elsewhere", "{method} {path} {status}");
        }
        site.import([]).ends().succeeds().never_says("error");
        site.is_whole(false, path);
    }
    assert!(other.requests().is_empty());
}

#[test]
fn ten_thousand_webhooks() {
    if !has_git() {
        return;
    }
    let site = Site::new();
    let hook = |id: usize| {
        json!({ "id": id, "active": true, "events": ["release"], "config": { "url": format!("http://127.0.0.1:1/{id}") },
            "last_response": { "code": 200 } })
    };
    let all = Value::Array((1..=10_000).map(hook).collect());
    site.world.fault(Fault::github().method("GET").path(HOOKS).once().answer(200, &JSON, &all.to_string()));
    site.import([]).ends().succeeds().never_says("error");
    site.is_whole(false, "beside ten thousand");
}

#[test]
fn pages_that_lead_in_a_circle() {
    if !has_git() {
        return;
    }
    let site = Site::new();
    let page = |number: usize| format!("<{}{HOOKS}?page={number}>; rel=\"next\"", site.world.dotcom_api_url());
    for number in 0..120 {
        let link = page(number % 2 + 1);
        let headers = [JSON[0], ("link", link.as_str())];
        site.world.fault(Fault::github().method("GET").path(HOOKS).once().answer(200, &headers, "[]"));
    }
    let output = site.import([]).json();
    harmless(&output);
    let asked =
        site.world.requests().iter().filter(|seen| seen.method == "GET" && seen.path.ends_with("/hooks")).count();
    assert!(asked <= 100, "{asked}");
    site.world.clear_faults();
    site.import([]).ends().succeeds().never_says("error");
    site.is_whole(false, "at last");
}

#[test]
fn a_project_that_says_to_be_elsewhere() {
    let site = Site::new();
    for path in ["../../../root/handbook", "/", "", "a\u{1b}[2Jb/../c", "root/handbook?x=1#y"] {
        let project = json!({ "id": 104, "path_with_namespace": path, "web_url": "javascript:alert(1)", "mirror": false,
            "permissions": { "project_access": { "access_level": 40 } } });
        for flags in [&[][..], &["--json"]] {
            let fault = Fault::gitlab().method("POST").path("/projects").once();
            site.world.fault(fault.answer(201, &JSON, &project.to_string()));
            let output = site.import([]).with(flags).ends();
            harmless(&output);
            output.never_says("javascript:");
            assert!(matches!(output.code, Some(1 | 3 | 5 | 7 | 9)), "{path:?}: {}", output.shown());
        }
        // Nobody but projects of that number was asked, and nothing outside the home was written.
        let strayed = |seen: &forge_sandbox::SeenRequest| seen.path.contains("handbook") || seen.path.contains("..");
        assert!(!site.world.requests().iter().any(strayed), "{path:?}");
        let undone = site.connect(["import", "undo", REPOSITORY, "--yes"]);
        harmless(&undone);
    }
}

/// The record of the only import, to be edited.
fn record(site: &Site) -> std::path::PathBuf {
    let folder = site.home.connect_home().join("data/imports");
    let mut all: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(all.len(), 1);
    all.remove(0)
}

#[test]
fn a_record_that_does_not_read() {
    if !has_git() {
        return;
    }
    let site = Site::owned();
    site.import([]).ends().succeeds().never_says("error");
    let path = record(&site);
    let good = std::fs::read(&path).unwrap();
    let later = String::from_utf8(good.clone()).unwrap().replacen("\"version\": 1", "\"version\": 99", 1);
    let other = String::from_utf8(good.clone()).unwrap().replacen("\"id\": \"", "\"id\": \"0", 1);
    for bad in [&b""[..], b"{", b"\xff\xfe", b"[]", b"{\"version\":1}", later.as_bytes(), other.as_bytes()] {
        std::fs::write(&path, bad).unwrap();
        let writes = site.world.state()["gitlab"]["writes"].as_array().unwrap().len();
        let error = site.import([]).json().fails(1, "import_record_damaged");
        assert!(error["hint"].as_str().unwrap().contains(path.to_str().unwrap()), "{error}");
        assert_eq!(site.world.state()["gitlab"]["writes"].as_array().unwrap().len(), writes);
        let status = site.connect(["import", "status"]);
        assert_ne!(status.code, Some(0));
        harmless(&status);
        let undo = site.undo().ends();
        assert_ne!(undo.code, Some(0), "{}", undo.shown());
        harmless(&site.connect(["import", "list"]).succeeds());
    }
    std::fs::write(&path, good).unwrap();
    site.import([]).ends().succeeds().never_says("error");
    site.is_whole(false, "mended");
}

/// Somebody has written the user's own connections and other things into the record: nothing of theirs goes.
#[test]
fn a_record_that_was_edited() {
    if !has_git() {
        return;
    }
    let site = Site::owned();
    site.import([]).ends().succeeds().never_says("error");
    let path = record(&site);
    let good: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let lab = site.at_gitlab("root");
    let foreign = json!({ "name": "web", "events": ["push"], "config": { "url": "http://127.0.0.1:1/theirs" } });
    let theirs = by_hand::github(&site.world, "classic", "POST", HOOKS, &foreign).1["id"].clone();
    let mut edited = good.clone();
    edited["made"]["token"] = json!({ "asked_at": "2026-11-01T12:00:00Z", "id": 1, "connection": lab });
    edited["made"]["hook"]["id"] = theirs.clone();
    edited["made"]["hook_token"]["connection"] = json!("octocat@github.com");
    edited["made"]["ci_file"] = json!({ "asked_at": "2026-11-01T12:00:00Z", "path": "README.md", "branch": "main",
        "digest": good["made"]["mirror"]["fingerprint"] });
    std::fs::write(&path, edited.to_string()).unwrap();
    harmless(&site.connect(["import", "undo", REPOSITORY, "--yes"]));
    assert!(site.home.records().iter().any(|record| record["name"] == lab.as_str()), "it is the user's own");
    assert!(site.world.is_alive_gitlab("admin") && site.world.is_alive_github("classic"));
    assert!(site.has_file("README.md"));
    let hooks = site.repository()["hooks"].take();
    assert!(hooks.as_array().unwrap().iter().any(|hook| hook["id"] == theirs), "it leads elsewhere");
}

#[test]
fn a_note_that_does_not_read() {
    if !has_git() {
        return;
    }
    let site = Site::new();
    let journal = site.home.connect_home().join("state/journal");
    std::fs::create_dir_all(&journal).unwrap();
    let id = "0123456789abcdef0123456789abcdef";
    for (name, text) in [
        ("import-a.json", "{".to_owned()),
        ("import-b.json", json!({ "version": 99, "import": id, "repository": "o/r", "undoing": false }).to_string()),
        ("import-c.json", json!({ "version": 1, "import": "../../connections/x", "repository": 7 }).to_string()),
    ] {
        std::fs::write(journal.join(name), text).unwrap();
    }
    harmless(&site.connect(["doctor"]));
    assert!(site.unfinished().len() >= 2, "{:?}", site.unfinished());
    site.import([]).ends().succeeds().never_says("error");
    assert_eq!((site.projects().len(), site.hooks().len(), site.tokens().len()), (1, 1, 1));
    assert_eq!(site.home.journal().len(), 3, "what nobody can read is left to whoever wrote it");
}

/// A store of age files that opens with an identity, and the identity's path.
fn with_identity(home: &Home) -> String {
    use secrecy::ExposeSecret as _;
    let identity = age::x25519::Identity::generate();
    home.file("key.txt", identity.to_string().expose_secret())
}

#[test]
fn a_store_that_cannot_be_used_is_found_out_before_anything_is_made() {
    let site = Site::new();
    for flags in [&["--store", "keyring"][..], &["--store", "file"]] {
        let call = site.home.connect(["import", REPOSITORY, "--to", PROJECT, "--yes", "--no-input"]).with(flags);
        let output = call.json();
        assert_eq!(output.code, Some(8), "{flags:?}: {}", output.shown());
        assert_eq!((site.projects().len(), site.imports().len(), site.home.journal().len()), (0, 0, 0), "{flags:?}");
    }
}

#[test]
fn a_store_that_fails_when_the_token_is_there() {
    if !has_git() {
        return;
    }
    let site = Site::new();
    let key = with_identity(&site.home);
    let call = || {
        let call = site.home.connect(["import", REPOSITORY, "--to", PROJECT, "--yes", "--store", "file", "--json"]);
        call.env("CONNECT_AGE_IDENTITY", &key)
    };
    let late = std::time::Duration::from_millis(300);
    site.world.fault(Fault::gitlab().method("POST").path("/projects/104/access_tokens").once().delay(late));
    let running = call().begins();
    site.has_come("POST", "/access_tokens");
    // Nothing can be put there any more.
    let (secrets, aside) = (site.home.connect_home().join("data/secrets"), site.home.path().join("aside"));
    std::fs::rename(&secrets, &aside).unwrap();
    std::fs::write(&secrets, "").unwrap();
    let output = running.ends();
    assert_eq!(output.code, Some(8), "{}", output.shown());
    assert_eq!(output.error()["failed"], json!(["token"]), "{}", output.shown());
    assert_eq!(site.tokens(), Vec::<String>::new(), "revoked: nobody keeps it");
    std::fs::remove_file(&secrets).unwrap();
    std::fs::rename(&aside, &secrets).unwrap();
    call().ends().succeeds().never_says("error");
    assert_eq!((site.projects().len(), site.hooks().len(), site.tokens().len(), site.kept().len()), (1, 1, 1, 1));
    assert!(site.hooks()[0].ends_with(&site.tokens()[0]));
}
