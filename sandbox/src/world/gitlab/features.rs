//! What a project has switched on, and for whom.
//!
//! Each feature has a level (`issues_access_level`); some have a switch of old beside it
//! (`issues_enabled`), which is on wherever the level is not `disabled`. Source: GitLab REST
//! "Projects", "Project feature visibility levels".

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// For whom a feature is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum AccessLevel {
    /// Nobody.
    Disabled,
    /// The project's members.
    Private,
    /// Everybody who sees the project.
    Enabled,
    /// Everybody: pages and packages only.
    Public,
}

impl AccessLevel {
    /// By GitLab's word for it.
    pub fn named(word: &str) -> Option<Self> {
        match word {
            "disabled" => Some(Self::Disabled),
            "private" => Some(Self::Private),
            "enabled" => Some(Self::Enabled),
            "public" => Some(Self::Public),
            _ => None,
        }
    }
}

/// A feature that a project may have.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Feature {
    /// The part before `_access_level`.
    pub name: &'static str,
    /// The switch of old.
    pub switch: Option<&'static str>,
    /// What a new project has.
    at_first: AccessLevel,
    /// May it be `public`?
    pub may_be_public: bool,
}

const fn feature(name: &'static str, switch: Option<&'static str>) -> Feature {
    Feature { name, switch, at_first: AccessLevel::Enabled, may_be_public: false }
}

/// All of them.
pub(crate) const FEATURES: &[Feature] = &[
    feature("issues", Some("issues_enabled")),
    feature("repository", None),
    feature("merge_requests", Some("merge_requests_enabled")),
    feature("forking", None),
    feature("wiki", Some("wiki_enabled")),
    feature("builds", Some("jobs_enabled")),
    feature("snippets", Some("snippets_enabled")),
    Feature { at_first: AccessLevel::Private, may_be_public: true, ..feature("pages", None) },
    feature("analytics", None),
    feature("container_registry", Some("container_registry_enabled")),
    Feature { at_first: AccessLevel::Private, ..feature("security_and_compliance", None) },
    feature("releases", None),
    feature("environments", None),
    feature("feature_flags", None),
    feature("infrastructure", None),
    feature("monitor", None),
    feature("model_experiments", None),
    feature("model_registry", None),
    Feature { may_be_public: true, ..feature("package_registry", Some("packages_enabled")) },
];

/// The levels of a project's features.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub(crate) struct Features(BTreeMap<&'static str, AccessLevel>);

impl Default for Features {
    fn default() -> Self {
        Self(FEATURES.iter().map(|feature| (feature.name, feature.at_first)).collect())
    }
}

impl Features {
    pub fn level(&self, feature: &Feature) -> AccessLevel {
        self.0.get(feature.name).copied().unwrap_or(feature.at_first)
    }

    pub fn set(&mut self, feature: &Feature, level: AccessLevel) {
        self.0.insert(feature.name, level);
    }
}
