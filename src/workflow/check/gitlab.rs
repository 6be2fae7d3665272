//! A GitLab token, and the project or group it is to work in.

use crate::forge::{ForgeError, ForgeErrorKind, GitLab};
use crate::model::need::{Need, NeedKind, Verdict};
use crate::model::place::{AccessLevel, Group, Project, role_word};
use crate::model::{ForgeKind, Task, Wish};

use super::refusal::{self, Refusal};
use super::{Case, Error, Findings, Place, Rights, Seen, granular, hidden, needs, rights, scopes};

const REPORTER: AccessLevel = 20;
const DEVELOPER: AccessLevel = 30;
const MAINTAINER: AccessLevel = 40;
const OWNER: AccessLevel = 50;

/// Judges what is wanted of a GitLab token.
pub(super) async fn judge(case: &Case<'_>, gitlab: &GitLab, place: Option<&Place>) -> Result<Findings, Error> {
    let rights = rights(ForgeKind::GitLab, &case.said);
    let mut findings = Findings { needs: needs::of(ForgeKind::GitLab, rights, case.wishes), ..Findings::default() };
    let Some(place) = place else {
        match rights {
            Rights::Scopes(has) => {
                scopes::judge(ForgeKind::GitLab, has, &mut findings.needs, scopes::Around::default());
            }
            Rights::Permissions => granular::without_a_place(&mut findings.needs),
        }
        return Ok(findings);
    };
    let found = match find(case, gitlab, place).await {
        Err(error) if error.kind == ForgeErrorKind::NotFound => return Err(hidden::gitlab(case, place)),
        found => found,
    };
    let public = match &found {
        Ok(Seen::Project(project)) => Some(project.visibility == "public"),
        _ => None,
    };
    match (rights, &found) {
        (Rights::Scopes(has), _) => {
            scopes::judge(ForgeKind::GitLab, has, &mut findings.needs, scopes::Around { place: true, public });
        }
        (Rights::Permissions, Ok(Seen::Group(..))) => granular::in_a_group(&mut findings.needs),
        // A group that the token may not look at is no project to try things in.
        (Rights::Permissions, Err(_)) if matches!(place, Place::Group(_)) => {
            granular::in_a_group(&mut findings.needs);
        }
        (Rights::Permissions, shown) => {
            let trial = granular::Trial { case, gitlab, project: &place.path(), not_shown: shown.as_ref().err() };
            findings.cut_short = trial.all(&mut findings.needs).await?;
        }
    }
    match found {
        Ok(seen) => {
            if findings.cut_short.is_none() {
                let mut at = At { case, gitlab, cut_short: None };
                let more = at.judge(&seen, &mut findings).await?;
                findings.needs.extend(more);
                findings.cut_short = at.cut_short;
            }
            findings.seen.get_or_insert(seen);
            Ok(findings)
        }
        Err(error) => not_shown(case, place, error, findings),
    }
}

/// The project or group; a path that is the other one is taken as that.
async fn find(case: &Case<'_>, gitlab: &GitLab, place: &Place) -> Result<Seen, ForgeError> {
    let token = &case.secret;
    let path = place.path();
    let project = async || gitlab.project(token, &path).await.map(Seen::Project);
    let group = async || gitlab.group(token, &path).await.map(|group| Seen::Group(group, None));
    let is_absent = |error: &ForgeError| error.kind == ForgeErrorKind::NotFound;
    match place {
        Place::Group(_) => match group().await {
            Err(error) if is_absent(&error) => project().await,
            other => other,
        },
        _ => match project().await {
            Err(error) if is_absent(&error) => group().await,
            other => other,
        },
    }
}

/// The forge refused to show the place.
fn not_shown(case: &Case<'_>, place: &Place, error: ForgeError, mut findings: Findings) -> Result<Findings, Error> {
    let why = refusal::words(&format!("GET {}", place.path()), &error);
    match refusal::read(&error) {
        Refusal::Everywhere(verdict) => {
            let add = refusal::remedy(&error, &case.host);
            refusal::everywhere(&mut findings.needs, verdict, &why, add.as_ref());
            Ok(findings)
        }
        // The token may not look at the place: what it may do there is told by its rights alone.
        Refusal::Here(Verdict::Missing | Verdict::Unknown) if error.kind.says_not_allowed() => {
            if let Some((level, wanted_for)) = role_for(case.wishes, matches!(place, Place::Group(_))) {
                let mut need = role_need(level, wanted_for);
                need.judge(Verdict::Unknown, why);
                findings.needs.push(need);
            }
            Ok(findings)
        }
        _ => Err(case.failed(error)),
    }
}

/// The lowest role for what is wanted, and for which words. GitLab docs, "Roles and permissions".
fn role_for(wishes: &[Wish], in_group: bool) -> Option<(AccessLevel, Vec<String>)> {
    let one = |wish: &Wish| match wish {
        Wish::Task(Task::Webhooks) if in_group => OWNER,
        Wish::Task(Task::Import | Task::Webhooks) => MAINTAINER,
        Wish::Task(Task::Git | Task::Status) => DEVELOPER,
        Wish::Task(Task::Read) => REPORTER,
        _ => 0,
    };
    let level = wishes.iter().map(one).max().filter(|level| *level > 0)?;
    Some((level, wishes.iter().filter(|wish| one(wish) > 0).map(Wish::to_string).collect()))
}

pub(in super::super) fn role_need(level: AccessLevel, wanted_for: Vec<String>) -> Need {
    let word = role_word(level);
    Need { wanted_for, ..needs::blank(word, &format!("Role: {word}"), NeedKind::Role, "") }
}

/// What is asked once the place is known.
struct At<'a> {
    case: &'a Case<'a>,
    gitlab: &'a GitLab,
    cut_short: Option<Error>,
}

impl At<'_> {
    async fn judge(&mut self, seen: &Seen, findings: &mut Findings) -> Result<Vec<Need>, Error> {
        match seen {
            Seen::Project(project) => self.in_project(project).await,
            Seen::Group(group, _) => self.in_group(group, findings).await,
            Seen::Repository(_) => Ok(Vec::new()),
        }
    }

    fn wants(&self, task: Task) -> bool {
        self.case.wishes.contains(&Wish::Task(task))
    }

    async fn in_project(&mut self, project: &Project) -> Result<Vec<Need>, Error> {
        let mut more = Vec::new();
        if let Some((level, wanted_for)) = role_for(self.case.wishes, false) {
            let mut need = role_need(level, wanted_for);
            let open = project.visibility != "private" && level <= REPORTER;
            if project.archived && needs::writes(self.case.wishes) {
                archived(&mut need, &project.path);
            } else if open && project.role.is_none_or(|role| role < level) {
                need.judge(
                    Verdict::NotNeeded,
                    format!("the project is {}: the account may read it", project.visibility),
                );
            } else if let Some(role) = project.role {
                compare(&mut need, role, level, &project.path);
            } else {
                self.without_a_role(&mut need, level, &project.path).await?;
            }
            more.push(need);
        }
        if self.wants(Task::Import) {
            let mut need = licence_need();
            match (project.may_mirror, project.role) {
                (true, _) => need.judge(Verdict::Granted, format!("{} shows the key `mirror`", project.path)),
                // To strangers a project shows less of itself.
                (false, None) => need.judge(Verdict::Unknown, "only a member sees whether it is licensed"),
                (false, Some(_)) => no_licence(&mut need, format!("{} does not show the key `mirror`", project.path)),
            }
            more.push(need);
        }
        Ok(more)
    }

    async fn in_group(&mut self, group: &Group, findings: &mut Findings) -> Result<Vec<Need>, Error> {
        let mut more = Vec::new();
        let mut role = None;
        if let Some((level, wanted_for)) = role_for(self.case.wishes, true) {
            let mut need = role_need(level, wanted_for);
            role = self.role_in(group, &mut need).await?;
            if group.archived && needs::writes(self.case.wishes) {
                archived(&mut need, &group.path);
            } else if let Some(role) = role {
                compare(&mut need, role, level, &group.path);
            }
            more.push(need);
        }
        if self.wants(Task::Import) {
            more.push(may_create(group, role));
        }
        if (self.wants(Task::Import) || self.wants(Task::Webhooks)) && self.cut_short.is_none() {
            more.push(self.licence_of(group).await?);
        }
        findings.seen = Some(Seen::Group(group.clone(), role));
        Ok(more)
    }

    /// The account's role in a group; where it cannot be told, the need is judged.
    async fn role_in(&mut self, group: &Group, need: &mut Need) -> Result<Option<AccessLevel>, Error> {
        let me = match self.gitlab.me(&self.case.secret).await {
            Ok(me) => Some(me),
            Err(error) if error.kind.says_not_allowed() => None,
            Err(error) => return self.weather(need, "GET user", error).map(|()| None),
        };
        let id = me.and_then(|me| me.id).or_else(|| self.case.connection.account.as_ref().and_then(|a| a.id));
        let Some(id) = id else {
            need.judge(Verdict::Unknown, "the token may not say whose it is, so its role cannot be looked up");
            return Ok(None);
        };
        match self.gitlab.role_in_group(&self.case.secret, group.id, id).await {
            Ok(Some(role)) => Ok(Some(role)),
            Ok(None) if me.is_some_and(|me| me.is_admin) => {
                self.as_administrator(need);
                Ok(None)
            }
            Ok(None) => Ok(Some(0)),
            Err(error) => self.weather(need, "GET members", error).map(|()| None),
        }
    }

    /// Nobody's member: an administrator may all the same.
    async fn without_a_role(&mut self, need: &mut Need, level: AccessLevel, path: &str) -> Result<(), Error> {
        match self.gitlab.me(&self.case.secret).await {
            Ok(me) if me.is_admin => {
                self.as_administrator(need);
                Ok(())
            }
            Ok(_) => {
                compare(need, 0, level, path);
                Ok(())
            }
            Err(error) if error.kind.says_not_allowed() => {
                need.judge(Verdict::Unknown, "the account has no role of its own there");
                Ok(())
            }
            Err(error) => self.weather(need, "GET user", error),
        }
    }

    /// GitLab docs, "Admin Mode": where it is on, a token needs the scope of that name.
    fn as_administrator(&self, need: &mut Need) {
        let has = self.case.said.scopes.as_ref().is_some_and(|scopes| scopes.iter().any(|scope| scope == "admin_mode"));
        if has {
            need.judge(Verdict::Granted, "the account administers the instance, and the token has `admin_mode`");
        } else {
            let why = "the account administers the instance; where Admin Mode is on, the token needs `admin_mode`";
            need.judge(Verdict::Unknown, why);
        }
    }

    /// Pull mirroring and webhooks of groups are Premium: a project of the group shows it, else the plan.
    async fn licence_of(&mut self, group: &Group) -> Result<Need, Error> {
        let mut need = licence_need();
        need.wanted_for = [Task::Import, Task::Webhooks]
            .into_iter()
            .filter(|task| self.wants(*task))
            .map(|task| task.to_string())
            .collect();
        match self.gitlab.project_in(&self.case.secret, group.id).await {
            Ok(Some(project)) if project.may_mirror => {
                need.judge(Verdict::Granted, format!("{} shows the key `mirror`", project.path));
                return Ok(need);
            }
            Ok(Some(project)) if project.role.is_some() => {
                no_licence(&mut need, format!("{} does not show the key `mirror`", project.path));
                return Ok(need);
            }
            Ok(_) => {}
            Err(error) if error.kind.says_not_allowed() || error.kind == ForgeErrorKind::NotFound => {}
            Err(error) => {
                self.weather(&mut need, "GET projects", error)?;
                return Ok(need);
            }
        }
        let top = group.path.split('/').next().unwrap_or(&group.path);
        match self.gitlab.plan(&self.case.secret, top).await {
            Ok(Some(plan)) if plan == "free" => no_licence(&mut need, format!("{top} has the plan `free`")),
            Ok(Some(plan)) if is_paid(&plan) => need.judge(Verdict::Granted, format!("{top} has the plan `{plan}`")),
            // Self-managed instances have one licence for all, and say `default`.
            Ok(Some(plan)) => need.judge(Verdict::Unknown, format!("{top} has the plan `{plan}`")),
            Ok(None) => {
                need.judge(Verdict::Unknown, "the group has no project that would show it, and no plan is told")
            }
            Err(error) if error.kind.says_not_allowed() || error.kind == ForgeErrorKind::NotFound => {
                need.judge(Verdict::Unknown, refusal::words("GET namespaces", &error));
            }
            Err(error) => self.weather(&mut need, "GET namespaces", error)?,
        }
        Ok(need)
    }

    /// Something went wrong on the way: the need stays unknown, and nothing more is asked. What concerns the token as a
    /// whole ends everything.
    fn weather(&mut self, need: &mut Need, asked: &str, error: ForgeError) -> Result<(), Error> {
        let why = refusal::words(asked, &error);
        match refusal::read(&error) {
            Refusal::Here(Verdict::Missing) => need.judge(Verdict::Unknown, why),
            Refusal::Here(verdict) | Refusal::Everywhere(verdict) => need.judge(verdict, why),
            Refusal::Weather => {
                need.judge(Verdict::Unknown, why);
                self.cut_short = Some(self.case.failed(error));
            }
            Refusal::Whole => {
                return Err(self.case.failed(error));
            }
        }
        Ok(())
    }
}

pub(in super::super) fn compare(need: &mut Need, role: AccessLevel, wanted: AccessLevel, path: &str) {
    let why = match role {
        0 => format!("the account has no role in {path}"),
        role => format!("the account's role is {}", role_word(role)),
    };
    if role >= wanted {
        need.judge(Verdict::Granted, why);
    } else {
        need.judge(Verdict::Role, why);
        need.add = Some(format!("ask for the role {} in {path}", role_word(wanted)));
    }
}

pub(in super::super) fn archived(need: &mut Need, path: &str) {
    need.judge(Verdict::Archived, format!("{path} is archived: nobody writes there"));
    need.add = Some("an owner can unarchive it in its settings".to_owned());
}

/// Who may make projects in a group, by its own setting. Importing wants a maintainer in any case, which is a need of
/// its own.
pub(in super::super) fn may_create(group: &Group, role: Option<AccessLevel>) -> Need {
    let label = "Create projects";
    let mut need = needs::blank("project_creation_level", label, NeedKind::Role, Task::Import.word());
    let setting = group.project_creation_level.as_deref();
    let wanted = match setting {
        Some("owner") => OWNER,
        Some("maintainer") => MAINTAINER,
        Some("developer") => DEVELOPER,
        Some("noone" | "administrator") => AccessLevel::MAX,
        _ => {
            need.judge(Verdict::Unknown, "GitLab does not say who may make projects there");
            return need;
        }
    };
    let why = format!("who may create projects there is set to `{}`", setting.unwrap_or_default());
    match role {
        _ if wanted == AccessLevel::MAX => {
            need.judge(Verdict::Policy, why);
            need.add =
                Some("an owner can change \"Roles allowed to create projects\" in the group's settings".to_owned());
        }
        Some(role) if role >= wanted => need.judge(Verdict::Granted, why),
        Some(_) => {
            need.judge(Verdict::Role, why);
            need.add = Some(format!("ask for the role {} in {}", role_word(wanted), group.path));
        }
        None => need.judge(Verdict::Unknown, format!("{why}; the account's role is not known")),
    }
    need
}

/// GitLab's names of plans with pull mirroring, trials and gifts included.
pub(in super::super) fn is_paid(plan: &str) -> bool {
    ["premium", "ultimate", "silver", "gold", "opensource"].iter().any(|paid| plan.starts_with(paid))
}

fn licence_need() -> Need {
    needs::blank("premium", "Licence: Premium", NeedKind::Licence, Task::Import.word())
}

fn no_licence(need: &mut Need, why: String) {
    need.judge(Verdict::Missing, why);
    need.add = Some("GitLab Premium or Ultimate: pull mirroring and webhooks of groups need it".to_owned());
}
