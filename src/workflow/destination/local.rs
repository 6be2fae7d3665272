//! Places without a forge: a file, and a command. Both get the secret as it is, without a line break at its end.

use std::io;
use std::path::Path;
use std::process::Stdio;

use tokio::io::AsyncWriteExt as _;
use zeroize::Zeroizing;

use super::super::{Error, Tools};
use super::DestinationError;
use crate::files;
use crate::model::{Connection, Destination, Secret, StoreKind};

/// A secret is some hundred bytes; whatever is longer is not what was put there.
const LIMIT: u64 = 64 * 1024;

/// The variables of ours that lead to secrets. The command has no business with them.
const OURS: [&str; 3] = ["CONNECT_PASSPHRASE", "CONNECT_PASSPHRASE_FILE", "CONNECT_AGE_IDENTITY"];

/// Replaces the file whole, 0600, and reads it back.
///
/// # Errors
/// [`Error::File`]; [`DestinationError::DoesNotWork`] where something else is read back.
pub(super) fn write_file(connection: &Connection, destination: &Destination, secret: &Secret) -> Result<(), Error> {
    let path = Path::new(&destination.target);
    files::hand_over(path, secret.reveal().as_bytes())?;
    let back = files::read(path, LIMIT)?;
    let text = back.and_then(|bytes| std::str::from_utf8(&bytes).ok().map(|text| Zeroizing::new(text.to_owned())));
    let same = text.is_some_and(|text| Secret::new(text.as_str().to_owned()).same_as(secret));
    if same { Ok(()) } else { Err(failed(connection, destination, "what is read back is not what was written")) }
}

/// Sees that there is a folder for the file to be in, and that what is there is a file.
///
/// # Errors
/// [`DestinationError::NoSuchFolder`]
pub(super) fn look(connection: &Connection, destination: &Destination) -> Result<(), Error> {
    let path = Path::new(&destination.target);
    let wrong = |why: String| {
        let (connection, place) = (connection.name.clone(), super::shown(destination));
        Err(DestinationError::NoSuchFolder { connection, place, why }.into())
    };
    match path.parent() {
        Some(folder) if !folder.is_dir() => wrong(format!("there is no folder {}", folder.display())),
        _ if path.exists() && !path.is_file() => wrong("what is there is no file".to_owned()),
        _ => Ok(()),
    }
}

/// Runs the command, without a shell, with the secret on its standard input.
///
/// # Errors
/// [`DestinationError::DoesNotWork`]: it does not start, or ends with another code than 0.
pub(super) async fn run_command(
    tools: &Tools<'_>,
    connection: &Connection,
    destination: &Destination,
    secret: &Secret,
) -> Result<(), Error> {
    let failed = |why: &str| failed(connection, destination, why);
    let words = shell_words::split(&destination.target).map_err(|_| failed("a quotation mark is not closed"))?;
    let (program, arguments) = words.split_first().ok_or_else(|| failed("the command line is empty"))?;
    let mut command = tokio::process::Command::new(program);
    command.args(arguments).kill_on_drop(true).stdin(Stdio::piped()).stdout(Stdio::from(io::stderr()));
    for name in OURS.into_iter().map(str::to_owned).chain(variables_with_secrets(tools)?) {
        command.env_remove(name);
    }
    // Ctrl-C is for us; the command finishes what it has begun.
    #[cfg(unix)]
    command.process_group(0);
    let mut child = command.spawn().map_err(|e| match e.kind() {
        io::ErrorKind::NotFound => failed("there is no such command"),
        io::ErrorKind::PermissionDenied => failed("the command may not be run"),
        kind => failed(&format!("the command does not start: {kind}")),
    })?;
    let pipe = child.stdin.take();
    let feed = async {
        let Some(mut pipe) = pipe else { return false };
        let whole = pipe.write_all(secret.reveal().as_bytes()).await.is_ok();
        pipe.shutdown().await.is_ok() && whole
    };
    let (status, read) = {
        let wait = child.wait();
        tokio::pin!(feed);
        tokio::pin!(wait);
        tokio::select! {
            read = &mut feed => (wait.await, read),
            // It may end without having read anything, and what it has left running may hold its standard input open.
            status = &mut wait => (status, true),
        }
    };
    match status.map_err(|e| failed(&format!("the command cannot be waited for: {}", e.kind())))? {
        status if status.success() && read => Ok(()),
        status if status.success() => Err(failed("the command ended without reading the secret")),
        status => Err(failed(&match status.code() {
            Some(code) => format!("the command ended with {code}"),
            None => "the command was killed".to_owned(),
        })),
    }
}

/// The variables that connections are read from.
fn variables_with_secrets(tools: &Tools<'_>) -> Result<Vec<String>, Error> {
    let all = tools.records.all()?.filter_map(Result::ok);
    let of_one = |connection: Connection| {
        let resting: Vec<String> = crate::catalog::Part::all_of(&connection)
            .filter(|(_, resting)| resting.kept_in == StoreKind::Env)
            .map(|(_, resting)| resting.secret.as_str().to_owned())
            .collect();
        resting
    };
    Ok(all.flat_map(of_one).collect())
}

fn failed(connection: &Connection, destination: &Destination, why: &str) -> Error {
    super::does_not_work(connection, destination, why)
}
