//! `git-credential-connect`, and `connect git-credential`

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Args as ClapArgs;

use super::CliError;
use super::environment;
use super::helper::{self, Helper};
use crate::git::credential::{self, Capabilities, Description, LONGEST_INPUT};
use crate::output::{Exit, credential as said};
use crate::workflow::Event;
use crate::workflow::credential as work;

/// Answer git: `get`, `store`, `erase`, `capability`
///
/// git asks a helper for the user name and the password that a URL needs, and tells it whether they were
/// taken. With `credential.helper=connect` it asks connect, by way of `git-credential-connect`, which is this
/// command as a small program of its own. A connection answers for the URLs it serves; every other login that
/// git learns is kept beside them, in the same store. No network.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  git config --global credential.https://github.com.helper connect
  printf 'url=https://github.com/octocat/diary\\n\\n' |
      connect git-credential get
  printf 'url=https://example.com\\nusername=mona\\n\\n' | git credential reject")]
pub(super) struct Args {
    /// What git wants: `get`, `store`, `erase` or `capability`
    #[arg(value_name = "OPERATION")]
    operation: String,

    /// Forget the logins kept by this call after so many seconds
    #[arg(long = "lifetime", value_name = "SECS")]
    lifetime: Option<u32>,
}

const USAGE: &str = "usage: git-credential-connect [--lifetime SECS] get|store|erase|capability";
const VERSION: &str = concat!("git-credential-connect (connect) v", env!("CARGO_PKG_VERSION"));

/// `git-credential-connect`: options, then the operation, as git puts them together.
pub fn git_credential_main() -> ExitCode {
    let mut words: Vec<OsString> = environment::words();
    let Some(operation) = words.pop().and_then(|word| word.into_string().ok()) else {
        return usage();
    };
    // Whoever asks what this is has made no mistake.
    if words.is_empty() && matches!(operation.as_str(), "--help" | "-h" | "--version") {
        let text = if operation == "--version" { VERSION } else { USAGE };
        return ended(said::about(text).map_err(CliError::Output).map(|()| Exit::Done));
    }
    match lifetime_in(&words) {
        Ok(lifetime) => ended(answer(&operation, lifetime)),
        Err(()) => usage(),
    }
}

/// `--lifetime SECS` or `--lifetime=SECS`; nothing else is known.
fn lifetime_in(words: &[OsString]) -> Result<Option<u32>, ()> {
    let words: Vec<&str> = words.iter().map(|word| word.to_str().ok_or(())).collect::<Result<_, _>>()?;
    let value = match words.as_slice() {
        [] => return Ok(None),
        ["--lifetime", value] => value,
        [one] => one.strip_prefix("--lifetime=").ok_or(())?,
        _ => return Err(()),
    };
    value.parse().map(Some).map_err(drop)
}

fn usage() -> ExitCode {
    said::line(USAGE);
    ExitCode::from(Exit::Usage.code())
}

impl Args {
    /// It has a way of its own: nothing that is left of other runs is finished, and nothing is printed but the answer.
    pub(super) fn run(self) -> ExitCode {
        ended(answer(&self.operation, self.lifetime))
    }
}

fn ended(ended: Result<Exit, CliError>) -> ExitCode {
    let exit = ended.unwrap_or_else(|error| {
        let failure = error.failure();
        said::failure(&failure);
        failure.exit
    });
    ExitCode::from(exit.code())
}

fn answer(operation: &str, lifetime: Option<u32>) -> Result<Exit, CliError> {
    match operation {
        "capability" => said::capabilities(Capabilities::ANNOUNCED).map_err(CliError::Output)?,
        "get" => get(&asked()?)?,
        "store" => store(&asked()?, lifetime)?,
        "erase" => erase(&asked()?)?,
        // "If it does not support the requested operation … it should silently ignore the request" (gitcredentials(7)).
        _ => {}
    }
    Ok(Exit::Done)
}

/// What git has to say.
fn asked() -> Result<Description, CliError> {
    let other = |message: String| CliError::Other { message, hints: Vec::new() };
    let input = helper::question(LONGEST_INPUT, |bytes| credential::end_of(bytes).is_some())
        .map_err(|e| other(format!("cannot read what git asks: {}", e.kind())))?;
    credential::read(&input).map_err(|why| other(format!("what git asks does not read: {why}")))
}

fn get(wanted: &Description) -> Result<(), CliError> {
    let helper = Helper::new()?;
    let events = |event: Event| said::event(&event);
    let answer = work::get(&helper.tools(&events), wanted)?;
    said::remarks(&answer.remarks);
    match &answer.given {
        Some(given) => said::given(given).map_err(CliError::Output),
        None => Ok(()),
    }
}

/// After each fetch and each push git says that what we gave was right: that is seen without a look at any file.
fn store(used: &Description, lifetime: Option<u32>) -> Result<(), CliError> {
    if work::is_ours(used) {
        return Ok(());
    }
    let helper = Helper::new()?;
    let events = |event: Event| said::event(&event);
    let remark = work::store(&helper.tools(&events), used, helper.store()?, lifetime)?;
    said::remarks(remark.as_slice());
    Ok(())
}

fn erase(refused: &Description) -> Result<(), CliError> {
    let helper = Helper::new()?;
    let events = |event: Event| said::event(&event);
    Ok(work::erase(&helper.tools(&events), refused)?)
}
