//! What a project is told about itself, when it is made and afterwards.

use serde_json::json;

use crate::gitlab::error;
use crate::gitlab::mirror::Wanted as MirrorWanted;
use crate::gitlab::parameters::Parameters;
use crate::http::Answer;
use crate::world::gitlab::features::{AccessLevel, FEATURES, Feature};
use crate::world::gitlab::remote::Remote;
use crate::world::gitlab::{Project, Visibility};

/// The settings that a request names; what it does not name stays as it is.
#[derive(Debug)]
pub(super) struct Settings {
    pub name: Option<String>,
    pub path: Option<String>,
    pub visibility: Option<Visibility>,
    pub description: Option<String>,
    pub ci_config_path: Option<String>,
    pub default_branch: Option<String>,
    features: Vec<(&'static Feature, AccessLevel)>,
    pub import_url: Option<String>,
    pub mirror: MirrorWanted,
}

/// Who sees the project, by GitLab's word for it.
fn visibility(word: &str) -> Option<Visibility> {
    match word {
        "private" => Some(Visibility::Private),
        "internal" => Some(Visibility::Internal),
        "public" => Some(Visibility::Public),
        _ => None,
    }
}

fn features(sent: &mut Parameters) -> Vec<(&'static Feature, AccessLevel)> {
    let mut wanted = Vec::new();
    for feature in FEATURES {
        if let Some(on) = feature.switch.and_then(|switch| sent.boolean(switch)) {
            wanted.push((feature, if on { AccessLevel::Enabled } else { AccessLevel::Disabled }));
        }
        let named = |word: &str| {
            AccessLevel::named(word).filter(|level| *level != AccessLevel::Public || feature.may_be_public)
        };
        if let Some(level) = sent.choice(&format!("{}_access_level", feature.name), named) {
            wanted.push((feature, level));
        }
    }
    wanted
}

impl Settings {
    pub fn of(sent: &mut Parameters) -> Self {
        Self {
            name: sent.text("name"),
            path: sent.text("path"),
            visibility: sent.choice("visibility", visibility),
            description: sent.text("description"),
            ci_config_path: sent.text("ci_config_path"),
            default_branch: sent.text("default_branch"),
            features: features(sent),
            import_url: sent.text("import_url").filter(|url| !url.is_empty()),
            mirror: MirrorWanted::of_a_project(sent),
        }
    }

    /// Where to import from, if anywhere.
    pub fn remote(&self) -> Result<Option<Remote>, Answer> {
        let read = |url: &String| {
            Remote::parse(url).map_err(|why| {
                Answer::json(400, &json!({ "message": { "import_url": [format!("is blocked: {why}")] } }))
            })
        };
        self.import_url.as_ref().map(read).transpose()
    }

    /// Does this change the project itself, rather than its name, its place or its mirror?
    pub fn apply(&self, project: &mut Project) {
        for (feature, level) in &self.features {
            project.features.set(feature, *level);
        }
        if let Some(description) = &self.description {
            project.description = Some(description.clone());
        }
        if let Some(path) = &self.ci_config_path {
            project.ci_config_path = Some(path.clone()).filter(|path| !path.is_empty());
        }
        if let Some(branch) = &self.default_branch {
            project.default_branch.clone_from(branch);
        }
        if let Some(visibility) = self.visibility {
            project.visibility = visibility;
        }
    }
}

/// A project is never wider than its namespace.
pub(super) fn check_visibility(wanted: Visibility, namespace: Visibility) -> Result<(), Answer> {
    let rank = |visibility: Visibility| match visibility {
        Visibility::Private => 0,
        Visibility::Internal => 1,
        Visibility::Public => 2,
    };
    let word = |visibility: Visibility| ["private", "internal", "public"][rank(visibility)];
    if rank(wanted) <= rank(namespace) {
        return Ok(());
    }
    let why = format!("{} is not allowed in a {} group.", word(wanted), word(namespace));
    Err(invalid(&json!({ "visibility_level": [why] })))
}

/// A record that GitLab would not save, by attribute.
pub(super) fn invalid(complaints: &serde_json::Value) -> Answer {
    Answer::json(400, &json!({ "message": complaints }))
}

/// Nobody may put a project there, or there is no such place: GitLab does not say which.
pub(super) fn namespace_is_not_valid() -> Answer {
    invalid(&json!({ "namespace": ["is not valid"] }))
}

/// The remote was asked, and said no.
pub(super) fn endpoint_error(masked: &str, why: &str) -> Answer {
    error::message(422, &format!("{masked} endpoint error: {why}"))
}
