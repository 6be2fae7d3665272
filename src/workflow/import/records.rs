//! The imports that are on record.

use crate::catalog::CatalogError;
use crate::model::import::Setup;
use crate::model::{Connection, ConnectionName, Import};

use super::super::{Error, Tools};
use super::ImportError;
use super::choose::Typed;

/// All of them, and what does not read.
///
/// # Errors
/// [`Error::Catalog`] when the folder cannot be read.
pub fn on_record(tools: &Tools<'_>) -> Result<(Vec<Import>, Vec<CatalogError>), Error> {
    let (mut imports, mut damaged) = (Vec::new(), Vec::new());
    for read in tools.imports.all()? {
        match read {
            Ok(import) => imports.push(import),
            Err(error) => damaged.push(error),
        }
    }
    let place = |import: &Import| (import.github.path.clone(), import.gitlab.path.clone(), import.gitlab.url.clone());
    imports.sort_by_key(place);
    Ok((imports, damaged))
}

/// Notes of imports that are said to be under way and have no record go: a run was cut short just before its record
/// was written, or just after it was removed.
pub(in super::super) fn tidy_notes(tools: &Tools<'_>) -> Result<(), Error> {
    for open in tools.journal.unfinished_imports()? {
        if !tools.imports.path(&open.importing.import).exists() {
            open.close()?;
        }
    }
    Ok(())
}

/// The one import of a repository among those on record; with `to`, the one into that project.
///
/// # Errors
/// [`ImportError::NoSuchImport`], [`ImportError::SeveralImports`].
pub fn of_repository(imports: Vec<Import>, repository: &Typed, to: Option<&Typed>) -> Result<Import, Error> {
    let is_at = |typed: &Typed, url: &str, path: &str| typed.is_at(url, path);
    let meant = imports.into_iter().filter(|import| {
        is_at(repository, &import.github.url, &import.github.path)
            && to.is_none_or(|to| is_at(to, &import.gitlab.url, &import.gitlab.path))
    });
    let mut meant: Vec<Import> = meant.collect();
    match meant.len() {
        1 => Ok(meant.remove(0)),
        0 => Err(ImportError::NoSuchImport { repository: repository.shown() }.into()),
        _ => Err(ImportError::SeveralImports {
            repository: repository.shown(),
            projects: meant.iter().map(|import| format!("{}/{}", import.gitlab.url, import.gitlab.path)).collect(),
        }
        .into()),
    }
}

/// How an import of this repository into this place was set up by an earlier run, as long as it was not undone.
///
/// # Errors
/// [`Error::Catalog`] when the folder cannot be read.
pub fn remembered(
    tools: &Tools<'_>,
    github: &Connection,
    gitlab: &Connection,
    repository: &str,
    to: &str,
) -> Result<Option<Setup>, Error> {
    let (imports, _) = on_record(tools)?;
    let ours = |import: &&Import| {
        import.github.url == github.url
            && import.gitlab.url == gitlab.url
            && import.github.path.eq_ignore_ascii_case(repository)
            && import.undone_at.is_none()
    };
    let here: Vec<&Import> = imports.iter().filter(ours).collect();
    let exact = here.iter().find(|import| import.gitlab.path.eq_ignore_ascii_case(to));
    let inside = || {
        let prefix = format!("{}/", to.to_lowercase());
        here.iter().find(|import| {
            import.gitlab.path.to_lowercase().strip_prefix(&prefix).is_some_and(|rest| !rest.contains('/'))
        })
    };
    Ok(exact.or_else(inside).map(|import| import.setup.clone()))
}

/// A connection has another name now: the imports that name it follow.
///
/// # Errors
/// [`ImportError::Busy`] when one of them is being changed by another process, which has read the old name: whoever
/// comes later has to do it.
pub(in super::super) fn follow_renaming(
    tools: &Tools<'_>,
    from: &ConnectionName,
    to: &ConnectionName,
) -> Result<(), Error> {
    let mut busy = None;
    for import in tools.imports.all()?.into_iter().filter_map(Result::ok) {
        if !rename(&mut import.clone(), from, to) {
            continue;
        }
        match super::ledger::change_alone(tools, &import, |import| {
            rename(import, from, to);
        }) {
            Err(error @ Error::Import(ImportError::Busy { .. })) => busy = Some(error),
            other => drop(other?),
        }
    }
    busy.map_or(Ok(()), Err)
}

/// Says whether the name was there.
fn rename(import: &mut Import, from: &ConnectionName, to: &ConnectionName) -> bool {
    let made = &mut import.made;
    let planted = [&mut made.mirror, &mut made.integration, &mut made.hook_token, &mut made.secret];
    let mut names: Vec<&mut ConnectionName> = planted.into_iter().flatten().map(|it| &mut it.connection).collect();
    names.push(&mut import.github.connection);
    names.push(&mut import.gitlab.connection);
    names.extend(made.token.as_mut().and_then(|token| token.connection.as_mut()));
    names.extend(import.setup.status_connection.as_mut());
    names.extend(import.setup.hook_connection.as_mut());
    let mut found = false;
    for name in names.into_iter().filter(|name| **name == *from) {
        name.clone_from(to);
        found = true;
    }
    found
}
