//! Stories of users, told to the built program: real HTTP to a GitHub and a GitLab in memory, a home of
//! its own for each, real terminals and a real keyring where they belong to the story.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]
#![allow(clippy::disallowed_methods, reason = "tests write files and read the environment as a user's shell does")]

#[path = "../support/mod.rs"]
mod support;

mod adopt;
mod api;
mod check;
mod completions;
mod concurrency;
mod config;
mod connect_github;
mod connect_gitlab;
mod crash;
mod credential;
mod destination;
mod disconnect;
mod docker;
mod doctor;
mod exec;
mod git;
mod habits;
mod help;
mod history;
mod hostile;
mod hosts;
mod import;
mod keyring;
mod learning;
mod left_over;
mod list;
mod listen;
mod misplaced;
mod new_token;
mod prompts;
mod refusals;
mod release;
mod rename;
mod rotate;
mod secrecy;
mod status;
mod status_many;
mod store;
mod stores;
mod token;
mod token_input;
mod usage;
mod use_;
mod watch;
mod webhook;
mod which;
