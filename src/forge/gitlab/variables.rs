//! `/projects/:id/variables`, `/groups/:id/variables`, `/admin/ci/variables`: CI/CD variables.
//!
//! A key may be there several times, for different environments; which is meant is said by
//! `filter[environment_scope]`. Variables of the instance have no environments. A value that is *hidden* (17.4) never
//! comes back; every other does, so it can be compared.

use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::body::Revealed;
use super::super::error::{ForgeError, ForgeErrorKind};
use super::super::http::{Answer, Authorization, Call, Repeat};
use super::super::lenient;
use super::super::words::Scrubber;
use super::GitLab;
use crate::model::Secret;

/// What stands for all environments.
const ALL: &str = "*";

/// Whose variables are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VariablesOf {
    /// A project's, by its number or full path. It wants a maintainer.
    Project(String),
    /// A group's, by its number or full path. It wants an owner.
    Group(String),
    /// The instance's. It wants an administrator.
    Instance,
}

impl VariablesOf {
    fn path<'a>(&'a self, below: &[&'a str]) -> Vec<&'a str> {
        let mut path = match self {
            Self::Project(id) => vec!["projects", id, "variables"],
            Self::Group(id) => vec!["groups", id, "variables"],
            Self::Instance => vec!["admin", "ci", "variables"],
        };
        path.extend(below);
        path
    }

    /// What narrows a search to one environment.
    fn filter<'a>(&self, environment: &'a str) -> Vec<(&'static str, &'a str)> {
        match self {
            Self::Instance => Vec::new(),
            Self::Project(_) | Self::Group(_) => vec![("filter[environment_scope]", environment)],
        }
    }
}

/// A variable as it is: what of it has to stay when its value changes, and the value where GitLab tells it.
#[derive(Debug, Clone)]
pub struct Variable {
    /// The value; nothing for one that is hidden.
    pub value: Option<Secret>,
    /// How it is used and shown.
    pub manner: Manner,
}

/// How a variable is used and shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manner {
    /// `env_var` or `file`.
    pub kind: String,
    /// Only jobs of protected branches and tags get it.
    pub protected: bool,
    /// It is struck out of the logs of jobs.
    pub masked: bool,
    /// Masked, and never shown again.
    pub hidden: bool,
    /// `$` in it is just a `$`.
    pub raw: bool,
    /// `*` for all environments.
    pub environment: String,
    /// What somebody wrote about it.
    pub description: Option<String>,
}

/// A variable that is to be made: masked and raw.
#[derive(Debug, Clone, Copy)]
pub struct NewVariable<'a> {
    /// Its name: letters, digits and `_`.
    pub key: &'a str,
    /// Its value.
    pub value: &'a Secret,
    /// For which environments; `*` for all.
    pub environment: &'a str,
    /// Whether only jobs of protected branches and tags get it.
    pub protected: bool,
}

/// GitLab REST: "Retrieve a single variable" (`hidden` since 17.4).
#[derive(Deserialize)]
struct Found {
    #[serde(default)]
    value: Option<String>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    variable_type: Option<String>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    protected: bool,
    #[serde(default, deserialize_with = "lenient::or_default")]
    masked: bool,
    #[serde(default, deserialize_with = "lenient::or_default")]
    hidden: bool,
    #[serde(default)]
    raw: Value,
    #[serde(default, deserialize_with = "lenient::or_default")]
    environment_scope: Option<String>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    description: Option<String>,
}

impl GitLab {
    /// A variable, by its key and environment; nothing where there is none of both.
    ///
    /// # Errors
    /// What GitLab said.
    pub async fn variable(
        &self,
        token: &Secret,
        of: &VariablesOf,
        key: &str,
        environment: &str,
    ) -> Result<Option<Variable>, ForgeError> {
        let found = self.get(&of.path(&[key]), &of.filter(environment), Authorization::Bearer(token)).await;
        match found {
            Ok(answer) => self.told_variable(&answer, &Scrubber::new(Some(token))).map(Some),
            // "404 Variable Not Found", and not the project's or the group's own.
            Err(error) if error.kind == ForgeErrorKind::NotFound && error.mentions("variable") => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Makes a variable, masked and raw. Sent once.
    ///
    /// # Errors
    /// [`InvalidRequest`](ForgeErrorKind::InvalidRequest) also for a value that cannot be masked; or what else GitLab
    /// said.
    pub async fn create_variable(
        &self,
        token: &Secret,
        of: &VariablesOf,
        new: &NewVariable<'_>,
    ) -> Result<Variable, ForgeError> {
        #[derive(Serialize)]
        struct Body<'a> {
            key: &'a str,
            value: Revealed<'a>,
            masked: bool,
            protected: bool,
            raw: bool,
            #[serde(skip_serializing_if = "Option::is_none")]
            environment_scope: Option<&'a str>,
        }
        let scoped = !matches!(of, VariablesOf::Instance);
        let body = Body {
            key: new.key,
            value: Revealed(new.value),
            masked: true,
            protected: new.protected,
            raw: true,
            environment_scope: scoped.then_some(new.environment),
        };
        let call = self.writing(Method::POST, &of.path(&[]), &body, token, Repeat::Never);
        self.put_variable(Call { carries: vec![new.value], ..call }).await
    }

    /// Gives a variable another value, and changes nothing else of it.
    ///
    /// GitLab REST: "Update a variable"; what is not sent stays.
    ///
    /// # Errors
    /// [`InvalidRequest`](ForgeErrorKind::InvalidRequest) also for a value that cannot be masked, where it is masked;
    /// [`NotFound`](ForgeErrorKind::NotFound) where it is no more; or what else GitLab said.
    pub async fn set_variable(
        &self,
        token: &Secret,
        of: &VariablesOf,
        key: &str,
        environment: &str,
        value: &Secret,
    ) -> Result<Variable, ForgeError> {
        #[derive(Serialize)]
        struct Body<'a> {
            value: Revealed<'a>,
        }
        let body = Body { value: Revealed(value) };
        let mut call = self.writing(Method::PUT, &of.path(&[key]), &body, token, Repeat::Safe);
        call.url.query_pairs_mut().extend_pairs(of.filter(environment));
        if call.url.query() == Some("") {
            call.url.set_query(None);
        }
        self.put_variable(Call { carries: vec![value], ..call }).await
    }

    /// Takes a variable away. False: there was none.
    ///
    /// # Errors
    /// What GitLab said.
    pub async fn delete_variable(
        &self,
        token: &Secret,
        of: &VariablesOf,
        key: &str,
        environment: &str,
    ) -> Result<bool, ForgeError> {
        let by = Authorization::Bearer(token);
        let call = Call { method: Method::DELETE, ..self.reading(&of.path(&[key]), &of.filter(environment), by) };
        ForgeError::if_there(self.transport.send(&call).await).map(|found| found.is_some())
    }

    async fn put_variable(&self, call: Call<'_>) -> Result<Variable, ForgeError> {
        self.told_variable(&self.transport.send(&call).await?, &call.scrubber())
    }

    fn told_variable(&self, answer: &Answer, scrubber: &Scrubber<'_>) -> Result<Variable, ForgeError> {
        let found: Found = answer.json(&self.label)?;
        let named = |text: Option<String>| text.map(|text| scrubber.name(&text));
        let manner = Manner {
            kind: named(found.variable_type).unwrap_or_else(|| "env_var".to_owned()),
            protected: found.protected,
            masked: found.masked,
            hidden: found.hidden,
            raw: lenient::truth(&found.raw).unwrap_or(false),
            environment: named(found.environment_scope).unwrap_or_else(|| ALL.to_owned()),
            description: named(found.description),
        };
        Ok(Variable { value: found.value.filter(|_| !manner.hidden).map(Secret::new), manner })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_they_are() {
        let path = |of: &VariablesOf| of.path(&["KEY"]).join("/");
        assert_eq!(path(&VariablesOf::Project("7".into())), "projects/7/variables/KEY");
        assert_eq!(path(&VariablesOf::Group("7".into())), "groups/7/variables/KEY");
        assert_eq!(path(&VariablesOf::Instance), "admin/ci/variables/KEY");
        assert!(VariablesOf::Instance.filter("*").is_empty());
        assert_eq!(VariablesOf::Group("7".into()).filter("prod"), [("filter[environment_scope]", "prod")]);
    }
}
