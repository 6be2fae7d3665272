//! What forges send us: deliveries of webhooks, taken over HTTP, verified or refused.
//!
//! [`verify`] decides who may say something, [`letter()`] reads what is said, [`Server`] takes it over the network.
//! What becomes of a letter is not decided here: the server hands it to an [`Intake`] that it is given, and answers
//! the sender with what that says. Only once the intake has it safe is the sender told so.
//!
//! This room is the only one that knows axum. It keeps nothing, and it prints nothing.

mod bounds;
mod facts;
mod fetched;
mod letter;
mod metrics;
mod server;
#[cfg(test)]
mod tests;
mod tls;
pub mod verify;

pub use fetched::fetched;
pub use letter::{Addressed, NotALetter, letter};
pub use metrics::{Gauge, Metrics};
pub use server::{Desk, Endpoint, Intake, Limits, Renew, Report, Server, Taken, Told};
pub use tls::{BadCertificate, Certificate};
pub use verify::{BadKey, Key, Refusal, Verifier};
