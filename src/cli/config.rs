//! `connect config`

use clap::{Args as ClapArgs, Subcommand, ValueEnum};

use super::CliError;
use super::session::Session;
use crate::catalog::{CatalogError, ConfigFile, Key};
use crate::output::{Exit, human, json};

/// The choices that are remembered
///
/// They are in `config.toml`, which may be edited by hand too: comments, order and keys of other versions
/// stay when a command changes it. Flags and variables win over it. The keys are `store`, where new secrets are
/// kept (keyring, file, plain or env), and `expires_in`, how long a token shall live that `connect new-token`
/// asks for (as in `90d`).
#[derive(Debug, ClapArgs)]
#[command(
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = "\
Examples:
  connect config list
  connect config get store
  connect config set expires_in 30d
  connect config unset store

Exit codes:
  0  done
  1  config.toml does not read, or cannot be written
  2  there is no such key, or the value does not fit"
)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print a choice; the built-in one where none was made
    #[command(after_help = EXAMPLES)]
    Get {
        /// store or expires_in; all without
        #[arg(value_name = "KEY", hide_possible_values = true)]
        key: Option<Name>,
    },
    /// Make a choice
    #[command(after_help = EXAMPLES)]
    Set {
        /// store or expires_in
        #[arg(value_name = "KEY", hide_possible_values = true)]
        key: Name,
        /// What is to count from now on
        #[arg(value_name = "VALUE")]
        value: String,
    },
    /// Take a choice back: the built-in one counts again
    #[command(after_help = EXAMPLES)]
    Unset {
        /// store or expires_in
        #[arg(value_name = "KEY", hide_possible_values = true)]
        key: Name,
    },
    /// Print all choices
    #[command(after_help = EXAMPLES)]
    List,
}

const EXAMPLES: &str = "\
Examples:
  connect config get expires_in
  connect config set store file
  connect config list --json";

/// A key as it is typed; clap knows from this what is like it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Name {
    Store,
    #[value(name = "expires_in")]
    ExpiresIn,
}

impl Name {
    const fn key(self) -> Key {
        match self {
            Self::Store => Key::Store,
            Self::ExpiresIn => Key::ExpiresIn,
        }
    }
}

impl Args {
    pub(super) fn run(self, session: &Session) -> Result<Exit, CliError> {
        let file = ConfigFile::new(&session.environment.home);
        match self.command {
            Command::Get { key: Some(name) } => get(session, &file, name.key()),
            Command::Get { key: None } | Command::List => list(session, &file),
            Command::Set { key, value } => set(session, &file, key.key(), &value),
            Command::Unset { key } => unset(session, &file, key.key()),
        }
    }
}

/// A value, and where it is from.
fn setting(file: &ConfigFile, key: Key) -> Result<(String, &'static str), CatalogError> {
    Ok(file.value(key)?.map_or_else(|| (key.built_in().to_owned(), "built-in"), |value| (value, "config")))
}

fn get(session: &Session, file: &ConfigFile, key: Key) -> Result<Exit, CliError> {
    let (value, source) = setting(file, key)?;
    let screen = &session.screen;
    if screen.is_json() {
        let document = json::Setting { key: key.name(), value: &value, source };
        screen.document(&document).map_err(CliError::Output)?;
    } else {
        screen.result(&value).map_err(CliError::Output)?;
        if source == "built-in" {
            screen.note(&format!("`{}` is not set; this is the built-in value", key.name()));
        }
    }
    Ok(Exit::Done)
}

fn list(session: &Session, file: &ConfigFile) -> Result<Exit, CliError> {
    let settings: Result<Vec<_>, CatalogError> =
        Key::ALL.iter().map(|key| setting(file, *key).map(|(value, source)| (key.name(), value, source))).collect();
    let (settings, unknown) = (settings?, file.unknown()?);
    let screen = &session.screen;
    if screen.is_json() {
        let settings = settings.iter().map(|(key, value, source)| json::Setting { key, value, source }).collect();
        let document = json::Settings { path: file.path(), settings, unknown: &unknown };
        screen.document(&document).map_err(CliError::Output)?;
    } else {
        screen.result(&human::settings(screen, &settings)).map_err(CliError::Output)?;
        human::settings_end(screen, file.path(), &unknown);
    }
    Ok(Exit::Done)
}

fn set(session: &Session, file: &ConfigFile, key: Key, value: &str) -> Result<Exit, CliError> {
    key.fits(value).map_err(|why| {
        CliError::usage(format!("the value of `{}` does not fit: {why}", key.name()), &["nothing was changed"])
    })?;
    file.set(key, value)?;
    changed(session, key, value, "config", &format!("`{}` is {value} from now on", key.name()))
}

fn unset(session: &Session, file: &ConfigFile, key: Key) -> Result<Exit, CliError> {
    let said = if file.unset(key)? {
        format!("`{}` is the built-in {} again", key.name(), key.built_in())
    } else {
        format!("`{}` was not set; it is the built-in {}", key.name(), key.built_in())
    };
    changed(session, key, key.built_in(), "built-in", &said)
}

fn changed(session: &Session, key: Key, value: &str, source: &str, said: &str) -> Result<Exit, CliError> {
    let screen = &session.screen;
    if screen.is_json() {
        screen.document(&json::Setting { key: key.name(), value, source }).map_err(CliError::Output)?;
    } else {
        screen.result(&human::done(said)).map_err(CliError::Output)?;
    }
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_its_name() {
        let typed: Vec<Key> = Name::value_variants().iter().map(|name| name.key()).collect();
        assert_eq!(typed, Key::ALL);
        for name in Name::value_variants() {
            let value = name.to_possible_value().map(|value| value.get_name().to_owned());
            assert_eq!(value.as_deref(), Some(name.key().name()));
        }
        assert_eq!(Key::ExpiresIn.built_in(), format!("{}d", super::super::new_token::USUAL_DAYS));
    }
}
