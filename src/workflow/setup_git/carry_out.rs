//! Writing the lines, and looking whether git asks connect then.

use std::path::Path;

use super::plan::{file_of, only};
use super::{Asked, Bench, Plan, SetupGitError, Step, Wanted, asked};
use crate::catalog::{GitLine, GitLines};
use crate::files;
use crate::git::GitError;
use crate::git::config::Scope;
use crate::workflow::Error;

/// Takes the steps; whom git asks then.
///
/// # Errors
/// [`SetupGitError`], [`GitError`], what is wrong with the note of lines.
pub fn carry_out(bench: &Bench<'_>, plan: &Plan, wanted: &Wanted) -> Result<Vec<Asked>, Error> {
    if !plan.steps.is_empty() {
        let mut noted = GitLines::open(bench.home)?;
        // Another run may have done it while somebody thought about the plan. What was not shown is not done.
        let now = if plan.undo { super::plan_undo(bench, wanted)? } else { super::plan(bench, wanted)? };
        let steps: Vec<&Step> = plan.steps.iter().filter(|step| now.steps.contains(step)).collect();
        match &plan.file {
            Some(file) => write(bench, plan, &steps, file, &mut noted)?,
            None => {
                take_all(bench, plan, &steps)?;
                note_afterwards(bench, plan, &steps, &mut noted)?;
            }
        }
    }
    let asked = asked(bench.git, &plan.sites)?;
    let not_asked: Vec<String> = asked.iter().filter(|it| !it.asks_connect()).map(|it| it.url.clone()).collect();
    if !plan.undo && !not_asked.is_empty() {
        return Err(SetupGitError::NotAsked { urls: not_asked }.into());
    }
    Ok(asked)
}

/// Takes the steps in a file, with a note of them.
fn write(bench: &Bench<'_>, plan: &Plan, steps: &[&Step], file: &Path, noted: &mut GitLines) -> Result<(), Error> {
    let line = |step: &&Step| GitLine { file: file.to_owned(), key: step.key.clone(), value: step.value.clone() };
    let adding: Vec<GitLine> = steps.iter().filter(|step| step.adds).map(line).collect();
    let new = if adding.is_empty() { Vec::new() } else { noted.add(adding, (!plan.file_exists).then_some(file))? };
    let made = noted.has_made(file);
    let taken = take_all(bench, plan, steps);
    if taken.as_ref().is_err_and(|(done, _)| *done == 0) {
        // Nothing was written: nothing is to be taken out again.
        for line in &new {
            noted.forget(file, &line.key, &line.value)?;
        }
    }
    taken?;
    for step in steps.iter().filter(|step| !step.adds) {
        if !steps.iter().any(|it| it.adds && it.key == step.key && it.value == step.value) {
            noted.forget(file, &step.key, &step.value)?;
        }
    }
    if plan.undo && made && !noted.has_made(file) {
        remove_if_empty(file)?;
    }
    Ok(())
}

/// An older git tells where the machine's file is only when something is in it.
fn note_afterwards(bench: &Bench<'_>, plan: &Plan, steps: &[&Step], noted: &mut GitLines) -> Result<(), Error> {
    let in_file = asked::in_file(bench.git, plan.scope)?;
    if let Some(file) = file_of(bench.git, plan.scope, &in_file)? {
        let line = |step: &&Step| GitLine { file: file.clone(), key: step.key.clone(), value: step.value.clone() };
        noted.add(steps.iter().filter(|step| step.adds).map(line).collect(), None)?;
    }
    Ok(())
}

/// What stopped it, after how many steps.
type Stopped = (usize, Error);

impl From<Stopped> for Error {
    fn from((_, error): Stopped) -> Self {
        error
    }
}

fn take_all(bench: &Bench<'_>, plan: &Plan, steps: &[&Step]) -> Result<usize, Stopped> {
    for (done, step) in steps.iter().enumerate() {
        if let Err(source) = take(bench, plan, step) {
            let error = match done {
                0 => refused(source, plan),
                done => SetupGitError::Halfway { done, all: steps.len(), source }.into(),
            };
            return Err((done, error));
        }
    }
    Ok(steps.len())
}

fn take(bench: &Bench<'_>, plan: &Plan, step: &Step) -> Result<(), GitError> {
    let flag = plan.scope.flag();
    let said = if step.adds {
        bench.git.run(&["config", flag, "--add", &step.key, &step.value])?
    } else {
        bench.git.run(&["config", flag, "--unset-all", &step.key, &only(&step.value)])?
    };
    match said.code {
        Some(0) => Ok(()),
        // There is no such line any more: somebody else was faster.
        Some(5) if !step.adds => Ok(()),
        _ => Err(said.refusal()),
    }
}

fn refused(error: GitError, plan: &Plan) -> Error {
    match error {
        GitError::NoRights { complaint } if plan.scope == Scope::System => {
            let hosts = plan.sites.iter().map(|site| site.label().to_owned()).collect();
            SetupGitError::NotRoot { complaint, hosts }.into()
        }
        error => error.into(),
    }
}

/// A file that connect's lines were the first in goes with the last of them, unless something else is in it by now.
fn remove_if_empty(file: &Path) -> Result<(), Error> {
    if let Ok(files::Look::File { .. }) = files::look(file)
        && files::read(file, 16).is_ok_and(|bytes| bytes.is_some_and(|bytes| bytes.is_empty()))
    {
        files::remove(file)?;
    }
    Ok(())
}
