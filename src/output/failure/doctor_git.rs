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
        GitTrouble::LoginPutIn => (Exit::Done, "git_login_put_in"),
        GitTrouble::SecretInUrl { .. } => (Exit::Store, "secret_in_remote"),
    }
}

/// A word of a command line. Whoever wrote the repository's configuration chose it.
fn word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+".contains(c);
    if text.chars().all(plain) && !text.is_empty() {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
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
        GitTrouble::LoginPutIn => {
            "`connect adopt` takes the token in; then take the lines out: `git config --global --edit`".into()
        }
        GitTrouble::SecretInUrl { remote, clean, push } => {
            let push = if *push { " --push" } else { "" };
            return vec![
                format!("`git remote set-url{push} {} {}`", word(remote), word(clean)),
                "make a new token in place of that one, if others could read the folder".into(),
            ];
        }
    };
    vec![mend]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_to_be_typed_is_what_was_meant() {
        let mend = |remote: &str, push| {
            let clean = "https://github.com/o/r.git".to_owned();
            mends(&GitTrouble::SecretInUrl { remote: remote.into(), clean, push }, "").remove(0)
        };
        assert_eq!(mend("origin", false), "`git remote set-url origin https://github.com/o/r.git`");
        // Without the flag the other URL is written, and this one stays.
        assert_eq!(mend("origin", true), "`git remote set-url --push origin https://github.com/o/r.git`");
        // A repository's configuration is somebody else's writing.
        let odd = mend("a$(touch x)'b", false);
        assert_eq!(odd, r"`git remote set-url 'a$(touch x)'\''b' https://github.com/o/r.git`");
    }
}
