//! What git keeps: the file of its helper `store`, one URL with name and password a line (gitcredentials(7),
//! git-credential-store(1)), and whatever a helper answers for a host that the user named.

use std::ops::Range;

use zeroize::Zeroizing;

use super::file::MOST;
use super::program::{Programs, run};
use super::userinfo::{self, Credential};

/// A line with a secret.
pub(super) struct Entry {
    pub credential: Credential,
    pub line: usize,
    pub cut: Range<usize>,
}

/// Reads a file of `credential-store`, as far as one entry beyond [`MOST`]. Lines that are nothing of the kind are git's to
/// care about.
pub(super) fn read(text: &str) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut from = 0;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let cut = from..from + line.len();
        from = cut.end;
        if let Some(credential) = userinfo::read(line) {
            entries.push(Entry { credential, line: index + 1, cut });
        }
        if entries.len() > MOST {
            break;
        }
    }
    entries
}

/// The files that git is told to keep passwords in: `credential.helper = store --file …`, from the user's configuration.
/// `~` at the beginning is left to the caller.
pub(super) async fn store_files(programs: &Programs) -> Vec<String> {
    let git = programs.named("git").arguments(["config", "--get-all", "credential.helper"]);
    let Ok(said) = run(git).await else { return Vec::new() };
    said.text().lines().filter_map(store_file).collect()
}

fn store_file(helper: &str) -> Option<String> {
    let words = shell_words::split(helper).ok()?;
    let (name, options) = words.split_first()?;
    if name != "store" && !name.ends_with("git-credential-store") {
        return None;
    }
    let mut options = options.iter();
    while let Some(option) = options.next() {
        match option.split_once('=') {
            Some(("--file", path)) => return Some(path.to_owned()),
            None if option == "--file" => return options.next().cloned(),
            _ => {}
        }
    }
    None
}

/// What git's helpers answer for a host: its user name and its secret. No helper may ask anybody.
pub(super) async fn filled(
    programs: &Programs,
    protocol: &str,
    host: &str,
) -> Option<(Option<String>, Zeroizing<String>)> {
    if host.contains(['\n', '\r', '\0']) {
        return None;
    }
    let git = programs
        .named("git")
        .arguments(["-c", "credential.interactive=false", "-c", "core.askPass=", "credential", "fill"])
        .input(format!("protocol={protocol}\nhost={host}\n\n"));
    let said = run(git).await.ok()?;
    let said = said.text();
    let value = |key: &str| said.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
    let token = value("password").filter(|token| !token.is_empty())?;
    Some((value("username").and_then(userinfo::name), Zeroizing::new(token.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_git_is_told_to_keep_passwords() {
        assert_eq!(store_file("store --file ~/x"), Some("~/x".into()));
        assert_eq!(store_file("store --file='/a b/c'"), Some("/a b/c".into()));
        assert_eq!(store_file("/usr/lib/git-core/git-credential-store --file=/x"), Some("/x".into()));
        for other in ["store", "cache --timeout 3", "!f() { echo x; }; f", "", "'"] {
            assert_eq!(store_file(other), None, "{other}");
        }
    }
}
