//! The store `env`: nothing is kept. The record names a variable, and it is read each time, so that
//! a CI job's own secrets stay where the CI system keeps them.

use zeroize::Zeroizing;

use crate::model::{Secret, SecretId, StoreKind};

use super::{Protection, Store, StoreError, StoreOptions, Variables};

/// Reads variables through the function it was given.
pub(super) struct Environment {
    variables: Variables,
}

impl Environment {
    /// Reads nothing yet.
    pub(super) fn new(options: &StoreOptions) -> Self {
        Self { variables: options.variables.clone() }
    }
}

impl Store for Environment {
    fn kind(&self) -> StoreKind {
        StoreKind::Env
    }

    fn place(&self, id: &SecretId) -> String {
        format!("the variable {}", id.as_str())
    }

    fn home(&self) -> String {
        "the environment of each run".to_owned()
    }

    fn protection(&self) -> Result<Protection, StoreError> {
        Ok(Protection::Nothing)
    }

    fn put(&self, _: &SecretId, _: &str, _: &Secret) -> Result<(), StoreError> {
        Err(StoreError::ReadOnly)
    }

    fn get(&self, id: &SecretId) -> Result<Secret, StoreError> {
        let name = || id.as_str().to_owned();
        let value = (self.variables)(id.as_str()).ok_or_else(|| StoreError::VariableMissing { name: name() })?;
        Secret::from_input(Zeroizing::new(value.reveal().to_owned()))
            .map_err(|problem| StoreError::VariableInvalid { name: name(), problem })
    }

    fn remove(&self, _: &SecretId) -> Result<bool, StoreError> {
        Ok(false)
    }

    fn is_writable(&self) -> bool {
        false
    }
}
