//! `GET /meta`: what the installation is, for everybody.

use serde_json::json;

use super::{Call, Handled, Shape};
use crate::http::Answer;

/// `GET /meta`
pub(super) fn show(call: &mut Call<'_>) -> Handled {
    call.accepts("", "allows_permissionless_access=true");
    let body = match call.shape {
        Shape::Dotcom => json!({
            "verifiable_password_authentication": false,
            "ssh_key_fingerprints": { "SHA256_ED25519": "+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU" },
            "ssh_keys": [],
            "hooks": ["192.30.252.0/22", "185.199.108.0/22", "140.82.112.0/20", "143.55.64.0/20"],
            "web": ["192.30.252.0/22", "140.82.112.0/20"],
            "api": ["192.30.252.0/22", "140.82.112.0/20"],
            "git": ["192.30.252.0/22", "140.82.112.0/20"],
            "domains": { "website": ["*.github.com", "*.github.dev"] },
        }),
        Shape::EnterpriseServer(version) => json!({
            "verifiable_password_authentication": true,
            "installed_version": version.to_string(),
        }),
    };
    Ok(Answer::json(200, &body))
}
