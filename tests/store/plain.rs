//! Plain files.

use connect::model::StoreKind;
use connect::store::{LONGEST_SECRET, StoreError};

use crate::contract::{id, keep, options, secret, stores};

#[test]
fn it_keeps_the_contract() {
    let (home, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    keep(StoreKind::Plain, &|| stores(options(home.path())), &|| stores(options(other.path())));
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0, "nothing is left");
}

#[test]
fn what_does_not_fit_is_not_begun() {
    let home = tempfile::tempdir().unwrap();
    let store = stores(options(home.path())).open(StoreKind::Plain).unwrap();
    let long = secret(&"x".repeat(LONGEST_SECRET + 1));
    assert!(matches!(store.put(&id(), "", &long), Err(StoreError::TooLong { limit: LONGEST_SECRET })));
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0);
}

#[test]
fn what_is_no_text_is_damaged() {
    let home = tempfile::tempdir().unwrap();
    let store = stores(options(home.path())).open(StoreKind::Plain).unwrap();
    let id = id();
    std::fs::write(home.path().join(id.as_str()), b"\xff\xfe").unwrap();
    assert!(matches!(store.get(&id), Err(StoreError::Damaged { .. })));
    assert!(matches!(store.put(&id, "", &secret("x")), Err(StoreError::AlreadyThere)));
}

#[cfg(unix)]
#[test]
fn a_file_that_others_may_read_is_read_and_told_of() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = tempfile::tempdir().unwrap();
    let store = stores(options(home.path())).open(StoreKind::Plain).unwrap();
    let id = id();
    store.put(&id, "", &secret("x")).unwrap();
    let path = home.path().join(id.as_str());
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(store.exposed(&id));
    assert_eq!(store.get(&id).unwrap().reveal(), "x");
}
