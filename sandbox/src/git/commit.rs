//! Commits: who, when, what was said, and from where.

use std::io;
use std::path::Path;

use jiff::Timestamp;

use super::object::{self, Kind, broken};

/// Who did something, and when. The zone is always UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Signature {
    pub name: String,
    pub email: String,
    pub when: Timestamp,
}

impl Signature {
    pub fn new(name: &str, email: &str, when: Timestamp) -> Self {
        Self { name: name.to_owned(), email: email.to_owned(), when }
    }

    fn line(&self) -> String {
        // These three would end the field.
        let clean = |text: &str| text.replace(['<', '>', '\n'], "");
        format!("{} <{}> {} +0000", clean(&self.name), clean(&self.email), self.when.as_second())
    }

    fn parse(line: &str) -> Option<Self> {
        let (name, rest) = line.split_once('<')?;
        let (email, time) = rest.split_once('>')?;
        let seconds = time.split_whitespace().next()?.parse().ok()?;
        Some(Self::new(name.trim(), email, Timestamp::from_second(seconds).ok()?))
    }
}

/// What a commit says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CommitInfo {
    pub sha: String,
    pub tree: String,
    pub parents: Vec<String>,
    pub author: Signature,
    pub committer: Signature,
    /// Whole, with its body, without the newline at its end.
    pub message: String,
}

impl CommitInfo {
    /// The first line of the message.
    pub fn title(&self) -> &str {
        self.message.lines().next().unwrap_or_default()
    }
}

/// A commit to be made on a branch.
#[derive(Debug, Clone)]
pub(crate) struct NewCommit {
    pub message: String,
    pub author: Signature,
    pub committer: Signature,
    /// What it follows, if the branch is not there yet: any commit, or none.
    pub from: Option<String>,
}

impl NewCommit {
    /// By one person who both wrote and committed it.
    pub fn by(who: Signature, message: &str) -> Self {
        Self { message: message.to_owned(), committer: who.clone(), author: who, from: None }
    }
}

/// Writes a commit of a tree.
pub(super) fn write(folder: &Path, tree: &str, parent: Option<&str>, new: &NewCommit) -> io::Result<String> {
    let parent = parent.map(|parent| format!("parent {parent}\n")).unwrap_or_default();
    let message = new.message.trim_end_matches('\n');
    let content =
        format!("tree {tree}\n{parent}author {}\ncommitter {}\n\n{message}\n", new.author.line(), new.committer.line());
    object::write(folder, Kind::Commit, content.as_bytes())
}

/// Reads a commit; `None` if no commit is named so.
pub(super) fn read(folder: &Path, sha: &str) -> io::Result<Option<CommitInfo>> {
    let Some((Kind::Commit, content)) = object::read(folder, sha)? else {
        return Ok(None);
    };
    let text = String::from_utf8_lossy(&content);
    let (head, message) = text.split_once("\n\n").unwrap_or((&text, ""));
    let field = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    let who = |name: &str| field(name).and_then(Signature::parse).ok_or_else(|| broken("a commit of nobody"));
    let parents = head.lines().filter_map(|line| line.strip_prefix("parent ").map(str::to_owned));
    Ok(Some(CommitInfo {
        sha: sha.to_owned(),
        tree: field("tree").ok_or_else(|| broken("a commit without a tree"))?.to_owned(),
        parents: parents.collect(),
        author: who("author")?,
        committer: who("committer")?,
        message: message.trim_end_matches('\n').to_owned(),
    }))
}

/// The commit that an object leads to: itself, or what a tag names.
pub(super) fn peel(folder: &Path, name: &str) -> io::Result<Option<String>> {
    let mut name = name.to_owned();
    // A tag of a tag of a tag: git's own limit is memory, ours is patience.
    for _ in 0..10 {
        match object::read(folder, &name)? {
            Some((Kind::Commit, _)) => return Ok(Some(name)),
            Some((Kind::Tag, content)) => {
                let text = String::from_utf8_lossy(&content);
                match text.lines().find_map(|line| line.strip_prefix("object ")) {
                    Some(object) => object.clone_into(&mut name),
                    None => return Ok(None),
                }
            }
            _ => return Ok(None),
        }
    }
    Ok(None)
}
