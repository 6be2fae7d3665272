//! One repository's content in another, without git: what an import between two forges of one
//! sandbox comes to.

use std::fs;
use std::io;
use std::path::Path;

use super::Repo;

impl Repo {
    /// Takes over all branches and tags of another repository, and its default branch.
    ///
    /// # Errors
    ///
    /// When the machine has no room for it.
    pub fn copy_from(&self, other: &Self, default_branch: &str) -> io::Result<()> {
        copy_objects(&other.path().join("objects"), &self.path().join("objects"))?;
        for kind in ["refs/heads", "refs/tags"] {
            for (name, sha) in other.references(kind)? {
                self.set_reference(&format!("{kind}/{name}"), &sha)?;
            }
        }
        self.set_default_branch(default_branch)
    }
}

/// Objects never change: what is there is the same there.
fn copy_objects(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let there = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_objects(&entry.path(), &there)?;
        } else if !there.exists() {
            fs::copy(entry.path(), there)?;
        }
    }
    Ok(())
}
