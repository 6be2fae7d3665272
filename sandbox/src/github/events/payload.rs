//! The bodies of deliveries.
//!
//! Source: GitHub docs "Webhook events and payloads", the examples of octokit.

use serde_json::{Map, Value, json};

use crate::git::{CommitInfo, NOWHERE, Repo, Signature, Update};
use crate::github::scene::Scene;
use crate::github::{repos, repository, user};
use crate::http::fields;
use crate::world::github::{AccountKind, Pull, Repository, Role};

/// A push tells of no more commits than this.
const MOST_COMMITS: usize = 2048;

/// What every payload ends with: where it happened, and through whom.
fn around(scene: &Scene<'_>, it: &Repository, sender: &str) -> Map<String, Value> {
    let mut whole = Map::new();
    let mut described = repos::describe(scene, it, Role::Admin);
    described.remove("permissions");
    whole.insert("repository".to_owned(), Value::Object(described));
    if let Some(owner) = scene.github.account(&it.owner).filter(|it| it.kind == AccountKind::Organization) {
        let url = format!("{}/orgs/{}", scene.api, owner.login);
        let organisation = json!({ "login": owner.login, "id": owner.id, "url": url, "description": owner.name });
        whole.insert("organization".to_owned(), organisation);
    }
    let sender = scene.github.account(sender).or_else(|| scene.github.account(&it.owner));
    whole.insert("sender".to_owned(), sender.map_or(Value::Null, |it| Value::Object(user::simple(scene, it))));
    whole
}

fn whole(own: Value, around: Map<String, Value>) -> Value {
    let mut whole = fields(own);
    whole.extend(around);
    Value::Object(whole)
}

pub(super) fn ping(scene: &Scene<'_>, it: &Repository, hook: u64, sender: &str) -> Value {
    let described = it.hooks.iter().find(|it| it.id == hook).map(|hook| repository::describe_hook(scene, it, hook));
    let own = json!({ "zen": "Keep it logically awesome.", "hook_id": hook, "hook": described });
    whole(own, around(scene, it, sender))
}

fn person(scene: &Scene<'_>, signature: &Signature) -> Value {
    // Who writes under GitHub's own address is known by it.
    let login = signature.email.strip_suffix("@users.noreply.github.com").and_then(|local| local.split('+').nth(1));
    let login = login.filter(|login| scene.github.account(login).is_some());
    let mut person = json!({ "name": signature.name, "email": signature.email, "date": signature.when.to_string() });
    if let Some(login) = login {
        person["username"] = json!(login);
    }
    person
}

fn commit(scene: &Scene<'_>, it: &Repository, git: &Repo, commit: &CommitInfo) -> Value {
    let changed = git.changed(commit.parents.first().map(String::as_str), &commit.sha).unwrap_or_default();
    json!({
        "id": commit.sha,
        "tree_id": commit.tree,
        "distinct": true,
        "message": commit.message,
        "timestamp": commit.committer.when.to_string(),
        "url": format!("{}/{}/commit/{}", scene.site, it.full_name(), commit.sha),
        "author": person(scene, &commit.author),
        "committer": person(scene, &commit.committer),
        "added": changed.added,
        "removed": changed.removed,
        "modified": changed.modified,
    })
}

/// The commits of a push, the oldest first.
fn commits(git: &Repo, it: &Repository, update: &Update) -> Vec<CommitInfo> {
    let Some(after) = &update.after else {
        return Vec::new();
    };
    // What is new of a new branch is what the default one lacks.
    let trunk = git.head(&it.default_branch).ok().flatten();
    let trunk = trunk.filter(|_| update.branch() != Some(&it.default_branch));
    let known = update.before.clone().or(trunk);
    let mut commits = git.log_without(after, known.as_deref()).unwrap_or_default();
    commits.truncate(MOST_COMMITS);
    commits.reverse();
    commits
}

pub(super) fn push(scene: &Scene<'_>, it: &Repository, update: &Update, sender: &str) -> Value {
    let mut around = around(scene, it, sender);
    let pusher = scene.github.account(sender).map(|account| {
        let email = format!("{}+{}@users.noreply.github.com", account.id, account.login);
        json!({ "name": account.login, "email": email })
    });
    let place = &mut around["repository"];
    place["owner"]["name"] = json!(it.owner);
    place["owner"]["email"] = Value::Null;
    place["master_branch"] = json!(it.default_branch);
    place["stargazers"] = json!(0);
    let (before, after) = (update.before.as_deref(), update.after.as_deref());
    let (forced, listed, head) = match it.git() {
        Ok(git) => {
            let forced = before.zip(after).is_some_and(|(old, new)| !git.is_ancestor(old, new).unwrap_or(true));
            let listed: Vec<Value> =
                commits(&git, it, update).iter().map(|it_is| commit(scene, it, &git, it_is)).collect();
            let head = after.and_then(|after| {
                let target =
                    git.resolve(after).ok().flatten().or_else(|| git.resolve(&update.reference).ok().flatten());
                git.commit_info(&target?).ok().flatten().map(|it_is| commit(scene, it, &git, &it_is))
            });
            (forced, listed, head)
        }
        Err(_) => (false, Vec::new(), None),
    };
    let short = |sha: Option<&str>| sha.unwrap_or(NOWHERE)[..12].to_owned();
    let own = json!({
        "ref": update.reference,
        "before": before.unwrap_or(NOWHERE),
        "after": after.unwrap_or(NOWHERE),
        "created": before.is_none(),
        "deleted": after.is_none(),
        "forced": forced,
        "base_ref": null,
        "compare": format!("{}/{}/compare/{}...{}", scene.site, it.full_name(), short(before), short(after)),
        "commits": listed,
        "head_commit": head,
        "pusher": pusher,
    });
    whole(own, around)
}

pub(super) fn pull_request(scene: &Scene<'_>, it: &Repository, pull: &Pull, action: &str, sender: &str) -> Value {
    let own = json!({
        "action": action,
        "number": pull.number,
        "pull_request": repository::describe_pull(scene, it, pull),
    });
    whole(own, around(scene, it, sender))
}
