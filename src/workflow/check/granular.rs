//! A fine-grained GitLab token: it may not say what it may. Reads are tried, and GitLab's refusal names the permission
//! that is missing; writes are not tried.

use crate::forge::{ForgeError, GitLab, Readable};
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

/// What was tried in a project.
pub(super) struct Trial<'a> {
    pub(super) case: &'a Case<'a>,
    pub(super) gitlab: &'a GitLab,
    /// The project, as it was typed.
    pub(super) project: &'a str,
    /// Why it was not shown, if it was not: that is the first thing tried.
    pub(super) not_shown: Option<&'a ForgeError>,
}

/// A request in words, and how it failed.
type Refused = (String, ForgeError);

/// Nothing is tried in a group.
pub(super) fn in_a_group(needs: &mut [Need]) {
    without_a_place(needs);
    for need in needs.iter_mut().filter(|need| need.kind == NeedKind::Permission) {
        need.judge(Verdict::Unknown, "it can be tried in a project only, and not without writing in a group");
    }
}

impl Trial<'_> {
    /// Tries the reads, one after the other. Gives the error that kept from asking to the end.
    pub(super) async fn all(&self, needs: &mut [Need]) -> Result<Option<Error>, Error> {
        without_a_place(needs);
        for index in 0..needs.len() {
            let Some(need) = needs.get_mut(index).filter(|need| need.kind == NeedKind::Permission) else { continue };
            let Err((asked, error)) = self.one(need).await else { continue };
            let why = refusal::words(&asked, &error);
            match refusal::read(&error) {
                Refusal::Here(Verdict::Missing) => {
                    need.judge(Verdict::Missing, why);
                    need.add = Some(how_to_add(&error));
                }
                // A project without a repository, a feature that is switched off.
                Refusal::Here(_) => need.judge(Verdict::Unknown, why),
                Refusal::Everywhere(verdict) => {
                    let add = refusal::remedy(&error, &self.case.host);
                    refusal::everywhere(needs, verdict, &why, add.as_ref());
                    return Ok(None);
                }
                Refusal::Weather => {
                    need.judge(Verdict::Unknown, why);
                    return Ok(Some(self.case.failed(error)));
                }
                Refusal::Whole => return Err(self.case.failed(error)),
            }
        }
        Ok(None)
    }

    async fn one(&self, need: &mut Need) -> Result<(), Refused> {
        let asked = match (need.name.as_str(), readable(&need.name)) {
            ("project", _) => {
                let asked = "GET project".to_owned();
                if let Some(error) = self.not_shown {
                    return Err((asked, error.clone()));
                }
                asked
            }
            (_, Some(what)) => {
                let asked = what.asked();
                if let Err(error) = self.gitlab.read(&self.case.secret, self.project, what).await {
                    return Err((asked, error));
                }
                asked
            }
            ("import", None) => {
                need.judge(Verdict::Unknown, "it cannot be verified without writing");
                return Ok(());
            }
            (_, None) => {
                need.judge(Verdict::Unknown, "connect does not know this word, and GitLab tells no list");
                return Ok(());
            }
        };
        if need.level == Some(Level::Read) {
            need.judge(Verdict::Granted, format!("{asked}: 200"));
        } else {
            let why = format!("{asked}: 200, so it may read; it cannot be verified without writing");
            need.judge(Verdict::Unknown, why);
        }
        Ok(())
    }
}

fn how_to_add(error: &ForgeError) -> String {
    let named = named(error.said.as_deref().unwrap_or_default());
    let what = named.unwrap_or_else(|| "that permission".to_owned());
    format!("make a new token with {what}; a grant cannot be changed")
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
