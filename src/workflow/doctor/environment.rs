//! Variables: those that make others pass connect by, those of ours that mean nothing, proxies, certificates.
//! The room that reads the environment hands in names and places, and never a value that could be a secret.

use std::path::{Path, PathBuf};

use super::check::{Check, Group, Trouble, Verdict};
use crate::files::{self, Look};
use crate::forge::{ProxyAddress, count_certificates};
use crate::model::{Connection, StoreKind};

/// The largest bundle of certificates that is read.
const CERTIFICATES_LIMIT: u64 = 4 * 1024 * 1024;

/// What the environment says.
#[derive(Debug, Default)]
pub struct Surroundings {
    /// The system and its architecture, as `linux x86_64`.
    pub platform: String,
    /// Variables that are set and that other programs take a token or a host from.
    pub overriding: Vec<String>,
    /// Variables of connect's that are set.
    pub ours: Vec<String>,
    /// Variables that begin like connect's and are none.
    pub unknown: Vec<Unknown>,
    /// Proxy variables that are set.
    pub proxies: Vec<ProxyVariable>,
    /// `SSL_CERT_FILE`.
    pub certificate_file: Option<PathBuf>,
    /// The folders of `SSL_CERT_DIR`.
    pub certificate_folders: Vec<PathBuf>,
    /// Where curl looks for logins: `~/.netrc`.
    pub netrc: Option<PathBuf>,
    /// `NO_COLOR` is set.
    pub no_color: bool,
    /// `CONNECT_STORE`: where new tokens go, whatever `config.toml` says.
    pub store: Option<StoreKind>,
}

/// A variable that begins with `CONNECT_` and means nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// Its name.
    pub name: String,
    /// What may have been meant.
    pub meant: Option<String>,
}

/// A proxy variable that is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxyVariable {
    /// Its name.
    pub name: String,
    /// What it says.
    pub says: ProxySays,
}

/// What a proxy variable says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProxySays {
    /// Where the proxy is.
    At(ProxyAddress),
    /// `NO_PROXY`: so many hosts need none.
    Exempts(usize),
    /// Nothing that reads as an address.
    Unreadable,
}

/// Looks at them all.
pub(super) fn look(around: &Surroundings, connections: &[Connection], checks: &mut Vec<Check>) {
    let before = checks.len();
    let mut add = |name: &str, verdict| checks.push(Check::new(Group::Environment, name, verdict));
    for name in &around.overriding {
        let reader = |connection: &&Connection| {
            connection.token.as_ref().is_some_and(|t| t.kept_in == StoreKind::Env && t.secret.as_str() == name)
        };
        match connections.iter().find(reader) {
            Some(reader) => add(name, Verdict::Well(format!("set; `{}` reads it", reader.name))),
            None => add(name, Verdict::Bad(Trouble::Overrides { name: name.clone() })),
        }
    }
    for name in &around.ours {
        add(name, Verdict::Well("set".into()));
    }
    for Unknown { name, meant } in &around.unknown {
        add(name, Verdict::Bad(Trouble::UnknownVariable { meant: meant.clone() }));
    }
    for proxy in &around.proxies {
        let verdict = match &proxy.says {
            ProxySays::At(address) => Verdict::Well(address.to_string()),
            ProxySays::Exempts(1) => Verdict::Well("1 entry".into()),
            ProxySays::Exempts(count) => Verdict::Well(format!("{count} entries")),
            ProxySays::Unreadable => Verdict::Bad(Trouble::ProxyUnreadable),
        };
        add(&proxy.name, verdict);
    }
    if let Some(path) = &around.certificate_file {
        add("SSL_CERT_FILE", certificates(in_file(path), path));
    }
    for path in &around.certificate_folders {
        add("SSL_CERT_DIR", certificates(in_folder(path), path));
    }
    if around.no_color {
        add("NO_COLOR", Verdict::Well("set: no colours".into()));
    }
    if checks.len() == before {
        let none = Verdict::Well("none is set that matters here".into());
        checks.push(Check::new(Group::Environment, "variables", none));
    }
}

fn certificates(count: Option<usize>, path: &Path) -> Verdict {
    match count {
        Some(1) => Verdict::Well(format!("1 certificate in {}", path.display())),
        Some(count) => Verdict::Well(format!("{count} certificates in {}", path.display())),
        None => Verdict::Bad(Trouble::NoCertificates { path: path.to_owned() }),
    }
}

/// How many certificates a file has; nothing if none can be read.
pub(super) fn in_file(path: &Path) -> Option<usize> {
    count_certificates(&files::read(path, CERTIFICATES_LIMIT).ok().flatten()?)
}

/// How many certificates a folder has, in files named by a hash, as OpenSSL wants them.
fn in_folder(path: &Path) -> Option<usize> {
    let Ok(Look::Folder { .. }) = files::look(path) else { return None };
    let hashed = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.split_once('.').is_some_and(|(hash, number)| {
            hash.len() == 8 && hash.bytes().all(|b| b.is_ascii_hexdigit()) && number.parse::<u8>().is_ok()
        })
    };
    let found = files::everything(path).ok()?;
    let count: usize = found.iter().filter(|path| hashed(path)).filter_map(|path| in_file(path)).sum();
    (count > 0).then_some(count)
}
