//! Where what is missing is added.

use url::Url;

use crate::model::need::{Need, NeedKind, Verdict};
use crate::model::{ForgeKind, Host, TokenKind, Wish};

use super::super::new_token::{Page, Wanted, new_token};
use super::{Case, Findings, Seen};

/// What a token is called that connect proposes.
const NAME: &str = "connect";
/// How long it is to live, in days.
const DAYS: u32 = 90;

/// The page for editing the token, or for making another where tokens cannot be edited; and, beside a page for
/// editing, the pre-filled one.
pub(super) fn of(case: &Case<'_>, findings: &mut Findings) -> (Option<Url>, Option<Page>) {
    let path = findings.seen.as_ref().map(Seen::path);
    let kind = match case.connection.token.as_ref().map(|token| &token.kind) {
        // A short look does not tell the tokens of projects and groups from those of people.
        Some(known @ (TokenKind::Project | TokenKind::Group)) => known,
        _ => &case.said.kind,
    };
    pages(&case.host, kind, &findings.needs, case.wishes, path.as_deref())
}

/// The page where what a token lacks is added, when it is about to be kept.
pub(in super::super) fn for_missing(host: &Host, kind: &TokenKind, needs: &[Need], wishes: &[Wish]) -> Option<Url> {
    pages(host, kind, needs, wishes, None).0
}

fn pages(
    host: &Host,
    kind: &TokenKind,
    needs: &[Need],
    wishes: &[Wish],
    path: Option<&str>,
) -> (Option<Url>, Option<Page>) {
    let about_the_token = |need: &&Need| matches!(need.kind, NeedKind::Scope | NeedKind::Permission);
    let mut concerned = needs.iter().filter(about_the_token);
    if !concerned.any(|need| matches!(need.verdict, Verdict::Missing | Verdict::Sso | Verdict::Policy)) {
        return (None, None);
    }
    let lacking = needs.iter().filter(about_the_token).any(|need| need.verdict == Verdict::Missing);
    let repositories: Vec<String> = path.map(str::to_owned).into_iter().collect();
    let wanted = Wanted {
        host,
        wishes,
        owner: None,
        repositories: &repositories,
        name: NAME,
        description: None,
        days: Some(DAYS),
        classic: false,
        self_rotate: true,
    };
    match (host.kind(), kind) {
        (ForgeKind::GitHub, TokenKind::AppUser | TokenKind::AppInstallation) => {
            (Some(host.page("settings/installations")), None)
        }
        (ForgeKind::GitHub, TokenKind::Oauth) => (Some(host.page("settings/applications")), None),
        (ForgeKind::GitHub, TokenKind::Classic | TokenKind::Legacy) => (Some(host.page("settings/tokens")), None),
        (ForgeKind::GitHub, _) => {
            let new = lacking.then(|| new_token(&wanted).ok()).flatten();
            (Some(host.page("settings/personal-access-tokens")), new)
        }
        (ForgeKind::GitLab, TokenKind::Project) => (path.map(|path| settings(host, path)), None),
        (ForgeKind::GitLab, TokenKind::Group) => {
            let top = path.map(|path| path.rsplit_once('/').map_or(path, |(above, _)| above));
            (top.map(|path| settings(host, &format!("groups/{path}"))), None)
        }
        (ForgeKind::GitLab, TokenKind::Granular) => (Some(host.page("-/user_settings/personal_access_tokens")), None),
        (ForgeKind::GitLab, TokenKind::Oauth) => (Some(host.page("-/user_settings/applications")), None),
        (ForgeKind::GitLab, _) => {
            let plain = || host.page("-/user_settings/personal_access_tokens");
            (Some(new_token(&wanted).map_or_else(|_| plain(), |page| page.url)), None)
        }
    }
}

fn settings(host: &Host, path: &str) -> Url {
    host.page(&format!("{path}/-/settings/access_tokens"))
}
