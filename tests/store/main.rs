//! Every store, held to the one contract; and what is each one's own.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

mod age_file;
mod contract;
mod env;
#[cfg(target_os = "linux")]
mod keyring;
mod plain;

#[cfg(target_os = "linux")]
#[path = "../support/secret_service.rs"]
mod secret_service;
