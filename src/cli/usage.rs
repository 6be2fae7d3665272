//! Mistakes on the command line, told without repeating what was typed: it may be a token.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::CommandFactory as _;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::{Cli, environment};
use crate::output::{Exit, Failure, Screen, Settings};

/// Prints help and version as asked for, and mistakes without the words that were wrong.
pub(super) fn report(error: &clap::Error) -> ExitCode {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        return match error.print() {
            Ok(()) => ExitCode::SUCCESS,
            Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
            Err(_) => ExitCode::from(Exit::Failed.code()),
        };
    }
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        let _ = error.print();
        return ExitCode::from(Exit::Usage.code());
    }
    // The flags were not understood, so `--json` has to be found by hand.
    let json = std::env::args_os().take_while(|arg| arg != "--").any(|arg| arg == "--json")
        || environment::is_on("CONNECT_JSON");
    Screen::new(Settings { json, ..Settings::default() }).failure(&failure(error));
    ExitCode::from(Exit::Usage.code())
}

fn failure(error: &clap::Error) -> Failure {
    let mut hints = Vec::new();
    for kind in [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue] {
        if let Some(suggested) = words(error, kind) {
            hints.push(format!("did you mean {suggested}?"));
        }
    }
    if let Some(valid) = words(error, ContextKind::ValidValue) {
        hints.push(format!("what is possible: {valid}"));
    }
    if error.kind() == ErrorKind::MissingRequiredArgument && command().as_deref() == Some("exec") {
        hints.push("`--` stands before the command, as in `connect exec NAME -- gh pr list`".into());
    }
    hints.push(match command() {
        Some(command) => format!("`connect help {command}` lists what it takes"),
        None => "`connect help COMMAND` lists what a command takes".into(),
    });
    Failure {
        exit: Exit::Usage,
        code: "usage",
        message: message(error),
        hints,
        connection: None,
        more: Default::default(),
    }
}

fn message(error: &clap::Error) -> String {
    let argument = error.get(ContextKind::InvalidArg).map(ToString::to_string);
    let known = argument.as_deref().filter(|text| is_ours(text)).map(|text| format!("`{}`", flag_alone(text)));
    match error.kind() {
        ErrorKind::UnknownArgument => match argument.as_deref().filter(|text| is_a_flag(text)) {
            Some(flag) => format!("there is no flag `{flag}` here"),
            None => "there is a word too many (it is not repeated here, in case it is a token)".into(),
        },
        ErrorKind::InvalidSubcommand => {
            match words(error, ContextKind::InvalidSubcommand).filter(|text| is_a_word(text)) {
                Some(word) => format!("there is no command {word}"),
                None => "there is no such command (it is not repeated here, in case it is a token)".into(),
            }
        }
        ErrorKind::InvalidValue if is_empty(error) => {
            format!("{} wants a value", known.as_deref().unwrap_or("a flag"))
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let why = std::error::Error::source(error).map(|source| format!(": {source}")).unwrap_or_default();
            format!("the value of {} does not fit{why}", known.as_deref().unwrap_or("a flag"))
        }
        ErrorKind::ArgumentConflict => match (known, words(error, ContextKind::PriorArg)) {
            (Some(one), Some(other)) if one == other => format!("{one} was given twice"),
            (Some(one), Some(other)) => format!("{one} cannot be given together with {other}"),
            _ => "two flags were given that exclude each other".into(),
        },
        ErrorKind::MissingRequiredArgument => {
            format!(
                "something is missing: {}",
                words(error, ContextKind::InvalidArg).unwrap_or_else(|| "an argument".into())
            )
        }
        ErrorKind::MissingSubcommand => "a command is missing".into(),
        ErrorKind::TooManyValues | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues | ErrorKind::NoEquals => {
            format!("{} was not given as many values as it takes", known.as_deref().unwrap_or("a flag"))
        }
        _ => "the command line does not read".into(),
    }
}

/// Which command it is about: the words of the command line that are names of commands, as the definitions have them.
/// Not for every mistake clap says so itself.
fn command() -> Option<String> {
    let root = Cli::command();
    let typed: Vec<String> =
        std::env::args_os().skip(1).take_while(|arg| arg != "--").flat_map(OsString::into_string).collect();
    let mut words = typed.iter().filter(|arg| !arg.starts_with('-'));
    // Before the first one there may be values of flags.
    let first = words.find_map(|word| root.find_subcommand(word))?;
    let mut names = vec![first.get_name()];
    let mut found = first;
    while let Some(next) = words.next().and_then(|word| found.find_subcommand(word)) {
        names.push(next.get_name());
        found = next;
    }
    Some(names.join(" "))
}

/// Whether nothing stands where a value should.
fn is_empty(error: &clap::Error) -> bool {
    matches!(error.get(ContextKind::InvalidValue), Some(ContextValue::String(text)) if text.is_empty())
}

/// What clap says of its own names. They come from the definitions, not from what was typed.
fn words(error: &clap::Error, kind: ContextKind) -> Option<String> {
    let quoted = |text: &String| format!("`{}`", flag_alone(text));
    match error.get(kind)? {
        ContextValue::String(text) => Some(quoted(text)),
        ContextValue::Strings(several) if !several.is_empty() => {
            Some(several.iter().map(quoted).collect::<Vec<_>>().join(", "))
        }
        _ => None,
    }
}

/// The flag of `--pat [<TOKEN>]`.
fn flag_alone(text: &str) -> &str {
    if text.starts_with("--") { text.split([' ', '=']).next().unwrap_or(text) } else { text }
}

/// `--name <NAME>`, `--pat [<TOKEN>]`, `<NAME>`: clap's rendering of an argument of ours.
fn is_ours(text: &str) -> bool {
    text.starts_with("--") || text.starts_with('<') || text.starts_with('[')
}

/// A flag that may be repeated: dashes and a few small letters. No token looks like that.
fn is_a_flag(text: &str) -> bool {
    text.strip_prefix("--").is_some_and(|name| name.len() <= 24 && is_a_word(name))
        || (text.len() == 2 && text.starts_with('-'))
}

/// Small letters and dashes only, and few: no token looks like that.
fn is_a_word(text: &str) -> bool {
    let text = text.trim_matches('`');
    text.len() <= 20 && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
}
