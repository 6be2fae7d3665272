//! Comparing scopes: what the token has with what is needed. Nothing is sent.

use crate::model::need::{Need, NeedKind, Verdict};
use crate::model::permission::{Level, classic_scope};
use crate::model::{ForgeKind, Task, scope};

use super::needs::is_only_for;

/// What is known of the place.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Around {
    /// Whether one was given.
    pub(super) place: bool,
    /// Whether anybody may read it; nothing where that is not known.
    pub(super) public: Option<bool>,
}

/// Judges all needs that are scopes, or that scopes can answer.
pub(super) fn judge(forge: ForgeKind, has: &[String], needs: &mut [Need], around: Around) {
    for need in needs {
        let wanted = match need.kind {
            NeedKind::Scope => need.name.clone(),
            NeedKind::Permission => match by_classic_scope(forge, need) {
                Some(scope) => scope,
                None => continue,
            },
            NeedKind::Role | NeedKind::Licence => continue,
        };
        judge_one(forge, has, need, &wanted, around);
    }
}

/// The classic scope that stands for a permission; where there is none, the need is judged here.
fn by_classic_scope(forge: ForgeKind, need: &mut Need) -> Option<String> {
    let level = need.level.unwrap_or(Level::Read);
    match forge {
        ForgeKind::GitLab => {
            need.judge(Verdict::Unknown, "this is a permission of GitHub's; GitLab has none of that name");
            None
        }
        ForgeKind::GitHub if need.name == "metadata" && level == Level::Read => {
            need.judge(Verdict::Granted, "no classic token needs a scope for it");
            None
        }
        ForgeKind::GitHub => {
            let scope = classic_scope(&need.name, level);
            if scope.is_none() {
                need.judge(Verdict::Unknown, "which classic scope stands for it is not known to connect");
            }
            scope.map(str::to_owned)
        }
    }
}

fn judge_one(forge: ForgeKind, has: &[String], need: &mut Need, wanted: &str, around: Around) {
    if let Some(giver) = scope::giver(forge, has, wanted) {
        let why = if giver == wanted {
            format!("the token has `{wanted}`")
        } else {
            format!("the token has `{giver}`, which includes `{wanted}`")
        };
        return need.judge(Verdict::Granted, why);
    }
    if !scope::is_known(forge, wanted) {
        let why = if scope::is_known(forge.other(), wanted) {
            format!("`{wanted}` is a scope of {}; the token's list does not have it", forge.other())
        } else {
            "the token's list does not have it, and connect does not know this word".to_owned()
        };
        // The list is whole: whatever it is, the token has not been given it.
        return need.judge(Verdict::Missing, why);
    }
    if let Some((verdict, why)) = spared(forge, has, need, wanted, around) {
        return need.judge(verdict, why);
    }
    let list = if has.is_empty() { "no scope at all".to_owned() } else { format!("`{}`", has.join("`, `")) };
    need.judge(Verdict::Missing, format!("the token has {list}"));
    need.add = Some(match forge {
        ForgeKind::GitHub => format!("tick `{wanted}` on the token's page; its value stays the same"),
        ForgeKind::GitLab => format!("make a new token with `{wanted}`; a token's scopes cannot be changed"),
    });
}

/// Where a scope that is not there is not needed, or not altogether.
fn spared(
    forge: ForgeKind,
    has: &[String],
    need: &Need,
    wanted: &str,
    around: Around,
) -> Option<(Verdict, &'static str)> {
    let open = around.public == Some(true);
    match forge {
        ForgeKind::GitHub if wanted == "repo" && open && is_only_for(need, &[Task::Read]) => {
            Some((Verdict::NotNeeded, "anybody may read a public repository"))
        }
        ForgeKind::GitHub if wanted == "read:org" && around.place && is_only_for(need, &[Task::Read]) => {
            Some((Verdict::NotNeeded, "it is for reading organisations; a repository is read without it"))
        }
        ForgeKind::GitHub if has.iter().any(|one| one == "public_repo") && scope::public_repo_is_enough(wanted) => {
            let by_name = super::needs::tasks(need).is_none();
            match around.public {
                Some(true) => {
                    Some((Verdict::Granted, "the token has `public_repo`, which is enough where all may read"))
                }
                None if !by_name => Some((
                    Verdict::Unknown,
                    "the token has `public_repo`, enough for public repositories only; name one with `--repo`",
                )),
                _ => None,
            }
        }
        ForgeKind::GitLab if wanted == "read_repository" && open && is_only_for(need, &[Task::Read]) => {
            Some((Verdict::NotNeeded, "anybody may read a public project"))
        }
        ForgeKind::GitLab if wanted == "read_user" && is_only_for(need, &[Task::Git]) => {
            Some((Verdict::NotNeeded, "git works without it; connect then does not learn the account's name"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Rights, needs};
    use super::*;
    use crate::model::Wish;

    fn verdicts(forge: ForgeKind, has: &[&str], wanted: &[&str], around: Around) -> Vec<(String, &'static str)> {
        let has: Vec<String> = has.iter().map(|scope| (*scope).to_owned()).collect();
        let wishes: Vec<Wish> = wanted.iter().filter_map(|word| word.parse().ok()).collect();
        let mut needs = needs::of(forge, Rights::Scopes(&has), &wishes);
        judge(forge, &has, &mut needs, around);
        needs.into_iter().map(|need| (need.name, need.verdict.word())).collect()
    }

    #[test]
    fn github_by_task_and_scope() {
        let nowhere = Around::default();
        let public = Around { place: true, public: Some(true) };
        let private = Around { place: true, public: Some(false) };
        for (has, wanted, around, expected) in [
            (vec!["repo", "workflow"], "git", nowhere, vec!["granted", "granted"]),
            (vec!["repo"], "git", nowhere, vec!["granted", "missing"]),
            (vec![], "git", nowhere, vec!["missing", "missing"]),
            (vec!["public_repo", "workflow"], "git", nowhere, vec!["unknown", "granted"]),
            (vec!["public_repo", "workflow"], "git", public, vec!["granted", "granted"]),
            (vec!["public_repo", "workflow"], "git", private, vec!["missing", "granted"]),
            (vec!["public_repo"], "repo", public, vec!["granted"]),
            (vec!["public_repo"], "repo", nowhere, vec!["missing"]),
            (vec!["repo"], "webhooks", nowhere, vec!["granted"]),
            (vec!["public_repo"], "webhooks", public, vec!["granted"]),
            (vec!["write:repo_hook"], "webhooks", nowhere, vec!["missing"]),
            (vec!["write:repo_hook"], "read:repo_hook", nowhere, vec!["granted"]),
            (vec!["repo:status"], "status", private, vec!["granted"]),
            (vec!["public_repo"], "status", private, vec!["missing"]),
            (vec!["repo"], "read", private, vec!["granted", "not_needed"]),
            (vec!["repo"], "read", nowhere, vec!["granted", "missing"]),
            (vec![], "read", public, vec!["not_needed", "not_needed"]),
            (vec!["admin:org"], "read:org", nowhere, vec!["granted"]),
            (vec!["repo"], "invented", nowhere, vec!["missing"]),
            (vec!["invented"], "invented", nowhere, vec!["granted"]),
            (vec!["repo"], "read_api", nowhere, vec!["missing"]),
            (vec!["repo"], "Contents=write", nowhere, vec!["granted"]),
            (vec!["repo:status"], "Contents", nowhere, vec!["missing"]),
            (vec!["repo:status"], "statuses=write", nowhere, vec!["granted"]),
            (vec!["repo"], "merge_queues", nowhere, vec!["unknown"]),
            (vec![], "metadata", nowhere, vec!["granted"]),
        ] {
            let found: Vec<&str> =
                verdicts(ForgeKind::GitHub, &has, &[wanted], around).into_iter().map(|(_, verdict)| verdict).collect();
            assert_eq!(found, expected, "{has:?} for {wanted} {around:?}");
        }
    }

    #[test]
    fn gitlab_by_task_and_scope() {
        let nowhere = Around::default();
        for (has, wanted, expected) in [
            (vec!["api"], "git", vec!["granted", "granted", "granted"]),
            (vec!["write_repository"], "git", vec!["not_needed", "granted", "granted"]),
            (vec!["read_repository"], "git", vec!["not_needed", "granted", "missing"]),
            (vec!["read_api", "read_repository"], "read", vec!["granted", "granted"]),
            (vec!["read_api"], "read", vec!["granted", "missing"]),
            (vec!["read_api"], "import", vec!["missing"]),
            (vec!["api"], "webhooks", vec!["granted"]),
            (vec!["read_api"], "read_user", vec!["granted"]),
            (vec!["api"], "sudo", vec!["missing"]),
            (vec!["api"], "Contents", vec!["unknown"]),
            (vec!["api"], "repo", vec!["missing"]),
        ] {
            let found: Vec<&str> =
                verdicts(ForgeKind::GitLab, &has, &[wanted], nowhere).into_iter().map(|(_, verdict)| verdict).collect();
            assert_eq!(found, expected, "{has:?} for {wanted}");
        }
    }
}
