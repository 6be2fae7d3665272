//! What doctor finds about git: how bad it is, its stable word, and the mend.

use super::super::Exit;
use crate::workflow::doctor::GitTrouble;

/// How bad it is, and its stable word. git works with all but the last two.
pub(super) const fn judged(trouble: &GitTrouble) -> (Exit, &'static str) {
    match trouble {
        GitTrouble::Old { .. } => (Exit::Done, "git_old"),
        GitTrouble::NotAsked => (Exit::Done, "git_not_asked"),
        GitTrouble::AnswersFirst { .. } => (Exit::Done, "git_answered_first"),
        GitTrouble::Told { .. } => (Exit::Done, "git_tells_others"),
        GitTrouble::Gone { .. } => (Exit::Failed, "git_helper_gone"),
        GitTrouble::NoPath => (Exit::Done, "git_no_path"),
        GitTrouble::Header => (Exit::Done, "git_header"),
        GitTrouble::Netrc { .. } => (Exit::Done, "git_netrc"),
        GitTrouble::OtherUser => (Exit::Done, "git_other_user"),
        GitTrouble::BySsh => (Exit::Done, "git_by_ssh"),
        GitTrouble::SecretInUrl { .. } => (Exit::Store, "secret_in_remote"),
    }
}

/// What to do about it; `host` as it can be typed.
pub(super) fn mends(trouble: &GitTrouble, host: &str) -> Vec<String> {
    let mend = match trouble {
        GitTrouble::Old { .. } => "update git; until then a dead token is tried, refused, and asked for".into(),
        GitTrouble::NotAsked | GitTrouble::Gone { .. } | GitTrouble::NoPath => {
            format!("`connect setup-git --host {host}`")
        }
        GitTrouble::AnswersFirst { .. } | GitTrouble::Told { .. } => {
            format!("`connect setup-git --host {host} --only` has git ask and tell connect alone there")
        }
        GitTrouble::Header => {
            "`git config --show-origin --get-regexp extraheader` shows where it stands; in CI that is as it should be"
                .into()
        }
        GitTrouble::Netrc { .. } => format!("remove its line for {host}, once connect has the token: `connect adopt`"),
        GitTrouble::OtherUser => "`git config --show-origin --get-regexp credential` shows where it stands".into(),
        GitTrouble::BySsh => {
            "if it is meant, leave it; `git config --show-origin --get-regexp insteadof` shows where".into()
        }
        GitTrouble::SecretInUrl { remote, clean } => {
            return vec![
                format!("`git remote set-url {remote} {clean}`"),
                "make a new token in place of that one, if others could read the folder".into(),
            ];
        }
    };
    vec![mend]
}
