//! `connect webhook`, and the webhook's secret of a connection.

mod secrets;
mod settings;

use forge_sandbox::Sandbox;
use serde_json::Value;

use crate::support::{Home, Output};

/// A webhook secret that somebody has entered at the forge.
const GIVEN: &str = "a phrase that was typed into a form";

/// A signing token as GitLab takes it.
const SIGNING: &str = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

/// A connection without a token, for github.com; the secret is made, and kept in the store `plain`.
fn receiver(home: &Home, world: &Sandbox, name: &str) -> Output {
    home.connect(["github", "--api-url", &world.dotcom_api_url(), "--webhook-only", "--store", "plain"])
        .with(["--name", name])
        .ends()
        .succeeds()
}

/// The secret of a connection, as the program gives it out.
fn secret(home: &Home, name: &str) -> String {
    let output = home.connect(["webhook", "settings", name, "--secret-only"]).ends().succeeds();
    output.stdout().trim_end_matches('\n').to_owned()
}

fn webhook(home: &Home, name: &str) -> Value {
    home.record(name)["webhook"].clone()
}
