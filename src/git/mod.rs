//! What git asks, how it is answered, and what its configuration says.
//!
//! [`credential`] is git's credential protocol as values: bytes in, attributes out, and back. It reads no file, knows no
//! store and no connection, and asks nobody; what is answered is decided in `workflow::credential`.
//!
//! git itself reads and writes its configuration: it knows its files, their order, what they include and how they are
//! quoted. Here it is started ([`run`]), and what it prints is read ([`config`], without any input or output; [`remote`]).

pub mod config;
pub mod credential;
mod matching;
pub mod remote;
pub mod run;

pub use run::{Git, GitError, Said};
