//! What git asks, and how it is answered.
//!
//! [`credential`] is git's credential protocol as values: bytes in, attributes out, and back. It reads no file, knows no
//! store and no connection, and asks nobody; what is answered is decided in `workflow::credential`.

pub mod credential;
