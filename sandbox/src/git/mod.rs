//! Git behind the forges: bare repositories, and the two ways in which they meet the world.
//!
//! Every repository of a forge has a [`Place`]: nothing, until somebody looks into it; from then on
//! a bare repository in a temporary folder, which goes when the last who holds it goes. Hundreds of
//! tests start a sandbox and never need git; they must not pay for it.
//!
//! Objects are written and read here, in plain Rust, as loose objects, and branches as files
//! ([`Repo`]): what REST shows is deterministic and needs no git on the machine. The wire does:
//! [`http`] lets the system's `git http-backend` speak git's protocol, and [`mirror`] lets `git fetch`
//! do what a pull mirror does. Both work on the same files; the configuration of each repository
//! keeps git from packing them.
//!
//! This room knows no forge: who may read or push is decided in theirs.

mod commit;
mod copy;
pub(crate) mod http;
pub(crate) mod mirror;
mod object;
pub(crate) mod pack_line;
mod place;
mod process;
mod refs;
mod repo;
#[cfg(test)]
mod tests;
mod tree;
mod visit;

pub(crate) use commit::{CommitInfo, NewCommit, Signature};
pub(crate) use place::Place;
#[cfg(test)]
pub(crate) use process::is_there;
pub(crate) use refs::is_valid_branch;
pub(crate) use repo::Repo;
pub(crate) use tree::{Entry, EntryKind};
pub(crate) use visit::{Update, Visit};

/// Where a reference was that is not there, in git's own words.
pub(crate) const NOWHERE: &str = "0000000000000000000000000000000000000000";

/// What a file or a folder is to become: its path, and its content; `None` for gone.
pub(crate) type Change = (String, Option<Vec<u8>>);
