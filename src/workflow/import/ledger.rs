//! The record of an import while it is carried out: written before each thing is asked for, and after.

use std::cell::{Ref, RefCell};

use crate::catalog::{CatalogError, Imports, OpenImporting, is_busy};
use crate::files::Lock;
use crate::model::import::{CiFile, IMPORT_VERSION, Import, Made, Planted, Side};
use crate::model::{ConnectionName, Fingerprint};

use super::super::{Error, Tools};
use super::ImportError;
use super::Wanted;
use super::ends::Ends;
use super::look::Found;

/// The imports that are on record for this GitHub and this GitLab. Which of them is meant shows when both sides have
/// been looked at: either place may have another name by now.
///
/// # Errors
/// [`ImportError::RecordDamaged`] when one does not read that may be of this repository: whoever went on without it
/// would make everything a second time.
pub(super) fn known(tools: &Tools<'_>, wanted: &Wanted) -> Result<Vec<Import>, Error> {
    let mut known = Vec::new();
    for read in tools.imports.all()? {
        match read {
            Ok(import) if import.github.url == wanted.github.url && import.gitlab.url == wanted.gitlab.url => {
                known.push(import);
            }
            Ok(_) => {}
            Err(CatalogError::Damaged { path, why }) => return Err(ImportError::RecordDamaged { path, why }.into()),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(known)
}

/// The right to change an import: one run at a time for a repository, under each of its names.
#[derive(Debug)]
pub(super) struct Held {
    lock: Lock,
    _by_its_other_names: Vec<Lock>,
}

impl Held {
    /// By the name that was typed.
    pub(super) fn of(tools: &Tools<'_>, wanted: &Wanted) -> Result<Self, Error> {
        let lock = one(tools, &wanted.github.url, &wanted.full_name(), &wanted.gitlab.url)?;
        Ok(Self { lock, _by_its_other_names: Vec::new() })
    }

    /// By the name in a record.
    pub(super) fn of_record(tools: &Tools<'_>, import: &Import) -> Result<Self, Error> {
        let lock = one(tools, &import.github.url, &import.github.path, &import.gitlab.url)?;
        Ok(Self { lock, _by_its_other_names: Vec::new() })
    }

    /// By the names, too, that the repository turned out to have, now and when it was written down: who goes by those has
    /// another lock. If one of them has written anything in the meantime, what was looked at is out of date.
    pub(super) fn also_of(self, tools: &Tools<'_>, wanted: &Wanted, found: &Found) -> Result<Self, Error> {
        let mut names = vec![found.repository.full_name().to_lowercase()];
        names.extend(found.record.as_ref().map(|record| record.github.path.to_lowercase()));
        names.retain(|name| !name.eq_ignore_ascii_case(&wanted.full_name()));
        names.sort_unstable();
        names.dedup();
        let locks: Result<Vec<Lock>, Error> =
            names.iter().map(|name| one(tools, &wanted.github.url, name, &wanted.gitlab.url)).collect();
        let locks = locks?;
        if !locks.is_empty() && known(tools, wanted)? != found.records {
            return Err(ImportError::Busy { repository: found.repository.full_name() }.into());
        }
        Ok(Self { _by_its_other_names: locks, ..self })
    }
}

fn one(tools: &Tools<'_>, github: &str, repository: &str, gitlab: &str) -> Result<Lock, Error> {
    let lock = tools.imports.lock(&format!("{github}/{repository}"), gitlab);
    lock.map_err(
        |e| if is_busy(&e) { ImportError::Busy { repository: repository.to_owned() }.into() } else { e.into() },
    )
}

/// Changes a record that nobody is at work on, as it is by then; gives it, or nothing where it is gone.
pub(super) fn change_alone(
    tools: &Tools<'_>,
    import: &Import,
    change: impl FnOnce(&mut Import),
) -> Result<Option<Import>, Error> {
    let held = Held::of_record(tools, import)?;
    let Some(mut current) = tools.imports.find(&import.id)? else { return Ok(None) };
    change(&mut current);
    tools.imports.save(&current, &held.lock)?;
    Ok(Some(current))
}

/// The record, and the right to write it.
pub(super) struct Ledger<'a> {
    imports: &'a Imports,
    held: Held,
    import: RefCell<Import>,
    open: RefCell<Option<OpenImporting>>,
}

impl<'a> Ledger<'a> {
    /// Begins, or goes on with what an earlier run began. Written down before anything is made.
    pub(super) fn begin(
        tools: &'a Tools<'_>,
        wanted: &Wanted,
        ends: &Ends,
        found: &Found,
        held: Held,
    ) -> Result<Self, Error> {
        let mut import = match &found.record {
            Some(known) => known.clone(),
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
                undoing: None,
            },
        };
        import.setup = wanted.setup.clone();
        (import.finished_at, import.undone_at, import.undoing) = (None, None, None);
        let same = |file: &CiFile| {
            let there = found.ci_file.as_ref().filter(|_| !found.ci_elsewhere);
            there.is_some_and(|there| Fingerprint::of(&there.content) == file.digest)
        };
        if let Some(file) = import.setup.ci_file.as_mut().filter(|file| file.pending && wanted.ci_content.is_none()) {
            // What an earlier run did not come to, somebody may have done.
            file.pending = !same(file);
        }
        import.github =
            Side { id: Some(found.repository.id), path: found.repository.full_name(), ..blank(wanted, true) };
        import.gitlab = Side {
            id: found.standing.as_ref().map(|standing| standing.project.id),
            path: found.target.path.clone(),
            ..blank(wanted, false)
        };
        if found.project_gone {
            // What was made in it went with it; what was made on GitHub is still there.
            let Made { hook, hook_token, ci_file, secret, workflow, .. } = std::mem::take(&mut import.made);
            import.made = Made { hook, hook_token, ci_file, secret, workflow, ..Made::default() };
        }
        call_by_their_names(&mut import.made, wanted, ends, found);
        Self::of(tools, import, held, false)
    }

    /// A record, to be changed. It is written before it is said to be under way, so that a note without a record is
    /// always one that is left over.
    pub(super) fn of(tools: &'a Tools<'_>, import: Import, held: Held, undoing: bool) -> Result<Self, Error> {
        let earlier = tools.journal.unfinished_imports()?;
        tools.imports.save(&import, &held.lock)?;
        super::super::fault::point("import.recorded");
        let open = tools.journal.import(&import, undoing)?;
        // Those of runs that were cut short: the lock says that none of them is still at work.
        for left in earlier.into_iter().filter(|left| left.importing.import == import.id) {
            left.close()?;
        }
        Ok(Self { imports: &tools.imports, held, import: RefCell::new(import), open: RefCell::new(Some(open)) })
    }

    /// The record as it is now.
    pub(super) fn import(&self) -> Ref<'_, Import> {
        self.import.borrow()
    }

    /// Changes the record, on the disk too.
    pub(super) fn change(&self, change: impl FnOnce(&mut Import)) -> Result<(), Error> {
        let mut next = self.import.borrow().clone();
        change(&mut next);
        self.imports.save(&next, &self.held.lock)?;
        self.import.replace(next);
        Ok(())
    }

    /// The `.gitlab-ci.yml` is where it was wanted, or is left to others.
    pub(super) fn file_is_settled(&self) -> Result<(), Error> {
        if self.import().setup.pending_file().is_none() {
            return Ok(());
        }
        self.change(|import| {
            if let Some(file) = import.setup.ci_file.as_mut() {
                file.pending = false;
            }
        })
    }

    /// Removes the record: nothing of it is left.
    pub(super) fn forget(&self) -> Result<(), Error> {
        self.imports.forget(&self.import.borrow().id, &self.held.lock)?;
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

/// Connections may have been renamed while nobody could write this record: what has their token is theirs.
fn call_by_their_names(made: &mut Made, wanted: &Wanted, ends: &Ends, found: &Found) {
    let of_github = (ends.github_token.fingerprint(), &wanted.github.name);
    let of_status = (ends.status_token.fingerprint(), &ends.status_connection);
    let of_hook = ends.hook_token.as_ref().zip(wanted.hook.as_ref());
    let of_hook = of_hook.map(|(token, connection)| (token.fingerprint(), &connection.name));
    let kept = found.kept.as_ref().filter(|_| !found.project_gone);
    let of_kept = kept.and_then(|kept| Some((kept.token.as_ref()?.fingerprint.clone(), &kept.name)));
    let known: [Option<(_, &ConnectionName)>; 4] = [of_kept, of_hook, Some(of_status), Some(of_github)];
    let rename = |planted: &mut Option<Planted>| {
        let Some(planted) = planted else { return };
        let holds = |(fingerprint, _): &&(_, &ConnectionName)| *fingerprint == planted.fingerprint;
        if let Some((_, name)) = known.iter().flatten().find(holds) {
            planted.connection.clone_from(name);
        }
    };
    [&mut made.mirror, &mut made.integration, &mut made.hook_token, &mut made.secret].into_iter().for_each(rename);
    if let (Some(token), Some(kept)) = (made.token.as_mut(), kept) {
        token.connection = Some(kept.name.clone());
    }
}

fn blank(wanted: &Wanted, github: bool) -> Side {
    if github {
        Side {
            connection: wanted.github.name.clone(),
            url: wanted.github.url.clone(),
            path: wanted.full_name(),
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
