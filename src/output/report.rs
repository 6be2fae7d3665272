//! Texts that may be pasted where anybody reads them: `connect doctor --report`.
//!
//! Names are replaced wherever they stand, longest first; then whatever else looks like an address, a
//! path, a digest or an id goes, known or not. What is left are the words of connect itself.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use url::Url;

use super::failure::doctor::Told;
use crate::catalog::Home;
use crate::files;
use crate::model::{Connection, ConnectionName, StoreKind};

/// Parts of paths that say nothing of anybody.
const PLAIN_PARTS: [&str; 21] = [
    "~",
    "$CONNECT_HOME",
    ".config",
    ".local",
    "share",
    "state",
    "data",
    "config",
    "connect",
    "connections",
    "secrets",
    "journal",
    "locks",
    "imports",
    "spool",
    "Library",
    "AppData",
    "config.toml",
    "identity.age",
    "recipients.txt",
    "identity-path",
];

/// What the user's home and connect's folders are called in a text.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// The user's home folder.
    pub user_home: Option<PathBuf>,
    /// `CONNECT_HOME`, where it is set.
    pub connect_home: Option<PathBuf>,
}

impl Places {
    /// A text in which the user's home folder is `~`.
    pub fn tilde(&self, text: &str) -> String {
        match &self.user_home {
            Some(home) => replace_path(text, home, "~"),
            None => text.to_owned(),
        }
    }

    /// The same, with `$CONNECT_HOME` for the folder that it names.
    fn shortened(&self, text: &str) -> String {
        match &self.connect_home {
            Some(home) => self.tilde(&replace_path(text, home, "$CONNECT_HOME")),
            None => self.tilde(text),
        }
    }
}

/// Replaces a folder where it stands whole: followed by a slash or by the end of the word.
fn replace_path(text: &str, folder: &Path, with: &str) -> String {
    let folder = folder.display().to_string();
    let folder = folder.trim_end_matches('/');
    if folder.len() < 2 {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(folder) {
        let after = rest.get(at + folder.len()..).unwrap_or_default();
        let whole = !after.starts_with(|c: char| c.is_alphanumeric() || "-_.".contains(c));
        out.push_str(rest.get(..at).unwrap_or_default());
        out.push_str(if whole { with } else { folder });
        rest = after;
    }
    out + rest
}

/// Takes out whatever tells who somebody is, or where.
#[derive(Debug)]
pub struct Redactor {
    places: Places,
    /// What stands for what; the longest is replaced first.
    names: Vec<(String, String)>,
}

impl Redactor {
    /// Knows the connections, and `more` names with what stands for each: the user's, the machine's, a proxy's.
    pub fn new(
        places: Places,
        home: &Home,
        connections: &[Connection],
        all: &[ConnectionName],
        more: &[(String, &str)],
    ) -> Self {
        let mut names = Names::default();
        for connection in connections {
            names.add_connection(connection);
        }
        for name in all {
            names.add_name(name);
        }
        for (text, stands_for) in more {
            names.add(text, stands_for);
        }
        for folder in [home.config.clone(), home.connections(), home.secrets(), home.journal(), home.locks()] {
            // A name with spaces in it would be taken for several words. The others lose their last part below.
            let all = files::everything(&folder).unwrap_or_default();
            for path in all.iter().filter(|path| path.display().to_string().contains(SEPARATORS)) {
                names.add(&places.shortened(&path.display().to_string()), "PATH");
            }
        }
        let mut names: Vec<(String, String)> = names.known.into_iter().collect();
        names.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        Self { places, names }
    }

    /// A link without anything that tells who or where.
    #[must_use]
    pub fn link(&self, told: &Told) -> Told {
        Told {
            name: self.text(&told.name),
            message: self.text(&told.message),
            mends: told.mends.iter().map(|mend| self.text(mend)).collect(),
            connection: told.connection.as_deref().map(|name| self.text(name)),
            host: told.host.as_deref().map(|host| self.text(host)),
            ..told.clone()
        }
    }

    /// A text without anything that tells who or where.
    pub fn text(&self, text: &str) -> String {
        let mut text = self.places.shortened(text);
        for (name, stands_for) in &self.names {
            text = replace_word(&text, name, stands_for);
        }
        words(&text)
    }
}

/// The names that are known, and what stands for each.
#[derive(Default)]
struct Names {
    known: BTreeMap<String, String>,
    connections: usize,
    hosts: BTreeMap<String, usize>,
}

impl Names {
    fn add(&mut self, name: &str, stands_for: &str) {
        if name.chars().count() > 1 {
            self.known.entry(name.to_owned()).or_insert_with(|| stands_for.to_owned());
        }
    }

    fn add_name(&mut self, name: &ConnectionName) -> String {
        if let Some(known) = self.known.get(name.as_str()) {
            return known.clone();
        }
        self.connections += 1;
        let stands_for = format!("connection-{}", self.connections);
        self.add(name.as_str(), &stands_for);
        self.add(&name.file_stem(), &stands_for);
        stands_for
    }

    fn add_connection(&mut self, connection: &Connection) {
        let stands_for = self.add_name(&connection.name);
        if let Some(account) = &connection.account {
            self.add(&account.login, &stands_for);
        }
        if let Some(token) = &connection.token {
            self.add(token.secret.as_str(), if token.kept_in == StoreKind::Env { "VARIABLE" } else { "ID" });
        }
        connection.ca_cert.iter().for_each(|path| self.add(&path.display().to_string(), "PATH"));
        connection.serves.iter().for_each(|prefix| self.add(prefix, "URL"));
        for address in [&connection.url, &connection.api_url] {
            if let Ok(url) = Url::parse(address) {
                self.add_host(&url);
            }
        }
        if let Ok(host) = connection.host() {
            self.add_label(&host.to_string(), host.web_base().host_str().unwrap_or_default());
        }
    }

    fn add_host(&mut self, url: &Url) {
        let host = url.host_str().unwrap_or_default();
        let with_port = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        self.add_label(&with_port, host);
        self.add_label(host, host);
    }

    /// `label` is how the host is named somewhere: alone, with its port, with its base path.
    fn add_label(&mut self, label: &str, host: &str) {
        if matches!(host, "github.com" | "api.github.com" | "gitlab.com" | "") {
            return;
        }
        let next = self.hosts.len() + 1;
        let number = *self.hosts.entry(host.trim_start_matches("api.").to_owned()).or_insert(next);
        let end = if host.ends_with(".ghe.com") { ".ghe.com" } else { "" };
        self.add(label, &format!("host-{number}{end}"));
    }
}

/// Replaces a name where it stands as a word of its own.
fn replace_word(text: &str, name: &str, with: &str) -> String {
    let joins = |c: char| c.is_alphanumeric() || c == '_';
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.to_ascii_lowercase().find(&name.to_ascii_lowercase()) {
        let Some(after) = rest.get(at + name.len()..) else { break };
        let before = rest.get(..at).unwrap_or_default();
        let inside = before.chars().next_back().or_else(|| out.chars().next_back()).is_some_and(joins)
            || after.chars().next().is_some_and(joins);
        out.push_str(before);
        out.push_str(if inside { rest.get(at..at + name.len()).unwrap_or_default() } else { with });
        rest = after;
    }
    out + rest
}

/// What ends a word.
const SEPARATORS: [char; 7] = [' ', '\t', '`', '\'', '"', '(', ')'];

/// Word for word: addresses, paths, digests and ids go.
fn words(text: &str) -> String {
    text.split_inclusive(SEPARATORS).map(word).collect()
}

fn word(piece: &str) -> String {
    let word = piece.trim_end_matches(SEPARATORS).trim_end_matches([',', ';']);
    let end = piece.get(word.len()..).unwrap_or_default();
    let left = if word.contains("://") || word.contains("unix:") {
        "URL".to_owned()
    } else if word.starts_with("age1") {
        "KEY".to_owned()
    } else if word.contains("sha256:") {
        "DIGEST".to_owned()
    } else if word.len() > 1 && ["/", "~/", "$CONNECT_HOME/"].iter().any(|start| word.starts_with(start)) {
        path(word)
    } else if word.len() >= 16 && word.bytes().all(|b| b.is_ascii_hexdigit()) {
        "ID".to_owned()
    } else {
        word.to_owned()
    };
    left + end
}

/// Parts of a path that nobody is known by stay.
fn path(text: &str) -> String {
    if text.starts_with('/') {
        return "PATH".to_owned();
    }
    let parts: Vec<&str> = text.split('/').map(|part| if PLAIN_PARTS.contains(&part) { part } else { "…" }).collect();
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_named_goes_too() {
        for (text, left) in [
            ("see https://acme.example/x?y, then", "see URL, then"),
            ("`rm /srv/acme/x`; if", "`rm PATH`; if"),
            ("`rm ~/.local/share/connect/connections/acme.json`", "`rm ~/.local/share/connect/connections/…`"),
            ("readable, sha256:0123456789ab", "readable, DIGEST"),
            ("entry `connect` / `0123456789abcdef0123456789abcdef`", "entry `connect` / `ID`"),
            ("zbus: unix:path=/run/user/1000/bus: no", "zbus: URL no"),
        ] {
            assert_eq!(words(text), left);
        }
    }

    #[test]
    fn names_are_words_of_their_own() {
        assert_eq!(replace_word("octo and octopus, OCTO", "octo", "x"), "x and octopus, x");
        assert_eq!(replace_word("gitlab.acme.example:8443", "gitlab.acme.example:8443", "host-1"), "host-1");
        assert_eq!(replace_word("ÄÖÜ acme ÄÖÜ", "acme", "x"), "ÄÖÜ x ÄÖÜ");
        assert_eq!(replace_word("İİ acme", "acme", "x"), "İİ x");
    }

    #[test]
    fn a_home_is_replaced_whole() {
        let places = Places { user_home: Some("/home/me".into()), connect_home: None };
        assert_eq!(places.tilde("/home/me/x /home/melanie /home/me"), "~/x /home/melanie ~");
    }
}
