//! What forges were asked to deliver once more before somebody pressed Ctrl-C: it cannot be taken back, so it is listed.

use std::sync::{Mutex, PoisonError};

use crate::workflow::Event;
use crate::workflow::hooks::{Again, CaughtUp, Redelivered};

/// What was asked for in this run, a webhook at a time.
#[derive(Debug, Default)]
pub(super) struct SoFar(Mutex<Vec<CaughtUp>>);

impl SoFar {
    /// Remembers it, where it tells of a delivery.
    pub(super) fn note(&self, event: &Event) {
        let Event::AskedAgain { connection, target, hook, delivery, later, status } = event else { return };
        let outcome = match status {
            Some(status) => Again::Answered(*status),
            None if *later => Again::Asked,
            None => Again::Unanswered,
        };
        let one = Redelivered { delivery: (**delivery).clone(), outcome };
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match all.last_mut() {
            Some(CaughtUp { connection: whose, target: place, hook: id, outcome: Ok(done) })
                if whose == connection && place == target && id == hook =>
            {
                done.push(one);
            }
            _ => all.push(CaughtUp {
                connection: connection.clone(),
                target: target.clone(),
                hook: *hook,
                outcome: Ok(vec![one]),
            }),
        }
    }

    /// All of it, in its order.
    pub(super) fn take(&self) -> Vec<CaughtUp> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
