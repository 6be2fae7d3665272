//! Repositories below a folder, and the secrets in their configuration: addresses of remotes with a token in them
//! (`https://oauth2:TOKEN@…`), and the header that CI systems leave behind (`http.….extraheader`).
//!
//! The walk goes a limited way down, follows no symbolic link, and looks into `.git` for submodules and work trees only.
//! git itself reads each configuration, one file and no includes; most files have nothing in them and are not even shown to git.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use zeroize::Zeroizing;

use super::file;
use super::program::{Programs, Silent, run};
use super::scan::Unread;
use super::stray::{Cut, Found, Place, Source};
use super::userinfo;
use crate::model::text::without_tokens;
use crate::model::{Fingerprint, Secret};

/// How many folders deep repositories are looked for.
const DEEPEST: usize = 12;

/// How many folders are opened; then the walk ends, and says so.
const MOST: usize = 200_000;

/// The secrets in all repositories below a folder.
pub(super) async fn below(programs: &Programs, folder: &Path, unread: &mut Vec<Unread>) -> Vec<Found> {
    let mut walk = Walk { configs: BTreeSet::new(), opened: 0 };
    walk.visit(folder, 0, unread);
    if walk.opened >= MOST {
        unread.push(Unread { path: folder.to_owned(), why: format!("only the first {MOST} folders were looked at") });
    }
    let mut found = Vec::new();
    for config in walk.configs {
        let Some(text) = file::text(&config, unread) else { continue };
        if !is_suspicious(&text) {
            continue;
        }
        match list(programs, &config).await {
            Ok(pairs) => found.extend(secrets(&config, &pairs)),
            Err(Silent::Missing) => unread.push(Unread { path: config, why: "git is needed to read it".into() }),
            Err(_) => unread.push(Unread { path: config, why: "git does not read it".into() }),
        }
    }
    found
}

struct Walk {
    configs: BTreeSet<PathBuf>,
    opened: usize,
}

impl Walk {
    fn visit(&mut self, folder: &Path, depth: usize, unread: &mut Vec<Unread>) {
        if depth > DEEPEST || self.opened >= MOST {
            return;
        }
        self.opened += 1;
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(e) => return unread.push(Unread { path: folder.to_owned(), why: e.kind().to_string() }),
        };
        let mut folders = Vec::new();
        for entry in entries.flatten() {
            // The kind of the entry itself: a link is none of these.
            let Ok(kind) = entry.file_type() else { continue };
            let path = entry.path();
            match (entry.file_name() == ".git", kind.is_dir(), kind.is_file()) {
                (true, true, _) => self.repository(&path, 0),
                (true, _, true) => self.pointer(&path),
                (false, true, _) => folders.push(path),
                _ => {}
            }
        }
        folders.sort_unstable();
        if is_git_dir(folder) {
            return self.repository(folder, 0);
        }
        folders.iter().for_each(|folder| self.visit(folder, depth + 1, unread));
    }

    /// A `.git`, or a bare repository; the submodules that it keeps, and its work trees.
    fn repository(&mut self, git_dir: &Path, depth: usize) {
        if depth > DEEPEST {
            return;
        }
        self.config(&git_dir.join("config"));
        for (place, name) in [("worktrees", "config.worktree"), ("modules", "config")] {
            for entry in fs::read_dir(git_dir.join(place)).into_iter().flatten().flatten() {
                let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
                match (is_folder, place) {
                    (true, "worktrees") => self.config(&entry.path().join(name)),
                    (true, _) => self.module(&entry.path(), depth + 1),
                    _ => {}
                }
            }
        }
    }

    /// A submodule's name may have slashes in it.
    fn module(&mut self, folder: &Path, depth: usize) {
        if is_git_dir(folder) {
            return self.repository(folder, depth);
        }
        if depth <= DEEPEST {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    self.module(&entry.path(), depth + 1);
                }
            }
        }
    }

    /// A file `.git` that says where the repository is: `gitdir: PATH` (gitrepository-layout(5)).
    fn pointer(&mut self, path: &Path) {
        let Some(text) = file::text(path, &mut Vec::new()) else { return };
        let Some(there) = text.strip_prefix("gitdir:").map(str::trim) else { return };
        let there = path.parent().unwrap_or(Path::new(".")).join(there);
        self.config(&there.join("config"));
        self.config(&there.join("config.worktree"));
        if let Some(common) = file::text(&there.join("commondir"), &mut Vec::new()) {
            self.config(&there.join(common.trim()).join("config"));
        }
    }

    fn config(&mut self, path: &Path) {
        if let Ok(path) = fs::canonicalize(path) {
            self.configs.insert(path);
        }
    }
}

fn is_git_dir(folder: &Path) -> bool {
    folder.join("HEAD").is_file() && folder.join("objects").is_dir() && folder.join("config").is_file()
}

/// Whether a configuration may have a secret in it at all.
fn is_suspicious(text: &str) -> bool {
    let lower = Zeroizing::new(text.to_ascii_lowercase());
    lower.contains("extraheader")
        || lower.lines().any(|line| line.split_once("://").is_some_and(|(_, rest)| rest.contains('@')))
}

/// Whether a configuration has this very secret under a key; nothing when git does not read it.
pub(super) async fn has(programs: &Programs, config: &Path, key: &str, fingerprint: &Fingerprint) -> Option<bool> {
    let found = secrets(config, &list(programs, config).await.ok()?);
    let is_it = |found: &Found| matches!(&found.place, Place::Config { key: there, .. } if there == key);
    Some(found.iter().any(|found| is_it(found) && found.secret.fingerprint() == *fingerprint))
}

/// All keys and values of a file, as git reads it.
async fn list(programs: &Programs, config: &Path) -> Result<Vec<(String, Zeroizing<String>)>, Silent> {
    let git =
        programs.named("git").arguments(["config", "--no-includes", "-z", "--list", "--file"]).arguments([config]);
    let said = run(git.alone()).await?;
    let pair = |entry: &str| {
        let (key, value) = entry.split_once('\n')?;
        Some((key.to_owned(), Zeroizing::new(value.to_owned())))
    };
    Ok(said.text().split('\0').filter_map(pair).collect())
}

/// The secrets among keys and values.
fn secrets(config: &Path, pairs: &[(String, Zeroizing<String>)]) -> Vec<Found> {
    let once = |key: &str| pairs.iter().filter(|(other, _)| other == key).count() == 1;
    let mut found = Vec::new();
    for (key, value) in pairs {
        // An address in the key itself (`url.….insteadOf`) is for a person to take out.
        let in_key =
            key.strip_prefix("url.").and_then(|rest| rest.rsplit_once('.')).and_then(|(url, _)| userinfo::read(url));
        let is_header = key.ends_with(".extraheader") || key == "http.extraheader";
        let (address, user, secret, cut, key) = if let Some(credential) = in_key {
            (Some(credential.address), credential.user, credential.secret, Cut::ByHand, "url.….insteadOf".to_owned())
        } else if let Some(credential) = userinfo::read(value) {
            // What is left is written by way of a command line: no second secret may be in it.
            let bare = !credential.clean.contains('?') && without_tokens(&credential.clean) == credential.clean;
            let cut = if once(key) && bare { Cut::Value(credential.clean) } else { Cut::ByHand };
            (Some(credential.address), credential.user, credential.secret, cut, key.clone())
        } else if let Some((user, secret)) = is_header.then(|| header(value)).flatten() {
            let url = key.strip_prefix("http.").and_then(|rest| rest.strip_suffix(".extraheader"));
            let hides_one = key.contains('@');
            let cut = if once(key) && !hides_one { Cut::Unset } else { Cut::ByHand };
            let shown = if hides_one { "http.….extraheader".to_owned() } else { key.clone() };
            (url.map(str::to_owned), user, secret, cut, shown)
        } else {
            continue;
        };
        let place = Place::Config { path: config.to_owned(), key };
        found.push(Found { source: Source::Git, place, cut, address, forge: None, user, oauth: false, secret });
    }
    found
}

/// `AUTHORIZATION: basic …`, as `actions/checkout` writes it, or a bearer.
fn header(value: &str) -> Option<(Option<String>, Secret)> {
    let (name, rest) = value.split_once(':')?;
    if !name.trim().eq_ignore_ascii_case("authorization") {
        return None;
    }
    let (scheme, secret) = rest.trim().split_once(' ')?;
    let secret = secret.trim();
    if !scheme.eq_ignore_ascii_case("basic") {
        return Some((None, Secret::from_input(Zeroizing::new(secret.to_owned())).ok()?));
    }
    let bytes = Zeroizing::new(base64::engine::general_purpose::STANDARD.decode(secret).ok()?);
    let (user, password) = std::str::from_utf8(&bytes).ok()?.split_once(':')?;
    let secret = Secret::from_input(Zeroizing::new(password.to_owned())).ok()?;
    Some((userinfo::name(user), secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_secret_and_how_it_goes() {
        let pair = |key: &str, value: &str| (key.to_owned(), Zeroizing::new(value.to_owned()));
        let found = secrets(
            Path::new("/x"),
            &[
                pair("remote.origin.url", "https://octocat:ghp_one@github.com/o/r.git"),
                pair("remote.origin.fetch", "+refs/heads/*:refs/remotes/origin/*"),
                pair("remote.two.url", "https://oauth2:glpat-two@gitlab.example.com:8443/g/p.git"),
                pair("remote.two.url", "git@github.com:o/r.git"),
                pair("remote.three.url", "https://ghp_three@github.com/o/r"),
                pair("remote.more.url", "https://x:ghp_more@github.com/o/r?private_token=abc"),
                pair("remote.four.url", "https://octocat@github.com/o/r"),
                pair("http.https://github.com/.extraheader", "AUTHORIZATION: basic eC1hY2Nlc3MtdG9rZW46Z2hzX2ZvdXI="),
                pair("url.https://ghp_five@github.com/.insteadof", "https://github.com/"),
            ],
        );
        let shown: Vec<_> =
            found.iter().map(|found| (found.address.as_deref(), found.user.as_deref(), &found.cut)).collect();
        let clean = |url: &str| Cut::Value(url.to_owned());
        assert_eq!(
            shown,
            [
                (Some("https://github.com"), Some("octocat"), &clean("https://octocat@github.com/o/r.git")),
                (Some("https://gitlab.example.com:8443"), None, &Cut::ByHand),
                (Some("https://github.com"), None, &clean("https://github.com/o/r")),
                (Some("https://github.com"), Some("x"), &Cut::ByHand),
                (Some("https://github.com/"), None, &Cut::Unset),
                (Some("https://github.com"), None, &Cut::ByHand),
            ]
        );
        let tokens: Vec<_> = found.iter().map(|found| found.secret.fingerprint()).collect();
        let wanted = ["ghp_one", "glpat-two", "ghp_three", "ghp_more", "ghs_four", "ghp_five"];
        assert_eq!(tokens, wanted.map(|text| Secret::new(text.to_owned()).fingerprint()));
    }
}
