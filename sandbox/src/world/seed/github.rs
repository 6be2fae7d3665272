//! GitHub's half of a seed.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::names;
use crate::checksum;
use crate::world::clock::days_later;
use crate::world::github::{Account, AccountKind, Github, Membership, Policy, Repository, Role, Token, TokenKind};
use crate::world::start;

/// What is added to GitHub.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GithubSeed {
    /// Users.
    pub accounts: Vec<GithubAccountSeed>,
    /// Organisations, or more about those that are already there.
    pub organizations: Vec<GithubOrganizationSeed>,
    /// Repositories.
    pub repositories: Vec<GithubRepositorySeed>,
    /// Tokens, of users that are already there or in `accounts`.
    pub tokens: Vec<GithubTokenSeed>,
}

/// A GitHub user.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GithubAccountSeed {
    /// The name under which they log in.
    pub login: String,
    /// Their number, which stays when they are renamed; a free one if left out.
    pub id: Option<u64>,
}

/// A GitHub organisation and its policies on personal access tokens.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GithubOrganizationSeed {
    /// Its name. One that is already there gets these members and policies besides its own.
    pub login: String,
    /// Its number; a free one if left out.
    pub id: Option<u64>,
    /// Who is in it: an `admin` owns it.
    pub members: BTreeMap<String, Membership>,
    /// Classic tokens are refused, except for reading what is public.
    pub forbids_classic: bool,
    /// Fine-grained tokens are refused, except for reading what is public.
    pub forbids_fine_grained: bool,
    /// Fine-grained tokens that live longer than that many days are refused, even for reading
    /// what is public.
    pub lifetime_limit_days: Option<u32>,
    /// Admits other addresses than the test's, except for reading what is public.
    pub ip_allow_list: bool,
}

/// A GitHub repository.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GithubRepositorySeed {
    /// The user or organisation that it belongs to; `octocat` if left out.
    pub owner: Option<String>,
    /// Its name, without the owner.
    pub name: String,
    /// Its number; a free one if left out.
    pub id: Option<u64>,
    /// Only for those who have a role in it.
    pub private: bool,
    /// Read-only.
    pub archived: bool,
    /// Without a commit.
    pub empty: bool,
    /// GitHub has disabled it.
    pub disabled: bool,
    /// Its issues are switched off.
    pub without_issues: bool,
    /// What it says of itself.
    pub description: String,
    /// `main` if left out.
    pub default_branch: Option<String>,
    /// What its first commit has besides a `README.md`: contents by path.
    pub files: BTreeMap<String, String>,
    /// Who may do what in it besides its owner.
    pub collaborators: BTreeMap<String, Role>,
    /// Names under which it was known before, with or without an owner: they redirect.
    pub former_names: Vec<String>,
    /// The addresses of its webhooks.
    pub hooks: Vec<String>,
}

/// A GitHub token: classic, or fine-grained when it has permissions.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GithubTokenSeed {
    /// What the sandbox calls it.
    pub name: String,
    /// Whose it is; `octocat`'s if left out.
    pub login: Option<String>,
    /// Of a classic token.
    pub scopes: Vec<String>,
    /// An OAuth app's, rather than a classic one.
    pub of_app: bool,
    /// Of a fine-grained token, such as `"contents": "write"`.
    pub permissions: Option<BTreeMap<String, String>>,
    /// Of a fine-grained token: the user or the organisation whose resources it reaches; its
    /// user's own if left out.
    pub resource_owner: Option<String>,
    /// Of a fine-grained token: the repositories that were selected, without their owner; all of
    /// the owner's if left out.
    pub repositories: Option<Vec<String>>,
    /// Of a fine-grained token: the organisation has not approved it, so that it reads nothing
    /// but what is public.
    pub pending_approval: bool,
    /// Organisations with SAML single sign-on that it was not authorised for.
    pub without_sso: Vec<String>,
    /// Negative for one that is dead already; without it, it lives for ever.
    pub expires_in_days: Option<i64>,
    /// Revoked from the start.
    pub revoked: bool,
    /// That many of them.
    pub count: Option<usize>,
}

impl GithubTokenSeed {
    /// A classic token of `octocat`'s, for ever.
    #[must_use]
    pub fn classic(name: &str, scopes: &[&str]) -> Self {
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        Self { name: name.to_owned(), scopes, ..Self::default() }
    }

    /// A fine-grained token of `octocat`'s for all that is theirs, for 90 days.
    #[must_use]
    pub fn fine_grained(name: &str, permissions: &[(&str, &str)]) -> Self {
        let owned = |(name, level): &(&str, &str)| ((*name).to_owned(), (*level).to_owned());
        let permissions = Some(permissions.iter().map(owned).collect());
        Self { name: name.to_owned(), permissions, expires_in_days: Some(90), ..Self::default() }
    }
}

/// Adds the seed.
pub(super) fn plant(seed: &GithubSeed, github: &mut Github, now: Timestamp) -> Result<(), String> {
    for account in &seed.accounts {
        if github.account(&account.login).is_some() {
            return Err(format!("GitHub has an account called `{}` already", account.login));
        }
        add_account(github, &account.login, account.id, AccountKind::User);
    }
    for organisation in &seed.organizations {
        plant_organisation(organisation, github)?;
    }
    for repository in &seed.repositories {
        plant_repository(repository, github)?;
    }
    for token in &seed.tokens {
        plant_token(token, github, now)?;
    }
    Ok(())
}

fn add_account(github: &mut Github, login: &str, id: Option<u64>, kind: AccountKind) {
    let free = github.accounts.iter().map(|account| account.id).max().unwrap_or(0) + 1;
    github.accounts.push(Account {
        id: id.unwrap_or(free),
        login: login.to_owned(),
        name: login.to_owned(),
        kind,
        members: BTreeMap::new(),
        policy: Policy::default(),
        hooks: Vec::new(),
        actions_secrets: BTreeMap::new(),
    });
}

/// Refuses a name that nobody has.
fn known(github: &Github, login: &str, what: &str) -> Result<(), String> {
    match github.account(login) {
        Some(_) => Ok(()),
        None => Err(format!("the seed's {what} names `{login}`, whom GitHub does not know")),
    }
}

fn plant_organisation(seed: &GithubOrganizationSeed, github: &mut Github) -> Result<(), String> {
    for login in seed.members.keys() {
        known(github, login, &format!("organisation `{}`", seed.login))?;
    }
    if github.account(&seed.login).is_none() {
        add_account(github, &seed.login, seed.id, AccountKind::Organization);
    }
    match github.account_mut(&seed.login) {
        Some(account) if account.kind == AccountKind::Organization => {
            account.members.extend(seed.members.clone());
            account.policy = Policy {
                forbids_classic: seed.forbids_classic,
                forbids_fine_grained: seed.forbids_fine_grained,
                lifetime_limit_days: seed.lifetime_limit_days,
                ip_allow_list: seed.ip_allow_list,
            };
            Ok(())
        }
        _ => Err(format!("the seed's organisation `{}` is a user", seed.login)),
    }
}

fn plant_repository(seed: &GithubRepositorySeed, github: &mut Github) -> Result<(), String> {
    let owner = seed.owner.as_deref().unwrap_or("octocat");
    let what = format!("repository `{}`", seed.name);
    known(github, owner, &what)?;
    for login in seed.collaborators.keys() {
        known(github, login, &what)?;
    }
    if github.repository(owner, &seed.name).is_some() {
        return Err(format!("GitHub has a repository called `{owner}/{}` already", seed.name));
    }
    let free = github.repositories.iter().map(|it| it.id).max().unwrap_or(0) + 1;
    let with_owner = |name: &String| if name.contains('/') { name.clone() } else { format!("{owner}/{name}") };
    let mut repository = Repository {
        archived: seed.archived,
        empty: seed.empty,
        disabled: seed.disabled,
        has_issues: !seed.without_issues,
        description: seed.description.clone(),
        default_branch: seed.default_branch.clone().unwrap_or_else(|| "main".to_owned()),
        files: seed.files.clone(),
        collaborators: seed.collaborators.clone(),
        former_names: seed.former_names.iter().map(with_owner).collect(),
        ..start::repository(seed.id.unwrap_or(free), owner, &seed.name, seed.private)
    };
    for url in &seed.hooks {
        repository.add_hook(url);
    }
    github.repositories.push(repository);
    Ok(())
}

fn plant_token(seed: &GithubTokenSeed, github: &mut Github, now: Timestamp) -> Result<(), String> {
    let login = seed.login.as_deref().unwrap_or("octocat");
    let owner = seed.resource_owner.as_deref().unwrap_or(login);
    let what = format!("token `{}`", seed.name);
    known(github, login, &what)?;
    known(github, owner, &what)?;
    check_fine_grained(seed, github, login, owner)?;
    for organisation in &seed.without_sso {
        known(github, organisation, &what)?;
    }
    for name in names(&seed.name, seed.count) {
        let made = match &seed.permissions {
            None if seed.of_app => Token {
                token: checksum::github_token("gho_"),
                kind: TokenKind::OAuth,
                ..start::classic(&name, login, &[])
            },
            None => start::classic(&name, login, &[]),
            Some(permissions) => Token {
                permissions: permissions.clone(),
                resource_owner: Some(owner.to_owned()),
                repositories: seed.repositories.clone(),
                pending_approval: seed.pending_approval,
                ..start::fine_grained(&name, login, &[])
            },
        };
        github.add_token(Token {
            scopes: seed.scopes.clone(),
            revoked: seed.revoked,
            expires_at: seed.expires_in_days.map(|days| days_later(now, days)),
            without_sso: seed.without_sso.clone(),
            ..made
        });
    }
    Ok(())
}

/// What GitHub's own form would not let anybody choose.
fn check_fine_grained(seed: &GithubTokenSeed, github: &Github, login: &str, owner: &str) -> Result<(), String> {
    let name = &seed.name;
    if seed.permissions.is_none() {
        let fine = seed.resource_owner.is_some() || seed.repositories.is_some() || seed.pending_approval;
        return if fine { Err(format!("the seed's token `{name}` is classic: it has no permissions")) } else { Ok(()) };
    }
    if !seed.scopes.is_empty() {
        return Err(format!("the seed's token `{name}` has both scopes and permissions"));
    }
    let member = github.account(owner).is_some_and(|owner| owner.login == login || owner.members.contains_key(login));
    if !member {
        return Err(format!("the seed's token `{name}`: `{login}` is no member of its resource owner `{owner}`"));
    }
    let missing = seed.repositories.iter().flatten().find(|name| github.repository(owner, name).is_none());
    match missing {
        Some(missing) => Err(format!("the seed's token `{name}` selects `{missing}`, which `{owner}` does not have")),
        None => Ok(()),
    }
}
