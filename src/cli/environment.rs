//! The environment: the one place where variables are read, apart from those that belong to a flag.

#![allow(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]

use std::env;
use std::path::PathBuf;

use zeroize::Zeroizing;

use super::CliError;
use crate::catalog::{Actor, Home};
use crate::model::text::printable;
use crate::model::{Clock, Secret};

/// What the environment says.
#[derive(Debug)]
pub(super) struct Environment {
    /// Where connect's files are.
    pub home: Home,
    /// What time it is.
    pub clock: Clock,
    /// `CONNECT_AGE_IDENTITY`: the file with the identity that opens the file store.
    pub age_identity: Option<PathBuf>,
    /// `CONNECT_PASSPHRASE_FILE`.
    pub passphrase_file: Option<PathBuf>,
}

impl Environment {
    /// Reads it, once.
    pub(super) fn read() -> Result<Self, CliError> {
        #[cfg(feature = "test-hooks")]
        if let Ok(point) = env::var("CONNECT_TEST_FAULT") {
            crate::workflow::fault::arm(point);
        }
        Ok(Self {
            home: home()?,
            clock: clock(),
            age_identity: path("CONNECT_AGE_IDENTITY"),
            passphrase_file: path("CONNECT_PASSPHRASE_FILE"),
        })
    }
}

/// Who uses connect, and where; `unknown` where the system has no name.
pub(super) fn actor() -> Actor {
    let shown = |name: Option<String>| match name.as_deref().map(str::trim) {
        Some(name) if !name.is_empty() => printable(name, 100),
        _ => "unknown".to_owned(),
    };
    Actor { user: shown(whoami::username().ok()), machine: shown(whoami::hostname().ok()) }
}

/// A path from a variable; an empty one counts as none.
fn path(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// A secret from a variable; nothing when there is none.
///
/// # Errors
/// What is wrong with its value, never the value.
pub(super) fn secret(variable: &str) -> Option<Secret> {
    let value = Zeroizing::new(env::var(variable).ok()?);
    Secret::from_input(value).ok()
}

/// The text of a variable, to be checked by the caller.
pub(super) fn text(variable: &str) -> Option<Zeroizing<String>> {
    env::var(variable).ok().map(Zeroizing::new)
}

/// CI systems set a variable to nothing where it has no value: that is the same as not setting it.
pub(super) fn without_empty_variables(command: clap::Command) -> clap::Command {
    let empty = |name: &std::ffi::OsStr| env::var_os(name).is_some_and(|value| value.is_empty());
    let ours = |name: &std::ffi::OsStr| name.to_str().is_some_and(|name| name.starts_with("CONNECT_"));
    if !env::vars_os().any(|(name, value)| ours(&name) && value.is_empty()) {
        return command;
    }
    let unset = move |arg: clap::Arg| if arg.get_env().is_some_and(empty) { arg.env(None) } else { arg };
    command.mut_args(unset).mut_subcommands(|command| command.mut_args(unset))
}

/// Whether a variable that stands for a flag is on, as clap's `FalseyValueParser` has it.
pub(super) fn is_on(variable: &str) -> bool {
    let off = ["", "0", "false", "f", "no", "n", "off"];
    env::var(variable).is_ok_and(|value| !off.contains(&value.to_lowercase().as_str()))
}

/// `CONNECT_HOME`, or the platform's own places.
fn home() -> Result<Home, CliError> {
    use etcetera::base_strategy::{BaseStrategy, choose_base_strategy};
    if let Some(folder) = path("CONNECT_HOME") {
        return Ok(Home::below(&std::path::absolute(&folder).unwrap_or(folder)));
    }
    let places = choose_base_strategy().map_err(|_| CliError::Other {
        message: "there is no home folder to keep anything in".into(),
        hints: vec!["set `HOME`, or `CONNECT_HOME` to a folder for everything that connect keeps".into()],
    })?;
    let data = places.data_dir().join("connect");
    let state = places.state_dir().map_or_else(|| data.join("state"), |state| state.join("connect"));
    Ok(Home { config: places.config_dir().join("connect"), data, state })
}

#[cfg(feature = "test-hooks")]
fn clock() -> Clock {
    env::var("CONNECT_TEST_NOW").ok().and_then(|text| text.parse().ok()).map_or_else(Clock::system, Clock::fixed)
}

#[cfg(not(feature = "test-hooks"))]
fn clock() -> Clock {
    Clock::system()
}
