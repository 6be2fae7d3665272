//! Payloads as GitHub really sends them, of repositories, organisations and apps: `tests/fixtures/webhooks`.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::super::{Addressed, letter};
use super::{AT, at, headers};
use crate::model::{ForgeKind, Letter};

/// Every example, by its event.
fn examples() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/webhooks");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let examples = files.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    examples.map(|path| (path.file_stem().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap())).collect()
}

fn read(event: &str, kind: &str, body: &[u8]) -> Letter {
    let connection = "octocat@github.com".parse().unwrap();
    let to = Addressed { forge: ForgeKind::GitHub, connection: &connection, endpoint: "e", at: at(AT) };
    let said = headers(&[("content-type", kind), ("x-github-event", event), ("x-github-delivery", "d-1")]);
    letter(&to, &said, body.to_vec()).unwrap_or_else(|e| panic!("{event}: {e}"))
}

#[test]
fn their_facts_are_those_of_the_whole_document() {
    let examples = examples();
    assert!(examples.len() >= 14);
    for (event, body) in &examples {
        let whole: Value = serde_json::from_slice(body).unwrap();
        let text = |pointer: &str| whole.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let expected = (text("/action"), text("/repository/full_name"), text("/sender/login"));
        let form = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("payload", std::str::from_utf8(body).unwrap())
            .finish();
        for letter in
            [read(event, "application/json", body), read(event, "application/x-www-form-urlencoded", form.as_bytes())]
        {
            assert_eq!(&letter.event, event);
            assert_eq!((letter.action.clone(), letter.repository.clone(), letter.sender.clone()), expected, "{event}");
            let payload: Value = serde_json::from_str(&letter.payload().unwrap()).unwrap();
            assert_eq!(payload, whole, "{event}");
        }
    }
}
