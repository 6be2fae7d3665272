//! `connect rotate`

mod many;
