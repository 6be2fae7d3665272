//! Trees: a folder's entries, in git's order, and how a folder changes.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use super::object::{self, Kind, broken, hex};

/// What a tree's entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EntryKind {
    File,
    Executable,
    Link,
    Folder,
    Submodule,
}

impl EntryKind {
    fn mode(self) -> &'static str {
        match self {
            Self::File => "100644",
            Self::Executable => "100755",
            Self::Link => "120000",
            Self::Folder => "40000",
            Self::Submodule => "160000",
        }
    }

    fn of_mode(mode: &[u8]) -> Self {
        match mode {
            b"40000" => Self::Folder,
            b"100755" => Self::Executable,
            b"120000" => Self::Link,
            b"160000" => Self::Submodule,
            _ => Self::File,
        }
    }

    /// Is it something with content of its own?
    pub fn is_blob(self) -> bool {
        matches!(self, Self::File | Self::Executable | Self::Link)
    }
}

/// One entry of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub name: String,
    pub kind: EntryKind,
    pub sha: String,
}

/// The entries of a tree.
pub(super) fn read(folder: &Path, tree: &str) -> io::Result<Vec<Entry>> {
    let content = object::read_kind(folder, tree, Kind::Tree)?;
    let mut rest = content.as_slice();
    let mut entries = Vec::new();
    while !rest.is_empty() {
        let end = rest.iter().position(|byte| *byte == 0).ok_or_else(|| broken("a tree ends early"))?;
        let (head, after) = (&rest[..end], &rest[end + 1..]);
        let space = head.iter().position(|byte| *byte == b' ').ok_or_else(|| broken("an entry without a mode"))?;
        let sha = after.get(..20).ok_or_else(|| broken("a tree ends early"))?;
        entries.push(Entry {
            name: String::from_utf8_lossy(&head[space + 1..]).into_owned(),
            kind: EntryKind::of_mode(&head[..space]),
            sha: hex(sha),
        });
        rest = &after[20..];
    }
    Ok(entries)
}

/// Writes a tree of these entries.
fn write(folder: &Path, mut entries: Vec<Entry>) -> io::Result<String> {
    // git sorts a folder as if its name ended with a slash.
    entries.sort_by_key(|entry| match entry.kind {
        EntryKind::Folder => format!("{}/", entry.name),
        _ => entry.name.clone(),
    });
    let mut content = Vec::new();
    for entry in &entries {
        content.extend_from_slice(format!("{} {}\0", entry.kind.mode(), entry.name).as_bytes());
        content.extend((0..40).step_by(2).filter_map(|at| u8::from_str_radix(&entry.sha[at..at + 2], 16).ok()));
    }
    object::write(folder, Kind::Tree, &content)
}

/// The entry at a path; `None` if nothing is there.
pub(super) fn find(folder: &Path, tree: &str, path: &str) -> io::Result<Option<Entry>> {
    let mut found = Entry { name: String::new(), kind: EntryKind::Folder, sha: tree.to_owned() };
    for name in path.split('/').filter(|name| !name.is_empty()) {
        if found.kind != EntryKind::Folder {
            return Ok(None);
        }
        match read(folder, &found.sha)?.into_iter().find(|entry| entry.name == name) {
            Some(entry) => found = entry,
            None => return Ok(None),
        }
    }
    Ok(Some(found))
}

/// Everything below a tree that has content, by its path.
pub(super) fn files(folder: &Path, tree: &str) -> io::Result<BTreeMap<String, String>> {
    let mut all = BTreeMap::new();
    let mut waiting = vec![(String::new(), tree.to_owned())];
    while let Some((above, tree)) = waiting.pop() {
        for entry in read(folder, &tree)? {
            let path = format!("{above}{}", entry.name);
            if entry.kind == EntryKind::Folder {
                waiting.push((format!("{path}/"), entry.sha));
            } else {
                all.insert(path, entry.sha);
            }
        }
    }
    Ok(all)
}

/// A path within a folder, and what is to be there; `None` for nothing.
type Edit<'a> = (&'a str, Option<&'a [u8]>);

/// A tree in which these paths have these contents, or are gone; `None` if nothing is left of it.
pub(super) fn edit(folder: &Path, tree: Option<&str>, changes: &[Edit<'_>]) -> io::Result<Option<String>> {
    let mut entries = match tree {
        Some(tree) => read(folder, tree)?,
        None => Vec::new(),
    };
    let mut below: BTreeMap<&str, Vec<Edit<'_>>> = BTreeMap::new();
    for (path, content) in changes {
        if let Some((name, rest)) = path.split_once('/') {
            below.entry(name).or_default().push((rest, *content));
            continue;
        }
        let before = entries.iter().position(|entry| entry.name == *path).map(|at| entries.remove(at));
        if let Some(content) = content {
            let kind = before.map_or(EntryKind::File, |entry| entry.kind);
            let kind = if kind.is_blob() { kind } else { EntryKind::File };
            entries.push(Entry { name: (*path).to_owned(), kind, sha: object::write(folder, Kind::Blob, content)? });
        }
    }
    for (name, changes) in below {
        let before = entries.iter().position(|entry| entry.name == name).map(|at| entries.remove(at));
        let before = before.filter(|entry| entry.kind == EntryKind::Folder);
        if let Some(sha) = edit(folder, before.as_ref().map(|entry| entry.sha.as_str()), &changes)? {
            entries.push(Entry { name: name.to_owned(), kind: EntryKind::Folder, sha });
        }
    }
    if entries.is_empty() { Ok(None) } else { write(folder, entries).map(Some) }
}

/// The tree without an entry, which only a commit may have.
pub(super) fn empty(folder: &Path) -> io::Result<String> {
    write(folder, Vec::new())
}
