//! The page that makes the right token: a pre-filled link, and the list of what it fills in.
//!
//! The list is always given beside the link: a link cannot choose repositories, vendors have broken
//! and mended these links before, and some servers ignore parts of them.
//!
//! Sources: GitHub docs, "Managing your personal access tokens" (`name`, `description`, `target_name`,
//! `expires_in` and one parameter a permission; on classic pages `scopes` and `description` are in
//! wide use, `default_expires_at` too, undocumented); GitLab docs, "Personal access tokens" (`name`,
//! `description`, `scopes`).

use url::Url;

use crate::model::host::Flavour;
use crate::model::permission::{Level, Permission, classic_scope};
use crate::model::scope::includes;
use crate::model::{ForgeKind, Host, Task, Wish, scope, wish};

/// What the token is wanted for.
#[derive(Debug, Clone)]
pub struct Wanted<'a> {
    /// Which forge.
    pub host: &'a Host,
    /// For what; at least one.
    pub wishes: &'a [Wish],
    /// Who owns the repositories it is for: a user or an organisation (GitHub, fine-grained).
    pub owner: Option<&'a str>,
    /// The repositories it is for.
    pub repositories: &'a [String],
    /// What the forge shall call the token.
    pub name: &'a str,
    /// A note for whoever finds the token later.
    pub description: Option<&'a str>,
    /// Its lifetime in days; nothing for the longest that the forge allows.
    pub days: Option<u32>,
    /// A classic token rather than a fine-grained one (GitHub).
    pub classic: bool,
    /// Whether the server knows the scope `self_rotate` (GitLab, since 17.9).
    pub self_rotate: bool,
}

/// The page, and what it is to contain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The link, pre-filled.
    pub url: Url,
    /// What the link fills in, in the order of the page.
    pub filled_in: Vec<Field>,
    /// What has to be done by hand.
    pub by_hand: Vec<Field>,
}

/// One field of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The label on the page.
    pub label: String,
    /// What belongs there.
    pub value: String,
}

fn field(label: &str, value: impl Into<String>) -> Field {
    Field { label: label.to_owned(), value: value.into() }
}

/// Why such a token cannot be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CannotAsk {
    /// GitHub's limit for a fine-grained token's name.
    #[error("GitHub takes at most 40 characters as a token's name")]
    LongName,
    /// GitHub's limit for a fine-grained token's description.
    #[error("GitHub takes at most 1024 characters as a token's description")]
    LongDescription,
    /// Beyond what the forge lets a token live.
    #[error("a token lives at least a day and at most {at_most} days")]
    Lifetime {
        /// The longest.
        at_most: u32,
    },
    /// A word that the page has no field for. It is not repeated: it may have been a token.
    #[error("a word after `--for` is neither a task nor a permission or scope of {forge}{}", did_you_mean(*.similar))]
    UnknownWord {
        /// Whose page it is.
        forge: ForgeKind,
        /// What may have been meant.
        similar: Option<&'static str>,
    },
    /// A scope, and the page for tokens that have permissions instead.
    #[error("fine-grained tokens have permissions instead of scopes; a classic one has `{scope}`: `--classic`")]
    ScopeOfClassic {
        /// Which scope.
        scope: &'static str,
    },
    /// A permission that no scope of the page stands for.
    #[error("no scope of {forge} stands for the permission `{key}` alone")]
    NoScope {
        /// Whose page it is.
        forge: ForgeKind,
        /// Which permission.
        key: &'static str,
    },
}

fn did_you_mean(similar: Option<&str>) -> String {
    similar.map(|word| format!("; did you mean `{word}`?")).unwrap_or_default()
}

/// Makes the page's link and lists.
///
/// # Errors
/// [`CannotAsk`] for what the page would refuse.
pub fn new_token(wanted: &Wanted<'_>) -> Result<Page, CannotAsk> {
    match (wanted.host.kind(), wanted.classic) {
        (ForgeKind::GitHub, false) => fine_grained(wanted),
        (ForgeKind::GitHub, true) => classic(wanted),
        (ForgeKind::GitLab, _) => gitlab(wanted),
    }
}

fn lifetime(wanted: &Wanted<'_>, at_most: u32) -> Result<(), CannotAsk> {
    match wanted.days {
        Some(days) if days == 0 || days > at_most => Err(CannotAsk::Lifetime { at_most }),
        _ => Ok(()),
    }
}

fn fine_grained(wanted: &Wanted<'_>) -> Result<Page, CannotAsk> {
    lifetime(wanted, 366)?;
    if wanted.name.chars().count() > 40 {
        return Err(CannotAsk::LongName);
    }
    if wanted.description.is_some_and(|text| text.chars().count() > 1024) {
        return Err(CannotAsk::LongDescription);
    }
    let mut url = wanted.host.page("settings/personal-access-tokens/new");
    let mut filled_in = vec![field("Token name", wanted.name)];
    let mut query = url.query_pairs_mut();
    query.append_pair("name", wanted.name);
    if let Some(description) = wanted.description {
        query.append_pair("description", description);
        filled_in.push(field("Description", description));
    }
    let owner = wanted.owner.or_else(|| wanted.repositories.first().and_then(|repo| repo.split('/').next()));
    if let Some(owner) = owner {
        query.append_pair("target_name", owner);
        filled_in.push(field("Resource owner", owner));
    }
    if let Some(days) = wanted.days {
        query.append_pair("expires_in", &days.to_string());
        filled_in.push(field("Expiration", format!("{days} days")));
    }
    for permission in permissions(wanted.wishes)? {
        query.append_pair(permission.key, permission.level.word());
        filled_in.push(field(permission.label, permission.level.on_the_page()));
    }
    drop(query);
    let mut by_hand = vec![match wanted.repositories {
        [] => field("Repository access", "choose \"Only select repositories\", and which"),
        repositories => {
            field("Repository access", format!("choose \"Only select repositories\": {}", repositories.join(", ")))
        }
    }];
    if owner.is_none() {
        by_hand.push(field("Resource owner", "choose the user or organisation that owns the repositories"));
    }
    Ok(Page { url, filled_in, by_hand })
}

/// What all of it needs together, each permission at the highest level that any of it needs.
fn permissions(wishes: &[Wish]) -> Result<Vec<Permission>, CannotAsk> {
    let mut needed: Vec<Permission> = Vec::new();
    for wish in wishes {
        let several = match wish {
            Wish::Task(task) => task.github_permissions(),
            Wish::Permission(permission) => std::slice::from_ref(permission),
            Wish::Scope(scope) => return Err(not_on_this_page(ForgeKind::GitHub, scope)),
            Wish::Word(word) => return Err(unknown_word(ForgeKind::GitHub, word)),
        };
        for permission in several {
            match needed.iter_mut().find(|have| have.key == permission.key) {
                Some(have) => have.level = have.level.max(permission.level),
                None => needed.push(*permission),
            }
        }
    }
    // Metadata is ticked by itself and stands last on the page's list of what was chosen.
    needed.sort_by_key(|permission| (permission.level == Level::Read, permission.key == "metadata"));
    Ok(needed)
}

fn unknown_word(forge: ForgeKind, word: &str) -> CannotAsk {
    CannotAsk::UnknownWord { forge, similar: wish::similar(word) }
}

/// A scope where permissions are wanted, or one of the other forge.
fn not_on_this_page(forge: ForgeKind, word: &str) -> CannotAsk {
    match scope::known(ForgeKind::GitHub).find(|known| *known == word) {
        Some(scope) if forge == ForgeKind::GitHub => CannotAsk::ScopeOfClassic { scope },
        _ => unknown_word(forge, word),
    }
}

fn classic(wanted: &Wanted<'_>) -> Result<Page, CannotAsk> {
    let scopes = scopes(ForgeKind::GitHub, wanted.wishes, |task| task.github_scopes())?;
    let mut url = wanted.host.page("settings/tokens/new");
    let note = wanted.description.map_or_else(|| wanted.name.to_owned(), |text| format!("{}: {text}", wanted.name));
    let mut filled_in = vec![field("Note", note.as_str())];
    url.query_pairs_mut().append_pair("description", &note);
    if let Some(days) = wanted.days {
        url.query_pairs_mut().append_pair("default_expires_at", &days.to_string());
        filled_in.push(field("Expiration", format!("{days} days")));
    }
    append_scopes(&mut url, &scopes);
    filled_in.extend(scopes.iter().map(|scope| field("Scope", *scope)));
    let by_hand = match wanted.host.flavour() {
        Flavour::GitHubCom | Flavour::GheCom => {
            vec![field("After making it", "\"Configure SSO\", if the organisation uses single sign-on")]
        }
        _ => Vec::new(),
    };
    Ok(Page { url, filled_in, by_hand })
}

fn gitlab(wanted: &Wanted<'_>) -> Result<Page, CannotAsk> {
    // GitLab docs: 365 days, or 400 where the instance allows it.
    lifetime(wanted, 400)?;
    let mut scopes = scopes(ForgeKind::GitLab, wanted.wishes, |task| task.gitlab_scopes())?;
    if !wanted.self_rotate {
        scopes.retain(|scope| *scope != "self_rotate");
    } else if !scopes.iter().any(|scope| includes(ForgeKind::GitLab, scope, "self_rotate")) {
        // So that the token can be renewed by itself; `api` includes it.
        scopes.push("self_rotate");
    }
    let mut url = wanted.host.page("-/user_settings/personal_access_tokens");
    url.query_pairs_mut().append_pair("name", wanted.name);
    let mut filled_in = vec![field("Token name", wanted.name)];
    if let Some(description) = wanted.description {
        url.query_pairs_mut().append_pair("description", description);
        filled_in.push(field("Description", description));
    }
    append_scopes(&mut url, &scopes);
    filled_in.extend(scopes.iter().map(|scope| field("Scope", *scope)));
    let by_hand = match wanted.days {
        Some(days) => vec![field("Expiration date", format!("{days} days from today (the link cannot say it)"))],
        None => Vec::new(),
    };
    Ok(Page { url, filled_in, by_hand })
}

/// What all of it needs together, without what another of the scopes includes.
fn scopes(
    forge: ForgeKind,
    wishes: &[Wish],
    needs: impl Fn(Task) -> &'static [&'static str],
) -> Result<Vec<&'static str>, CannotAsk> {
    let mut needed: Vec<&'static str> = Vec::new();
    for wish in wishes {
        match wish {
            Wish::Task(task) => needed.extend(needs(*task)),
            Wish::Permission(permission) if forge == ForgeKind::GitLab => {
                return Err(CannotAsk::NoScope { forge, key: permission.key });
            }
            // Public information needs no scope.
            Wish::Permission(permission) if permission.key == "metadata" => {}
            Wish::Permission(permission) => match classic_scope(permission.key, permission.level) {
                Some(scope) => needed.push(scope),
                None => return Err(CannotAsk::NoScope { forge, key: permission.key }),
            },
            Wish::Scope(word) | Wish::Word(word) => match scope::known(forge).find(|known| known == word) {
                Some(scope) => needed.push(scope),
                None => return Err(unknown_word(forge, word)),
            },
        }
    }
    let mut kept: Vec<&'static str> = Vec::new();
    for (index, scope) in needed.iter().enumerate() {
        // GitLab docs: `write_repository` is git alone, `read_repository` reads files by the API too.
        let mut wider = needed.iter().filter(|other| *other != scope && **other != "write_repository");
        let included = wider.any(|other| includes(forge, other, scope));
        if !included && !needed.iter().take(index).any(|before| before == scope) {
            kept.push(scope);
        }
    }
    Ok(kept)
}

/// Both vendors want the scopes comma-separated, with the commas as they are.
fn append_scopes(url: &mut Url, scopes: &[&str]) {
    let so_far = url.query().unwrap_or_default().to_owned();
    url.set_query(Some(&format!("{so_far}&scopes={}", scopes.join(","))));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(kind: ForgeKind, tasks: &[Task], classic: bool) -> Page {
        let host = Host::vendor(kind).unwrap_or_else(|e| panic!("{e}"));
        let wishes: Vec<Wish> = tasks.iter().copied().map(Wish::Task).collect();
        let wanted = Wanted {
            host: &host,
            wishes: &wishes,
            owner: None,
            repositories: &["agility-game/home-assistant-community-store".into()],
            name: "connect",
            description: Some("CI & mirrors"),
            days: Some(90),
            classic,
            self_rotate: true,
        };
        new_token(&wanted).unwrap_or_else(|e| panic!("{e}"))
    }

    #[test]
    fn a_fine_grained_token_for_an_import() {
        let page = page(ForgeKind::GitHub, &[Task::Import], false);
        assert_eq!(
            page.url.as_str(),
            "https://github.com/settings/personal-access-tokens/new?name=connect&description=CI+%26+mirrors\
             &target_name=agility-game&expires_in=90&actions=write&contents=write&issues=write\
             &repository_hooks=write&workflows=write&statuses=write&metadata=read"
        );
        let last = page.filled_in.last().map(|f| (f.label.as_str(), f.value.as_str()));
        assert_eq!(last, Some(("Metadata", "Read-only")));
    }

    #[test]
    fn tasks_add_up_to_the_highest_level() {
        let both = permissions(&[Wish::Task(Task::Read), Wish::Task(Task::Git)]);
        let contents: Vec<Level> = both.iter().flatten().filter(|p| p.key == "contents").map(|p| p.level).collect();
        assert_eq!(contents, [Level::Write]);
    }

    #[test]
    fn what_a_scope_includes_is_not_asked_for_twice() {
        let classic = page(ForgeKind::GitHub, &[Task::Webhooks, Task::Git], true);
        assert!(classic.url.as_str().ends_with("&scopes=repo,workflow"), "{}", classic.url);
        let wide = page(ForgeKind::GitLab, &[Task::Git, Task::Import], false);
        assert!(wide.url.as_str().ends_with("&scopes=api"), "{}", wide.url);
        let narrow = page(ForgeKind::GitLab, &[Task::Read], false);
        assert!(narrow.url.as_str().ends_with("&scopes=read_api,read_repository,self_rotate"), "{}", narrow.url);
    }

    #[test]
    fn limits() {
        let host = Host::vendor(ForgeKind::GitHub).unwrap_or_else(|e| panic!("{e}"));
        let long = "x".repeat(41);
        let mut wanted = Wanted {
            host: &host,
            wishes: &[Wish::Task(Task::Git)],
            owner: None,
            repositories: &[],
            name: &long,
            description: None,
            days: Some(90),
            classic: false,
            self_rotate: true,
        };
        assert_eq!(new_token(&wanted), Err(CannotAsk::LongName));
        wanted.name = "x";
        wanted.days = Some(367);
        assert_eq!(new_token(&wanted), Err(CannotAsk::Lifetime { at_most: 366 }));
    }
}
