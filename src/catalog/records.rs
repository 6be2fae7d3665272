//! The connections' records: one JSON file each, named by the connection.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{CatalogError, Home};
use crate::files::{self, FileError, Lock};
use crate::model::connection::{FIELDS, PARTS, RECORD_VERSION};
use crate::model::{Connection, ConnectionName, Outline};

/// A record is about a kilobyte; destinations may make it grow.
const LIMIT: u64 = 1024 * 1024;

/// How long to wait for another process that changes the same connection. It holds the lock while
/// it writes to the store, which may itself wait for an unlock dialog.
const PATIENCE: Duration = Duration::from_secs(75);

/// After this long it is worth saying that somebody is waited for.
const MOMENT: Duration = Duration::from_secs(1);

/// The folder of records.
#[derive(Debug, Clone)]
pub struct Records {
    folder: PathBuf,
    locks: PathBuf,
}

impl Records {
    /// The records of a home; nothing is read or made yet.
    pub fn new(home: &Home) -> Self {
        Self { folder: home.connections(), locks: home.locks() }
    }

    /// Where a connection's record is, or would be.
    pub fn path(&self, name: &ConnectionName) -> PathBuf {
        self.folder.join(format!("{}.json", name.file_stem()))
    }

    /// The names of all connections, in order, without opening any record.
    ///
    /// # Errors
    /// [`CatalogError::File`].
    pub fn names(&self) -> Result<Vec<ConnectionName>, CatalogError> {
        Ok(files::list(&self.folder, "json")?.iter().filter_map(|path| name_of(path)).collect())
    }

    /// All records, in the order of their file names, each read when its turn comes. One that is damaged or too new does not hide the others.
    ///
    /// # Errors
    /// [`CatalogError::File`] when the folder itself cannot be read.
    pub fn all(&self) -> Result<impl Iterator<Item = Result<Connection, CatalogError>> + use<>, CatalogError> {
        let paths = files::list(&self.folder, "json")?;
        Ok(paths.into_iter().filter_map(|path| read(&path).transpose()))
    }

    /// As [`Records::all`], but only what says which URLs each answers for.
    ///
    /// # Errors
    /// [`CatalogError::File`] when the folder itself cannot be read.
    pub fn outlines(&self) -> Result<impl Iterator<Item = Result<Outline, CatalogError>> + use<>, CatalogError> {
        let paths = files::list(&self.folder, "json")?;
        Ok(paths.into_iter().filter_map(|path| read(&path).transpose()))
    }

    /// One record, if there is one of that name.
    ///
    /// # Errors
    /// [`CatalogError::Damaged`], [`CatalogError::Newer`], [`CatalogError::File`].
    pub fn find(&self, name: &ConnectionName) -> Result<Option<Connection>, CatalogError> {
        read(&self.path(name))
    }

    /// Takes the lock that a change of this connection needs, waiting for whoever has it. `waiting` is called when
    /// that takes longer than a moment.
    ///
    /// # Errors
    /// [`CatalogError::Busy`] when it is held for longer than anybody should.
    pub fn lock(&self, name: &ConnectionName, waiting: impl FnOnce()) -> Result<Lock, CatalogError> {
        let path = self.lock_path(name);
        let lock = match Lock::acquire(&path, MOMENT) {
            Err(FileError::Busy { .. }) => {
                waiting();
                Lock::acquire(&path, PATIENCE)
            }
            other => other,
        };
        lock.map_err(|e| busy(e, name))
    }

    /// Takes the lock, waiting no longer than a moment: for what is of no use to who has to wait for it.
    ///
    /// # Errors
    /// [`CatalogError::Busy`] when somebody has it for longer.
    pub fn lock_briefly(&self, name: &ConnectionName) -> Result<Lock, CatalogError> {
        Lock::acquire(&self.lock_path(name), MOMENT).map_err(|e| busy(e, name))
    }

    /// Takes the lock only if nobody has it.
    ///
    /// # Errors
    /// [`CatalogError::Busy`] when somebody has.
    pub fn try_lock(&self, name: &ConnectionName) -> Result<Lock, CatalogError> {
        Lock::try_acquire(&self.lock_path(name)).map_err(|e| busy(e, name))
    }

    /// Takes the lock that a change of who serves what needs beside those of the connections: who takes a prefix
    /// has to know all that have it.
    ///
    /// # Errors
    /// [`CatalogError::File`] when it is held for longer than anybody should.
    pub fn lock_serving(&self) -> Result<Lock, CatalogError> {
        // No connection's lock begins with a dot.
        Ok(Lock::acquire(&self.locks.join(".serving.lock"), PATIENCE)?)
    }

    /// Writes a record in place of the old one. The lock is proof that nobody else is writing it.
    ///
    /// # Errors
    /// [`CatalogError::File`]; the old record is then as it was.
    pub fn save(&self, connection: &Connection, _lock: &Lock) -> Result<(), CatalogError> {
        let (path, text) = self.written(connection)?;
        Ok(files::replace(&path, &text)?)
    }

    /// Writes several records in place of their old ones, each with its lock. Each is whole or as it was, but some
    /// may be written and others not.
    ///
    /// # Errors
    /// [`CatalogError::File`].
    pub fn save_all(&self, changed: &[(Connection, Lock)]) -> Result<(), CatalogError> {
        let files: Result<Vec<(PathBuf, Vec<u8>)>, CatalogError> =
            changed.iter().map(|(connection, _)| self.written(connection)).collect();
        Ok(files::replace_all(&files?)?)
    }

    /// Writes those of several records that are still as they were before; those that somebody else holds or has
    /// changed meanwhile are left alone. For what can be learnt again: a power cut may bring an old record back, whole.
    ///
    /// # Errors
    /// [`CatalogError::File`], as [`Records::save_all`].
    pub fn revise(&self, changes: &[(Connection, Connection)]) -> Result<(), CatalogError> {
        let (mut locks, mut files) = (Vec::with_capacity(changes.len()), Vec::with_capacity(changes.len()));
        for (before, after) in changes {
            let Ok(lock) = self.try_lock(&before.name) else { continue };
            let path = self.path(&before.name);
            let Ok(Some(bytes)) = files::read(&path, LIMIT) else { continue };
            if parsed::<Connection>(&path, &bytes).is_ok_and(|current| current == *before) {
                let text = text_over(after, Some(&bytes), &path)?;
                files.push((path, text));
                locks.push(lock);
            }
        }
        Ok(files::refresh_all(&files)?)
    }

    /// A record's path, and its text.
    fn written(&self, connection: &Connection) -> Result<(PathBuf, Vec<u8>), CatalogError> {
        let path = self.path(&connection.name);
        let before = files::read(&path, LIMIT).ok().flatten();
        let text = text_over(connection, before.as_deref().map(Vec::as_slice), &path)?;
        Ok((path, text))
    }

    /// Removes a record; says whether there was one.
    ///
    /// # Errors
    /// [`CatalogError::File`].
    pub fn forget(&self, name: &ConnectionName, _lock: &Lock) -> Result<bool, CatalogError> {
        Ok(files::remove(&self.path(name))?)
    }

    fn lock_path(&self, name: &ConnectionName) -> PathBuf {
        self.locks.join(format!("{}.lock", name.file_stem()))
    }
}

fn busy(error: FileError, name: &ConnectionName) -> CatalogError {
    match error {
        FileError::Busy { .. } => CatalogError::Busy { name: name.clone() },
        other => other.into(),
    }
}

fn name_of(path: &Path) -> Option<ConnectionName> {
    ConnectionName::from_file_stem(path.file_stem().and_then(OsStr::to_str)?)
}

/// A record's text, with what a later version has written into the one before.
fn text_over(connection: &Connection, before: Option<&[u8]>, path: &Path) -> Result<Vec<u8>, CatalogError> {
    let failed = |e: serde_json::Error| CatalogError::Damaged { path: path.to_owned(), why: e.to_string() };
    let mut text = match before.and_then(with_unknown_fields) {
        None => serde_json::to_vec_pretty(connection).map_err(failed)?,
        Some(before) => {
            let mut record = serde_json::to_value(connection).map_err(failed)?;
            keep_unknown(&before, &mut record);
            serde_json::to_vec_pretty(&record).map_err(failed)?
        }
    };
    text.push(b'\n');
    Ok(text)
}

/// A record, if it has fields that a later version has written: they are not to be lost.
fn with_unknown_fields(bytes: &[u8]) -> Option<Value> {
    let record = serde_json::from_slice::<Value>(bytes).ok()?;
    let mut nothing = Value::Object(Map::new());
    keep_unknown(&record, &mut nothing);
    nothing.as_object().is_some_and(|fields| !fields.is_empty()).then_some(record)
}

/// Takes over the fields that this version does not know, of the record and of its parts. A part that has become
/// another one's (another secret, another account) keeps nothing of the one before.
fn keep_unknown(before: &Value, now: &mut Value) {
    let (Some(before), Some(now)) = (before.as_object(), now.as_object_mut()) else { return };
    for (name, value) in before.iter().filter(|(name, _)| !FIELDS.contains(&name.as_str())) {
        now.entry(name.as_str()).or_insert_with(|| value.clone());
    }
    for (part, known, id) in PARTS {
        let Some(fields) = before.get(part).and_then(Value::as_object) else { continue };
        let unknown: Vec<_> = fields.iter().filter(|(name, _)| !known.contains(&name.as_str())).collect();
        let same = now.get(part).is_none_or(|now| now.get(id) == fields.get(id));
        if unknown.is_empty() || !same || now.get(part).is_some_and(Value::is_null) {
            continue;
        }
        let part = now.entry(part).or_insert_with(|| Value::Object(Map::new()));
        let Some(part) = part.as_object_mut() else { continue };
        for (name, value) in unknown {
            part.entry(name.as_str()).or_insert_with(|| value.clone());
        }
    }
}

/// What every version of the record has.
#[derive(Deserialize)]
struct Versioned {
    version: u64,
}

/// A whole record, or a part of one.
trait Form: for<'de> Deserialize<'de> {
    fn name(&self) -> &ConnectionName;
    fn version(&self) -> u32;
}

impl Form for Connection {
    fn name(&self) -> &ConnectionName {
        &self.name
    }

    fn version(&self) -> u32 {
        self.version
    }
}

impl Form for Outline {
    fn name(&self) -> &ConnectionName {
        &self.name
    }

    fn version(&self) -> u32 {
        self.version
    }
}

fn read<T: Form>(path: &Path) -> Result<Option<T>, CatalogError> {
    let Some(bytes) = files::read(path, LIMIT)? else { return Ok(None) };
    parsed(path, &bytes).map(Some)
}

fn parsed<T: Form>(path: &Path, bytes: &[u8]) -> Result<T, CatalogError> {
    let damaged = |why: String| CatalogError::Damaged { path: path.to_owned(), why };
    let name = name_of(path).ok_or_else(|| damaged("its name is not one that connect gives".into()))?;
    // serde's messages name fields, lines and columns, and may quote a value: only the place is kept.
    let failed = |e: &serde_json::Error| damaged(format!("line {}, column {} does not fit", e.line(), e.column()));
    let text = std::str::from_utf8(bytes).map_err(|_| damaged("it is not UTF-8".into()))?;
    let parsed = serde_json::from_str::<T>(text);
    if !parsed.as_ref().is_ok_and(|record| record.version() == RECORD_VERSION) {
        let versioned: Versioned = serde_json::from_str(text).map_err(|e| failed(&e))?;
        if versioned.version > u64::from(RECORD_VERSION) {
            return Err(CatalogError::Newer { name, version: versioned.version });
        }
    }
    let record = parsed.map_err(|e| failed(&e))?;
    if *record.name() != name {
        return Err(damaged("the name inside is another".into()));
    }
    Ok(record)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home() -> (tempfile::TempDir, Records) {
        let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
        let records = Records::new(&Home::below(folder.path()));
        (folder, records)
    }

    fn octocat(name: &str) -> Connection {
        let text = r#"{ "name": "NAME", "version": 1, "forge": "github", "url": "https://github.com",
            "api_url": "https://api.github.com", "account": { "login": "octocat", "id": 583231, "kind": "user" },
            "token": { "kind": "fine-grained", "fingerprint": "sha256:1f0c", "scopes": null,
                "expires_at": "2027-02-01T00:00:00Z", "secret": "3f9a", "kept_in": "keyring",
                "checked_at": "2026-11-01T00:00:00Z", "health": "valid", "from": "the future" },
            "webhook": null, "serves": ["https://github.com/agility-game"], "default": false, "destinations": [] }"#;
        serde_json::from_str(&text.replace("NAME", name)).unwrap_or_else(|e| panic!("{e}"))
    }

    #[test]
    fn what_is_saved_is_found() {
        let (_folder, records) = home();
        let connection = octocat("Work/octocat");
        let lock = records.lock(&connection.name, || ()).unwrap_or_else(|e| panic!("{e}"));
        records.save(&connection, &lock).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(records.find(&connection.name).ok().flatten().as_ref(), Some(&connection));
        assert_eq!(records.names().unwrap_or_default(), std::slice::from_ref(&connection.name));
        assert!(matches!(records.try_lock(&connection.name), Err(CatalogError::Busy { .. })));
        assert!(records.forget(&connection.name, &lock).is_ok_and(|was| was));
        assert!(records.find(&connection.name).is_ok_and(|found| found.is_none()));
    }

    #[test]
    fn what_a_later_version_has_written_is_kept() {
        let (_folder, records) = home();
        let connection = octocat("later");
        let lock = records.lock(&connection.name, || ()).unwrap_or_else(|e| panic!("{e}"));
        let mut text = serde_json::to_value(&connection).unwrap_or_default();
        text["shared_with"] = "team".into();
        text["token"]["rotated_at"] = "2027-01-01".into();
        text["token"]["etag"] = "W/\"1\"".into();
        text["account"]["avatar"] = "x".into();
        let path = records.path(&connection.name);
        files::replace(&path, text.to_string().as_bytes()).unwrap_or_else(|e| panic!("{e}"));
        let saved = |connection: &Connection| {
            records.save(connection, &lock).unwrap_or_else(|e| panic!("{e}"));
            let bytes = files::read(&path, LIMIT).ok().flatten().unwrap_or_default();
            serde_json::from_slice::<Value>(&bytes).unwrap_or_default()
        };
        let record = saved(&connection);
        assert_eq!((&record["shared_with"], &record["token"]["rotated_at"]), (&"team".into(), &"2027-01-01".into()));
        assert_eq!(record["account"]["avatar"], "x");
        assert_eq!(record["token"]["etag"], Value::Null, "what this version knows is as it says");
        let mut another = connection;
        if let Some(token) = another.token.as_mut() {
            token.fingerprint = crate::model::Secret::new("another".into()).fingerprint();
        }
        let record = saved(&another);
        assert_eq!(record["token"]["rotated_at"], Value::Null, "that was said of another token");
        assert_eq!(record["shared_with"], "team");
    }

    #[test]
    fn the_fields_are_those_of_a_record() {
        let fields = |value: &Value| -> std::collections::BTreeSet<String> {
            value.as_object().into_iter().flat_map(|fields| fields.keys().cloned()).collect()
        };
        let mut full = serde_json::to_value(octocat("full")).unwrap_or_default();
        for (name, value) in [
            ("allow_http", Value::Bool(true)),
            ("ca_cert", "/x".into()),
            ("server_version", "1".into()),
            ("made_for", "x".into()),
            ("registries", serde_json::json!(["registry.example.com"])),
        ] {
            full[name] = value;
        }
        for (name, value) in [
            ("bound", "sha256:0"),
            ("etag", "x"),
            ("label", "x"),
            ("account_checked_at", "2026-11-01T00:00:00Z"),
            ("refused_at", "2026-11-01T00:00:00Z"),
        ] {
            full["token"][name] = value.into();
        }
        full["token"]["id"] = 1.into();
        full["webhook"] = serde_json::json!({ "id": "a", "secret": "b", "kept_in": "plain",
            "token": { "secret": "c", "kept_in": "plain" },
            "former": { "secret": "d", "kept_in": "plain", "until": "2026-11-01T00:00:00Z" },
            "public_url": "https://hooks.example.com",
            "hooks": [{ "target": "repo:a/b", "id": 1, "url": "x", "since": "2026-11-01T00:00:00Z" }],
            "being_made": [{ "target": "repo:a/b", "url": "y" }] });
        let again: Connection = serde_json::from_value(full).unwrap_or_else(|e| panic!("{e}"));
        let written = serde_json::to_value(again).unwrap_or_default();
        assert_eq!(fields(&written), FIELDS.map(str::to_owned).into());
        for (part, known, _) in PARTS {
            assert_eq!(fields(&written[part]), known.iter().map(|name| (*name).to_owned()).collect(), "{part}");
        }
    }

    #[test]
    fn one_bad_record_does_not_hide_the_others() {
        let (_folder, records) = home();
        let good = octocat("good");
        let lock = records.lock(&good.name, || ()).unwrap_or_else(|e| panic!("{e}"));
        records.save(&good, &lock).unwrap_or_else(|e| panic!("{e}"));
        let write = |name: &str, text: &str| {
            let name: ConnectionName = name.parse().unwrap_or_else(|e| panic!("{e}"));
            files::replace(&records.path(&name), text.as_bytes()).unwrap_or_else(|e| panic!("{e}"));
        };
        write("cut", "{ \"name\": \"cut\", \"ver");
        write("newer", "{ \"version\": 2, \"name\": { \"of\": \"another form\" } }");
        write("stolen", &serde_json::to_string(&octocat("good")).unwrap_or_default());
        let all: Vec<_> = records.all().unwrap_or_else(|e| panic!("{e}")).collect();
        assert!(matches!(
            all.as_slice(),
            [
                Err(CatalogError::Damaged { .. }),
                Ok(_),
                Err(CatalogError::Newer { version: 2, .. }),
                Err(CatalogError::Damaged { .. })
            ]
        ));
    }
}
