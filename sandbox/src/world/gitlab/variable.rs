//! CI/CD variables of a project: found by key and the environments that they are for.

use serde::Serialize;

/// A variable. Its value is shown in the state: none of them is a secret of anybody's.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Variable {
    pub key: String,
    pub value: String,
    /// `env_var` or `file`.
    pub variable_type: String,
    pub protected: bool,
    pub masked: bool,
    /// Since 17.4: masked, and never shown again.
    pub hidden: bool,
    pub raw: bool,
    /// `*` is all.
    pub environment_scope: String,
    pub description: Option<String>,
}
