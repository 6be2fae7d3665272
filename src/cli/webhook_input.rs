//! Where a webhook's secret comes from, when it exists already: a pipe, a file, a variable. Never the command line, and
//! no prompt: nobody types such a secret, it is copied from where it is.

use clap::Args;
use jiff::SignedDuration;
use zeroize::Zeroizing;

use super::CliError;
use super::session::Session;
use super::token_input::{Noun, Source};
use crate::model::secret::InputProblem;
use crate::model::webhook::{self, NotAWebhookSecret};
use crate::model::{ForgeKind, Proof, Secret, StoreKind, duration};
use crate::workflow::NewWebhookSecret;

/// A webhook's secret that exists already, and what becomes of the one before.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct SecretSource {
    #[command(flatten)]
    source: WebhookSource,

    /// Where this replaces a webhook secret: accept the former one, too, for so
    /// long, as `7d` or `12h`, until it is changed everywhere
    #[arg(long, value_name = "TIME", value_parser = overlap, help_heading = "The webhook's secret")]
    accept_former_for: Option<SignedDuration>,
}

/// The ways to give a webhook's secret. At most one.
#[derive(Debug, Clone, Default, Args)]
#[group(id = "webhook_source", multiple = false)]
struct WebhookSource {
    /// Keep a webhook secret that exists already, read from standard input
    #[arg(long, help_heading = "The webhook's secret")]
    webhook_secret_stdin: bool,

    /// Read the webhook secret from a file (`-` is standard input)
    #[arg(long, value_name = "FILE", help_heading = "The webhook's secret")]
    webhook_secret_file: Option<String>,

    /// Read the webhook secret from an environment variable
    #[arg(long, value_name = "VAR", help_heading = "The webhook's secret")]
    webhook_secret_env: Option<String>,
}

fn overlap(text: &str) -> Result<SignedDuration, String> {
    match duration::parse(text) {
        Ok(overlap) if overlap.is_zero() => Err("leave it out, and the former secret is no longer accepted".into()),
        Ok(overlap) => Ok(overlap),
        Err(e) => Err(e.to_string()),
    }
}

impl SecretSource {
    /// For how long the secret before goes on holding. `replaced` is whether anything takes its place.
    pub(super) fn overlap(&self, replaced: bool) -> Result<Option<SignedDuration>, CliError> {
        match self.accept_former_for {
            Some(_) if !replaced => Err(CliError::usage(
                "`--accept-former-for` is for a webhook secret that takes the place of another",
                &[
                    "give the new one, as by `--webhook-secret-stdin`, or let `connect webhook settings --new-secret` make it",
                ],
            )),
            overlap => Ok(overlap),
        }
    }

    /// The way that was chosen; nothing if none was.
    pub(super) fn chosen(&self) -> Option<Source> {
        let WebhookSource { webhook_secret_stdin, webhook_secret_file, webhook_secret_env } = self.source.clone();
        match (webhook_secret_stdin, webhook_secret_file, webhook_secret_env) {
            (true, ..) => Some(Source::Stdin { flag: "--webhook-secret-stdin" }),
            (_, Some(path), _) if path == "-" => Some(Source::Stdin { flag: "--webhook-secret-file -" }),
            (_, Some(path), _) => Some(Source::File(path)),
            (.., Some(name)) => Some(Source::Variable { flag: "--webhook-secret-env", name }),
            _ => None,
        }
    }
}

const WEBHOOK_SECRET: Noun = Noun {
    word: "webhook secret",
    hidden: None,
    file: "--webhook-secret-file",
    variable: "as in `--webhook-secret-env WEBHOOK_SECRET`",
    readable: "secret_file_readable",
};

/// Fetches the webhook's secret that was given, if one was, and sees that it can be one at that forge. Warns of one that
/// can be tried out. `new` says the rest.
pub(super) fn read(
    source: Option<Source>,
    session: &Session,
    forge: ForgeKind,
    new: NewWebhookSecret,
) -> Result<NewWebhookSecret, CliError> {
    let Some(source) = source else { return Ok(new) };
    let variable = source.variable().map(str::to_owned);
    let (text, what) = source.text(session, &WEBHOOK_SECRET)?;
    let secret = checked(text, &what, variable.is_some())?;
    if let Err(problem) = Proof::of(forge, &secret) {
        let hint = match problem {
            NotAWebhookSecret::DamagedSigningToken => "copy the signing token once more, all of it",
            _ => "leave it out: connect makes one that fits",
        };
        return Err(CliError::usage(format!("{what} is no webhook secret for {forge}: {problem}"), &[hint]));
    }
    if webhook::is_weak(&secret) {
        session.screen.warning(
            "webhook_secret_weak",
            &format!(
                "this webhook secret has fewer than {} characters: whoever sees one delivery can find it by trying; leave it out, and connect makes a strong one",
                webhook::SHORTEST
            ),
        );
    }
    if new.store.unwrap_or(new.default_store) == StoreKind::Env && variable.is_none() {
        return Err(CliError::usage(
            "the store `env` keeps nothing, so it needs the name of the variable that has the webhook secret",
            &["as in `--webhook-secret-env WEBHOOK_SECRET --store env`"],
        ));
    }
    Ok(NewWebhookSecret { secret: Some(secret), variable, ..new })
}

/// A variable is read each time by the same rules as one with a token, in which there is no space.
fn checked(text: Zeroizing<String>, what: &str, in_variable: bool) -> Result<Secret, CliError> {
    let read = if in_variable { Secret::from_input(text) } else { Secret::from_phrase(text) };
    read.map_err(|problem| {
        let hint = match problem {
            InputProblem::Empty => "in CI an empty secret usually means that the variable is not given to this job",
            InputProblem::InnerWhiteSpace | InputProblem::OddCharacter if in_variable => {
                "one with spaces or letters beyond ASCII goes in by `--webhook-secret-stdin`"
            }
            _ => "copy the secret once more, alone and on one line",
        };
        CliError::usage(format!("{what} is no webhook secret: {problem}"), &[hint])
    })
}
