//! `connect rotate`.

mod crash;
mod refused;
