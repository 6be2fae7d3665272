//! The record of an import while it is carried out: written before each thing is asked for, and after.

use std::cell::{Ref, RefCell};

use crate::catalog::{CatalogError, Imports, OpenImporting, is_busy};
use crate::files::Lock;
use crate::model::import::{IMPORT_VERSION, Import, Made, Side};

use super::super::{Error, Tools};
use super::Wanted;
use super::look::Found;

/// The imports that are on record for the repository that is wanted and this GitLab. A renamed repository is found by
/// its number later.
pub(super) fn known(tools: &Tools<'_>, wanted: &Wanted) -> Vec<Import> {
    let all = tools.imports.all().unwrap_or_default();
    let ours = |import: &Import| import.github.url == wanted.github.url && import.gitlab.url == wanted.gitlab.url;
    all.into_iter().filter_map(Result::ok).filter(ours).collect()
}

/// One run at a time for a repository.
pub(super) fn lock(tools: &Tools<'_>, wanted: &Wanted) -> Result<Lock, Error> {
    let repository = format!("{}/{}/{}", wanted.github.url, wanted.owner, wanted.name);
    locked(tools.imports.lock(&repository, &wanted.gitlab.url), &format!("{}/{}", wanted.owner, wanted.name))
}

/// The same for a record.
pub(super) fn lock_of(tools: &Tools<'_>, import: &Import) -> Result<Lock, Error> {
    let repository = format!("{}/{}", import.github.url, import.github.path);
    locked(tools.imports.lock(&repository, &import.gitlab.url), &import.github.path)
}

fn locked(lock: Result<Lock, CatalogError>, repository: &str) -> Result<Lock, Error> {
    lock.map_err(|e| if is_busy(&e) { Error::ImportBusy { repository: repository.to_owned() } } else { e.into() })
}

/// The record, and the right to write it.
pub(super) struct Ledger<'a> {
    imports: &'a Imports,
    lock: Lock,
    import: RefCell<Import>,
    open: RefCell<Option<OpenImporting>>,
}

impl<'a> Ledger<'a> {
    /// Begins, or goes on with what an earlier run began. Written down before anything is made.
    pub(super) fn begin(tools: &'a Tools<'_>, wanted: &Wanted, found: &Found, lock: Lock) -> Result<Self, Error> {
        let import = match &found.record {
            Some(known) => Import { setup: wanted.setup.clone(), finished_at: None, undone_at: None, ..known.clone() },
            None => Import {
                version: IMPORT_VERSION,
                id: Imports::fresh_id()?,
                github: blank(wanted, true),
                gitlab: blank(wanted, false),
                setup: wanted.setup.clone(),
                made: Made::default(),
                began_at: tools.clock.now(),
                finished_at: None,
                undone_at: None,
            },
        };
        let ledger = Self::of(tools, import, lock, false)?;
        ledger.change(|import| {
            import.github =
                Side { id: Some(found.repository.id), path: found.repository.full_name(), ..blank(wanted, true) };
            import.gitlab = Side {
                id: found.standing.as_ref().map(|standing| standing.project.id),
                path: found.target.path.clone(),
                ..blank(wanted, false)
            };
            if found.project_gone {
                // What was made in it went with it; what was made on GitHub is still there.
                let made = std::mem::take(&mut import.made);
                let Made { hook, hook_token, ci_file, secret, workflow, .. } = made;
                import.made = Made { hook, hook_token, ci_file, secret, workflow, ..Made::default() };
            }
        })?;
        Ok(ledger)
    }

    /// A record that is there, to be changed.
    pub(super) fn of(tools: &'a Tools<'_>, import: Import, lock: Lock, undoing: bool) -> Result<Self, Error> {
        let earlier = tools.journal.unfinished_imports()?;
        let open = tools.journal.import(&import, undoing)?;
        // Those of runs that were cut short: the lock says that none of them is still at work.
        for left in earlier.into_iter().filter(|left| left.importing.import == import.id) {
            left.close()?;
        }
        Ok(Self { imports: &tools.imports, lock, import: RefCell::new(import), open: RefCell::new(Some(open)) })
    }

    /// The record as it is now.
    pub(super) fn import(&self) -> Ref<'_, Import> {
        self.import.borrow()
    }

    /// Changes the record, on the disk too.
    pub(super) fn change(&self, change: impl FnOnce(&mut Import)) -> Result<(), Error> {
        let mut next = self.import.borrow().clone();
        change(&mut next);
        self.imports.save(&next, &self.lock)?;
        self.import.replace(next);
        Ok(())
    }

    /// Removes the record: nothing of it is left.
    pub(super) fn forget(&self) -> Result<(), Error> {
        self.imports.forget(&self.import.borrow().id, &self.lock)?;
        Ok(())
    }

    /// It came to its end, or stopped and says so.
    pub(super) fn close(&self) -> Result<(), Error> {
        match self.open.take() {
            Some(open) => Ok(open.close()?),
            None => Ok(()),
        }
    }
}

fn blank(wanted: &Wanted, github: bool) -> Side {
    if github {
        Side {
            connection: wanted.github.name.clone(),
            url: wanted.github.url.clone(),
            path: format!("{}/{}", wanted.owner, wanted.name),
            id: None,
        }
    } else {
        Side {
            connection: wanted.gitlab.name.clone(),
            url: wanted.gitlab.url.clone(),
            path: wanted.to.clone(),
            id: None,
        }
    }
}
