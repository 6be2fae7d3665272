//! Where a person makes the new token: on the old one's own page where that is known, which keeps all it has; else on a
//! page that is filled in alike, as far as anybody knows what the old one has.
//!
//! Sources: GitHub has no call that makes or extends a personal access token; its settings page has "Regenerate token",
//! which keeps permissions and repositories and gives a new value (`settings/personal-access-tokens/ID`). A classic
//! token's number is told to nobody, so its page is the pre-filled one. GitLab docs, "Personal access tokens": an
//! expired or revoked token cannot be rotated; tokens of projects and groups are made in their settings.

use url::Url;

use super::super::plan::knows_self_rotate;
use super::reach;
use crate::model::{Connection, ForgeKind, Host, Task, TokenKind, TokenRecord, Wish, scope};
use crate::workflow::new_token::{Page, Wanted, new_token};
use crate::workflow::tools::host_of;
use crate::workflow::{Error, Field, Tools};

/// What a token is called that nobody has named.
const USUAL_NAME: &str = "connect";

/// The longest life that the pages offer, in days: GitHub's of a fine-grained token, GitLab's where an instance
/// allows the most.
const LONGEST: (u32, u32) = (366, 400);

/// The page that makes the new token of a connection, and what is to be there. Asks nobody. `days` is how long it
/// shall live.
///
/// # Errors
/// [`Error::NoToken`] where the connection only receives webhooks, [`Error::Record`] where its address does not read.
pub fn page(tools: &Tools<'_>, connection: &Connection, days: u32) -> Result<Page, Error> {
    let host = host_of(connection)?;
    let name = || Error::NoToken { connection: connection.name.clone() };
    let token = connection.token.as_ref().ok_or_else(name)?;
    Ok(match (host.kind(), token.id) {
        (ForgeKind::GitHub, Some(id)) if !is_app(&token.kind) => own_page(&host, &token.kind, id, days),
        (ForgeKind::GitHub, _) => github(tools, connection, &host, token, days),
        (ForgeKind::GitLab, _) => gitlab(tools, connection, &host, token, days),
    })
}

const fn is_app(kind: &TokenKind) -> bool {
    matches!(kind, TokenKind::Oauth | TokenKind::AppUser | TokenKind::AppInstallation)
}

fn field(label: &str, value: impl Into<String>) -> Field {
    Field { label: label.to_owned(), value: value.into() }
}

fn plain(url: Url, by_hand: Vec<Field>) -> Page {
    Page { url, filled_in: Vec::new(), by_hand }
}

/// The token's own page. A new value comes into being there, and all else stays.
fn own_page(host: &Host, kind: &TokenKind, id: u64, days: u32) -> Page {
    let folder = if matches!(kind, TokenKind::FineGrained) { "personal-access-tokens" } else { "tokens" };
    plain(
        host.page(&format!("settings/{folder}/{id}")),
        vec![
            field("Press", "\"Regenerate token\": what it may do stays, and the old value dies there and then"),
            field("Expiration", format!("{days} days")),
        ],
    )
}

fn github(tools: &Tools<'_>, connection: &Connection, host: &Host, token: &TokenRecord, days: u32) -> Page {
    match token.kind {
        TokenKind::Oauth | TokenKind::AppUser => {
            return plain(
                host.page("settings/applications"),
                vec![field("Who made it", "an application: sign in there again, and take the token it has then")],
            );
        }
        TokenKind::AppInstallation => {
            return plain(
                host.page("settings/installations"),
                vec![field("Who made it", "a GitHub App, which makes a new one each hour")],
            );
        }
        _ => {}
    }
    let classic = !matches!(token.kind, TokenKind::FineGrained);
    let (wishes, unknown) = match &token.scopes {
        Some(scopes) if classic => as_wishes(ForgeKind::GitHub, scopes),
        _ => (used_for(tools, connection), Vec::new()),
    };
    let repositories = reach::repositories(tools, connection);
    let owners: Vec<&str> = repositories.iter().filter_map(|path| path.split('/').next()).collect();
    let owner = owners.first().filter(|first| owners.iter().all(|owner| owner == *first)).copied();
    let wanted = Wanted {
        host,
        wishes: &wishes,
        owner: owner.filter(|_| !classic),
        repositories: &[],
        name: token.label.as_deref().unwrap_or(USUAL_NAME),
        description: None,
        days: Some(days.min(LONGEST.0)),
        classic,
        self_rotate: false,
    };
    let list = host.page(if classic { "settings/tokens" } else { "settings/personal-access-tokens" });
    let Ok(mut page) = new_token(&wanted) else {
        return plain(list, vec![field("Scopes", "as the old token has them, which is on the same list")]);
    };
    if classic {
        page.by_hand.extend(unknown.into_iter().map(|scope| field("Scope", scope)));
    } else {
        let note = format!("add what the old token has beside these: {list} shows it, if you made it");
        page.by_hand.insert(0, field("Permissions", note));
        if !repositories.is_empty() {
            page.by_hand.push(field("At least", repositories.join(", ")));
        }
    }
    page
}

fn gitlab(tools: &Tools<'_>, connection: &Connection, host: &Host, token: &TokenRecord, days: u32) -> Page {
    let scopes = token.scopes.clone().unwrap_or_default();
    let settings = |word: &str| {
        let mut by_hand =
            vec![field("Where", format!("in the {word}'s own Settings, \"Access tokens\", as one of its owners"))];
        by_hand.push(field("Token name", token.label.as_deref().unwrap_or(USUAL_NAME)));
        by_hand.push(field("Expiration date", format!("{days} days from today")));
        by_hand.extend(scopes.iter().map(|scope| field("Scope", scope.as_str())));
        by_hand
    };
    match token.kind {
        TokenKind::Project => return plain(project_page(tools, connection, host), settings("project")),
        TokenKind::Group => return plain(host.page("dashboard/groups"), settings("group")),
        TokenKind::Oauth => {
            return plain(
                host.page("-/user_settings/applications"),
                vec![field("Who made it", "an application: sign in there again, and take the token it has then")],
            );
        }
        _ => {}
    }
    let (mut wishes, unknown) = as_wishes(ForgeKind::GitLab, &scopes);
    if wishes.is_empty() {
        wishes = used_for(tools, connection);
    }
    let wanted = Wanted {
        host,
        wishes: &wishes,
        owner: None,
        repositories: &[],
        name: token.label.as_deref().unwrap_or(USUAL_NAME),
        description: None,
        days: Some(days.min(LONGEST.1)),
        classic: false,
        self_rotate: knows_self_rotate(connection),
    };
    match new_token(&wanted) {
        Ok(mut page) => {
            page.by_hand.extend(unknown.into_iter().map(|scope| field("Scope", scope)));
            page
        }
        Err(_) => plain(host.page("-/user_settings/personal_access_tokens"), settings("user")),
    }
}

/// The page of a project's tokens, where one project alone is known.
fn project_page(tools: &Tools<'_>, connection: &Connection, host: &Host) -> Url {
    match reach::projects(tools, connection).as_slice() {
        [path] => host.page(&format!("{path}/-/settings/access_tokens")),
        _ => host.page("dashboard/projects"),
    }
}

/// Scopes as the page takes them, and those that connect does not know.
fn as_wishes(forge: ForgeKind, scopes: &[String]) -> (Vec<Wish>, Vec<String>) {
    let (known, unknown): (Vec<&String>, Vec<&String>) = scopes.iter().partition(|word| scope::is_known(forge, word));
    (known.into_iter().cloned().map(Wish::Scope).collect(), unknown.into_iter().cloned().collect())
}

/// What the token is known to be used for, where the forge does not tell what it may do.
fn used_for(tools: &Tools<'_>, connection: &Connection) -> Vec<Wish> {
    let hooks = connection.webhook.as_ref().is_some_and(|webhook| !webhook.hooks.is_empty());
    let imports = !reach::imports(tools, connection).is_empty();
    let usual = [Task::Git, Task::Read].map(Wish::Task).into_iter();
    let more = [(hooks, Task::Webhooks), (imports, Task::Import)];
    usual.chain(more.into_iter().filter(|(used, _)| *used).map(|(_, task)| Wish::Task(task))).collect()
}
