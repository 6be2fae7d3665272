//! `connect api`

use std::io::{self, Read as _};
use std::path::Path;

use clap::Args as ClapArgs;
use serde_json::Value;
use zeroize::Zeroizing;

use super::CliError;
use super::session::{AgeKeys, Session};
use crate::files::{self, FileError};
use crate::forge::{RAW_LIMIT, RawMethod, typed_header};
use crate::output::Exit;
use crate::workflow::api::{self, Field, Wanted};

/// One authorised request, the answer on stdout
///
/// The request goes to the API of the connection's own forge and nowhere else: a whole URL, a redirect or a
/// next page that leads elsewhere is refused. The answer's body is printed as it came, also when it is a
/// refusal; at a terminal JSON is indented. The path `graphql` is the GraphQL API. At most 64 MiB are read.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  connect api octocat@github.com user
  connect api github.com repos/octocat/hello-world/issues -f title=Hello
  connect api lab 'projects/group%2Fproject/issues?state=opened' --paginate
  connect api lab projects/7 -X PUT -F archived=true -f 'topics[]=rust'
  connect api github.com graphql -f query='{ viewer { login } }'

Exit codes:
  0  done
  2  the command line is wrong, or the path leads out of the API
  3  no such connection, or not found at the forge
  4  the token is not valid
  5  the token may not do this
  7  the forge could not be reached or would not answer
  1  the forge found the request wrong; its answer is on stdout")]
pub(super) struct Args {
    /// A connection, by name or by a URL it serves
    #[arg(value_name = "NAME|URL")]
    connection: String,

    /// A path of its API, or a whole URL within it
    #[arg(value_name = "PATH")]
    path: String,

    /// GET, HEAD, POST, PUT, PATCH or DELETE  [default: GET, or POST with something to send]
    #[arg(short = 'X', long, value_name = "METHOD", value_parser = method)]
    method: Option<RawMethod>,

    /// A text for the body, or of what reads for the query
    #[arg(short = 'f', long, value_name = "KEY=VALUE", value_parser = raw_field)]
    raw_field: Vec<Field>,

    /// As -f; true, false, null and numbers are what they are, @FILE and @- are read
    #[arg(short = 'F', long, value_name = "KEY=VALUE", value_parser = pair)]
    field: Vec<(String, String)>,

    /// A header, `Name: value`
    #[arg(short = 'H', long, value_name = "HEADER", value_parser = typed_header)]
    header: Vec<(String, String)>,

    /// A file with the body, or - for stdin; -f and -F then go into the query
    #[arg(long, value_name = "FILE")]
    input: Option<String>,

    /// Ask for all pages, and join their lists to one
    #[arg(long, conflicts_with = "include")]
    paginate: bool,

    /// Print the status and the headers as well
    #[arg(short, long)]
    include: bool,
}

fn method(text: &str) -> Result<RawMethod, &'static str> {
    RawMethod::read(text).ok_or("GET, HEAD, POST, PUT, PATCH or DELETE")
}

fn pair(text: &str) -> Result<(String, String), &'static str> {
    let (key, value) = text.split_once('=').ok_or("a key and a value, as in `title=Hello`")?;
    Ok((key.to_owned(), value.to_owned()))
}

fn raw_field(text: &str) -> Result<Field, &'static str> {
    pair(text).map(|(key, value)| Field { key, value: Value::String(value) })
}

impl Args {
    pub(super) fn run(self, session: &Session) -> Result<Exit, CliError> {
        let mut stdin = Stdin { taken: false };
        let mut fields = self.raw_field;
        for (key, text) in self.field {
            fields.push(Field { value: typed_value(&text, &mut stdin)?, key });
        }
        let input = self.input.as_deref().map(|file| stdin.or_file(file)).transpose()?;
        let wanted = Wanted {
            connection: self.connection,
            path: self.path,
            method: self.method,
            headers: self.header,
            fields,
            input,
            paginate: self.paginate,
        };
        let in_two_steps = is_in_two_steps(&wanted.path);
        let screen = session.screen.clone();
        let events = move |event| screen.event(event);
        let tools = session.tools(AgeKeys::default(), &events);
        let answered = session.wait_for(async { Ok(api::request(&tools, wanted).await) })?;
        let (answer, error) = match answered {
            Ok(answer) => (Some(answer), None),
            Err(refused) => (refused.answer, Some(*refused.error)),
        };
        let error = error.map(CliError::from);
        if in_two_steps && error.as_ref().is_some_and(|error| error.failure().code == "not_found") {
            session.screen.note("at a GitLab, a project's path is one step: `projects/GROUP%2FPROJECT`");
        }
        if let Some(answer) = answer {
            session.screen.answer(&answer, self.include).map_err(CliError::Output)?;
        }
        error.map_or(Ok(Exit::Done), Err)
    }
}

/// Whether a path has the first piece of a GitLab project's where its number or whole path should stand.
fn is_in_two_steps(path: &str) -> bool {
    let project = path.trim_start_matches('/').strip_prefix("projects/").and_then(|rest| rest.split(['/', '?']).next());
    project.is_some_and(|it| it.parse::<u64>().is_err() && !it.to_ascii_lowercase().contains("%2f"))
}

/// A value that is what it reads as.
fn typed_value(text: &str, stdin: &mut Stdin) -> Result<Value, CliError> {
    Ok(match text {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        "null" => Value::Null,
        _ => match (text.parse::<i64>(), text.strip_prefix('@')) {
            (Ok(number), _) => Value::from(number),
            (_, Some(file)) => {
                let bytes = stdin.or_file(file)?;
                let wrong = |_| CliError::usage("what `-F` reads is no text", &["`--input` sends bytes as they are"]);
                Value::String(String::from_utf8(bytes.to_vec()).map_err(wrong)?)
            }
            _ => Value::String(text.to_owned()),
        },
    })
}

/// Standard input can be read once.
struct Stdin {
    taken: bool,
}

impl Stdin {
    /// The bytes of a file, or of stdin for `-`.
    fn or_file(&mut self, file: &str) -> Result<Zeroizing<Vec<u8>>, CliError> {
        let limit = RAW_LIMIT as u64;
        if file != "-" {
            let path = Path::new(file);
            let missing =
                || FileError::Io { action: "read", path: path.to_owned(), source: io::ErrorKind::NotFound.into() };
            return Ok(files::read_given(path, limit)?.ok_or_else(missing)?);
        }
        if std::mem::replace(&mut self.taken, true) {
            return Err(CliError::usage("standard input can be read only once", &["give one of them as a file"]));
        }
        let mut bytes = Zeroizing::new(Vec::new());
        let failed = |why: String| CliError::Other { message: why, hints: Vec::new() };
        let read = io::stdin().lock().take(limit + 1).read_to_end(&mut bytes);
        let read = read.map_err(|e| failed(format!("cannot read standard input: {}", e.kind())))?;
        if read as u64 > limit {
            return Err(failed("standard input is larger than 64 MiB".to_owned()));
        }
        Ok(bytes)
    }
}
