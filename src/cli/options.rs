//! The flags that every command has.

use std::time::Duration;

use clap::{ArgAction, Args, ValueEnum};

use crate::output::{Color, Settings};

/// What every `--public-url` says of a path.
pub(super) const BEHIND_A_PROXY: &str =
    "A path in it is for a proxy, which takes it away: `connect webhook listen` answers at `/hooks/<id>`";

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Options everywhere")]
pub(super) struct Global {
    /// Print one JSON document, and errors as JSON too
    #[arg(long, global = true, env = "CONNECT_JSON", hide_env_values = true, value_parser = clap::builder::FalseyValueParser::new(), action = ArgAction::SetTrue)]
    pub json: bool,

    /// Never ask; fail where a question would be needed
    #[arg(long, global = true, env = "CONNECT_NO_INPUT", hide_env_values = true, value_parser = clap::builder::FalseyValueParser::new(), action = ArgAction::SetTrue)]
    pub no_input: bool,

    /// Answer every question with yes
    #[arg(short, long, global = true)]
    pub yes: bool,

    /// Print results, warnings and errors, nothing else
    #[arg(short, long, global = true)]
    pub quiet: bool,

    /// Log every request on stderr (never a secret)
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,

    /// Colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", hide_possible_values = false)]
    pub color: When,

    /// How long one request may take, in seconds
    #[arg(long, global = true, value_name = "SECS", env = "CONNECT_TIMEOUT", hide_env_values = true, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub timeout: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum When {
    Auto,
    Always,
    Never,
}

impl Global {
    /// What they say about output.
    pub(super) fn settings(&self) -> Settings {
        Settings {
            json: self.json,
            quiet: self.quiet,
            color: match self.color {
                When::Auto => Color::Auto,
                When::Always => Color::Always,
                When::Never => Color::Never,
            },
            watched: !self.no_input,
        }
    }

    /// The time limit of one request.
    pub(super) const fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout)
    }
}
