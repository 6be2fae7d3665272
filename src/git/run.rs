//! git, found and run: with an environment that is handed in, within a time limit, and never with a secret among its
//! arguments, where other users of the machine would see it.

use std::ffi::OsString;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use crate::model::text::{printable, without_tokens};

/// Reading configuration takes git some milliseconds; on a slow network drive it may be a second.
const LIMIT: Duration = Duration::from_secs(10);

/// No configuration is larger, nor any complaint.
const MOST: u64 = 8 * 1024 * 1024;

/// The system's git, and what it is given to run with.
#[derive(Debug, Clone)]
pub struct Git {
    program: PathBuf,
    folders: Vec<PathBuf>,
    environment: Vec<(OsString, OsString)>,
    limit: Duration,
}

/// What git said.
pub struct Said {
    /// Its exit code; nothing when a signal ended it.
    pub code: Option<i32>,
    /// What it printed. Values of the configuration may be secrets: it is wiped.
    pub out: Zeroizing<Vec<u8>>,
    /// The first line of what it complained of.
    pub complaint: String,
}

/// What is wrong with git, or what it refused.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// There is no git in any folder of PATH: install it.
    #[error("git was not found in any folder of PATH")]
    Missing,
    /// The system did not start it.
    #[error("git could not be started: {why}")]
    NotStarted {
        /// Why.
        why: String,
    },
    /// It did not end in time, and was ended.
    #[error("git did not answer within {} seconds", after.as_secs())]
    TimedOut {
        /// After how long.
        after: Duration,
    },
    /// The repository's configuration was wanted, and there is no repository here.
    #[error("this folder is in no git repository")]
    NoRepository,
    /// The file, or its folder, may not be written by this user.
    #[error("git may not write there: {complaint}")]
    NoRights {
        /// What git said.
        complaint: String,
    },
    /// The file is where nothing can be written: a store of packages, an image.
    #[error("git cannot write there: {complaint}")]
    ReadOnly {
        /// What git said.
        complaint: String,
    },
    /// Another process is writing the file, or was killed while it did.
    #[error("another process is writing that file: {complaint}")]
    Locked {
        /// What git said.
        complaint: String,
    },
    /// Anything else.
    #[error("git refused: {complaint}")]
    Refused {
        /// What git said.
        complaint: String,
    },
}

impl Git {
    /// Looks for git in the folders of PATH. `environment` is all that it will be given.
    ///
    /// # Errors
    /// [`GitError::Missing`].
    pub fn find(folders: Vec<PathBuf>, environment: Vec<(OsString, OsString)>) -> Result<Self, GitError> {
        let program = folders.iter().find_map(|folder| program_in(folder, "git")).ok_or(GitError::Missing)?;
        Ok(Self { program, folders, environment, limit: LIMIT })
    }

    /// The same, that has so long for each answer.
    #[must_use]
    pub fn within(self, limit: Duration) -> Self {
        Self { limit, ..self }
    }

    /// Runs it in the folder that one stands in, and waits for its end. What the exit code means is the caller's to say.
    ///
    /// # Errors
    /// [`GitError::NotStarted`], [`GitError::TimedOut`].
    pub fn run<S: AsRef<str>>(&self, arguments: &[S]) -> Result<Said, GitError> {
        let mut command = Command::new(&self.program);
        command.args(arguments.iter().map(AsRef::as_ref)).env_clear();
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        // Its words are looked at, and nobody is there to answer it.
        command.env("LC_ALL", "C").env("LANGUAGE", "C").env("GIT_TERMINAL_PROMPT", "0");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let not_started = |e: io::Error| GitError::NotStarted { why: printable(&e.kind().to_string(), 100) };
        let mut child = command.spawn().map_err(not_started)?;
        let streams = (child.stdout.take().map(heard), child.stderr.take().map(heard));
        let start = Instant::now();
        let wait = |stream: Option<mpsc::Receiver<Zeroizing<Vec<u8>>>>| match stream {
            Some(stream) => stream.recv_timeout(self.limit.saturating_sub(start.elapsed())).ok(),
            None => Some(Zeroizing::default()),
        };
        let (Some(out), Some(err)) = (wait(streams.0), wait(streams.1)) else {
            end(&mut child);
            return Err(GitError::TimedOut { after: self.limit });
        };
        // It has closed both streams: there is nothing left for it to do.
        let status = child.wait().map_err(not_started)?;
        Ok(Said { code: status.code(), out, complaint: first_line(&err) })
    }

    /// The same where everything but success is a refusal.
    ///
    /// # Errors
    /// [`GitError`].
    pub fn done<S: AsRef<str>>(&self, arguments: &[S]) -> Result<Said, GitError> {
        let said = self.run(arguments)?;
        if said.code == Some(0) { Ok(said) } else { Err(said.refusal()) }
    }

    /// Where git finds a program `git-NAME`: in its own folder, or in one of PATH.
    pub fn finds(&self, program: &str) -> Option<PathBuf> {
        let on_path = || self.folders.iter().find_map(|folder| program_in(folder, program));
        on_path().or_else(|| program_in(&self.own_folder()?, program))
    }

    /// The folder with git's own programs.
    pub fn own_folder(&self) -> Option<PathBuf> {
        let said = self.done(&["--exec-path"]).ok()?;
        let text = std::str::from_utf8(&said.out).ok()?.trim_end_matches(['\r', '\n']);
        (!text.is_empty()).then(|| PathBuf::from(text))
    }

    /// What it says of its version: `2.47.3`, `2.39.2.windows.1`.
    ///
    /// # Errors
    /// [`GitError`].
    pub fn version(&self) -> Result<String, GitError> {
        let said = self.done(&["--version"])?;
        let text = String::from_utf8_lossy(&said.out);
        let version = text.trim().strip_prefix("git version ").unwrap_or(text.trim());
        Ok(printable(version.split_whitespace().next().unwrap_or_default(), 40))
    }

    /// A variable that it is given.
    pub fn variable(&self, name: &str) -> Option<&OsString> {
        self.environment.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }
}

impl Said {
    /// What a run that did not succeed means.
    pub fn refusal(&self) -> GitError {
        let complaint = self.complaint.clone();
        let says = |words: &str| complaint.contains(words);
        if says("only be used inside a git repository")
            || says("not in a git directory")
            || says("not a git repository")
        {
            GitError::NoRepository
        } else if says("Permission denied") || says("Operation not permitted") {
            GitError::NoRights { complaint }
        } else if says("Read-only file system") {
            GitError::ReadOnly { complaint }
        } else if says("could not lock config file") && says("File exists") {
            GitError::Locked { complaint }
        } else {
            GitError::Refused { complaint }
        }
    }
}

/// A stream, read to its end by somebody who is not waited for longer than there is time.
fn heard(stream: impl Read + Send + 'static) -> mpsc::Receiver<Zeroizing<Vec<u8>>> {
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Zeroizing::new(Vec::new());
        let _ = stream.take(MOST).read_to_end(&mut bytes);
        let _ = tell.send(bytes);
    });
    told
}

fn end(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}

/// What git complained of first, without the word that it begins with.
fn first_line(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let line = text.lines().find(|line| !line.trim().is_empty() && !line.starts_with("warning: ")).unwrap_or_default();
    let line = line.strip_prefix("error: ").or_else(|| line.strip_prefix("fatal: ")).unwrap_or(line);
    without_tokens(&printable(line, 300))
}

/// A program of this name in a folder, as the system would start it.
pub fn program_in(folder: &Path, name: &str) -> Option<PathBuf> {
    // An empty entry of PATH is the folder one stands in: whoever wrote that repository would be run.
    if !folder.is_absolute() {
        return None;
    }
    let ending = if cfg!(windows) { ".exe" } else { "" };
    let path = folder.join(format!("{name}{ending}"));
    may_run(&path).then_some(path)
}

#[cfg(unix)]
fn may_run(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn may_run(path: &Path) -> bool {
    path.is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(complaint: &str) -> GitError {
        let said = Said { code: Some(255), out: Zeroizing::default(), complaint: complaint.into() };
        said.refusal()
    }

    #[test]
    fn refusals_are_told_apart() {
        assert!(matches!(
            refused("could not lock config file /etc/gitconfig: Permission denied"),
            GitError::NoRights { .. }
        ));
        assert!(matches!(
            refused("could not lock config file /h/.gitconfig: Read-only file system"),
            GitError::ReadOnly { .. }
        ));
        assert!(matches!(refused("could not lock config file /h/.gitconfig: File exists"), GitError::Locked { .. }));
        assert!(matches!(refused("--local can only be used inside a git repository"), GitError::NoRepository));
        assert!(matches!(refused("bad config line 1 in file /h/.gitconfig"), GitError::Refused { .. }));
    }

    #[test]
    fn the_first_complaint_counts() {
        assert_eq!(first_line(b"warning: x\nerror: could not lock\nfatal: more\n"), "could not lock");
        assert_eq!(first_line(b""), "");
    }
}
