//! `GET /version` and `GET /metadata`: which GitLab this is. The edition, not the tier.

use serde_json::json;

use super::{Call, Handled, Needs};
use crate::http::Answer;
use crate::world::Tier;

const READ: Needs = Needs { scopes: &["api", "read_api", "read_user"], permission: "Metadata: Read" };
const REVISION: &str = "6d4e9f4b1d2";

/// `GET /version`
pub(super) fn version(call: &mut Call<'_>) -> Handled {
    show(call)
}

/// `GET /metadata`
pub(super) fn show(call: &mut Call<'_>) -> Handled {
    call.allowed(READ)?;
    let enterprise = call.tier != Tier::Community;
    Ok(Answer::json(
        200,
        &json!({
            "version": format!("{}{}", call.version, if enterprise { "-ee" } else { "" }),
            "revision": REVISION,
            "kas": {
                "enabled": true,
                "externalUrl": "grpc://localhost:8150",
                "externalK8sProxyUrl": format!("{}/-/kubernetes-agent/k8s-proxy/", call.site),
                "version": call.version.to_string(),
            },
            "enterprise": enterprise,
        }),
    ))
}
