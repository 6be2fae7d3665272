//! `connect rotate`.

mod by_hand;
mod by_hand_killed;
mod crash;
mod left;
mod many;
mod odd;
mod planned;
mod refused;
mod several;
mod shared;
mod stopped;
mod told;
mod trouble;
