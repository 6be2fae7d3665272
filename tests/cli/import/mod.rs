//! Stories of `connect import`.

mod by_hand;
mod killed;
mod lost;
mod refused;
mod site;
