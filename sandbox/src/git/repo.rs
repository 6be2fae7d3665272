//! A bare repository, read and written without git.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;
use std::sync::Arc;

use tempfile::TempDir;

use super::Change;
use super::commit::{self, CommitInfo, NewCommit};
use super::object::{self, Kind};
use super::refs;
use super::tree::{self, Entry, EntryKind};

/// Nothing is ever packed, so that the objects of a push are read as those of our own; pushing
/// is allowed to whomever the forge has let in.
const CONFIG: &str = "\
[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = true
[http]
\treceivepack = true
[receive]
\tunpackLimit = 2000000000
\tautogc = false
[fetch]
\tunpackLimit = 2000000000
[transfer]
\tunpackLimit = 2000000000
\thideRefs = refs/upstream
[gc]
\tauto = 0
[maintenance]
\tauto = false
[uploadpack]
\tallowFilter = true
\tallowAnySHA1InWant = true
";

/// A bare repository on disk. Clones of the handle are the same repository; the folder goes with
/// the last of them.
#[derive(Debug, Clone)]
pub(crate) struct Repo {
    folder: Arc<TempDir>,
}

/// What differs between two commits, by path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Changed {
    pub added: Vec<String>,
    pub modified: Vec<String>,
    pub removed: Vec<String>,
}

impl Repo {
    /// A new one without a commit.
    pub fn create(default_branch: &str) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("forge-sandbox-git-").tempdir()?;
        for inside in ["objects/info", "objects/pack", "refs/heads", "refs/tags"] {
            std::fs::create_dir_all(folder.path().join(inside))?;
        }
        std::fs::write(folder.path().join("config"), CONFIG)?;
        let repo = Self { folder: Arc::new(folder) };
        repo.set_default_branch(default_branch)?;
        Ok(repo)
    }

    /// Where it is: what git takes as a bare repository.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Which branch `HEAD` means.
    pub fn set_default_branch(&self, name: &str) -> io::Result<()> {
        std::fs::write(self.path().join("HEAD"), format!("ref: refs/heads/{name}\n"))
    }

    /// The branches and their commits, by name.
    pub fn branches(&self) -> io::Result<Vec<(String, String)>> {
        refs::list(self.path(), "refs/heads")
    }

    /// The tags and the commits that they lead to, by name.
    pub fn tags(&self) -> io::Result<Vec<(String, String)>> {
        let mut tags = Vec::new();
        for (name, object) in refs::list(self.path(), "refs/tags")? {
            if let Some(commit) = commit::peel(self.path(), &object)? {
                tags.push((name, commit));
            }
        }
        Ok(tags)
    }

    /// Everything below a prefix such as `refs/remotes/upstream`, without it.
    pub fn references(&self, prefix: &str) -> io::Result<Vec<(String, String)>> {
        refs::list(self.path(), prefix)
    }

    /// What a full reference (`refs/heads/main`) points to.
    pub fn reference(&self, name: &str) -> io::Result<Option<String>> {
        if name.split('/').all(is_valid_part) { refs::read(self.path(), name) } else { Ok(None) }
    }

    /// The commit of a branch.
    pub fn head(&self, branch: &str) -> io::Result<Option<String>> {
        self.reference(&format!("refs/heads/{branch}"))
    }

    /// The commit that a name leads to: a commit's own, a branch, a tag, `heads/…`, `refs/…`, `HEAD`.
    pub fn resolve(&self, name: &str) -> io::Result<Option<String>> {
        if object::is_name(name) {
            return Ok(self.commit_info(name)?.map(|commit| commit.sha));
        }
        if name == "HEAD" {
            let head = std::fs::read_to_string(self.path().join("HEAD"))?;
            return match head.trim().strip_prefix("ref: ") {
                Some(branch) => self.reference(branch),
                None => Ok(None),
            };
        }
        let full = name.strip_prefix("refs/").unwrap_or(name);
        for candidate in [format!("refs/heads/{name}"), format!("refs/tags/{name}"), format!("refs/{full}")] {
            if let Some(object) = self.reference(&candidate)? {
                return commit::peel(self.path(), &object);
            }
        }
        Ok(None)
    }

    /// What a commit says; `None` if no commit is named so.
    pub fn commit_info(&self, sha: &str) -> io::Result<Option<CommitInfo>> {
        commit::read(self.path(), sha)
    }

    /// The commit and all that it follows, the newest first.
    pub fn log(&self, sha: &str) -> io::Result<Vec<CommitInfo>> {
        self.log_without(sha, None)
    }

    /// The commits that `sha` has and `without` has not, the newest first.
    pub fn log_without(&self, sha: &str, without: Option<&str>) -> io::Result<Vec<CommitInfo>> {
        let mut seen: BTreeSet<String> = match without {
            Some(without) => self.log_without(without, None)?.into_iter().map(|commit| commit.sha).collect(),
            None => BTreeSet::new(),
        };
        // By time, and of the same second the one that was met first: as `git log` has it.
        let mut waiting = vec![sha.to_owned()];
        let mut ready: Vec<CommitInfo> = Vec::new();
        let mut log = Vec::new();
        loop {
            for sha in waiting.drain(..) {
                if seen.insert(sha.clone())
                    && let Some(commit) = self.commit_info(&sha)?
                {
                    ready.push(commit);
                }
            }
            let newest = ready.iter().map(|commit| commit.committer.when).max();
            let Some(at) = ready.iter().position(|commit| Some(commit.committer.when) == newest) else {
                return Ok(log);
            };
            let commit = ready.remove(at);
            waiting.extend(commit.parents.iter().cloned());
            log.push(commit);
        }
    }

    /// Does everything that `old` is also belong to `new`?
    pub fn is_ancestor(&self, old: &str, new: &str) -> io::Result<bool> {
        Ok(self.log(new)?.iter().any(|commit| commit.sha == old))
    }

    /// What is at a path; `None` if nothing is. The empty path is the folder of everything.
    pub fn entry(&self, commit: &str, path: &str) -> io::Result<Option<Entry>> {
        match self.commit_info(commit)? {
            Some(commit) => tree::find(self.path(), &commit.tree, path),
            None => Ok(None),
        }
    }

    /// A blob's content.
    pub fn blob(&self, sha: &str) -> io::Result<Option<Vec<u8>>> {
        Ok(object::read(self.path(), sha)?.filter(|(kind, _)| *kind == Kind::Blob).map(|(_, content)| content))
    }

    /// A file: the name of its blob, and its content.
    pub fn read_file(&self, commit: &str, path: &str) -> io::Result<Option<(String, Vec<u8>)>> {
        match self.entry(commit, path)? {
            Some(entry) if entry.kind.is_blob() => {
                Ok(self.blob(&entry.sha)?.map(|content| (entry.sha.clone(), content)))
            }
            _ => Ok(None),
        }
    }

    /// What is in a folder; `None` if it is none.
    pub fn list(&self, commit: &str, folder: &str) -> io::Result<Option<Vec<Entry>>> {
        match self.entry(commit, folder)? {
            Some(entry) if entry.kind == EntryKind::Folder => tree::read(self.path(), &entry.sha).map(Some),
            _ => Ok(None),
        }
    }

    /// All files of a commit: the names of their blobs by their paths.
    pub fn files(&self, commit: &str) -> io::Result<BTreeMap<String, String>> {
        match self.commit_info(commit)? {
            Some(commit) => tree::files(self.path(), &commit.tree),
            None => Ok(BTreeMap::new()),
        }
    }

    /// What a commit changed, compared with another, or with nothing.
    pub fn changed(&self, from: Option<&str>, to: &str) -> io::Result<Changed> {
        let old = match from {
            Some(from) => self.files(from)?,
            None => BTreeMap::new(),
        };
        let new = self.files(to)?;
        let mut changed = Changed::default();
        for (path, blob) in &new {
            match old.get(path) {
                None => changed.added.push(path.clone()),
                Some(before) if before != blob => changed.modified.push(path.clone()),
                Some(_) => {}
            }
        }
        changed.removed = old.into_keys().filter(|path| !new.contains_key(path)).collect();
        Ok(changed)
    }

    /// Commits these changes to a branch, which is made if it is not there, and tells the commit.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::ResourceBusy`] when somebody else is pushing to the branch.
    pub fn commit(&self, branch: &str, changes: &[Change], new: &NewCommit) -> io::Result<String> {
        let before = self.head(branch)?;
        let parent = before.clone().or_else(|| new.from.clone());
        let tree = match &parent {
            Some(parent) => self.commit_info(parent)?.map(|commit| commit.tree),
            None => None,
        };
        let changes: Vec<(&str, Option<&[u8]>)> =
            changes.iter().map(|(path, content)| (path.as_str(), content.as_deref())).collect();
        let tree = match tree::edit(self.path(), tree.as_deref(), &changes)? {
            Some(tree) => tree,
            None => tree::empty(self.path())?,
        };
        let sha = commit::write(self.path(), &tree, parent.as_deref(), new)?;
        refs::set(self.path(), &format!("refs/heads/{branch}"), before.as_deref(), &sha)?;
        Ok(sha)
    }

    /// Makes a full reference (`refs/heads/…`, `refs/tags/…`).
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::AlreadyExists`] when there is one.
    pub fn create_reference(&self, name: &str, sha: &str) -> io::Result<()> {
        match self.reference(name)? {
            Some(_) => Err(io::Error::new(io::ErrorKind::AlreadyExists, "the reference exists already")),
            None => refs::set(self.path(), name, None, sha),
        }
    }

    /// Points a full reference to a commit, wherever it was before.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::ResourceBusy`] when somebody else is changing it.
    pub fn set_reference(&self, name: &str, sha: &str) -> io::Result<()> {
        let before = self.reference(name)?;
        refs::set(self.path(), name, before.as_deref(), sha)
    }

    /// Takes a full reference away. Was there one?
    pub fn delete_reference(&self, name: &str) -> io::Result<bool> {
        if name.split('/').all(is_valid_part) { refs::remove(self.path(), name) } else { Ok(false) }
    }
}

/// What comes from a request must not lead out of the folder.
fn is_valid_part(part: &str) -> bool {
    !part.is_empty() && part != "." && part != ".." && !part.contains(['\\', '\0', ':'])
}
