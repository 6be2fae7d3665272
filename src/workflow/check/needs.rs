//! From what a token is wanted for to what it needs.

use crate::model::need::{Need, NeedKind, Verdict};
use crate::model::permission::{Level, Permission};
use crate::model::{ForgeKind, Task, Wish};

use super::Rights;

/// The needs, each once, in the order in which they were wanted. None is judged yet.
pub(super) fn of(forge: ForgeKind, rights: Rights<'_>, wishes: &[Wish]) -> Vec<Need> {
    let mut needs = Vec::new();
    for wish in wishes {
        for need in of_one(forge, rights, wish) {
            add(&mut needs, need);
        }
    }
    // Metadata comes with every token, and stands last as on GitHub's page.
    needs.sort_by_key(|need| need.name == "metadata");
    needs
}

fn of_one(forge: ForgeKind, rights: Rights<'_>, wish: &Wish) -> Vec<Need> {
    let wanted_for = wish.to_string();
    match (wish, forge, rights) {
        (Wish::Task(task), ForgeKind::GitHub, Rights::Scopes(_)) => {
            task.github_scopes().iter().map(|scope| scope_need(scope, &wanted_for)).collect()
        }
        (Wish::Task(task), ForgeKind::GitHub, Rights::Permissions) => {
            task.github_permissions().iter().map(|permission| permission_need(permission, &wanted_for)).collect()
        }
        (Wish::Task(task), ForgeKind::GitLab, Rights::Scopes(_)) => {
            task.gitlab_scopes().iter().map(|scope| scope_need(scope, &wanted_for)).collect()
        }
        (Wish::Task(task), ForgeKind::GitLab, Rights::Permissions) => super::granular::needs(*task, &wanted_for),
        (Wish::Permission(permission), ..) => vec![permission_need(permission, &wanted_for)],
        (Wish::Scope(scope), ..) => vec![scope_need(scope, &wanted_for)],
        (Wish::Word(word), _, Rights::Scopes(_)) => vec![scope_need(word, &wanted_for)],
        (Wish::Word(word), _, Rights::Permissions) => {
            vec![blank(word, word, NeedKind::Permission, &wanted_for)]
        }
    }
}

fn add(needs: &mut Vec<Need>, need: Need) {
    match needs.iter_mut().find(|known| known.kind == need.kind && known.name == need.name) {
        Some(known) => {
            known.level = known.level.max(need.level);
            let more = need.wanted_for.into_iter().filter(|word| !known.wanted_for.contains(word));
            let more: Vec<String> = more.collect();
            known.wanted_for.extend(more);
        }
        None => needs.push(need),
    }
}

/// A need that nobody has judged.
pub(super) fn blank(name: &str, label: &str, kind: NeedKind, wanted_for: &str) -> Need {
    Need {
        name: name.to_owned(),
        label: label.to_owned(),
        level: None,
        kind,
        wanted_for: vec![wanted_for.to_owned()],
        verdict: Verdict::Unknown,
        why: String::new(),
        add: None,
    }
}

fn scope_need(scope: &str, wanted_for: &str) -> Need {
    blank(scope, scope, NeedKind::Scope, wanted_for)
}

fn permission_need(permission: &Permission, wanted_for: &str) -> Need {
    Need { level: Some(permission.level), ..blank(permission.key, permission.label, NeedKind::Permission, wanted_for) }
}

/// The tasks that a need is for; nothing where it was named alone as well.
pub(super) fn tasks(need: &Need) -> Option<Vec<Task>> {
    need.wanted_for.iter().map(|word| word.parse().ok()).collect()
}

/// Whether a need is for these tasks and nothing else.
pub(super) fn is_only_for(need: &Need, tasks_wanted: &[Task]) -> bool {
    tasks(need).is_some_and(|tasks| tasks.iter().all(|task| tasks_wanted.contains(task)))
}

/// Whether what is wanted changes anything at the place.
pub(super) fn writes(wishes: &[Wish]) -> bool {
    wishes.iter().any(|wish| match wish {
        Wish::Task(task) => *task != Task::Read,
        Wish::Permission(permission) => permission.level > Level::Read,
        Wish::Scope(_) | Wish::Word(_) => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(rights: Rights<'_>, forge: ForgeKind, words: &[&str]) -> Vec<(String, Option<Level>, usize)> {
        let wishes: Vec<Wish> = words.iter().filter_map(|word| word.parse().ok()).collect();
        of(forge, rights, &wishes).into_iter().map(|need| (need.name, need.level, need.wanted_for.len())).collect()
    }

    #[test]
    fn each_once_at_the_highest_level() {
        let found = names(Rights::Permissions, ForgeKind::GitHub, &["read", "git", "contents=read"]);
        assert_eq!(found.first(), Some(&("contents".into(), Some(Level::Write), 3)));
        assert_eq!(found.last(), Some(&("metadata".into(), Some(Level::Read), 2)));
        assert_eq!(found.len(), 6);
        let found = names(Rights::Scopes(&[]), ForgeKind::GitHub, &["git", "repo", "gist"]);
        assert_eq!(found, [("repo".into(), None, 2), ("workflow".into(), None, 1), ("gist".into(), None, 1)]);
    }

    #[test]
    fn what_writes() {
        let writes = |words: &[&str]| {
            let wishes: Vec<Wish> = words.iter().filter_map(|word| word.parse().ok()).collect();
            writes(&wishes)
        };
        assert!(!writes(&["read", "contents", "repo"]));
        assert!(writes(&["read", "workflows"]) && writes(&["git"]));
    }
}
