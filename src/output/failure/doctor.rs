//! How a link of the chain is told: how bad it is, its stable word, and the mend.

use std::path::Path;

use super::super::Exit;
use super::Failure;
use crate::catalog::CatalogError;
use crate::model::ConnectionName;
use crate::workflow::Error;
use crate::workflow::doctor::{Check, GitTrouble, Group, Next, Trouble, Verdict};

/// How a link is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Well.
    Ok,
    /// To be looked at.
    Warn,
    /// Broken.
    Fail,
    /// Not judged.
    Skipped,
}

impl Status {
    /// The word for programs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::Skipped => "skipped",
        }
    }
}

/// A link as it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What it belongs to.
    pub group: Group,
    /// What it is called.
    pub name: String,
    /// How it is.
    pub status: Status,
    /// What was found, or what is wrong.
    pub message: String,
    /// What to do: commands to run, pages to open.
    pub mends: Vec<String>,
    /// Whose it is, if it is one connection's.
    pub connection: Option<String>,
    /// Which forge's it is.
    pub host: Option<String>,
    /// A stable word for what is wrong.
    pub code: Option<&'static str>,
    /// How a run ends that finds it.
    pub exit: Exit,
}

/// For whom it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// The user.
    Owner,
    /// Anybody: without the words and names that a server gave.
    Public,
}

impl Told {
    /// Tells of a link.
    pub fn of(check: &Check, audience: Audience) -> Self {
        let told = |status, code, message: &str, mends, exit| Self {
            group: check.group,
            name: check.name.clone(),
            status,
            message: crate::model::text::without_tokens(message),
            mends,
            connection: check.connection.as_ref().map(ToString::to_string),
            host: check.host.clone(),
            code,
            exit,
        };
        match &check.verdict {
            Verdict::Well(text) => told(Status::Ok, None, text, Vec::new(), Exit::Done),
            Verdict::Skipped(why) => told(Status::Skipped, None, why, Vec::new(), Exit::Done),
            Verdict::Bad(Trouble::Failed(error)) => {
                let failure = failure(error, audience);
                told(Status::Fail, Some(failure.code), &failure.message, failure.hints, failure.exit)
            }
            Verdict::Bad(trouble) => {
                let (exit, code) = judged(trouble);
                let status = if exit == Exit::Done { Status::Warn } else { Status::Fail };
                let mut said = told(status, Some(code), &trouble.to_string(), mends(trouble, check), exit);
                if audience == Audience::Public {
                    said.message = in_public(trouble);
                    if let Trouble::UnknownVariable { meant } = trouble {
                        said.name = "CONNECT_…".into();
                        said.mends.retain(|_| meant.is_some());
                    }
                    if let Trouble::Git(GitTrouble::SecretInUrl { .. }) = trouble {
                        said.name = "remote".into();
                        said.mends.truncate(0);
                    }
                }
                said
            }
        }
    }
}

fn failure(error: &Error, audience: Audience) -> Failure {
    if audience == Audience::Owner {
        return Failure::of(error);
    }
    match error {
        Error::Forge { source, host, connection } => Failure::of(&Error::Forge {
            source: Box::new(source.anonymous()),
            host: host.clone(),
            connection: connection.clone(),
        }),
        Error::OtherAccount { connection, .. } => Failure::of(&Error::OtherAccount {
            connection: connection.clone(),
            theirs: "one account".into(),
            ours: "another".into(),
        }),
        // The parser may quote what it does not understand.
        Error::Catalog(CatalogError::Config { path, .. }) => {
            Failure::of(&Error::Catalog(CatalogError::Config { path: path.clone(), why: "see the file".into() }))
        }
        error => Failure::of(error),
    }
}

/// A trouble in words that repeat nothing that somebody wrote.
fn in_public(trouble: &Trouble) -> String {
    match trouble {
        Trouble::UnknownKeys { keys, .. } => format!("keys that mean nothing here: {}", keys.len()),
        Trouble::NeverServes { prefixes } => format!("it can never serve {} of its prefixes", prefixes.len()),
        Trouble::Git(GitTrouble::SecretInUrl { .. }) => "the URL of a remote has a password in it".into(),
        Trouble::Git(GitTrouble::Gone { .. }) => "git is told to start connect where it no longer is".into(),
        other => other.to_string(),
    }
}

/// How bad it is, and its stable word. What only has to be looked at ends a run well.
fn judged(trouble: &Trouble) -> (Exit, &'static str) {
    match trouble {
        Trouble::Failed(error) => {
            let failure = Failure::of(error);
            (failure.exit, failure.code)
        }
        Trouble::Git(trouble) => super::doctor_git::judged(trouble),
        Trouble::UnknownKeys { .. } => (Exit::Done, "unknown_key"),
        Trouble::Open { secret: true, .. } => (Exit::Store, "secret_readable"),
        Trouble::Open { folder: true, .. } => (Exit::Done, "folder_open"),
        Trouble::Open { .. } => (Exit::Done, "file_open"),
        Trouble::Foreign { .. } => (Exit::Failed, "foreign_owner"),
        Trouble::Stranger { .. } => (Exit::Failed, "not_a_file"),
        Trouble::Abandoned { .. } => (Exit::Done, "left_over"),
        Trouble::Orphan { .. } => (Exit::Done, "orphan"),
        Trouble::Overrides { .. } => (Exit::Done, "overridden"),
        Trouble::UnknownVariable { .. } => (Exit::Done, "unknown_variable"),
        Trouble::ProxyUnreadable => (Exit::Failed, "proxy_unreadable"),
        Trouble::NoCertificates { .. } => (Exit::Failed, "no_certificates"),
        Trouble::NameNotFound { .. } => (Exit::Unreachable, "name_not_found"),
        Trouble::ApiVersionRefused => (Exit::Failed, "api_version_retired"),
        // Expiry, and the time in a webhook's signature, are judged by this clock.
        Trouble::Clock { by } if by.abs().as_secs() >= 300 => (Exit::Failed, "clock_wrong"),
        Trouble::Clock { .. } => (Exit::Done, "clock_off"),
        Trouble::UsedUp { .. } => (Exit::Done, "rate_limited"),
        Trouble::SeveralDefaults { .. } => (Exit::Done, "several_defaults"),
        Trouble::NoneChosen { .. } => (Exit::Done, "none_chosen"),
        Trouble::NeverServes { .. } => (Exit::Done, "never_serves"),
        Trouble::KeptPlain => (Exit::Done, "kept_plain"),
        Trouble::WebhookPlain => (Exit::Done, "kept_plain"),
        Trouble::WebhookWeak => (Exit::Done, "webhook_secret_weak"),
        Trouble::FormerOver { .. } => (Exit::Done, "former_over"),
        Trouble::StaleCopies { .. } => (Exit::Differs, "stale_copies"),
        Trouble::PlainHttp => (Exit::Done, "plain_http"),
        Trouble::LooseLogins { .. } => (Exit::Done, "left_over"),
        Trouble::RefusedThroughGit { .. } => (Exit::Done, "token_refused"),
        Trouble::AnotherToken { .. } => (Exit::Done, "another_token"),
        Trouble::ExpiresSoon { .. } => (Exit::Done, "expires_soon"),
        Trouble::NoScopes => (Exit::Done, "no_scopes"),
        Trouble::CutShort { .. } | Trouble::RotationCutShort { .. } | Trouble::ImportCutShort { .. } => {
            (Exit::Done, "cut_short")
        }
        Trouble::OldTokenLives { .. } => (Exit::Done, "old_token_lives"),
        Trouble::JournalUnreadable { .. } => (Exit::Done, "journal_unreadable"),
        Trouble::LeftBehind { .. } => (Exit::Store, "store_unreliable"),
    }
}

/// What to do about it.
fn mends(trouble: &Trouble, check: &Check) -> Vec<String> {
    let connection = check.connection.as_ref().map(ConnectionName::as_str).unwrap_or_default();
    let mend = match trouble {
        Trouble::Failed(error) => return Failure::of(error).hints,
        Trouble::Git(trouble) => return super::doctor_git::mends(trouble, check.host.as_deref().unwrap_or_default()),
        Trouble::UnknownKeys { path, .. } => format!("correct or remove them in {}", path.display()),
        Trouble::Open { path, folder: true, .. } => format!("`chmod 700 {}`", typed(path)),
        Trouble::Open { path, secret: true, .. } => {
            return vec![
                format!("`chmod 600 {}`", typed(path)),
                "if others use this machine, make a new token and revoke this one".into(),
            ];
        }
        Trouble::Open { path, .. } => format!("`chmod 600 {}`", typed(path)),
        Trouble::Foreign { path } => format!("`sudo chown \"$USER\" {}`, if it is yours", typed(path)),
        Trouble::Stranger { path } => format!("see what it is: `ls -ld {}`; then move it away", typed(path)),
        Trouble::Abandoned { path } => format!("`rm {}`", typed(path)),
        Trouble::Orphan { path } => {
            format!("`rm {}`; if the token may still live, revoke it at its forge", typed(path))
        }
        Trouble::Overrides { name } => format!("`unset {name}`, unless it is meant to win"),
        Trouble::UnknownVariable { meant: Some(meant) } => format!("did you mean `{meant}`?"),
        Trouble::UnknownVariable { meant: None } => format!("`unset {}`", check.name),
        Trouble::ProxyUnreadable => {
            "its form is `USER:PASSWORD@HOST:PORT`; percent-encode what is odd in a password (`@` is %40, `/` is %2F)"
                .into()
        }
        Trouble::NoCertificates { .. } => format!("`unset {}`, or let it lead to PEM certificates", check.name),
        Trouble::NameNotFound { .. } => {
            "see how the host is spelt, and whether this machine is on the right network".into()
        }
        Trouble::ApiVersionRefused => "update connect; or, on an old Enterprise Server, update that".into(),
        Trouble::Clock { .. } => {
            "set this machine's clock: `timedatectl set-ntp true`, or as your system has it".into()
        }
        Trouble::UsedUp { .. } => "wait; requests with a token are counted by themselves".into(),
        Trouble::SeveralDefaults { names } => listed(names, "leave one: `connect use ", " --default`"),
        Trouble::NoneChosen { names } => listed(names, "choose one: `connect use ", " --default`"),
        Trouble::NeverServes { .. } => {
            format!("`connect use '{connection}' --on PREFIX` with a prefix at its own host")
        }
        Trouble::WebhookWeak => {
            format!("`connect webhook settings '{connection}' --new-secret --accept-former-for 7d` makes a strong one")
        }
        Trouble::FormerOver { .. } => {
            format!("the next run that writes removes it, as `connect webhook settings '{connection}'`")
        }
        Trouble::KeptPlain | Trouble::WebhookPlain => {
            format!("`connect store migrate '{connection}' --to keyring` (or `--to file`)")
        }
        Trouble::StaleCopies { .. } => format!("`{}`", crate::output::human::push(connection)),
        Trouble::RefusedThroughGit { taken: false, .. } => format!("`connect status '{connection}'` asks its forge"),
        Trouble::RefusedThroughGit { taken: true, .. } => {
            format!("`connect check '{connection}' --for git --repo OWNER/REPO` says what it lacks there")
        }
        Trouble::LooseLogins { .. } => "the next login that git stores or erases takes them along".into(),
        Trouble::PlainHttp => "connect again with https, without `--allow-http`".into(),
        Trouble::AnotherToken { .. } => format!("if it is meant: `connect status '{connection}'` takes note of it"),
        Trouble::ExpiresSoon { .. } => {
            format!("`connect rotate '{connection}'` in time; or make a new token, and connect it under the same name")
        }
        Trouble::NoScopes => {
            "make a token with the scopes for its task: `connect new-token github|gitlab --for TASK`".into()
        }
        Trouble::CutShort { next: Next::Waits, .. } => "mend or remove its record first".into(),
        Trouble::CutShort { .. } => {
            "the next `connect github`, `connect gitlab` or `connect disconnect` does it".into()
        }
        Trouble::RotationCutShort { .. } => "`connect rotate --resume` brings it to its end".into(),
        Trouble::OldTokenLives { decided: true, .. } => "`connect rotate --resume` revokes it".into(),
        Trouble::OldTokenLives { .. } => {
            "`connect rotate --resume --revoke-old` revokes it; `--keep-old` leaves it alone".into()
        }
        Trouble::ImportCutShort { repository, undoing: true, .. } => {
            format!("`connect import undo {repository}` goes on with it")
        }
        Trouble::ImportCutShort { repository, project, .. } => {
            format!(
                "`connect import {repository} --to {project}` goes on with it; `connect import undo {repository}` takes it back"
            )
        }
        Trouble::JournalUnreadable { .. } => "update connect; if that does not help, remove the file".into(),
        Trouble::LeftBehind { .. } => "remove it by hand; it opens nothing".into(),
    };
    vec![mend]
}

fn listed(names: &[ConnectionName], before: &str, after: &str) -> String {
    let first = names.first().map(ConnectionName::as_str).unwrap_or_default();
    let all: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    format!("{before}'{first}'{after} (they are {})", all.join(", "))
}

/// A path as it can be typed: in quotes where a shell would take it apart.
fn typed(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-~@%+,:=".contains(c);
    if text.chars().all(plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}
