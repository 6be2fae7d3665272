//! `connect setup-git`, for programs.

use std::path::Path;

use serde::Serialize;

use crate::git::config::Helper;
use crate::workflow::setup_git::{self, Plan};

/// What changes in git's configuration, and whom git asks.
#[derive(Debug, Serialize)]
pub struct SetupGit<'a> {
    /// `system`, `global`, `local`.
    scope: &'static str,
    /// The file; null where git does not tell before there is something in it.
    file: Option<&'a Path>,
    /// Whether connect is taken out.
    undo: bool,
    /// Whether it was only looked at.
    dry_run: bool,
    /// Whether anything was changed.
    changed: bool,
    /// The lines, in the order in which they come and go.
    lines: Vec<Line<'a>>,
    /// Lines that connect added and that stay, as the same stand there more than once.
    left: Vec<Line<'a>>,
    /// Whom git asks, a host each; as it is after the change, and before it with `--dry-run`.
    hosts: Vec<Asked<'a>>,
}

#[derive(Debug, Serialize)]
struct Line<'a> {
    action: &'static str,
    key: &'a str,
    value: &'a str,
}

#[derive(Debug, Serialize)]
struct Asked<'a> {
    url: &'a str,
    asked: bool,
    first: bool,
    helpers: Vec<&'a str>,
    use_http_path: Option<bool>,
    needs_path: bool,
}

impl<'a> SetupGit<'a> {
    /// The form in which it is told to programs.
    pub fn of(plan: &'a Plan, asked: &'a [setup_git::Asked], dry_run: bool) -> Self {
        let step = |step: &'a setup_git::Step| Line {
            action: if step.adds { "add" } else { "remove" },
            key: &step.key,
            value: &step.value,
        };
        let left = |left: &'a setup_git::Left| Line { action: "keep", key: &left.key, value: &left.value };
        Self {
            scope: plan.scope.word(),
            file: plan.file.as_deref(),
            undo: plan.undo,
            dry_run,
            changed: !dry_run && !plan.steps.is_empty(),
            lines: plan.steps.iter().map(step).collect(),
            left: plan.left.iter().map(left).collect(),
            hosts: asked.iter().map(of).collect(),
        }
    }
}

fn of(asked: &setup_git::Asked) -> Asked<'_> {
    Asked {
        url: &asked.url,
        asked: asked.asks_connect(),
        first: asked.helpers.first().is_some_and(Helper::is_connect),
        helpers: asked.helpers.iter().map(Helper::label).collect(),
        use_http_path: asked.use_http_path,
        needs_path: asked.needs_path,
    }
}
