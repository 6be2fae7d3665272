//! GitLab's half of the start.

use jiff::{SignedDuration, Timestamp};

use super::ORGANISATION;
use crate::checksum;
use crate::git::Place;
use crate::world::clock::{day, days_later, later};
use crate::world::gitlab::features::Features;
use crate::world::gitlab::import::Import;
use crate::world::gitlab::{CreationLevel, Gitlab, Group, Project, Token, TokenKind, User, Visibility, role};

fn user(id: u64, username: &str, name: &str) -> User {
    User { id, username: username.to_owned(), name: name.to_owned(), admin: false, bot: false }
}

/// A private group.
pub(crate) fn group(id: u64, full_path: &str, name: &str, parent: Option<u64>, members: &[(u64, u8)]) -> Group {
    Group {
        id,
        full_path: full_path.to_owned(),
        name: name.to_owned(),
        visibility: Visibility::Private,
        project_creation_level: CreationLevel::Developer,
        parent,
        members: members.iter().copied().collect(),
        hooks: Vec::new(),
        variables: Vec::new(),
    }
}

/// A project with one commit.
pub(crate) fn project(id: u64, full_path: &str, name: &str, visibility: Visibility, members: &[(u64, u8)]) -> Project {
    Project {
        id,
        full_path: full_path.to_owned(),
        name: name.to_owned(),
        visibility,
        members: members.iter().copied().collect(),
        archived: false,
        empty: false,
        former_paths: Vec::new(),
        hooks: Vec::new(),
        description: None,
        creator: 1,
        created_at: BEGINNING,
        default_branch: "main".to_owned(),
        features: Features::default(),
        ci_config_path: None,
        import: Import::default(),
        mirror: None,
        integration: None,
        pipelines: Vec::new(),
        variables: Vec::new(),
        git: Place::default(),
    }
}

/// When the places of the start were made: 2025-03-14T09:26:53Z.
pub(crate) const BEGINNING: Timestamp = Timestamp::constant(1_741_944_413, 589_000_000);

const PRIVATE: Visibility = Visibility::Private;

/// GitLab at the start.
pub(crate) fn gitlab(now: Timestamp) -> Gitlab {
    let mut gitlab = Gitlab::of(
        vec![
            User { admin: true, ..user(1, "root", "Administrator") },
            user(2, "maintainer", "Mara Maintainer"),
            user(3, "developer", "Dev Developer"),
            User { bot: true, ..user(4, &format!("project_101_bot_{}", checksum::random_hex(32)), "timing-bot") },
            User { bot: true, ..user(5, &format!("group_11_bot_{}", checksum::random_hex(32)), "course-bot") },
        ],
        vec![
            group(10, ORGANISATION, "Agility Game", None, &[(1, role::OWNER)]),
            group(
                11,
                "agility-game/home-assistant",
                "Home Assistant",
                Some(10),
                &[(2, role::MAINTAINER), (3, role::DEVELOPER), (5, role::MAINTAINER)],
            ),
        ],
        vec![
            project(101, "agility-game/home-assistant/dashboard", "Dashboard", PRIVATE, &[(4, role::MAINTAINER)]),
            project(102, "root/attic", "Attic", PRIVATE, &[]),
            project(103, "root/handbook", "Handbook", Visibility::Public, &[]),
        ],
    );
    gitlab_tokens(&mut gitlab, now);
    gitlab
}

/// An access token with 90 days to live.
pub(crate) fn access_token(gitlab: &mut Gitlab, now: Timestamp, name: &str, user: u64, scopes: &[&str]) -> Token {
    let id = gitlab.next_id();
    Token {
        id,
        name: name.to_owned(),
        token: checksum::gitlab_routable(user),
        kind: TokenKind::Personal,
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
        project: None,
        group: None,
    }
}

/// The same token, fine-grained.
pub(crate) fn granular(token: Token, granted: &[impl AsRef<str>]) -> Token {
    Token {
        scopes: vec!["granular".to_owned()],
        granted: Some(granted.iter().map(|permission| permission.as_ref().to_owned()).collect()),
        ..token
    }
}

fn gitlab_tokens(gitlab: &mut Gitlab, now: Timestamp) {
    let mut make = |name: &str, user: u64, scopes: &[&str]| access_token(gitlab, now, name, user, scopes);
    let mut tokens = vec![
        make("api", 2, &["api"]),
        make("read-api", 2, &["read_api"]),
        make("self-rotate", 2, &["read_api", "self_rotate"]),
        Token { expires_on: Some(day(days_later(now, 5))), ..make("expiring", 2, &["api"]) },
        Token { expires_on: Some(day(days_later(now, -3))), ..make("expired", 2, &["api"]) },
        Token { revoked: true, ..make("revoked", 2, &["api"]) },
        make("developer", 3, &["api"]),
        make("admin", 1, &["admin_mode", "api", "sudo"]),
        Token { kind: TokenKind::Project, project: Some(101), ..make("project-bot", 4, &["api"]) },
        Token { kind: TokenKind::Group, group: Some(11), ..make("group-bot", 5, &["api"]) },
        Token {
            token: checksum::random_hex(64),
            kind: TokenKind::OAuth,
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
    let mute = granular(make("granular", 2, &[]), &["User: Read", "Project: Read", "GitHub Import: Create"]);
    let telling = granular(
        make("granular-self", 2, &[]),
        &["Personal Access Token: Read", "Personal Access Token: Rotate", "User: Read", "Metadata: Read"],
    );
    tokens.extend([mute, telling]);
    for token in tokens {
        gitlab.add_token(token);
    }
}
