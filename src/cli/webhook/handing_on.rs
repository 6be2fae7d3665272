//! What `webhook listen` hands on, and to whom, as its flags say it.

use url::Url;

use super::super::CliError;
use super::super::program::{self, Found};
use super::super::session::Session;
use crate::catalog::Part;
use crate::model::hook::Target;
use crate::model::hook::event::{self, Known};
use crate::model::host::is_loopback;
use crate::model::text::{printable, without_tokens};
use crate::model::{Connection, ForgeKind, StoreKind};
use crate::workflow::import::Typed;
use crate::workflow::listen::Command;

/// A command line in words.
#[derive(Debug, Clone)]
pub(super) struct Words(pub Vec<String>);

pub(super) fn words(text: &str) -> Result<Words, String> {
    match shell_words::split(text) {
        Ok(words) if words.is_empty() => Err("it is empty".into()),
        Ok(words) => Ok(Words(words)),
        Err(_) => Err("a quotation mark is not closed".into()),
    }
}

/// The command that is run for each delivery. One that cannot be run is found out before anything is accepted for it.
pub(super) fn command(Words(words): Words, without: Vec<String>) -> Result<Option<Command>, CliError> {
    let mut words = words.into_iter();
    let Some(program) = words.next() else { return Ok(None) };
    let shown = || without_tokens(&printable(&program, 200));
    match program::look(&program) {
        Found::Runs => Ok(Some(Command { program, arguments: words.collect(), without })),
        Found::NotExecutable(path) => Err(CliError::usage(
            format!("`--exec` names `{}`, which cannot be run", shown()),
            &[&format!("`chmod +x {}`, or name what runs it, as in `--exec 'sh …'`", path.display())],
        )),
        Found::Nothing if program.contains('/') => Err(CliError::usage(
            format!("`--exec` names `{}`, and there is no such file", shown()),
            &["a path is looked up from the folder that connect was started in"],
        )),
        Found::Nothing => Err(CliError::usage(
            format!("`--exec` names `{}`, and no folder in PATH has such a program", shown()),
            &["name it by its path, as in `--exec ./deploy.sh`; a command of a shell by the shell: `--exec 'sh -c …'`"],
        )),
    }
}

/// What was named, as payloads have it: paths, and `OWNER/*`. What no delivery could ever match is a mistake, for all
/// would be acknowledged and dropped.
pub(super) fn repositories(typed: &[String], connections: &[Connection]) -> Result<Vec<String>, CliError> {
    let read = |text: &String| {
        let (place, all_below) = text.strip_suffix("/*").map_or((text.as_str(), false), |owner| (owner, true));
        let place = Typed::read(place)?;
        connections.iter().find_map(|connection| {
            let path = place.path(connection)?;
            match (all_below, connection.forge) {
                (true, _) => Some(format!("{path}/*")),
                (false, ForgeKind::GitHub) => Target::repo(&path).map(|target| target.path()),
                (false, ForgeKind::GitLab) => Target::project(&path).map(|target| target.path()),
            }
        })
    };
    let wrong = || {
        CliError::usage(
            "`--repo` names something that is no repository at a forge of these connections",
            &["`OWNER/REPO`, `GROUP/PROJECT`, all below as `OWNER/*`, or the address of one"],
        )
    };
    typed.iter().map(|text| read(text).ok_or_else(wrong)).collect()
}

/// Events as they are compared. What no forge of these connections is known to tell of is passed on, with a warning: it
/// would be acknowledged and dropped.
pub(super) fn events(session: &Session, typed: &[String], connections: &[Connection]) -> Result<(), CliError> {
    let places = connections.iter().map(|connection| match connection.forge {
        ForgeKind::GitHub => Target::GithubOrg(String::new()),
        ForgeKind::GitLab => Target::GitlabGroup(String::new()),
    });
    for text in typed {
        let name = text.split('.').next().unwrap_or_default();
        if name.trim().is_empty() {
            return Err(CliError::usage(
                "`--events` wants the names of events",
                &["as in `--events push,issues.opened`"],
            ));
        }
        let known = places.clone().map(|place| match &place {
            Target::GitlabGroup(_) => event::known(&place, &event::at_gitlab(name)),
            _ => event::known(&place, name),
        });
        let known: Vec<Known> = known.collect();
        if known.is_empty() || known.contains(&Known::Yes) {
            continue;
        }
        let shown = without_tokens(&printable(name, 60));
        let meant = known.iter().find_map(|known| match known {
            Known::Similar(meant) => Some(format!("; did you mean `{meant}`?")),
            _ => None,
        });
        let meant = meant.unwrap_or_default();
        session.screen.warning("unknown_event", &format!("`{shown}` is no event that connect knows of{meant}"));
    }
    Ok(())
}

/// Payloads of private repositories go over the network as safely as tokens do.
pub(super) fn forwards_safely(url: &Url, allow_http: bool) -> Result<(), CliError> {
    let usage = |message: &str, hint: &str| Err(CliError::usage(message, &[hint]));
    match url.scheme() {
        "https" => Ok(()),
        "http" if is_loopback(url) || allow_http => Ok(()),
        "http" => usage(
            "`--forward` would send deliveries to another machine unencrypted",
            "give an `https://` URL, or `--allow-http` where the network in between is trusted",
        ),
        _ => usage("`--forward` wants an `http://` or `https://` URL", "as in `--forward http://127.0.0.1:3000/hooks`"),
    }
}

/// The variables that a command has no business with: those that hold what any connection keeps in the store `env`,
/// what opens the store `file`, and an address that may have a password in it.
pub(super) fn variables_with_secrets(connections: &[Connection]) -> Vec<String> {
    let ours = ["CONNECT_PASSPHRASE", "CONNECT_AGE_IDENTITY", "CONNECT_WEBHOOK_FORWARD"].map(str::to_owned);
    let all = connections.iter().flat_map(Part::all_of).map(|(_, resting)| resting);
    let kept = all.filter(|resting| resting.kept_in == StoreKind::Env);
    ours.into_iter().chain(kept.map(|resting| resting.secret.as_str().to_owned())).collect()
}
