//! A token is nowhere but in the header, whatever is printed, and however a server throws it back.

use std::io;

use tracing_subscriber::fmt::MakeWriter;

use super::*;
use crate::model::mirror::{Branches, MirrorWish};

const TOKEN: &str = "corp-X7f93kfpQ2mZ";
/// What goes into bodies, and how it is written in an address.
const PLANTED: [&str; 2] = ["plant/ed+Q9", "plant%2Fed%2BQ9"];

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

fn thrown_back(status: u16) -> impl Fn(&Seen, usize) -> Reply + Send + Sync + 'static {
    move |seen, _| {
        let text = format!("you sent {TOKEN}; {:?}", seen.headers).replace('"', "'");
        let body = serde_json::json!({ "message": text, "error": "insufficient_scope", "scope": TOKEN,
            "error_description": text });
        let location = format!("http://{TOKEN}:{TOKEN}@elsewhere.example/?t={TOKEN}");
        let headers = [
            ("Location", location.as_str()),
            ("X-GitHub-Request-Id", TOKEN),
            ("Content-Type", TOKEN),
            ("X-OAuth-Scopes", ""),
            ("X-Accepted-OAuth-Scopes", TOKEN),
            ("X-Accepted-GitHub-Permissions", TOKEN),
            ("GitHub-Authentication-Token-Expiration", TOKEN),
            ("Retry-After", "3600"),
        ];
        reply(status, &headers, &body.to_string())
    }
}

#[test]
fn nothing_that_is_printed_holds_the_token() {
    // Other tests' threads, which have no subscriber, would switch the events off for all.
    in_own_process("forge::tests::secrecy::with_everything_logged", &[]);
}

#[tokio::test]
#[ignore = "run by nothing_that_is_printed_holds_the_token, in a process of its own"]
async fn with_everything_logged() {
    if !is_own_process() {
        return;
    }
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(log.clone())
        .with_ansi(false)
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let token = secret(TOKEN);
    let mut printed = format!("{:?}", Authorization::Bearer(&token));
    for status in [200, 302, 400, 401, 403, 404, 422, 429, 500] {
        let server = Server::new(thrown_back(status)).await;
        for forge in [server.github(), server.ghes(), server.gitlab()] {
            let inspected = forge.inspect(&token, Depth::Full).await;
            let revoked = forge.revoke(&token).await;
            let dead = forge.is_dead(&token).await;
            for error in [inspected.as_ref().err(), revoked.as_ref().err(), dead.as_ref().err()].into_iter().flatten() {
                printed.push_str(&error.to_string());
            }
            printed.push_str(&format!("{forge:?} {inspected:?} {revoked:?} {dead:?}\n"));
        }
        assert!(!server.seen().is_empty());
    }
    printed.push_str(&set_up(&token).await);
    assert!(printed.contains("***"));
    for hidden in [TOKEN, PLANTED[0], PLANTED[1]] {
        assert!(!printed.contains(hidden), "{printed}");
    }
    let log = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    assert!(log.contains("answered") && log.contains("path=\"/user\""), "{log}");
    for hidden in [TOKEN, PLANTED[0], PLANTED[1]] {
        assert!(!log.contains(hidden), "{log}");
    }
}

/// Throws back the token and the body, where an answer is good in every field that is read.
fn body_thrown_back(status: u16) -> impl Fn(&Seen, usize) -> Reply + Send + Sync + 'static {
    move |seen, _| {
        let text = format!("{TOKEN} and {}", seen.body).replace('"', "'");
        // A server cannot throw back what it was not sent; in a path, only what was sent is known.
        let planted = if seen.body.contains("plant") { PLANTED[1] } else { "" };
        let address = format!("https://{TOKEN}:{TOKEN}@h/{TOKEN}/{planted}?private_token={}", PLANTED[1]);
        let body = serde_json::json!({
            "id": 1, "number": 1, "key_id": text, "key": "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=",
            "message": text, "errors": [text], "warnings": [text], "error": text, "valid": false,
            "name": text, "path_with_namespace": text, "full_path": text, "default_branch": text,
            "description": text, "visibility": text, "kind": text, "plan": text, "import_warning": text,
            "import_status": text, "import_error": text, "failed_relations": [{ "relation_name": text }],
            "update_status": text, "last_error": text, "mirror_branch_regex": text,
            "url": address, "web_url": address, "html_url": address, "import_url": address,
            "config": { "url": address }, "events": [text], "last_response": { "message": text },
            "properties": { "repository_url": address }, "commit": { "sha": text, "id": text },
            "object": { "sha": text }, "owner": { "login": text }, "scopes": [text], "token": "fresh-one",
        });
        reply(status, &[("X-GitHub-Request-Id", "1"), ("X-Gitlab-Meta", "{}")], &body.to_string())
    }
}

/// Every call that carries a secret beside the token, and those that read what such calls leave behind; what comes
/// back, printed.
async fn set_up(token: &Secret) -> String {
    let planted = secret(PLANTED[0]);
    let url = url::Url::parse("https://h/x").unwrap();
    let hook =
        NewHook { url: &url, private_token: Some(&planted), secret: Some(&planted), events: &["push"], active: true };
    let new = NewImport {
        github_token: &planted,
        repo: 7,
        namespace_path: "acme",
        name: "store",
        github_hostname: None,
        collaborators: false,
        attachments: false,
    };
    let wish = MirrorWish { url: url.clone(), user: "u".into(), branches: Branches::All };
    let wanted =
        NewProjectToken { name: "n", scopes: &[], access_level: 40, expires_at: jiff::civil::date(2027, 1, 1) };
    let mut printed = format!("{hook:?} {new:?} {wish:?}");
    for status in [200, 400, 401, 403, 404, 409, 422, 500] {
        let server = Server::new(body_thrown_back(status)).await;
        let (hub, lab) = (server.hub(), server.lab());
        let mut say = |text: String| printed.push_str(&text);
        let repo = hub.repository_by_id(token, 7).await;
        say(format!("{repo:?}"));
        let repo = repo.unwrap_or_else(|_| super::github_setup::store());
        say(format!("{:?}", hub.create_hook(token, &repo, &hook).await));
        say(format!("{:?}", hub.edit_hook(token, &repo, 1, &hook).await));
        say(format!("{:?}", hub.hook(token, &repo, 1).await));
        say(format!("{:?}", hub.put_actions_secret(token, &repo, "X", &planted).await));
        say(format!("{:?}", hub.branch_head(token, &repo, "x").await));
        say(format!("{:?}", hub.open_pull(token, &repo, "a", "b", "c", "d").await));
        say(format!("{:?}", lab.import_github(token, &new).await));
        say(format!("{:?}", lab.importing(token, 1).await));
        say(format!("{:?}", lab.set_mirror(token, 1, &wish, &planted).await));
        say(format!("{:?}", lab.set_mirror_old(token, 1, &wish, &planted).await));
        say(format!("{:?}", lab.mirror(token, 1).await));
        say(format!("{:?}", lab.set_integration(token, 1, &planted, &url).await));
        say(format!("{:?}", lab.create_project_token(token, 1, &wanted).await));
        say(format!("{:?}", lab.project(token, "1").await));
        say(format!("{:?}", lab.namespace(token, "1").await));
        say(format!("{:?}", lab.lint(token, 1, "x").await));
        say(format!("{:?}", lab.branch_head(token, 1, "x").await));
        assert!(server.seen().iter().any(|seen| seen.body.contains(PLANTED[0])));
        assert!(server.seen().iter().any(|seen| seen.body.contains(PLANTED[1])));
    }
    printed
}
