//! A GitHub and a GitLab in memory, over real HTTP and HTTPS.
//!
//! This is no mock of one client's calls. Both forges behave as their vendors' documentation,
//! OpenAPI descriptions and recorded traffic say that the real ones do: kinds of tokens, scopes
//! and fine-grained permissions, roles, versions, expiry, rate limits, the shapes of refusals.
//! What a test wants to go wrong goes wrong when it says so ([`Fault`]).
//!
//! ```
//! let sandbox = forge_sandbox::Sandbox::start();
//! let api = sandbox.github_api_url();
//! let token = sandbox.github_token("classic");
//! // … point a client at `api`, with `token` …
//! assert!(sandbox.is_alive_github(&token));
//! assert!(sandbox.requests().is_empty());
//! ```
//!
//! # The rooms
//!
//! - `world`: what exists, without HTTP. `world::start` is the world at the start, `world::seed`
//!   what is added to it.
//! - `github`, `gitlab`: the routes, a file a resource, each from a request to an answer.
//! - `faults`: what can go wrong; `server`: the wire, where it goes wrong.
//! - `admin`: the door for those who test.
//! - `sandbox`, `builder`: the handle. `main`: the program.

pub mod admin;
mod builder;
mod checksum;
pub mod faults;
mod github;
mod gitlab;
mod http;
mod sandbox;
mod server;
mod tls;
mod world;

pub use builder::Builder;
pub use checksum::{github_checksum, github_fine_grained_checksum, gitlab_checksum};
pub use faults::{Effect, Fault, FaultId, ReadyMade};
pub use sandbox::Sandbox;
pub use server::SeenRequest;
pub use world::clock::parse_duration;
pub use world::github::{Membership, Role};
pub use world::gitlab::{CreationLevel, TokenKind as GitlabTokenKind, Visibility};
pub use world::seed::{
    GithubAccountSeed, GithubOrganizationSeed, GithubRepositorySeed, GithubSeed, GithubTokenSeed, GitlabGroupSeed,
    GitlabProjectSeed, GitlabSeed, GitlabTokenSeed, GitlabUserSeed, Seed,
};
pub use world::{Forge, Tier};
