//! The stage: a sandbox, a home, a desk with token files, and the program itself at a terminal.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, IsTerminal as _, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use age::secrecy::ExposeSecret as _;
use anstream::{AutoStream, ColorChoice};
use forge_sandbox::Sandbox;

use super::Tour;
use super::paper::{ASIDE, GOOD, TITLE, WIDTH, prose, said_so, say, typed};

/// What the tour needs, and where it has got to.
pub struct Stage {
    pub sandbox: Sandbox,
    pub root: tempfile::TempDir,
    binary: PathBuf,
    colour: bool,
    pub acts: usize,
}

/// What a command said.
#[derive(Debug)]
pub struct Said {
    pub stdout: String,
    stderr: String,
}

impl Said {
    pub fn says(&self, words: &str) -> Tour<&Self> {
        if self.stdout.contains(words) || self.stderr.contains(words) {
            return Ok(self);
        }
        Err(format!("`{words}` was to be read there").into())
    }
}

impl Stage {
    /// Builds the program if need be, and sets up a home, a desk for the token files and an age key.
    pub fn build() -> Tour<Self> {
        let binary = build_connect()?;
        let root = tempfile::Builder::new().prefix("connect-demo-").tempdir()?;
        clear_up_when_stopped(root.path().to_owned())?;
        std::fs::create_dir(root.path().join("desk"))?;
        let key = age::x25519::Identity::generate().to_string();
        write(&root.path().join("key.txt"), key.expose_secret())?;
        let colour = AutoStream::choice(&io::stdout()) != ColorChoice::Never && io::stdout().is_terminal();
        Ok(Self { sandbox: Sandbox::start(), root, binary, colour, acts: 0 })
    }

    pub fn opening(&self) {
        let root = self.root.path().display();
        say!("{TITLE}connect: a tour{TITLE:#}\n");
        prose(
            "The program is the real one. The forges are a GitHub and a GitLab in memory, on this machine, which check what they are sent as the real ones do. Tokens belong in the system's keyring; since not every machine has one, this tour keeps them in files encrypted with an age key that was made just now.",
        );
        say!();
        typed(&format!("export CONNECT_HOME={root}/home"), "");
        typed(&format!("export CONNECT_AGE_IDENTITY={root}/key.txt"), "");
        typed("export CONNECT_STORE=file", "");
    }

    pub fn act(&mut self, title: &str, words: &str) {
        self.acts += 1;
        say!("\n{TITLE}{}. {title}{TITLE:#}", self.acts);
        prose(words);
        say!();
    }

    /// Puts a file with a token on the desk, where commands are run.
    pub fn on_desk(&self, name: &str, token: &str) -> Tour<()> {
        Ok(write(&self.root.path().join("desk").join(name), token)?)
    }

    /// Runs a command, shows it and what it says, and sees to it that it ends as it should.
    pub fn runs(&self, args: &[&str], stdin: Option<&str>, exit: i32) -> Tour<Said> {
        typed(&format!("connect {}", args.join(" ")), &stdin.map(|name| format!(" < {name}")).unwrap_or_default());
        let (said, code) = self.run(args, stdin)?;
        said_so(&said.stdout, &said.stderr);
        if code != Some(0) {
            say!("  {ASIDE}(exit code {}){ASIDE:#}", code.map_or_else(|| "none".into(), |code| code.to_string()));
        }
        if code == Some(exit) { Ok(said) } else { Err(format!("the exit code was to be {exit}").into()) }
    }

    /// The same for a command that says what it does while it does it: that comes first.
    pub fn tells(&self, args: &[&str], exit: i32) -> Tour<Said> {
        typed(&format!("connect {}", args.join(" ")), "");
        let (said, code) = self.run(args, None)?;
        said_so(&said.stderr, &said.stdout);
        if code == Some(exit) { Ok(said) } else { Err(format!("the exit code was to be {exit}").into()) }
    }

    /// Runs a command whose results were shown before; what it says on the way is shown, if the command is to be.
    pub fn again(&self, args: &[&str], shown: bool) -> Tour<()> {
        let (said, code) = self.run(args, None)?;
        if shown {
            typed(&format!("connect {}", args.join(" ")), "");
            said_so(&said.stderr, "");
        }
        if code == Some(0) { Ok(()) } else { Err(said.stderr.into()) }
    }

    /// The same, where a token comes out: it is shown shortened.
    pub fn runs_hiding(&self, args: &[&str], token: &str) -> Tour<Said> {
        typed(&format!("connect {}", args.join(" ")), "");
        let (said, code) = self.run(args, None)?;
        let short = format!("{}…", token.get(..16).unwrap_or_default());
        said_so(&said.stdout.replace(token, &short), &said.stderr);
        if code == Some(0) { Ok(said) } else { Err("the exit code was to be 0".into()) }
    }

    /// Says what was looked at, once it has been found to be so.
    pub fn expects(&self, holds: bool, what: &str) -> Tour<()> {
        if !holds {
            return Err(format!("this does not hold: {what}").into());
        }
        say!("  {GOOD}✓{GOOD:#} {ASIDE}seen: {what}{ASIDE:#}");
        Ok(())
    }

    /// The program with its arguments, at the desk.
    pub fn command(&self, args: &[&str]) -> Command {
        let root = self.root.path();
        let mut command = Command::new(&self.binary);
        command.args(args).current_dir(root.join("desk")).env_clear().envs(system());
        command.env("CONNECT_HOME", root.join("home")).env("CONNECT_STORE", "file");
        // git's configuration is the tour's own.
        command.env("HOME", root.join("desk")).env("GIT_CONFIG_NOSYSTEM", "1");
        command.env("CONNECT_AGE_IDENTITY", root.join("key.txt"));
        command.env(if self.colour { "CLICOLOR_FORCE" } else { "NO_COLOR" }, "1");
        command
    }

    pub fn run(&self, args: &[&str], stdin: Option<&str>) -> Tour<(Said, Option<i32>)> {
        let mut command = self.command(args);
        command.stdin(match stdin {
            Some(name) => Stdio::from(File::open(self.root.path().join("desk").join(name))?),
            None => Stdio::null(),
        });
        let terminal = terminal();
        command.stderr(Stdio::piped());
        let (master, slave) = match terminal {
            Some((master, slave)) => (Some(master), Stdio::from(slave)),
            None => (None, Stdio::piped()),
        };
        let mut child = command.stdout(slave).spawn()?;
        // It holds our end of the child's terminal, which would else never close.
        drop(command);
        let stdout: Option<Box<dyn Read + Send>> = match (master, child.stdout.take()) {
            (Some(master), _) => Some(Box::new(master)),
            (None, Some(pipe)) => Some(Box::new(pipe)),
            (None, None) => None,
        };
        let reader = std::thread::spawn(move || stdout.map(everything).unwrap_or_default());
        let stderr = child.stderr.take().map(everything).unwrap_or_default();
        let code = child.wait()?.code();
        let stdout = reader.join().unwrap_or_default();
        Ok((Said { stdout, stderr }, code))
    }

    /// The records as they are, to be compared.
    pub fn records(&self) -> Tour<Vec<(PathBuf, Vec<u8>)>> {
        files_below(&self.root.path().join("home").join("data").join("connections"))
    }

    pub fn in_clear(&self, token: &str) -> Tour<bool> {
        let files = files_below(&self.root.path().join("home"))?;
        Ok(files.iter().any(|(_, bytes)| bytes.windows(token.len()).any(|piece| piece == token.as_bytes())))
    }
}
/// Asks cargo for the program, built as this example was. It is done at once if nothing has changed.
fn build_connect() -> Tour<PathBuf> {
    let here = std::env::current_exe()?;
    let folder = here.ancestors().nth(2).ok_or("the example lies in no build folder")?;
    let beside = folder.join(format!("connect{}", std::env::consts::EXE_SUFFIX));
    if !beside.exists() {
        say!("Building `connect` first; this takes a while, once.\n");
    }
    let profile = match folder.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(other) => other,
    };
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--offline", "--bins", "--profile", profile]);
    cargo.args(["--message-format", "json-render-diagnostics"]).current_dir(env!("CARGO_MANIFEST_DIR"));
    if cfg!(feature = "test-hooks") {
        cargo.args(["--features", "test-hooks"]);
    }
    let built = cargo.stderr(Stdio::inherit()).output()?;
    if !built.status.success() {
        return Err("`cargo build --bins` failed".into());
    }
    // cargo names the program on the line of its artifact.
    let lines = String::from_utf8(built.stdout)?;
    let artifacts = lines.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let mut programs =
        artifacts.filter(|artifact| artifact.pointer("/target/name").is_some_and(|name| name == "connect"));
    let executable = programs.find_map(|artifact| artifact.get("executable")?.as_str().map(PathBuf::from));
    executable.ok_or_else(|| "cargo built no program".into())
}

/// Ctrl-C and its like would leave the temporary folder behind.
fn clear_up_when_stopped(root: PathBuf) -> Tour<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    #[cfg(unix)]
    let mut terminate = {
        let _inside = runtime.enter();
        tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?
    };
    std::thread::spawn(move || {
        runtime.block_on(async {
            #[cfg(unix)]
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            #[cfg(not(unix))]
            let _ = tokio::signal::ctrl_c().await;
        });
        let _ = std::fs::remove_dir_all(root);
        #[allow(clippy::disallowed_methods, clippy::exit, reason = "the main thread waits for a child")]
        std::process::exit(130);
    });
    Ok(())
}

/// Where other programs are, and what Windows needs for a socket; nothing else is passed on.
fn system() -> impl Iterator<Item = (&'static str, OsString)> {
    #[allow(clippy::disallowed_methods, reason = "the tour is a program of its own, outside the house")]
    let value = |name| std::env::var_os(name);
    ["PATH", "SystemRoot"].into_iter().filter_map(move |name| Some((name, value(name)?)))
}

/// A terminal for the child's output, so that it prints tables as it does for people.
#[cfg(any(target_os = "linux", target_os = "macos"))]
pub fn terminal() -> Option<(File, File)> {
    use std::ffi::OsStr;
    use std::os::fd::OwnedFd;
    use std::os::unix::ffi::OsStrExt as _;

    use rustix::fs::{Mode, OFlags};
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use rustix::termios::{Winsize, tcsetwinsize};

    let master: OwnedFd = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).ok()?;
    grantpt(&master).ok()?;
    unlockpt(&master).ok()?;
    let name = ptsname(&master, Vec::new()).ok()?;
    let name = Path::new(OsStr::from_bytes(name.as_bytes()));
    let slave = rustix::fs::open(name, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty()).ok()?;
    tcsetwinsize(&slave, Winsize { ws_row: 24, ws_col: WIDTH, ws_xpixel: 0, ws_ypixel: 0 }).ok()?;
    Some((master.into(), slave.into()))
}

/// Elsewhere the output is that of a pipe.
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
pub fn terminal() -> Option<(File, File)> {
    None
}

/// Everything until the end; a terminal whose other side has closed reports that as an error.
fn everything(mut from: impl Read) -> String {
    let mut bytes = Vec::new();
    let _ = from.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).replace('\r', "")
}

/// Writes a file that nobody else may read.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    writeln!(options.open(path)?, "{text}")
}

fn files_below(folder: &Path) -> Tour<Vec<(PathBuf, Vec<u8>)>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files_below(&path)?);
        } else {
            let bytes = std::fs::read(&path)?;
            found.push((path, bytes));
        }
    }
    found.sort();
    Ok(found)
}
