//! `connect rotate`.

mod crash;
mod many;
mod refused;
mod trouble;
