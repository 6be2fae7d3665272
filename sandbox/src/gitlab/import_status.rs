//! `GET /projects/:id/import`: how the project's import stands, and how much of it is done.
//!
//! Each question brings an import from GitHub further, see [`crate::Builder::import_polls`]. Source:
//! GitLab REST "Project import and export", "Import status".

use serde_json::{Value, json};

use super::groups::last_part;
use super::{Call, Handled, Needs, error, mirror, projects, time};
use crate::http::Answer;
use crate::world::gitlab::Project;
use crate::world::gitlab::import::{FailedRelation, ImportKind};

const READ: Needs = Needs { scopes: &["api", "read_api"], permission: "Project Import: Read" };

/// `GET /projects/:id/import`
pub(super) fn show(call: &mut Call<'_>, id: &str) -> Handled {
    let (_, user) = call.allowed(READ)?;
    let (project, _) = projects::find(call, id, Some(&user))?;
    let now = call.now;
    if let Some(project) = call.gitlab.project_mut(project.id) {
        project.import.ask(now);
    }
    let project = call.gitlab.project(project.id).cloned().ok_or_else(error::not_found)?;
    Ok(Answer::json(200, &describe(call, &project)))
}

fn describe(call: &Call<'_>, project: &Project) -> Value {
    let import = &project.import;
    let failure = |(number, failed): (usize, &FailedRelation)| {
        json!({
            "id": project.id * 1_000 + number as u64,
            "created_at": time::written(import.began_at.unwrap_or(project.created_at)),
            "exception_class": "RuntimeError",
            "exception_message": failed.exception_message,
            "source": "Gitlab::GithubImport::Importer",
            "relation_name": failed.relation_name,
            "line_number": 0,
        })
    };
    let failures: Vec<Value> = import.failed_relations.iter().take(100).enumerate().map(failure).collect();
    let mirror_error = mirror::of(call, project).and_then(|mirror| mirror.last_error.clone());
    let mut body = json!({
        "id": project.id,
        "description": project.description,
        "name": project.name,
        "name_with_namespace": projects::name_with_namespace(project),
        "path": last_part(&project.full_path),
        "path_with_namespace": project.full_path,
        "created_at": time::written(project.created_at),
        "import_status": projects::import_status(call, project),
        "import_type": projects::import_type(project),
        "correlation_id": format!("01SANDBOX{:017}", project.id),
        "failed_relations": failures,
        "import_error": import.error.clone().or(mirror_error),
    });
    if import.kind == Some(ImportKind::GitHub) {
        body["stats"] = json!({ "fetched": import.objects, "imported": import.imported() });
    }
    body
}
