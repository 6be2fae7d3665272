//! GitHub's half of the start.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::ORGANISATION;
use crate::checksum;
use crate::git::Place;
use crate::world::clock::{days_later, later};
use crate::world::github::{Account, AccountKind, Github, Membership, Policy, Repository, Role, Token, TokenKind};

/// The app that `app-user` and `installation` belong to.
const APP_ID: u64 = 990_817;

/// The number of the repository that has more than one commit.
pub(crate) const STORE: u64 = 142_000_001;

fn account(id: u64, login: &str, name: &str, kind: AccountKind) -> Account {
    Account {
        id,
        login: login.to_owned(),
        name: name.to_owned(),
        kind,
        members: BTreeMap::new(),
        policy: Policy::default(),
        hooks: Vec::new(),
        actions_secrets: BTreeMap::new(),
    }
}

/// A repository with one commit, of which nobody but its owner knows.
pub(crate) fn repository(id: u64, owner: &str, name: &str, private: bool) -> Repository {
    Repository {
        id,
        owner: owner.to_owned(),
        name: name.to_owned(),
        description: String::new(),
        private,
        archived: false,
        disabled: false,
        has_issues: true,
        empty: false,
        default_branch: "main".to_owned(),
        collaborators: BTreeMap::new(),
        former_names: Vec::new(),
        hooks: Vec::new(),
        files: BTreeMap::new(),
        git: Place::default(),
        statuses: Vec::new(),
        pulls: Vec::new(),
        actions_secrets: BTreeMap::new(),
        actions_variables: BTreeMap::new(),
        environments: BTreeMap::new(),
    }
}

/// GitHub at the start.
pub(crate) fn github(now: Timestamp) -> Github {
    let mut organisation = account(42_000_001, ORGANISATION, "Agility Game", AccountKind::Organization);
    organisation.members.insert("octocat".to_owned(), Membership::Admin);
    organisation.members.insert("defunkt".to_owned(), Membership::Member);

    let mut store = repository(STORE, ORGANISATION, "home-assistant-community-store", false);
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
            account(42_000_009, "connect-demo[bot]", "connect-demo", AccountKind::Bot),
        ],
        vec![
            store,
            repository(142_000_002, ORGANISATION, "timing-firmware", true),
            repository(1_296_269, "octocat", "Hello-World", false),
            repository(1_300_192, "octocat", "diary", true),
        ],
        now,
    );
    for token in github_tokens(now) {
        github.add_token(token);
    }
    github
}

/// A classic token that does not expire.
pub(crate) fn classic(name: &str, login: &str, scopes: &[&str]) -> Token {
    Token {
        name: name.to_owned(),
        token: checksum::github_token("ghp_"),
        kind: TokenKind::Classic,
        login: login.to_owned(),
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        permissions: BTreeMap::new(),
        resource_owner: None,
        repositories: None,
        expires_at: None,
        revoked: false,
        without_sso: Vec::new(),
        pending_approval: false,
        settings_id: 0,
    }
}

/// A fine-grained token for all repositories of an owner.
pub(crate) fn fine_grained(name: &str, login: &str, permissions: &[(&str, &str)]) -> Token {
    Token {
        token: checksum::github_fine_grained(),
        kind: TokenKind::FineGrained,
        permissions: permissions
            .iter()
            .map(|(permission, level)| ((*permission).to_owned(), (*level).to_owned()))
            .collect(),
        resource_owner: Some(ORGANISATION.to_owned()),
        ..classic(name, login, &[])
    }
}

fn github_tokens(now: Timestamp) -> Vec<Token> {
    let wide = ["admin:org_hook", "read:org", "repo", "workflow"];
    let store = vec!["home-assistant-community-store".to_owned()];
    vec![
        classic("classic", "octocat", &wide),
        classic("classic-readonly", "octocat", &["read:org", "read:user"]),
        Token {
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
        Token {
            repositories: Some(store),
            expires_at: Some(days_later(now, 30)),
            ..fine_grained("fine-grained-readonly", "octocat", &[("contents", "read"), ("metadata", "read")])
        },
        Token { expires_at: Some(days_later(now, 5)), ..classic("expiring", "octocat", &wide) },
        Token { expires_at: Some(days_later(now, -3)), ..classic("expired", "octocat", &wide) },
        Token { revoked: true, ..classic("revoked", "octocat", &wide) },
        Token { without_sso: vec![ORGANISATION.to_owned()], ..classic("sso", "octocat", &wide) },
        classic("collaborator", "hubot", &["repo"]),
        classic("member", "defunkt", &["repo"]),
        classic("stranger", "monalisa", &["repo"]),
        Token {
            token: checksum::github_token("gho_"),
            kind: TokenKind::OAuth,
            ..classic("oauth", "octocat", &["gist", "read:org", "repo"])
        },
        Token {
            token: checksum::github_token("ghu_"),
            kind: TokenKind::AppUser,
            expires_at: Some(later(now, SignedDuration::from_hours(8))),
            ..fine_grained("app-user", "octocat", &[("contents", "read"), ("metadata", "read")])
        },
        Token {
            token: checksum::github_installation(APP_ID),
            kind: TokenKind::Installation,
            expires_at: Some(later(now, SignedDuration::from_hours(1))),
            ..fine_grained("installation", "connect-demo[bot]", &[("contents", "read"), ("metadata", "read")])
        },
    ]
}
