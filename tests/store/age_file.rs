//! age files: who is let in, and who is not.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use age::secrecy::ExposeSecret as _;
use age::x25519;
use connect::model::StoreKind;
use connect::store::{Store, StoreError, StoreOptions, Stores};
use tempfile::TempDir;

use crate::contract::{Asked, id, keep, options, secret, stores};

fn home() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// An identity as `age-keygen` writes it.
fn keygen(folder: &Path, name: &str) -> (PathBuf, String) {
    let key = x25519::Identity::generate();
    let path = folder.join(name);
    let public = key.to_public().to_string();
    let lines =
        format!("# created: 2026-01-01T00:00:00Z\n# public key: {public}\n{}\n", key.to_string().expose_secret());
    fs::write(&path, lines).unwrap();
    (path, public)
}

fn file(options: StoreOptions) -> Arc<dyn Store> {
    stores(options).open(StoreKind::File).unwrap()
}

fn with_passphrase(folder: &Path, asked: &Arc<Asked>) -> StoreOptions {
    let passphrase: Arc<Asked> = Arc::clone(asked);
    StoreOptions { passphrase, ..options(folder) }
}

fn with_identity(folder: &Path, identity: &Path) -> StoreOptions {
    StoreOptions { age_identity: Some(identity.to_owned()), ..options(folder) }
}

fn secrets_in(folder: &Path) -> usize {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.len() == 36 && name.ends_with(".age")).count()
}

#[test]
fn with_a_passphrase_it_keeps_the_contract() {
    let (home, other) = (home(), home());
    let run = |home: &TempDir| stores(with_passphrase(&home.path().join("secrets"), &Asked::knows("swordfish")));
    keep(StoreKind::File, &|| run(&home), &|| run(&other));
}

#[test]
fn with_an_identity_it_keeps_the_contract_and_asks_nobody() {
    let (home, other, keys) = (home(), home(), home());
    let (ours, _) = keygen(keys.path(), "ours");
    let (theirs, _) = keygen(keys.path(), "theirs");
    let run = |home: &TempDir, key: &Path| -> Stores { stores(with_identity(&home.path().join("secrets"), key)) };
    keep(StoreKind::File, &|| run(&home, &ours), &|| run(&other, &theirs));
}

#[test]
fn a_passphrase_is_asked_for_once_a_run() {
    let home = home();
    let first = Asked::knows("swordfish");
    let store = file(with_passphrase(home.path(), &first));
    let (one, two) = (id(), id());
    store.put(&one, "", &secret("1")).unwrap();
    store.put(&two, "", &secret("2")).unwrap();
    assert_eq!(store.get(&one).unwrap().reveal(), "1");
    assert_eq!(first.times(), (0, 1), "a new one, once");

    let later = Asked::knows("swordfish");
    let store = file(with_passphrase(home.path(), &later));
    assert_eq!(store.get(&one).unwrap().reveal(), "1");
    assert_eq!(store.get(&two).unwrap().reveal(), "2");
    assert_eq!(later.times(), (1, 0));
}

#[test]
fn what_is_missing_is_not_asked_about() {
    let home = home();
    let asked = Asked::knows("swordfish");
    assert!(matches!(file(with_passphrase(home.path(), &asked)).get(&id()), Err(StoreError::NotFound)));
    assert_eq!(asked.times(), (0, 0));
}

#[test]
fn a_wrong_passphrase_or_none_opens_nothing() {
    let home = home();
    let id = id();
    file(with_passphrase(home.path(), &Asked::knows("swordfish"))).put(&id, "", &secret("x")).unwrap();
    let wrong = file(with_passphrase(home.path(), &Asked::knows("sword")));
    assert!(matches!(wrong.get(&id), Err(StoreError::WrongPassphrase { .. })));
    assert!(matches!(file(options(home.path())).get(&id), Err(StoreError::PassphraseNeeded)));
}

#[test]
fn nobody_to_ask_on_first_use_leaves_nothing() {
    let home = home();
    let folder = home.path().join("secrets");
    assert!(matches!(file(options(&folder)).put(&id(), "", &secret("x")), Err(StoreError::PassphraseNeeded)));
    let empty = file(with_passphrase(&folder, &Asked::knows("")));
    assert!(matches!(empty.put(&id(), "", &secret("x")), Err(StoreError::Passphrase(_))));
    assert!(!folder.exists());
}

#[test]
fn two_that_begin_at_once_share_one_identity() {
    let home = home();
    let ids: Vec<_> = std::thread::scope(|scope| {
        let begin = |number: usize| {
            let home = home.path();
            scope.spawn(move || {
                let id = id();
                let store = file(with_passphrase(home, &Asked::knows("swordfish")));
                store.put(&id, "", &secret(&number.to_string())).unwrap();
                id
            })
        };
        let threads: Vec<_> = (0..8).map(begin).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let listed = fs::read_to_string(home.path().join("recipients.txt")).unwrap();
    assert_eq!(listed.lines().filter(|line| line.starts_with("age1")).count(), 1, "{listed}");
    let store = file(with_passphrase(home.path(), &Asked::knows("swordfish")));
    for (number, id) in ids.iter().enumerate() {
        assert_eq!(store.get(id).unwrap().reveal(), number.to_string());
    }
}

#[test]
fn an_identity_is_remembered_by_its_path() {
    let (home, keys) = (home(), home());
    let (key, _) = keygen(keys.path(), "key.txt");
    let id = id();
    file(with_identity(home.path(), &key)).put(&id, "", &secret("x")).unwrap();
    assert_eq!(file(options(home.path())).get(&id).unwrap().reveal(), "x");

    let moved = keys.path().join("moved.txt");
    fs::rename(&key, &moved).unwrap();
    let store = file(options(home.path()));
    assert!(matches!(store.get(&id), Err(StoreError::IdentityUnreadable { path }) if path == key));
    assert!(matches!(store.check(), Err(StoreError::IdentityUnreadable { .. })));
    file(with_identity(home.path(), &moved)).put(&crate::contract::id(), "", &secret("y")).unwrap();
    assert_eq!(file(options(home.path())).get(&id).unwrap().reveal(), "x", "the new place is remembered");
}

#[test]
fn a_team_reads_what_one_of_them_keeps() {
    let (home, keys) = (home(), home());
    let (ours, _) = keygen(keys.path(), "ours");
    let (theirs, their_public) = keygen(keys.path(), "theirs");
    let (stranger, _) = keygen(keys.path(), "stranger");
    let id = id();
    let team = StoreOptions { age_recipients: vec![their_public], ..with_identity(home.path(), &ours) };
    file(team).put(&id, "", &secret("shared")).unwrap();
    for key in [&ours, &theirs] {
        assert_eq!(file(with_identity(home.path(), key)).get(&id).unwrap().reveal(), "shared");
    }
    let outside = file(with_identity(home.path(), &stranger));
    assert!(matches!(outside.get(&id), Err(StoreError::NotARecipient { .. })));
}

#[test]
fn whoever_is_not_listed_keeps_nothing_and_lists_nobody() {
    let (home, keys) = (home(), home());
    let (ours, _) = keygen(keys.path(), "ours");
    let (other, other_public) = keygen(keys.path(), "other");
    file(with_identity(home.path(), &ours)).put(&id(), "", &secret("x")).unwrap();
    let list = home.path().join("recipients.txt");
    let before = fs::read_to_string(&list).unwrap();

    let error = file(with_identity(home.path(), &other)).put(&id(), "", &secret("y")).unwrap_err();
    assert!(matches!(error, StoreError::NotARecipient { path, own } if path == list && own == other_public));
    assert_eq!(fs::read_to_string(&list).unwrap(), before);
    assert_eq!(secrets_in(home.path()), 1);
    assert_eq!(file(options(home.path())).place(&id()).len(), home.path().display().to_string().len() + 37);
}

#[test]
fn a_recipient_that_is_none_is_refused_before_anything_is_made() {
    let home = home();
    let folder = home.path().join("secrets");
    let asked = Asked::knows("swordfish");
    let odd = StoreOptions { age_recipients: vec!["age1nonsense".into()], ..with_passphrase(&folder, &asked) };
    assert!(matches!(file(odd).put(&id(), "", &secret("x")), Err(StoreError::BadRecipient { .. })));
    assert!(!folder.exists());
    assert_eq!(asked.times(), (0, 0));
}

#[test]
fn a_list_that_a_team_prepared_gains_the_identity_made_for_it() {
    let (home, keys) = (home(), home());
    let (theirs, their_public) = keygen(keys.path(), "theirs");
    fs::write(home.path().join("recipients.txt"), format!("# the team\n{their_public}\n")).unwrap();
    let id = id();
    file(with_passphrase(home.path(), &Asked::knows("swordfish"))).put(&id, "", &secret("x")).unwrap();
    assert_eq!(file(with_identity(home.path(), &theirs)).get(&id).unwrap().reveal(), "x");
}

#[test]
fn a_damaged_file_is_named() {
    let (home, keys) = (home(), home());
    let (key, _) = keygen(keys.path(), "key");
    let id = id();
    let store = file(with_identity(home.path(), &key));
    store.put(&id, "", &secret("x")).unwrap();
    let path = home.path().join(format!("{}.age", id.as_str()));
    let sealed = fs::read_to_string(&path).unwrap();
    assert!(sealed.starts_with("-----BEGIN AGE ENCRYPTED FILE-----"));
    for broken in [sealed.get(..sealed.len() / 2).unwrap(), "", "not age at all"] {
        fs::write(&path, broken).unwrap();
        assert!(matches!(store.get(&id), Err(StoreError::Damaged { path: named }) if named == path));
    }
}

#[test]
fn the_locked_identity_is_an_ordinary_one_of_age() {
    let home = home();
    let id = id();
    file(with_passphrase(home.path(), &Asked::knows("swordfish"))).put(&id, "", &secret("x")).unwrap();
    let locked = fs::read(home.path().join("identity.age")).unwrap();
    let opened = age::decrypt(&age::scrypt::Identity::new("swordfish".to_owned().into()), &locked).unwrap();
    let identities = age::IdentityFile::from_buffer(opened.as_slice()).unwrap().into_identities().unwrap();
    let sealed = fs::read(home.path().join(format!("{}.age", id.as_str()))).unwrap();
    let decryptor = age::Decryptor::new_buffered(age::armor::ArmoredReader::new(sealed.as_slice())).unwrap();
    let mut plain = String::new();
    let keys = identities.iter().map(|key| &**key as &dyn age::Identity);
    std::io::Read::read_to_string(&mut decryptor.decrypt(keys).unwrap(), &mut plain).unwrap();
    assert_eq!(plain, "x");
}
