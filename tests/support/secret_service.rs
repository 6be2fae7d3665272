//! A real Secret Service for tests: gnome-keyring in a D-Bus session of its own, with a home of its own.
//!
//! Nothing of the machine's own session is touched or seen. What a program under test needs to find this
//! service is in [`SecretService::environment`]; dropping it ends both daemons. Where the daemons are
//! not installed, [`SecretService::start`] says so and gives nothing, unless `CONNECT_REQUIRE_KEYRING=1`
//! insists.
//!
//! Two more buses are here for what goes wrong: [`no_keyring`] leads nowhere, and [`SilentBus`] takes
//! connections and never says a word.

#![allow(dead_code, reason = "each test binary that includes this file uses a part of it")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

/// How long the daemons may take to come up before a test fails.
const COMES_UP: Duration = Duration::from_secs(30);

/// The password of the login keyring.
const PASSWORD: &str = "correct horse";

/// gnome-keyring on a bus of its own.
pub struct SecretService {
    home: tempfile::TempDir,
    address: String,
    bus: Child,
    keyring: Child,
}

impl SecretService {
    /// Starts both daemons, with an unlocked login keyring. Nothing where they are not installed.
    ///
    /// # Panics
    /// When they are installed and do not come up, or are not and `CONNECT_REQUIRE_KEYRING=1`.
    pub fn start() -> Option<Self> {
        if !installed("dbus-daemon") || !installed("gnome-keyring-daemon") {
            let missing = "left out: tests with a real Secret Service (install dbus and gnome-keyring)";
            assert!(std::env::var("CONNECT_REQUIRE_KEYRING").as_deref() != Ok("1"), "{missing}");
            eprintln!("{missing}");
            return None;
        }
        let home = tempfile::tempdir().unwrap();
        for folder in ["data", "config", "cache", "state", "run"] {
            std::fs::DirBuilder::new().mode(0o700).create(home.path().join(folder)).unwrap();
        }
        let (bus, address) = start_bus(home.path());
        let keyring = start_keyring(home.path(), &address, true);
        Some(Self { home, address, bus, keyring })
    }

    /// The same with a login keyring that is there and locked. There is no display, so no dialog can open it.
    pub fn start_locked() -> Option<Self> {
        let mut service = Self::start()?;
        service.lock();
        Some(service)
    }

    /// Locks the keyring, as after a new login without its password: the daemon is started anew.
    pub fn lock(&mut self) {
        end(&mut self.keyring);
        wait_for_name(&self.address, false, None);
        self.keyring = start_keyring(self.home.path(), &self.address, false);
    }

    /// Opens it again, as a login with its password does.
    pub fn unlock(&mut self) {
        end(&mut self.keyring);
        wait_for_name(&self.address, false, None);
        self.keyring = start_keyring(self.home.path(), &self.address, true);
    }

    /// How many entries of connect's are in it.
    pub fn entries(&self) -> usize {
        let bus = zbus::blocking::connection::Builder::address(self.address.as_str()).unwrap().build().unwrap();
        let wanted = std::collections::HashMap::from([("service", "connect")]);
        let found = bus
            .call_method(
                Some("org.freedesktop.secrets"),
                "/org/freedesktop/secrets",
                Some("org.freedesktop.Secret.Service"),
                "SearchItems",
                &(wanted,),
            )
            .unwrap();
        let body = found.body();
        let (open, locked): (Vec<zbus::zvariant::OwnedObjectPath>, Vec<zbus::zvariant::OwnedObjectPath>) =
            body.deserialize().unwrap();
        open.len() + locked.len()
    }

    /// What a program needs in its environment to find this service and nothing of the user's own.
    pub fn environment(&self) -> Vec<(String, String)> {
        environment(self.home.path(), &self.address)
    }
}

impl Drop for SecretService {
    fn drop(&mut self) {
        end(&mut self.keyring);
        end(&mut self.bus);
    }
}

/// The environment of a machine without any D-Bus.
pub fn no_keyring() -> Vec<(String, String)> {
    environment(Path::new("/nonexistent"), "unix:path=/nonexistent/bus")
}

/// A bus that takes every connection and never answers.
pub struct SilentBus {
    home: tempfile::TempDir,
    taken: Arc<(Mutex<Vec<UnixStream>>, Condvar)>,
}

impl SilentBus {
    /// Listens until the test process ends.
    pub fn start() -> Self {
        let home = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(home.path().join("bus")).unwrap();
        let taken = Arc::new((Mutex::new(Vec::new()), Condvar::new()));
        let held = Arc::clone(&taken);
        std::thread::spawn(move || {
            for connection in listener.incoming().map_while(Result::ok) {
                held.0.lock().unwrap().push(connection);
                held.1.notify_all();
            }
        });
        Self { home, taken }
    }

    /// Waits until somebody asks it something.
    pub fn is_asked(&self) {
        let (taken, comes) = &*self.taken;
        let waited = comes.wait_timeout_while(taken.lock().unwrap(), COMES_UP, |taken| taken.is_empty()).unwrap();
        assert!(!waited.1.timed_out(), "nobody asks the bus anything");
    }

    /// What a program needs in its environment to be kept waiting.
    pub fn environment(&self) -> Vec<(String, String)> {
        environment(self.home.path(), &format!("unix:path={}/bus", self.home.path().display()))
    }
}

fn environment(home: &Path, address: &str) -> Vec<(String, String)> {
    let at = |folder: &str| home.join(folder).display().to_string();
    [
        ("HOME", home.display().to_string()),
        ("XDG_DATA_HOME", at("data")),
        ("XDG_CONFIG_HOME", at("config")),
        ("XDG_CACHE_HOME", at("cache")),
        ("XDG_STATE_HOME", at("state")),
        ("XDG_RUNTIME_DIR", at("run")),
        ("DBUS_SESSION_BUS_ADDRESS", address.to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}

fn installed(program: &str) -> bool {
    Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

/// A daemon with nothing in its environment but what it is given, so that no display can be found.
fn daemon(program: &str, home: &Path, address: &str) -> Command {
    let mut command = Command::new(program);
    command.env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
    command.envs(environment(home, address)).stderr(Stdio::null());
    command
}

fn start_bus(home: &Path) -> (Child, String) {
    let address = format!("unix:path={}/bus", home.display());
    let mut bus = daemon("dbus-daemon", home, &address)
        .args(["--session", "--nofork", "--print-address", "--address", &address])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // The line comes once the bus listens.
    let mut line = String::new();
    BufReader::new(bus.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(!line.trim().is_empty(), "dbus-daemon said no address");
    (bus, line.trim().to_owned())
}

fn start_keyring(home: &Path, address: &str, unlocked: bool) -> Child {
    let mut command = daemon("gnome-keyring-daemon", home, address);
    command.args(["--foreground", "--components=secrets"]).stdout(Stdio::null()).stdin(Stdio::piped());
    if unlocked {
        command.arg("--unlock");
    }
    let mut keyring = command.spawn().unwrap();
    keyring.stdin.take().unwrap().write_all(PASSWORD.as_bytes()).ok();
    wait_for_name(address, true, Some(&mut keyring));
    keyring
}

/// Waits until somebody has, or nobody has any more, the name of the Secret Service.
fn wait_for_name(address: &str, owned: bool, mut owner: Option<&mut Child>) {
    let bus = zbus::blocking::connection::Builder::address(address).unwrap().build().unwrap();
    let bus = zbus::blocking::fdo::DBusProxy::new(&bus).unwrap();
    let start = Instant::now();
    while bus.name_has_owner("org.freedesktop.secrets".try_into().unwrap()).unwrap() != owned {
        if let Some(child) = owner.as_deref_mut() {
            assert!(child.try_wait().unwrap().is_none(), "gnome-keyring-daemon ended at once");
        }
        assert!(start.elapsed() < COMES_UP, "gnome-keyring-daemon does not come up");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn end(daemon: &mut Child) {
    let _ = daemon.kill();
    let _ = daemon.wait();
}
