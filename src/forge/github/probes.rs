//! Trying what a token may do, without doing it.
//!
//! No call lists a fine-grained token's permissions. So the smallest requests are sent that GitHub answers
//! differently with and without one: reads, and writes that cannot succeed, because what they are about cannot
//! exist: hook 4294967289, the commit of forty zeros, a workflow with a name that no file has. GitHub looks at the
//! permission first (403) and at the rest afterwards (404, 422, 400). Contents, issues, pull requests and workflows
//! have no such write: nothing is sent for them.
//!
//! GitHub does not document this; TruffleHog and Gato-X do the same. It does document that refused requests count
//! against whoever sends many: the caller sends only what it needs, one at a time.
//!
//! Source of what each call wants: GitHub docs, "Permissions required for fine-grained personal access tokens".

use reqwest::Method;
use zeroize::Zeroizing;

use super::super::error::{ForgeError, ForgeErrorKind};
use super::super::http::{Answer, Authorization, Call, Repeat};
use super::{GitHub, errors};
use crate::model::Secret;
use crate::model::permission::Level;
use crate::model::place::Repository;

/// No hook has this number: GitHub's are smaller by far.
const NO_HOOK: &str = "4294967289";
/// The commit that git uses for "none".
const NO_COMMIT: &str = "0000000000000000000000000000000000000000";
/// Workflows are named by their file, which ends in `.yml` or `.yaml`, or by number: this is neither.
const NO_WORKFLOW: &str = "connect-check-no-such-workflow";

/// A permission of a repository that can be tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Probe {
    /// `actions`, read.
    ReadActions,
    /// `actions`, write.
    WriteActions,
    /// `administration`, read.
    ReadAdministration,
    /// `administration`, write.
    WriteAdministration,
    /// `contents`, read.
    ReadContents,
    /// `issues`, read.
    ReadIssues,
    /// `pull_requests`, read.
    ReadPullRequests,
    /// `statuses`, read.
    ReadStatuses,
    /// `statuses`, write.
    WriteStatuses,
    /// `repository_hooks`, read.
    ReadHooks,
    /// `repository_hooks`, write; only after [`Probe::ReadHooks`] was granted.
    WriteHooks,
    /// `organization_hooks`, read; only owners of an organisation get an answer.
    ReadOrganizationHooks,
}

/// What trying told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Probed {
    /// The token has the permission.
    Has {
        /// The answer's status.
        status: u16,
    },
    /// It lacks it, or the repository is not among those it was given.
    Lacks {
        /// The answer's status.
        status: u16,
        /// `X-Accepted-GitHub-Permissions`: what would do.
        accepted: Option<String>,
    },
    /// The answer says nothing of it.
    Unclear {
        /// The answer's status.
        status: u16,
        /// Why not, in words.
        why: String,
    },
}

impl Probe {
    /// The probe for a permission at a level; nothing where there is none.
    pub fn of(key: &str, level: Level) -> Option<Self> {
        Some(match (key, level) {
            ("actions", Level::Read) => Self::ReadActions,
            ("actions", _) => Self::WriteActions,
            ("administration", Level::Read) => Self::ReadAdministration,
            ("administration", _) => Self::WriteAdministration,
            ("contents", Level::Read) => Self::ReadContents,
            ("issues", Level::Read) => Self::ReadIssues,
            ("pull_requests", Level::Read) => Self::ReadPullRequests,
            ("statuses", Level::Read) => Self::ReadStatuses,
            ("statuses", _) => Self::WriteStatuses,
            ("repository_hooks", Level::Read) => Self::ReadHooks,
            ("repository_hooks", _) => Self::WriteHooks,
            ("organization_hooks", Level::Read) => Self::ReadOrganizationHooks,
            _ => return None,
        })
    }

    /// The permission, and the level that the request wants.
    const fn wants(self) -> (&'static str, Level) {
        match self {
            Self::ReadActions => ("actions", Level::Read),
            Self::WriteActions => ("actions", Level::Write),
            Self::ReadAdministration => ("administration", Level::Read),
            Self::WriteAdministration => ("administration", Level::Write),
            Self::ReadContents => ("contents", Level::Read),
            Self::ReadIssues => ("issues", Level::Read),
            Self::ReadPullRequests => ("pull_requests", Level::Read),
            Self::ReadStatuses => ("statuses", Level::Read),
            Self::WriteStatuses => ("statuses", Level::Write),
            Self::ReadHooks => ("repository_hooks", Level::Read),
            Self::WriteHooks => ("repository_hooks", Level::Write),
            Self::ReadOrganizationHooks => ("organization_hooks", Level::Read),
        }
    }

    /// Whether a public repository answers it to anybody, so that the answer says nothing.
    pub const fn is_open_to_all(self) -> bool {
        matches!(
            self,
            Self::ReadActions | Self::ReadContents | Self::ReadIssues | Self::ReadPullRequests | Self::ReadStatuses
        )
    }

    /// Whether the request is of a kind that writes.
    pub const fn is_write(self) -> bool {
        matches!(self, Self::WriteActions | Self::WriteStatuses | Self::WriteHooks)
    }

    /// The request, in words.
    pub fn asked(self) -> String {
        let (method, path) = self.request();
        format!("{method} {}", path.join("/").replace(NO_COMMIT, "000…000"))
    }

    /// Method, and path below the repository (or the organisation).
    fn request(self) -> (Method, Vec<&'static str>) {
        let path = match self {
            Self::ReadActions => vec!["actions", "artifacts"],
            Self::WriteActions => vec!["actions", "workflows", NO_WORKFLOW, "dispatches"],
            Self::ReadAdministration => vec!["actions", "permissions"],
            Self::WriteAdministration => vec!["rulesets", "rule-suites"],
            Self::ReadContents => vec!["commits"],
            Self::ReadIssues => vec!["issues"],
            Self::ReadPullRequests => vec!["pulls"],
            Self::ReadStatuses => vec!["commits", NO_COMMIT, "statuses"],
            Self::WriteStatuses => vec!["statuses", NO_COMMIT],
            Self::ReadHooks | Self::ReadOrganizationHooks => vec!["hooks"],
            Self::WriteHooks => vec!["hooks", NO_HOOK],
        };
        let method = match self {
            Self::WriteActions | Self::WriteStatuses => Method::POST,
            Self::WriteHooks => Method::PATCH,
            _ => Method::GET,
        };
        (method, path)
    }

    /// What a refusal means that does not name a cause of its own.
    fn read(self, answer: &Answer) -> Probed {
        let status = answer.status;
        let accepted = answer.header("x-accepted-github-permissions").filter(|text| !text.is_empty());
        let (key, level) = self.wants();
        let has = || {
            if proves(accepted, key, level) {
                Probed::Has { status }
            } else {
                unclear(status, "GitHub says that another permission would do as well")
            }
        };
        match (self, status) {
            // A write that ended well is one that GitHub read otherwise than is believed here.
            _ if self.is_write() && answer.is_good() => {
                unclear(status, "the request was not meant to succeed; nothing is concluded from it")
            }
            _ if self.is_write() && matches!(status, 400 | 404 | 422) => has(),
            _ if answer.is_good() => has(),
            // GitHub REST: 409 is an empty repository.
            (Self::ReadContents, 409) | (Self::ReadStatuses, 404 | 422) => has(),
            // Hidden from whoever may not see it; the caller has made sure of repository and role.
            (Self::ReadHooks | Self::ReadAdministration, 404) => {
                Probed::Lacks { status, accepted: accepted.map(str::to_owned) }
            }
            (Self::ReadOrganizationHooks, 404) => {
                unclear(status, "the account may not own the organisation, or the token may not see its hooks")
            }
            _ => {
                let said = answer.words().said;
                unclear(status, if said.is_empty() { "an unexpected answer" } else { &said })
            }
        }
    }
}

fn unclear(status: u16, why: &str) -> Probed {
    Probed::Unclear { status, why: why.to_owned() }
}

/// Whether a request that was let through tells of this permission: `a=read,b=write; c=read` are sets of which one
/// suffices, so each of them has to have it, at that level. A level that nobody knows is taken as enough.
fn proves(accepted: Option<&str>, key: &str, level: Level) -> bool {
    let is_it = |one: &str| {
        let (name, at) = one.split_once('=').unwrap_or((one, ""));
        name.trim().eq_ignore_ascii_case(key) && (level == Level::Read || !at.trim().eq_ignore_ascii_case("read"))
    };
    accepted.is_none_or(|accepted| accepted.split(';').all(|set| set.split(',').any(is_it)))
}

/// Refusals that do not depend on the permission are errors; all else is for [`Probe::read`].
fn judge(answer: &Answer) -> Option<ForgeErrorKind> {
    let kind = errors::judge(answer)?;
    let of_the_probe = match answer.status {
        400 | 404 | 409 | 410 | 422 => {
            matches!(
                kind,
                ForgeErrorKind::NotFound | ForgeErrorKind::InvalidRequest | ForgeErrorKind::MissingScope { .. }
            )
        }
        _ => false,
    };
    (!of_the_probe).then_some(kind)
}

impl GitHub {
    /// Sends one probe, once if it is of a kind that writes.
    ///
    /// # Errors
    /// What does not depend on the permission: a dead token, single sign-on, a policy, a role, a limit, a server
    /// that failed, a network that broke.
    pub async fn probe(&self, token: &Secret, place: &Repository, probe: Probe) -> Result<Probed, ForgeError> {
        let (method, below) = probe.request();
        let mut path = match probe {
            Probe::ReadOrganizationHooks => vec!["orgs", &place.owner],
            _ => vec!["repos", &place.owner, &place.name],
        };
        path.extend(below);
        let writes = method != Method::GET;
        let query: &[(&str, &str)] = if writes { &[] } else { &[("per_page", "1")] };
        let call = Call {
            method,
            body: writes.then(|| Zeroizing::new(b"{}".to_vec())),
            repeat: if writes { Repeat::Never } else { Repeat::Safe },
            judge,
            ..self.reading(&path, query, Authorization::Bearer(token))
        };
        match self.transport.send(&call).await {
            Ok(answer) => Ok(cleaned(probe.read(&answer), token)),
            Err(ForgeError { kind: ForgeErrorKind::MissingPermission { accepted }, status: Some(status), .. }) => {
                Ok(Probed::Lacks { status, accepted })
            }
            Err(error) => Err(error),
        }
    }
}

/// The server's own words, without control characters and without the token.
fn cleaned(mut probed: Probed, token: &Secret) -> Probed {
    let scrubber = super::super::words::Scrubber::new(Some(token));
    match &mut probed {
        Probed::Lacks { accepted: Some(text), .. } | Probed::Unclear { why: text, .. } => *text = scrubber.clean(text),
        _ => {}
    }
    probed
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Probe; 12] = [
        Probe::ReadActions,
        Probe::WriteActions,
        Probe::ReadAdministration,
        Probe::WriteAdministration,
        Probe::ReadContents,
        Probe::ReadIssues,
        Probe::ReadPullRequests,
        Probe::ReadStatuses,
        Probe::WriteStatuses,
        Probe::ReadHooks,
        Probe::WriteHooks,
        Probe::ReadOrganizationHooks,
    ];

    fn read(probe: Probe, status: u16, accepted: &str) -> &'static str {
        let headers = [("x-github-request-id", "1"), ("x-accepted-github-permissions", accepted)];
        let answer = Answer::made_up(status, &headers, r#"{"message":"Words"}"#);
        if judge(&answer).is_some() {
            return "error";
        }
        match probe.read(&answer) {
            Probed::Has { .. } => "has",
            Probed::Lacks { .. } => "lacks",
            Probed::Unclear { .. } => "unclear",
        }
    }

    #[test]
    fn a_probe_for_each_and_back() {
        for probe in ALL {
            let (key, level) = probe.wants();
            assert_eq!(Probe::of(key, level), Some(probe));
        }
        for key in ["contents", "issues", "pull_requests", "workflows", "secrets", "organization_hooks"] {
            assert_eq!(Probe::of(key, Level::Write), None, "{key} cannot be verified without writing");
        }
    }

    #[test]
    fn what_each_status_means() {
        for probe in ALL {
            let (key, level) = probe.wants();
            let accepted = format!("{key}={level}");
            for status in [401, 429, 500, 502, 451] {
                assert_eq!(read(probe, status, &accepted), "error", "{probe:?} {status}");
            }
            if probe.is_write() {
                for status in [400, 404, 422] {
                    assert_eq!(read(probe, status, &accepted), "has", "{probe:?} {status}");
                }
                for status in [200, 201, 204, 409, 410] {
                    assert_eq!(read(probe, status, &accepted), "unclear", "{probe:?} {status}");
                }
            } else {
                assert_eq!(read(probe, 200, &accepted), "has", "{probe:?}");
                assert_eq!(read(probe, 200, ""), "has", "{probe:?}");
                assert_eq!(read(probe, 410, &accepted), "unclear", "{probe:?}");
            }
        }
        assert_eq!(read(Probe::ReadContents, 409, ""), "has");
        assert_eq!(read(Probe::ReadContents, 404, ""), "unclear");
        assert_eq!(read(Probe::ReadStatuses, 404, ""), "has");
        assert_eq!(read(Probe::ReadHooks, 404, ""), "lacks");
        assert_eq!(read(Probe::ReadOrganizationHooks, 404, ""), "unclear");
        assert_eq!(read(Probe::WriteAdministration, 404, ""), "unclear");
        // Let through by another permission, or by less than what was asked for.
        for probe in ALL.into_iter().filter(|probe| probe.is_write()) {
            for accepted in ["metadata=read".to_owned(), format!("{}=read", probe.wants().0)] {
                assert_eq!(read(probe, 404, &accepted), "unclear", "{probe:?} {accepted}");
            }
        }
        assert_eq!(read(Probe::ReadContents, 409, "metadata=read"), "unclear");
        assert_eq!(read(Probe::WriteAdministration, 200, "administration=read"), "unclear");
    }

    #[test]
    fn what_proves_a_permission() {
        for (accepted, key, proof) in [
            (None, "issues", true),
            (Some("issues=read"), "issues", true),
            (Some("issues=read; pull_requests=read"), "issues", false),
            (Some("contents=write; contents=write,workflows=write"), "contents", true),
            (Some("contents=write; contents=write,workflows=write"), "workflows", false),
            (Some("allows_permissionless_access=true"), "contents", false),
            (Some("metadata=read"), "contents", false),
        ] {
            assert_eq!(proves(accepted, key, Level::Read), proof, "{accepted:?} {key}");
        }
        for (accepted, proof) in [("statuses=write", true), ("statuses=admin", true), ("statuses=read", false)] {
            assert_eq!(proves(Some(accepted), "statuses", Level::Write), proof, "{accepted}");
        }
    }

    #[test]
    fn only_impossible_things_are_written_to() {
        for probe in ALL {
            let (method, path) = probe.request();
            assert_eq!(method != Method::GET, probe.is_write());
            if probe.is_write() {
                assert!(path.iter().any(|part| [NO_HOOK, NO_COMMIT, NO_WORKFLOW].contains(part)), "{probe:?}");
                assert!(method != Method::DELETE && method != Method::PUT);
            }
        }
    }
}
