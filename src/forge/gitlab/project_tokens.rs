//! `/projects/:id/access_tokens`: tokens that belong to a project, and act as a bot of their own.

use jiff::civil::Date;
use reqwest::Method;
use serde::{Deserialize, Serialize};

use super::super::error::{ForgeError, ForgeErrorKind};
use super::super::http::{Authorization, Repeat};
use super::super::words::Scrubber;
use super::super::{body, lenient, page};
use super::GitLab;
use crate::model::Secret;
use crate::model::mirror::ProjectToken;
use crate::model::place::AccessLevel;

/// A token that is to be made.
#[derive(Debug, Clone, Copy)]
pub struct NewProjectToken<'a> {
    /// What it is called; its bot is called so, too.
    pub name: &'a str,
    /// What it may do: `api`, `write_repository`.
    pub scopes: &'a [&'a str],
    /// Its bot's role, no higher than the account's own.
    pub access_level: AccessLevel,
    /// It dies at the start of this day, UTC; a year ahead at most.
    pub expires_at: Date,
}

/// GitLab REST: "List all project access tokens", "Create a project access token".
#[derive(Deserialize)]
struct Found {
    id: u64,
    #[serde(default, deserialize_with = "lenient::or_default")]
    name: String,
    #[serde(default, deserialize_with = "lenient::or_default")]
    active: Option<bool>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    revoked: bool,
    #[serde(default, deserialize_with = "lenient::or_default")]
    user_id: Option<u64>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    access_level: Option<AccessLevel>,
    #[serde(default, deserialize_with = "lenient::those_that_fit")]
    scopes: Vec<String>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    expires_at: Option<Date>,
}

/// A new one, with the token, which is told this once.
#[derive(Deserialize)]
struct Made {
    #[serde(flatten)]
    found: Found,
    #[serde(deserialize_with = "body::secret")]
    token: Secret,
}

impl GitLab {
    /// The project's access tokens that are alive. It wants the role of a maintainer.
    ///
    /// # Errors
    /// What GitLab said.
    pub async fn project_tokens(&self, token: &Secret, id: u64) -> Result<Vec<ProjectToken>, ForgeError> {
        let path = ["projects", &id.to_string(), "access_tokens"];
        let call = self.reading(&path, &[("per_page", "100")], Authorization::Bearer(token));
        let scrubber = Scrubber::new(Some(token));
        let mut all = Vec::new();
        page::each(&self.transport, call, page::MOST, |answer| {
            let found: Vec<Found> = answer.json(&self.label)?;
            all.extend(found.into_iter().map(|one| project_token(one, &scrubber)));
            Ok(())
        })
        .await?;
        Ok(all)
    }

    /// Makes a project access token, and gives it: nobody tells it again. Sent once: after a lost connection, look for
    /// one of that name, and revoke it.
    ///
    /// # Errors
    /// [`Forbidden`](ForgeErrorKind::Forbidden) also where the plan has no such tokens; or what else GitLab said, as
    /// that the end is too far.
    pub async fn create_project_token(
        &self,
        token: &Secret,
        id: u64,
        wish: &NewProjectToken<'_>,
    ) -> Result<(ProjectToken, Secret), ForgeError> {
        #[derive(Serialize)]
        struct Body<'a> {
            name: &'a str,
            scopes: &'a [&'a str],
            access_level: AccessLevel,
            expires_at: String,
        }
        let body = Body {
            name: wish.name,
            scopes: wish.scopes,
            access_level: wish.access_level,
            expires_at: wish.expires_at.to_string(),
        };
        let path = ["projects", &id.to_string(), "access_tokens"];
        let call = self.writing(Method::POST, &path, &body, token, Repeat::Never);
        let made: Made = match self.transport.send(&call).await {
            Ok(answer) => answer.json(&self.label)?,
            // GitLab `app/services/resource_access_tokens/create_service.rb` (MIT): the role, or the plan.
            Err(error) if error.status == Some(400) && error.mentions("does not have permission") => {
                return Err(ForgeError { kind: ForgeErrorKind::Forbidden, ..error });
            }
            Err(error) => return Err(error),
        };
        let scrubber = Scrubber::of([token, &made.token]);
        let told = project_token(made.found, &scrubber);
        drop(scrubber);
        Ok((told, made.token))
    }

    /// Revokes a project access token; its bot goes with it. False: there was none.
    ///
    /// # Errors
    /// What GitLab said.
    pub async fn revoke_project_token(&self, token: &Secret, id: u64, token_id: u64) -> Result<bool, ForgeError> {
        let path = ["projects", &id.to_string(), "access_tokens", &token_id.to_string()];
        let call = self.deleting(&path, token);
        ForgeError::if_there(self.transport.send(&call).await).map(|found| found.is_some())
    }
}

fn project_token(found: Found, scrubber: &Scrubber<'_>) -> ProjectToken {
    ProjectToken {
        id: found.id,
        name: scrubber.name(&found.name),
        active: found.active.unwrap_or(true) && !found.revoked,
        user: found.user_id,
        access_level: found.access_level,
        scopes: found.scopes.iter().map(|scope| scrubber.name(scope)).collect(),
        expires_at: found.expires_at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> ProjectToken {
        let found = serde_json::from_str(json).unwrap_or_else(|error| unreachable!("{error}"));
        project_token(found, &Scrubber::new(None))
    }

    #[test]
    fn alive_or_not() {
        let whole = read(
            r#"{"user_id":141,"scopes":["api"],"name":"token","expires_at":"2027-01-31","id":42,"active":true,"created_at":"2026-01-20T22:11:48.151Z","revoked":false,"last_used_at":null,"access_level":40}"#,
        );
        assert_eq!((whole.active, whole.user, whole.access_level), (true, Some(141), Some(40)));
        assert_eq!(whole.expires_at, Some(jiff::civil::date(2027, 1, 31)));
        assert!(!read(r#"{"id":1,"active":true,"revoked":true}"#).active);
        assert!(!read(r#"{"id":1,"active":false}"#).active);
        let odd = read(r#"{"id":1,"name":null,"scopes":null,"expires_at":"never","access_level":"maintainer"}"#);
        assert_eq!((odd.active, odd.expires_at, odd.access_level), (true, None, None));
    }

    #[test]
    fn a_new_one_hides_its_token() {
        let made: Made = serde_json::from_str(r#"{"id":7,"name":"n","token":"glpat-new"}"#)
            .unwrap_or_else(|error| unreachable!("{error}"));
        assert!(made.token.same_as(&Secret::new("glpat-new".into())));
        for none in ["null", r#""""#, r#""glpat-x\n""#, r#""glpat-\u001b[2J""#, "7"] {
            assert!(serde_json::from_str::<Made>(&format!(r#"{{"id":7,"token":{none}}}"#)).is_err(), "{none}");
        }
        assert!(serde_json::from_str::<Made>(r#"{"id":7}"#).is_err());
    }
}
