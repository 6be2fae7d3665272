//! The acts of handing out: git asks for itself, other programs get their variables, one request goes out.

use std::process::{Command, Stdio};

use super::Tour;
use super::paper::{prose, said_so, typed};
use super::stage::Stage;

/// A private repository: without a token GitHub says that there is none.
const REPOSITORY: &str = "octocat/diary";

/// The connection of the import's acts stands for the host's own address, so that git can go there.
pub fn acts(stage: &mut Stage) -> Tour<()> {
    if Command::new("git").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_err() {
        prose("\nThe act of git is left out: this machine has none.");
        return Ok(());
    }
    stage.act(
        "git asks",
        "`setup-git` shows the lines that it has git write, for the hosts of connections and no others. A private repository is cloned then without a question, and without a token in its address.",
    );
    let github = stage.sandbox.github_url();
    stage.runs(&["setup-git", "--host", &github, "--yes"], None, 0)?.says("git asks connect")?;
    let url = format!("{github}/{REPOSITORY}.git");
    typed(&format!("git clone {url}"), "");
    let mut git = Command::new("git");
    // What connect's own calls get, git gets, and hands it on to its helper.
    let connect = stage.command(&[]);
    git.args(["clone", "--quiet", &url]).current_dir(stage.root.path().join("desk")).env_clear();
    git.envs(connect.get_envs().filter_map(|(name, value)| Some((name, value?)))).env("GIT_TERMINAL_PROMPT", "0");
    let said = git.output()?;
    said_so(&String::from_utf8_lossy(&said.stdout), &String::from_utf8_lossy(&said.stderr));
    let config = stage.root.path().join("desk/diary/.git/config");
    stage.expects(said.status.success() && config.exists(), "the private repository is there")?;
    let token = stage.sandbox.github_token("classic");
    stage.expects(!std::fs::read_to_string(config)?.contains(&token), "its configuration has no token")?;

    stage.act(
        "One request",
        "Within the forge's API, with the connection's token, and nowhere else. What comes back is printed as it is.",
    );
    stage.runs(&["api", "hub", &format!("repos/{REPOSITORY}/branches"), "--quiet"], None, 0)?.says("main")?;

    if cfg!(unix) {
        stage.act(
            "Another program's variables",
            "A command gets the token in the variables that gh, glab, Terraform and others read, for as long as it runs. With `--mask` what it prints is free of it.",
        );
        let leak = ["exec", "hub", "--mask", "--", "sh", "-c", "echo \"the token is $GH_ENTERPRISE_TOKEN\""];
        stage.runs(&leak, None, 0)?.says("the token is ***")?;
    }
    Ok(())
}
