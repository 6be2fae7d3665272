//! The tour: `cargo run --example demo`.
//!
//! Everything shown is real but the forges: the real program is run as a user would run it, and what
//! it says is printed as it says it. The forges are the sandbox's, in this process. The tour needs no
//! keyring and no network, leaves nothing behind, and fails when an act does not go as told. Without git the
//! acts of the import and of git are left out.

#[path = "demo/import.rs"]
mod import;
#[path = "demo/paper.rs"]
mod paper;
#[path = "demo/programs.rs"]
mod programs;
#[path = "demo/rotation.rs"]
mod rotation;
#[path = "demo/running.rs"]
mod running;
#[path = "demo/stage.rs"]
mod stage;
#[path = "demo/webhook.rs"]
mod webhook;

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::Instant;

use paper::{GOOD, say};
use stage::Stage;

type Tour<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    match tour() {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            // Everything temporary is gone by now; nobody is left to tell if this fails.
            let _ = writeln!(io::stderr(), "\nThe tour ended early: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn tour() -> Tour<()> {
    let mut stage = Stage::build()?;
    let started = Instant::now();
    let (github, gitlab) = (stage.sandbox.dotcom_api_url(), stage.sandbox.gitlab_api_url());
    let on_github = ["github", "--host", "github.com", "--api-url", &github, "--pat-stdin"];
    let on_gitlab = |more: &[&'static str]| [&["gitlab", "--host", "gitlab.com", "--api-url", &gitlab], more].concat();

    stage.opening();

    stage.act("Connect GitHub", "The file github.txt holds a token. It is checked before it is kept.");
    let token = stage.sandbox.github_token("fine-grained-import");
    stage.on_desk("github.txt", &token)?;
    stage.runs(&on_github, Some("github.txt"), 0)?.says("Connected octocat at github.com")?;

    stage.act(
        "Connect GitLab",
        "The same for GitLab, from a file. What the token reaches is summed up: one token reaches all that its account reaches.",
    );
    stage.on_desk("gitlab.txt", &stage.sandbox.gitlab_token("api"))?;
    stage.runs(&on_gitlab(&["--pat-file", "gitlab.txt"]), None, 0)?.says("Connected maintainer at")?;

    stage.act("A wrong token", "A letter was lost when this one was copied. GitHub does not know it; nothing is kept.");
    let before = stage.records()?;
    stage.on_desk("wrong.txt", token.get(..token.len() - 1).unwrap_or_default())?;
    stage.runs(&on_github, Some("wrong.txt"), 4)?.says("error:")?;
    stage.expects(stage.records()? == before, "a refused token changes no record")?;

    stage
        .act("An expired token", "GitLab still knows this one, and says what became of it. Scripts go by exit code 4.");
    stage.on_desk("expired.txt", &stage.sandbox.gitlab_token("expired"))?;
    stage.runs(&on_gitlab(&["--pat-file", "expired.txt"]), None, 4)?.says("expired")?;
    stage.expects(stage.records()? == before, "an expired token changes no record")?;

    stage.act("A token that dies soon", "It is good for some days yet, so it is kept, with a warning.");
    stage.on_desk("nightly.txt", &stage.sandbox.gitlab_token("expiring"))?;
    let nightly = on_gitlab(&["--name", "nightly", "--pat-file", "nightly.txt"]);
    stage.runs(&nightly, None, 0)?.says("expires in")?;

    stage.act("What is kept", "From the records alone; nobody is asked.");
    stage.runs(&["list"], None, 0)?.says("octocat@github.com")?.says("nightly")?;

    stage.act(
        "How the tokens are",
        "Every forge is asked. The line for cron: exit code 6 says that some token has less than a fortnight.",
    );
    stage.runs(&["status", "--min-days", "14"], None, 6)?.says("nightly")?;

    stage.act(
        "May it do this?",
        "What a task needs, what the token has, and where to add what is missing. GitHub tells no token its permissions: they are tried, without changing anything, and what cannot be known stays unknown.",
    );
    let repository = "agility-game/home-assistant-community-store";
    stage
        .runs(&["check", "octocat@github.com", "--for", "webhooks,status", "--repo", repository], None, 0)?
        .says("granted")?;

    stage.act(
        "Which one answers?",
        "Several connections of one host, each for its own corner; by URL the right one is found.",
    );
    stage.runs(&["use", "nightly", "--on", "agility-game"], None, 0)?.says("serves https://gitlab.com/agility-game")?;
    stage.runs(&["which", "https://gitlab.com/agility-game/home-assistant"], None, 0)?.says("nightly")?;

    stage.act(
        "Hand one out",
        "The token alone, for a script. It is a sandbox's token, and still this tour shortens it where it is printed.",
    );
    let handed = stage.runs_hiding(&["token", "octocat@github.com"], &token)?;
    stage.expects(handed.stdout.trim_end() == token, "the token that comes out is the one that went in")?;
    stage.expects(!stage.in_clear(&token)?, "no file below CONNECT_HOME holds it readable")?;

    stage.act("A doctor", "Every link of the chain; only what is not well is shown.");
    stage.runs(&["doctor", "--quiet"], None, 0)?;

    import::acts(&mut stage)?;
    programs::acts(&mut stage)?;
    webhook::acts(&mut stage)?;
    rotation::acts(&mut stage)?;

    stage.act("What was done", "Who connected what, and when. Each line is bound to the one before by a hash.");
    stage.runs(&["history", "--verify"], None, 0)?.says("connected")?;

    stage
        .act("Disconnect, and revoke", "GitHub kills the token and is asked whether it is dead; then it is forgotten.");
    stage.runs(&["disconnect", "octocat@github.com", "--revoke"], None, 0)?.says("Forgot `octocat@github.com`")?;
    stage.expects(!stage.sandbox.is_alive_github(&token), "the sandbox's GitHub says that the token is dead")?;

    stage.act("The proof", "The same token once more, only to be checked. It was good in the first act.");
    let mut again = on_github.to_vec();
    again.push("--no-keep");
    stage.runs(&again, Some("github.txt"), 4)?.says("error:")?;

    let (acts, root) = (stage.acts, stage.root.path().to_owned());
    stage.root.close()?;
    let took = started.elapsed().as_secs_f32();
    say!("\n{GOOD}All {acts} acts went as told{GOOD:#}, in {took:.1} s. {} is gone again.", root.display());
    Ok(())
}
