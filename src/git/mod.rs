//! What has to do with git: how it is run, and what its configuration says of who is asked for passwords.
//!
//! git itself reads and writes its configuration: it knows its files, their order, what they include and how they are
//! quoted. Here it is started ([`run`]), and what it prints is read ([`config`], without any input or output).

pub mod config;
mod matching;
pub mod run;

pub use run::{Git, GitError, Said};
