//! `…/rotate`: the old token dies as the new one is born.
//!
//! The call is sent once and never repeated, by nobody: a second one with the old token would be taken for a theft, and
//! GitLab would kill the new token too (GitLab docs, "Token family and reuse detection"; `auth_finders.rb`, 16.3 and
//! later). The whole answer is given back unread, so that the caller can put it away before anything else is done.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use reqwest::Method;
use serde::{Deserialize, Serialize};

use super::super::error::ForgeError;
use super::super::http::{Call, Repeat};
use super::super::{body, lenient};
use super::GitLab;
use crate::model::Secret;

/// The most of an answer that is read: one has about half a kilobyte, and it has to fit into the journal.
const LIMIT: usize = 32 * 1024;

/// How GitLab is asked for a token's successor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RotateBy {
    /// `self/rotate`, since 16.10: `api` or `self_rotate`.
    Itself,
    /// By its number, since 16.0: `api`.
    Id(u64),
}

/// What a good answer holds.
#[derive(Debug)]
pub struct Successor {
    /// The new token.
    pub token: Secret,
    /// Its number, which is another one.
    pub id: Option<u64>,
    /// What it may do.
    pub scopes: Option<Vec<String>>,
    /// When it dies: 00:00 UTC of the date that GitLab says.
    pub expires_at: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Found {
    #[serde(deserialize_with = "body::secret")]
    token: Secret,
    #[serde(default, deserialize_with = "lenient::or_default")]
    id: Option<u64>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    scopes: Option<Vec<String>>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    expires_at: Option<Date>,
}

impl GitLab {
    /// Asks for the successor of this very token, which dies with the answer; it ends at 00:00 UTC of `expires_on`. Gives
    /// the whole answer, for [`successor`].
    ///
    /// # Errors
    /// [`ForgeError::was_refused`]: nothing was done, and the token works as before. Else it is unknown what was done,
    /// unless [`ForgeError::never_left`]: ask whether the old token still works, and never send this again.
    pub async fn rotate(&self, token: &Secret, by: RotateBy, expires_on: Date) -> Result<Secret, ForgeError> {
        #[derive(Serialize)]
        struct Body {
            expires_at: String,
        }
        let body = Body { expires_at: expires_on.to_string() };
        let id = match by {
            RotateBy::Itself => "self".to_owned(),
            RotateBy::Id(id) => id.to_string(),
        };
        let path = ["personal_access_tokens", &id, "rotate"];
        let call = Call { limit: LIMIT, ..self.writing(Method::POST, &path, &body, token, Repeat::Never) };
        self.transport.send(&call).await?.into_secret(&self.label)
    }
}

/// Reads the answer to a rotation; nothing if there is no token in it.
pub fn successor(answer: &Secret) -> Option<Successor> {
    let found: Found = serde_json::from_str(answer.reveal()).ok()?;
    let end = found.expires_at.and_then(|date| date.to_zoned(TimeZone::UTC).ok());
    Some(Successor {
        token: found.token,
        id: found.id,
        scopes: found.scopes,
        expires_at: end.map(|zoned| zoned.timestamp()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_is_read_whatever_else_is_in_it() {
        let read = |json: &str| successor(&Secret::new(json.to_owned()));
        let whole = read(
            r#"{"id":42,"name":"Rotated Token","revoked":false,"scopes":["api"],"user_id":1337,"active":true,"expires_at":"2027-02-01","token":"glpat-new"}"#,
        );
        let whole = whole.unwrap_or_else(|| unreachable!());
        assert!(whole.token.same_as(&Secret::new("glpat-new".into())));
        assert_eq!((whole.id, whole.scopes), (Some(42), Some(vec!["api".to_owned()])));
        assert_eq!(whole.expires_at, "2027-02-01T00:00:00Z".parse().ok());
        let odd = read(r#"{"token":"glpat-new","id":"x","scopes":null,"expires_at":"never"}"#);
        assert_eq!(odd.map(|odd| (odd.id, odd.expires_at.is_none())), Some((None, true)));
        for none in ["", "{}", r#"{"token":null}"#, r#"{"token":""}"#, r#"{"token":"glpat-n"#] {
            assert!(read(none).is_none(), "{none}");
        }
    }
}
