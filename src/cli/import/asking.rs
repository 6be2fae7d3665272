//! What is asked before something is set up or taken back.

use std::io::{self, BufRead as _};

use super::super::ask::Asker;
use super::super::session::Session;
use crate::model::ConnectionName;
use crate::model::text::printable;
use crate::output::{Failure, Screen, human};
use crate::workflow::Answer;
use crate::workflow::import::{Confirm, Plan, Undoing};

/// Somebody who can be asked about an import.
pub(super) struct Asking {
    asker: Asker,
    screen: Screen,
    yes: bool,
    may_ask: bool,
}

impl Asking {
    pub(super) fn new(session: &Session) -> Self {
        Self {
            asker: Asker::new(session),
            screen: session.screen.clone(),
            yes: session.global.yes,
            may_ask: session.may_ask(),
        }
    }

    /// Shows what would be undone. A project is deleted only when its path is typed.
    pub(super) fn undo(&self, undoing: &Undoing) -> Answer {
        if self.may_ask && !self.yes {
            let failed = undoing.failed.iter();
            let failures: Vec<_> = failed.map(|(step, error)| (*step, Failure::of(error))).collect();
            self.screen.ask(&human::undoing(undoing, &failures, self.screen.width()));
        }
        match self.asker.confirm("Remove this?") {
            Answer::Yes if undoing.deletes_project && !self.yes => self.retype(&undoing.import.gitlab.path),
            answer => answer,
        }
    }

    fn retype(&self, path: &str) -> Answer {
        let shown = printable(path, 300);
        self.screen.ask(&format!("The project is deleted with everything in it. Type its path to go on:\n{shown}"));
        let mut line = String::new();
        match io::stdin().lock().read_line(&mut line) {
            Ok(_) if line.trim() == path => Answer::Yes,
            _ => {
                self.screen.ask("That is not its path.");
                Answer::No
            }
        }
    }
}

impl Confirm for Asking {
    fn carry_out(&self, plan: &Plan) -> Answer {
        if self.may_ask && !self.yes {
            self.screen.ask(&human::plan_page(plan, self.screen.width()));
        }
        self.asker.confirm("Set this up?")
    }

    /// `--yes` does not answer this: it was given for a plan in which the token was another.
    fn use_personal_token(&self, connection: &ConnectionName, why: &str) -> Answer {
        if !self.may_ask {
            return Answer::CannotAsk;
        }
        self.screen.ask(&human::personal_token(&self.screen, connection, why));
        let mut line = String::new();
        match io::stdin().lock().read_line(&mut line) {
            Ok(_) if matches!(line.trim().to_ascii_lowercase().as_str(), "y" | "yes") => Answer::Yes,
            _ => Answer::No,
        }
    }
}
