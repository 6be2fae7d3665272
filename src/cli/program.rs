//! Whether a program can be run, before it has to be.

use std::path::{Path, PathBuf};

use super::environment;

/// What there is by a program's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    /// A file that may be run.
    Runs,
    /// A file only, or one that is not ours to run.
    NotExecutable(PathBuf),
    /// No file.
    Nothing,
}

/// Looks as the system does when it starts it: what has a `/` is a path, all else is in one of the folders of PATH. Other
/// systems than Unix have rules of their own, by which a name grows an ending; there it is found out at the first run.
pub(super) fn look(program: &str) -> Found {
    if cfg!(not(unix)) {
        return Found::Runs;
    }
    if program.contains('/') {
        return at(PathBuf::from(program));
    }
    let mut found = Found::Nothing;
    for folder in environment::program_folders() {
        match at(folder.join(program)) {
            Found::Runs => return Found::Runs,
            // A later folder may have one that runs.
            Found::NotExecutable(path) if found == Found::Nothing => found = Found::NotExecutable(path),
            _ => {}
        }
    }
    found
}

fn at(path: PathBuf) -> Found {
    match path.is_file() {
        false => Found::Nothing,
        true if may_run(&path) => Found::Runs,
        true => Found::NotExecutable(path),
    }
}

#[cfg(unix)]
fn may_run(path: &Path) -> bool {
    rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok()
}

#[cfg(not(unix))]
fn may_run(_: &Path) -> bool {
    true
}
