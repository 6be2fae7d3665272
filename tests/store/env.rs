//! The store that keeps nothing.

use std::sync::Arc;

use connect::model::{SecretId, StoreKind};
use connect::store::{StoreError, StoreOptions};

use crate::contract::{options, secret, stores};

#[test]
fn a_variable_is_read_each_time_and_never_kept() {
    let home = tempfile::tempdir().unwrap();
    let variables = Arc::new(|name: &str| match name {
        "GITLAB_TOKEN" => Some(secret("glpat-x\n")),
        "TWO" => Some(secret("one two")),
        "EMPTY" => Some(secret("")),
        _ => None,
    });
    let stores = stores(StoreOptions { variables, ..options(home.path()) });
    let store = stores.open(StoreKind::Env).unwrap();
    let id = SecretId::variable;
    assert!(!store.is_writable());
    assert_eq!(store.get(&id("GITLAB_TOKEN")).unwrap().reveal(), "glpat-x");
    assert!(matches!(store.get(&id("NONE")), Err(StoreError::VariableMissing { name }) if name == "NONE"));
    for odd in ["TWO", "EMPTY"] {
        let error = store.get(&id(odd)).unwrap_err();
        assert!(matches!(&error, StoreError::VariableInvalid { name, .. } if name == odd));
        assert!(!format!("{error} {error:?}").contains("one two"));
    }
    assert!(matches!(store.put(&id("X"), "", &secret("x")), Err(StoreError::ReadOnly)));
    assert!(!store.remove(&id("GITLAB_TOKEN")).unwrap());
    assert_eq!(store.place(&id("GITLAB_TOKEN")), "the variable GITLAB_TOKEN");
}
