//! The small, telling world that every sandbox starts with.
//!
//! On GitHub: `octocat` owns the organisation `agility-game`, `defunkt` is a member of it; `hubot`
//! may push to one of its repositories and is no member; `monalisa` is a stranger. On GitLab: `root` administrates,
//! `maintainer` and `developer` are what they are called in the group
//! `agility-game/home-assistant`, and two bots bear a project's and a group's token.
//!
//! Unless its name says otherwise, a token belongs to `octocat` on GitHub and to `maintainer` on
//! GitLab, and lives for months.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::clock::{day, days_later, later};
use super::github::{
    Account, AccountKind, Github, Membership, Repository, Role, Token as GithubToken,
    TokenKind as GithubKind,
};
use super::gitlab::{
    Gitlab, Group, Project, Token as GitlabToken, TokenKind as GitlabKind, User, role,
};
use crate::checksum;

pub(crate) const ORGANISATION: &str = "agility-game";
/// The app that `app-user` and `installation` belong to.
const APP_ID: u64 = 990_817;

fn account(id: u64, login: &str, name: &str, kind: AccountKind) -> Account {
    Account {
        id,
        login: login.to_owned(),
        name: name.to_owned(),
        kind,
        members: BTreeMap::new(),
    }
}

fn repository(id: u64, owner: &str, name: &str, private: bool) -> Repository {
    Repository {
        id,
        owner: owner.to_owned(),
        name: name.to_owned(),
        description: String::new(),
        private,
        default_branch: "main".to_owned(),
        collaborators: BTreeMap::new(),
        former_names: Vec::new(),
    }
}

/// GitHub at the start.
pub(crate) fn github(now: Timestamp) -> Github {
    let mut organisation = account(
        42_000_001,
        ORGANISATION,
        "Agility Game",
        AccountKind::Organization,
    );
    organisation
        .members
        .insert("octocat".to_owned(), Membership::Admin);
    organisation
        .members
        .insert("defunkt".to_owned(), Membership::Member);

    let mut store = repository(
        142_000_001,
        ORGANISATION,
        "home-assistant-community-store",
        false,
    );
    store.description = "The store for agility courses".to_owned();
    store.collaborators.insert("hubot".to_owned(), Role::Push);
    store.former_names.push(format!("{ORGANISATION}/hacs"));

    let mut github = Github::of(
        vec![
            account(583_231, "octocat", "The Octocat", AccountKind::User),
            organisation,
            account(480_938, "hubot", "Hubot", AccountKind::User),
            account(2_000_002, "monalisa", "Mona Lisa", AccountKind::User),
            account(2_000_003, "defunkt", "Chris", AccountKind::User),
            account(
                42_000_009,
                "connect-demo[bot]",
                "connect-demo",
                AccountKind::Bot,
            ),
        ],
        vec![
            store,
            repository(142_000_002, ORGANISATION, "timing-firmware", true),
            repository(1_296_269, "octocat", "Hello-World", false),
            repository(1_300_192, "octocat", "diary", true),
        ],
    );
    for token in github_tokens(now) {
        github.add_token(token);
    }
    github
}

/// A classic token that does not expire.
pub(crate) fn classic(name: &str, login: &str, scopes: &[&str]) -> GithubToken {
    GithubToken {
        name: name.to_owned(),
        token: checksum::github_token("ghp_"),
        kind: GithubKind::Classic,
        login: login.to_owned(),
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        permissions: BTreeMap::new(),
        resource_owner: None,
        repositories: None,
        expires_at: None,
        revoked: false,
        without_sso: Vec::new(),
    }
}

/// A fine-grained token for all repositories of an owner.
pub(crate) fn fine_grained(name: &str, login: &str, permissions: &[(&str, &str)]) -> GithubToken {
    GithubToken {
        token: checksum::github_fine_grained(),
        kind: GithubKind::FineGrained,
        permissions: permissions
            .iter()
            .map(|(permission, level)| ((*permission).to_owned(), (*level).to_owned()))
            .collect(),
        resource_owner: Some(ORGANISATION.to_owned()),
        ..classic(name, login, &[])
    }
}

fn github_tokens(now: Timestamp) -> Vec<GithubToken> {
    let wide = ["admin:org_hook", "read:org", "repo", "workflow"];
    let store = vec!["home-assistant-community-store".to_owned()];
    vec![
        classic("classic", "octocat", &wide),
        classic("classic-readonly", "octocat", &["read:org", "read:user"]),
        GithubToken {
            repositories: Some(store.clone()),
            expires_at: Some(days_later(now, 90)),
            ..fine_grained(
                "fine-grained-import",
                "octocat",
                &[
                    ("actions", "read"),
                    ("contents", "write"),
                    ("issues", "write"),
                    ("metadata", "read"),
                    ("pull_requests", "read"),
                    ("repository_hooks", "write"),
                    ("statuses", "write"),
                    ("workflows", "write"),
                ],
            )
        },
        GithubToken {
            repositories: Some(store),
            expires_at: Some(days_later(now, 30)),
            ..fine_grained(
                "fine-grained-readonly",
                "octocat",
                &[("contents", "read"), ("metadata", "read")],
            )
        },
        GithubToken {
            expires_at: Some(days_later(now, 5)),
            ..classic("expiring", "octocat", &wide)
        },
        GithubToken {
            expires_at: Some(days_later(now, -3)),
            ..classic("expired", "octocat", &wide)
        },
        GithubToken {
            revoked: true,
            ..classic("revoked", "octocat", &wide)
        },
        GithubToken {
            without_sso: vec![ORGANISATION.to_owned()],
            ..classic("sso", "octocat", &wide)
        },
        classic("collaborator", "hubot", &["repo"]),
        classic("member", "defunkt", &["repo"]),
        classic("stranger", "monalisa", &["repo"]),
        GithubToken {
            token: checksum::github_token("gho_"),
            kind: GithubKind::OAuth,
            ..classic("oauth", "octocat", &["gist", "read:org", "repo"])
        },
        GithubToken {
            token: checksum::github_token("ghu_"),
            kind: GithubKind::AppUser,
            expires_at: Some(later(now, SignedDuration::from_hours(8))),
            ..fine_grained(
                "app-user",
                "octocat",
                &[("contents", "read"), ("metadata", "read")],
            )
        },
        GithubToken {
            token: checksum::github_installation(APP_ID),
            kind: GithubKind::Installation,
            expires_at: Some(later(now, SignedDuration::from_hours(1))),
            ..fine_grained(
                "installation",
                "connect-demo[bot]",
                &[("contents", "read"), ("metadata", "read")],
            )
        },
    ]
}

fn user(id: u64, username: &str, name: &str) -> User {
    User {
        id,
        username: username.to_owned(),
        name: name.to_owned(),
        admin: false,
        bot: false,
    }
}

fn group(
    id: u64,
    full_path: &str,
    name: &str,
    parent: Option<u64>,
    members: &[(u64, u8)],
) -> Group {
    Group {
        id,
        full_path: full_path.to_owned(),
        name: name.to_owned(),
        private: true,
        parent,
        members: members.iter().copied().collect(),
    }
}

fn project(id: u64, full_path: &str, name: &str, private: bool, members: &[(u64, u8)]) -> Project {
    Project {
        id,
        full_path: full_path.to_owned(),
        name: name.to_owned(),
        private,
        members: members.iter().copied().collect(),
    }
}

/// GitLab at the start.
pub(crate) fn gitlab(now: Timestamp) -> Gitlab {
    let mut gitlab = Gitlab::of(
        vec![
            User {
                admin: true,
                ..user(1, "root", "Administrator")
            },
            user(2, "maintainer", "Mara Maintainer"),
            user(3, "developer", "Dev Developer"),
            User {
                bot: true,
                ..user(
                    4,
                    &format!("project_101_bot_{}", checksum::random_hex(32)),
                    "timing-bot",
                )
            },
            User {
                bot: true,
                ..user(
                    5,
                    &format!("group_11_bot_{}", checksum::random_hex(32)),
                    "course-bot",
                )
            },
        ],
        vec![
            group(10, ORGANISATION, "Agility Game", None, &[(1, role::OWNER)]),
            group(
                11,
                "agility-game/home-assistant",
                "Home Assistant",
                Some(10),
                &[
                    (2, role::MAINTAINER),
                    (3, role::DEVELOPER),
                    (5, role::MAINTAINER),
                ],
            ),
        ],
        vec![
            project(
                101,
                "agility-game/home-assistant/dashboard",
                "Dashboard",
                true,
                &[(4, role::MAINTAINER)],
            ),
            project(102, "root/attic", "Attic", true, &[]),
            project(103, "root/handbook", "Handbook", false, &[]),
        ],
    );
    gitlab_tokens(&mut gitlab, now);
    gitlab
}

/// An access token with 90 days to live.
pub(crate) fn access_token(
    gitlab: &mut Gitlab,
    now: Timestamp,
    name: &str,
    user: u64,
    scopes: &[&str],
) -> GitlabToken {
    let id = gitlab.next_id();
    GitlabToken {
        id,
        name: name.to_owned(),
        token: checksum::gitlab_routable(user),
        kind: GitlabKind::Personal,
        user,
        description: None,
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        granted: None,
        created_at: days_later(now, -30),
        last_used_at: None,
        expires_on: Some(day(days_later(now, 90))),
        expires_at: None,
        revoked: false,
        family: id,
    }
}

/// What a fine-grained token of the start may.
fn granular(token: GitlabToken, granted: &[&str]) -> GitlabToken {
    GitlabToken {
        scopes: vec!["granular".to_owned()],
        granted: Some(
            granted
                .iter()
                .map(|permission| (*permission).to_owned())
                .collect(),
        ),
        ..token
    }
}

fn gitlab_tokens(gitlab: &mut Gitlab, now: Timestamp) {
    let mut make =
        |name: &str, user: u64, scopes: &[&str]| access_token(gitlab, now, name, user, scopes);
    let mut tokens = vec![
        make("api", 2, &["api"]),
        make("read-api", 2, &["read_api"]),
        make("self-rotate", 2, &["read_api", "self_rotate"]),
        GitlabToken {
            expires_on: Some(day(days_later(now, 5))),
            ..make("expiring", 2, &["api"])
        },
        GitlabToken {
            expires_on: Some(day(days_later(now, -3))),
            ..make("expired", 2, &["api"])
        },
        GitlabToken {
            revoked: true,
            ..make("revoked", 2, &["api"])
        },
        make("developer", 3, &["api"]),
        make("admin", 1, &["admin_mode", "api", "sudo"]),
        GitlabToken {
            kind: GitlabKind::Project,
            ..make("project-bot", 4, &["api"])
        },
        GitlabToken {
            kind: GitlabKind::Group,
            ..make("group-bot", 5, &["api"])
        },
        GitlabToken {
            token: checksum::random_hex(64),
            kind: GitlabKind::OAuth,
            created_at: later(now, SignedDuration::from_mins(-10)),
            expires_on: None,
            expires_at: Some(later(now, SignedDuration::from_mins(110))),
            ..make("oauth", 2, &["api"])
        },
    ];
    // Tokens from before the routable layout live on; both shapes are met in the field.
    for name in ["read-api", "self-rotate", "developer"] {
        if let Some(token) = tokens.iter_mut().find(|token| token.name == name) {
            token.token = checksum::gitlab_classic();
        }
    }
    let mute = granular(
        make("granular", 2, &[]),
        &["User: Read", "Project: Read", "GitHub Import: Create"],
    );
    let telling = granular(
        make("granular-self", 2, &[]),
        &[
            "Personal Access Token: Read",
            "Personal Access Token: Rotate",
            "User: Read",
            "Metadata: Read",
        ],
    );
    tokens.extend([mute, telling]);
    for token in tokens {
        gitlab.add_token(token);
    }
}
