//! What a forge said, told.

use std::ops::Deref;

use crate::forge::{ForgeError, ForgeErrorKind as Kind};
use crate::model::text::masked_url;
use crate::model::{ForgeKind, Host};
use crate::output::Exit;

use super::Failure;

/// What a forge said, and which forge it is, for hints that can be typed as they stand.
#[derive(Clone, Copy)]
struct Cause<'a> {
    error: &'a ForgeError,
    at: Option<&'a Host>,
}

impl Deref for Cause<'_> {
    type Target = ForgeError;

    fn deref(&self) -> &ForgeError {
        self.error
    }
}

pub(super) fn failure(error: &ForgeError, at: Option<&Host>) -> Failure {
    let error = Cause { error, at };
    let mut failure = told(error);
    if let (Exit::Failed, Some(number)) = (failure.exit, &error.request_id) {
        failure.hints.push(format!("the forge's number for the request is {number}"));
    }
    failure
}

/// The error's own sentence, with exit code and word.
fn say(error: Cause<'_>, exit: Exit, code: &'static str) -> Failure {
    Failure::new(exit, code, error.error.to_string())
}

fn told(error: Cause<'_>) -> Failure {
    match &error.kind {
        kind if kind.says_dead() => dead(error),
        kind if kind.says_not_allowed() => not_allowed(error),
        Kind::OtpRequired => say(error, Exit::TokenInvalid, "otp_required").hint(format!(
            "that was a password, not a token; `{}` leads to the page that makes one",
            new_token(error, "")
        )),
        Kind::LegalReasons => say(error, Exit::Forbidden, "legal_reasons"),
        Kind::LoginLockedOut => say(error, Exit::Unreachable, "login_locked_out")
            .hint("wait some minutes before the next try; each bad token in between prolongs it"),
        Kind::RateLimited { until, secondary } => {
            let failure = say(error, Exit::Unreachable, "rate_limited");
            match until {
                Some(until) => failure.hint(format!("it ends at {}", until.strftime("%Y-%m-%d %H:%M:%S UTC"))),
                None if *secondary => failure.hint("wait at least a minute, then go slower"),
                None => failure.hint("wait a minute, then try again"),
            }
        }
        Kind::ServerError => say(error, Exit::Unreachable, "server_error").hint(status_page(error)),
        Kind::NotFound => say(error, Exit::NotFound, "not_found"),
        Kind::InvalidRequest => say(error, Exit::Failed, "invalid_request"),
        kind if kind.is_about_change() => not_changed(error),
        Kind::Unsupported { page } => {
            let failure = say(error, Exit::Failed, "unsupported");
            match page {
                Some(page) => failure.hint(format!("do it on {}", masked_url(page))),
                None => failure,
            }
        }
        Kind::ApiVersionRetired => say(error, Exit::Failed, "api_version_retired").hint("update connect"),
        Kind::Malformed => say(error, Exit::Unreachable, "malformed_answer").hint(something_between(error)),
        Kind::TooLarge => say(error, Exit::Unreachable, "answer_too_large").hint(something_between(error)),
        Kind::CannotBuild => say(error, Exit::Failed, "bad_certificate_file")
            .hint("`--ca-cert` takes a PEM file: `-----BEGIN CERTIFICATE-----`"),
        Kind::NotSendable => say(error, Exit::Usage, "not_sendable"),
        _ => on_the_way(error),
    }
}

/// The token is dead, or never lived.
fn dead(error: Cause<'_>) -> Failure {
    let again = format!("make a new one: `{}`", new_token(error, ""));
    match error.kind {
        Kind::BadCredentials => say(error, Exit::TokenInvalid, "bad_credentials")
            .hint(format!(
                "GitHub does not say which; see whether it is still listed on {}",
                page(error, "settings/tokens")
            ))
            .hint(again),
        Kind::Revoked => say(error, Exit::TokenInvalid, "token_revoked").hint(again),
        Kind::Expired => say(error, Exit::TokenInvalid, "token_expired").hint(again),
        _ => say(error, Exit::TokenInvalid, "unknown_token")
            .hint("see that it is a personal, project or group access token of this very host")
            .hint(again),
    }
}

/// The token lives, and is kept out.
fn not_allowed(error: Cause<'_>) -> Failure {
    let forbidden = |code| say(error, Exit::Forbidden, code);
    match &error.kind {
        Kind::ImpersonationDisabled => forbidden("impersonation_disabled").hint("make a personal access token instead"),
        Kind::DpopRequired => forbidden("dpop_required")
            .hint("connect cannot sign requests; switch DPoP off for this account, or use another"),
        Kind::SsoRequired { organization } => forbidden("sso_required")
            .hint(format!(
                "choose \"Configure SSO\" beside the token on {} and authorise the organisation",
                page(error, "settings/tokens")
            ))
            .hint(format!(
                "then sign in once at {}",
                page(error, &format!("orgs/{}/sso", organization.as_deref().unwrap_or("ORG")))
            )),
        Kind::ClassicTokenForbidden { organization } => forbidden("classic_token_forbidden").hint(format!(
            "make a fine-grained one: `{}`",
            new_token(error, &organization.as_ref().map(|name| format!(" --owner {name}")).unwrap_or_default())
        )),
        Kind::FineGrainedForbidden { .. } => forbidden("fine_grained_token_forbidden").hint(format!(
            "ask an owner of the organisation, or make a classic one: `{}`",
            new_token(error, " --classic")
        )),
        Kind::LifetimePolicy { settings_page, .. } => forbidden("lifetime_policy").hint(match settings_page {
            Some(page) => format!("shorten the token's life on {}", masked_url(page)),
            None => format!("shorten the token's life on {}", page(error, "settings/personal-access-tokens")),
        }),
        Kind::IpNotAllowed { .. } => forbidden("ip_not_allowed")
            .hint("use a network that is on the organisation's list, or ask its owner to add this one"),
        Kind::MissingPermission { accepted } => {
            let failure = forbidden("missing_permission");
            let failure = match accepted {
                Some(accepted) => failure.hint(format!("what would do: {accepted}")),
                None => failure,
            };
            failure.hint(format!(
                "add it, and the repository, on {}; the token stays the same",
                page(error, "settings/personal-access-tokens")
            ))
        }
        Kind::MissingScope { needed, .. } if !needed.is_empty() => {
            forbidden("missing_scope").hint(format!("one of these scopes would do: {}", needed.join(", ")))
        }
        Kind::MissingScope { .. } => forbidden("missing_scope"),
        Kind::MissingGranularPermission => forbidden("missing_granular_permission")
            .hint("the token is valid; its grant cannot be edited, so make another with that permission"),
        Kind::GranularRequired => forbidden("granular_required").hint("make a fine-grained token on the forge's page"),
        Kind::RoleTooLow => forbidden("role_too_low").hint("ask for a higher role there"),
        Kind::AccountBlocked => forbidden("account_blocked").hint("ask the forge's administrator"),
        Kind::TermsNotAccepted => {
            forbidden("terms_not_accepted").hint(format!("sign in at {} in a browser and accept them", error.host))
        }
        _ if error.said.as_ref().is_some_and(|said| said.contains("Repository access blocked")) => {
            forbidden("repository_disabled")
                .hint("GitHub has disabled the repository; its owner finds the reason on the repository's page")
        }
        _ => forbidden("forbidden").hint(format!(
            "the forge gives no reason that connect knows; sign in at {} in a browser and see what it says there",
            error.host
        )),
    }
}

/// What is there already, or may not be there, stands in the way.
fn not_changed(error: Cause<'_>) -> Failure {
    match &error.kind {
        Kind::AlreadyTaken => say(error, Exit::Differs, "already_taken")
            .hint("see whose it is, then take it as it is or choose another name"),
        Kind::Moved => say(error, Exit::NotFound, "moved").hint("somebody renamed it; run the command again"),
        Kind::Conflict => {
            say(error, Exit::Differs, "changed_at_forge").hint("look at it again, then run the command again")
        }
        Kind::HookExists => {
            say(error, Exit::Differs, "hook_exists").hint("see the repository's settings, under Webhooks, whose it is")
        }
        Kind::TooManyHooks => say(error, Exit::Failed, "too_many_hooks")
            .hint("remove one that is no longer needed in the repository's settings, under Webhooks"),
        Kind::HookUrlRefused if error.at.is_some_and(|host| host.kind() == ForgeKind::GitHub) => {
            say(error, Exit::Failed, "hook_url_refused")
                .hint("give one that the forge can reach: public, and with `https://` in front")
        }
        Kind::HookUrlRefused => say(error, Exit::Failed, "hook_url_refused")
            .hint("give one that the forge can reach: public, and with `https://` in front")
            .hint("on a GitLab of your own the administrator can allow local ones: Admin, Settings, Network, Outbound requests"),
        Kind::NamespaceNotValid => say(error, Exit::Forbidden, "namespace_not_valid")
            .hint("see that the group exists, and that the account may create projects there"),
        Kind::ImportsOff => say(error, Exit::Forbidden, "imports_off")
            .hint("ask the administrator to allow this source: Admin, Settings, General, Import and export settings"),
        _ => say(error, Exit::Forbidden, "github_refused")
            .hint("see whether the GitHub token still works: `connect status`")
            .hint("and whether it may read the repository: `connect check NAME --for import --repo OWNER/REPO`"),
    }
}

/// It was not reached, or something else answered.
fn on_the_way(error: Cause<'_>) -> Failure {
    let unreachable = |code| say(error, Exit::Unreachable, code);
    match &error.kind {
        Kind::NotAForge { found: Some(found) } => unreachable("not_a_forge").hint(format!(
            "{} is {found}: `connect {}{}`",
            error.host,
            found.word(),
            error.at.map(Host::flag).unwrap_or_default()
        )),
        Kind::NotAForge { found: None } => {
            unreachable("not_a_forge").hint("see that `--host` is the forge itself, with its port and path")
        }
        Kind::NotJson { .. } => unreachable("not_json").hint(something_between(error)),
        Kind::RedirectedElsewhere { to } if to == "null" => {
            unreachable("redirected_elsewhere").hint("it leads to no address of the web; the token was not taken there")
        }
        Kind::RedirectedElsewhere { to } => unreachable("redirected_elsewhere")
            .hint(format!("it leads to {to}; the token was not taken there"))
            .hint(format!("if that is the same forge: `--host {to}`")),
        Kind::TooManyRedirects => unreachable("redirect_loop").hint("tell the forge's administrator"),
        Kind::CertificateNotTrusted => unreachable("certificate_not_trusted")
            .hint("give the authority that signed it: `--ca-cert FILE`, or `SSL_CERT_FILE`"),
        Kind::CertificateExpired => unreachable("certificate_expired")
            .hint("see that this machine's clock is right, then tell the forge's administrator"),
        Kind::CertificateWrongName => {
            unreachable("certificate_wrong_name").hint("see that `--host` is spelt as in the certificate")
        }
        Kind::TlsFailed => unreachable("tls_failed").hint("see that the port speaks https"),
        Kind::NameNotFound => unreachable("name_not_found")
            .hint("see how `--host` is spelt, and whether this machine is on the right network"),
        Kind::ConnectionRefused => unreachable("connection_refused")
            .hint("see that host and port are right, and whether this machine is on the right network"),
        Kind::ConnectionLost => unreachable("connection_lost").hint("try again"),
        Kind::TimedOut => unreachable("timed_out").hint("try again, or give it longer: `--timeout SECS`"),
        Kind::ProxyFailed => {
            unreachable("proxy_failed").hint("see `HTTPS_PROXY`; `NO_PROXY` names hosts that need none")
        }
        _ => say(error, Exit::Failed, "unexpected_answer").hint("`connect doctor` says what answers there"),
    }
}

/// A page of the forge.
fn page(error: Cause<'_>, path: &str) -> String {
    error.at.map_or_else(|| format!("https://{}/{path}", error.host), |host| host.page(path).to_string())
}

/// The command that leads to the page where a new token is made.
fn new_token(error: Cause<'_>, more: &str) -> String {
    let Some(host) = error.at else { return "connect new-token github|gitlab --for TASK".to_owned() };
    format!("connect new-token {}{} --for TASK{more}", host.kind().word(), host.flag())
}

fn status_page(error: Cause<'_>) -> String {
    match error.host.as_str() {
        "github.com" => "see https://www.githubstatus.com, then try again".into(),
        "gitlab.com" => "see https://status.gitlab.com, then try again".into(),
        _ => "try again later, or tell the forge's administrator".into(),
    }
}

fn something_between(error: Cause<'_>) -> String {
    format!("a sign-in page or a proxy may stand before {}; see what its API answers in a browser", error.host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_the_way_of_a_change() {
        for (kind, exit, code) in [
            (Kind::AlreadyTaken, Exit::Differs, "already_taken"),
            (Kind::Conflict, Exit::Differs, "changed_at_forge"),
            (Kind::Moved, Exit::NotFound, "moved"),
            (Kind::HookExists, Exit::Differs, "hook_exists"),
            (Kind::TooManyHooks, Exit::Failed, "too_many_hooks"),
            (Kind::HookUrlRefused, Exit::Failed, "hook_url_refused"),
            (Kind::NamespaceNotValid, Exit::Forbidden, "namespace_not_valid"),
            (Kind::ImportsOff, Exit::Forbidden, "imports_off"),
            (Kind::OtherForgeRefused, Exit::Forbidden, "github_refused"),
        ] {
            let error = ForgeError {
                kind,
                host: "gitlab.com".into(),
                status: Some(422),
                said: Some("so".into()),
                request_id: None,
            };
            let failure = failure(&error, None);
            assert_eq!((failure.exit, failure.code), (exit, code));
            assert!(!failure.hints.is_empty() && failure.message.ends_with("(so)"), "{code}");
        }
    }
}
