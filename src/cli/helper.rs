//! What the programs have in common that other programs start: `git-credential-connect` and its like. They have no
//! command line to speak of, start as fast as they can, and say what they have to say in lines that begin with
//! `connect:`, since what they print is read by whoever started them.

use std::io::{self, IsTerminal as _, Read as _};

use zeroize::Zeroizing;

use super::CliError;
use super::environment::{self, Environment};
use super::options::{Global, When};
use super::session::{AgeKeys, Session};
use crate::catalog::Config;
use crate::model::StoreKind;
use crate::model::connection::NotAStore;
use crate::output::Screen;
use crate::workflow::{Event, Tools};

/// One run of a helper: the places and stores of every command, and no flags.
pub(super) struct Helper {
    session: Session,
    may_ask: bool,
}

impl Helper {
    /// Reads the environment. The configuration is not read: few questions need it.
    pub(super) fn new() -> Result<Self, CliError> {
        let global = Global {
            json: false,
            no_input: environment::is_on("CONNECT_NO_INPUT"),
            yes: false,
            quiet: false,
            verbose: 0,
            color: When::Never,
            timeout: 30,
        };
        // git's own way to say that nobody is there to answer.
        let asks_nobody = environment::is_set("GIT_TERMINAL_PROMPT") && !environment::is_on("GIT_TERMINAL_PROMPT");
        let may_ask = !global.no_input && !asks_nobody && io::stderr().is_terminal();
        let screen = Screen::new(global.settings());
        Ok(Self { session: Session::new(global, Environment::read()?, screen, true)?, may_ask })
    }

    /// Where new secrets are kept, as for every command: the variable, the configuration, the keyring.
    pub(super) fn store(&self) -> Result<StoreKind, CliError> {
        if let Some(word) = environment::text("CONNECT_STORE").filter(|word| !word.is_empty()) {
            return word.parse().map_err(|e: NotAStore| CliError::usage(format!("CONNECT_STORE: {e}"), &[]));
        }
        let config = Config::read(&self.session.environment.home.config_file())?;
        Ok(config.store.unwrap_or(StoreKind::Keyring))
    }

    /// The tools for a workflow. Standard input is the question, so that a person is asked at the terminal itself.
    pub(super) fn tools<'a>(&self, events: &'a (dyn Fn(Event) + Sync)) -> Tools<'a> {
        self.session.tools_asking(AgeKeys::default(), events, self.may_ask)
    }
}

/// Reads what whoever started us has to say, up to where it says that this is all, or to more than `limit` bytes. All
/// bytes are wiped, also where they had to be moved to a larger place.
pub(super) fn question(limit: usize, is_all: impl Fn(&[u8]) -> bool) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut input = io::stdin().lock();
    let mut bytes = Zeroizing::new(vec![0; 4096]);
    let mut length = 0;
    loop {
        if length == bytes.len() {
            let mut larger = Zeroizing::new(vec![0; bytes.len() * 2]);
            if let Some(room) = larger.get_mut(..length) {
                room.copy_from_slice(&bytes);
            }
            bytes = larger;
        }
        let read = match input.read(bytes.get_mut(length..).unwrap_or_default()) {
            Ok(read) => read,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        };
        length += read;
        if read == 0 || length > limit || bytes.get(..length).is_some_and(&is_all) {
            bytes.truncate(length);
            return Ok(bytes);
        }
    }
}
