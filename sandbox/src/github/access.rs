//! May this caller do this there? Asked in the order in which GitHub asks.
//!
//! Single sign-on and the organisation's policies; is the repository there for this caller (404);
//! has the token the permission (403 with `X-Accepted-GitHub-Permissions`) or the scope (404 with
//! `X-Accepted-OAuth-Scopes`); has the user the role; is it archived. Only then the request itself
//! is looked at: which is why a token can be probed with requests that nobody would grant.
//!
//! Source: GitHub REST "Troubleshooting", "Permissions required for fine-grained personal access
//! tokens", refusals quoted in public issues, and the order that TruffleHog's probes rely upon.

use super::{Call, error};
use crate::http::Answer;
use crate::world::github::{Account, Repository, Role, Token, TokenKind};

/// What a route of a repository asks for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asks {
    /// Of a classic token: any of them. `public_repo` is for public repositories only.
    pub scopes: &'static str,
    /// Of a token with permissions: `a=read,b=write` are both, `; ` stands between alternatives.
    pub permissions: &'static str,
    /// Of the user.
    pub role: Role,
    /// What a user with a lower role is told with 403; without it, nothing is found.
    pub too_low: Option<&'static str>,
    /// In a public repository it is everybody's to read.
    pub open: bool,
}

/// What users hear whose role is too low.
pub(super) const ADMIN_RIGHTS: &str = "Must have admin rights to Repository.";

impl Asks {
    /// Reads what is public in a public repository.
    pub const fn reading(permissions: &'static str) -> Self {
        Self { scopes: "repo", permissions, role: Role::Pull, too_low: None, open: true }
    }

    /// Writes, which takes the role of one who pushes.
    pub const fn writing(permissions: &'static str) -> Self {
        Self { scopes: "public_repo, repo", permissions, role: Role::Push, too_low: None, open: false }
    }

    /// The same for an administrator.
    pub const fn of_admins(self, too_low: Option<&'static str>) -> Self {
        Self { role: Role::Admin, too_low, open: false, ..self }
    }

    /// The same with other scopes.
    pub const fn scopes(self, scopes: &'static str) -> Self {
        Self { scopes, ..self }
    }

    /// The same with other words for those whose role is too low.
    pub const fn too_low(self, role: Role, words: &'static str) -> Self {
        Self { role, too_low: Some(words), ..self }
    }
}

/// Lets the caller in, or says why not.
pub(super) fn enter(call: &mut Call<'_>, repository: &Repository, asks: Asks) -> Result<Role, Answer> {
    call.accepts(asks.scopes, asks.permissions);
    let write = is_write(call);
    let everybodys = !repository.private && asks.open && !write;
    if repository.private && !user_sees(call, repository) {
        return Err(error::not_found());
    }
    check_sso(call.caller.as_ref(), &repository.owner)?;
    check_policy(call, &repository.owner, !everybodys)?;
    let role = reach(call, repository, asks.scopes).ok_or_else(error::not_found)?;
    // What is said of the repository itself still says that it is disabled.
    if repository.disabled && asks.permissions != "metadata=read" {
        return Err(error::blocked());
    }
    if !everybodys {
        let token = call.token()?;
        if token.has_permissions() {
            check_permissions(&token, asks.permissions, token.selects(repository))?;
        } else if !has_scope(&token, asks.scopes, repository.private) {
            return Err(error::not_found());
        }
    }
    if role < asks.role {
        return Err(asks.too_low.map_or_else(error::not_found, |words| error::refusal(403, words)));
    }
    if write && repository.archived {
        return Err(error::refusal(403, "Repository was archived so is read-only."));
    }
    Ok(role)
}

/// Is this request one that changes something?
fn is_write(call: &Call<'_>) -> bool {
    !matches!(call.request.method.as_str(), "GET" | "HEAD")
}

/// Has the caller a role there, whatever the token may?
fn user_sees(call: &Call<'_>, repository: &Repository) -> bool {
    call.caller.as_ref().is_some_and(|token| {
        token.kind == TokenKind::Installation || call.github.role(&token.login, repository).is_some()
    })
}

/// What the caller may do there: the user's role, as far as the token reaches.
pub(super) fn reach(call: &Call<'_>, repository: &Repository, scopes: &str) -> Option<Role> {
    let open = (!repository.private).then_some(Role::Pull);
    let Some(token) = &call.caller else {
        return open;
    };
    let role = if token.kind == TokenKind::Installation {
        (token.resource_owner.as_ref() == Some(&repository.owner)).then_some(Role::Push)
    } else {
        call.github.role(&token.login, repository)
    };
    let seen =
        if token.has_permissions() { token.selects(repository) } else { has_scope(token, scopes, repository.private) };
    if repository.private && !seen { None } else { role.or(open) }
}

fn has_scope(token: &Token, any_of: &str, private: bool) -> bool {
    any_of.split(", ").filter(|scope| !(private && *scope == "public_repo")).any(|scope| token.has_scope(&[scope]))
}

/// Refuses a token without the permissions: any of the alternatives, each of them whole.
pub(super) fn check_permissions(token: &Token, permissions: &str, selected: bool) -> Result<(), Answer> {
    let granted = |pair: &str| pair.split_once('=').is_some_and(|(permission, level)| token.grants(permission, level));
    if selected && permissions.split("; ").any(|all| all.split(',').all(granted)) {
        return Ok(());
    }
    Err(error::not_accessible(match token.kind {
        TokenKind::FineGrained => "personal access token",
        _ => "integration",
    }))
}

/// Refuses a token that single sign-on keeps out of the owner's resources.
pub(super) fn check_sso(token: Option<&Token>, owner: &str) -> Result<(), Answer> {
    match token {
        Some(token) if token.without_sso.iter().any(|login| login == owner) => {
            let bearer = match token.kind {
                TokenKind::OAuth => "OAuth token",
                _ => "Personal Access token",
            };
            Err(error::sso_required(bearer, owner))
        }
        _ => Ok(()),
    }
}

/// Refuses what the organisation's policies forbid. `guarded` is whatever is not everybody's to
/// read; a fine-grained token that lives too long is refused even that.
pub(super) fn check_policy(call: &Call<'_>, owner: &str, guarded: bool) -> Result<(), Answer> {
    let (Some(token), Some(owner)) = (&call.caller, call.github.account(owner)) else {
        return Ok(());
    };
    match forbidden(call, token, owner, guarded) {
        Some(words) => Err(error::refusal(403, &words)),
        None => Ok(()),
    }
}

fn forbidden(call: &Call<'_>, token: &Token, owner: &Account, guarded: bool) -> Option<String> {
    let (policy, login) = (owner.policy, &owner.login);
    let fine_grained = token.kind == TokenKind::FineGrained;
    if let Some(days) = policy.lifetime_limit_days
        && fine_grained
        && outlives(call, token, days)
    {
        return Some(format!(
            "The '{login}' organization forbids access via a fine-grained personal access tokens if the token's \
             lifetime is greater than {days} days. Please adjust your token's lifetime at the following URL: \
             {}/settings/personal-access-tokens/{}",
            call.site, token.settings_id
        ));
    }
    if !guarded {
        return None;
    }
    if policy.forbids_classic && token.kind == TokenKind::Classic {
        return Some(format!(
            "`{login}` forbids access via a personal access token (classic). Please use a GitHub App, OAuth App, or \
             a personal access token with fine-grained permissions."
        ));
    }
    if policy.forbids_fine_grained && fine_grained {
        // Nowhere quoted: said in the words of its two neighbours.
        return Some(format!(
            "`{login}` forbids access via a fine-grained personal access tokens. Please use a GitHub App, OAuth App, \
             or a personal access token (classic)."
        ));
    }
    policy.ip_allow_list.then(|| {
        format!(
            "Although you appear to have the correct authorization credentials, the `{login}` organization has an IP \
             allow list enabled, and your IP address is not permitted to access this resource."
        )
    })
}

/// Does the token live longer than so many days, from its making to its end?
fn outlives(call: &Call<'_>, token: &Token, days: u32) -> bool {
    let lifetime = |end: jiff::Timestamp| end.as_second() - call.github.began_at.as_second();
    token.expires_at.is_none_or(|end| lifetime(end) > i64::from(days) * 86_400)
}
