//! The nouns: what connect talks about, as plain values.
//!
//! Nothing here opens a file, a socket or a keyring, and nothing here prints. Every other room may
//! use these types, and these types use no other room. The one that matters most is [`Secret`]: a
//! token is inside it from the edge of the program inwards, and it cannot be printed by accident.

pub mod clock;
pub mod connection;
pub mod destination;
pub mod duration;
pub mod forge;
pub mod hook;
pub mod host;
pub mod import;
pub mod inspection;
pub mod letter;
pub mod mask;
pub mod mirror;
pub mod name;
pub mod need;
pub mod permission;
pub mod place;
pub mod public_url;
pub mod registry;
pub mod scope;
pub mod secret;
pub mod shape;
pub mod task;
pub mod text;
pub mod webhook;
pub mod wish;

pub use clock::Clock;
pub use connection::{Account, AccountKind, Connection, Health, Outline, StoreKind, TokenRecord};
pub use destination::{Copied, Destination, DestinationKind};
pub use forge::ForgeKind;
pub use host::Host;
pub use import::Import;
pub use inspection::Inspection;
pub use letter::{Letter, Packing};
pub use mask::Mask;
pub use name::ConnectionName;
pub use need::{Need, NeedKind, Verdict};
pub use public_url::{NotAPublicUrl, PublicUrl};
pub use registry::{NotARegistry, Registry};
pub use secret::{Fingerprint, InputProblem, Secret, SecretId};
pub use shape::TokenKind;
pub use task::Task;
pub use webhook::{Former, HookBeingMade, KnownHook, PlainToken, Proof, WebhookRecord};
pub use wish::Wish;
