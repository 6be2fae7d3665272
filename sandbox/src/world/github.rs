//! GitHub's people, places and tokens.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

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
}

/// A member's place in an organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Membership {
    Admin,
    Member,
}

/// What a user may do in a repository, from the least to the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Role {
    Pull,
    Triage,
    Push,
    Maintain,
    Admin,
}

/// A repository.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Repository {
    pub id: u64,
    pub owner: String,
    pub name: String,
    pub description: String,
    pub private: bool,
    pub default_branch: String,
    pub collaborators: BTreeMap<String, Role>,
    /// Names (`owner/name`) under which it was known before: they redirect.
    pub former_names: Vec<String>,
}

impl Repository {
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.owner, self.name)
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
}

impl Github {
    /// These accounts and repositories, and no token yet.
    pub fn of(accounts: Vec<Account>, repositories: Vec<Repository>) -> Self {
        Self { accounts, repositories, ..Self::default() }
    }

    pub fn add_token(&mut self, token: Token) {
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

    /// By the name that the world gives it.
    pub fn named(&self, name: &str) -> Option<&Token> {
        self.tokens.iter().find(|token| token.name == name)
    }

    pub fn account(&self, login: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.login.eq_ignore_ascii_case(login))
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
            "accounts": self.accounts,
            "repositories": self.repositories,
            "tokens": tokens,
            "usage": self.usage,
            "locked_until": self.locked_until.map(|time| time.to_string()),
        })
    }
}
