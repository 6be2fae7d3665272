//! Where the project is, or is to be: `--to GROUP[/PROJECT]`.
//!
//! A group, or a user's own namespace, that exists at the full path is where the project goes, under the repository's
//! name; otherwise the last part of the path is the project.

use crate::forge::{ForgeError, ForgeErrorKind};
use crate::model::place::{AccessLevel, Group, Namespace, Project};
use crate::model::{Need, NeedKind, Verdict};

use super::super::check::gitlab as judges;
use super::super::check::refusal;
use super::ends::Ends;

/// GitLab docs, "Roles and permissions": importing and mirroring want a maintainer.
pub(super) const MAINTAINER: AccessLevel = 40;

/// Where the project is to be.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Target {
    /// The namespace's number and path.
    pub namespace: u64,
    pub namespace_path: String,
    /// The project's full path.
    pub path: String,
    /// What is known of the group; nothing in a user's own namespace.
    pub group: Option<Group>,
    /// The plan that is paid for, where GitLab tells.
    pub plan: Option<String>,
}

/// What answers at the path.
pub(super) enum Resolved {
    /// A project is there already.
    Project(Box<Project>),
    /// None is, and this is where it goes.
    Free(Target),
    /// There is neither a group nor a namespace to put it into.
    Nowhere,
}

/// What a name becomes in a path. GitLab docs, "Reserved project and group names": no `.git`, `.atom` at the end, and
/// no punctuation at its beginning or end.
pub(super) fn slug(name: &str) -> String {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' }).collect();
    let plain = plain.trim_matches(|c: char| "-_.".contains(c));
    let plain = plain.trim_end_matches(".git").trim_end_matches(".atom");
    plain.trim_matches(|c: char| "-_.".contains(c)).to_owned()
}

/// Looks at both readings of the path at once.
pub(super) async fn resolve(ends: &Ends, to: &str, project: &str) -> Result<Resolved, ForgeError> {
    let (parent, last) = to.rsplit_once('/').map_or((None, to), |(parent, last)| (Some(parent), last));
    let inside = format!("{to}/{project}");
    let above = async {
        match parent {
            Some(parent) => namespace_at(ends, parent).await,
            None => Ok(None),
        }
    };
    let (here, above, at, below) =
        tokio::join!(namespace_at(ends, to), above, project_at(ends, to), project_at(ends, &inside));
    // What is to be deleted leads here from the name that it had.
    let stays = |project: &Project, path: &str| !project.doomed || project.path.eq_ignore_ascii_case(path);
    if let Some(found) = here? {
        if let Some(project) = below?.filter(|project| stays(project, &inside)) {
            return Ok(Resolved::Project(Box::new(project)));
        }
        let path = format!("{}/{project}", found.namespace_path);
        return Ok(Resolved::Free(Target { path, ..found }));
    }
    if let Some(project) = at?.filter(|project| stays(project, to)) {
        return Ok(Resolved::Project(Box::new(project)));
    }
    Ok(match above? {
        Some(found) => {
            let path = format!("{}/{last}", found.namespace_path);
            Resolved::Free(Target { path, ..found })
        }
        None => Resolved::Nowhere,
    })
}

/// The group at a path, or the user's namespace.
async fn namespace_at(ends: &Ends, path: &str) -> Result<Option<Target>, ForgeError> {
    let token = &ends.gitlab_token;
    let (group, namespace) = tokio::join!(ends.gitlab.group(token, path), ends.gitlab.namespace(token, path));
    let group = absent(group)?;
    let namespace = match namespace {
        // What a group is, its own answer says as well.
        Err(error) if group.is_some() && !error.kind.says_dead() => None,
        other => other?,
    };
    let of_namespace = |found: &Namespace| (found.id, found.path.clone());
    let place =
        namespace.as_ref().map(of_namespace).or_else(|| group.as_ref().map(|group| (group.id, group.path.clone())));
    Ok(place.map(|(namespace_id, namespace_path)| Target {
        namespace: namespace_id,
        namespace_path,
        path: String::new(),
        group,
        plan: namespace.and_then(|found| found.plan),
    }))
}

async fn project_at(ends: &Ends, path: &str) -> Result<Option<Project>, ForgeError> {
    absent(ends.gitlab.project(&ends.gitlab_token, path).await)
}

fn absent<T>(found: Result<T, ForgeError>) -> Result<Option<T>, ForgeError> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind == ForgeErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether the account may make a project there, and maintain it.
pub(super) async fn rights(ends: &Ends, target: &Target, account: Option<u64>) -> Result<Vec<Need>, ForgeError> {
    // In one's own namespace one may do everything.
    let Some(group) = &target.group else { return Ok(Vec::new()) };
    let mut role = judges::role_need(MAINTAINER, vec!["import".to_owned()]);
    let found = match account {
        Some(account) => ends.gitlab.role_in_group(&ends.gitlab_token, group.id, account).await,
        None => Ok(None),
    };
    let level = match found {
        Ok(Some(level)) => Some(level),
        Ok(None) if account.is_none() || is_admin(ends).await => None,
        Ok(None) => Some(0),
        Err(error) if error.kind.says_not_allowed() => {
            role.judge(Verdict::Unknown, refusal::words("GET members", &error));
            return Ok(vec![role]);
        }
        Err(error) => return Err(error),
    };
    match level {
        _ if group.archived => judges::archived(&mut role, &group.path),
        Some(level) => judges::compare(&mut role, level, MAINTAINER, &group.path),
        None => role.judge(Verdict::Unknown, "the account has no role of its own there"),
    }
    let create = judges::may_create(group, level);
    // A maintainer would do: that it takes a role is said once.
    let said = role.verdict.refuses() && create.verdict == Verdict::Role;
    Ok(std::iter::once(role).chain((!said).then_some(create)).collect())
}

/// Whether pull mirroring is licensed there, before anything is made: a project of the group shows it, else the plan.
/// Nothing where nobody says.
pub(super) async fn licensed(ends: &Ends, target: &Target) -> Result<Option<bool>, ForgeError> {
    let by_plan = target
        .plan
        .as_deref()
        .and_then(|plan| if plan == "free" { Some(false) } else { judges::is_paid(plan).then_some(true) });
    let Some(group) = &target.group else { return Ok(by_plan) };
    if by_plan.is_some() {
        return Ok(by_plan);
    }
    match ends.gitlab.project_in(&ends.gitlab_token, group.id).await {
        Ok(Some(project)) if project.may_mirror => Ok(Some(true)),
        // To strangers a project shows less of itself.
        Ok(Some(project)) if project.role.is_some() => Ok(Some(false)),
        Ok(_) => Ok(None),
        Err(error) if error.kind.says_not_allowed() || error.kind == ForgeErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The role in a project that is there already.
pub(super) async fn role_in(ends: &Ends, project: &Project) -> Need {
    let mut role = judges::role_need(MAINTAINER, vec!["import".to_owned()]);
    match project.role {
        _ if project.archived => judges::archived(&mut role, &project.path),
        Some(level) => judges::compare(&mut role, level, MAINTAINER, &project.path),
        None if is_admin(ends).await => role.judge(Verdict::Unknown, "the account administers the instance"),
        None => judges::compare(&mut role, 0, MAINTAINER, &project.path),
    }
    role
}

/// Who administers the instance needs no role anywhere. Asked only where one is missing.
pub(super) async fn is_admin(ends: &Ends) -> bool {
    ends.gitlab.me(&ends.gitlab_token).await.is_ok_and(|me| me.is_admin)
}

/// Whether the token may do what an import does.
pub(super) fn scope_need(said: &crate::model::Inspection) -> Need {
    let mut need = Need {
        name: "api".into(),
        label: "api".into(),
        level: None,
        kind: NeedKind::Scope,
        wanted_for: vec!["import".into()],
        verdict: Verdict::Unknown,
        why: "a fine-grained token does not say what it may".into(),
        add: None,
    };
    match &said.scopes {
        Some(scopes) if scopes.iter().any(|scope| scope == "api") => {
            need.judge(Verdict::Granted, "the token has `api`")
        }
        Some(scopes) if !scopes.iter().any(|scope| scope == "granular") => {
            need.judge(Verdict::Missing, format!("the token has `{}`", scopes.join("`, `")));
            need.add = Some("make another token with the scope `api`: `connect new-token gitlab --for import`".into());
        }
        _ => {}
    }
    need
}

#[cfg(test)]
mod tests {
    use super::slug;

    #[test]
    fn names_as_gitlab_takes_them() {
        for (name, path) in [
            ("home-assistant.io", "home-assistant.io"),
            (".github", "github"),
            ("-dash_", "dash"),
            ("tool.git", "tool"),
            ("a b", "a-b"),
        ] {
            assert_eq!(slug(name), path, "{name}");
        }
    }
}
