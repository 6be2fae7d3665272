//! One run of one command: the flags, the environment and the screen, and the tools made of them.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::environment::Environment;
use super::options::Global;
use super::passphrase::Passphrases;
use super::{CliError, ask, environment, interrupt};
use crate::catalog::Config;
use crate::forge::TransportOptions;
use crate::output::Screen;
use crate::store::{StoreOptions, Stores};
use crate::workflow::{self, Event, Tools, Witness};

/// How long a keyring may take when a person may have to unlock it.
const PATIENCE_WITH_A_PERSON: Duration = Duration::from_secs(60);

/// How long when nobody can.
const PATIENCE_ALONE: Duration = Duration::from_secs(3);

/// What every command is given.
pub(super) struct Session {
    pub global: Global,
    pub environment: Environment,
    pub screen: Screen,
    pub config: Config,
    /// What the run sees of its tokens.
    pub witness: Witness,
}

/// What the flags say about the store `file`.
#[derive(Debug, Clone, Default)]
pub(super) struct AgeKeys {
    pub identity: Option<PathBuf>,
    pub recipients: Vec<String>,
}

impl Session {
    /// With `without_config`, `config.toml` is not read and nothing counts as chosen.
    pub(super) fn new(
        global: Global,
        environment: Environment,
        screen: Screen,
        without_config: bool,
    ) -> Result<Self, CliError> {
        if global.verbose > 0 {
            crate::output::start_log();
        }
        let config = if without_config { Config::default() } else { Config::read(&environment.home.config_file())? };
        Ok(Self { global, environment, screen, config, witness: Witness::default() })
    }

    /// A session that begins whatever is wrong with the configuration: who finds out what is broken needs it.
    pub(super) fn in_spite_of_all(global: Global, environment: Environment, screen: Screen) -> Self {
        if global.verbose > 0 {
            crate::output::start_log();
        }
        let config = Config::read(&environment.home.config_file()).unwrap_or_default();
        Self { global, environment, screen, config, witness: Witness::default() }
    }

    /// Whether there is somebody to ask.
    pub(super) fn may_ask(&self) -> bool {
        !self.global.no_input && ask::has_terminal()
    }

    /// The tools for a workflow.
    pub(super) fn tools<'a>(&self, keys: AgeKeys, events: &'a (dyn Fn(Event) + Sync)) -> Tools<'a> {
        self.tools_asking(keys, events, self.may_ask())
    }

    /// The same, with the say whether anybody may be asked.
    pub(super) fn tools_asking<'a>(
        &self,
        keys: AgeKeys,
        events: &'a (dyn Fn(Event) + Sync),
        may_ask: bool,
    ) -> Tools<'a> {
        let screen = self.screen.clone();
        let options = StoreOptions {
            secrets_dir: self.environment.home.secrets(),
            keyring_patience: if may_ask { PATIENCE_WITH_A_PERSON } else { PATIENCE_ALONE },
            on_wait: Some(Arc::new(move || {
                screen.note("waiting for the keyring; is there a dialog that wants to be answered?");
            })),
            passphrase: Arc::new(Passphrases {
                screen: self.screen.clone(),
                file: self.environment.passphrase_file.clone(),
                may_ask,
            }),
            age_identity: keys.identity.or_else(|| self.environment.age_identity.clone()),
            age_recipients: keys.recipients,
            variables: Arc::new(environment::secret),
        };
        let transport = TransportOptions { timeout: self.global.timeout(), ..TransportOptions::default() };
        let (home, clock) = (&self.environment.home, self.environment.clock);
        Tools::new(home, Stores::new(options), clock, environment::actor, transport, self.witness.clone(), events)
    }

    /// What is done at the end of every run: the ends of tokens that were told by the way are written down, and those
    /// that come soon are mentioned.
    pub(super) fn settle(&self) {
        let screen = self.screen.clone();
        let events = move |event| screen.event(event);
        workflow::settle(&self.tools(AgeKeys::default(), &events));
    }

    /// Runs what waits for the network, until it is done or the user presses Ctrl-C.
    pub(super) fn wait_for<T>(&self, work: impl Future<Output = Result<T, CliError>>) -> Result<T, CliError> {
        let mut pressed = interrupt::listen(&self.screen);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|e| CliError::Other { message: format!("cannot start: {}", e.kind()), hints: Vec::new() })?;
        let ended = runtime.block_on(async {
            tokio::select! {
                biased;
                ended = work => ended,
                Ok(()) = pressed.changed() => Err(CliError::Interrupted),
            }
        });
        // A name that is being looked up cannot be called off; nobody waits for it.
        runtime.shutdown_background();
        ended
    }
}
