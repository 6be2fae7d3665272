//! The plan of the house, enforced: which room may use which, which outside library belongs to which
//! room, and in how few places a secret comes out.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Which rooms each room may use. What is not listed points upwards or sideways.
const MAY_USE: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("files", &["model"]),
    ("forge", &["files", "model"]),
    ("store", &["files", "model"]),
    ("catalog", &["files", "model"]),
    ("receiver", &["files", "model"]),
    ("git", &["files", "model"]),
    ("workflow", &["forge", "store", "catalog", "receiver", "git", "files", "model"]),
    ("output", &["workflow", "forge", "store", "catalog", "git", "files", "model"]),
    ("cli", &["output", "workflow", "forge", "store", "catalog", "git", "files", "model"]),
    ("main.rs", &["cli"]),
    ("bin", &["cli"]),
    ("lib.rs", &[]),
];

/// Which outside libraries are at home in one room (or two) and nowhere else.
const AT_HOME: &[(&str, &[&str])] = &[
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli"]),
    ("rpassword", &["cli"]),
    ("rustix", &["cli", "files", "workflow"]),
    ("open", &["cli"]),
    ("etcetera", &["cli"]),
    ("reqwest", &["forge"]),
    ("rustls", &["forge", "receiver"]),
    ("tokio_rustls", &["receiver"]),
    ("hyper", &["receiver"]),
    ("hyper_util", &["forge", "receiver"]),
    ("axum", &["receiver"]),
    ("hmac", &["receiver"]),
    ("subtle", &["receiver"]),
    ("hex", &["catalog", "model", "receiver"]),
    ("redb", &["catalog"]),
    ("shell_words", &["cli", "git", "workflow"]),
    ("crypto_box", &["forge"]),
    ("base64", &["forge", "model", "receiver", "workflow"]),
    ("strsim", &["model"]),
    ("backon", &["forge", "workflow"]),
    ("keyring", &["store"]),
    ("keyring_core", &["store"]),
    ("age", &["store"]),
    ("zbus", &["store"]),
    ("saphyr_parser", &["workflow"]),
    ("secrecy", &["model"]),
    ("comfy_table", &["output"]),
    ("indicatif", &["output"]),
    ("anstream", &["output"]),
    ("anstyle", &["output"]),
    ("tracing_subscriber", &["output"]),
    ("tempfile", &["files"]),
    ("toml_edit", &["catalog"]),
    ("whoami", &["cli"]),
    ("std::env", &["cli"]),
];

/// Where a secret may come out, and how often. A new place is a decision, not an accident.
const REVEALED: &[(&str, usize)] = &[
    ("forge/body.rs", 1),
    ("forge/github/secrets.rs", 1),
    ("forge/gitlab/rotation.rs", 1),
    ("forge/http.rs", 1),
    ("forge/words.rs", 1),
    ("git/credential/packed.rs", 1),
    ("git/credential/write.rs", 1),
    ("model/secret.rs", 6),
    ("model/shape.rs", 2),
    ("output/docker.rs", 1),
    ("output/handed.rs", 1),
    ("output/human/webhook.rs", 2),
    ("output/screen.rs", 2),
    ("receiver/verify.rs", 1),
    ("store/age_file.rs", 1),
    ("store/env.rs", 1),
    ("store/envelope.rs", 2),
    ("store/escrow.rs", 2),
    ("store/identity.rs", 1),
    ("store/keyring.rs", 1),
    ("store/mod.rs", 1),
    ("store/plain.rs", 1),
    ("workflow/destination/local.rs", 2),
    ("workflow/exec/run.rs", 1),
];

fn sources() -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && path.file_name().is_some_and(|name| name != "tests") {
                walk(&path, found);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push((path.clone(), fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    walk(&root, &mut found);
    found.sort();
    found.into_iter().map(|(path, text)| (path.strip_prefix(&root).unwrap().to_owned(), shipped(&text))).collect()
}

/// The code that is shipped: without comments and without the tests at the end of a file.
fn shipped(text: &str) -> String {
    let code = text.split("#[cfg(test)]\nmod ").next().unwrap();
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn room(path: &Path) -> String {
    path.components().next().unwrap().as_os_str().to_str().unwrap().to_owned()
}

/// Whether a path like `keyring::` stands in the code as a whole word.
fn mentions(code: &str, path: &str) -> bool {
    let wanted = format!("{path}::");
    code.match_indices(&wanted).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':')
    })
}

#[test]
fn dependencies_point_downwards() {
    let allowed: BTreeMap<&str, &[&str]> = MAY_USE.iter().copied().collect();
    let mut wrong = Vec::new();
    for (path, code) in sources() {
        let room = room(&path);
        let may = allowed.get(room.as_str()).unwrap_or_else(|| panic!("{room} is no room of the plan"));
        let own = if matches!(room.as_str(), "main.rs" | "bin") { "connect::" } else { "crate::" };
        for (at, _) in code.match_indices(own) {
            let rest = &code[at + own.len()..];
            let used: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if !used.is_empty() && used != room && !may.contains(&used.as_str()) && allowed.contains_key(used.as_str())
            {
                wrong.push(format!("{} uses {used}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn outside_libraries_stay_in_their_rooms() {
    let mut wrong = Vec::new();
    for (path, code) in sources() {
        for (library, rooms) in AT_HOME {
            if mentions(&code, library) && !rooms.contains(&room(&path).as_str()) {
                wrong.push(format!("{} uses {library}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn secrets_come_out_in_few_places() {
    let mut found = BTreeMap::new();
    for (path, code) in sources() {
        let count = code.matches(".reveal()").count() + code.matches("Secret::reveal").count();
        if count > 0 {
            found.insert(path.to_str().unwrap().replace('\\', "/"), count);
        }
    }
    let expected: BTreeMap<String, usize> = REVEALED.iter().map(|(path, count)| ((*path).to_owned(), *count)).collect();
    assert_eq!(found, expected, "a secret comes out somewhere new, or no longer where the list says");
}

#[test]
fn only_output_prints() {
    let mut wrong = Vec::new();
    for (path, code) in sources() {
        if room(&path) != "output"
            && ["println!(", "eprintln!(", "print!(", "eprint!(", "dbg!("].iter().any(|m| code.contains(m))
        {
            wrong.push(path.display().to_string());
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
