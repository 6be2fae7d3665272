//! The plan of the house.
//!
//! connect checks the tokens of GitHub and GitLab, keeps them, and hands them out. A run goes down through
//! the rooms and comes back up with a value or an error:
//!
//! | room | what it is about | may use |
//! | --- | --- | --- |
//! | [`cli`] | what the user types: one file a command | `output`, `workflow`, and below |
//! | [`output`] | what the user reads; the one place that says how bad an error is | `workflow`, and below |
//! | [`workflow`] | what happens: one file a verb | the rooms below it |
//! | [`forge`] | whom we talk to: GitHub and GitLab, over HTTP | `model` |
//! | [`store`] | where secrets rest: keyring, age files, plain files, variables | `files`, `model` |
//! | [`catalog`] | what we remember: records, the journal, the spool of deliveries; never a secret | `files`, `model` |
//! | [`receiver`] | what forges send us: deliveries, verified or refused | `files`, `model` |
//! | [`git`] | what git asks: the credential protocol; what is asked of git: its configuration, its remotes | `files`, `model` |
//! | [`files`] | how files are kept: whole, locked, the user's alone | `model` |
//! | [`model`] | the nouns: plain values, no input or output | nothing |
//!
//! `forge`, `store`, `catalog`, `receiver` and `git` do not know each other; what one needs of another is handed in from above.
//! `tests/architecture.rs` reads the `use` lines and fails on one that points upwards.

pub mod catalog;
pub mod cli;
pub mod files;
pub mod forge;
pub mod git;
pub mod model;
pub mod output;
pub mod receiver;
pub mod store;
pub mod workflow;
