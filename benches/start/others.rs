//! The programs that connect is compared with, compiled here and now by the same compiler.

#![allow(clippy::disallowed_methods, reason = "sources of programs that live for one run")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A program that does nothing.
const EMPTY: &str = "fn main() {}";

/// A program that reads every file of a folder and does nothing with it.
const READER: &str = r#"
fn main() {
    let folder = std::env::args().nth(1).unwrap();
    let entries = std::fs::read_dir(folder).unwrap();
    let read: usize = entries.map(|entry| std::fs::read(entry.unwrap().path()).unwrap().len()).sum();
    println!("{read}");
}
"#;

/// Does nothing.
pub fn empty(folder: &Path) -> PathBuf {
    compile(folder, "empty", EMPTY)
}

/// Reads every file of the folder in its first argument.
pub fn reader(folder: &Path) -> PathBuf {
    compile(folder, "reader", READER)
}

fn compile(folder: &Path, name: &str, source: &str) -> PathBuf {
    let (from, to) = (folder.join(format!("{name}.rs")), folder.join(name));
    fs::write(&from, source).unwrap();
    let status = Command::new("rustc").args(["-O", "--edition", "2024", "-o"]).arg(&to).arg(&from).status().unwrap();
    assert!(status.success(), "rustc does not compile {name}");
    to
}
