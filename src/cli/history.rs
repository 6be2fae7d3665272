//! `connect history`

use clap::Args as ClapArgs;

use super::CliError;
use super::session::{AgeKeys, Session};
use crate::output::{Exit, human, json};
use crate::workflow;

/// Who connected, replaced, revoked what, when
///
/// Shows what connect did to the connections, the oldest first: connected, replaced, revoked, disconnected,
/// migrated, renamed; planted and removed, for each copy of a token that an import put somewhere; imported and
/// undone; and repaired, when a line that a crash had torn was mended. Uses of a token are not recorded, and
/// never a token itself. On a terminal a table; elsewhere one line an entry, fields separated by tabs: time,
/// event, connection, user@machine, fingerprint, store, from, host, account, secret, target, repository.
///
/// Each line of the file carries the hash of the one before. `--verify` finds what accidents do: a line that
/// was changed, torn, moved, doubled or lost. It is no proof against somebody who owns the file and writes all
/// of it anew.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  connect history
  connect history octocat@github.com
  connect history --verify
  connect history --json | jq '.entries[-1]'

Exit codes:
  0  done
  3  nothing was ever recorded of that name, and there is no such connection
  9  with `--verify`: lines were changed, torn, moved, doubled or lost")]
pub(super) struct Args {
    /// Only what happened to this connection, which may be gone
    #[arg(value_name = "NAME")]
    name: Option<String>,

    /// Look whether each line follows on the one before (always the whole file)
    #[arg(long)]
    verify: bool,
}

impl Args {
    pub(super) fn run(self, session: &Session) -> Result<Exit, CliError> {
        let tools = session.tools(AgeKeys::default(), &|_| ());
        let (screen, name) = (&session.screen, self.name.as_deref());
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
}
