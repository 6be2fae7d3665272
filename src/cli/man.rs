//! `connect man`

use std::path::PathBuf;

use clap::{Args as ClapArgs, CommandFactory as _};

use super::session::Session;
use super::{Cli, CliError};
use crate::output::{Exit, human};

/// The manual, for man(1)
///
/// Prints the page of connect itself, or of one command; with `--dir` a page for each command is written
/// into a folder, as packages want it.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  connect man | man -l -
  connect man status | man -l -
  connect man --dir ~/.local/share/man/man1")]
pub(super) struct Args {
    /// Only this command, as in `status` or `store migrate`
    #[arg(value_name = "COMMAND", num_args = 0.., conflicts_with = "dir")]
    command: Vec<String>,

    /// Write all pages into this folder, which must be there
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

impl Args {
    pub(super) fn run(self, session: &Session) -> Result<Exit, CliError> {
        let mut command = Cli::command();
        command.build();
        if let Some(folder) = &self.dir {
            if !folder.is_dir() {
                let hints = ["make it first, or leave `--dir` out for a page on stdout"];
                return Err(CliError::usage(format!("{} is no folder", folder.display()), &hints));
            }
            clap_mangen::generate_to(command, folder).map_err(|e| CliError::Other {
                message: format!("cannot write the pages to {}: {}", folder.display(), e.kind()),
                hints: vec!["see who owns the folder, and whether there is room".into()],
            })?;
            session.screen.result(&human::pages_written(folder)).map_err(CliError::Output)?;
            return Ok(Exit::Done);
        }
        let mut page = &command;
        for word in &self.command {
            page = page
                .find_subcommand(word)
                .ok_or_else(|| CliError::usage("there is no such command", &["`connect help` lists them"]))?;
        }
        let mut text = Vec::new();
        clap_mangen::Man::new(page.clone()).render(&mut text).map_err(CliError::Output)?;
        session.screen.result(&String::from_utf8_lossy(&text)).map_err(CliError::Output)?;
        Ok(Exit::Done)
    }
}
