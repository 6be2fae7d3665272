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
//! What the start of the world lacks, a [`Seed`] brings:
//!
//! ```
//! use forge_sandbox::{GithubOrganizationSeed, GithubRepositorySeed, GithubSeed, GithubTokenSeed, Membership, Sandbox, Seed};
//!
//! let members = [("octocat".to_owned(), Membership::Admin)].into();
//! let acme = GithubOrganizationSeed { login: "acme".into(), members, ..Default::default() };
//! let (owner, name) = (Some("acme".to_owned()), "vault".to_owned());
//! let vault = GithubRepositorySeed { owner, name, private: true, archived: true, ..Default::default() };
//! let token = GithubTokenSeed {
//!     resource_owner: Some("acme".into()),
//!     repositories: Some(vec!["vault".into()]),
//!     ..GithubTokenSeed::fine_grained("vault", &[("contents", "read"), ("statuses", "write")])
//! };
//! let (organizations, repositories, tokens) = (vec![acme], vec![vault], vec![token]);
//! let github = GithubSeed { organizations, repositories, tokens, ..Default::default() };
//! let sandbox = Sandbox::builder().seed(Seed { github, ..Default::default() }).start().unwrap();
//! assert!(sandbox.is_alive_github("vault"));
//! assert_eq!(sandbox.state()["github"]["writes"].as_array().unwrap().len(), 0);
//! ```
//!
//! # Webhooks
//!
//! Hooks of GitHub's repositories and organisations, of GitLab's projects and groups, are made through the API and
//! hear of what happens: pushes by git or the API, pull requests, pipelines. What the sandbox has no routes for happens
//! when a test says so ([`Sandbox::emit_github`], [`Sandbox::emit_gitlab`], [`Emit`]; `POST /emit` at the
//! [`admin`]'s door). Deliveries are signed as the vendors sign them, go out over real HTTP or HTTPS, to this machine
//! alone, and are remembered for as long as the vendors do; [`Emission::wait`] and [`Sandbox::settle`] wait for them.
//! GitHub never sends twice by itself, and GitLab only where [`Builder::hook_retries`] says so. Further switches:
//! [`Builder::refuse_local_hooks`], [`Builder::block_local_network`], [`Builder::auto_disable_hooks`],
//! [`Builder::signing_tokens`], [`Builder::hook_limit`], [`Builder::deliveries_at_once`].
//!
//! # Rotations
//!
//! GitLab's rotations kill the old token with the answer, and the whole family when somebody rotates with one that is
//! dead already. Every request for one is written down ([`Sandbox::rotations`], `GET /rotations`), with what became of
//! it; [`Sandbox::family`] tells how often one token's was asked for and what lives of it. [`Fault::rotation`] narrows a
//! fault to those requests. Further switches: [`Builder::token_lifetime`], [`Builder::buffered_expiry`],
//! [`Builder::fine_grained_only`], [`Builder::gitlab_version`].
//!
//! # The rooms
//!
//! - `git`: bare repositories behind both forges, in plain Rust; the wire and mirrors by the system's
//!   git, if there is one. Without it, everything but cloning, pushing and mirroring works.
//! - `world`: what exists, without HTTP. `world::start` is the world at the start, `world::seed`
//!   what is added to it.
//! - `github`, `gitlab`: the routes, a file a resource, each from a request to an answer;
//!   `github::access` is the order in which GitHub refuses, `github::events` and `gitlab::events`
//!   what webhooks hear.
//! - `emission`: events of whoever tests.
//! - `work`: what goes on behind the answers ([`Sandbox::settle`] waits for it); `mail`: the lines in which deliveries
//!   wait; `client`: how a forge delivers. Nothing ever leaves loopback.
//! - `faults`: what can go wrong; `server`: the wire, where it goes wrong.
//! - `admin`: the door for those who test.
//! - `sandbox`, `builder`: the handle. `main`: the program.

pub mod admin;
mod builder;
mod checksum;
mod client;
pub mod emission;
pub mod faults;
mod git;
mod github;
mod gitlab;
mod http;
mod loopback;
mod mail;
mod sandbox;
mod server;
mod tls;
mod work;
mod world;

pub use builder::Builder;
pub use checksum::{github_checksum, github_fine_grained_checksum, gitlab_checksum};
pub use emission::{Delivered, Emission, Emit};
pub use faults::{Effect, Fault, FaultId, ReadyMade};
pub use sandbox::Sandbox;
pub use server::SeenRequest;
pub use world::clock::parse_duration;
pub use world::github::{Membership, Role};
pub use world::gitlab::{CreationLevel, Family, Rotation, TokenKind as GitlabTokenKind, Visibility};
pub use world::seed::{
    GithubAccountSeed, GithubOrganizationSeed, GithubRepositorySeed, GithubSeed, GithubTokenSeed, GitlabGroupSeed,
    GitlabProjectSeed, GitlabSeed, GitlabTokenSeed, GitlabUserSeed, Seed,
};
pub use world::{Forge, Tier};
