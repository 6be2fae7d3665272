//! A token is nowhere but in the header, whatever is printed, and however a server throws it back.

use std::io;

use tracing_subscriber::fmt::MakeWriter;

use super::*;

const TOKEN: &str = "corp-X7f93kfpQ2mZ";

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
    assert!(printed.contains("***"));
    assert!(!printed.contains(TOKEN), "{printed}");
    let log = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    assert!(log.contains("answered") && log.contains("path=\"/user\""), "{log}");
    assert!(!log.contains(TOKEN), "{log}");
}
