//! The process that gets the tokens. They are in its environment and nowhere else: not among its arguments, which
//! everybody on the machine can read.

use std::ffi::OsString;
use std::process::Command;

use super::Prepared;

impl Prepared {
    /// The command, with its environment and nothing else in it.
    pub(super) fn command(&self, program: &OsString, arguments: &[OsString]) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).env_clear();
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.envs(self.addresses.iter().map(|(name, value)| (name, value)));
        let tokens = self.tokens.iter().filter_map(|(name, at)| Some((name, self.secrets.get(*at)?)));
        command.envs(tokens.map(|(name, secret)| (name, secret.reveal())));
        command
    }

    /// Puts the command in the place of this process: its exit code and its signals are its own. Comes back only when
    /// that failed.
    #[cfg(unix)]
    pub fn replace(self, program: &OsString, arguments: &[OsString]) -> std::io::Error {
        use std::os::unix::process::CommandExt as _;
        self.command(program, arguments).exec()
    }

    /// Runs the command and waits for its end, where no process can take another's place. Its exit code.
    ///
    /// # Errors
    /// Why it was not run.
    #[cfg(not(unix))]
    pub fn run(self, program: &OsString, arguments: &[OsString]) -> std::io::Result<u8> {
        let status = self.command(program, arguments).status()?;
        Ok(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
    }
}
