//! Before a command begins: rotations that were killed on their way are brought to an end.
//!
//! Commands that use the network may ask the forge how things stand; those that do not finish only what the journal
//! has the answer of. git's helper does neither, and what only looks at records need not.

use super::Command;
use super::session::{AgeKeys, Session};
use crate::catalog::Journal;
use crate::output::Failure;
use crate::workflow::Event;
use crate::workflow::rotate::{self, Settled};

/// What a command does about rotations that were left.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Settles {
    /// It finishes what was answered, and asks the forge about the rest.
    All,
    /// It finishes what was answered.
    Answered,
    /// It has its own way, or does not care.
    Nothing,
}

const fn settles(command: &Command) -> Settles {
    match command {
        Command::Github(_)
        | Command::Gitlab(_)
        | Command::Check(_)
        | Command::Disconnect(_)
        | Command::Status(_)
        | Command::Import(_)
        | Command::Webhook(_)
        | Command::Destination(_)
        | Command::Api(_)
        | Command::Login(_)
        | Command::Logout(_) => Settles::All,
        Command::Token(_) | Command::Exec(_) => Settles::Answered,
        _ => Settles::Nothing,
    }
}

/// Brings to an end what was left, as far as this command does that. It fails by nothing here: what stands in the way
/// of a connection it uses, it meets itself.
pub(super) fn settle(command: &Command, session: &Session) {
    let settles = settles(command);
    let left = || Journal::new(&session.environment.home).unfinished_rotations().is_ok_and(|left| !left.is_empty());
    if settles == Settles::Nothing || !left() {
        return;
    }
    let screen = session.screen.clone();
    let events = move |event| screen.event(event);
    let tools = session.tools(AgeKeys::default(), &events);
    if settles == Settles::Answered {
        let _ = rotate::finish_answered(&tools);
        return;
    }
    let Ok(resumed) = session.wait_for(async { Ok(rotate::resume(&tools).await?) }) else { return };
    for one in resumed {
        match one.outcome {
            Ok(Settled::Finished | Settled::Nothing) => {
                session.screen.event(Event::Tidied { connection: one.connection });
            }
            Ok(Settled::Pending { .. }) => {}
            Err(error) => {
                let failure = Failure::of(&error);
                let hint = failure.hints.first().map(|hint| format!("; {hint}")).unwrap_or_default();
                session.screen.warning(failure.code, &format!("{}{hint}", failure.message));
            }
        }
    }
}
