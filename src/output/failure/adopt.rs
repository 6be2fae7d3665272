//! Tokens of other tools that were not taken in, and copies of them that were not removed.

use super::super::{Adoption, Exit, Fate};
use super::Failure;
use crate::workflow::adopt::{ClearError, Untaken};

impl Failure {
    /// Why a token was not taken in.
    pub fn of_untaken(error: &Untaken) -> Self {
        let message = error.to_string();
        match error {
            Untaken::Work(error) => Self::of(error),
            Untaken::NoHost => Self::new(Exit::Failed, "no_host", message)
                .hint("`connect github --host HOST --pat-env VARIABLE`, or `connect gitlab`, takes it in"),
            Untaken::NotAnApiToken { .. } => {
                Self::new(Exit::Failed, "not_an_api_token", message).hint("leave it to the tool that uses it")
            }
            Untaken::OtherForge { .. } => Self::new(Exit::Failed, "token_of_other_forge", message)
                .hint("see whether it stands under the wrong host there"),
            Untaken::Host(_) => Self::new(Exit::Usage, "not_a_host", message)
                .hint("`--allow-http` if you know that the network is yours alone, `--api-url` for another address"),
        }
    }

    /// Why a copy was not removed.
    pub fn of_clearing(error: &ClearError) -> Self {
        let message = error.to_string();
        match error {
            ClearError::NotKept { connection } => Self::new(Exit::Store, "not_read_back", message)
                .hint(format!("`connect doctor {connection}` says what stands in the way"))
                .at(Some(connection)),
            ClearError::Changed { .. } => {
                Self::new(Exit::Differs, "changed_meanwhile", message).hint("run the command again")
            }
            ClearError::SeveralNames { .. } => {
                Self::new(Exit::Differs, "several_names", message).hint("remove the line by hand, under every name")
            }
            ClearError::ByHand { .. } => {
                Self::new(Exit::Differs, "by_hand", message).hint("take the token out by hand")
            }
            ClearError::Git { path } => Self::new(Exit::Failed, "git_failed", message)
                .hint(format!("`git config --file {} --list` shows what it says", path.display())),
            ClearError::File(source) => super::file(source),
        }
    }

    /// Nobody could be asked whether copies may be removed.
    pub fn removal_not_confirmed(file: &str) -> Self {
        let message = format!("nobody could be asked whether {file} may be changed");
        Self::new(Exit::Differs, "not_confirmed", message)
            .hint("`--yes --host HOST --remove` does it without a question")
    }

    /// Nobody could be asked whether tokens may be sent to their hosts.
    pub fn not_confirmed(adoption: &Adoption<'_>) -> Self {
        let mut hosts: Vec<&str> = Vec::new();
        for (stray, fate) in adoption.scan.strays.iter().zip(adoption.fates) {
            let host = stray.site.as_ref().map(crate::workflow::adopt::Site::label);
            hosts.extend(host.filter(|host| *fate == Fate::NotAsked && !hosts.contains(host)));
        }
        let failure = Self::new(
            Exit::Differs,
            "not_confirmed",
            "nothing was sent: nobody could be asked whether these hosts may be",
        );
        hosts.iter().take(5).fold(failure, |failure, host| {
            failure.hint(format!("`connect adopt --yes --host {host}` checks the tokens for {host}"))
        })
    }
}
