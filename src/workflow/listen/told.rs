//! What is shown of refusals: the first, and then how many more there were. Anybody may cause them, as often as they
//! like; a log that they fill is of use only to them.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::ends::Happened;
use crate::model::ConnectionName;
use crate::workflow::{Event, Tools};

/// How long after one refusal the next of its kind is only counted.
const QUIET: Duration = Duration::from_secs(10);

#[derive(Debug, Default)]
pub(super) struct Refusals {
    said: HashMap<(ConnectionName, String), (Instant, u64)>,
}

impl Refusals {
    pub(super) fn say(&mut self, tools: &Tools<'_>, happened: Happened) {
        match happened {
            Happened::NotHandedOn { connection, id, why, again_in } => {
                tools.say(Event::NotHandedOn { connection, id, why, again_in });
            }
            Happened::NotTaken { connection, why } => {
                let now = Instant::now();
                let before = self.said.get(&(connection.clone(), why.clone())).copied();
                let others = match before {
                    Some((at, others)) if now.duration_since(at) < QUIET => {
                        self.said.insert((connection, why), (at, others + 1));
                        return;
                    }
                    Some((_, others)) => others,
                    None => 0,
                };
                self.said.insert((connection.clone(), why.clone()), (now, 0));
                tools.say(Event::NotTaken { connection, why, others });
            }
        }
    }
}
