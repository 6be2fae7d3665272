//! GitHub's people, places and tokens.

mod hook;
mod repository;
pub(crate) mod secret;

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Write;
pub(crate) use hook::{Delivery, Envelope, Home, Hook, LastResponse};
pub use repository::Role;
pub(crate) use repository::{CommitStatus, Kept, Pull, Repository};

/// What an account is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum AccountKind {
    User,
    Organization,
    Bot,
}

impl AccountKind {
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Organization => "Organization",
            Self::Bot => "Bot",
        }
    }
}

/// A user, an organisation or an app's bot.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Account {
    pub id: u64,
    pub login: String,
    pub name: String,
    pub kind: AccountKind,
    /// Of an organisation: who is in it, and who of them owns it.
    pub members: BTreeMap<String, Membership>,
    /// Of an organisation: which tokens it does not want.
    pub policy: Policy,
    /// Of an organisation.
    #[serde(skip)]
    pub hooks: Vec<Hook>,
    /// Of an organisation: the Actions secrets of its repositories.
    #[serde(skip)]
    pub actions_secrets: BTreeMap<String, secret::Shared>,
}

impl Account {
    /// What is said of it to whoever tests.
    fn state(&self) -> Value {
        let mut state = json!(self);
        if self.kind == AccountKind::Organization {
            state["hooks"] = self.hooks.iter().map(Hook::state).collect();
            let secrets = self.actions_secrets.iter().map(|(name, it)| (name.clone(), it.state()));
            state["actions_secrets"] = secrets.collect();
        }
        state
    }
}

/// What an organisation says of personal access tokens, and of the addresses they come from.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(crate) struct Policy {
    pub forbids_classic: bool,
    pub forbids_fine_grained: bool,
    pub lifetime_limit_days: Option<u32>,
    pub ip_allow_list: bool,
}

/// A member's place in an organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Membership {
    /// An owner.
    Admin,
    /// Everybody else.
    Member,
}

impl Membership {
    /// The word of GitHub's API for it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Member => "member",
        }
    }
}

/// The kinds of token that authenticate a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum TokenKind {
    Classic,
    FineGrained,
    #[serde(rename = "oauth")]
    OAuth,
    AppUser,
    Installation,
}

/// A token: its bearer, and what it may.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Token {
    pub name: String,
    pub token: String,
    pub kind: TokenKind,
    pub login: String,
    /// Of classic and OAuth tokens.
    pub scopes: Vec<String>,
    /// Of fine-grained and app tokens.
    pub permissions: BTreeMap<String, String>,
    /// Of fine-grained and app tokens: the account whose resources it reaches.
    pub resource_owner: Option<String>,
    /// Of fine-grained and app tokens: the repositories that were selected; all of them if `None`.
    pub repositories: Option<Vec<String>>,
    pub expires_at: Option<Timestamp>,
    pub revoked: bool,
    /// Organisations with SAML single sign-on that this token was not authorised for.
    pub without_sso: Vec<String>,
    /// Of fine-grained tokens: the organisation has not approved it yet.
    pub pending_approval: bool,
    /// The number of its page in the settings; nobody can ask the API for it.
    pub settings_id: u64,
}

impl Token {
    pub fn is_alive(&self, now: Timestamp) -> bool {
        !self.revoked && self.expires_at.is_none_or(|end| now < end)
    }

    pub fn has_scope(&self, any_of: &[&str]) -> bool {
        self.scopes.iter().any(|scope| any_of.contains(&scope.as_str()))
    }

    /// Is this a token whose rights are permissions rather than scopes?
    pub fn has_permissions(&self) -> bool {
        matches!(self.kind, TokenKind::FineGrained | TokenKind::AppUser | TokenKind::Installation)
    }

    /// Of a token with permissions: was this repository selected, and its owner's approval given?
    pub fn selects(&self, repository: &Repository) -> bool {
        !self.pending_approval
            && self.resource_owner.as_ref() == Some(&repository.owner)
            && self.repositories.as_ref().is_none_or(|names| names.contains(&repository.name))
    }

    /// Is the permission granted, at this level or above? Metadata can be read with every one.
    pub fn grants(&self, permission: &str, level: &str) -> bool {
        let rank = |level: &str| ["read", "write", "admin"].iter().position(|known| *known == level);
        let granted = self.permissions.get(permission).map_or("", String::as_str);
        let granted = if permission == "metadata" && granted.is_empty() { "read" } else { granted };
        rank(granted).is_some_and(|granted| rank(level).is_some_and(|wanted| granted >= wanted))
    }
}

/// How much of a limit was used in the hour that ends at `reset`.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(crate) struct Usage {
    pub used: u32,
    pub reset: i64,
}

/// All of GitHub.
#[derive(Debug, Default)]
pub(crate) struct Github {
    pub accounts: Vec<Account>,
    pub repositories: Vec<Repository>,
    pub tokens: Vec<Token>,
    by_token: HashMap<String, usize>,
    /// By user id, or by `anonymous`.
    pub usage: HashMap<String, Usage>,
    /// Failed logins since the last that succeeded, and until when all are refused.
    pub failed_logins: u32,
    pub locked_until: Option<Timestamp>,
    /// When all tokens were made: their lifetime is counted from here.
    pub began_at: Timestamp,
    /// Every request that changed something, in order.
    pub writes: Vec<Write>,
    /// Where it is, with its base path.
    pub url: String,
    /// How many webhooks were made, and how much was delivered to them.
    pub hooks_made: u64,
    pub delivered: u64,
    /// With what Actions secrets are sealed.
    pub seals: BTreeMap<secret::Keeper, secret::Seal>,
    /// How many environments were made.
    pub environments_made: u64,
}

impl Github {
    /// These accounts and repositories, and no token yet.
    pub fn of(accounts: Vec<Account>, repositories: Vec<Repository>, began_at: Timestamp) -> Self {
        Self { accounts, repositories, began_at, ..Self::default() }
    }

    pub fn add_token(&mut self, mut token: Token) {
        token.settings_id = 12_885_303 + self.tokens.len() as u64;
        self.by_token.insert(token.token.clone(), self.tokens.len());
        self.tokens.push(token);
    }

    /// By what is sent on the wire.
    pub fn token(&self, token: &str) -> Option<&Token> {
        self.by_token.get(token).map(|index| &self.tokens[*index])
    }

    pub fn token_mut(&mut self, token: &str) -> Option<&mut Token> {
        self.by_token.get(token).map(|index| &mut self.tokens[*index])
    }

    /// By the name that the world gives it: the newest, so that a seed may take a name over.
    pub fn named(&self, name: &str) -> Option<&Token> {
        self.tokens.iter().rev().find(|token| token.name == name)
    }

    pub fn account(&self, login: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.login.eq_ignore_ascii_case(login))
    }

    pub fn account_mut(&mut self, login: &str) -> Option<&mut Account> {
        self.accounts.iter_mut().find(|account| account.login.eq_ignore_ascii_case(login))
    }

    pub fn repository_mut(&mut self, id: u64) -> Option<&mut Repository> {
        self.repositories.iter_mut().find(|it| it.id == id)
    }

    pub fn repository(&self, owner: &str, name: &str) -> Option<&Repository> {
        self.repositories.iter().find(|it| it.owner.eq_ignore_ascii_case(owner) && it.name.eq_ignore_ascii_case(name))
    }

    /// What this user may do there, without regard to a token.
    pub fn role(&self, login: &str, repository: &Repository) -> Option<Role> {
        let owner = self.account(&repository.owner)?;
        let owns = owner.login == login || owner.members.get(login) == Some(&Membership::Admin);
        let given = repository.collaborators.get(login).copied();
        let as_member = owner.members.contains_key(login).then_some(Role::Pull);
        let in_public = (!repository.private).then_some(Role::Pull);
        if owns { Some(Role::Admin) } else { given.max(as_member).max(in_public) }
    }

    /// Revokes a token by its name or spelled out. Was there one?
    pub fn revoke(&mut self, token: &str) -> bool {
        let named = self.named(token).map(|named| named.token.clone());
        let found = self.token_mut(&named.unwrap_or_else(|| token.to_owned()));
        found.map(|token| token.revoked = true).is_some()
    }

    /// Gives an account another name. It keeps its number, tokens and places; its repositories'
    /// old names redirect.
    pub fn rename(&mut self, login: &str, new: &str) -> Result<(), String> {
        if self.account(new).is_some() {
            return Err(format!("GitHub has an account called `{new}` already"));
        }
        let Some(account) = self.account_mut(login) else {
            return Err(format!("GitHub has no account called `{login}`"));
        };
        let old = std::mem::replace(&mut account.login, new.to_owned());
        let rename = |name: &mut String| {
            if *name == old {
                new.clone_into(name);
            }
        };
        for account in &mut self.accounts {
            if let Some(place) = account.members.remove(&old) {
                account.members.insert(new.to_owned(), place);
            }
        }
        for repository in &mut self.repositories {
            if repository.owner == old {
                repository.former_names.push(repository.full_name());
                rename(&mut repository.owner);
            }
            if let Some(role) = repository.collaborators.remove(&old) {
                repository.collaborators.insert(new.to_owned(), role);
            }
        }
        for token in &mut self.tokens {
            rename(&mut token.login);
            token.resource_owner.iter_mut().for_each(rename);
            token.without_sso.iter_mut().for_each(rename);
        }
        if let Some(usage) = self.usage.remove(&old) {
            self.usage.insert(new.to_owned(), usage);
        }
        Ok(())
    }

    /// Gives a repository another name; the old one redirects.
    pub fn rename_repository(&mut self, full_name: &str, new: &str) -> Result<(), String> {
        let (owner, name) = full_name.split_once('/').unwrap_or(("", full_name));
        if self.repository(owner, new).is_some() {
            return Err(format!("GitHub has a repository called `{owner}/{new}` already"));
        }
        let repository = self.repository_named(full_name)?;
        let old = repository.full_name();
        repository.former_names.push(old);
        new.clone_into(&mut repository.name);
        let (owner, name) = (repository.owner.clone(), name.to_owned());
        for token in self.tokens.iter_mut().filter(|token| token.resource_owner.as_ref() == Some(&owner)) {
            for selected in token.repositories.iter_mut().flatten().filter(|it| it.eq_ignore_ascii_case(&name)) {
                new.clone_into(selected);
            }
        }
        Ok(())
    }

    /// The repository of that name, for the hand of whoever tests.
    pub fn repository_named(&mut self, full_name: &str) -> Result<&mut Repository, String> {
        let found = self.repositories.iter_mut().find(|it| it.full_name().eq_ignore_ascii_case(full_name));
        found.ok_or_else(|| format!("GitHub has no repository called `{full_name}`"))
    }

    pub fn state(&self, now: Timestamp) -> Value {
        let tokens: Vec<Value> = self
            .tokens
            .iter()
            .map(|token| {
                let mut value = json!(token);
                value["alive"] = json!(token.is_alive(now));
                value
            })
            .collect();
        json!({
            "accounts": self.accounts.iter().map(Account::state).collect::<Vec<_>>(),
            "repositories": self.repositories.iter().map(Repository::state).collect::<Vec<_>>(),
            "tokens": tokens,
            "writes": self.writes,
            "usage": self.usage,
            "locked_until": self.locked_until.map(|time| time.to_string()),
        })
    }
}
