//! Adopting: the tokens that other tools left lying about are found, shown, and taken in.
//!
//! Finding them asks nobody but this machine: files are read, and two programs are run that answer from what they keep
//! (`gh auth token`, `git config`, and, for hosts that the user named, `git credential fill`). Each reader is a file here, and those that read what strangers write
//! are pure functions of the text. What is found is put together by host and by token ([`Stray`]), and shown without the token.
//!
//! Nothing is sent anywhere before the user has confirmed the host ([`take_in`] is called a token, after that), and a token
//! whose host is not known is never tried. Copies are removed ([`clear`]) only once the token is in a store of ours and has been read
//! back from there, and only if the file is still what it was.

mod clear;
mod env;
mod file;
mod gh;
mod git;
mod glab;
pub mod netrc;
mod program;
mod remotes;
mod scan;
mod stray;
mod take;
mod userinfo;
mod yaml;

pub use clear::{ClearError, Cleared, clear, clearable};
pub use env::Variable;
pub use program::Programs;
pub use scan::{Elsewhere, Look, Scan, Unread, scan};
pub use stray::{Copy, Place, Site, Source, Stray, is_a_host};
pub use take::{Manner, Untaken, take_in};
