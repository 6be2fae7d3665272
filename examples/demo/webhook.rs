//! The acts of the webhook: made, missed, received, and a forger turned away.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use serde_json::json;

use super::Tour;
use super::paper::{say, typed};
use super::running::Running;
use super::stage::Stage;

const REPOSITORY: &str = "agility-game/home-assistant-community-store";

pub fn acts(stage: &mut Stage) -> Tour<()> {
    // Free now, and for the moment that it takes.
    let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
    let base = format!("http://{address}");
    stage.act(
        "A webhook",
        "Its secret is made and kept before GitHub is told of it. Nobody listens yet: what GitHub delivers is lost, if nobody asks for it again.",
    );
    let add = ["webhook", "add", "--repo", REPOSITORY, "--events", "push,issues", "--public-url", &base];
    stage.runs(&[&add[..], &["--connection", "octocat@github.com"]].concat(), None, 0)?.says("octocat@github.com")?;
    let missed = emit(stage, "push", json!({ "ref": "refs/heads/main" }))?;
    stage.runs(&["webhook", "deliveries", "--failed", "--repo", REPOSITORY], None, 0)?.says("push")?;

    stage.act(
        "Received",
        "At its start the receiver asks for what was missed. Then somebody opens an issue; and somebody sends a push that GitHub did not sign. Each delivery was on disk before GitHub heard that it was taken.",
    );
    let listening =
        Running::begins(stage, &["webhook", "listen", "--connection", "octocat@github.com", "--addr", &address])?;
    listening.has_said("listening at")?;
    listening.has_said(&missed)?;
    listening.has_said(&emit(stage, "issues", json!({ "action": "opened" }))?)?;
    let hook = hook_url(stage)?;
    let answer = forged(&address, hook.strip_prefix(&base).unwrap_or_default())?;
    listening.stops()?;
    typed("curl … a push with another signature", "");
    say!("  {answer}");
    stage.expects(answer.contains(" 401 "), "the forger was told a number, and nothing else")?;
    stage.runs(&["webhook", "remove", "--repo", REPOSITORY, "--yes"], None, 0)?.says("emoved")?;
    Ok(())
}

/// Something happens at GitHub; gives the number of the delivery that tells of it.
fn emit(stage: &Stage, event: &str, payload: serde_json::Value) -> Tour<String> {
    let delivered = stage.sandbox.emit_github(REPOSITORY, event, payload).wait();
    Ok(delivered.into_iter().next().ok_or("nothing was delivered")?.id)
}

/// Where the webhook delivers to, as the sandbox has it.
fn hook_url(stage: &Stage) -> Tour<String> {
    let state = stage.sandbox.state();
    let repositories = state["github"]["repositories"].as_array().cloned().unwrap_or_default();
    let hooks = repositories.iter().flat_map(|one| one["hooks"].as_array().cloned().unwrap_or_default());
    let url = hooks.filter_map(|hook| hook["url"].as_str().map(str::to_owned)).next();
    Ok(url.ok_or("there is no webhook")?)
}

/// What somebody sends who does not know the secret; gives the first line of the answer.
fn forged(address: &str, path: &str) -> Tour<String> {
    let mut stream = TcpStream::connect(address)?;
    let signature = "0".repeat(64);
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Type: application/json\r\n\
         X-GitHub-Event: push\r\nX-GitHub-Delivery: 1\r\nX-Hub-Signature-256: sha256={signature}\r\nContent-Length: 2\r\n\r\n{{}}"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer.lines().next().unwrap_or_default().to_owned())
}
