//! What `webhook listen` says while it runs, on stderr.

use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::json;

use super::human;
use super::screen::Screen;
use crate::model::ConnectionName;
use crate::workflow::listen::{Receiving, ReceivingAddress};

impl Screen {
    pub(super) fn receiving(&self, said: Receiving) {
        self.receiving.store(true, Ordering::Release);
        if let Receiving::Temporary { stays, .. } = &said {
            self.temporary.store(!stays, Ordering::Release);
        }
        match said {
            Receiving::Listening { at, addresses } => self.listening(&at, &addresses),
            Receiving::Stopping => self.note("stopping; what was accepted is finished"),
            Receiving::BoundWide { address } => self.warning("bound_wide", &human::bound_wide(address)),
            Receiving::NotTaken { connection, why, others } => {
                self.warning("delivery_refused", &human::not_taken(&connection, &why, others));
            }
            Receiving::NotHandedOn { connection, id, why, again_in } => {
                self.warning("not_handed_on", &human::not_handed_on(&connection, &id, &why, again_in));
            }
            Receiving::Temporary { target, id, stays } => self.note(&human::temporary_hook(&target, id, stays)),
            Receiving::CaughtUp { asked: 0, why: None, .. } => {}
            Receiving::CaughtUp { connection, target, asked, why } => {
                let told = human::caught_up(&connection, &target, asked, why.as_deref());
                if why.is_some() { self.warning("not_caught_up", &told) } else { self.note(&told) }
            }
            Receiving::LeftBehind { target, id, connection } => {
                self.warning("webhook_left", &human::left_behind(&target, id, &connection));
            }
            Receiving::Polling { every, webhooks } => self.polling(every, &webhooks),
            Receiving::NotPolled { why, again_in } => self.warning("not_polled", &human::not_polled(&why, again_in)),
        }
    }

    fn listening(&self, at: &str, addresses: &[ReceivingAddress]) {
        if self.is_json() {
            // Whoever started this wants to know that it is there, and at which port.
            self.say(&json!({ "listening": super::json::Listening::of(at, addresses) }).to_string());
        } else {
            self.note(human::listening(at, addresses).trim_end());
        }
    }

    fn polling(&self, every: Duration, webhooks: &[(ConnectionName, String, u64)]) {
        if self.is_json() {
            self.say(&json!({ "polling": super::json::Polling::of(every, webhooks) }).to_string());
        } else {
            self.note(human::polling(every, webhooks).trim_end());
        }
    }
}
