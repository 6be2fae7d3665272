//! A plain HTTP client for the tests: it follows no redirect and hides nothing.

use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Method, Response};
use serde_json::Value;

/// What came back.
#[derive(Debug)]
#[must_use]
pub struct Seen {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: String,
}

impl Seen {
    pub async fn of(response: Response) -> Self {
        Self {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: response.text().await.unwrap(),
        }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

pub fn builder() -> ClientBuilder {
    // A second installation fails, and is as good as the first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().redirect(Policy::none()).user_agent("forge-sandbox-tests").no_proxy()
}

pub fn client() -> Client {
    builder().build().unwrap()
}

/// A request with a bearer token, or without one when it is empty.
pub async fn send(method: &str, url: &str, token: &str) -> Seen {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let mut request = client().request(method, url);
    if !token.is_empty() {
        request = request.bearer_auth(token);
    }
    Seen::of(request.send().await.unwrap()).await
}

pub async fn get(url: &str, token: &str) -> Seen {
    send("GET", url, token).await
}
