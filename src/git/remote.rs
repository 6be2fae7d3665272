//! The remote of the folder one stands in.
//!
//! `git ls-remote --get-url` (git-ls-remote(1)) names the remote that a `git fetch` without arguments would go to, with
//! `url.<base>.insteadOf` applied, and talks to nobody. Where there is none such, `git remote --verbose` has them all.

use std::ffi::OsString;
use std::io::Read as _;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use zeroize::Zeroizing;

/// It reads a few files; a folder on a network that is gone must not hold anybody up.
const PATIENCE: Duration = Duration::from_secs(3);

/// The most that is read of an answer, in bytes.
const LIMIT: u64 = 64 * 1024;

/// The addresses of the remotes, the one that git would take by itself first; as git has them, which may be with a
/// password inside. None outside a repository, without git, and when it does not answer in time.
///
/// `environment` is all that git gets of it.
pub fn addresses(environment: &[(OsString, OsString)]) -> Vec<Zeroizing<String>> {
    let first = ask(environment, &["ls-remote", "--get-url"]).and_then(|text| address(text.trim()));
    match first {
        Some(first) => vec![first],
        None => all(environment),
    }
}

fn all(environment: &[(OsString, OsString)]) -> Vec<Zeroizing<String>> {
    let Some(listed) = ask(environment, &["remote", "--verbose"]) else { return Vec::new() };
    // `NAME<tab>ADDRESS (fetch)`
    let fetched = listed.lines().filter_map(|line| line.split_once('\t')?.1.strip_suffix(" (fetch)"));
    fetched.filter_map(address).collect()
}

fn address(text: &str) -> Option<Zeroizing<String>> {
    (!text.is_empty()).then(|| Zeroizing::new(text.to_owned()))
}

/// What git prints; nothing if it fails.
fn ask(environment: &[(OsString, OsString)], arguments: &[&str]) -> Option<Zeroizing<String>> {
    let mut command = Command::new("git");
    command.args(arguments).env_clear().envs(environment.iter().map(|(name, value)| (name, value)));
    command.env("GIT_TERMINAL_PROMPT", "0").env("GIT_OPTIONAL_LOCKS", "0").env("LC_ALL", "C");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().ok()?;
    let printed = read(&mut child);
    if printed.is_none() {
        let _ = child.kill();
    }
    let status = child.wait().ok()?;
    printed.filter(|_| status.success())
}

/// All that it prints, if that comes in time.
fn read(child: &mut Child) -> Option<Zeroizing<String>> {
    let pipe = child.stdout.take()?;
    let (tell, told) = mpsc::channel();
    let reader = std::thread::Builder::new().name("git".into()).spawn(move || {
        let mut text = Zeroizing::new(String::new());
        let read = pipe.take(LIMIT).read_to_string(&mut text);
        let _ = tell.send(read.ok().map(|_| text));
    });
    reader.ok()?;
    told.recv_timeout(PATIENCE).ok().flatten()
}
