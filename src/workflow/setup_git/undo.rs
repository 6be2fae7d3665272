//! Which lines are connect's, and come out again.

use std::path::Path;

use super::plan::{file_of, is_ours};
use super::{Bench, Left, Plan, Step, Wanted, asked, sites};
use crate::catalog::GitLines;
use crate::git::config::Entry;
use crate::workflow::Error;

/// Says which lines would be taken out. Nothing is changed.
///
/// # Errors
/// [`SetupGitError::NotAHost`](super::SetupGitError), [`GitError`](crate::git::GitError), what is wrong with the note of lines.
pub fn plan(bench: &Bench<'_>, wanted: &Wanted) -> Result<Plan, Error> {
    let sites = if wanted.hosts.is_empty() { Vec::new() } else { sites(bench.records, &wanted.hosts)? };
    let in_file = asked::in_file(bench.git, wanted.scope)?;
    let file = file_of(bench.git, wanted.scope, &in_file)?;
    let noted = GitLines::read(bench.home)?;
    let mut plan =
        Plan { scope: wanted.scope, file, file_exists: true, sites, steps: Vec::new(), left: Vec::new(), undo: true };
    let meant = |entry: &Entry| {
        let pattern = entry.subsection.as_deref().unwrap_or_default().trim_end_matches('/');
        plan.sites.is_empty() || plan.sites.iter().any(|site| pattern.eq_ignore_ascii_case(&site.url))
    };
    let was_added = |entry: &Entry, file: &Path| {
        let same = |key: &str| key.eq_ignore_ascii_case(&entry.key());
        noted.of(file).any(|line| same(&line.key) && line.value == entry.text())
    };
    let (mut steps, mut left) = (Vec::new(), Vec::new());
    for entry in in_file.iter().filter(|entry| meant(entry)) {
        let added = plan.file.as_deref().is_some_and(|file| was_added(entry, file));
        if !added && !is_ours(entry, None) {
            continue;
        }
        let step = Step::remove(&entry.key(), entry.text());
        // git takes out all lines that are the same: where somebody else wrote one more, none is.
        let same = in_file.iter().filter(|other| other.key() == entry.key() && other.text() == entry.text()).count();
        if same > 1 && !is_ours(entry, None) {
            left.push(Left { key: entry.key(), value: entry.text().to_owned() });
        } else if !steps.contains(&step) {
            steps.push(step);
        }
    }
    left.dedup();
    (plan.steps, plan.left) = (steps, left);
    Ok(plan)
}
