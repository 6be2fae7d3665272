//! Nothing expires unnoticed: metrics, copies that lag behind, ends that were told by the way, and the daily word.

mod exposition;
mod learnt;
mod mentioned;
mod metrics;
mod stale;

use serde_json::{Value, json};

use crate::support::Home;

/// A copy of a connection's token at a place, which has the present token or another one.
pub(crate) fn copied(home: &Home, name: &str, target: &str, present: bool) {
    home.edit_record(name, |record| {
        let other = Value::from(format!("sha256:{}", "0".repeat(64)));
        let fingerprint = if present { record["token"]["fingerprint"].clone() } else { other };
        let copy = json!({ "kind": "gitlab-variable", "target": target, "name": "DEPLOY_TOKEN", "id": 7, "via": name,
            "fingerprint": fingerprint, "since": "2026-10-01T08:00:00Z" });
        record["destinations"].as_array_mut().unwrap().push(copy);
    });
}
