//! What can go wrong between us and a forge.
//!
//! One variant a cause, because the cause decides what a person does next: ask an organisation's
//! owner, wait, make another token, mend a certificate. How bad it is and what to advise is decided
//! elsewhere, in one place; here it is only said what happened.
//!
//! Nothing in here may hold a secret. The vendor's words are kept (they are often the best
//! explanation there is), but cleaned: whatever looks like a token is struck out, and so is the very
//! token of the request.

use std::fmt;

use jiff::Timestamp;
use url::Url;

use crate::model::ForgeKind;

/// A request to a forge that did not do what it was to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForgeError {
    /// The cause.
    pub kind: ForgeErrorKind,
    /// Which forge: its label, `github.com`, `gitlab.example.com:8443`. Empty for
    /// [`ForgeErrorKind::CannotBuild`], which concerns none.
    pub host: String,
    /// The HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// What the forge said, on one line, without tokens and control characters, at most 300 characters.
    pub said: Option<String>,
    /// The forge's number for the request, to quote to its administrator.
    pub request_id: Option<String>,
}

/// Why a request failed. The documentation of each says what the caller does about it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ForgeErrorKind {
    // The token is not valid.
    /// GitHub does not accept the token: unknown, revoked or expired, it never says which. Make another.
    BadCredentials,
    /// GitLab does not know the token (or its kind may not use the API at all). Make another.
    UnknownToken,
    /// Somebody revoked the token. Make another.
    Revoked,
    /// The token's end has passed. Make another.
    Expired,

    // The token is valid, and kept out.
    /// It is an impersonation token, and the administrator has switched these off. Make a personal one.
    ImpersonationDisabled,
    /// The user wants every request signed (DPoP), which connect cannot. Switch that off, or use another account.
    DpopRequired,
    /// GitHub asks for a one-time password: that is a password, not a token. Make a token.
    OtpRequired,
    /// Too many bad tokens in a short time: for a while even good ones are refused. Wait some minutes.
    LoginLockedOut,
    /// The organisation wants the token authorised for single sign-on. Do so on the token's page.
    SsoRequired {
        /// The organisation, where it was named.
        organization: Option<String>,
    },
    /// The organisation forbids classic tokens. Make a fine-grained one.
    ClassicTokenForbidden {
        /// The organisation, where it was named.
        organization: Option<String>,
    },
    /// The organisation forbids fine-grained tokens. Ask its owner, or make a classic one.
    FineGrainedForbidden {
        /// The organisation, where it was named.
        organization: Option<String>,
    },
    /// The token lives longer than the organisation or enterprise allows. Shorten its life.
    LifetimePolicy {
        /// Whose policy, where it was named.
        organization: Option<String>,
        /// The token's own page, which GitHub puts into the message.
        settings_page: Option<Url>,
    },
    /// Requests from this address are not allowed. Use an allowed network, or ask the owner.
    IpNotAllowed {
        /// The organisation, where it was named.
        organization: Option<String>,
    },
    /// A fine-grained GitHub token or an app lacks a permission, or the repository is not among those
    /// selected. Edit the token.
    MissingPermission {
        /// What would do: `X-Accepted-GitHub-Permissions` as it came, `contents=read; metadata=read`.
        accepted: Option<String>,
    },
    /// The token lacks a scope. Add it (GitHub classic), or make another token (GitLab).
    MissingScope {
        /// The scopes of which one would do.
        needed: Vec<String>,
        /// The scopes the token has, where the forge told.
        has: Option<Vec<String>>,
    },
    /// A fine-grained GitLab token lacks a permission; [`ForgeError::said`] names it. The token is
    /// valid. Make another: nothing edits a grant.
    MissingGranularPermission,
    /// The GitLab instance or group accepts fine-grained tokens only. Make one.
    GranularRequired,
    /// The account's role there is too low. Ask for a higher one.
    RoleTooLow,
    /// The account is blocked, suspended, deactivated or not yet approved. Ask the administrator.
    AccountBlocked,
    /// The account has not accepted the terms of service. Sign in on the web and do so.
    TermsNotAccepted,
    /// Refused with 403 for a reason that is not known here. Show what the forge said.
    Forbidden,
    /// Refused for legal reasons (451). Nothing to be done from here.
    LegalReasons,

    // Come back later.
    /// Too many requests. Wait.
    RateLimited {
        /// Until when, where the forge told.
        until: Option<Timestamp>,
        /// GitHub's secondary limit (too fast, not too many): go slower from now on.
        secondary: bool,
    },
    /// The forge failed (5xx). Try later.
    ServerError,

    // Not there, or not so.
    /// It does not exist, or the token may not know that it does. Look at the name, then at the token.
    NotFound,
    /// Something else than a forge of this kind answers there. Look at `--host`.
    NotAForge {
        /// The other kind, if it is one.
        found: Option<ForgeKind>,
    },
    /// The answer is no JSON: usually a sign-in page or a proxy in between. Look at the network.
    NotJson {
        /// What it says to be.
        content_type: Option<String>,
    },
    /// The answer is JSON, and not what the API promises. Report it.
    Malformed,
    /// The answer is larger than anything that was asked for. Report it.
    TooLarge,
    /// The forge finds the request wrong (400, 422 and their kin). [`ForgeError::said`] says why.
    InvalidRequest,
    /// The name or the path is taken, or the very thing is there already. Look whose it is; take another name.
    AlreadyTaken,
    /// It has another address at the same forge now: somebody renamed it. Look it up again, by its number.
    Moved,
    /// Somebody else changed it in the meantime. Look at it again, then decide.
    Conflict,
    /// GitLab takes no project there: the namespace does not exist, or the account may not. Look at the group and the
    /// role.
    NamespaceNotValid,
    /// There is a webhook of the same address and events there. Edit that one.
    HookExists,
    /// There are as many webhooks as the forge allows: on GitHub 20 for an event. Remove one.
    TooManyHooks,
    /// The forge delivers no webhook to that address: it is none, or in a network that the forge does not go to. Give
    /// one that the forge can reach.
    HookUrlRefused,
    /// The instance has switched this source of imports off. Ask the administrator.
    ImportsOff,
    /// GitLab's token is good, and GitHub refused the one that GitLab was given for it. Look at that one.
    OtherForgeRefused,
    /// This version of the API is no longer answered. Update connect.
    ApiVersionRetired,
    /// This forge has no such call. Do it on the page.
    Unsupported {
        /// The page, where there is one.
        page: Option<Url>,
    },
    /// The forge led elsewhere, and the token was not taken there. Use the new address as `--host`.
    RedirectedElsewhere {
        /// Where to: scheme, host and port only.
        to: String,
    },
    /// The forge led in a circle. Report it to its administrator.
    TooManyRedirects,

    // It was not reached.
    /// No trusted authority signed the certificate. Give the authority with `--ca-cert`.
    CertificateNotTrusted,
    /// The certificate has expired or is not valid yet. Look at this machine's clock, then tell the administrator.
    CertificateExpired,
    /// The certificate is for another name. Look at `--host`.
    CertificateWrongName,
    /// No encrypted connection came about otherwise. Look whether the port speaks TLS.
    TlsFailed,
    /// No such host name. Look at `--host` and the network.
    NameNotFound,
    /// Nobody listens there, or there is no way to it. Look at `--host` and the network.
    ConnectionRefused,
    /// The connection broke before the answer was whole. Whether the request was carried out is unknown. Try again.
    ConnectionLost,
    /// No whole answer within the time limit. Whether the request was carried out is unknown. Try again, or raise `--timeout`.
    TimedOut,
    /// The proxy would not connect. Look at `HTTPS_PROXY`.
    ProxyFailed,

    // It was not even tried.
    /// The certificate file given is not one, or the client could not be built.
    CannotBuild,
    /// The token has a character that no header can carry: not a token.
    NotSendable,
    /// Anything else. Show what the forge said.
    Unexpected,
}

impl ForgeErrorKind {
    /// Whether the forge does not accept the token at all: it is dead, or never lived.
    pub const fn says_dead(&self) -> bool {
        matches!(self, Self::BadCredentials | Self::UnknownToken | Self::Revoked | Self::Expired)
    }

    /// Whether the forge knew the token and refused this request because of what the token, its
    /// account or a policy about them allows.
    pub const fn says_not_allowed(&self) -> bool {
        matches!(
            self,
            Self::ImpersonationDisabled
                | Self::DpopRequired
                | Self::SsoRequired { .. }
                | Self::ClassicTokenForbidden { .. }
                | Self::FineGrainedForbidden { .. }
                | Self::LifetimePolicy { .. }
                | Self::IpNotAllowed { .. }
                | Self::MissingPermission { .. }
                | Self::MissingScope { .. }
                | Self::MissingGranularPermission
                | Self::GranularRequired
                | Self::RoleTooLow
                | Self::AccountBlocked
                | Self::TermsNotAccepted
                | Self::Forbidden
        )
    }

    /// Whether the same request may well be answered a little later: the network, the server, or somebody in between.
    pub const fn may_pass(&self) -> bool {
        matches!(
            self,
            Self::RateLimited { .. }
                | Self::ServerError
                | Self::NotJson { .. }
                | Self::Malformed
                | Self::NameNotFound
                | Self::ConnectionRefused
                | Self::ConnectionLost
                | Self::TimedOut
                | Self::ProxyFailed
                | Self::TlsFailed
        )
    }

    /// Whether it tells why something was not made or changed, for a reason that is not the token's.
    pub const fn is_about_change(&self) -> bool {
        matches!(
            self,
            Self::AlreadyTaken
                | Self::Moved
                | Self::Conflict
                | Self::NamespaceNotValid
                | Self::HookExists
                | Self::TooManyHooks
                | Self::HookUrlRefused
                | Self::ImportsOff
                | Self::OtherForgeRefused
        )
    }

    /// A short sentence without subject; the forge is named beside it.
    const fn words(&self) -> &'static str {
        match self {
            Self::BadCredentials => "the token is not accepted: unknown, revoked or expired",
            Self::UnknownToken => "the token is not known there",
            Self::Revoked => "the token was revoked",
            Self::Expired => "the token has expired",
            Self::ImpersonationDisabled => "impersonation tokens are switched off there",
            Self::DpopRequired => "the account wants signed requests (DPoP)",
            Self::OtpRequired => "a one-time password was asked for",
            Self::LoginLockedOut => "too many failed attempts; for a while every token is refused",
            Self::SsoRequired { .. } => "the token is not authorised for single sign-on",
            Self::ClassicTokenForbidden { .. } => "classic tokens are forbidden by the organisation",
            Self::FineGrainedForbidden { .. } => "fine-grained tokens are forbidden by the organisation",
            Self::LifetimePolicy { .. } => "the token lives longer than a policy allows",
            Self::IpNotAllowed { .. } => "requests from this network address are not allowed",
            Self::MissingPermission { .. } => "the token lacks a permission",
            Self::MissingScope { .. } => "the token lacks a scope",
            Self::MissingGranularPermission => "the fine-grained token lacks a permission",
            Self::GranularRequired => "only fine-grained tokens are accepted there",
            Self::RoleTooLow => "the account's role is too low",
            Self::AccountBlocked => "the account is blocked",
            Self::TermsNotAccepted => "the account has not accepted the terms of service",
            Self::Forbidden => "the request was refused",
            Self::LegalReasons => "refused for legal reasons",
            Self::RateLimited { .. } => "too many requests",
            Self::ServerError => "the server failed",
            Self::NotFound => "not found, or hidden from this token",
            Self::NotAForge { .. } => "something else than the forge meant answers there",
            Self::NotJson { .. } => "the answer is not the API's",
            Self::Malformed => "the answer is not what the API promises",
            Self::TooLarge => "the answer is too large",
            Self::InvalidRequest => "the request was found invalid",
            Self::AlreadyTaken => "it is there already, or the name is taken",
            Self::Moved => "it has another name now",
            Self::Conflict => "somebody else changed it in the meantime",
            Self::NamespaceNotValid => "no project may be made in that namespace",
            Self::HookExists => "there is this webhook already",
            Self::TooManyHooks => "there are as many webhooks as there may be",
            Self::HookUrlRefused => "the forge does not deliver to that address",
            Self::ImportsOff => "imports from there are switched off",
            Self::OtherForgeRefused => "GitHub did not let GitLab in",
            Self::ApiVersionRetired => "this version of the API is no longer answered",
            Self::Unsupported { .. } => "the forge has no such call",
            Self::RedirectedElsewhere { .. } => "the forge leads to another address",
            Self::TooManyRedirects => "the forge leads in a circle",
            Self::CertificateNotTrusted => "the certificate is not trusted",
            Self::CertificateExpired => "the certificate has expired or is not valid yet",
            Self::CertificateWrongName => "the certificate is for another name",
            Self::TlsFailed => "no encrypted connection came about",
            Self::NameNotFound => "there is no such host name",
            Self::ConnectionRefused => "nobody answers there",
            Self::ConnectionLost => "the connection was lost",
            Self::TimedOut => "no answer within the time limit",
            Self::ProxyFailed => "the proxy would not connect",
            Self::CannotBuild => "the client could not be set up",
            Self::NotSendable => "the token has a character that no header can carry",
            Self::Unexpected => "an unexpected answer",
        }
    }
}

impl ForgeError {
    /// An error of which nothing is known but its cause.
    pub(super) fn new(kind: ForgeErrorKind, host: &str) -> Self {
        Self { kind, host: host.to_owned(), status: None, said: None, request_id: None }
    }

    /// Whether the forge said this, in any case.
    pub(super) fn mentions(&self, what: &str) -> bool {
        self.said.as_ref().is_some_and(|said| said.to_ascii_lowercase().contains(what))
    }

    /// Nothing where the answer was that it is not there.
    ///
    /// # Errors
    /// Any other answer's.
    pub fn if_there<T>(outcome: Result<T, Self>) -> Result<Option<T>, Self> {
        match outcome {
            Ok(found) => Ok(Some(found)),
            Err(error) if error.kind == ForgeErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether the forge answered, and refused: nothing was done. Without an answer, or with a 5xx, that is unknown.
    pub const fn was_refused(&self) -> bool {
        matches!(self.status, Some(400..=499))
    }

    /// Whether the request certainly never reached the forge: there was no connection that it could have gone through.
    pub const fn never_left(&self) -> bool {
        use ForgeErrorKind as Kind;
        self.status.is_none()
            && matches!(
                self.kind,
                Kind::CertificateNotTrusted
                    | Kind::CertificateExpired
                    | Kind::CertificateWrongName
                    | Kind::NameNotFound
                    | Kind::ConnectionRefused
                    | Kind::CannotBuild
                    | Kind::NotSendable
            )
    }

    /// What happened, without the host: for a place where that is plain.
    pub fn reason(&self) -> String {
        match &self.said {
            Some(said) => format!("{} ({said})", self.kind.words()),
            None => self.kind.words().to_owned(),
        }
    }

    /// Whether it is a verdict about the token, its account or a policy, and not about the network,
    /// the server or the request.
    pub const fn is_about_token(&self) -> bool {
        self.kind.says_dead() || self.kind.says_not_allowed() || matches!(self.kind, ForgeErrorKind::OtpRequired)
    }
}

impl fmt::Display for ForgeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.host.is_empty() {
            write!(f, "{}: ", self.host)?;
        }
        f.write_str(&self.reason())
    }
}

impl std::error::Error for ForgeError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_reads_as_a_sentence() {
        let mut error = ForgeError::new(ForgeErrorKind::Revoked, "gitlab.com");
        assert_eq!(error.to_string(), "gitlab.com: the token was revoked");
        error.said = Some("Token was revoked.".into());
        assert_eq!(error.to_string(), "gitlab.com: the token was revoked (Token was revoked.)");
        assert_eq!(ForgeError::new(ForgeErrorKind::CannotBuild, "").to_string(), "the client could not be set up");
    }

    #[test]
    fn verdicts_and_weather() {
        let error = |kind| ForgeError::new(kind, "h");
        assert!(error(ForgeErrorKind::Expired).is_about_token());
        assert!(error(ForgeErrorKind::SsoRequired { organization: None }).is_about_token());
        assert!(!error(ForgeErrorKind::TimedOut).is_about_token());
        // A lock-out says nothing of the token at hand.
        assert!(!error(ForgeErrorKind::LoginLockedOut).is_about_token());
    }
}
