//! Whether a new token may do at least what the old one may.
//!
//! Scopes are compared, where both have them. What a fine-grained token may do GitHub tells nobody: both tokens are
//! tried, without changing anything, in the repositories that the connection is known to be of use in, and the old one's
//! answers are compared with the new one's. What could not be compared is said, and is no reason to refuse.

use std::collections::HashMap;

use super::reach;
use crate::forge::Forge;
use crate::model::need::{Need, Verdict, allowed};
use crate::model::{Connection, ForgeKind, Inspection, Secret, Task, Wish, scope};
use crate::workflow::check::{self, Place};
use crate::workflow::{Error, Tools};

/// In how many repositories at most both tokens are tried: each takes some ten requests a token.
const TRIED: usize = 3;

/// A token, and what its forge said of it.
#[derive(Clone, Copy)]
pub(super) struct Seen<'a> {
    pub secret: &'a Secret,
    pub said: &'a Inspection,
}

/// What came of the comparison.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Compared {
    /// What the old token may do and the new one may not, a phrase each.
    pub lost: Vec<String>,
    /// What could not be compared, a sentence each.
    pub unsure: Vec<String>,
}

/// Compares the new token with the old one. `old` is nothing where that is dead or cannot be read; what the record says
/// of its scopes counts still.
pub(super) async fn compare(
    tools: &Tools<'_>,
    forge: &Forge,
    connection: &Connection,
    old: Option<Seen<'_>>,
    new: Seen<'_>,
) -> Result<Compared, Error> {
    let recorded = connection.token.as_ref().and_then(|token| token.scopes.as_ref());
    let had = old.map_or(recorded, |old| old.said.scopes.as_ref());
    if let (Some(had), Some(has)) = (had, &new.said.scopes) {
        return Ok(Compared { lost: scopes_lost(connection.forge, had, has), unsure: Vec::new() });
    }
    if connection.forge == ForgeKind::GitLab {
        let unsure = "GitLab does not say what these tokens may do, so they were not compared".to_owned();
        return Ok(Compared { lost: Vec::new(), unsure: vec![unsure] });
    }
    try_both(tools, forge, connection, old, new).await
}

/// The scopes that the new token lacks, as phrases.
fn scopes_lost(forge: ForgeKind, had: &[String], has: &[String]) -> Vec<String> {
    let lost = had.iter().filter(|wanted| scope::giver(forge, has, wanted).is_none());
    lost.map(|wanted| format!("it lacks the scope `{wanted}`")).collect()
}

async fn try_both(
    tools: &Tools<'_>,
    forge: &Forge,
    connection: &Connection,
    old: Option<Seen<'_>>,
    new: Seen<'_>,
) -> Result<Compared, Error> {
    let mut compared = Compared::default();
    let repositories = reach::repositories(tools, connection);
    if repositories.is_empty() {
        compared.unsure.push(
            "GitHub does not say what a fine-grained token may do, and no repository of this one is known: \
             nothing was compared"
                .to_owned(),
        );
        return Ok(compared);
    }
    for path in repositories.iter().take(TRIED) {
        let Some((owner, name)) = path.split_once('/') else { continue };
        let place = Place::Repository { owner: owner.to_owned(), name: name.to_owned() };
        let before = match old {
            Some(old) => needs(connection, forge, old, &place).await?,
            None => None,
        };
        if old.is_some() && before.is_none() {
            // The old one does not see it either: nothing can be lost there.
            continue;
        }
        match needs(connection, forge, new, &place).await? {
            None => compared.lost.push(format!("it does not see {path}")),
            Some(now) => in_one_place(path, &before.unwrap_or_default(), &now, &mut compared),
        }
    }
    let (tried, left) = repositories.split_at(repositories.len().min(TRIED));
    let beyond = if left.is_empty() { String::new() } else { format!(", and in {} more", left.len()) };
    compared.unsure.push(match old {
        Some(_) => format!(
            "both tokens were tried in {}, as far as that goes without writing; what they may do elsewhere{beyond} \
             GitHub does not say",
            tried.join(", ")
        ),
        None => "the old token no longer answers, so what it could do was not compared".to_owned(),
    });
    Ok(compared)
}

/// What each task needs in a repository, judged; nothing where the token does not see it.
async fn needs(
    connection: &Connection,
    forge: &Forge,
    token: Seen<'_>,
    place: &Place,
) -> Result<Option<Vec<Need>>, Error> {
    let wishes = Task::ALL.map(Wish::Task);
    match check::at_place(connection, forge, token.secret, token.said, &wishes, place).await {
        Ok(findings) => Ok(Some(findings.needs)),
        Err(Error::Hidden { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Compares need for need; where one token has scopes and the other permissions, task for task.
fn in_one_place(path: &str, before: &[Need], now: &[Need], compared: &mut Compared) {
    let known: HashMap<&str, &Need> = now.iter().map(|need| (need.name.as_str(), need)).collect();
    let same_words = before.iter().all(|need| known.contains_key(need.name.as_str()));
    if same_words {
        let had = before.iter().filter(|need| need.verdict == Verdict::Granted);
        let lost = had.filter(|need| known.get(need.name.as_str()).is_some_and(|now| now.verdict.refuses()));
        compared.lost.extend(lost.map(|need| format!("in {path} it lacks {}", in_words(need))));
        return;
    }
    for task in Task::ALL {
        let of = |needs: &[Need]| {
            let of_it = needs.iter().filter(|need| need.wanted_for.iter().any(|word| word == task.word()));
            allowed(&of_it.cloned().collect::<Vec<_>>())
        };
        if of(before) == Some(true) && of(now) == Some(false) {
            compared.lost.push(format!("in {path} it may not do `{}`", task.word()));
        }
    }
}

fn in_words(need: &Need) -> String {
    match need.level {
        Some(level) => format!("`{}` ({level})", need.label),
        None => format!("`{}`", need.name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::need::NeedKind;
    use crate::model::permission::Level;

    fn words(list: &[&str]) -> Vec<String> {
        list.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn scopes_are_compared_with_what_they_include() {
        for (had, has, lost) in [
            (vec!["repo", "workflow"], vec!["workflow", "repo", "gist"], 0),
            (vec!["repo:status"], vec!["repo"], 0),
            (vec!["repo"], vec!["repo:status", "public_repo"], 1),
            (vec!["repo", "read:org", "gist"], vec![], 3),
            (vec![], vec![], 0),
            (vec!["a_later_one"], vec!["a_later_one"], 0),
            (vec!["a_later_one"], vec!["repo"], 1),
        ] {
            let found = scopes_lost(ForgeKind::GitHub, &words(&had), &words(&has));
            assert_eq!(found.len(), lost, "{had:?} {has:?}: {found:?}");
        }
        assert!(scopes_lost(ForgeKind::GitLab, &words(&["read_api", "self_rotate"]), &words(&["api"])).is_empty());
    }

    fn need(name: &str, level: Option<Level>, task: Task, verdict: Verdict) -> Need {
        Need {
            name: name.to_owned(),
            label: name.to_owned(),
            level,
            kind: NeedKind::Permission,
            wanted_for: vec![task.word().to_owned()],
            verdict,
            why: String::new(),
            add: None,
        }
    }

    #[test]
    fn need_for_need_and_task_for_task() {
        let hooks = |verdict| need("repository_hooks", Some(Level::Write), Task::Webhooks, verdict);
        let mut compared = Compared::default();
        for (before, now) in [
            (Verdict::Granted, Verdict::Unknown),
            (Verdict::Unknown, Verdict::Missing),
            (Verdict::Missing, Verdict::Missing),
        ] {
            in_one_place("o/r", &[hooks(before)], &[hooks(now)], &mut compared);
            assert_eq!(compared, Compared::default(), "{before:?} {now:?}");
        }
        in_one_place("o/r", &[hooks(Verdict::Granted)], &[hooks(Verdict::Missing)], &mut compared);
        assert_eq!(compared.lost, ["in o/r it lacks `repository_hooks` (write)"]);
        let classic = need("admin:repo_hook", None, Task::Webhooks, Verdict::Granted);
        in_one_place("o/r", &[classic], &[hooks(Verdict::Missing)], &mut compared);
        assert_eq!(compared.lost.last().map(String::as_str), Some("in o/r it may not do `webhooks`"));
    }
}
