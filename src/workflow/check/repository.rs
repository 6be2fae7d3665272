//! A GitHub token, and the repository it is to work in.

use crate::forge::{ForgeError, ForgeErrorKind, GitHub, Probe, Probed};
use crate::model::need::{Need, NeedKind, Verdict};
use crate::model::permission::Level;
use crate::model::place::{Repository, Role};
use crate::model::{ForgeKind, Task, TokenKind, Wish};

use super::refusal::{self, Refusal};
use super::{Case, Error, Findings, Place, Rights, Seen, hidden, needs, permissions, rights, scopes};

/// Judges what is wanted of a GitHub token.
pub(super) async fn judge(case: &Case<'_>, github: &GitHub, place: Option<&Place>) -> Result<Findings, Error> {
    let rights = rights(ForgeKind::GitHub, &case.said);
    let mut findings = Findings { needs: needs::of(ForgeKind::GitHub, rights, case.wishes), ..Findings::default() };
    let Some(Place::Repository { owner, name }) = place else {
        match rights {
            Rights::Scopes(has) => compare(has, &mut findings, scopes::Around::default()),
            Rights::Permissions => permissions::without_a_place(&mut findings.needs),
        }
        return Ok(findings);
    };
    let of_an_app = case.said.kind == TokenKind::AppInstallation;
    let repository = match github.repository(&case.secret, owner, name).await {
        // An app has permissions and no role; what GitHub says there is about nobody.
        Ok(repository) if of_an_app => Repository { role: None, ..repository },
        Ok(repository) => repository,
        // A lack of scope is answered with 404 too.
        Err(error) if matches!(error.kind, ForgeErrorKind::NotFound | ForgeErrorKind::MissingScope { .. }) => {
            return Err(hidden::repository(case, owner, name));
        }
        Err(error) => {
            if let Rights::Scopes(has) = rights {
                compare(has, &mut findings, scopes::Around { place: true, public: None });
            }
            return not_shown(case, &format!("GET repos/{owner}/{name}"), error, findings);
        }
    };
    match rights {
        Rights::Scopes(has) => {
            compare(has, &mut findings, scopes::Around { place: true, public: Some(repository.is_public()) });
        }
        Rights::Permissions => {
            findings.cut_short = permissions::try_all(case, github, &repository, &mut findings.needs).await?;
        }
    }
    if !of_an_app || repository.archived {
        findings.needs.extend(role_need(case.wishes, &repository));
    }
    if findings.cut_short.is_none() {
        findings.cut_short = own_the_organisation(case, github, &repository, &mut findings.needs).await?;
    }
    findings.seen = Some(Seen::Repository(repository));
    Ok(findings)
}

fn compare(has: &[String], findings: &mut Findings, around: scopes::Around) {
    scopes::judge(ForgeKind::GitHub, has, &mut findings.needs, around);
}

/// GitHub refused to show the repository: single sign-on and policies are a verdict on all that is wanted there.
fn not_shown(case: &Case<'_>, asked: &str, error: ForgeError, mut findings: Findings) -> Result<Findings, Error> {
    match refusal::read(&error) {
        Refusal::Everywhere(verdict) | Refusal::Here(verdict) if verdict.refuses() => {
            let add = refusal::remedy(&error, &case.host);
            refusal::everywhere(&mut findings.needs, verdict, &refusal::words(asked, &error), add.as_ref());
            Ok(findings)
        }
        _ => Err(case.failed(error)),
    }
}

/// The lowest role that a permission is of any use with. GitHub docs, "Repository roles for an organization".
pub(super) fn role_for(key: &str, level: Level) -> Role {
    match (key, level) {
        ("repository_hooks" | "administration", _) => Role::Admin,
        ("contents" | "workflows" | "statuses" | "actions", Level::Write | Level::Admin) => Role::Push,
        _ => Role::Pull,
    }
}

/// The lowest role that what is wanted needs.
fn role_for_wish(wish: &Wish) -> Role {
    match wish {
        Wish::Task(Task::Import | Task::Webhooks) => Role::Admin,
        Wish::Task(Task::Git | Task::Status) => Role::Push,
        Wish::Task(Task::Read) | Wish::Word(_) => Role::Pull,
        Wish::Permission(permission) => role_for(permission.key, permission.level),
        Wish::Scope(scope) => match scope.as_str() {
            "admin:repo_hook" | "write:repo_hook" | "read:repo_hook" => Role::Admin,
            "repo:status" | "workflow" => Role::Push,
            _ => Role::Pull,
        },
    }
}

/// What the account has to be there; nothing where whoever may look may do it.
pub(super) fn role_need(wishes: &[Wish], repository: &Repository) -> Option<Need> {
    let wanted = wishes.iter().map(role_for_wish).max().filter(|role| *role > Role::Pull)?;
    let who: Vec<String> = wishes.iter().filter(|wish| role_for_wish(wish) > Role::Pull).map(Wish::to_string).collect();
    let label = format!("Role: {}", wanted.word());
    let mut need = needs::blank(wanted.word(), &label, NeedKind::Role, "");
    need.wanted_for = who;
    let at = repository.full_name();
    if repository.archived && needs::writes(wishes) {
        need.judge(Verdict::Archived, format!("{at} is archived: nobody writes there"));
        need.add = Some("an administrator can unarchive it in its settings".to_owned());
        return Some(need);
    }
    match repository.role {
        Some(role) if role >= wanted => {
            need.judge(Verdict::Granted, format!("the account's role is `{}`", role.word()));
        }
        Some(role) => {
            need.judge(Verdict::Role, format!("the account's role is `{}`", role.word()));
            need.add = Some(format!("ask for the role `{}` in {at}", wanted.word()));
        }
        None => need.judge(Verdict::Unknown, "GitHub does not say which role the account has"),
    }
    Some(need)
}

/// An organisation's webhooks are its owners' alone; to others it hides them. Asked only where they are wanted.
async fn own_the_organisation(
    case: &Case<'_>,
    github: &GitHub,
    repository: &Repository,
    needs: &mut Vec<Need>,
) -> Result<Option<Error>, Error> {
    let wanted = needs.iter().find(|need| need.name == "admin:org_hook" && need.verdict == Verdict::Granted);
    let Some(wanted) = wanted else { return Ok(None) };
    let mut need = needs::blank("owner", "Role: owner", NeedKind::Role, "");
    need.wanted_for.clone_from(&wanted.wanted_for);
    let owner = &repository.owner;
    if !repository.of_organization {
        need.judge(Verdict::Unknown, format!("{owner} is not an organisation"));
        needs.push(need);
        return Ok(None);
    }
    let mut cut_short = None;
    match github.probe(&case.secret, repository, Probe::ReadOrganizationHooks).await {
        Ok(Probed::Has { .. }) => need.judge(Verdict::Granted, format!("{owner} shows the account its webhooks")),
        Ok(Probed::Lacks { status, .. } | Probed::Unclear { status, .. }) => {
            need.judge(Verdict::Role, format!("{owner} hides its webhooks from the account ({status})"));
            need.add = Some(format!("an owner of {owner} has to do it, or make the account one"));
        }
        Err(error) => {
            let why = refusal::words("GET hooks", &error);
            match refusal::read(&error) {
                Refusal::Here(verdict) | Refusal::Everywhere(verdict) => need.judge(verdict, why),
                Refusal::Weather => {
                    need.judge(Verdict::Unknown, why);
                    cut_short = Some(case.failed(error));
                }
                Refusal::Whole => {
                    return Err(case.failed(error));
                }
            }
        }
    }
    needs.push(need);
    Ok(cut_short)
}
