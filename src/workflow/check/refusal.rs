//! What a forge's refusal says of a need: a verdict, or that it says nothing.

use crate::forge::{ForgeError, ForgeErrorKind as Kind};
use crate::model::Host;
use crate::model::need::{Need, Verdict};
use crate::model::text::masked_url;

/// How to go on after a refusal.
pub(super) enum Refusal {
    /// This need has this verdict.
    Here(Verdict),
    /// So it will be with all of them: nothing more is to be asked.
    Everywhere(Verdict),
    /// The forge cannot be asked any further: network, server, limit.
    Weather,
    /// It is about the token or the account as a whole.
    Whole,
}

/// Reads a refusal. A lack is concluded from nothing but the forge's own word for it.
pub(super) fn read(error: &ForgeError) -> Refusal {
    match &error.kind {
        kind if kind.says_dead() => Refusal::Whole,
        Kind::OtpRequired
        | Kind::DpopRequired
        | Kind::ImpersonationDisabled
        | Kind::AccountBlocked
        | Kind::TermsNotAccepted => Refusal::Whole,
        Kind::SsoRequired { .. } => Refusal::Everywhere(Verdict::Sso),
        Kind::ClassicTokenForbidden { .. }
        | Kind::FineGrainedForbidden { .. }
        | Kind::LifetimePolicy { .. }
        | Kind::GranularRequired
        | Kind::IpNotAllowed { .. } => Refusal::Everywhere(Verdict::Policy),
        Kind::MissingPermission { .. } | Kind::MissingScope { .. } | Kind::MissingGranularPermission => {
            Refusal::Here(Verdict::Missing)
        }
        Kind::RoleTooLow => Refusal::Here(Verdict::Role),
        // GitHub: "Repository was archived so is read-only."
        Kind::Forbidden if mentions(error, "archived") => Refusal::Here(Verdict::Archived),
        kind if kind.is_about_change() => Refusal::Here(Verdict::Unknown),
        Kind::Forbidden
        | Kind::LegalReasons
        | Kind::NotFound
        | Kind::InvalidRequest
        | Kind::Unsupported { .. }
        | Kind::RedirectedElsewhere { .. }
        | Kind::TooManyRedirects
        | Kind::Malformed
        | Kind::TooLarge
        | Kind::Unexpected => Refusal::Here(Verdict::Unknown),
        _ => Refusal::Weather,
    }
}

fn mentions(error: &ForgeError, word: &str) -> bool {
    error.said.as_ref().is_some_and(|said| said.to_lowercase().contains(word))
}

/// What was asked and how it was refused, in words.
pub(in super::super) fn words(asked: &str, error: &ForgeError) -> String {
    let status = error.status.map(|status| format!("{status}, ")).unwrap_or_default();
    format!("{asked}: {status}{}", error.reason())
}

/// What to do about a refusal that is not the token's lack.
pub(super) fn remedy(error: &ForgeError, host: &Host) -> Option<String> {
    let page = |path: &str| host.page(path).to_string();
    Some(match &error.kind {
        Kind::SsoRequired { .. } => {
            format!("choose \"Configure SSO\" beside the token on {}", page("settings/tokens"))
        }
        Kind::ClassicTokenForbidden { .. } => {
            format!("make a fine-grained token: `connect new-token github{} --for TASK`", host.flag())
        }
        Kind::FineGrainedForbidden { .. } => "ask an owner of the organisation, or use a classic token".to_owned(),
        Kind::LifetimePolicy { settings_page: Some(page), .. } => {
            format!("shorten the token's life on {}", masked_url(page))
        }
        Kind::LifetimePolicy { .. } => {
            format!("shorten the token's life on {}", page("settings/personal-access-tokens"))
        }
        Kind::GranularRequired => "make a fine-grained token on GitLab's page".to_owned(),
        Kind::IpNotAllowed { .. } => "use a network that is on the list, or ask an owner to add this one".to_owned(),
        Kind::RoleTooLow => "ask for a higher role there".to_owned(),
        _ => return None,
    })
}

/// Gives all that is not settled otherwise the same verdict. What the token is known to lack stays missing.
pub(super) fn everywhere(needs: &mut [Need], verdict: Verdict, why: &str, add: Option<&String>) {
    for need in needs.iter_mut().filter(|need| need.verdict != Verdict::Missing) {
        need.judge(verdict, why);
        need.add = add.cloned();
    }
}
