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

/// A program that puts files into a folder, one after the other, each whole and synced with its folder, adds lines to the
/// first of them, each synced, then lets some of them go and syncs the folder; a round of it is what a rotation puts on
/// disk. Its arguments: the folder, how many rounds, how many files and lines a round, how many of the files go again.
const SYNCER: &str = r#"
use std::fs::{self, File};
use std::io::Write;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let folder = std::path::Path::new(&args[0]);
    let [rounds, files, lines, gone] = [1, 2, 3, 4].map(|at| args[at].parse::<usize>().unwrap());
    let sync = |path: &std::path::Path| File::open(path).unwrap().sync_all().unwrap();
    for round in 0..rounds {
        let name = |number: usize| folder.join(format!("{round}-{number}"));
        for number in 0..files {
            let unfinished = folder.join(format!(".{number}"));
            let mut file = File::create(&unfinished).unwrap();
            file.write_all(&[b'x'; 800]).unwrap();
            file.sync_all().unwrap();
            fs::rename(&unfinished, name(number)).unwrap();
            sync(folder);
        }
        for _ in 0..lines {
            let mut file = File::options().append(true).open(name(0)).unwrap();
            file.write_all(&[b'x'; 800]).unwrap();
            file.sync_all().unwrap();
        }
        for number in 0..gone {
            fs::remove_file(name(number)).unwrap();
        }
        sync(folder);
    }
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

/// Writes and syncs files in the folder in its first argument.
pub fn syncer(folder: &Path) -> PathBuf {
    compile(folder, "syncer", SYNCER)
}

fn compile(folder: &Path, name: &str, source: &str) -> PathBuf {
    let (from, to) = (folder.join(format!("{name}.rs")), folder.join(name));
    fs::write(&from, source).unwrap();
    let status = Command::new("rustc").args(["-O", "--edition", "2024", "-o"]).arg(&to).arg(&from).status().unwrap();
    assert!(status.success(), "rustc does not compile {name}");
    to
}
