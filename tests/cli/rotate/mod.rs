//! `connect rotate`.

mod by_hand;
mod by_hand_killed;
mod planned;
mod several;
