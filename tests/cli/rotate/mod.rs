//! `connect rotate`.

mod crash;
mod refused;
mod trouble;
