//! What git's configuration says of who is asked for passwords: `credential.helper` and its kin, read from what
//! `git config --show-scope --show-origin -z` prints.
//!
//! The rules are git's own (gitcredentials(7), git-config(1)): a helper counts where its section has no URL or one that
//! covers the address (`matching.rs`); all that count are asked in the order in which they are read, until one
//! answers; an empty one makes git forget those before it. Every one of them is told of what worked.

use std::path::PathBuf;

use url::Url;
use zeroize::Zeroizing;

use super::matching;

/// Which of git's files is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scope {
    /// The machine's: `/etc/gitconfig`.
    System,
    /// The user's: `~/.gitconfig`, or `~/.config/git/config` where only that is there.
    #[default]
    Global,
    /// The repository's.
    Local,
}

impl Scope {
    /// As git and `--json` call it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Global => "global",
            Self::Local => "local",
        }
    }

    /// git's flag for it.
    pub const fn flag(self) -> &'static str {
        match self {
            Self::System => "--system",
            Self::Global => "--global",
            Self::Local => "--local",
        }
    }
}

/// One line of the configuration. The value may be a secret, and is wiped.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// `system`, `global`, `local`, `worktree`, `command`.
    pub scope: String,
    /// The file, as git names it; nothing for what stands in the environment.
    pub file: Option<PathBuf>,
    /// In small letters.
    pub section: String,
    /// As it is written.
    pub subsection: Option<String>,
    /// In small letters.
    pub name: String,
    /// Nothing where it only stands there, which is the same as `true`.
    pub value: Option<Zeroizing<String>>,
}

impl Entry {
    /// The value; an entry without one has none.
    pub fn text(&self) -> &str {
        self.value.as_ref().map_or("", |value| value.as_str())
    }

    /// The key as git takes it.
    pub fn key(&self) -> String {
        match &self.subsection {
            Some(subsection) => format!("{}.{subsection}.{}", self.section, self.name),
            None => format!("{}.{}", self.section, self.name),
        }
    }

    /// Whether it stands in a section like `[credential]` and counts for an address.
    fn counts(&self, section: &str, name: &str, url: &Url) -> bool {
        self.section == section
            && self.name == name
            && self.subsection.as_deref().is_none_or(|pattern| matching::covers(pattern, url))
    }

    /// The value as git reads a boolean; nothing where it is none.
    pub fn is_true(&self) -> Option<bool> {
        match self.value.as_deref().map(|value| value.to_ascii_lowercase()).as_deref() {
            None | Some("true" | "yes" | "on") => Some(true),
            Some("false" | "no" | "off" | "") => Some(false),
            Some(number) => number.parse::<i64>().ok().map(|number| number != 0),
        }
    }
}

/// Reads what `git config --show-scope --show-origin -z` printed. What does not read is left out.
pub fn read(printed: &[u8]) -> Vec<Entry> {
    let mut parts = printed.split(|byte| *byte == 0);
    let mut entries = Vec::new();
    while let (Some(scope), Some(origin), Some(line)) = (parts.next(), parts.next(), parts.next()) {
        let line = Zeroizing::new(String::from_utf8_lossy(line).into_owned());
        let (key, value) = match line.split_once('\n') {
            Some((key, value)) => (key, Some(Zeroizing::new(value.to_owned()))),
            None => (line.as_str(), None),
        };
        let Some((section, rest)) = key.split_once('.') else { continue };
        let (subsection, name) = match rest.rsplit_once('.') {
            Some((subsection, name)) => (Some(subsection.to_owned()), name),
            None => (None, rest),
        };
        entries.push(Entry {
            scope: String::from_utf8_lossy(scope).into_owned(),
            file: String::from_utf8_lossy(origin).strip_prefix("file:").map(PathBuf::from),
            section: section.to_lowercase(),
            subsection,
            name: name.to_lowercase(),
            value,
        });
    }
    entries
}

/// The helpers that git asks for an address, in their order.
pub fn helpers<'a>(entries: &'a [Entry], url: &Url) -> Vec<&'a Entry> {
    let mut asked: Vec<&Entry> = Vec::new();
    for entry in entries.iter().filter(|entry| entry.counts("credential", "helper", url)) {
        if entry.text().is_empty() { asked.clear() } else { asked.push(entry) }
    }
    asked
}

/// The last word of a setting of `[credential]` for an address.
pub fn credential<'a>(entries: &'a [Entry], name: &str, url: &Url) -> Option<&'a Entry> {
    entries.iter().rfind(|entry| entry.counts("credential", name, url))
}

/// Whether helpers are told the path for an address; nothing where that was never said, which means no.
pub fn use_http_path(entries: &[Entry], url: &Url) -> Option<bool> {
    credential(entries, "usehttppath", url)?.is_true()
}

/// Whether a header with a token or password is sent for an address whatever helpers say: what CI systems put there.
pub fn sends_a_header(entries: &[Entry], url: &Url) -> bool {
    let mut sends = false;
    for entry in entries.iter().filter(|entry| entry.counts("http", "extraheader", url)) {
        let header = entry.text().trim_start().to_ascii_lowercase();
        sends = !header.is_empty() && (sends || header.starts_with("authorization:"));
    }
    sends
}

/// What a helper's value starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Helper {
    /// connect, by a name that git looks up.
    ConnectByName,
    /// connect, by a path.
    ConnectAt(PathBuf),
    /// Another one, by what it may be called without repeating what somebody wrote into a command line.
    Other(String),
}

impl Helper {
    /// Reads the value of a helper.
    pub fn of(value: &str) -> Self {
        let (command, by_shell) = match value.strip_prefix('!') {
            Some(command) => (command, true),
            None => (value, false),
        };
        let words = shell_words::split(command).unwrap_or_default();
        let first = words.first().map(String::as_str).unwrap_or_default();
        let path = PathBuf::from(first);
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let name = name.strip_suffix(".exe").unwrap_or(name);
        let through = by_shell && name == "connect" && words.get(1).is_some_and(|word| word == "git-credential");
        let is_path = first.contains(['/', '\\']);
        match name {
            "git-credential-connect" if is_path => Self::ConnectAt(path),
            "git-credential-connect" if by_shell => Self::ConnectByName,
            "connect" if !by_shell && !is_path => Self::ConnectByName,
            _ if through && is_path => Self::ConnectAt(path),
            _ if through => Self::ConnectByName,
            _ => Self::Other(called(name)),
        }
    }

    /// Whether it is connect.
    pub const fn is_connect(&self) -> bool {
        !matches!(self, Self::Other(_))
    }

    /// What it is called.
    pub fn label(&self) -> &str {
        match self {
            Self::ConnectByName | Self::ConnectAt(_) => "connect",
            Self::Other(label) => label,
        }
    }

    /// Whether it keeps what it is told: git tells every helper what has worked. Those of gh and glab do not.
    pub fn keeps(&self) -> bool {
        !matches!(self.label(), "connect" | "gh" | "glab" | "oauth")
    }
}

/// A helper's name: `store` from `git-credential-store`. What is no plain name is not repeated.
fn called(name: &str) -> String {
    let name = name.strip_prefix("git-credential-").unwrap_or(name);
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-+".contains(c);
    if name.is_empty() || name.len() > 40 || !name.chars().all(plain) { "a shell command".into() } else { name.into() }
}

/// How connect can be named to git.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Installed {
    /// git finds `git-credential-connect` by itself.
    ByName,
    /// The helper's own program is there.
    Helper(PathBuf),
    /// Only `connect` is.
    Connect(PathBuf),
}

impl Installed {
    /// The value of `credential.helper`; nothing when the path cannot be written into a configuration.
    ///
    /// git gives what begins with a path to a shell as it stands, followed by the word for what is wanted, and what
    /// begins with `!` without that mark (gitcredentials(7)). A path is therefore quoted as for a shell.
    pub fn value(&self) -> Option<String> {
        match self {
            Self::ByName => Some("connect".into()),
            Self::Helper(path) => Some(escaped(&written(path)?)),
            Self::Connect(path) => Some(format!("!'{}' git-credential", written(path)?.replace('\'', r"'\''"))),
        }
    }
}

/// A path as git for Windows wants it, too: with slashes.
fn written(path: &std::path::Path) -> Option<String> {
    let text = path.to_str().filter(|text| !text.contains(char::is_control))?;
    Some(if cfg!(windows) { text.replace('\\', "/") } else { text.to_owned() })
}

/// Quoted so that the beginning stays what git takes for an absolute path.
fn escaped(path: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-+,:@%=".contains(c);
    path.chars().flat_map(|c| (!plain(c)).then_some('\\').into_iter().chain([c])).collect()
}

/// The regular expression by which `git config --unset-all KEY VALUE` means exactly this value.
pub fn exactly(value: &str) -> String {
    let mut pattern = String::from("^");
    for c in value.chars() {
        match c {
            '\\' | '^' => pattern.extend(['\\', c]),
            '.' | '[' | ']' | '*' | '$' | '+' | '?' | '(' | ')' | '{' | '}' | '|' => pattern.extend(['[', c, ']']),
            c => pattern.push(c),
        }
    }
    pattern + "$"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(entries: &[(&str, Option<&str>)]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (key, value) in entries {
            let value = value.map(|value| format!("\n{value}")).unwrap_or_default();
            bytes.extend_from_slice(format!("global\0file:/h/.gitconfig\0{key}{value}\0").as_bytes());
        }
        bytes
    }

    fn asked(entries: &[(&str, Option<&str>)], url: &str) -> Vec<String> {
        let entries = read(&printed(entries));
        let url = Url::parse(url).unwrap_or_else(|e| panic!("{e}"));
        helpers(&entries, &url).iter().map(|entry| entry.text().to_owned()).collect()
    }

    #[test]
    fn what_git_prints_is_read() {
        let entries = read(&printed(&[
            ("credential.helper", Some("cache --timeout=300")),
            ("credential.https://Example.com/a.b.usehttppath", None),
            ("credential.https://x.helper", Some("two\nlines")),
        ]));
        assert_eq!(entries[0].subsection, None);
        assert_eq!(entries[1].subsection.as_deref(), Some("https://Example.com/a.b"));
        assert_eq!((entries[1].name.as_str(), entries[1].is_true()), ("usehttppath", Some(true)));
        assert_eq!(entries[2].text(), "two\nlines");
        assert_eq!(entries[2].key(), "credential.https://x.helper");
        assert!(read(b"").is_empty());
        assert!(read(b"global\0file:/x").is_empty());
    }

    #[test]
    fn helpers_are_asked_in_their_order_and_an_empty_one_begins_anew() {
        let store = ("credential.helper", Some("store"));
        let ours = ("credential.https://github.com.helper", Some("connect"));
        let reset = ("credential.https://github.com.helper", Some(""));
        assert_eq!(asked(&[store, ours], "https://github.com/o/r"), ["store", "connect"]);
        assert_eq!(asked(&[ours, store], "https://github.com"), ["connect", "store"]);
        assert_eq!(asked(&[store, reset, ours], "https://github.com"), ["connect"]);
        assert_eq!(asked(&[store, reset, ours], "https://gitlab.com"), ["store"]);
    }

    #[test]
    fn helpers_are_recognised_and_named_without_repeating_them() {
        for (value, expected) in [
            ("connect", Helper::ConnectByName),
            ("connect --trace", Helper::ConnectByName),
            ("/opt/my\\ apps/git-credential-connect", Helper::ConnectAt("/opt/my apps/git-credential-connect".into())),
            ("!'/opt/my apps/connect' git-credential", Helper::ConnectAt("/opt/my apps/connect".into())),
            ("!connect git-credential", Helper::ConnectByName),
            ("!connect-four git-credential", Helper::Other("connect-four".into())),
            ("connection", Helper::Other("connection".into())),
            ("cache --timeout=300", Helper::Other("cache".into())),
            ("/usr/lib/git-core/git-credential-libsecret", Helper::Other("libsecret".into())),
            ("C:/Program\\ Files/Git/git-credential-manager.exe", Helper::Other("manager".into())),
            ("!/usr/bin/gh auth git-credential", Helper::Other("gh".into())),
            ("!f() { echo password=hunter2; }; f", Helper::Other("a shell command".into())),
            ("!echo 'unfinished", Helper::Other("a shell command".into())),
        ] {
            assert_eq!(Helper::of(value), expected, "{value}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn what_is_written_is_recognised_again() {
        for path in [
            "/usr/bin/git-credential-connect",
            "/a b/$x/it's \"q\"/git-credential-connect",
            "/ü/git-credential-connect",
        ] {
            let value = Installed::Helper(path.into()).value().unwrap_or_default();
            assert!(value.starts_with('/'), "{value}");
            assert_eq!(Helper::of(&value), Helper::ConnectAt(path.into()), "{value}");
        }
        let value = Installed::Connect("/it's here/connect".into()).value().unwrap_or_default();
        assert_eq!(Helper::of(&value), Helper::ConnectAt("/it's here/connect".into()), "{value}");
        assert_eq!(Installed::Helper("/a\nb/git-credential-connect".into()).value(), None);
    }

    #[test]
    fn the_last_word_on_paths_counts_and_headers_are_seen() {
        let url = Url::parse("https://github.com").unwrap_or_else(|e| panic!("{e}"));
        let path = |value: Option<&str>| use_http_path(&read(&printed(&[("credential.usehttppath", value)])), &url);
        assert_eq!(path(None), Some(true));
        assert_eq!(path(Some("off")), Some(false));
        assert_eq!(use_http_path(&[], &url), None);
        let header = |values: &[&str]| {
            let lines: Vec<_> =
                values.iter().map(|value| ("http.https://github.com/.extraheader", Some(*value))).collect();
            sends_a_header(&read(&printed(&lines)), &url)
        };
        assert!(header(&["AUTHORIZATION: basic eHh4"]));
        assert!(!header(&["X-Trace: 1"]));
        assert!(header(&["Authorization: x", "X-Trace: 1"]));
        assert!(!header(&["Authorization: x", ""]));
    }

    #[test]
    fn a_value_as_a_pattern() {
        assert_eq!(exactly("!'/a.b/c[1]' git-credential"), "^!'/a[.]b/c[[]1[]]' git-credential$");
        assert_eq!(exactly(""), "^$");
        assert_eq!(exactly(r"/a\ b"), r"^/a\\ b$");
    }
}
