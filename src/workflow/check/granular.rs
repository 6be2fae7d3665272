//! A fine-grained GitLab token: it may not say what it may. Reads are tried, and GitLab's refusal names the permission
//! that is missing; writes are not tried.

use crate::forge::{ForgeErrorKind, GitLab, Readable};
use crate::model::Task;
use crate::model::need::{Need, NeedKind, Verdict};
use crate::model::permission::Level;

use super::refusal::{self, Refusal};
use super::{Case, Error, needs};

/// What a task reads and writes. The names are connect's: GitLab's own come with its refusals.
pub(super) fn needs(task: Task, wanted_for: &str) -> Vec<Need> {
    use Level::{Read, Write};
    let all: &[(&str, &str, Level)] = match task {
        Task::Git => &[("repository", "Repository", Write)],
        Task::Read => &[("project", "Project", Read), ("repository", "Repository", Read)],
        Task::Webhooks => &[("hooks", "Webhooks", Write)],
        Task::Status => &[("statuses", "Commit statuses", Write)],
        Task::Import => {
            &[("project", "Project", Write), ("hooks", "Webhooks", Write), ("import", "GitHub import", Write)]
        }
    };
    all.iter()
        .map(|(name, label, level)| Need {
            level: Some(*level),
            ..needs::blank(name, label, NeedKind::Permission, wanted_for)
        })
        .collect()
}

/// Nothing can be tried without a project.
pub(super) fn without_a_place(needs: &mut [Need]) {
    for need in needs {
        need.judge(
            Verdict::Unknown,
            match need.kind {
                NeedKind::Scope => "a fine-grained token has permissions instead of scopes",
                _ => "GitLab tells a permission only by trying it in a project: add `--project GROUP/PROJECT`",
            },
        );
    }
}

/// Tries the reads in a project, one after the other. Gives the error that kept from asking to the end.
pub(super) async fn try_all(
    case: &Case<'_>,
    gitlab: &GitLab,
    project: Option<&str>,
    needs: &mut [Need],
) -> Result<Option<Error>, Error> {
    without_a_place(needs);
    let Some(project) = project else {
        for need in needs.iter_mut().filter(|need| need.kind == NeedKind::Permission) {
            need.judge(Verdict::Unknown, "it can be tried in a project only, and not without writing in a group");
        }
        return Ok(None);
    };
    for need in needs.iter_mut().filter(|need| need.kind == NeedKind::Permission) {
        let (asked, outcome) = match need.name.as_str() {
            "project" => ("GET project".to_owned(), gitlab.project(&case.secret, project).await.map(drop)),
            "import" => {
                need.judge(Verdict::Unknown, "it cannot be verified without writing");
                continue;
            }
            other => match readable(other) {
                Some(what) => (what.asked(), gitlab.read(&case.secret, project, what).await),
                None => {
                    need.judge(Verdict::Unknown, "connect does not know this word, and GitLab tells no list");
                    continue;
                }
            },
        };
        let Err(error) = outcome else {
            if need.level == Some(Level::Read) {
                need.judge(Verdict::Granted, format!("{asked}: 200"));
            } else {
                need.judge(
                    Verdict::Unknown,
                    format!("{asked}: 200, so it may read; it cannot be verified without writing"),
                );
            }
            continue;
        };
        let why = refusal::words(&asked, &error);
        match refusal::read(&error) {
            Refusal::Here(Verdict::Missing) => {
                need.judge(Verdict::Missing, why);
                let named = named(error.said.as_deref().unwrap_or_default());
                need.add = Some(match (&error.kind, named) {
                    (ForgeErrorKind::MissingGranularPermission, Some(name)) => {
                        format!("make a new token with {name}; a grant cannot be changed")
                    }
                    _ => "make a new token with that permission; a grant cannot be changed".to_owned(),
                });
            }
            // A project without a repository, a feature that is switched off.
            Refusal::Here(_) => need.judge(Verdict::Unknown, why),
            Refusal::Everywhere(verdict) => {
                let add = refusal::remedy(&error, &case.host);
                refusal::everywhere(needs, verdict, &why, add.as_ref());
                return Ok(None);
            }
            Refusal::Weather => {
                need.judge(Verdict::Unknown, why);
                return Ok(Some(Error::of_forge(Some(&case.host), Some(&case.connection.name))(error)));
            }
            Refusal::Whole => return Err(Error::of_forge(Some(&case.host), Some(&case.connection.name))(error)),
        }
    }
    Ok(None)
}

fn readable(name: &str) -> Option<Readable> {
    Some(match name {
        "repository" => Readable::Repository,
        "hooks" => Readable::Hooks,
        "statuses" => Readable::Statuses,
        _ => return None,
    })
}

/// The permissions that GitLab's sentence names: `… the following permissions: [read_project].`
fn named(said: &str) -> Option<String> {
    let (_, rest) = said.split_once('[')?;
    let (names, _) = rest.split_once(']')?;
    (!names.trim().is_empty()).then(|| format!("`{}`", names.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permissions_in_a_sentence() {
        assert_eq!(named("lacks the required permissions: [read_user]").as_deref(), Some("`read_user`"));
        assert_eq!(named("permissions: [Project: Read, Hook: Read].").as_deref(), Some("`Project: Read, Hook: Read`"));
        for said in ["", "nothing", "[]", "]x["] {
            assert_eq!(named(said), None, "{said}");
        }
    }
}
