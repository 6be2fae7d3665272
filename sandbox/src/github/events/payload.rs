//! The bodies of deliveries.
//!
//! Source: GitHub docs "Webhook events and payloads", the examples of octokit.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::git::{CommitInfo, NOWHERE, Repo, Signature, Update};
use crate::github::hooks::{self, Place};
use crate::github::scene::Scene;
use crate::github::{orgs, repos, repository, user};
use crate::http::fields;
use crate::world::github::{AccountKind, Hook, Pull, Repository, Role};

/// A push tells of no more commits than this.
const MOST_COMMITS: usize = 2048;

fn sender(scene: &Scene<'_>, login: &str, owner: &str) -> Value {
    let found = scene.github.account(login).or_else(|| scene.github.account(owner));
    found.map_or(Value::Null, |it| Value::Object(user::simple(scene, it)))
}

/// What every payload ends with: where it happened, and through whom.
pub(super) fn around(scene: &Scene<'_>, place: Place<'_>, by: &str) -> Map<String, Value> {
    let mut whole = Map::new();
    let owner = match place {
        Place::Organization(it) => Some(it),
        Place::Repository(it) => {
            let mut described = repos::describe(scene, it, Role::Admin);
            described.remove("permissions");
            whole.insert("repository".to_owned(), Value::Object(described));
            scene.github.account(&it.owner)
        }
    };
    if let Some(owner) = owner.filter(|it| it.kind == AccountKind::Organization) {
        whole.insert("organization".to_owned(), orgs::describe(scene, owner));
    }
    whole.insert("sender".to_owned(), sender(scene, by, owner.map_or("", |it| &it.login)));
    whole
}

fn whole(own: Value, around: Map<String, Value>) -> Value {
    let mut whole = fields(own);
    whole.extend(around);
    Value::Object(whole)
}

pub(super) fn ping(scene: &Scene<'_>, place: Place<'_>, hook: &Hook, sender: &str, now: Timestamp) -> Value {
    let described = hooks::describe(scene, place, hook, now);
    let own = json!({ "zen": "Keep it logically awesome.", "hook_id": hook.id, "hook": described });
    whole(own, around(scene, place, sender))
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
    let mut around = around(scene, Place::Repository(it), sender);
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
    whole(own, around(scene, Place::Repository(it), sender))
}
