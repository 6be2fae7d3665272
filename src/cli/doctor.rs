//! `connect doctor`

use clap::{Args as ClapArgs, CommandFactory as _};

use super::session::{AgeKeys, Session};
use super::{Cli, CliError, environment};
use crate::git::Git;
use crate::output::failure::doctor::{Audience, Told};
use crate::output::report::Redactor;
use crate::output::{Exit, human, json};
use crate::workflow::Event;
use crate::workflow::doctor::{Examined, ProxySays, Question, Surroundings, doctor};

/// Which link of the chain is broken, and how to mend it
///
/// Looks at connect's own files, the stores, the environment, every host, every connection and whom git
/// asks, in the order in which a request needs them. ✓ is well, ! is to be looked at, ✗ is broken, – was not judged
/// because something before it is broken. Nothing is changed: a throw-away secret goes into each store
/// and out again. The exit code is the worst of what is broken: 8 store, 4 token not valid, 5 not
/// allowed, 7 unreachable, 9, 3, 1; 0 where there are only warnings.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  connect doctor
  connect doctor octocat@github.com
  connect doctor --report --quiet")]
pub(super) struct Args {
    /// Only this connection and what it needs, by name or by a URL it serves
    #[arg(value_name = "NAME|URL")]
    name: Option<String>,

    /// Leave out names, hosts, addresses and paths: to be pasted where anybody
    /// reads it
    #[arg(long)]
    report: bool,

    /// Ask nobody; look only at what is on this machine
    #[arg(long)]
    no_network: bool,
}

impl Args {
    pub(super) fn run(self, session: &Session) -> Result<Exit, CliError> {
        let screen = session.screen.clone();
        let report = self.report;
        let events = move |event| match event {
            // It is a link of its own.
            Event::Exposed { .. } => {}
            // It would name a place.
            Event::NotTidied { .. } | Event::RotationLeft { .. } if report => {}
            event => screen.event(event),
        };
        let tools = session.tools(AgeKeys::default(), &events);
        let surroundings = environment::surroundings(&variables(&Cli::command()));
        let git = Git::find(environment::program_folders(), environment::for_git());
        let question = Question {
            git: git.as_ref(),
            home: &session.environment.home,
            surroundings: &surroundings,
            wanted: self.name.as_deref(),
            network: !self.no_network,
        };
        let examined = session.wait_for(async { Ok(doctor(&tools, &question).await?) })?;
        let told = self.told(session, &examined, &surroundings);
        if session.screen.is_json() {
            session.screen.document(&json::Doctor::of(&told)).map_err(CliError::Output)?;
        } else {
            let text = human::doctor(&told, session.screen.width(), session.global.quiet);
            session.screen.result(&text).map_err(CliError::Output)?;
        }
        Ok(Exit::worst(told.iter().map(|told| told.exit)))
    }

    /// The links in words: the user's own, or such as anybody may read.
    fn told(&self, session: &Session, examined: &Examined, around: &Surroundings) -> Vec<Told> {
        let places = environment::places();
        if !self.report {
            let own = |mut told: Told| {
                told.message = places.tilde(&told.message);
                told.mends.iter_mut().for_each(|mend| *mend = places.tilde(mend));
                told
            };
            return examined.checks.iter().map(|check| own(Told::of(check, Audience::Owner))).collect();
        }
        let mut more: Vec<(String, &str)> =
            environment::who_and_where().into_iter().map(|name| (name, "someone")).collect();
        for proxy in &around.proxies {
            if let ProxySays::At(address) = &proxy.says {
                more.push((address.host.clone(), "proxy-1"));
            }
        }
        let certificates = around.certificate_folders.iter().chain(&around.certificate_file);
        more.extend(certificates.map(|path| (path.display().to_string(), "PATH")));
        let home = &session.environment.home;
        let redactor = Redactor::new(places, home, &examined.connections, &examined.names, &more);
        examined.checks.iter().map(|check| redactor.link(&Told::of(check, Audience::Public))).collect()
    }
}

/// The variables that stand for flags, of all commands.
fn variables(command: &clap::Command) -> Vec<String> {
    let own = command.get_arguments().filter_map(|argument| Some(argument.get_env()?.to_str()?.to_owned()));
    own.chain(command.get_subcommands().flat_map(variables)).collect()
}
