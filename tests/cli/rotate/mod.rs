//! `connect rotate`.

mod by_hand;
mod by_hand_killed;
mod crash;
mod many;
mod planned;
mod refused;
mod several;
mod told;
mod trouble;
