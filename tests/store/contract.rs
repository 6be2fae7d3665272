//! What every store that keeps anything must do, in one list.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use connect::model::{Secret, SecretId, StoreKind};
use connect::store::{PassphraseError, PassphraseSource, Store, StoreError, StoreOptions, Stores};

/// A passphrase source that counts how often it is asked.
#[derive(Default)]
pub struct Asked {
    pub answer: Option<&'static str>,
    pub existing: std::sync::atomic::AtomicUsize,
    pub new_one: std::sync::atomic::AtomicUsize,
}

impl Asked {
    pub fn knows(answer: &'static str) -> Arc<Self> {
        Arc::new(Self { answer: Some(answer), ..Self::default() })
    }

    pub fn nobody() -> Arc<Self> {
        Arc::new(Self::default())
    }

    /// How often for an existing one, how often for a new one.
    pub fn times(&self) -> (usize, usize) {
        let read = |counter: &std::sync::atomic::AtomicUsize| counter.load(std::sync::atomic::Ordering::SeqCst);
        (read(&self.existing), read(&self.new_one))
    }

    fn answer(&self, counter: &std::sync::atomic::AtomicUsize) -> Result<Secret, PassphraseError> {
        counter.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        self.answer.map(secret).ok_or(PassphraseError::NotAvailable)
    }
}

impl PassphraseSource for Asked {
    fn existing(&self) -> Result<Secret, PassphraseError> {
        self.answer(&self.existing)
    }

    fn new_one(&self) -> Result<Secret, PassphraseError> {
        self.answer(&self.new_one)
    }
}

/// Options for a folder, with nobody to ask and no variables.
pub fn options(folder: &Path) -> StoreOptions {
    StoreOptions {
        secrets_dir: folder.to_owned(),
        keyring_patience: Duration::from_secs(60),
        on_wait: None,
        passphrase: Asked::nobody(),
        age_identity: None,
        age_recipients: Vec::new(),
        variables: Arc::new(|_| None),
    }
}

/// The stores of one run, with a key derivation that costs next to nothing.
pub fn stores(options: StoreOptions) -> Stores {
    Stores::new(options).with_work_factor(2)
}

pub fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

pub fn id() -> SecretId {
    SecretId::random().unwrap()
}

/// Holds a store to its contract. `run` begins a new run of the program on the same home, `elsewhere`
/// one on another home.
pub fn keep(kind: StoreKind, run: &dyn Fn() -> Stores, elsewhere: &dyn Fn() -> Stores) {
    let store = run().open(kind).unwrap();
    assert_eq!(store.kind(), kind);
    assert!(store.is_writable());
    what_is_put_is_there_and_then_gone(&*store, &|| run().open(kind).unwrap());
    what_is_missing_is_not_found(&*store);
    the_same_twice_is_well_and_another_is_refused(&*store);
    any_text_comes_back_as_it_was(&*store);
    eight_at_once(&store);
    homes_do_not_collide(&*store, &*elsewhere().open(kind).unwrap());
    an_id_is_never_a_path(&*store);
}

fn what_is_put_is_there_and_then_gone(store: &dyn Store, later: &dyn Fn() -> Arc<dyn Store>) {
    let id = id();
    store.put(&id, "connect: octocat@github.com", &secret("ghp_first")).unwrap();
    assert_eq!(store.get(&id).unwrap().reveal(), "ghp_first");
    assert_eq!(later().get(&id).unwrap().reveal(), "ghp_first", "in a later run");
    assert!(!store.exposed(&id));
    assert!(store.place(&id).contains(id.as_str()), "{}", store.place(&id));
    store.check().unwrap();
    assert!(later().remove(&id).unwrap());
    assert!(matches!(store.get(&id), Err(StoreError::NotFound)));
    assert!(!store.remove(&id).unwrap(), "it was gone already");
}

fn what_is_missing_is_not_found(store: &dyn Store) {
    assert!(matches!(store.get(&id()), Err(StoreError::NotFound)));
    assert!(!store.remove(&id()).unwrap());
}

fn the_same_twice_is_well_and_another_is_refused(store: &dyn Store) {
    let id = id();
    store.put(&id, "connect: a", &secret("one")).unwrap();
    store.put(&id, "connect: a", &secret("one")).unwrap();
    assert!(matches!(store.put(&id, "connect: a", &secret("two")), Err(StoreError::AlreadyThere)));
    assert_eq!(store.get(&id).unwrap().reveal(), "one", "what was there is as it was");
    assert!(store.remove(&id).unwrap());
}

fn any_text_comes_back_as_it_was(store: &dyn Store) {
    let long = "x".repeat(4096);
    for text in
        [long.as_str(), "a b\tc\n", "päßwörd ☃ \u{1f511}", "\"'`$(rm -rf)\\", "-----BEGIN AGE ENCRYPTED FILE-----"]
    {
        let id = id();
        store.put(&id, "connect: näme `with` \"marks\"", &secret(text)).unwrap();
        assert_eq!(store.get(&id).unwrap().reveal(), text);
        assert!(store.remove(&id).unwrap());
    }
}

fn eight_at_once(store: &Arc<dyn Store>) {
    let threads: Vec<_> = (0..8)
        .map(|number| {
            let store = Arc::clone(store);
            std::thread::spawn(move || {
                let id = id();
                store.put(&id, "connect: many", &secret(&format!("token-{number}"))).unwrap();
                assert_eq!(store.get(&id).unwrap().reveal(), format!("token-{number}"));
                id
            })
        })
        .collect();
    let ids: HashSet<SecretId> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    assert_eq!(ids.len(), 8);
    assert!(ids.iter().all(|id| store.remove(id).unwrap()));
}

fn homes_do_not_collide(store: &dyn Store, other: &dyn Store) {
    let (ours, theirs) = (id(), id());
    store.put(&ours, "connect: same name", &secret("ours")).unwrap();
    other.put(&theirs, "connect: same name", &secret("theirs")).unwrap();
    assert_eq!(store.get(&ours).unwrap().reveal(), "ours");
    assert_eq!(other.get(&theirs).unwrap().reveal(), "theirs");
    assert!(store.remove(&ours).unwrap());
    assert_eq!(other.get(&theirs).unwrap().reveal(), "theirs", "removing one leaves the other");
    assert!(other.remove(&theirs).unwrap());
}

fn an_id_is_never_a_path(store: &dyn Store) {
    for odd in ["../../etc/passwd", "identity", "", "3f9a"] {
        let odd = SecretId::variable(odd);
        assert!(matches!(store.put(&odd, "", &secret("x")), Err(StoreError::BadId)));
        assert!(matches!(store.get(&odd), Err(StoreError::BadId)));
        assert!(matches!(store.remove(&odd), Err(StoreError::BadId)));
    }
}
