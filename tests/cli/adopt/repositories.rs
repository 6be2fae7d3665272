//! Remotes with a token in their address, in all repositories below a folder.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::{adopt, is_silent, plant};
use crate::support::{Home, world};

fn git(home: &Home, folder: &Path, words: &[&str]) {
    let mut git = Command::new("git");
    git.env_clear()
        .envs(home.environment().iter().map(|(name, value)| (name, value)))
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env_remove("GIT_DIR");
    git.args(["-c", "init.defaultBranch=main", "-c", "user.name=x", "-c", "user.email=x@example.com"]);
    git.args(["-c", "protocol.file.allow=always"]);
    let output = git.current_dir(folder).args(words).output().unwrap();
    assert!(output.status.success(), "{words:?}: {output:?}");
}

fn folder(home: &Home, path: &str) -> std::path::PathBuf {
    let path = home.path().join("home").join(path);
    fs::create_dir_all(&path).unwrap();
    path
}

#[test]
fn remotes_work_trees_and_bare_ones() {
    let (home, world) = (Home::new(), world());
    let (api, developer) = (world.gitlab_token("api"), world.gitlab_token("developer"));
    let base = world.gitlab_url();
    let with = |user: &str, token: &str| base.replace("http://", &format!("http://{user}:{token}@"));
    let one = folder(&home, "src/deep/one");
    git(&home, &one, &["init", "-q"]);
    git(&home, &one, &["remote", "add", "origin", &format!("{}/agility-game/x.git", with("oauth2", &api))]);
    git(&home, &one, &["config", "core.comment", "stays"]);
    git(&home, &one, &["commit", "-q", "--allow-empty", "-m", "x"]);
    git(&home, &one, &["worktree", "add", "-q", "../../tree"]);
    let bare = folder(&home, "src/bare.git");
    git(&home, &bare, &["init", "-q", "--bare"]);
    git(&home, &bare, &["remote", "add", "up", &format!("{}/agility-game/y.git", with("developer", &developer))]);
    // A link out of the folder is not followed.
    let outside = folder(&home, "outside");
    git(&home, &outside, &["init", "-q"]);
    git(
        &home,
        &outside,
        &["remote", "add", "origin", "https://x:ghp_0123456789012345678901234567890123456@github.com/a/b"],
    );
    std::os::unix::fs::symlink(&outside, home.path().join("home/src/link")).unwrap();
    let src = home.path().join("home/src").display().to_string();
    let scan = adopt(&home).with(["--scan", &src]).ends().exits(9);
    is_silent(&scan, &api);
    insta::assert_snapshot!(scan.shown(), @"
    exit 9
    --- stdout
    http://127.0.0.1:PORT
      developer: personal, sha256:…
        ~/src/bare.git/config, remote.up.url
      ?: personal, sha256:…
        ~/src/deep/one/.git/config, remote.origin.url
    ");
    let taken =
        adopt(&home).with(["--yes", "--host", &base, "--store", "plain", "--remove", &src, "-vv"]).ends().succeeds();
    is_silent(&taken, &api);
    is_silent(&taken, &developer);
    let config = fs::read_to_string(one.join(".git/config")).unwrap();
    assert!(config.contains(&format!("url = {base}/agility-game/x.git")), "{config}");
    assert!(config.contains("comment = stays"), "{config}");
    let config = fs::read_to_string(bare.join("config")).unwrap();
    let named = base.replace("http://", "http://developer@");
    assert!(config.contains(&format!("url = {named}/agility-game/y.git")), "the account stays: {config}");
    adopt(&home).with(["--scan", &src]).ends().succeeds().never_says("error");
    assert_eq!(home.records().len(), 2);
}

#[test]
fn a_submodule_and_what_only_a_person_can_take_out() {
    let home = Home::new();
    let inner = folder(&home, "inner");
    git(&home, &inner, &["init", "-q"]);
    git(&home, &inner, &["commit", "-q", "--allow-empty", "-m", "x"]);
    let outer = folder(&home, "src/outer");
    git(&home, &outer, &["init", "-q"]);
    git(&home, &outer, &["submodule", "--quiet", "add", &inner.display().to_string(), "lib/part"]);
    let token = "ghp_0123456789012345678901234567890123456";
    git(&home, &outer.join("lib/part"), &["remote", "set-url", "origin", &format!("https://{token}@github.com/a/b")]);
    let key = format!("url.https://x:{token}@github.com/.insteadOf");
    git(&home, &outer, &["config", &key, "https://github.com/"]);
    plant(&home, "src/pipe/.git", "gitdir: /dev/zero\n");
    plant(&home, "src/gone/.git", "gitdir: ../nowhere\n");
    let src = home.path().join("home/src").display().to_string();
    let document = adopt(&home).with(["--scan", "--from", "git", &src]).json().exits(9).document();
    let copies = document["found"][0]["copies"].as_array().unwrap();
    let shown: Vec<_> =
        copies.iter().map(|copy| (copy["key"].as_str().unwrap(), copy["removable"].as_bool().unwrap())).collect();
    assert_eq!(shown, [("url.….insteadOf", false), ("remote.origin.url", true)], "{document}");
    assert!(!document.to_string().contains(token));
}

/// git writes its configuration anew, so that the other name of the file would keep the token.
#[test]
fn a_configuration_with_two_names_is_left() {
    let (home, world) = (Home::new(), world());
    let (base, token) = (world.gitlab_url(), world.gitlab_token("api"));
    let one = folder(&home, "src/one");
    git(&home, &one, &["init", "-q"]);
    let url = base.replace("http://", &format!("http://oauth2:{token}@"));
    git(&home, &one, &["remote", "add", "origin", &format!("{url}/agility-game/x.git")]);
    fs::hard_link(one.join(".git/config"), one.join("again")).unwrap();
    let src = home.path().join("home/src").display().to_string();
    let output = adopt(&home).with(["--yes", "--host", &base, "--store", "plain", "--remove", &src]).ends().exits(10);
    assert!(output.stdout().contains("more than one name"), "{}", output.shown());
    assert!(fs::read_to_string(one.join(".git/config")).unwrap().contains(&token));
}

/// Ctrl-C while git writes: it is left to finish, and takes its lock away itself.
#[test]
fn ctrl_c_while_git_writes_leaves_no_lock_behind() {
    let (home, world) = (Home::new(), world());
    let (base, token) = (world.gitlab_url(), world.gitlab_token("api"));
    let one = folder(&home, "src/one");
    git(&home, &one, &["init", "-q"]);
    let url = base.replace("http://", &format!("http://oauth2:{token}@"));
    git(&home, &one, &["remote", "add", "origin", &format!("{url}/agility-game/x.git")]);
    let script = "#!/bin/sh\ncase \"$*\" in 'config --file'*) lock=\"$3.lock\"; : > \"$lock\"; : > \"$HOME/writing\"; sleep 1; rm \"$lock\"; : > \"$HOME/written\";; esac\nPATH=/usr/local/bin:/usr/bin:/bin exec git \"$@\"\n";
    let slow = plant(&home, "bin/git", script);
    fs::set_permissions(&slow, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", slow.parent().unwrap().display());
    let src = home.path().join("home/src").display().to_string();
    let call = adopt(&home).with(["--yes", "--host", &base, "--store", "plain", "--remove", &src]).env("PATH", &path);
    let running = call.begins();
    let there = |name: &str| {
        let end = std::time::Instant::now() + std::time::Duration::from_secs(20);
        while !home.path().join("home").join(name).exists() && std::time::Instant::now() < end {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        home.path().join("home").join(name).exists()
    };
    assert!(there("writing"));
    let id = i32::try_from(running.id()).ok().and_then(rustix::process::Pid::from_raw).unwrap();
    rustix::process::kill_process(id, rustix::process::Signal::INT).unwrap();
    let output = running.ends().exits(130);
    is_silent(&output, &token);
    assert!(output.stdout().contains("Kept"), "what was done by then is told: {}", output.shown());
    assert!(there("written"), "git was ended in the middle");
    assert!(!one.join(".git/config.lock").exists());
}
