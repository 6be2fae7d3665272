//! The acts of the import: a real git repository goes from one forge to the other, follows, and is given back.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use super::Tour;
use super::paper::{prose, say, typed};
use super::stage::Stage;

const REPOSITORY: &str = "agility-game/home-assistant-community-store";
const PROJECT: &str = "agility-game/home-assistant/store";

/// GitLab pulls a mirror at most every five minutes.
const INTERVAL: Duration = Duration::from_secs(5 * 60 + 1);

/// Plans, imports, pushes, looks, takes back. Where git is missing nothing could be moved: that is said, and no more.
pub fn acts(stage: &mut Stage) -> Tour<()> {
    if Command::new("git").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_err() {
        prose("\nThe acts of `connect import` are left out: they move a git repository, and this machine has no git.");
        return Ok(());
    }
    stage.act(
        "An import, planned",
        "GitLab CI/CD for a repository on GitHub: a dozen clicks, or one line. First both forges are looked at, under their real addresses, and the plan is shown; nothing is changed. It says where copies of tokens will be.",
    );
    let (github, gitlab) = (stage.sandbox.github_url(), stage.sandbox.gitlab_url());
    stage.on_desk("hub.txt", &stage.sandbox.github_token("classic"))?;
    stage.again(&["github", "--host", &github, "--name", "hub", "--pat-file", "hub.txt"], false)?;
    stage.again(&["gitlab", "--host", &gitlab, "--name", "lab", "--pat-file", "gitlab.txt"], false)?;
    let import = ["import", REPOSITORY, "--to", PROJECT, "--github", "hub", "--gitlab", "lab"];
    let with = |more: &[&'static str]| [&import[..], more].concat();
    stage.runs(&with(&["--ci-template", "minimal", "--plan"]), None, 0)?.says("7 to make.")?;
    stage.expects(project(stage) == Value::Null, "there is no such project yet")?;

    stage.act(
        "Imported, and seen to work",
        "Project, mirror, statuses, webhook with a token of its own, and a first `.gitlab-ci.yml`. Then the proof: the same commit on both sides, the webhook's ping answered, a pipeline.",
    );
    stage.tells(&with(&["--ci-template", "minimal", "--yes"]), 0)?.says("on both sides")?;
    stage.expects(project(stage)["branches"] == repository(stage)["branches"], "both have the same branches")?;

    stage.act(
        "A push arrives",
        "Somebody pushes to GitHub. Its webhook tells GitLab, which pulls at once: the interval of five minutes is over, since the sandbox's clock was put forward.",
    );
    stage.sandbox.advance(INTERVAL);
    let pushed = push(stage)?;
    stage.sandbox.settle();
    stage.expects(project(stage)["branches"]["main"] == pushed, "GitLab has the commit that was pushed to GitHub")?;
    stage.runs(&["import", "status"], None, 0)?.says("well")?;

    stage.act(
        "What has drifted",
        "An administrator has switched the webhook off. `status` sees it, and names what mends it.",
    );
    switch_off(stage)?;
    stage.runs(&["import", "status"], None, 9)?.says("it is switched off")?;
    stage.again(&with(&["--yes"]), true)?;
    stage.runs(&["import", "status", "--quiet"], None, 0)?.says("well")?;

    stage.act(
        "Taken back",
        "What connect made goes, the last thing first; what others made stays. Here it is agreed to beforehand.",
    );
    stage.runs(&["import", "undo", REPOSITORY, "--yes"], None, 0)?.says("removed")?;
    stage.expects(repository(stage)["hooks"] == Value::Array(Vec::new()), "GitHub has no webhook any more")?;
    stage.expects(project(stage)["mirror"]["has_password"] == false, "GitLab has no GitHub token any more")
}

/// The project as the sandbox has it; nothing where there is none.
fn project(stage: &Stage) -> Value {
    found(&stage.sandbox.state()["gitlab"]["projects"], |it| it["full_path"] == PROJECT)
}

fn repository(stage: &Stage) -> Value {
    let name = REPOSITORY.rsplit('/').next().unwrap_or_default();
    found(&stage.sandbox.state()["github"]["repositories"], |it| it["name"] == name)
}

fn found(list: &Value, wanted: impl Fn(&Value) -> bool) -> Value {
    list.as_array().and_then(|all| all.iter().find(|one| wanted(one))).cloned().unwrap_or_default()
}

/// Clones, changes a file, pushes; gives the new commit.
fn push(stage: &Stage) -> Tour<String> {
    let (scheme, host) = {
        let url = stage.sandbox.github_url();
        url.split_once("://").map(|(scheme, host)| (scheme.to_owned(), host.to_owned())).ok_or("no address")?
    };
    let url = format!("{scheme}://octocat:{}@{host}/{REPOSITORY}.git", stage.sandbox.github_token("classic"));
    let clone = stage.root.path().join("clone");
    let git = |words: &[&str]| git(stage, &clone, words);
    typed("git clone … && git commit --message \"Raise the bar\" courses/list.md && git push", "");
    std::fs::create_dir(&clone)?;
    git(&["clone", "--quiet", &url, "."])?;
    std::fs::File::options().append(true).open(clone.join("courses/list.md"))?.write_all(b"- bar: 1\n")?;
    git(&["commit", "--quiet", "--all", "--message", "Raise the bar"])?;
    git(&["push", "--quiet", "origin", "HEAD"])?;
    let commit = git(&["rev-parse", "HEAD"])?;
    say!("  {}", git(&["log", "--oneline", "--max-count=1"])?);
    Ok(commit)
}

fn git(stage: &Stage, folder: &PathBuf, words: &[&str]) -> Tour<String> {
    let mut git = Command::new("git");
    git.current_dir(folder).args(words).env("HOME", stage.root.path()).env("GIT_CONFIG_NOSYSTEM", "1");
    git.env("GIT_TERMINAL_PROMPT", "0").env("GIT_CONFIG_GLOBAL", "/dev/null");
    for who in ["AUTHOR", "COMMITTER"] {
        git.env(format!("GIT_{who}_NAME"), "The Octocat").env(format!("GIT_{who}_EMAIL"), "octocat@example.com");
    }
    let said = git.output()?;
    if said.status.success() {
        return Ok(String::from_utf8_lossy(&said.stdout).trim().to_owned());
    }
    Err(format!("git {}: {}", words.first().unwrap_or(&""), String::from_utf8_lossy(&said.stderr)).into())
}

/// What an administrator does on GitHub's page.
fn switch_off(stage: &Stage) -> Tour<()> {
    let hook = repository(stage)["hooks"][0]["id"].as_u64().ok_or("there is no webhook")?;
    let url = format!("{}/repos/{REPOSITORY}/hooks/{hook}", stage.sandbox.github_api_url());
    let token = stage.sandbox.github_token("classic");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    // A second installation fails, and is as good as the first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    runtime.block_on(async {
        let client = reqwest::Client::builder().no_proxy().user_agent("demo").build()?;
        let body = serde_json::json!({ "active": false });
        let answer = client.patch(url).bearer_auth(token).json(&body).send().await?;
        if answer.status().is_success() { Ok(()) } else { Err(answer.text().await?.into()) }
    })
}
