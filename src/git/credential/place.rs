//! Where a credential is for. Nothing is looked for, kept or forgotten without a protocol and a host.

use super::Description;

/// A protocol, a host, and perhaps a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// In small letters: `https`.
    pub protocol: String,
    /// In small letters, with the port if one was given: `example.com:8088`.
    pub host: String,
    /// Without a slash in front; nothing where none was given.
    pub path: Option<String>,
}

/// Why a description names no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoPlace {
    /// `protocol` is missing or empty.
    #[error("the protocol is missing")]
    Protocol,
    /// `host` is missing or empty.
    #[error("the host is missing")]
    Host,
    /// `host` has a character in it that no host has, and that another reader may take for the end of the host.
    #[error("the host is none")]
    OddHost,
    /// A certificate's passphrase or another thing that is on this machine.
    #[error("it is for this machine")]
    Local,
}

impl Description {
    /// Where it is for.
    ///
    /// # Errors
    /// [`NoPlace`]. [`NoPlace::Local`] is nothing to complain of.
    pub fn place(&self) -> Result<Place, NoPlace> {
        let given = |value: &Option<String>| value.clone().filter(|value| !value.is_empty());
        let protocol = given(&self.protocol).ok_or(NoPlace::Protocol)?.to_ascii_lowercase();
        let Some(host) = given(&self.host) else {
            // git asks so for the passphrase of a client's certificate: the path is a file's.
            return Err(if protocol == "cert" { NoPlace::Local } else { NoPlace::Host });
        };
        let odd = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '/' | '\\' | '@' | '?' | '#');
        if host.contains(odd) || protocol.contains(|c: char| odd(c) || c == ':') {
            return Err(NoPlace::OddHost);
        }
        let path =
            given(&self.path).map(|path| path.trim_start_matches('/').to_owned()).filter(|path| !path.is_empty());
        Ok(Place { protocol, host: host.to_ascii_lowercase(), path })
    }
}
