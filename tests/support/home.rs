//! A home of its own for every test: nothing of the machine's user is seen or touched.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use super::NOW;
use super::call::Call;

/// A folder with everything that connect keeps, and the environment that leads there.
pub struct Home {
    folder: TempDir,
    environment: Vec<(String, String)>,
}

impl Home {
    /// An empty home. There is no keyring, and the clock stands at [`NOW`].
    pub fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("connect-test-").tempdir().unwrap();
        for name in ["home", "tmp"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        let at = |name: &str| folder.path().join(name).display().to_string();
        let environment = [
            ("CONNECT_HOME", at("connect")),
            ("HOME", at("home")),
            ("TMPDIR", at("tmp")),
            ("PATH", "/usr/local/bin:/usr/bin:/bin".to_owned()),
            ("LANG", "C.UTF-8".to_owned()),
            ("COLUMNS", "80".to_owned()),
            ("CONNECT_TEST_NOW", NOW.to_owned()),
            // Neither the machine's git nor the repository that the tests stand in has a say.
            ("GIT_CONFIG_NOSYSTEM", "1".to_owned()),
            ("GIT_DIR", at("no-repository")),
            ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec();
        Self { folder, environment }
    }

    /// The same home with this in the environment of every call.
    pub fn with_env(mut self, name: &str, value: &str) -> Self {
        self.set_env(name, value);
        self
    }

    /// Puts this into the environment of every call from now on.
    pub fn set_env(&mut self, name: &str, value: &str) {
        self.environment.retain(|(known, _)| known != name);
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    /// A call of the built program with these arguments.
    pub fn connect<S: AsRef<str>>(&self, arguments: impl IntoIterator<Item = S>) -> Call {
        Call::new(self, arguments.into_iter().map(|argument| argument.as_ref().to_owned()).collect())
    }

    /// The environment of its calls; there is no other.
    pub fn environment(&self) -> &[(String, String)] {
        &self.environment
    }

    /// The folder around everything.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// `CONNECT_HOME`.
    pub fn connect_home(&self) -> PathBuf {
        self.folder.path().join("connect")
    }

    /// Where a connection's record is.
    pub fn record_path(&self, name: &str) -> PathBuf {
        let encoded = name.replace(':', "%3A").replace('/', "%2F");
        self.connect_home().join("data/connections").join(format!("{encoded}.json"))
    }

    /// A connection's record.
    pub fn record(&self, name: &str) -> Value {
        let path = self.record_path(name);
        let bytes = fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        serde_json::from_slice(&bytes).unwrap()
    }

    /// Changes a record behind connect's back.
    pub fn edit_record(&self, name: &str, change: impl FnOnce(&mut Value)) {
        let mut record = self.record(name);
        change(&mut record);
        fs::write(self.record_path(name), serde_json::to_vec(&record).unwrap()).unwrap();
    }

    /// All records, by their files' names.
    pub fn records(&self) -> Vec<Value> {
        files_in(&self.connect_home().join("data/connections"))
            .iter()
            .map(|path| serde_json::from_slice(&fs::read(path).unwrap()).unwrap())
            .collect()
    }

    /// The secrets of the stores `plain` and `file`, without what else the latter needs.
    pub fn secrets(&self) -> Vec<PathBuf> {
        let is_id = |path: &PathBuf| {
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            name.len() == 32 && name.bytes().all(|b| b.is_ascii_hexdigit())
        };
        files_in(&self.connect_home().join("data/secrets")).into_iter().filter(is_id).collect()
    }

    /// What the journal says is under way.
    pub fn journal(&self) -> Vec<PathBuf> {
        files_in(&self.connect_home().join("state/journal"))
    }

    /// Every file and its bytes, by its path below the home; folders with a slash at the end.
    pub fn contents(&self) -> BTreeMap<String, Vec<u8>> {
        let mut found = BTreeMap::new();
        walk(self.path(), self.path(), &mut found);
        found
    }

    /// Writes a file of the user's, 0600, and gives its path.
    pub fn file(&self, name: &str, text: &str) -> String {
        use std::os::unix::fs::PermissionsExt as _;
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path.display().to_string()
    }
}

/// The files in a folder, sorted; none when there is no folder.
fn files_in(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found
}

fn walk(root: &Path, folder: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
    for path in files_in(folder) {
        let name = path.strip_prefix(root).unwrap().display().to_string();
        if path.is_dir() {
            found.insert(format!("{name}/"), Vec::new());
            walk(root, &path, found);
        } else {
            found.insert(name, fs::read(&path).unwrap_or_default());
        }
    }
}
