//! `connect history`

use clap::Args as ClapArgs;
use jiff::Timestamp;

use super::session::{AgeKeys, Session};
use super::{CliError, day};
use crate::output::{Exit, Failure, human, json};
use crate::workflow::{self, Error};

/// Who connected, replaced, revoked what, when
///
/// Shows what connect did to the connections, the oldest first: connected, replaced, rotated, revoked,
/// disconnected, migrated, renamed; planted, pushed and removed, for each copy of a secret that was put somewhere,
/// renewed there or taken back; imported and undone; and repaired, when a line that a crash had torn was mended. Uses of a token are not recorded, and
/// never a token itself. On a terminal a table; elsewhere one line an entry, fields separated by tabs: time,
/// event, connection, user@machine, fingerprint, store, from, host, account, secret, target, repository.
///
/// Each line of the file carries the hash of the one before. `--verify` finds what accidents do: a line that
/// was changed, torn, moved, doubled or lost. It is no proof against somebody who owns the file and writes all
/// of it anew.
///
/// `--rotated-since` says of every connection, or of those named, whether its present token came since a day:
/// rotated, replaced by another, or connected where none was known before. To connect the same token anew does
/// not count. Shown with it are who did it and where, the old and the new fingerprint, and which copies followed.
/// Elsewhere than on a terminal the fields are: connection, `rotated` or `not-since`, time, event, user@machine,
/// old fingerprint, fingerprint, copies that followed, copies that did not.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  connect history
  connect history octocat@github.com
  connect history --verify
  connect history --json | jq '.entries[-1]'
  connect history --rotated-since 2026-11-01 --verify --json

Exit codes:
  0  done
  3  nothing was ever recorded of that name, and there is no such connection
  9  with `--verify`: lines were changed, torn, moved, doubled or lost;
     with `--rotated-since`: a token was not rotated since then")]
pub(super) struct Args {
    /// Only what happened to this connection, which may be gone; with
    /// `--rotated-since` several can be named, which must be there
    #[arg(value_name = "NAME")]
    names: Vec<String>,

    /// Look whether each line follows on the one before (always the whole file)
    #[arg(long)]
    verify: bool,

    /// Which tokens were rotated since this day (UTC) or instant, and which were not
    #[arg(long, value_name = "DATE", value_parser = day::parse)]
    rotated_since: Option<Timestamp>,
}

impl Args {
    pub(super) fn run(self, session: &Session) -> Result<Exit, CliError> {
        let tools = session.tools(AgeKeys::default(), &|_| ());
        if let Some(since) = self.rotated_since {
            return self.rotated(session, since);
        }
        let (screen, name) = (&session.screen, self.names.first().map(String::as_str));
        if self.names.len() > 1 {
            let hints = ["name one, or none for all of them; `--rotated-since DATE` takes several"];
            return Err(CliError::usage("the history is shown of one connection, or of all", &hints));
        }
        let read = if screen.is_json() {
            let mut document = json::History::default();
            let read = workflow::history(&tools, name, self.verify, &mut |entry| document.add(entry))?;
            document.verified = read.verified.as_ref().map(json::VerifiedHistory::of);
            screen.document(&document).map_err(CliError::Output)?;
            read
        } else {
            let mut page = human::HistoryPage::new(screen);
            let read = workflow::history(&tools, name, self.verify, &mut |entry| page.add(entry))?;
            screen.result(&page.text()).map_err(CliError::Output)?;
            read
        };
        Ok(human::history_ends(screen, &read, tools.history.path(), name.is_some()))
    }

    fn rotated(&self, session: &Session, since: Timestamp) -> Result<Exit, CliError> {
        let tools = session.tools(AgeKeys::default(), &|_| ());
        let screen = &session.screen;
        let mut found = workflow::rotations(&tools, since, &self.names, self.verify)?;
        let damaged: Vec<Failure> =
            std::mem::take(&mut found.damaged).into_iter().map(|e| Failure::of(&Error::from(e))).collect();
        if screen.is_json() {
            screen.document(&json::RotatedSince::of(&found, &damaged)).map_err(CliError::Output)?;
        } else {
            screen.result(&human::rotations(screen, &found)).map_err(CliError::Output)?;
        }
        let read = human::history_ends(screen, &found.read, tools.history.path(), false);
        Ok(Exit::worst([read, human::rotations_end(screen, &found, &damaged)]))
    }
}
