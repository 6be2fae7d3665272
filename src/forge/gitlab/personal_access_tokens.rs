//! `/personal_access_tokens/self`: what a token may say of itself, what it reaches, and its end.
//!
//! Any classic scope may ask; so may the tokens of projects and groups, which are rows of the same
//! table. A fine-grained token needs the permission, and is valid all the same without it.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use reqwest::Method;
use serde::Deserialize;

use super::super::error::{ForgeError, ForgeErrorKind};
use super::super::http::{Answer, Authorization, Call, Repeat};
use super::super::page;
use super::GitLab;
use crate::model::Secret;
use crate::model::inspection::{Place, Reach};

/// GitLab REST: "Get details on a personal access token" (self since 15.5; `granular` since 18.10).
#[derive(Deserialize)]
pub(super) struct SelfDescription {
    pub(super) id: Option<u64>,
    pub(super) name: Option<String>,
    pub(super) user_id: Option<u64>,
    pub(super) scopes: Option<Vec<String>>,
    #[serde(default)]
    pub(super) granular: Option<bool>,
    active: Option<bool>,
    revoked: Option<bool>,
    expires_at: Option<String>,
}

impl SelfDescription {
    /// What a 200 can say nevertheless: that the token is dead.
    pub(super) fn verdict(&self) -> Option<ForgeErrorKind> {
        match (self.revoked, self.active) {
            (Some(true), _) => Some(ForgeErrorKind::Revoked),
            (_, Some(false)) => Some(ForgeErrorKind::Expired),
            _ => None,
        }
    }

    /// GitLab kills a token at 00:00 UTC at the start of `expires_at`. The error is what could not be read.
    pub(super) fn end(&self) -> Result<Option<Timestamp>, String> {
        match self.expires_at.as_deref() {
            None | Some("") => Ok(None),
            Some(text) => start_of(text).map(Some).ok_or_else(|| text.to_owned()),
        }
    }

    /// Fine-grained: `granular` is true, or the scopes are exactly that word.
    pub(super) fn is_granular(&self) -> bool {
        self.granular == Some(true) || self.scopes.as_deref().is_some_and(|scopes| scopes == ["granular"])
    }
}

/// What an answer about itself says of a living token's end.
fn told(answer: &Answer) -> Option<Timestamp> {
    let found: SelfDescription = answer.is_good().then(|| answer.json("").ok())??;
    found.verdict().is_none().then(|| found.end().ok())??
}

/// 00:00 UTC at the start of a date `YYYY-MM-DD`; a whole time stamp is taken as it is.
fn start_of(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(stamp) = text.parse::<Timestamp>() {
        return Some(stamp);
    }
    let date: Date = text.parse().ok()?;
    date.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

/// GitLab REST: "List all token associations" (since 17.4).
#[derive(Deserialize)]
struct Associations {
    #[serde(default)]
    groups: Vec<Group>,
    #[serde(default)]
    projects: Vec<Project>,
}

#[derive(Deserialize)]
struct Group {
    full_path: Option<String>,
    web_url: Option<String>,
    name: Option<String>,
    access_levels: Option<Levels>,
}

#[derive(Deserialize)]
struct Project {
    path_with_namespace: Option<String>,
    name: Option<String>,
    access_levels: Option<Levels>,
}

/// A number for groups; for projects an object, of which the higher one counts.
#[derive(Deserialize)]
#[serde(untagged)]
enum Levels {
    One(u32),
    Both {
        #[serde(default)]
        project_access_level: Option<u32>,
        #[serde(default)]
        group_access_level: Option<u32>,
    },
    Other(serde::de::IgnoredAny),
}

impl Levels {
    fn highest(self) -> Option<u32> {
        match self {
            Self::One(level) => Some(level),
            Self::Both { project_access_level, group_access_level } => project_access_level.max(group_access_level),
            Self::Other(_) => None,
        }
    }
}

/// How many pages of associations are read; beyond them it is said that there are more.
const PAGES: usize = 3;

impl GitLab {
    /// What the token says of itself.
    pub(super) async fn describe_self(&self, authorization: Authorization<'_>) -> Result<SelfDescription, ForgeError> {
        let call = Call { tells: told, ..self.reading(&["personal_access_tokens", "self"], &[], authorization) };
        self.transport.send(&call).await?.json(&self.label)
    }

    /// The groups and projects the token reaches; nothing where GitLab is too old to say.
    pub(super) async fn associations(&self, authorization: Authorization<'_>) -> Result<Option<Reach>, ForgeError> {
        let path = ["personal_access_tokens", "self", "associations"];
        // 10 is Guest: everything the token is a member of.
        let call = self.reading(&path, &[("min_access_level", "10"), ("per_page", "100")], authorization);
        let mut reach = Reach::default();
        match page::each(&self.transport, call, PAGES, |answer| self.add(answer, &mut reach)).await {
            Ok(more) => Ok(Some(Reach { more, ..reach })),
            Err(error) if error.kind == ForgeErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn add(&self, answer: &Answer, reach: &mut Reach) -> Result<(), ForgeError> {
        let found: Associations = answer.json(&self.label)?;
        reach.groups.extend(found.groups.into_iter().filter_map(|group| {
            let path = group.full_path.or_else(|| self.group_path(group.web_url.as_deref()?)).or(group.name)?;
            Some(Place { path, access_level: group.access_levels.and_then(Levels::highest) })
        }));
        reach.projects.extend(found.projects.into_iter().filter_map(|project| {
            let path = project.path_with_namespace.or(project.name)?;
            Some(Place { path, access_level: project.access_levels.and_then(Levels::highest) })
        }));
        Ok(())
    }

    /// `https://HOST/groups/a/b` is the group `a/b`; behind a proxy the host may be another.
    fn group_path(&self, web_url: &str) -> Option<String> {
        let path = web_url.split_once("/groups/").map(|(_, path)| path)?;
        Some(path.trim_end_matches('/').to_owned()).filter(|path| !path.is_empty())
    }

    /// Revokes the token (since 15.0; any scope since 15.4). It cannot be undone.
    ///
    /// # Errors
    /// [`ForgeErrorKind::Unsupported`] for OAuth tokens, which only the application that got them can
    /// revoke, with the page where the user can; or what the forge said. After a lost connection it is
    /// unknown whether it was done: ask [`Self::is_dead`].
    pub async fn revoke(&self, token: &Secret) -> Result<(), ForgeError> {
        let call = Call {
            method: Method::DELETE,
            repeat: Repeat::Never,
            ..self.reading(&["personal_access_tokens", "self"], &[], Authorization::Bearer(token))
        };
        let page = match self.transport.send(&call).await {
            Ok(_) => return Ok(()),
            Err(error) => match error.status {
                Some(400) => "-/user_settings/applications",
                Some(404 | 405) => "-/user_settings/personal_access_tokens",
                _ => return Err(error),
            },
        };
        let kind = ForgeErrorKind::Unsupported { page: Some(self.host.page(page)) };
        Err(ForgeError::new(kind, &self.label))
    }

    /// Whether GitLab no longer accepts the token.
    ///
    /// # Errors
    /// When that could not be found out.
    pub async fn is_dead(&self, token: &Secret) -> Result<bool, ForgeError> {
        match self.describe_self(Authorization::Bearer(token)).await {
            Ok(found) => Ok(found.verdict().is_some()),
            Err(error) if error.kind.says_dead() => Ok(true),
            // 400: accepted, and no personal access token.
            Err(error) if error.kind.says_not_allowed() || error.status == Some(400) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_living_token_tells_its_end() {
        let end = |status, body| super::told(&super::Answer::made_up(status, &[], body)).map(|at| at.to_string());
        let date = r#"{"id":7,"active":true,"revoked":false,"expires_at":"2026-11-06"}"#;
        assert_eq!(end(200, date).as_deref(), Some("2026-11-06T00:00:00Z"));
        for (status, body) in [
            (200, r#"{"id":7,"active":true,"revoked":false,"expires_at":null}"#),
            (200, r#"{"id":7,"active":false,"revoked":true,"expires_at":"2026-11-06"}"#),
            (200, r#"{"id":7,"active":true,"expires_at":"soon"}"#),
            (200, "[]"),
            (401, date),
        ] {
            assert_eq!(end(status, body), None, "{body}");
        }
    }

    use super::*;

    fn described(json: &str) -> SelfDescription {
        serde_json::from_str(json).unwrap_or_else(|error| unreachable!("{error}"))
    }

    #[test]
    fn recorded_bodies() {
        let old = described(
            r#"{"id":4,"name":"n","revoked":false,"created_at":"2026-06-17T10:00:00.000Z","description":null,"scopes":["api","self_rotate"],"user_id":3,"last_used_at":null,"active":true,"expires_at":"2027-02-01"}"#,
        );
        assert!(old.verdict().is_none() && !old.is_granular());
        assert_eq!(old.end().map(|at| at.map(|at| at.to_string())), Ok(Some("2027-02-01T00:00:00Z".into())));
        let new =
            described(r#"{"id":4,"scopes":["granular"],"granular":true,"last_used_ips":["::1"],"expires_at":null}"#);
        assert!(new.is_granular());
        assert_eq!(new.end(), Ok(None));
        assert!(!described(r#"{"scopes":["granular","api"],"granular":false}"#).is_granular());
        assert_eq!(described(r#"{"revoked":true,"active":false}"#).verdict(), Some(ForgeErrorKind::Revoked));
        assert_eq!(described(r#"{"revoked":false,"active":false}"#).verdict(), Some(ForgeErrorKind::Expired));
        assert!(described("{}").verdict().is_none());
    }

    #[test]
    fn ends() {
        assert_eq!(start_of("2026-06-17").map(|at| at.to_string()).as_deref(), Some("2026-06-17T00:00:00Z"));
        assert_eq!(
            start_of("2026-06-17T05:00:00.000Z").map(|at| at.to_string()).as_deref(),
            Some("2026-06-17T05:00:00Z")
        );
        assert_eq!(start_of("soon"), None);
        assert_eq!(described(r#"{"expires_at":"soon"}"#).end(), Err("soon".into()));
    }

    proptest::proptest! {
        #[test]
        fn dates_never_panic(text in ".{0,30}") {
            let _ = start_of(&text);
        }
    }
}
