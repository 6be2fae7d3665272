//! `/projects/:id/mirror/pull`: a project that follows a repository elsewhere.
//!
//! The call to set one is there since 17.6 (`_old` is what was there before). Where mirroring is not licensed, GitLab
//! answers 400 "The project is not mirrored" to whoever asks, and may answer 200 and do nothing to whoever sets one:
//! look at [`Mirror::enabled`], never at the status. Where GitLab has no such call at all, it answers 404.

use jiff::Timestamp;
use reqwest::Method;
use serde::{Deserialize, Serialize};
use url::Url;

use super::super::body::{Revealed, SignedIn};
use super::super::error::{ForgeError, ForgeErrorKind};
use super::super::http::{Answer, Authorization, Call, Repeat};
use super::super::words::Scrubber;
use super::super::{address, lenient};
use super::{GitLab, errors};
use crate::model::Secret;
use crate::model::mirror::{Branches, Mirror, MirrorStatus, MirrorWish, Triggered};

/// GitLab REST: "Retrieve details about a pull mirror for a project" (extended in 17.5). A truth value may be null for
/// false.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Found {
    #[serde(deserialize_with = "lenient::there")]
    enabled: Option<bool>,
    #[serde(deserialize_with = "lenient::or_default")]
    url: Option<String>,
    #[serde(deserialize_with = "lenient::or_default")]
    update_status: Option<String>,
    #[serde(deserialize_with = "lenient::or_default")]
    last_error: Option<String>,
    #[serde(deserialize_with = "lenient::or_default")]
    last_update_at: Option<Timestamp>,
    #[serde(deserialize_with = "lenient::there")]
    mirror_trigger_builds: Option<bool>,
    #[serde(deserialize_with = "lenient::there")]
    mirror_overwrites_diverged_branches: Option<bool>,
    #[serde(deserialize_with = "lenient::there")]
    only_mirror_protected_branches: Option<bool>,
    #[serde(deserialize_with = "lenient::or_default")]
    mirror_branch_regex: Option<String>,
}

/// What is the same in both calls. Of the last two only one may be there (GitLab 19.5 insists): setting one clears the
/// other.
#[derive(Serialize)]
struct Settings<'a> {
    mirror_trigger_builds: bool,
    mirror_overwrites_diverged_branches: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    only_mirror_protected_branches: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mirror_branch_regex: Option<&'a str>,
}

impl<'a> Settings<'a> {
    fn of(branches: &'a Branches) -> Self {
        let (only_mirror_protected_branches, mirror_branch_regex) = match branches {
            Branches::All => (Some(false), None),
            Branches::Protected => (Some(true), None),
            Branches::Matching(regex) => (None, Some(regex.as_str())),
        };
        Self {
            mirror_trigger_builds: true,
            mirror_overwrites_diverged_branches: true,
            only_mirror_protected_branches,
            mirror_branch_regex,
        }
    }
}

/// GitLab REST: "Configure pull mirroring for a project" (17.6).
#[derive(Serialize)]
struct Body<'a> {
    enabled: bool,
    url: Url,
    auth_user: &'a str,
    auth_password: Revealed<'a>,
    #[serde(flatten)]
    settings: Settings<'a>,
}

/// GitLab REST: "Update a project", where mirroring was set before.
#[derive(Serialize)]
struct OldBody<'a> {
    mirror: bool,
    import_url: SignedIn<'a>,
    #[serde(flatten)]
    settings: Settings<'a>,
}

impl GitLab {
    /// The project's pull mirror; nothing where it has none, where mirroring is not licensed, and where GitLab has no
    /// such thing.
    ///
    /// # Errors
    /// [`NotFound`](ForgeErrorKind::NotFound) where there is no such project; or what else GitLab said.
    pub async fn mirror(&self, token: &Secret, id: u64) -> Result<Option<Mirror>, ForgeError> {
        let path = ["projects", &id.to_string(), "mirror", "pull"];
        let call = Call { judge, ..self.reading(&path, &[], Authorization::Bearer(token)) };
        let answer = self.transport.send(&call).await?;
        if !answer.is_good() {
            return Ok(None);
        }
        Ok(Some(mirror(answer.json(&self.label)?, &call.scrubber())))
    }

    /// Sets the project's pull mirror (17.6), and has it pull at once. GitLab keeps the password, and tells it to
    /// nobody. Compare what comes back: where mirroring is not licensed it may not be what was wished.
    ///
    /// # Errors
    /// [`Unsupported`](ForgeErrorKind::Unsupported) where GitLab has no such call; or what GitLab said, as that it
    /// could not sign in at that address.
    pub async fn set_mirror(
        &self,
        token: &Secret,
        id: u64,
        wish: &MirrorWish,
        password: &Secret,
    ) -> Result<Mirror, ForgeError> {
        let body = Body {
            enabled: true,
            url: address::bare(&wish.url),
            auth_user: &wish.user,
            auth_password: Revealed(password),
            settings: Settings::of(&wish.branches),
        };
        self.put_mirror(token, id, &body, password).await
    }

    /// Has a mirror no longer choose branches by a regular expression: before [`Self::set_mirror`], which has it pull,
    /// when all are to come. Whether `only_mirror_protected_branches: false` clears it is told nowhere, and to send both
    /// is refused.
    ///
    /// # Errors
    /// As [`Self::set_mirror`].
    pub async fn choose_no_branches(&self, token: &Secret, id: u64, password: &Secret) -> Result<Mirror, ForgeError> {
        #[derive(Serialize)]
        struct Names {
            mirror_branch_regex: &'static str,
        }
        self.put_mirror(token, id, &Names { mirror_branch_regex: "" }, password).await
    }

    pub(super) async fn put_mirror(
        &self,
        token: &Secret,
        id: u64,
        body: &impl Serialize,
        password: &Secret,
    ) -> Result<Mirror, ForgeError> {
        let path = ["projects", &id.to_string(), "mirror", "pull"];
        let call = self.writing(Method::PUT, &path, body, token, Repeat::Safe);
        let call = Call { carries: vec![password], ..call };
        match self.transport.send(&call).await {
            Ok(answer) => Ok(mirror(answer.json(&self.label)?, &call.scrubber())),
            Err(error) => Err(unsupported(error)),
        }
    }

    /// As [`Self::set_mirror`], for a GitLab before 17.6. It says nothing of what it made of it: look at the project
    /// afterwards. Where mirroring is not licensed, nothing happens.
    ///
    /// # Errors
    /// What GitLab said.
    pub async fn set_mirror_old(
        &self,
        token: &Secret,
        id: u64,
        wish: &MirrorWish,
        password: &Secret,
    ) -> Result<(), ForgeError> {
        let body = OldBody {
            mirror: true,
            // These servers have no other way: the address with user and password, in the body.
            import_url: SignedIn { url: &wish.url, user: &wish.user, password },
            settings: Settings::of(&wish.branches),
        };
        let call = self.writing(Method::PUT, &["projects", &id.to_string()], &body, token, Repeat::Safe);
        self.transport.send(&Call { carries: vec![password], ..call }).await.map(drop)
    }

    /// Switches the pull mirror off; GitLab forgets the password then. Fine where there is none.
    ///
    /// # Errors
    /// [`Unsupported`](ForgeErrorKind::Unsupported) by a GitLab before 17.6: [`Self::drop_mirror_old`]; or what else
    /// GitLab said.
    pub async fn drop_mirror(&self, token: &Secret, id: u64) -> Result<(), ForgeError> {
        #[derive(Serialize)]
        struct Body {
            enabled: bool,
        }
        let path = ["projects", &id.to_string(), "mirror", "pull"];
        let call = self.writing(Method::PUT, &path, &Body { enabled: false }, token, Repeat::Safe);
        match self.transport.send(&call).await {
            Ok(_) => Ok(()),
            Err(error) if error.mentions("not mirrored") => Ok(()),
            Err(error) => Err(unsupported(error)),
        }
    }

    /// As [`Self::drop_mirror`], for a GitLab before 17.6. There the password belongs to the address that the project
    /// came from, so that is set anew without one; a GitLab that will not have it so keeps the password, unused, and
    /// this says false.
    ///
    /// # Errors
    /// What GitLab said.
    pub async fn drop_mirror_old(&self, token: &Secret, id: u64) -> Result<bool, ForgeError> {
        #[derive(Serialize)]
        struct Body {
            mirror: bool,
            #[serde(skip_serializing_if = "Option::is_none")]
            import_url: Option<Url>,
        }
        let id = id.to_string();
        let project = self.project(token, &id).await?;
        let put = async |import_url: Option<Url>| {
            let body = Body { mirror: false, import_url };
            let call = self.writing(Method::PUT, &["projects", &id], &body, token, Repeat::Safe);
            self.transport.send(&call).await.map(drop)
        };
        match put(project.import_url.clone()).await {
            // It looked at the address, and was not let in without a password.
            Err(error) if error.kind == ForgeErrorKind::InvalidRequest && project.import_url.is_some() => {
                put(None).await.map(|()| false)
            }
            outcome => outcome.map(|()| true),
        }
    }

    /// Has the mirror pull now, or as soon as the interval since the last pull is over.
    ///
    /// # Errors
    /// [`NotFound`](ForgeErrorKind::NotFound) where there is no such project; or what else GitLab said.
    pub async fn trigger_mirror(&self, token: &Secret, id: u64) -> Result<Triggered, ForgeError> {
        let path = ["projects", &id.to_string(), "mirror", "pull"];
        let by = Authorization::Bearer(token);
        let call = Call { method: Method::POST, judge: judge_trigger, ..self.reading(&path, &[], by) };
        let answer = self.transport.send(&call).await?;
        Ok(match answer.status {
            _ if answer.is_good() => Triggered::Accepted,
            403 => Triggered::Paused,
            _ => Triggered::NotMirrored,
        })
    }
}

/// That there is no mirror is an answer, not an error.
fn judge(answer: &Answer) -> Option<ForgeErrorKind> {
    let kind = errors::judge(answer)?;
    let words = answer.words();
    let none = match answer.status {
        400 => words.mentions("not mirrored"),
        // A call that is not there, and not a project that is not there.
        404 => kind == ForgeErrorKind::NotFound && !words.mentions("project not found"),
        _ => false,
    };
    (!none).then_some(kind)
}

/// Nor is that it is given up: "Mirroring for the project is on pause".
fn judge_trigger(answer: &Answer) -> Option<ForgeErrorKind> {
    let paused = answer.status == 403 && answer.words().mentions("on pause");
    judge(answer).filter(|_| !paused)
}

/// A GitLab that has not this call yet has none of that path (404), or others (405).
fn unsupported(error: ForgeError) -> ForgeError {
    let none = error.kind == ForgeErrorKind::NotFound && !error.mentions("project not found");
    if none || error.status == Some(405) {
        return ForgeError { kind: ForgeErrorKind::Unsupported { page: None }, ..error };
    }
    error
}

fn mirror(found: Found, scrubber: &Scrubber<'_>) -> Mirror {
    let status = match found.update_status.as_deref() {
        None | Some("none" | "") => MirrorStatus::None,
        Some("scheduled") => MirrorStatus::Scheduled,
        Some("started") => MirrorStatus::Started,
        Some("finished") => MirrorStatus::Finished,
        Some("failed") => MirrorStatus::Failed,
        Some(other) => MirrorStatus::Other(scrubber.name(other)),
    };
    Mirror {
        enabled: found.enabled,
        url: found.url.and_then(|text| address::named(&text, scrubber)),
        status,
        last_error: found.last_error.and_then(|text| scrubber.some(&text)),
        last_update_at: found.last_update_at,
        triggers_builds: found.mirror_trigger_builds,
        overwrites_diverged: found.mirror_overwrites_diverged_branches,
        only_protected: found.only_mirror_protected_branches,
        branch_regex: found.mirror_branch_regex.map(|text| scrubber.name(&text)).filter(|text| !text.is_empty()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Mirror {
        let found = serde_json::from_str(json).unwrap_or_else(|error| unreachable!("{error}"));
        mirror(found, &Scrubber::new(None))
    }

    #[test]
    fn before_and_after_17_5() {
        let old = read(
            r#"{"id":101,"update_status":"finished","url":"https://*****:*****@github.com/o/r.git","last_error":null,"last_update_at":"2024-09-01T10:00:00.000Z","last_update_started_at":null,"last_successful_update_at":"2024-09-01T10:00:00.000Z"}"#,
        );
        assert_eq!((old.enabled, old.triggers_builds, old.only_protected), (None, None, None));
        assert_eq!(old.url.as_ref().map(Url::as_str), Some("https://github.com/o/r.git"));
        assert_eq!((old.status, old.last_update_at.is_some()), (MirrorStatus::Finished, true));
        let new = read(
            r#"{"update_status":"failed","last_error":"2:fetch https://oauth2:ghp_x@github.com/o/r.git: denied","enabled":true,"mirror_trigger_builds":null,"only_mirror_protected_branches":null,"mirror_overwrites_diverged_branches":true,"mirror_branch_regex":""}"#,
        );
        assert_eq!((new.enabled, new.triggers_builds), (Some(true), Some(false)));
        assert_eq!((new.only_protected, new.overwrites_diverged), (Some(false), Some(true)));
        assert_eq!((new.branch_regex, new.status), (None, MirrorStatus::Failed));
        let error = new.last_error.unwrap_or_default();
        assert!(!error.contains("ghp_x"), "{error}");
    }

    #[test]
    fn odd_ones() {
        assert_eq!(read("{}").status, MirrorStatus::None);
        let odd = read(r#"{"enabled":"yes","url":7,"update_status":"to_retry","last_update_at":"yesterday"}"#);
        assert_eq!((odd.enabled, odd.url, odd.last_update_at), (Some(false), None, None));
        assert_eq!(odd.status, MirrorStatus::Other("to_retry".into()));
    }

    #[test]
    fn one_of_two_settings() {
        let sent = |branches| serde_json::to_string(&Settings::of(&branches)).unwrap_or_default();
        let always = r#"{"mirror_trigger_builds":true,"mirror_overwrites_diverged_branches":true,"#;
        assert_eq!(sent(Branches::All), format!(r#"{always}"only_mirror_protected_branches":false}}"#));
        assert_eq!(sent(Branches::Protected), format!(r#"{always}"only_mirror_protected_branches":true}}"#));
        assert_eq!(sent(Branches::Matching("^v".into())), format!(r#"{always}"mirror_branch_regex":"^v"}}"#));
    }

    #[test]
    fn what_is_no_error() {
        let headers = [("x-gitlab-meta", "{}")];
        let both = |status, body: &str| {
            let answer = Answer::made_up(status, &headers, body);
            (judge(&answer).is_none(), judge_trigger(&answer).is_none())
        };
        assert_eq!(both(200, "{}"), (true, true));
        assert_eq!(both(202, ""), (true, true));
        assert_eq!(both(400, r#"{"message":"The project is not mirrored"}"#), (true, true));
        assert_eq!(both(400, r#"{"message":"400 Bad request - The project is not mirrored"}"#), (true, true));
        assert_eq!(both(404, r#"{"error":"404 Not Found"}"#), (true, true));
        assert_eq!(both(404, r#"{"message":"404 Project Not Found"}"#), (false, false));
        assert_eq!(both(403, r#"{"message":"403 Forbidden - Mirroring for the project is on pause"}"#), (false, true));
        assert_eq!(both(403, r#"{"message":"403 Forbidden"}"#), (false, false));
        assert_eq!(both(400, r#"{"message":"Url is blocked: Only allowed schemes are https"}"#), (false, false));
    }
}
