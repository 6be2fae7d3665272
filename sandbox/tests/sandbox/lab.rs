//! A short hand for GitLab's writing routes.

use forge_sandbox::Sandbox;
use reqwest::{Certificate, Method};
use serde_json::Value;

use crate::client::{Seen, builder, client};

/// The project of the start that `maintainer` keeps.
pub const DASHBOARD: &str = "/projects/agility-game%2Fhome-assistant%2Fdashboard";

/// The number of the group that `maintainer` keeps.
pub const GROUP: u64 = 11;

/// A request with a JSON body (none if `null`), by a token that the sandbox names.
pub async fn ask(sandbox: &Sandbox, method: &str, path: &str, token: &str, body: Value) -> Seen {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let client = match sandbox.ca_certificate() {
        None => client(),
        Some(file) => {
            let authority = Certificate::from_pem(&std::fs::read(file).unwrap()).unwrap();
            builder().tls_certs_only([authority]).build().unwrap()
        }
    };
    let mut request = client.request(method, format!("{}{path}", sandbox.gitlab_api_url()));
    if !token.is_empty() {
        request = request.bearer_auth(sandbox.gitlab_token(token));
    }
    if !body.is_null() {
        request = request.json(&body);
    }
    Seen::of(request.send().await.unwrap()).await
}

pub async fn get(sandbox: &Sandbox, path: &str, token: &str) -> Seen {
    ask(sandbox, "GET", path, token, Value::Null).await
}

pub async fn post(sandbox: &Sandbox, path: &str, token: &str, body: Value) -> Seen {
    ask(sandbox, "POST", path, token, body).await
}

pub async fn put(sandbox: &Sandbox, path: &str, token: &str, body: Value) -> Seen {
    ask(sandbox, "PUT", path, token, body).await
}

pub async fn delete(sandbox: &Sandbox, path: &str, token: &str) -> Seen {
    ask(sandbox, "DELETE", path, token, Value::Null).await
}

/// A project as the state shows it, by its full path.
pub fn project(sandbox: &Sandbox, full_path: &str) -> Value {
    let state = sandbox.state();
    let projects = state["gitlab"]["projects"].as_array().unwrap();
    projects.iter().find(|it| it["full_path"] == full_path).cloned().unwrap_or(Value::Null)
}
