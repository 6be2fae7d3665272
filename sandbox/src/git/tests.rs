#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test fails loudly, and says what it leaves out")]

use std::process::Command;

use super::*;

fn at(second: i64) -> NewCommit {
    NewCommit::by(
        Signature::new("Ada", "ada@example.com", jiff::Timestamp::from_second(second).unwrap()),
        "Say something\n\nAnd why.",
    )
}

fn file(path: &str, content: &str) -> Change {
    (path.to_owned(), Some(content.as_bytes().to_vec()))
}

/// What the real git says of a repository; `None` on a machine without it.
fn git(repo: &Repo, arguments: &[&str]) -> Option<String> {
    if !is_there() {
        eprintln!("left out: git is missing on this machine");
        return None;
    }
    let output = Command::new("git").arg("--git-dir").arg(repo.path()).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap().trim().to_owned())
}

#[test]
fn what_is_committed_is_read_again_and_named_as_git_names_it() {
    let repo = Repo::create("main").unwrap();
    assert_eq!(repo.resolve("HEAD").unwrap(), None);
    let first = repo.commit("main", &[file("README.md", "# Hi\n"), file("src/a/b.txt", "b")], &at(1_000)).unwrap();
    // The name that `git hash-object` gives the content.
    assert_eq!(
        repo.read_file(&first, "README.md").unwrap().unwrap().0,
        "76f177f1929c06d8c944c8d84b63db1437adc39c".to_owned()
    );
    let second = repo.commit("main", &[file("src/a/c.txt", "c"), ("README.md".into(), None)], &at(2_000)).unwrap();
    let info = repo.commit_info(&second).unwrap().unwrap();
    assert_eq!((info.title(), info.parents.as_slice()), ("Say something", [first.clone()].as_slice()));
    assert_eq!(info.author.when.as_second(), 2_000);
    assert_eq!(repo.read_file(&second, "README.md").unwrap(), None);
    assert_eq!(repo.read_file(&second, "src/a/c.txt").unwrap().unwrap().1, b"c");
    assert_eq!(repo.list(&second, "src").unwrap().unwrap()[0].kind, EntryKind::Folder);
    assert_eq!(repo.list(&second, "src/a/c.txt").unwrap(), None);
    let changed = repo.changed(Some(&first), &second).unwrap();
    assert_eq!((changed.added, changed.removed), (vec!["src/a/c.txt".to_owned()], vec!["README.md".to_owned()]));
    assert!(repo.is_ancestor(&first, &second).unwrap() && !repo.is_ancestor(&second, &first).unwrap());
    assert_eq!(repo.log_without(&second, Some(&first)).unwrap().len(), 1);
    for name in ["main", "heads/main", "refs/heads/main", "HEAD", &second] {
        assert_eq!(repo.resolve(name).unwrap().as_deref(), Some(second.as_str()), "{name}");
    }
    for name in ["no-such", "../config", "refs/heads/../../config", "", "/", NOWHERE] {
        assert_eq!(repo.resolve(name).unwrap(), None, "{name}");
    }
    if let Some(said) = git(&repo, &["log", "--format=%H %s %an <%ae> %at", "main"]) {
        assert_eq!(
            said,
            format!(
                "{second} Say something Ada <ada@example.com> 2000\n{first} Say something Ada <ada@example.com> 1000"
            )
        );
        assert_eq!(git(&repo, &["ls-tree", "-r", "--name-only", "main"]).unwrap(), "src/a/b.txt\nsrc/a/c.txt");
        git(&repo, &["fsck", "--strict"]).unwrap();
    }
}

#[test]
fn branches_come_and_go() {
    let repo = Repo::create("main").unwrap();
    let sha = repo.commit("main", &[file("a", "a")], &at(1)).unwrap();
    repo.create_reference("refs/heads/feature/x", &sha).unwrap();
    assert_eq!(
        repo.create_reference("refs/heads/feature/x", &sha).unwrap_err().kind(),
        std::io::ErrorKind::AlreadyExists
    );
    let from = NewCommit { from: Some(sha.clone()), ..at(2) };
    let other = repo.commit("other", &[file("b", "b")], &from).unwrap();
    assert_eq!(repo.commit_info(&other).unwrap().unwrap().parents, std::slice::from_ref(&sha));
    let names: Vec<String> = repo.branches().unwrap().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["feature/x", "main", "other"]);
    assert!(repo.delete_reference("refs/heads/feature/x").unwrap());
    assert!(!repo.delete_reference("refs/heads/feature/x").unwrap());
    repo.create_reference("refs/heads/feature", &sha).unwrap();
    std::fs::write(repo.path().join("refs/heads/main.lock"), "").unwrap();
    let busy = repo.commit("main", &[file("a", "b")], &at(3)).unwrap_err();
    assert_eq!(busy.kind(), std::io::ErrorKind::ResourceBusy);
}

#[test]
fn what_git_writes_is_read() {
    let repo = Repo::create("main").unwrap();
    let sha = repo.commit("main", &[file("a", "a")], &at(1)).unwrap();
    let identity = ["-c", "user.name=Ada", "-c", "user.email=a@b"];
    let tag = [&identity[..], &["tag", "-a", "v1", "-m", "One", "main"]].concat();
    if git(&repo, &tag).is_some() {
        assert_eq!(repo.tags().unwrap(), [("v1".to_owned(), sha.clone())]);
        assert_eq!(repo.resolve("v1").unwrap(), Some(sha));
    }
}

#[test]
fn names_of_branches_follow_gits_rules() {
    for good in ["main", "feature/x", "a.b", "ä"] {
        assert!(is_valid_branch(good), "{good}");
    }
    for bad in ["", "/", "a//b", ".a", "a/.b", "a..b", "a.lock", "a b", "a~1", "a:b", "-a", "@", "a@{1}", "a.", "a\\b"]
    {
        assert!(!is_valid_branch(bad), "{bad}");
    }
}

#[tokio::test]
async fn a_mirror_follows_unless_it_has_gone_its_own_way() {
    use super::mirror::{Fetch, fetch, remote_head};
    if !is_there() {
        eprintln!("left out: git is missing on this machine");
        return;
    }
    let sandbox = crate::Sandbox::builder().tls(true).start().unwrap();
    let from = || Fetch {
        user: "x-access-token".to_owned(),
        password: Some(sandbox.github_token("classic")),
        ca_certificate: sandbox.ca_certificate().map(Into::into),
        instead_of: vec![("https://github.com/".to_owned(), format!("{}/", sandbox.github_url()))],
        ..Fetch::from("https://github.com/agility-game/home-assistant-community-store.git")
    };
    let repo = Repo::create("main").unwrap();
    assert_eq!(remote_head(&repo, &from()).await.unwrap().as_deref(), Some("main"));
    let first = fetch(&repo, &from()).await.unwrap();
    let names: Vec<&str> = first.branches.iter().map(|moved| moved.name.as_str()).collect();
    assert_eq!((names, first.tags[0].name.as_str()), (vec!["main", "seesaw"], "v1.0.0"));
    assert_eq!(fetch(&repo, &from()).await.unwrap(), mirror::Fetched::default());

    let upstream = repo.head("main").unwrap().unwrap();
    let info = repo.commit_info(&upstream).unwrap().unwrap();
    repo.commit("main", &[file("own", "ahead")], &at(3_000_000_000)).unwrap();
    assert_eq!(fetch(&repo, &from()).await.unwrap(), mirror::Fetched::default(), "ahead is not diverged");
    repo.set_reference("refs/heads/main", &info.parents[0]).unwrap();
    let own = repo.commit("main", &[file("own", "own")], &at(3_000_000_000)).unwrap();
    assert_eq!(fetch(&repo, &from()).await.unwrap().diverged, ["main"]);
    assert_eq!(repo.head("main").unwrap(), Some(own.clone()));
    let not_main = Fetch { overwrite_diverged: true, wants: Some(Box::new(|name| name != "main")), ..from() };
    assert_eq!(fetch(&repo, &not_main).await.unwrap(), mirror::Fetched::default());
    let overwrite = Fetch { overwrite_diverged: true, ..from() };
    let moved = fetch(&repo, &overwrite).await.unwrap().branches.remove(0);
    assert_eq!((moved.old, moved.new), (Some(own), upstream));

    let wrong = Fetch {
        password: Some("ghp_wrong".to_owned()),
        url: from().url.replace("home-assistant-community-store", "timing-firmware"),
        ..from()
    };
    let words = fetch(&repo, &wrong).await.unwrap_err().words;
    assert!(words.contains("Authentication failed for 'https://github.com/agility-game/"), "{words}");
    assert!(!words.contains("ghp_wrong") && !words.contains("127.0.0.1"), "{words}");
    let away = fetch(&repo, &Fetch::from("https://git.example/x.git")).await.unwrap_err();
    assert_eq!(away.words, "fatal: unable to access 'https://git.example/x.git/': Could not resolve host: git.example");
}
