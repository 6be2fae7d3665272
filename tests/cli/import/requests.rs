//! What an import asks of the forges, one by one, so that nothing creeps in.
//!
//! Why each is there:
//!
//! - `GET /user`, `GET /personal_access_tokens/self`: whether the tokens live, and what they may; GitHub's also tells as
//!   whom GitLab signs in there. `GET /metadata`: which call sets the mirror.
//! - `--to` has two readings, and both are looked at in one round trip: a group or a user's namespace at the path
//!   (`groups` says who may make projects in it and who sees it, also to those who are not in it; `namespaces` knows
//!   users, too, and the plan that is paid for), or above it; and a project at the path, or in the group.
//! - `members/all`: the account's role in the group. Only the group's own number finds it.
//! - `repos`, `git/ref`, `hooks`: the repository's number and the account's role, the commit that has to arrive, the
//!   webhooks that are there.
//! - The proof: the mirror until it is up to date, the commit on both sides at one time, the answer to the ping, the
//!   integration as it was saved, the pipelines of the commit.
//!
//! Nothing is asked that an answer before has told: not whose the GitLab token is, not the project after it was made, not
//! what was left as it was.

use super::*;

/// The requests of connect itself since the last time, without what differs from run to run. What is repeated until
/// something has happened stands there once.
fn asked(world: &Sandbox) -> Vec<String> {
    let is_own = |agent: &str| agent.starts_with("connect/");
    let own = world.requests().into_iter().filter(|seen| seen.header("user-agent").is_some_and(is_own));
    let number = regex::Regex::new(r"/[0-9]+\b|[0-9a-f]{40}").unwrap();
    let mut lines: Vec<String> = Vec::new();
    for seen in own {
        let path = seen.path.replace("/api/v3", "github:").replace("/api/v4", "gitlab:");
        let path = path.replace(&STORE.replace('/', "%2F"), "REPO").replace(STORE, "REPO");
        let path = path.replace(&PROJECT.replace('/', "%2F"), "TO%2FREPO").replace(&GROUP.replace('/', "%2F"), "TO");
        let path = path.replace("/agility-game", "/ABOVE");
        let line = format!("{} {}", seen.method, number.replace_all(&path, "/N"));
        let ping_again = line.starts_with("GET ") && line.ends_with("/hooks/N") && lines.contains(&line);
        let mirror_again = line.ends_with("/mirror/pull") && lines.last() == Some(&line);
        if !ping_again && !mirror_again {
            lines.push(line);
        }
    }
    world.clear_requests();
    lines
}

/// Before the first write, the writes, and what comes after the last: the first and the last in no order, because they
/// are asked side by side.
fn in_three(lines: &[String]) -> [Vec<String>; 3] {
    let writes = |line: &&String| !line.starts_with("GET ");
    let first = lines.iter().position(|line| writes(&line)).unwrap();
    let last = lines.iter().rposition(|line| writes(&line)).unwrap();
    let sorted = |part: &[String]| {
        let mut part = part.to_vec();
        part.sort();
        part
    };
    [sorted(&lines[..first]), lines[first..=last].to_vec(), sorted(&lines[last + 1..])]
}

fn comes_before(writes: &[String], one: &str, other: &str) {
    let at = |what: &str| writes.iter().position(|line| line.contains(what)).unwrap();
    assert!(at(one) < at(other), "{one} before {other}: {writes:?}");
}

#[test]
fn of_a_whole_import() {
    if git_is_missing() {
        return;
    }
    let (home, world) = scene();
    let _ = usual(&home).ends().succeeds();
    let [before, writes, after] = in_three(&asked(&world));
    insta::assert_snapshot!(before.join("\n"), @"
    GET github:/repos/REPO
    GET github:/repos/REPO/git/ref/heads/main
    GET github:/repos/REPO/hooks
    GET github:/user
    GET gitlab:/groups/ABOVE
    GET gitlab:/groups/N/members/all/N
    GET gitlab:/groups/TO
    GET gitlab:/metadata
    GET gitlab:/namespaces/ABOVE
    GET gitlab:/namespaces/TO
    GET gitlab:/personal_access_tokens/self
    GET gitlab:/projects/TO
    GET gitlab:/projects/TO%2FREPO
    ");
    let mut sorted = writes.clone();
    sorted.sort();
    insta::assert_snapshot!(sorted.join("\n"), @"
    POST github:/repos/REPO/hooks
    POST gitlab:/projects
    POST gitlab:/projects/N/access_tokens
    PUT gitlab:/projects/N/integrations/github
    PUT gitlab:/projects/N/mirror/pull
    ");
    insta::assert_snapshot!(after.join("\n"), @"
    GET github:/repos/REPO/hooks/N
    GET gitlab:/projects/N/integrations/github
    GET gitlab:/projects/N/mirror/pull
    GET gitlab:/projects/N/mirror/pull
    GET gitlab:/projects/N/pipelines
    GET gitlab:/projects/N/repository/branches/main
    ");
    assert!(writes[0].starts_with("POST gitlab:/projects"), "everything hangs on it: {writes:?}");
    assert!(writes.last().unwrap().ends_with("/hooks"), "its ping meets a mirror that is on: {writes:?}");
}

#[test]
fn of_an_import_with_a_file() {
    if git_is_missing() {
        return;
    }
    let (home, world) = scene();
    let _ = usual(&home).ends().succeeds();
    let [before, writes, after] = in_three(&asked(&world));
    let (home, world) = scene();
    let _ = usual(&home).with(["--ci-template", "minimal"]).ends().succeeds();
    let [before_too, writes_too, after_too] = in_three(&asked(&world));
    let more = |one: &[String], other: &[String]| -> Vec<String> {
        other.iter().filter(|line| !one.contains(line)).cloned().collect()
    };
    assert_eq!(more(&before, &before_too), ["GET github:/repos/REPO/contents/.gitlab-ci.yml"]);
    let file = ["POST gitlab:/projects/N/ci/lint", "PUT github:/repos/REPO/contents/.gitlab-ci.yml"];
    assert_eq!(more(&writes, &writes_too), file);
    assert_eq!((after_too, writes_too.len(), before_too.len()), (after, writes.len() + 2, before.len() + 1));
    comes_before(&writes_too, "ci/lint", "contents");
    comes_before(&writes_too, "contents", "mirror/pull");
}

/// Nothing to do: it is looked at once, and the proof needs no more than GitLab's commit and its pipelines.
#[test]
fn of_the_same_again() {
    if git_is_missing() {
        return;
    }
    let (home, world) = scene();
    let _ = usual(&home).ends().succeeds();
    world.settle();
    world.clear_requests();
    let _ = usual(&home).with(["--plan"]).ends().succeeds();
    let looked = asked(&world);
    let mut sorted = looked.clone();
    sorted.sort();
    insta::assert_snapshot!(sorted.join("\n"), @"
    GET github:/repos/REPO
    GET github:/repos/REPO/git/ref/heads/main
    GET github:/repos/REPO/hooks
    GET github:/user
    GET gitlab:/groups/ABOVE
    GET gitlab:/groups/TO
    GET gitlab:/metadata
    GET gitlab:/namespaces/ABOVE
    GET gitlab:/namespaces/TO
    GET gitlab:/personal_access_tokens/self
    GET gitlab:/projects/N/access_tokens
    GET gitlab:/projects/N/integrations/github
    GET gitlab:/projects/N/mirror/pull
    GET gitlab:/projects/TO
    GET gitlab:/projects/TO%2FREPO
    ");
    let _ = usual(&home).ends().succeeds();
    let mut all = asked(&world);
    for seen in looked {
        all.remove(all.iter().position(|line| *line == seen).unwrap());
    }
    all.sort();
    insta::assert_snapshot!(all.join("\n"), @"
    GET gitlab:/projects/N/pipelines
    GET gitlab:/projects/N/repository/branches/main
    ");
}

/// What is said before anything is made costs no more than the first look.
#[test]
fn of_a_plan_and_of_a_refusal() {
    let (home, world) = scene();
    let _ = usual(&home).with(["--plan"]).ends().succeeds();
    let plan = asked(&world).len();
    let (home, world) = scene_of(Sandbox::builder().tier(forge_sandbox::Tier::Free));
    let _ = usual(&home).ends().exits(5);
    assert_eq!((plan, asked(&world).len()), (13, 13));
    // A token that may not is known before its place is looked at any closer.
    let (home, world) = scene_with(Sandbox::builder(), "classic", "read-api");
    let _ = usual(&home).ends().exits(5);
    assert!(asked(&world).len() <= 12);
}
