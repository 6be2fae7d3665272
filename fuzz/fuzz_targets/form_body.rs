//! Bodies of deliveries, of GitHub's forms above all: nothing breaks, and what is read is in the body.

#![no_main]

use connect::model::letter::{Packing, payload};
use connect::model::ForgeKind;
use connect::receiver::{Addressed, letter};
use http::HeaderMap;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    let connection = "work".parse().expect("a name");
    for (packing, kind) in [
        (Packing::Form, "application/x-www-form-urlencoded"),
        (Packing::Json, "application/json"),
    ] {
        let text = payload(packing, body);
        let mut headers = HeaderMap::new();
        for (name, value) in [("content-type", kind), ("x-github-event", "push"), ("x-github-delivery", "1")] {
            headers.insert(name, value.parse().expect("a value"));
        }
        let to = Addressed {
            forge: ForgeKind::GitHub,
            connection: &connection,
            endpoint: "e",
            at: jiff::Timestamp::UNIX_EPOCH,
        };
        if let Ok(read) = letter(&to, &headers, body.to_vec()) {
            // Only what holds JSON is a delivery, and its bytes stay as they came.
            assert!(text.is_some());
            assert_eq!(read.body, body);
            assert_eq!(read.payload(), text);
        }
    }
});
