//! What may be said about a store: where it keeps things, and how well that protects them. Nothing is opened for
//! it and nobody asked.

use std::path::PathBuf;

/// How a store protects what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Protection {
    /// By the operating system's keyring.
    Keyring(SystemKeyring),
    /// Encrypted with age. Who can read it is who has the identity's private key.
    Age {
        /// What opens it.
        key: AgeKey,
        /// To how many public keys what is kept now is encrypted.
        recipients: usize,
    },
    /// By the modes of files alone.
    Files,
    /// Nothing is kept.
    Nothing,
}

/// Whose keyring it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SystemKeyring {
    /// GNOME Keyring, KWallet, KeePassXC or another, over D-Bus.
    SecretService,
    /// macOS' login keychain.
    Keychain,
    /// Windows' Credential Manager.
    CredentialManager,
}

/// What opens the store `file`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AgeKey {
    /// None was made or named yet; the first write makes one with a passphrase.
    None,
    /// An identity that a passphrase locks.
    Passphrase(PathBuf),
    /// An identity that lies open in a file.
    Identity(PathBuf),
}
