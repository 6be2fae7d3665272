//! Deliveries passed on to a URL of the user's: the same bytes, and the same headers.
//!
//! Not to a forge, but over the same library: nothing else here may use it. No redirect is followed, because it would
//! turn a delivery into a question; this machine's own addresses are reached without a proxy.

use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect;
use url::Url;

use super::{ForgeError, ForgeErrorKind, network, tls};
use crate::model::Letter;
use crate::model::host::is_loopback;

/// What came of passing a delivery on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Passed {
    /// It was taken: 2xx.
    Taken,
    /// It was answered with another status.
    Refused(u16),
    /// There was no answer, and why.
    Unanswered(ForgeError),
}

/// Passes deliveries on to one URL.
#[derive(Debug, Clone)]
pub struct Forwarder {
    client: reqwest::Client,
    url: Url,
    host: String,
}

impl Forwarder {
    /// A forwarder with a time limit for each delivery.
    ///
    /// # Errors
    /// [`ForgeErrorKind::CannotBuild`].
    pub fn new(url: Url, timeout: Duration) -> Result<Self, ForgeError> {
        tls::install_ring();
        let near = is_loopback(&url);
        let new = || {
            let client = reqwest::Client::builder().redirect(redirect::Policy::none()).timeout(timeout);
            if near { client.no_proxy() } else { client }
        };
        let client = tls::build(new, None).ok_or_else(|| ForgeError::new(ForgeErrorKind::CannotBuild, ""))?;
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        let host = format!("{}{port}", url.host_str().unwrap_or_default());
        Ok(Self { client, url, host })
    }

    /// The machine it goes to, for people: name and port.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Passes one on, once.
    pub async fn pass(&self, letter: &Letter) -> Passed {
        let request = self.client.post(self.url.clone()).headers(headers(letter)).body(letter.body.clone());
        match request.send().await {
            Ok(answer) if answer.status().is_success() => Passed::Taken,
            Ok(answer) => Passed::Refused(answer.status().as_u16()),
            Err(error) => Passed::Unanswered(ForgeError::new(network::cause(&error), &self.host)),
        }
    }
}

/// The headers that were kept, each byte as it was.
fn headers(letter: &Letter) -> HeaderMap {
    let mut map = HeaderMap::with_capacity(letter.headers.len());
    for (name, value) in &letter.headers {
        let bytes: Option<Vec<u8>> = value.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
        let value = bytes.and_then(|bytes| HeaderValue::from_bytes(&bytes).ok());
        if let (Ok(name), Some(value)) = (HeaderName::from_bytes(name.as_bytes()), value) {
            map.append(name, value);
        }
    }
    map
}
