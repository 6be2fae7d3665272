//! Where a token comes from: the hidden prompt, a pipe, a file, a variable, or, with a warning, the
//! command line.

use std::io::{self, Read as _};
use std::path::Path;

use clap::Args;
use zeroize::Zeroizing;

use super::session::Session;
use super::{CliError, ask, environment};
use crate::files;
use crate::model::Secret;
use crate::model::secret::InputProblem;
use crate::model::text::begins_like_a_token;

/// Tokens are some hundred bytes; GitHub's longest so far about 520.
const LIMIT: u64 = 64 * 1024;

/// The ways to give a personal access token. At most one.
#[derive(Debug, Clone, Default, Args)]
#[group(id = "pat_source", multiple = false)]
#[command(next_help_heading = "Where the token comes from")]
pub(super) struct PatSource {
    /// Ask for the token, hidden; with a value, use that (the shell's history
    /// and the process list will have seen it)
    #[arg(long, value_name = "TOKEN", num_args = 0..=1, hide_default_value = true)]
    pub pat: Option<Option<String>>,

    /// Read the token from standard input
    #[arg(long, alias = "with-token")]
    pub pat_stdin: bool,

    /// Read the token from a file (`-` is standard input)
    #[arg(long, value_name = "FILE")]
    pub pat_file: Option<String>,

    /// Read the token from an environment variable
    #[arg(long, value_name = "VAR")]
    pub pat_env: Option<String>,
}

/// One way to a token, chosen.
#[derive(Debug)]
pub(super) enum Source {
    Prompt,
    CommandLine(Secret),
    Stdin { flag: &'static str },
    File(String),
    Variable { flag: &'static str, name: String },
}

impl PatSource {
    /// The way that was chosen; nothing if none was.
    pub(super) fn chosen(self) -> Result<Option<Source>, CliError> {
        let Self { pat, pat_stdin, pat_file, pat_env } = self;
        Ok(match (pat, pat_stdin, pat_file, pat_env) {
            (Some(value), ..) => Some(on_command_line("--pat", value)?),
            (_, true, ..) => Some(Source::Stdin { flag: "--pat-stdin" }),
            (.., Some(path), _) if path == "-" => Some(Source::Stdin { flag: "--pat-file -" }),
            (.., Some(path), _) => Some(Source::File(path)),
            (.., Some(variable)) => Some(Source::Variable { flag: "--pat-env", name: variable }),
            _ => None,
        })
    }
}

/// `--pat` and `--oauth-token`, with or without a value.
pub(super) fn on_command_line(flag: &str, value: Option<String>) -> Result<Source, CliError> {
    match value {
        None => Ok(Source::Prompt),
        Some(text) if text == "-" => {
            Err(CliError::usage(format!("`{flag} -` is no token"), &["standard input is read by `--pat-stdin`"]))
        }
        Some(text) => Ok(Source::CommandLine(checked(Zeroizing::new(text), &format!("the value of `{flag}`"))?)),
    }
}

impl Source {
    /// The variable that it comes from, if it does.
    pub(super) fn variable(&self) -> Option<&str> {
        match self {
            Self::Variable { name, .. } => Some(name),
            _ => None,
        }
    }

    /// Fetches the token. `before_asking` says where to make one.
    pub(super) fn read(self, session: &Session, before_asking: impl FnOnce()) -> Result<Secret, CliError> {
        match self {
            Self::Prompt => {
                if !session.may_ask() {
                    return Err(CliError::usage("there is no terminal to ask for the token on", &WAYS));
                }
                before_asking();
                checked(ask::hidden(&session.screen, "Token (hidden): ")?, "what was typed")
            }
            Self::CommandLine(secret) => {
                session.screen.warning(
                    "token_on_command_line",
                    "the shell's history and the process list have seen this token; `--pat` without a value asks for it, hidden",
                );
                Ok(secret)
            }
            given => {
                let (text, what) = given.text(session, &TOKEN)?;
                checked(text, &what)
            }
        }
    }

    /// Fetches the text that a pipe, a file or a variable gives, and says in words where it was.
    pub(super) fn text(self, session: &Session, noun: &Noun) -> Result<(Zeroizing<String>, String), CliError> {
        match self {
            Self::Prompt | Self::CommandLine(_) => Err(CliError::usage(format!("no {} was given", noun.word), &[])),
            Self::Stdin { flag } => from_stdin(flag, noun),
            Self::File(path) => from_file(session, &path, noun),
            Self::Variable { flag, name } => from_variable(flag, &name, noun),
        }
    }

    /// Whether it comes by standard input, and by which flag.
    pub(super) const fn stdin(&self) -> Option<&'static str> {
        match self {
            Self::Stdin { flag } => Some(flag),
            _ => None,
        }
    }
}

/// What a source gives, for the words of its errors.
pub(super) struct Noun {
    /// "token".
    pub word: &'static str,
    /// How it is given hidden at a terminal; nothing where it cannot be.
    pub hidden: Option<&'static str>,
    /// The flag that names a file.
    pub file: &'static str,
    /// A call that names a variable.
    pub variable: &'static str,
    /// The code of the warning for a file that others can read.
    pub readable: &'static str,
}

const TOKEN: Noun = Noun {
    word: "token",
    hidden: Some("at a terminal, `--pat` asks for it, hidden"),
    file: "--pat-file",
    variable: "as in `--pat-env GITLAB_TOKEN`",
    readable: "token_file_readable",
};

/// How else a token can be given.
pub(super) const WAYS: [&str; 4] = [
    "from a pipe: `--pat-stdin`",
    "from a file: `--pat-file FILE`",
    "from an environment variable: `--pat-env VAR`",
    "at a terminal: `--pat` asks for it, hidden",
];

fn from_stdin(flag: &str, noun: &Noun) -> Result<(Zeroizing<String>, String), CliError> {
    let word = noun.word;
    if ask::has_terminal() {
        return Err(CliError::usage(
            format!("`{flag}` reads from a pipe, but standard input is the terminal, which would show the {word}"),
            noun.hidden.as_slice(),
        ));
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(4096));
    io::stdin().lock().take(LIMIT + 1).read_to_end(&mut bytes).map_err(|e| CliError::Other {
        message: format!("cannot read standard input: {}", e.kind()),
        hints: Vec::new(),
    })?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > LIMIT {
        return Err(CliError::usage(format!("what came from standard input is far too long for a {word}"), &[]));
    }
    from_bytes(&bytes, "what came from standard input".to_owned(), noun)
}

fn from_file(session: &Session, path: &str, noun: &Noun) -> Result<(Zeroizing<String>, String), CliError> {
    let file = Path::new(path);
    let bytes = files::read_given(file, LIMIT).map_err(crate::workflow::Error::from)?;
    let Some(bytes) = bytes else {
        return Err(CliError::usage(
            format!("there is no file {}", file.display()),
            &[&format!("`{}` takes the path of a file with the {} in it", noun.file, noun.word)],
        ));
    };
    if files::others_may_read(file).unwrap_or(false) {
        session.screen.warning(
            noun.readable,
            &format!(
                "others on this machine can read {}; `chmod 600` it, or remove it once the {} is kept",
                file.display(),
                noun.word
            ),
        );
    }
    from_bytes(&bytes, format!("what is in {}", file.display()), noun)
}

fn from_variable(flag: &str, name: &str, noun: &Noun) -> Result<(Zeroizing<String>, String), CliError> {
    if !is_a_variables_name(name) {
        let word = noun.word;
        return Err(CliError::usage(
            format!("`{flag}` takes the name of a variable, not a {word} (what was given is not repeated here)"),
            &[noun.variable],
        ));
    }
    match environment::text(name) {
        Some(text) => Ok((text, format!("what is in `{name}`"))),
        None => Err(CliError::usage(
            format!("the variable `{name}` is not set, or not text"),
            &["in CI, see that the job is given it: protected variables only reach protected branches"],
        )),
    }
}

/// Whether it may be the name of a variable. A token given by mistake must not end up in an error or
/// a record: what begins like one, or is as long as one, is none.
fn is_a_variables_name(name: &str) -> bool {
    let letters = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let digit_first = name.starts_with(|c: char| c.is_ascii_digit());
    letters && !begins_like_a_token(name) && (1..40).contains(&name.len()) && !digit_first
}

fn from_bytes(bytes: &[u8], what: String, noun: &Noun) -> Result<(Zeroizing<String>, String), CliError> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok((Zeroizing::new(text.to_owned()), what)),
        Err(_) => Err(CliError::usage(format!("{what} is no {}: it is not text", noun.word), &[])),
    }
}

pub(super) fn checked(text: Zeroizing<String>, what: &str) -> Result<Secret, CliError> {
    Secret::from_input(text).map_err(|problem| {
        let hint = match problem {
            InputProblem::Empty => "in CI an empty token usually means that the variable is not given to this job",
            InputProblem::InnerWhiteSpace => "copy the token once more, alone and on one line",
            InputProblem::OddCharacter => "copy the token once more; it consists of letters, digits and a few signs",
        };
        CliError::usage(format!("{what} is no token: {problem}"), &[hint])
    })
}
