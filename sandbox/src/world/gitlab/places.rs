//! Places that come, move and go: projects, and the namespaces that they lie in.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Gitlab, Group, Project, Token, User, Visibility};
use crate::world::start;

/// Where projects lie.
#[derive(Debug, Clone)]
pub(crate) enum Namespace {
    Group(Group),
    User(User),
}

impl Namespace {
    pub fn full_path(&self) -> &str {
        match self {
            Self::Group(group) => &group.full_path,
            Self::User(user) => &user.username,
        }
    }

    /// The widest that a project in here may be. A user's own namespace bounds nothing.
    pub fn visibility(&self) -> Visibility {
        match self {
            Self::Group(group) => group.visibility,
            Self::User(_) => Visibility::Public,
        }
    }
}

/// A project that is about to be.
#[derive(Debug)]
pub(crate) struct ProjectDraft {
    pub full_path: String,
    pub name: String,
    pub visibility: Visibility,
    pub creator: u64,
    pub created_at: Timestamp,
}

/// Users' own namespaces are numbered from here.
const USER_NAMESPACES: u64 = 1000;

impl User {
    /// The number of the user's own namespace; bots have one too.
    pub fn namespace_id(&self) -> u64 {
        USER_NAMESPACES + self.id
    }
}

/// The part of a full path before the last slash.
pub(crate) fn namespace_of(full_path: &str) -> &str {
    full_path.rsplit_once('/').map_or("", |(namespace, _)| namespace)
}

impl Gitlab {
    /// A number for a pipeline, a job, a failure: none of these has had it.
    pub fn next_number(&mut self) -> u64 {
        self.last_number += 1;
        1_000 + self.last_number
    }

    pub fn namespace_with_id(&self, id: u64) -> Option<Namespace> {
        let group = self.groups.iter().find(|group| group.id == id).cloned().map(Namespace::Group);
        group.or_else(|| self.users.iter().find(|user| user.namespace_id() == id).cloned().map(Namespace::User))
    }

    /// By its full path, in any case, with or without a slash before it.
    pub fn namespace_at(&self, full_path: &str) -> Option<Namespace> {
        let path = full_path.trim_matches('/');
        let group = self.groups.iter().find(|group| group.full_path.eq_ignore_ascii_case(path));
        let user = || self.users.iter().find(|user| user.username.eq_ignore_ascii_case(path));
        group.cloned().map(Namespace::Group).or_else(|| user().cloned().map(Namespace::User))
    }

    pub fn project(&self, id: u64) -> Option<&Project> {
        self.projects.iter().find(|project| project.id == id)
    }

    pub fn project_mut(&mut self, id: u64) -> Option<&mut Project> {
        self.projects.iter_mut().find(|project| project.id == id)
    }

    pub fn project_at_mut(&mut self, full_path: &str) -> Option<&mut Project> {
        self.projects.iter_mut().find(|project| project.full_path == full_path)
    }

    /// Adds an empty project; its number, which none has had before.
    pub fn add_project(&mut self, draft: ProjectDraft) -> u64 {
        let highest = self.projects.iter().map(|project| project.id).max().unwrap_or(0);
        self.last_project = self.last_project.max(highest) + 1;
        // A path that is taken again no longer redirects.
        self.forget_former_path(&draft.full_path);
        let project = start::project(self.last_project, &draft.full_path, &draft.name, draft.visibility, &[]);
        self.projects.push(Project { creator: draft.creator, created_at: draft.created_at, empty: true, ..project });
        self.last_project
    }

    /// A project goes, with the bots of its tokens.
    pub fn remove_project(&mut self, id: u64) {
        self.last_project = self.last_project.max(id);
        self.projects.retain(|project| project.id != id);
        for token in self.tokens.iter_mut().filter(|token| token.project == Some(id)) {
            token.revoked = true;
        }
        self.tasks.retain(|task| task.project() != id);
    }

    /// A project gets another full path; the old one redirects.
    ///
    /// # Errors
    ///
    /// When there is none at `path`, or something lies at `new` already.
    pub fn move_project(&mut self, path: &str, new: &str) -> Result<(), String> {
        let taken = |it: &Project| it.full_path.eq_ignore_ascii_case(new) && it.full_path != path;
        if self.projects.iter().any(taken) {
            return Err(format!("GitLab has a project `{new}` already"));
        }
        if self.namespace_at(namespace_of(new)).is_none() {
            return Err(format!("GitLab has no namespace for a project `{new}`"));
        }
        self.forget_former_path(new);
        let Some(project) = self.project_at_mut(path) else {
            return Err(format!("GitLab has no project `{path}`"));
        };
        if path != new {
            project.former_paths.push(std::mem::replace(&mut project.full_path, new.to_owned()));
        }
        Ok(())
    }

    /// A project for people and for assertions: with its branches, and its tokens without their text.
    pub fn project_state(&self, project: &Project) -> Value {
        let mut state = json!(project);
        let branches = project.git().and_then(|repo| repo.branches()).unwrap_or_default();
        state["empty"] = json!(branches.is_empty());
        state["branches"] = branches.into_iter().collect::<BTreeMap<_, _>>().into_iter().collect();
        let tags = project.git().and_then(|repo| repo.tags()).unwrap_or_default();
        state["tags"] = tags.into_iter().collect::<BTreeMap<_, _>>().into_iter().collect();
        let tokens = self.tokens.iter().filter(|token| token.project == Some(project.id));
        let token = |token: &Token| {
            json!({
                "id": token.id,
                "name": token.name,
                "scopes": token.scopes,
                "user": token.user,
                "access_level": project.members.get(&token.user),
                "expires_on": token.expires_on.map(|date| date.to_string()),
                "revoked": token.revoked,
            })
        };
        state["access_tokens"] = tokens.map(token).collect();
        state
    }

    fn forget_former_path(&mut self, path: &str) {
        for project in &mut self.projects {
            project.former_paths.retain(|former| !former.eq_ignore_ascii_case(path));
        }
    }

    /// Adds a bot for a project's token, as a member with this role; its number.
    pub fn add_project_bot(&mut self, project: u64, name: &str, role: u8) -> u64 {
        let id = self.add_bot(&format!("project_{project}"), name);
        if let Some(project) = self.project_mut(project) {
            project.members.insert(id, role);
        }
        id
    }

    /// The same for a group's token.
    pub fn add_group_bot(&mut self, group: u64, name: &str, role: u8) -> u64 {
        let id = self.add_bot(&format!("group_{group}"), name);
        if let Some(group) = self.group_mut(group) {
            group.members.insert(id, role);
        }
        id
    }

    fn add_bot(&mut self, of: &str, name: &str) -> u64 {
        let highest = self.users.iter().map(|user| user.id).max().unwrap_or(0);
        self.last_user = self.last_user.max(highest) + 1;
        let username = format!("{of}_bot_{}", crate::checksum::random_hex(32));
        let id = self.last_user;
        self.users.push(User { id, username, name: name.to_owned(), admin: false, bot: true });
        id
    }

    /// The roles of users in a group or their own namespace, by the namespace.
    pub fn role_in_namespace(&self, user: &User, namespace: &Namespace) -> u8 {
        match namespace {
            _ if user.admin => super::role::OWNER,
            Namespace::Group(group) => self.role_in_group(user.id, group),
            Namespace::User(owner) if owner.id == user.id => super::role::OWNER,
            Namespace::User(_) => 0,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that fails may as well panic")]
mod tests {
    use super::*;

    fn draft(full_path: &str) -> ProjectDraft {
        ProjectDraft {
            full_path: full_path.to_owned(),
            name: "x".to_owned(),
            visibility: Visibility::Private,
            creator: 1,
            created_at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn numbers_are_never_used_twice() {
        let mut gitlab = start::gitlab(Timestamp::UNIX_EPOCH);
        let first = gitlab.add_project(draft("root/one"));
        gitlab.remove_project(first);
        assert!(gitlab.add_project(draft("root/one")) > first);
        let bot = gitlab.add_project_bot(first, "bot", 40);
        assert!(gitlab.add_project_bot(first, "bot", 40) > bot);
    }

    #[test]
    fn a_moved_project_redirects_until_its_old_path_is_taken() {
        let mut gitlab = start::gitlab(Timestamp::UNIX_EPOCH);
        let id = gitlab.add_project(draft("root/one"));
        gitlab.move_project("root/one", "root/two").unwrap();
        assert_eq!(gitlab.project(id).unwrap().former_paths, ["root/one"]);
        assert!(gitlab.move_project("root/two", "root/attic").is_err());
        assert!(gitlab.move_project("root/two", "nowhere/two").is_err());
        gitlab.add_project(draft("root/one"));
        assert!(gitlab.project(id).unwrap().former_paths.is_empty());
    }
}
