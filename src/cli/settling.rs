//! Before a command begins: rotations that were killed on their way are brought to an end, and old tokens that were to be
//! revoked are.
//!
//! Commands that use the network may ask the forge how things stand; those that do not finish only what the journal
//! has the answer of. git's helper does neither, and what only looks at records need not.

use super::Command;
use super::session::{AgeKeys, Session};
use crate::catalog::Journal;
use crate::output::Failure;
use crate::workflow::Event;
use crate::workflow::rotate::{self, Settled, guided};

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
    if settles == Settles::Nothing {
        return;
    }
    let journal = Journal::new(&session.environment.home);
    let left = journal.unfinished_rotations().is_ok_and(|left| !left.is_empty());
    // Somebody has said what is to become of an old token, and the run that was to see to it was killed.
    let decided = || journal.retiring().is_ok_and(|left| left.iter().any(|open| open.retiring.revoke.is_some()));
    let decided = settles == Settles::All && decided();
    if !left && !decided {
        return;
    }
    let screen = session.screen.clone();
    let events = move |event| screen.event(event);
    let tools = session.tools(AgeKeys::default(), &events);
    if settles == Settles::Answered {
        let _ = rotate::finish_answered(&tools);
        return;
    }
    let begun = async {
        let resumed = if left { rotate::resume(&tools).await? } else { Vec::new() };
        Ok((resumed, if decided { guided::settle_decided(&tools).await? } else { Vec::new() }))
    };
    let Ok((resumed, old)) = session.wait_for(begun) else { return };
    for (retiring, settled) in old {
        let connection = retiring.before.name;
        match settled {
            guided::Settled::Waits { .. } | guided::Settled::Undecided | guided::Settled::Elsewhere => {}
            guided::Settled::Failed(error) => {
                let why = Failure::of(&error).message;
                let words = format!("the old token of `{connection}` could not be revoked, and may still work: {why}");
                session.screen.warning("old_token_lives", &words);
            }
            guided::Settled::ByHand { page } => {
                let page = page.map(|page| format!(": delete it on {page}")).unwrap_or_default();
                session
                    .screen
                    .warning("old_token_lives", &format!("the old token of `{connection}` still works{page}"));
            }
            _ => session.screen.event(Event::Tidied { connection }),
        }
    }
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
