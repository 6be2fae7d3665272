//! What the user reads: results on stdout, everything else on stderr.
//!
//! This is the only room that prints, and the only one that knows colours, widths and tables.
//! It is given values and says them: to people as text, to programs as JSON. Whatever a server said is
//! stripped of control characters before it gets here or on the way out. How bad an error is, and what
//! to do about it, is decided in [`failure`], in one place.

mod adoption;
pub mod credential;
pub mod docker;
pub mod exit;
pub mod failure;
mod handed;
pub mod human;
pub mod json;
mod log;
mod progress;
mod prometheus;
mod receiving;
pub mod report;
mod rotated;
mod screen;
mod style;

pub use adoption::{Adoption, Fate};
pub use exit::Exit;
pub use failure::Failure;
pub use handed::TokenFormat;
pub use log::start_log;
pub use prometheus::prometheus;
pub use rotated::{OldToken, Outcome, PlannedRow, PushedRow, RotatedRow, rotation_exit};
pub use screen::{Color, Screen, Settings};
