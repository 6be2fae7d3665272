//! Git's credential protocol: attributes, one a line, `key=value`, ended by an empty line or the end of the input.
//!
//! What git writes to a helper and reads from it has one form, so there is one type for both, [`Description`], and two
//! functions, [`read()`] and [`write()`], each the other's inverse. What cannot be said in a line (a line break, NUL) is
//! refused in both directions, and so is a carriage return: programs that take it for the end of a line would see
//! other attributes than git meant, and so another host.
//!
//! The protocol: git's own `git-credential(1)`, "INPUT/OUTPUT FORMAT", and `gitcredentials(7)`, "CUSTOM HELPERS", of 2.47.

mod packed;
mod place;
mod read;
mod url;
mod write;

#[cfg(test)]
mod tests;

use crate::model::Secret;

pub use packed::{pack, unpack};
pub use place::{NoPlace, Place};
pub use read::{end_of, read};
pub use write::write;

/// The most bytes of a line, its line break included: "A line, including the trailing newline, may not exceed 65535
/// bytes" (git-credential(1)).
pub const LONGEST_LINE: usize = 65_535;

/// More than git ever writes: a dozen lines, of which only headers that a server has sent are long.
pub const LONGEST_INPUT: usize = 16 * LONGEST_LINE;

/// What is known of a credential: where it is for, whose it is, and itself. All of it may be missing.
#[derive(Debug, Clone, Default)]
pub struct Description {
    /// What the other side understands. What needs a capability that was not announced is not there.
    pub capabilities: Capabilities,
    /// `https`.
    pub protocol: Option<String>,
    /// The host, with its port if one was given: `example.com:8088`.
    pub host: Option<String>,
    /// The path on the server, without a slash in front: `octocat/hello-world.git`.
    pub path: Option<String>,
    /// The user's name; an empty one is one.
    pub username: Option<String>,
    /// The password; an empty one is one.
    pub password: Option<Secret>,
    /// `password_expiry_utc`: when the password dies, in seconds since 1970.
    pub expires: Option<i64>,
    /// `oauth_refresh_token`: as secret as the password.
    pub refresh_token: Option<Secret>,
    /// The scheme of `credential`: `Bearer`.
    pub authtype: Option<String>,
    /// What follows the scheme in the header, encoded already.
    pub credential: Option<Secret>,
    /// It is of use only now, and is not to be kept.
    pub ephemeral: bool,
    /// What helpers have said and want to hear again; each begins with the name of its helper.
    pub state: Vec<String>,
    /// The `WWW-Authenticate` headers that the server has sent.
    pub challenges: Vec<String>,
    /// Nobody else is to be asked.
    pub quit: bool,
}

/// What a caller or a helper understands beyond the oldest form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Capabilities {
    /// `authtype`: the attributes `authtype`, `credential` and `ephemeral`.
    pub authtype: bool,
    /// `state`: the attribute `state[]`.
    pub state: bool,
}

impl Capabilities {
    /// The capabilities that this program has, as `git credential capability` prints them.
    pub const ANNOUNCED: &'static str = "version 0\ncapability authtype\ncapability state\n";
}

/// Why an input is not answered. None says anything of what was in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// A line is longer than git allows.
    #[error("a line is longer than {LONGEST_LINE} bytes")]
    LineTooLong,
    /// The whole is longer than git ever makes it.
    #[error("it is longer than {LONGEST_INPUT} bytes")]
    TooLong,
    /// A carriage return or NUL.
    #[error("a line has a carriage return or a NUL in it")]
    ControlCharacter,
    /// A line without `=`.
    #[error("a line is no attribute: it has no `=`")]
    NoAttribute,
    /// A value that is not UTF-8.
    #[error("the value of `{0}` is not UTF-8")]
    NotText(&'static str),
    /// The value of `url` is none.
    #[error("the value of `url` is no URL")]
    NoUrl,
}

/// Why a description cannot be written: a value has a line break, a carriage return or NUL in it, or is too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the value of `{0}` cannot be told to git: it does not fit into a line")]
pub struct Unwritable(pub &'static str);
