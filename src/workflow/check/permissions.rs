//! A fine-grained GitHub token: its permissions are told by no call, so they are tried, one after the other, and only
//! those that are wanted.

use crate::forge::{ForgeError, GitHub, Probe, Probed};
use crate::model::need::{Need, NeedKind, Verdict};
use crate::model::permission::{self, Area, Level};
use crate::model::place::Repository;

use super::refusal::{self, Refusal};
use super::repository::role_for;
use super::{Case, Error, needs};

const ONLY_BY_TRYING: &str = "GitHub tells a permission only by trying it in a repository: add `--repo OWNER/REPO`";
const SCOPES_ARE_CLASSIC: &str = "this token has permissions instead of scopes; ask for the task, or the permission";
const NOT_WITHOUT_WRITING: &str = "it cannot be verified without writing";

/// What is known without a repository: metadata, which every token has.
pub(super) fn without_a_place(needs: &mut [Need]) {
    for need in needs {
        if !settled(need) {
            need.judge(Verdict::Unknown, ONLY_BY_TRYING);
        }
    }
}

/// Judges what needs no trying; false where it does.
fn settled(need: &mut Need) -> bool {
    let level = need.level.unwrap_or(Level::Read);
    match (need.kind, permission::find(&need.name).filter(|known| known.key == need.name)) {
        (NeedKind::Scope, _) => need.judge(Verdict::Unknown, SCOPES_ARE_CLASSIC),
        (_, None) => need.judge(Verdict::Unknown, "connect does not know this word, and GitHub tells no list"),
        (_, Some(known)) if !known.offers(level) => {
            need.judge(Verdict::Unknown, format!("GitHub has no such level of {}", known.label));
        }
        (_, Some(known)) if known.key == "metadata" => {
            need.judge(Verdict::Granted, "every fine-grained token has it");
        }
        _ => return false,
    }
    true
}

/// Tries what is needed in a repository. Gives the error that kept from asking to the end.
pub(super) async fn try_all(
    case: &Case<'_>,
    github: &GitHub,
    repository: &Repository,
    needs: &mut [Need],
) -> Result<Option<Error>, Error> {
    let mut trial = Trial { case, github, repository };
    let mut stop: Option<(Verdict, String, Option<String>)> = None;
    let mut cut_short = None;
    // One after the other: GitHub asks for that, and each answer decides about the next question.
    for need in needs {
        if settled(need) || trial.known_beforehand(need) {
            continue;
        }
        if let Some((verdict, why, add)) = &stop {
            need.judge(*verdict, why.clone());
            need.add.clone_from(add);
            continue;
        }
        let Err((asked, error)) = trial.judge(need).await else { continue };
        let why = refusal::words(&asked, &error);
        let add = refusal::remedy(&error, &case.host);
        match refusal::read(&error) {
            Refusal::Here(verdict) => {
                need.judge(verdict, why);
                need.add = add;
            }
            Refusal::Everywhere(verdict) => {
                need.judge(verdict, why.clone());
                need.add.clone_from(&add);
                stop = Some((verdict, why, add));
            }
            Refusal::Weather => {
                need.judge(Verdict::Unknown, why);
                stop = Some((Verdict::Unknown, format!("not asked: {}", error.reason()), None));
                cut_short = Some(case.failed(error));
            }
            Refusal::Whole => return Err(case.failed(error)),
        }
    }
    Ok(cut_short)
}

struct Trial<'a> {
    case: &'a Case<'a>,
    github: &'a GitHub,
    repository: &'a Repository,
}

/// A request in words, and how it failed.
type Refused = (String, ForgeError);

impl Trial<'_> {
    /// Judges what the repository and the role already tell, so that nothing need be sent.
    fn known_beforehand(&self, need: &mut Need) -> bool {
        let level = need.level.unwrap_or(Level::Read);
        let area = permission::find(&need.name).map_or(Area::Repository, |known| known.area);
        let wanted = role_for(&need.name, level);
        if area == Area::Account {
            need.judge(Verdict::Unknown, "it is about the user's account, which no repository tells of");
        } else if area == Area::Organization && (need.name != "organization_hooks" || !self.repository.of_organization)
        {
            need.judge(Verdict::Unknown, "it is about an organisation, which no repository tells of");
        } else if area == Area::Repository && self.repository.archived && level > Level::Read {
            need.judge(Verdict::Archived, format!("{} is archived: nobody writes there", self.repository.full_name()));
        } else if let Some(role) = self.repository.role.filter(|role| area == Area::Repository && *role < wanted) {
            need.judge(Verdict::Role, format!("needs the role `{}`; the account has `{}`", wanted.word(), role.word()));
            need.add = Some(format!("ask for the role `{}` in {}", wanted.word(), self.repository.full_name()));
        } else if self.repository.is_public()
            && level == Level::Read
            && Probe::of(&need.name, level).is_some_and(Probe::is_open_to_all)
        {
            match needs::tasks(need) {
                Some(_) => need.judge(Verdict::NotNeeded, "anybody may read it in a public repository"),
                None => {
                    need.judge(Verdict::Unknown, "a public repository is read without it: a private one would tell")
                }
            }
        } else {
            return false;
        }
        true
    }

    async fn judge(&mut self, need: &mut Need) -> Result<(), Refused> {
        let level = need.level.unwrap_or(Level::Read);
        let (read, exact) = (Probe::of(&need.name, Level::Read), Probe::of(&need.name, level));
        match (exact, read) {
            (Some(probe), _) if level == Level::Read => self.take(need, probe).await,
            // Only whoever may read hooks learns from 404 that this one does not exist.
            (Some(probe @ Probe::WriteHooks), Some(read)) => {
                self.take(need, read).await?;
                if need.verdict == Verdict::Granted { self.take(need, probe).await } else { Ok(()) }
            }
            (Some(probe), _) => self.take(need, probe).await,
            // Whoever may not even read may not write.
            (None, Some(read)) if !(self.repository.is_public() && read.is_open_to_all()) => {
                self.take(need, read).await?;
                if need.verdict == Verdict::Granted {
                    let why = format!("{}, so it may read; {NOT_WITHOUT_WRITING}", need.why);
                    need.judge(Verdict::Unknown, why);
                }
                Ok(())
            }
            (None, _) if level == Level::Read => {
                need.judge(Verdict::Unknown, "connect knows no request that would tell");
                Ok(())
            }
            (None, _) => {
                need.judge(Verdict::Unknown, NOT_WITHOUT_WRITING);
                Ok(())
            }
        }
    }

    /// Sends one probe, and reads the verdict out of it.
    async fn take(&mut self, need: &mut Need, probe: Probe) -> Result<(), Refused> {
        let asked = probe.asked();
        match self.github.probe(&self.case.secret, self.repository, probe).await {
            Ok(Probed::Has { status }) => need.judge(Verdict::Granted, format!("{asked}: {status}")),
            Ok(Probed::Unclear { status, why }) => need.judge(Verdict::Unknown, format!("{asked}: {status}, {why}")),
            Ok(Probed::Lacks { status, accepted }) => {
                let would_do = accepted.map(|accepted| format!(", GitHub wants {accepted}")).unwrap_or_default();
                need.judge(Verdict::Missing, format!("{asked}: {status}{would_do}"));
                need.add = Some(self.how_to_add(need));
            }
            Err(error) => return Err((asked, error)),
        }
        Ok(())
    }

    fn how_to_add(&self, need: &Need) -> String {
        let level = need.level.unwrap_or(Level::Read).on_the_page();
        let select = format!("select {} under \"Repository access\"", self.repository.full_name());
        format!("set {} to \"{level}\", and {select}", need.label)
    }
}
