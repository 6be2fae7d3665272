//! CI/CD variables of projects, groups and the instance: found by key, and where they are for some environments only, by
//! those.

use serde::Serialize;

use super::Gitlab;

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

/// What has variables, by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keeper {
    Project(u64),
    Group(u64),
    Instance,
}

impl Gitlab {
    /// The variables there; none where nothing is.
    pub fn variables(&self, keeper: Keeper) -> &[Variable] {
        match keeper {
            Keeper::Project(id) => self.project(id).map_or(&[], |it| it.variables.as_slice()),
            Keeper::Group(id) => self.group(id).map_or(&[], |it| it.variables.as_slice()),
            Keeper::Instance => &self.instance_variables,
        }
    }

    pub fn variables_mut(&mut self, keeper: Keeper) -> Option<&mut Vec<Variable>> {
        match keeper {
            Keeper::Project(id) => self.project_mut(id).map(|it| &mut it.variables),
            Keeper::Group(id) => self.group_mut(id).map(|it| &mut it.variables),
            Keeper::Instance => Some(&mut self.instance_variables),
        }
    }
}
