//! What can end a command: a mistake in how it was called, or what a workflow said.

use std::io;

use crate::output::{Exit, Failure};
use crate::workflow;

/// What ended a command early.
#[derive(Debug)]
pub(super) enum CliError {
    /// It was called wrongly, in a way that the parser cannot see.
    Usage {
        /// What is wrong.
        message: String,
        /// What to do instead.
        hints: Vec<String>,
    },
    /// What a workflow said.
    Work(workflow::Error),
    /// Stdout could not be written.
    Output(io::Error),
    /// A command that connect was to run.
    NotRun {
        /// Whether there is one.
        exit: Exit,
        /// The stable word for the cause.
        code: &'static str,
        /// What happened.
        message: String,
        /// What to do.
        hint: &'static str,
    },
    /// The user pressed Ctrl-C.
    Interrupted,
    /// Anything else, in words.
    Other {
        /// What happened.
        message: String,
        /// What to do.
        hints: Vec<String>,
    },
}

impl CliError {
    pub(super) fn usage(message: impl Into<String>, hints: &[&str]) -> Self {
        Self::Usage { message: message.into(), hints: hints.iter().map(|hint| (*hint).to_owned()).collect() }
    }

    /// As it is told.
    pub(super) fn failure(&self) -> Failure {
        let plain = |exit, code, message: &str, hints: &[String]| {
            hints.iter().fold(Failure::new(exit, code, message), Failure::hint)
        };
        match self {
            Self::Usage { message, hints } => plain(Exit::Usage, "usage", message, hints),
            Self::Work(error) => Failure::of(error),
            Self::Output(error) => {
                plain(Exit::Failed, "output_failed", &format!("cannot write the result: {}", error.kind()), &[])
            }
            Self::NotRun { exit, code, message, hint } => Failure::new(*exit, code, message).hint(*hint),
            Self::Interrupted => Failure::of(&workflow::Error::Interrupted),
            Self::Other { message, hints } => plain(Exit::Failed, "failed", message, hints),
        }
    }
}

impl<E: Into<workflow::Error>> From<E> for CliError {
    fn from(error: E) -> Self {
        match error.into() {
            error if error.is_interruption() => Self::Interrupted,
            error => Self::Work(error),
        }
    }
}
