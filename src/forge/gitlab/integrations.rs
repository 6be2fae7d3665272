//! `/projects/:id/integrations/github`: pipelines reported to GitHub as commit statuses.

use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use super::super::body::Revealed;
use super::super::error::{ForgeError, ForgeErrorKind};
use super::super::http::{Authorization, Call, Repeat};
use super::super::words::Scrubber;
use super::super::{address, lenient};
use super::GitLab;
use crate::model::Secret;
use crate::model::mirror::Integration;

/// GitLab REST: "Retrieve GitHub integration settings". Nothing tells the token.
#[derive(Deserialize)]
struct Found {
    #[serde(default, deserialize_with = "lenient::or_default")]
    active: bool,
    #[serde(default, deserialize_with = "lenient::or_default")]
    properties: Properties,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Properties {
    #[serde(deserialize_with = "lenient::or_default")]
    repository_url: Option<String>,
    /// `true`, and as settings are kept, `"1"`.
    static_context: Value,
}

impl GitLab {
    /// The project's GitHub integration; nothing where none was ever set, where it is not licensed, and where GitLab
    /// has no such thing.
    ///
    /// # Errors
    /// [`NotFound`](ForgeErrorKind::NotFound) where there is no such project; or what else GitLab said.
    pub async fn integration(&self, token: &Secret, id: u64) -> Result<Option<Integration>, ForgeError> {
        let path = ["projects", &id.to_string(), "integrations", "github"];
        match self.get(&path, &[], Authorization::Bearer(token)).await {
            Ok(answer) => Ok(Some(integration(answer.json(&self.label)?, &Scrubber::new(Some(token))))),
            Err(error) if is_no_such_thing(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Sets the integration and switches it on, with one name for all statuses. `repository_url` is the repository's
    /// page. GitLab keeps the token, for which `repo:status` is enough, and tells it to nobody.
    ///
    /// # Errors
    /// [`Unsupported`](ForgeErrorKind::Unsupported) where GitLab has no such thing or no licence for it; or what else
    /// GitLab said.
    pub async fn set_integration(
        &self,
        token: &Secret,
        id: u64,
        github_token: &Secret,
        repository_url: &Url,
    ) -> Result<Integration, ForgeError> {
        #[derive(Serialize)]
        struct Body<'a> {
            token: Revealed<'a>,
            repository_url: Url,
            static_context: bool,
            pipeline_events: bool,
        }
        let body = Body {
            token: Revealed(github_token),
            repository_url: address::bare(repository_url),
            static_context: true,
            pipeline_events: true,
        };
        self.put_integration(token, id, &body, github_token).await
    }

    pub(super) async fn put_integration(
        &self,
        token: &Secret,
        id: u64,
        body: &impl Serialize,
        github_token: &Secret,
    ) -> Result<Integration, ForgeError> {
        let path = ["projects", &id.to_string(), "integrations", "github"];
        let call = self.writing(Method::PUT, &path, body, token, Repeat::Safe);
        let call = Call { carries: vec![github_token], ..call };
        match self.transport.send(&call).await {
            Ok(answer) => Ok(integration(answer.json(&self.label)?, &call.scrubber())),
            Err(error) if is_no_such_thing(&error) => {
                Err(ForgeError { kind: ForgeErrorKind::Unsupported { page: None }, ..error })
            }
            Err(error) => Err(error),
        }
    }

    /// Switches the integration off; GitLab forgets its settings. False: there was none.
    ///
    /// # Errors
    /// What GitLab said.
    pub async fn drop_integration(&self, token: &Secret, id: u64) -> Result<bool, ForgeError> {
        let call = self.deleting(&["projects", &id.to_string(), "integrations", "github"], token);
        match self.transport.send(&call).await {
            Ok(_) => Ok(true),
            Err(error) if is_no_such_thing(&error) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// 404 "Integration Not Found" where none was set; a GitLab without it (CE) finds the word `github` itself wrong.
fn is_no_such_thing(error: &ForgeError) -> bool {
    match error.kind {
        ForgeErrorKind::NotFound => !error.mentions("project not found"),
        ForgeErrorKind::InvalidRequest => error.mentions("slug"),
        _ => false,
    }
}

fn integration(found: Found, scrubber: &Scrubber<'_>) -> Integration {
    Integration {
        active: found.active,
        repository_url: found.properties.repository_url.and_then(|text| address::named(&text, scrubber)),
        static_context: lenient::truth(&found.properties.static_context),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_in_every_form() {
        let read = |json: &str| {
            let found = serde_json::from_str(json).unwrap_or_else(|error| unreachable!("{error}"));
            integration(found, &Scrubber::new(None))
        };
        let whole = read(
            r#"{"id":1,"title":"GitHub","slug":"github","active":true,"properties":{"repository_url":"https://github.com/o/r","static_context":"1"}}"#,
        );
        assert_eq!((whole.active, whole.static_context), (true, Some(true)));
        assert_eq!(whole.repository_url.as_ref().map(Url::as_str), Some("https://github.com/o/r"));
        for (json, context) in [
            (r#"{"active":true,"properties":{"static_context":false}}"#, Some(false)),
            (r#"{"properties":{"static_context":null,"repository_url":""}}"#, None),
            (r#"{"properties":null}"#, None),
            ("{}", None),
        ] {
            let found = read(json);
            assert_eq!((found.static_context, found.repository_url), (context, None), "{json}");
        }
    }
}
