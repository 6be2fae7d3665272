//! `GET /user`: whose token it is. Needs `read_user`, `read_api` or `api`, or the fine-grained permission.

use serde::Deserialize;

use super::super::error::ForgeError;
use super::super::http::Authorization;
use super::GitLab;
use crate::model::{Account, AccountKind, Secret, TokenKind};

/// GitLab REST: "Retrieve the current user". `bot` is true for project, group and service accounts.
#[derive(Deserialize)]
struct User {
    id: Option<u64>,
    username: String,
    #[serde(default)]
    bot: Option<bool>,
    /// Told to administrators only.
    #[serde(default)]
    is_admin: Option<bool>,
}

/// Who the token acts as, as far as it matters for what it may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Me {
    /// The account's number.
    pub id: Option<u64>,
    /// Whether it administers the instance.
    pub is_admin: bool,
}

/// An account, and what kind of token its name betrays.
pub(super) struct Owner {
    pub(super) account: Account,
    /// Project, group or service account; nothing for people.
    pub(super) kind: Option<TokenKind>,
}

impl GitLab {
    /// Who the token acts as.
    pub(super) async fn user(&self, authorization: Authorization<'_>) -> Result<Owner, ForgeError> {
        let answer = self.get(&["user"], &[], authorization).await?;
        let user: User = answer.json(&self.label)?;
        Ok(owner(user))
    }

    /// Who the token acts as, and whether it is an administrator.
    ///
    /// # Errors
    /// What GitLab said; a token may well not be allowed to ask.
    pub async fn me(&self, token: &Secret) -> Result<Me, ForgeError> {
        let answer = self.get(&["user"], &[], Authorization::Bearer(token)).await?;
        let user: User = answer.json(&self.label)?;
        Ok(Me { id: user.id, is_admin: user.is_admin == Some(true) })
    }
}

fn owner(user: User) -> Owner {
    let kind = bot_of(&user.username, user.bot);
    let is_bot = kind.is_some() || user.bot == Some(true);
    let account =
        Account { login: user.username, id: user.id, kind: if is_bot { AccountKind::Bot } else { AccountKind::User } };
    Owner { account, kind }
}

/// GitLab docs, "Project access tokens": `project_ID_bot_RANDOM`, "Group access tokens": `group_ID_bot_RANDOM`
/// (older: `project_ID_bot`, `project_ID_bot2`), "Service accounts": `service_account_…`, or any name.
/// A person may take such a name; where the server says that it is no bot, it is none.
fn bot_of(username: &str, bot: Option<bool>) -> Option<TokenKind> {
    let numbered = |prefix: &str| {
        let (id, rest) = username.strip_prefix(prefix)?.split_once('_')?;
        (!id.is_empty() && id.bytes().all(|b| b.is_ascii_digit()) && rest.starts_with("bot")).then_some(())
    };
    match bot {
        Some(false) => None,
        _ if numbered("project_").is_some() => Some(TokenKind::Project),
        _ if numbered("group_").is_some() => Some(TokenKind::Group),
        Some(true) => Some(TokenKind::ServiceAccount),
        None => username.starts_with("service_account_").then_some(TokenKind::ServiceAccount),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bots_by_name() {
        let bot = Some(true);
        assert_eq!(bot_of("project_123_bot_4ffca233d8298ea1", bot), Some(TokenKind::Project));
        assert_eq!(bot_of("project_123_bot2", None), Some(TokenKind::Project));
        assert_eq!(bot_of("group_7_bot_abc", bot), Some(TokenKind::Group));
        assert_eq!(bot_of("service_account_group_345_6018", bot), Some(TokenKind::ServiceAccount));
        assert_eq!(bot_of("ci-deployer", bot), Some(TokenKind::ServiceAccount));
        assert_eq!(bot_of("project_123_bot_x", Some(false)), None);
        assert_eq!(bot_of("project_x_bot", None), None);
        assert_eq!(bot_of("octocat", None), None);
    }
}
