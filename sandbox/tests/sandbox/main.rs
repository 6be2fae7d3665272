//! The sandbox from outside: over HTTP and HTTPS, and as a program.

#![allow(clippy::unwrap_used, reason = "a test that fails may as well panic")]

mod client;
mod emission;
mod faults;
mod git;
mod github;
mod gitlab;
mod gitlab_ci;
mod gitlab_deliveries;
mod gitlab_hooks;
mod gitlab_import;
mod gitlab_integration;
mod gitlab_mirror;
mod gitlab_projects;
mod gitlab_tokens;
mod gitlab_variables;
mod hooks;
mod lab;
mod listener;
mod org_hooks;
mod places;
mod probing;
mod program;
mod rotations;
mod secrets;
mod tls;
mod writing;
