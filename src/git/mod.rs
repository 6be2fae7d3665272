//! What git asks, and what is asked of git.
//!
//! This room knows git's forms and nothing of connections: which of them answers is decided in `workflow`. Git's
//! configuration is never read from its files: git itself is asked, which knows of includes, of conditions, and of what
//! the folder's owner may say.

pub mod remote;
