//! `connect adopt`

mod places;

use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};

use super::CliError;
use super::ask::Asker;
use super::environment;
use super::session::{AgeKeys, Session};
use crate::model::StoreKind;
use crate::model::text::printable;
use crate::output::{Adoption, Exit, Failure, Fate, human, json};
use crate::workflow::adopt::{self, Cleared, Manner, Scan, Site, Source};
use crate::workflow::{Answer, Tools};

/// Find tokens that other tools left lying about, and take them in
///
/// Looks into the files of gh, glab, git and `.netrc`, into gh's keyring, and at the variables that tools take tokens
/// from; with a folder, also at the remotes of all repositories below it. What it finds is shown by host, account, kind
/// and fingerprint, never the token itself.
///
/// Nothing is sent anywhere until each host has been agreed to: with a yes at the terminal, or by `--yes --host HOST`.
/// Then each token is checked with its host and those that work are kept, beside the connections there are. With
/// `--remove`, the copies in files go, once the token has been read back from where it is kept.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  connect adopt --scan
  connect adopt --from gh --from git
  connect adopt --yes --host github.com --remove
  connect adopt ~/src --scan --json

Exit codes:
  0  done; with `--scan`: nothing was found
  2  the command line is wrong
  4, 5, 7, 8  no token was kept: dead, barred, not reached, no store
  9  with `--scan`: something was found; else nobody could be asked
  10 some of the tokens were kept, others not")]
pub(super) struct Args {
    /// Look at the remotes of all repositories below this folder as well
    #[arg(value_name = "FOLDER")]
    folder: Option<PathBuf>,

    /// Only look at these: gh, glab, git, netrc, env
    #[arg(long, value_name = "TOOL", value_delimiter = ',', hide_possible_values = true)]
    from: Vec<From>,

    /// Only report what there is; ends with 9 if there is anything
    #[arg(long, conflicts_with = "remove")]
    scan: bool,

    /// Only the tokens for this host; with `--yes`, send them to it. With `--from
    /// git`, git's helpers are asked for it too
    #[arg(long, value_name = "HOST", value_delimiter = ',', env = "CONNECT_ADOPT_HOST", hide_env_values = true)]
    host: Vec<String>,

    /// Take the copies out of their files, once the token is kept
    #[arg(long)]
    remove: bool,

    /// Where to keep the tokens: keyring, file or plain
    #[arg(long, value_name = "STORE", env = "CONNECT_STORE", hide_env_values = true)]
    store: Option<StoreKind>,

    /// With one `--host`: send requests there, where that does not follow from
    /// the host
    #[arg(long, value_name = "URL", requires = "host")]
    api_url: Option<String>,

    /// Trust the certificates in this PEM file as well
    #[arg(long, value_name = "FILE", env = "CONNECT_CA_CERT", hide_env_values = true)]
    ca_cert: Option<PathBuf>,

    /// Allow plain http to another machine (the token travels readable)
    #[arg(long, env = "CONNECT_ALLOW_HTTP", hide_env_values = true, value_parser = clap::builder::FalseyValueParser::new(), action = clap::ArgAction::SetTrue)]
    allow_http: bool,
}

/// The words of `--from`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum From {
    Gh,
    Glab,
    Git,
    Netrc,
    Env,
}

impl From {
    const fn source(self) -> Source {
        match self {
            Self::Gh => Source::Gh,
            Self::Glab => Source::Glab,
            Self::Git => Source::Git,
            Self::Netrc => Source::Netrc,
            Self::Env => Source::Env,
        }
    }
}

/// What came of a file.
type OfFile = (PathBuf, Result<Cleared, Failure>);

impl Args {
    pub(super) fn run(self, session: &Session) -> Result<Exit, CliError> {
        let manner = self.manner(session)?;
        let screen = session.screen.clone();
        let events = move |event| screen.event(event);
        let tools = session.tools(AgeKeys::default(), &events);
        let mut found = self.look(session, &tools)?;
        if self.scan {
            return self.tell(session, &found, &[], &[], Exit::Done);
        }
        if !session.screen.is_json() && !found.strays.is_empty() {
            let listed = Adoption { scan: &found, fates: &[], files: &[], places: &environment::places() };
            session.screen.result(&human::found(&listed)).map_err(CliError::Output)?;
        }
        let (mut fates, mut files) = (Vec::new(), Vec::new());
        let taken = self.take(session, &tools, &mut found, &manner, &mut fates);
        let cleared = taken.and_then(|()| match self.remove {
            true => Self::clear(session, &tools, &found, &mut files),
            false => Ok(()),
        });
        if let Err(error) = cleared {
            // Cut off in the middle: what is done by now stays done, and is told.
            let something = !files.is_empty() || fates.iter().any(|fate| matches!(fate, Fate::Kept { .. }));
            let _ = if something { self.tell(session, &found, &fates, &files, Exit::Done) } else { Ok(Exit::Done) };
            return Err(error);
        }
        let needs_yes = fates.contains(&Fate::NotAsked);
        let refused = fates
            .iter()
            .filter_map(Fate::exit)
            .chain(files.iter().filter_map(|(_, said)| said.as_ref().err().map(|e| e.exit)));
        let done = fates.iter().filter(|fate| matches!(fate, Fate::Kept { .. })).count()
            + files.iter().filter(|(_, said)| said.is_ok()).count();
        let exit = Exit::of_changes(done, refused.chain(needs_yes.then_some(Exit::Differs)));
        self.tell(session, &found, &fates, &files, exit)
    }

    /// What the flags say, where they fit together.
    fn manner(&self, session: &Session) -> Result<Manner, CliError> {
        if session.global.yes && self.host.is_empty() && !self.scan {
            let hint = "`connect adopt --scan` shows for which hosts there are tokens";
            return Err(CliError::usage(
                "`--yes` sends tokens to the hosts that are named: `--host HOST` names one",
                &[hint],
            ));
        }
        if self.api_url.is_some() && self.host.len() != 1 {
            return Err(CliError::usage("`--api-url` is the address of one host's API: give one `--host`", &[]));
        }
        if !self.host.iter().all(|host| adopt::is_a_host(host)) {
            let hint = "`--host` takes `gitlab.example.com`, `gitlab.example.com:8443` or `https://gitlab.example.com`";
            return Err(CliError::usage("one of the hosts does not read as one", &[hint]));
        }
        let default_store = session.config.store.unwrap_or(StoreKind::Keyring);
        if self.store.unwrap_or(default_store) == StoreKind::Env && !self.scan {
            let hint = "as in `--store keyring` or `--store file`";
            return Err(CliError::usage("the store `env` keeps nothing, so nothing can be taken into it", &[hint]));
        }
        let ca_cert = self.ca_cert.clone().map(|path| std::path::absolute(&path).unwrap_or(path));
        let (api_url, allow_http) = (self.api_url.clone(), self.allow_http);
        Ok(Manner { api_url, ca_cert, allow_http, store: self.store, default_store })
    }

    fn look(&self, session: &Session, tools: &Tools<'_>) -> Result<Scan, CliError> {
        let sources = match self.from.as_slice() {
            [] => Source::ALL.to_vec(),
            some => Source::ALL.into_iter().filter(|source| some.iter().any(|from| from.source() == *source)).collect(),
        };
        if let Some(folder) = self.folder.as_ref().filter(|folder| !folder.is_dir()) {
            let hint = "a folder is looked through for remotes with a token in them; `--from gh` looks at one tool";
            return Err(CliError::usage(format!("there is no folder {}", folder.display()), &[hint]));
        }
        let folder = self.folder.clone().map(|folder| std::path::absolute(&folder).unwrap_or(folder));
        // A helper may do what it likes to find an answer, so that it is asked for only when that was said.
        let helpers = if self.from.contains(&From::Git) { self.host.clone() } else { Vec::new() };
        let look = places::look(sources, folder, helpers);
        let mut found = session.wait_for(async { Ok(adopt::scan(tools, look).await?) })?;
        if !self.host.is_empty() {
            found.strays.retain(|stray| stray.site.as_ref().is_some_and(|site| self.means(site)));
            found.elsewhere.retain(|one| Site::of(&one.host).is_some_and(|site| self.means(&site)));
        }
        Ok(found)
    }

    fn means(&self, site: &Site) -> bool {
        self.host.iter().any(|host| site.is_called(host))
    }

    /// Asks about each host, and takes in what may be.
    fn take(
        &self,
        session: &Session,
        tools: &Tools<'_>,
        found: &mut Scan,
        manner: &Manner,
        fates: &mut Vec<Fate>,
    ) -> Result<(), CliError> {
        let asker = Asker::new(session);
        let mut agreed: Vec<(Site, Answer)> = Vec::new();
        for index in 0..found.strays.len() {
            let Some(stray) = found.strays.get(index) else { continue };
            let fate = match (&stray.known, &stray.site) {
                (Some(_), _) => Fate::Known,
                (None, None) => Fate::Nowhere,
                (None, Some(site)) => match answer(&asker, &mut agreed, site, found) {
                    Answer::No => Fate::Declined,
                    Answer::CannotAsk => Fate::NotAsked,
                    Answer::Yes => {
                        session.wait_for(async { Ok(Fate::of(adopt::take_in(tools, stray, manner).await)) })?
                    }
                },
            };
            if let (Fate::Kept { connection, .. }, Some(stray)) = (&fate, found.strays.get_mut(index)) {
                stray.known = Some(connection.clone());
            }
            fates.push(fate);
        }
        Ok(())
    }

    /// Asks about each file, and takes out of it what is kept.
    fn clear(session: &Session, tools: &Tools<'_>, found: &Scan, files: &mut Vec<OfFile>) -> Result<(), CliError> {
        let asker = Asker::new(session);
        for path in adopt::clearable(found) {
            let shown = printable(&environment::places().tilde(&path.display().to_string()), 500);
            match asker.confirm(&format!("Remove what is kept now from {shown}?")) {
                Answer::Yes => {}
                Answer::No => continue,
                Answer::CannotAsk => {
                    files.push((path, Err(Failure::removal_not_confirmed(&shown))));
                    continue;
                }
            }
            let cleared = session.wait_for(async {
                Ok(adopt::clear(tools, found, &path).await.map_err(|e| Failure::of_clearing(&e)))
            })?;
            files.push((path, cleared));
        }
        Ok(())
    }

    fn tell(
        &self,
        session: &Session,
        scan: &Scan,
        fates: &[Fate],
        files: &[OfFile],
        exit: Exit,
    ) -> Result<Exit, CliError> {
        let adoption = Adoption { scan, fates, files, places: &environment::places() };
        if session.screen.is_json() {
            session.screen.document(&json::Adopted::of(&adoption)).map_err(CliError::Output)?;
        } else {
            let text = if self.scan { human::found(&adoption) } else { human::adopted(&adoption) };
            session.screen.result(&text).map_err(CliError::Output)?;
        }
        human::adoption_notes(&session.screen, &adoption, self.remove || self.scan);
        if fates.contains(&Fate::NotAsked) {
            session.screen.failure(&Failure::not_confirmed(&adoption));
        }
        Ok(if self.scan && adoption.is_something() { Exit::Differs } else { exit })
    }
}

/// What the user says of a host; each is asked about once.
fn answer(asker: &Asker, agreed: &mut Vec<(Site, Answer)>, site: &Site, found: &Scan) -> Answer {
    if let Some((_, answer)) = agreed.iter().find(|(known, _)| known.url == site.url) {
        return *answer;
    }
    let count = found
        .strays
        .iter()
        .filter(|stray| stray.known.is_none() && stray.site.as_ref().is_some_and(|it| it.url == site.url))
        .count();
    let answer = asker.confirm(&human::may_it_be_sent(site, count));
    agreed.push((site.clone(), answer));
    answer
}
