//! What is wrong with git, or stands in the way of setting it up, told.

use super::{Exit, Failure};
use crate::git::GitError;
use crate::workflow::setup_git::SetupGitError;

pub(super) fn failure(error: &GitError) -> Failure {
    let message = error.to_string();
    match error {
        GitError::Missing => Failure::new(Exit::Failed, "no_git", message)
            .hint("install git (https://git-scm.com/downloads), or add its folder to PATH"),
        GitError::NotStarted { .. } => {
            Failure::new(Exit::Failed, "git_failed", message).hint("see whether `git --version` works")
        }
        GitError::TimedOut { .. } => Failure::new(Exit::Failed, "git_failed", message)
            .hint("see what `git config --list --show-origin` waits for: a drive on the network?"),
        GitError::NoRepository => Failure::new(Exit::Failed, "no_repository", message)
            .hint("run it inside a repository; or leave `--local` out, and it is for all of yours"),
        GitError::NoRights { .. } => Failure::new(Exit::Failed, "permission_denied", message)
            .hint("see who owns the file and its folder: git writes beside it, then renames"),
        GitError::ReadOnly { .. } => Failure::new(Exit::Failed, "read_only", message)
            .hint("where something else makes that file (dotfiles, home-manager), put the lines there:")
            .hint("`connect setup-git --dry-run` shows them"),
        GitError::Locked { .. } => Failure::new(Exit::Failed, "busy", message)
            .hint("wait, then run the command again; if no git is at work, remove the file that ends in `.lock`"),
        GitError::Refused { .. } => Failure::new(Exit::Failed, "git_failed", message)
            .hint("`git config --list --show-origin` shows what git reads, and where it stops"),
    }
}

pub(super) fn setup_failure(error: &SetupGitError) -> Failure {
    let message = error.to_string();
    match error {
        SetupGitError::NoHosts => Failure::new(Exit::NotFound, "no_such_connection", message)
            .hint("`connect github --pat` or `connect gitlab --pat` makes one")
            .hint("`connect setup-git --host HOST` sets git up for a host without one"),
        SetupGitError::NotAHost { .. } => Failure::new(Exit::Usage, "usage", message)
            .hint("as in `--host github.com`, `--host gitlab.example.com:8443`, `--host https://example.com/gitlab`"),
        SetupGitError::NotConfirmed { flags } => Failure::new(Exit::Differs, "needs_a_yes", message)
            .hint(format!("`--yes` says so; `connect setup-git{flags} --dry-run` shows what would be written")),
        SetupGitError::UnwritablePath => Failure::new(Exit::Failed, "unwritable_path", message)
            .hint("put the folder of `git-credential-connect` on PATH, and git finds it by its name"),
        SetupGitError::NotRoot { hosts, .. } => {
            let hosts: Vec<String> = hosts.iter().map(|host| format!(" --host {host}")).collect();
            Failure::new(Exit::Failed, "permission_denied", message)
                .hint(format!("`sudo connect setup-git --system{}` does it for everybody here", hosts.concat()))
                .hint("without `--system` it is for you alone, and needs no rights")
        }
        SetupGitError::NotAsked { .. } => Failure::new(Exit::Failed, "not_asked", message)
            .hint("something that git reads later makes it forget; `git config --show-origin --get-regexp credential`")
            .hint("shows what; an empty `helper` in the repository's own configuration does that"),
        SetupGitError::Halfway { source, .. } => {
            let cause = failure(source);
            let hint = "run the command again: it goes on with what is left; `--undo` takes it back";
            Failure { message, ..cause }.hint(hint)
        }
    }
}
