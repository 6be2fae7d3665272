//! The real git, cloning and pushing through both doors.

#![allow(clippy::print_stderr, reason = "what is left out is said")]

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::client::{client, get};
use forge_sandbox::{
    Fault, GithubRepositorySeed, GithubSeed, GithubTokenSeed, GitlabProjectSeed, GitlabSeed, GitlabTokenSeed, Role,
    Sandbox, Seed, Visibility,
};
use serde_json::{Value, json};
use tempfile::TempDir;

const STORE: &str = "agility-game/home-assistant-community-store";
const DASHBOARD: &str = "agility-game/home-assistant/dashboard";

/// Git in a folder of its own, without the user's settings.
pub struct Git {
    folder: TempDir,
    ca: Option<PathBuf>,
}

impl Git {
    /// `None`, and a word about it, on a machine without git.
    pub fn find() -> Option<Self> {
        if Command::new("git").arg("--version").output().is_err() {
            eprintln!("left out: git is missing on this machine");
            return None;
        }
        Some(Self { folder: TempDir::new().unwrap(), ca: None })
    }

    pub fn trusting(mut self, ca: Option<&Path>) -> Self {
        self.ca = ca.map(Path::to_path_buf);
        self
    }

    /// Runs git in a folder below; what it printed, or what it complained.
    pub fn run(&self, at: &str, arguments: &[&str]) -> Result<String, String> {
        let mut git = Command::new("git");
        git.current_dir(self.folder.path().join(at)).args(arguments).env("HOME", self.folder.path());
        for (name, value) in [
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_TERMINAL_PROMPT", "0"),
            ("GIT_ASKPASS", "true"),
            ("GIT_AUTHOR_NAME", "Ada"),
            ("GIT_AUTHOR_EMAIL", "ada@example.com"),
            ("GIT_COMMITTER_NAME", "Ada"),
            ("GIT_COMMITTER_EMAIL", "ada@example.com"),
        ] {
            git.env(name, value);
        }
        for proxy in ["http_proxy", "https_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"] {
            git.env_remove(proxy);
        }
        if let Some(ca) = &self.ca {
            git.env("GIT_SSL_CAINFO", ca);
        }
        let output = git.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap().trim().to_owned();
        if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
    }

    pub fn write(&self, path: &str, content: &str) {
        let path = self.folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    pub fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(path)).unwrap()
    }

    /// Changes a file of a clone and commits it.
    pub fn commit(&self, clone: &str, path: &str, content: &str) -> String {
        self.write(&format!("{clone}/{path}"), content);
        self.run(clone, &["add", "."]).unwrap();
        self.run(clone, &["commit", "-qm", &format!("Change {path}")]).unwrap();
        self.run(clone, &["rev-parse", "HEAD"]).unwrap()
    }
}

/// An address with a user and a password in it.
pub fn with(site: &str, user: &str, password: &str, path: &str) -> String {
    let (scheme, host) = site.split_once("://").unwrap();
    if user.is_empty() { format!("{site}/{path}") } else { format!("{scheme}://{user}:{password}@{host}/{path}") }
}

fn hub(sandbox: &Sandbox, token: &str, repository: &str) -> String {
    with(&sandbox.github_url(), "x-access-token", &sandbox.github_token(token), &format!("{repository}.git"))
}

fn lab(sandbox: &Sandbox, token: &str, project: &str) -> String {
    with(&sandbox.gitlab_url(), "anybody", &sandbox.gitlab_token(token), &format!("{project}.git"))
}

fn refused(git: &Git, url: &str) -> String {
    git.run("", &["ls-remote", url]).unwrap_err()
}

#[tokio::test]
async fn what_rest_writes_is_cloned_and_what_is_pushed_rest_shows() {
    let Some(git) = Git::find() else { return };
    let sandbox = Sandbox::start();
    let api = format!("{}/repos/{STORE}", sandbox.github_api_url());
    let token = sandbox.github_token("classic");
    let body = json!({ "message": "Add CI", "content": "c3RhZ2VzOiBbXQo=" });
    let put = client().put(format!("{api}/contents/.gitlab-ci.yml")).bearer_auth(&token).json(&body);
    let written: Value = put.send().await.unwrap().json().await.unwrap();

    git.run("", &["clone", "-q", &hub(&sandbox, "classic", STORE), "clone"]).unwrap();
    assert_eq!(git.read("clone/.gitlab-ci.yml"), "stages: []\n");
    let head = git.run("clone", &["rev-parse", "HEAD"]).unwrap();
    assert_eq!(written["commit"]["sha"], json!(head));
    let blob = git.run("clone", &["rev-parse", "HEAD:.gitlab-ci.yml"]).unwrap();
    assert_eq!(written["content"]["sha"], json!(blob));
    assert_eq!(git.run("clone", &["rev-list", "--count", "HEAD"]).unwrap(), "4");
    assert_eq!(
        git.run("clone", &["branch", "-r", "--format=%(refname:short)"]).unwrap(),
        "origin\norigin/main\norigin/seesaw"
    );
    assert_eq!(git.run("clone", &["tag"]).unwrap(), "v1.0.0");

    let pushed = git.commit("clone", "a/new file.txt", "new\n");
    git.run("clone", &["push", "-q", "origin", "HEAD", "HEAD:refs/heads/feature/x", ":seesaw"]).unwrap();
    let branches = get(&format!("{api}/branches"), &token).await.json();
    let named: Vec<(&Value, &Value)> =
        branches.as_array().unwrap().iter().map(|it| (&it["name"], &it["commit"]["sha"])).collect();
    assert_eq!(named, [(&json!("feature/x"), &json!(pushed)), (&json!("main"), &json!(pushed))]);
    let file = get(&format!("{api}/contents/a/new%20file.txt?ref=feature/x"), &token).await.json();
    assert_eq!((&file["content"], &file["size"]), (&json!("bmV3Cg==\n"), &json!(4)));
    let commit = get(&format!("{api}/commits/main"), &token).await.json();
    assert_eq!(commit["commit"]["message"], "Change a/new file.txt");
    assert_eq!(commit["commit"]["author"]["email"], "ada@example.com");
    assert_eq!(commit["files"][0]["filename"], "a/new file.txt");
    let writes = sandbox.state()["github"]["writes"].clone();
    assert_eq!(writes[1]["path"], json!(format!("/{STORE}.git/git-receive-pack")));
    assert!(sandbox.requests().iter().any(|seen| seen.path.ends_with("/git-upload-pack") && seen.status == Some(200)));
    let deleted = git.run("clone", &["push", "-q", "origin", ":main"]).unwrap_err();
    assert!(deleted.contains("refusing to delete the current branch"), "{deleted}");
}

#[test]
fn an_empty_repository_takes_its_first_push_over_tls() {
    let Some(git) = Git::find() else { return };
    let void = GithubRepositorySeed { name: "void".into(), private: true, empty: true, ..Default::default() };
    let github = GithubSeed { repositories: vec![void], ..Default::default() };
    let seed = Seed { github, ..Default::default() };
    let sandbox = Sandbox::builder().tls(true).github_base_path("hub").seed(seed).start().unwrap();
    let git = git.trusting(sandbox.ca_certificate());
    git.run("", &["init", "-q", "-b", "main", "clone"]).unwrap();
    // Larger than what git sends in one piece, and not to be compressed.
    let mut state: u32 = 1;
    let noise = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from(b'!' + u8::try_from(state >> 26).unwrap())
    });
    let sha = git.commit("clone", "noise", &noise.take(2_000_000).collect::<String>());
    git.run("clone", &["push", "-q", &hub(&sandbox, "classic", "octocat/void"), "main"]).unwrap();
    let listed = git.run("", &["ls-remote", &hub(&sandbox, "classic", "octocat/void")]).unwrap();
    assert_eq!(listed, format!("{sha}\tHEAD\n{sha}\trefs/heads/main"));
}

#[test]
fn github_lets_in_whom_it_should() {
    let Some(git) = Git::find() else { return };
    let diary = || vec!["diary".to_owned()];
    let fine = |name: &str, level: &str| GithubTokenSeed {
        repositories: Some(diary()),
        ..GithubTokenSeed::fine_grained(name, &[("contents", level)])
    };
    let repository = |name: &str| GithubRepositorySeed { name: name.into(), private: true, ..Default::default() };
    let repositories = vec![
        GithubRepositorySeed { archived: true, ..repository("attic") },
        GithubRepositorySeed { former_names: vec!["old".into()], ..repository("new") },
        GithubRepositorySeed { collaborators: [("hubot".to_owned(), Role::Pull)].into(), ..repository("shared") },
    ];
    let tokens = vec![
        fine("reads", "read"),
        fine("writes", "write"),
        GithubTokenSeed {
            repositories: Some(diary()),
            ..GithubTokenSeed::fine_grained("statuses", &[("statuses", "write")])
        },
        GithubTokenSeed::classic("public", &["public_repo"]),
    ];
    let github = GithubSeed { repositories, tokens, ..Default::default() };
    let sandbox = Sandbox::builder().seed(Seed { github, ..Default::default() }).start().unwrap();
    let site = sandbox.github_url();

    // Reading.
    git.run("", &["ls-remote", &with(&site, "", "", &format!("{STORE}.git"))]).unwrap();
    git.run("", &["ls-remote", &with(&site, "", "", STORE)]).unwrap();
    for token in ["classic", "reads", "writes"] {
        git.run("", &["ls-remote", &hub(&sandbox, token, "octocat/diary")]).unwrap();
    }
    git.run("", &["clone", "-q", &hub(&sandbox, "classic", "octocat/old"), "moved"]).unwrap();
    let asked = refused(&git, &with(&site, "", "", "octocat/diary.git"));
    assert!(asked.contains("terminal prompts disabled") || asked.contains("Authentication failed"), "{asked}");
    for token in ["expired", "revoked"] {
        let words = refused(&git, &hub(&sandbox, token, "octocat/diary"));
        assert!(words.contains("Password authentication is not supported"), "{words}");
    }
    for (token, repository, words) in [
        ("stranger", "octocat/diary", "Repository not found."),
        ("stranger", "octocat/old", "Repository not found."),
        ("public", "octocat/diary", "Repository not found."),
        ("statuses", "octocat/diary", "Write access to repository not granted."),
        ("sso", "agility-game/timing-firmware", "enforced SAML SSO"),
    ] {
        let said = refused(&git, &hub(&sandbox, token, repository));
        assert!(said.contains(words), "{token} {repository}: {said}");
    }

    // Writing.
    git.run("", &["clone", "-q", &hub(&sandbox, "classic", "octocat/diary"), "diary"]).unwrap();
    git.commit("diary", "a", "a");
    let push = |token: &str, repository: &str| {
        git.run("diary", &["push", "-q", &hub(&sandbox, token, repository), "HEAD:refs/heads/x"])
    };
    push("writes", "octocat/diary").unwrap();
    for (token, repository, words) in [
        ("reads", "octocat/diary", "Write access to repository not granted."),
        ("writes", "octocat/Hello-World", "Write access to repository not granted."),
        ("classic-readonly", "octocat/Hello-World", "Write access to repository not granted."),
        ("stranger", "octocat/Hello-World", "Permission to octocat/Hello-World.git denied to monalisa."),
        ("collaborator", "octocat/shared", "Permission to octocat/shared.git denied to hubot."),
        ("classic", "octocat/attic", "This repository was archived so it is read-only."),
    ] {
        let said = push(token, repository).unwrap_err();
        assert!(said.contains(words), "{token} {repository}: {said}");
    }
    push("public", "octocat/Hello-World").unwrap();
    let workflow = git.commit("diary", ".github/workflows/w.yml", "on: push\n");
    let said = push("writes", "octocat/diary").unwrap_err();
    assert!(said.contains("without `workflows` permission"), "{said}");
    let listed = git.run("", &["ls-remote", &hub(&sandbox, "writes", "octocat/diary"), "x"]).unwrap();
    assert!(!listed.contains(&workflow), "taken back: {listed}");
    push("classic", "octocat/diary").unwrap();

    // Faults know these requests, too.
    sandbox.fault(Fault::github().path("/octocat/diary.git/info/refs").token("classic").once().status(502));
    assert!(refused(&git, &hub(&sandbox, "classic", "octocat/diary")).contains("502"));
    git.run("", &["ls-remote", &hub(&sandbox, "classic", "octocat/diary")]).unwrap();
}

#[test]
fn gitlab_lets_in_whom_it_should() {
    let Some(git) = Git::find() else { return };
    let user = |token: GitlabTokenSeed, user: &str| GitlabTokenSeed { user: Some(user.into()), ..token };
    let gitlab = GitlabSeed {
        projects: vec![
            GitlabProjectSeed {
                archived: true,
                ..GitlabProjectSeed { path: "maintainer/attic".into(), ..Default::default() }
            },
            GitlabProjectSeed {
                path: "maintainer/new".into(),
                former_paths: vec!["maintainer/old".into()],
                ..Default::default()
            },
            GitlabProjectSeed {
                path: "maintainer/open".into(),
                visibility: Visibility::Public,
                members: [("developer".to_owned(), 10)].into(),
                ..Default::default()
            },
        ],
        tokens: vec![
            GitlabTokenSeed::classic("reads", &["read_repository"]),
            GitlabTokenSeed::classic("writes", &["write_repository"]),
            GitlabTokenSeed::classic("user-only", &["read_user"]),
            user(GitlabTokenSeed::classic("dev-writes", &["write_repository"]), "developer"),
        ],
        ..Default::default()
    };
    let sandbox = Sandbox::builder().seed(Seed { gitlab, ..Default::default() }).start().unwrap();
    let site = sandbox.gitlab_url();
    for token in ["api", "read-api", "reads", "writes", "project-bot"] {
        git.run("", &["ls-remote", &lab(&sandbox, token, DASHBOARD)]).unwrap();
    }
    git.run("", &["ls-remote", &with(&site, "", "", "maintainer/open.git")]).unwrap();
    git.run("", &["ls-remote", &with(&site, "", "", "maintainer/open")]).unwrap();
    git.run("", &["ls-remote", &lab(&sandbox, "api", "maintainer/old")]).unwrap();
    let oauth = sandbox.gitlab_token("oauth");
    git.run("", &["ls-remote", &with(&site, "oauth2", &oauth, &format!("{DASHBOARD}.git"))]).unwrap();
    let denied = [
        lab(&sandbox, "expired", DASHBOARD),
        lab(&sandbox, "revoked", DASHBOARD),
        lab(&sandbox, "user-only", DASHBOARD),
        with(&site, "maintainer", &oauth, &format!("{DASHBOARD}.git")),
    ];
    for url in denied {
        let said = refused(&git, &url);
        assert!(said.contains("HTTP Basic: Access denied."), "{said}");
    }
    let hidden = refused(&git, &lab(&sandbox, "developer", "maintainer/old"));
    assert!(hidden.contains("could not be found or you don't have permission"), "{hidden}");

    git.run("", &["clone", "-q", &lab(&sandbox, "api", DASHBOARD), "clone"]).unwrap();
    let sha = git.commit("clone", "a", "a");
    let push = |token: &str, project: &str, to: &str| {
        git.run("clone", &["push", "-q", "-f", &lab(&sandbox, token, project), &format!("HEAD:refs/heads/{to}")])
    };
    for (token, project, to, words) in [
        ("reads", DASHBOARD, "x", "You are not allowed to upload code."),
        ("read-api", DASHBOARD, "x", "You are not allowed to upload code."),
        ("dev-writes", DASHBOARD, "main", "not allowed to push code to protected branches"),
        ("dev-writes", "maintainer/open", "x", "You are not allowed to push code to this project."),
        ("api", "maintainer/attic", "x", "You can't push code to an archived project."),
    ] {
        let said = push(token, project, to).unwrap_err();
        assert!(said.contains(words), "{token} {project}: {said}");
    }
    push("dev-writes", DASHBOARD, "x").unwrap();
    push("writes", DASHBOARD, "main").unwrap();
    let listed = git.run("", &["ls-remote", &lab(&sandbox, "api", DASHBOARD), "main"]).unwrap();
    assert!(listed.starts_with(&sha), "{listed}");
    let said = git.run("clone", &["push", "-q", &lab(&sandbox, "api", DASHBOARD), ":main"]).unwrap_err();
    assert!(said.contains("default branch of a project cannot be deleted"), "{said}");
    sandbox.fault(Fault::gitlab().path(&format!("/{DASHBOARD}.git/info/refs")).token("api").once().status(503));
    assert!(refused(&git, &lab(&sandbox, "api", DASHBOARD)).contains("503"));
}
