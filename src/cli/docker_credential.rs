//! `docker-credential-connect`: Docker's credential-helper protocol, for the registries of the forges.
//!
//! One word says what is wanted (`get`, `store`, `erase`, `list`, `version`), standard input what for. Errors are a
//! line on stdout and exit code 1, which is where Docker looks. It has no command line of clap's, no network
//! and no prompt for anything but an unlock dialog: it starts as often as somebody pulls an image.

use std::process::ExitCode;

use serde::Deserialize;
use zeroize::{Zeroize as _, Zeroizing};

use super::CliError;
use super::environment;
use super::helper::{self, Helper};
use crate::model::Secret;
use crate::model::text::{printable, without_tokens};
use crate::output::{credential, docker};
use crate::workflow::{self, Event, Offered};

/// Docker's helpers have no limit; a token is some hundred bytes.
const LIMIT: usize = 64 * 1024;

/// What is printed without a word, or with one that is not known.
const USAGE: &str = "Usage: docker-credential-connect <store|get|erase|list|version>";

/// What Docker gives to `store`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Offer {
    #[serde(rename = "ServerURL", default)]
    server_url: String,
    #[serde(default)]
    username: String,
    #[serde(default)]
    secret: String,
}

/// Does what the one argument says.
pub fn docker_credential_main() -> ExitCode {
    let mut words = environment::words().into_iter().map(|word| word.to_string_lossy().into_owned());
    let (action, more) = (words.next(), words.next());
    let ended = match (action.as_deref(), more) {
        (Some("get"), None) => get(),
        (Some("store"), None) => store(),
        (Some("erase"), None) => erase(),
        (Some("list"), None) => list(),
        (Some("version" | "--version" | "-v"), None) => {
            Ok(format!("docker-credential-connect (connect) v{}", env!("CARGO_PKG_VERSION")))
        }
        (Some("--help" | "-h"), None) => Ok(USAGE.to_owned()),
        (Some(action), None) => Err(format!("unknown action: {}\n{USAGE}", printable(&without_tokens(action), 40))),
        _ => Err(USAGE.to_owned()),
    };
    let (text, code) = match ended {
        Ok(text) => (text, ExitCode::SUCCESS),
        Err(text) => (text, ExitCode::FAILURE),
    };
    let written = if text.is_empty() { Ok(()) } else { docker::line(&text) };
    if written.is_ok() { code } else { ExitCode::FAILURE }
}

/// What is said at the end, if the answer was not printed already; or what went wrong.
type Said = Result<String, String>;

fn get() -> Said {
    let server = server()?;
    let handed = with_tools(|tools| Ok(workflow::for_registry(tools, &server)?))?;
    let Some(handed) = handed else { return Err(docker::NOT_FOUND.to_owned()) };
    docker::credentials(&server, &handed).map_err(|e| e.kind().to_string())?;
    Ok(String::new())
}

/// `docker login` offers what was typed. The token of a connection is there already; another one is checked first, by
/// `connect github` or `connect gitlab`, or it is not kept.
fn store() -> Said {
    let input = input()?;
    let mut offer: Offer = serde_json::from_slice(&input).map_err(|_| "what is to be stored is no JSON".to_owned())?;
    let secret = Secret::new(std::mem::take(&mut offer.secret));
    offer.secret.zeroize();
    if offer.server_url.is_empty() {
        return Err(docker::NO_SERVER.to_owned());
    }
    if offer.username.is_empty() {
        return Err(docker::NO_USER.to_owned());
    }
    match with_tools(|tools| Ok(workflow::offered(tools, &offer.server_url, &secret)?))? {
        Offered::IsKept(_) => Ok(String::new()),
        Offered::Differs(name) => Err(format!(
            "connect answers for this registry with the token of `{name}`, and takes another only by `connect github --pat` or `connect gitlab --pat`"
        )),
        Offered::NotOurs => Err(
            "connect only answers for the registries of its forges; give this one another helper under `credHelpers`, or name it: `connect use NAME --registry HOST`".to_owned(),
        ),
    }
}

/// `docker logout` does not end a connection. Of what is not ours there is nothing to be erased.
fn erase() -> Said {
    let server = server()?;
    match with_tools(|tools| Ok(workflow::offered(tools, &server, &Secret::new(String::new()))?))? {
        Offered::Differs(name) | Offered::IsKept(name) => {
            Err(format!("connect keeps the token of `{name}`; `connect disconnect {name}` forgets it"))
        }
        Offered::NotOurs => Ok(String::new()),
    }
}

fn list() -> Said {
    let registries = with_tools(|tools| Ok(workflow::registries(tools)?))?;
    docker::list(&registries).map_err(|e| e.kind().to_string())?;
    Ok(String::new())
}

/// The registry that is meant.
fn server() -> Result<String, String> {
    let input = input()?;
    match std::str::from_utf8(&input).map(str::trim) {
        Ok("") => Err(docker::NO_SERVER.to_owned()),
        Ok(server) => Ok(server.to_owned()),
        Err(_) => Err(docker::NOT_FOUND.to_owned()),
    }
}

fn input() -> Result<Zeroizing<Vec<u8>>, String> {
    let bytes = helper::question(LIMIT, |_| false).map_err(|e| format!("cannot read standard input: {}", e.kind()))?;
    if bytes.len() <= LIMIT { Ok(bytes) } else { Err("standard input is too long".to_owned()) }
}

/// Runs a workflow with the home's tools; what goes wrong is told in one line.
fn with_tools<T>(work: impl FnOnce(&workflow::Tools<'_>) -> Result<T, CliError>) -> Result<T, String> {
    let run = || {
        let events = |event: Event| credential::event(&event);
        work(&Helper::new()?.tools(&events))
    };
    run().map_err(|error: CliError| {
        if let CliError::Work(workflow::Error::SeveralServe { .. }) = &error {
            // Docker has no way to name one.
            return format!("{}; `connect use NAME --default` says which answers", error.failure().message);
        }
        let failure = error.failure();
        failure.hints.first().map_or_else(|| failure.message.clone(), |hint| format!("{}; {hint}", failure.message))
    })
}
