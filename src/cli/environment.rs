//! The environment: the one place where variables are read, apart from those that belong to a flag.

#![allow(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]

use std::env;
use std::path::PathBuf;

use zeroize::Zeroizing;

use super::CliError;
use crate::catalog::{Actor, Home};
use crate::forge::ProxyAddress;
use crate::model::text::{distance, printable};
use crate::model::{Clock, Secret};
use crate::output::report::Places;
use crate::workflow::doctor::{ProxySays, ProxyVariable, Surroundings, Unknown};

/// What the environment says.
#[derive(Debug)]
pub(super) struct Environment {
    /// Where connect's files are.
    pub home: Home,
    /// What time it is.
    pub clock: Clock,
    /// `CONNECT_AGE_IDENTITY`: the file with the identity that opens the file store.
    pub age_identity: Option<PathBuf>,
    /// `CONNECT_PASSPHRASE_FILE`.
    pub passphrase_file: Option<PathBuf>,
}

impl Environment {
    /// Reads it, once.
    pub(super) fn read() -> Result<Self, CliError> {
        #[cfg(feature = "test-hooks")]
        if let Ok(point) = env::var("CONNECT_TEST_FAULT") {
            crate::workflow::fault::arm(point);
        }
        Ok(Self {
            home: home()?,
            clock: clock(),
            age_identity: path("CONNECT_AGE_IDENTITY"),
            passphrase_file: path("CONNECT_PASSPHRASE_FILE"),
        })
    }
}

/// Who uses connect, and where; `unknown` where the system has no name.
pub(super) fn actor() -> Actor {
    let shown = |name: Option<String>| match name.as_deref().map(str::trim) {
        Some(name) if !name.is_empty() => printable(name, 100),
        _ => "unknown".to_owned(),
    };
    Actor { user: shown(whoami::username().ok()), machine: shown(whoami::hostname().ok()) }
}

/// A path from a variable; an empty one counts as none.
fn path(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// A secret from a variable; nothing when there is none.
///
/// # Errors
/// What is wrong with its value, never the value.
pub(super) fn secret(variable: &str) -> Option<Secret> {
    env::var(variable).ok().map(Secret::new)
}

/// The text of a variable, to be checked by the caller.
pub(super) fn text(variable: &str) -> Option<Zeroizing<String>> {
    env::var(variable).ok().map(Zeroizing::new)
}

/// Variables that other programs take a token or a forge's host from, before they ask anybody.
const OVERRIDING: [&str; 12] = [
    "GH_TOKEN",
    "GITHUB_TOKEN",
    "GH_ENTERPRISE_TOKEN",
    "GITHUB_ENTERPRISE_TOKEN",
    "GH_HOST",
    "GITLAB_TOKEN",
    "GITLAB_HOST",
    "GL_TOKEN",
    "GITLAB_PRIVATE_TOKEN",
    "GITLAB_ACCESS_TOKEN",
    "CI_JOB_TOKEN",
    "OAUTH_TOKEN",
];

/// Proxy variables, those that win first.
const PROXIES: [&str; 8] =
    ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"];

/// What a doctor wants to know of the environment: names and places, and no value that could be a secret.
/// `known` are the variables that stand for flags.
pub(super) fn surroundings(known: &[String]) -> Surroundings {
    let hooks: &[&str] = if cfg!(feature = "test-hooks") { &["CONNECT_TEST_NOW", "CONNECT_TEST_FAULT"] } else { &[] };
    let own = ["CONNECT_HOME", "CONNECT_AGE_IDENTITY", "CONNECT_PASSPHRASE", "CONNECT_PASSPHRASE_FILE"];
    let known: Vec<&str> = known.iter().map(String::as_str).chain(own).chain(hooks.iter().copied()).collect();
    let mut set: Vec<String> = env::vars_os()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, _)| name.to_string_lossy().into_owned())
        .filter(|name| name.starts_with("CONNECT_"))
        .collect();
    set.sort();
    let (ours, unknown): (Vec<String>, Vec<String>) = set.into_iter().partition(|name| known.contains(&name.as_str()));
    let unknown =
        unknown.into_iter().map(|name| Unknown { meant: meant(&name, &known), name: harmless(&name) }).collect();
    let folders = env::var_os("SSL_CERT_DIR").filter(|value| !value.is_empty());
    Surroundings {
        platform: format!("{} {}", env::consts::OS, env::consts::ARCH),
        overriding: OVERRIDING.iter().filter(|name| path(name).is_some()).map(|name| (*name).to_owned()).collect(),
        ours,
        unknown,
        proxies: PROXIES.iter().filter_map(|name| proxy(name)).collect(),
        certificate_file: path("SSL_CERT_FILE"),
        certificate_folders: folders.map(|value| env::split_paths(&value).collect()).unwrap_or_default(),
        netrc: etcetera::home_dir().ok().map(|home| home.join(if cfg!(windows) { "_netrc" } else { ".netrc" })),
        no_color: path("NO_COLOR").is_some(),
        store: text("CONNECT_STORE").and_then(|word| word.parse().ok()),
    }
}

/// The variable of ours that somebody may have meant.
fn meant(name: &str, known: &[&str]) -> Option<String> {
    let far = |candidate: &&&str| distance(name, candidate);
    known.iter().min_by_key(far).filter(|candidate| far(candidate) <= 3).map(|name| (*name).to_owned())
}

/// A name that somebody else chose; it may be a token put into the wrong place.
fn harmless(name: &str) -> String {
    crate::model::text::without_tokens(&crate::model::text::printable(name, 60))
}

fn proxy(name: &str) -> Option<ProxyVariable> {
    let value = Zeroizing::new(env::var_os(name)?.to_string_lossy().into_owned());
    if value.is_empty() {
        return None;
    }
    let says = if name.eq_ignore_ascii_case("NO_PROXY") {
        ProxySays::Exempts(value.split(',').filter(|entry| !entry.trim().is_empty()).count())
    } else {
        ProxyAddress::read(&value).map_or(ProxySays::Unreadable, ProxySays::At)
    };
    Some(ProxyVariable { name: name.to_owned(), says })
}

/// Where the user's home and connect's are, so that a text can name them by what everybody calls them.
pub(super) fn places() -> Places {
    let connect_home = path("CONNECT_HOME").map(|folder| std::path::absolute(&folder).unwrap_or(folder));
    Places { user_home: etcetera::home_dir().ok(), connect_home }
}

/// What the user and the machine are called, as far as it is known.
pub(super) fn who_and_where() -> Vec<String> {
    // Names that very many have, and that stand in ordinary texts.
    let common = ["root", "user", "runner", "git", "connect", "localhost"];
    let variables = ["USER", "LOGNAME", "USERNAME", "HOSTNAME", "COMPUTERNAME"];
    let mut names: Vec<String> = variables.iter().filter_map(|name| env::var(name).ok()).collect();
    #[cfg(unix)]
    names.extend(rustix::system::uname().nodename().to_str().ok().map(str::to_owned));
    names.retain(|name| !common.contains(&name.as_str()));
    names
}

/// CI systems set a variable to nothing where it has no value: that is the same as not setting it.
pub(super) fn without_empty_variables(command: clap::Command) -> clap::Command {
    let empty = |name: &std::ffi::OsStr| env::var_os(name).is_some_and(|value| value.is_empty());
    let ours = |name: &std::ffi::OsStr| name.to_str().is_some_and(|name| name.starts_with("CONNECT_"));
    if !env::vars_os().any(|(name, value)| ours(&name) && value.is_empty()) {
        return command;
    }
    let unset = move |arg: clap::Arg| if arg.get_env().is_some_and(empty) { arg.env(None) } else { arg };
    command.mut_args(unset).mut_subcommands(|command| command.mut_args(unset))
}

/// The environment as another program is to have it: without what is connect's own.
pub(super) fn for_programs() -> Vec<(std::ffi::OsString, std::ffi::OsString)> {
    env::vars_os().filter(|(name, _)| !name.to_string_lossy().starts_with("CONNECT_")).collect()
}

/// The folders in which programs are looked for. Without the variable, those that the C library takes.
pub(super) fn program_folders() -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_else(|| "/bin:/usr/bin".into());
    env::split_paths(&path).collect()
}

/// What git needs of the environment: where its files and programs are, and its own variables. What makes it trace
/// would stand among its answers, and connect's own are none of its business.
pub(super) fn for_git() -> Vec<(std::ffi::OsString, std::ffi::OsString)> {
    let wanted = [
        "PATH",
        "HOME",
        "XDG_CONFIG_HOME",
        "USER",
        "LD_LIBRARY_PATH",
        "USERPROFILE",
        "HOMEDRIVE",
        "HOMEPATH",
        "APPDATA",
        "LOCALAPPDATA",
        "PROGRAMDATA",
        "ProgramFiles",
        "SystemRoot",
        "SystemDrive",
        "PATHEXT",
        "TEMP",
        "TMP",
        "TMPDIR",
        "MSYSTEM",
    ];
    let is_wanted = |name: &str| {
        wanted.iter().any(|it| if cfg!(windows) { it.eq_ignore_ascii_case(name) } else { *it == name })
            || (name.starts_with("GIT_") && !name.starts_with("GIT_TRACE") && !name.ends_with("ASKPASS"))
    };
    env::vars_os().filter(|(name, _)| name.to_str().is_some_and(is_wanted)).collect()
}

/// Where this program is: as it was called, where a folder was named or PATH leads to it; then where the system says it
/// is, links followed.
pub(super) fn this_program() -> Option<Vec<PathBuf>> {
    let called = env::args_os().next().map(PathBuf::from);
    let called = called.and_then(|path| match path.components().count() {
        0 => None,
        1 => {
            program_folders().iter().map(|folder| folder.join(&path)).find(|path| path.is_absolute() && path.is_file())
        }
        _ => std::path::absolute(&path).ok().filter(|path| path.is_file()),
    });
    let found: Vec<PathBuf> = called.into_iter().chain(env::current_exe().ok()).collect();
    (!found.is_empty()).then_some(found)
}

/// The words behind the program's own name.
pub(super) fn words() -> Vec<std::ffi::OsString> {
    env::args_os().skip(1).collect()
}

/// Whether there is such a variable.
pub(super) fn is_set(variable: &str) -> bool {
    env::var_os(variable).is_some_and(|value| !value.is_empty())
}

/// Whether a variable that stands for a flag is on, as clap's `FalseyValueParser` has it.
pub(super) fn is_on(variable: &str) -> bool {
    let off = ["", "0", "false", "f", "no", "n", "off"];
    env::var(variable).is_ok_and(|value| !off.contains(&value.to_lowercase().as_str()))
}

/// `CONNECT_HOME`, or the platform's own places.
fn home() -> Result<Home, CliError> {
    use etcetera::base_strategy::{BaseStrategy, choose_base_strategy};
    if let Some(folder) = path("CONNECT_HOME") {
        return Ok(Home::below(&std::path::absolute(&folder).unwrap_or(folder)));
    }
    let places = choose_base_strategy().map_err(|_| CliError::Other {
        message: "there is no home folder to keep anything in".into(),
        hints: vec!["set `HOME`, or `CONNECT_HOME` to a folder for everything that connect keeps".into()],
    })?;
    let data = places.data_dir().join("connect");
    let state = places.state_dir().map_or_else(|| data.join("state"), |state| state.join("connect"));
    Ok(Home { config: places.config_dir().join("connect"), data, state })
}

#[cfg(feature = "test-hooks")]
fn clock() -> Clock {
    env::var("CONNECT_TEST_NOW").ok().and_then(|text| text.parse().ok()).map_or_else(Clock::system, Clock::fixed)
}

#[cfg(not(feature = "test-hooks"))]
fn clock() -> Clock {
    Clock::system()
}
