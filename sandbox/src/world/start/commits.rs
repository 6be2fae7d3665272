//! What is in the repositories at the start. Authors and dates are fixed, so that every sandbox has
//! the same commits.

use std::collections::BTreeMap;
use std::io;

use jiff::Timestamp;

use crate::git::{Change, NewCommit, Repo, Signature};

/// The sixth of October 2026, 21:30:41 UTC: when everything was begun.
const BEGAN: i64 = 1_791_322_241;

/// A commit of `octocat`'s, so many hours after the beginning.
fn octocat(hours: i64, message: &str) -> NewCommit {
    let when = Timestamp::from_second(BEGAN + hours * 3600).unwrap_or(Timestamp::UNIX_EPOCH);
    NewCommit::by(Signature::new("The Octocat", "583231+octocat@users.noreply.github.com", when), message)
}

fn file(path: &str, content: &str) -> Change {
    (path.to_owned(), Some(content.as_bytes().to_vec()))
}

fn readme(name: &str) -> Change {
    file("README.md", &format!("# {name}\n"))
}

/// A repository with one commit: a `README.md`, and what the seed names besides.
pub(crate) fn fill_repository(
    repo: &Repo,
    branch: &str,
    name: &str,
    files: &BTreeMap<String, String>,
) -> io::Result<()> {
    let mut changes = vec![readme(name)];
    changes.extend(files.iter().map(|(path, content)| file(path, content)));
    repo.commit(branch, &changes, &octocat(0, "Begin")).map(drop)
}

/// A project with one commit.
pub(crate) fn fill_project(repo: &Repo, name: &str) -> io::Result<()> {
    fill_repository(repo, "main", name, &BTreeMap::new())
}

const COURSES: &str = "\
# Courses

- hurdles: 12
- tunnels: 3
- slalom: 1
";

const WORKFLOW: &str = "\
name: CI
on: [push, pull_request]
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: sh test.sh
";

/// The store for agility courses: three commits, a branch beside the default one, a tag.
pub(crate) fn fill_store(repo: &Repo, branch: &str, name: &str) -> io::Result<()> {
    let manifest = "{\n  \"name\": \"Agility courses\",\n  \"version\": \"1.0.0\"\n}\n";
    repo.commit(branch, &[readme(name), file("LICENSE", "MIT\n")], &octocat(0, "Begin"))?;
    let released = repo.commit(
        branch,
        &[file("hacs.json", manifest), file("courses/list.md", COURSES)],
        &octocat(1, "Add the first courses"),
    )?;
    repo.set_reference("refs/tags/v1.0.0", &released)?;
    let tested = [file(".github/workflows/ci.yml", WORKFLOW), file("test.sh", "test -s courses/list.md\n")];
    let newest = repo.commit(branch, &tested, &octocat(2, "Test the courses"))?;
    let seesaw = COURSES.replace("slalom: 1", "slalom: 1\n- seesaw: 1");
    let beside = NewCommit { from: Some(newest), ..octocat(3, "Add a seesaw") };
    repo.commit("seesaw", &[file("courses/list.md", &seesaw)], &beside).map(drop)
}
