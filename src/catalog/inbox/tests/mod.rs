//! What is put into an inbox comes out of it, whatever happens in between.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::disallowed_methods, reason = "tests look at the files themselves")]

use std::collections::BTreeSet;

use jiff::Timestamp;
use proptest::prelude::*;
use tempfile::TempDir;

use super::{BESIDES, Inbox, InboxError, Inboxes, Stored};
use crate::catalog::Home;
use crate::model::{ForgeKind, Letter, Packing};

const ENDPOINT: &str = "5f2c0123456789abcdef0123456789ab";
/// What the header of each letter weighs.
const HEADER: u64 = ("x-github-event".len() + "push".len()) as u64;
const PLENTY: u64 = 1 << 30;

fn letter(id: &str, at: Timestamp) -> Letter {
    Letter {
        id: id.to_owned(),
        forge: ForgeKind::GitHub,
        connection: "octocat@github.com".parse().unwrap(),
        endpoint: ENDPOINT.to_owned(),
        event: "push".to_owned(),
        action: None,
        repository: Some("a/b".to_owned()),
        sender: None,
        received_at: at,
        packing: Packing::Json,
        headers: vec![("x-github-event".to_owned(), "push".to_owned())],
        repeat: false,
        body: format!("{{\"id\":\"{id}\"}}").into_bytes(),
    }
}

fn day(n: i64) -> Timestamp {
    Timestamp::from_second(1_793_534_400 + n * 86_400).unwrap()
}

struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn inboxes(&self) -> Inboxes {
        Inboxes::new(&Home::below(self.folder.path()))
    }

    fn open(&self) -> Inbox {
        self.inboxes().open(ENDPOINT, PLENTY, false, day(0)).unwrap()
    }

    fn inbox_folder(&self) -> std::path::PathBuf {
        self.folder.path().join("state/spool").join(ENDPOINT)
    }
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn put(inbox: &Inbox, id: &str) -> Stored {
    wait(inbox.put(letter(id, day(0))))
}

/// All that is there, in its order, with its numbers.
fn all(inbox: &Inbox) -> Vec<(u64, Letter)> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let some = inbox.next(after).unwrap();
        let Some((number, _)) = some.last() else { return found };
        after = Some(*number);
        found.extend(some);
    }
}

fn ids(inbox: &Inbox) -> Vec<String> {
    all(inbox).into_iter().map(|(_, letter)| letter.id).collect()
}

#[test]
fn letters_come_out_as_they_went_in_until_they_are_done() {
    let place = Place::new();
    let inbox = place.open();
    for id in ["a", "b", "c"] {
        assert_eq!(put(&inbox, id), Stored::Safe);
    }
    let there = all(&inbox);
    assert_eq!(
        there.iter().map(|(_, letter)| letter.clone()).collect::<Vec<_>>(),
        ["a", "b", "c"].map(|id| letter(id, day(0)))
    );
    assert_eq!(inbox.room().letters(), 3);
    inbox.done(there[1].0, &there[1].1);
    inbox.close();

    let inbox = place.open();
    assert_eq!(ids(&inbox), ["a", "c"]);
    assert_eq!((inbox.room().letters(), inbox.room().bytes()), (2, 2 * (BESIDES + 10 + HEADER)));
    assert_eq!(put(&inbox, "d"), Stored::Safe);
    assert_eq!(ids(&inbox), ["a", "c", "d"]);
}

#[test]
fn a_repeat_is_known_unless_it_was_asked_for() {
    let place = Place::new();
    let inbox = place.open();
    assert_eq!([put(&inbox, "a"), put(&inbox, "a")], [Stored::Safe, Stored::Known]);
    // From another process, while this one listens; and once each time.
    place.inboxes().expect(ENDPOINT, "a").unwrap();
    assert_eq!([put(&inbox, "b"), put(&inbox, "a"), put(&inbox, "a")], [Stored::Safe, Stored::Safe, Stored::Known]);
    let repeats: Vec<bool> = all(&inbox).into_iter().map(|(_, letter)| letter.repeat).collect();
    assert_eq!(repeats, [false, false, true]);
    // What was missed altogether is no repeat, and needs no second note.
    place.inboxes().expect(ENDPOINT, "c").unwrap();
    assert_eq!([put(&inbox, "c"), put(&inbox, "c")], [Stored::Safe, Stored::Known]);
    inbox.close();
    // Known still, though all was handed on; but who wants repeats has them.
    let inbox = place.inboxes().open(ENDPOINT, PLENTY, true, day(0)).unwrap();
    assert_eq!(put(&inbox, "a"), Stored::Safe);
    assert!(all(&inbox).last().is_some_and(|(_, letter)| letter.repeat));
}

#[test]
fn ids_are_remembered_for_eight_days() {
    let place = Place::new();
    let inbox = place.open();
    let at = |inbox: &Inbox, n| wait(inbox.put(letter("a", day(n))));
    assert_eq!(
        [at(&inbox, 0), at(&inbox, 8), at(&inbox, 9), at(&inbox, 10)],
        [Stored::Safe, Stored::Known, Stored::Safe, Stored::Known]
    );
    inbox.close();
    let inbox = place.inboxes().open(ENDPOINT, PLENTY, false, day(30)).unwrap();
    assert_eq!(at(&inbox, 30), Stored::Safe);
}

#[test]
fn whoever_stops_waiting_keeps_no_answer_from_the_others() {
    let place = Place::new();
    let inbox = place.open();
    let ids: Vec<String> = (0..32).map(|n| n.to_string()).collect();
    // All of them are on their way before anybody waits.
    let mut waiting: Vec<_> = ids.iter().map(|id| Some(inbox.put(letter(id, day(0))))).collect();
    for gone in [0, 1, 7, 31] {
        waiting[gone] = None;
    }
    // All at once, as a runtime does: who waits for one alone may wait for an answer that another has to pass on.
    let stored = wait(futures_util::future::join_all(waiting.into_iter().flatten()));
    assert_eq!(stored, [Stored::Safe; 28]);
    inbox.close();
    assert_eq!(self::ids(&place.open()), ids);
}

#[test]
fn past_the_limit_there_is_no_room_until_something_is_handed_on() {
    let place = Place::new();
    let inbox = place.inboxes().open(ENDPOINT, 2 * (BESIDES + HEADER) + 25, false, day(0)).unwrap();
    assert_eq!([put(&inbox, "a"), put(&inbox, "b"), put(&inbox, "c")], [Stored::Safe, Stored::Safe, Stored::NoRoom]);
    let (number, first) = all(&inbox).swap_remove(0);
    inbox.done(number, &first);
    inbox.close();
    let inbox = place.inboxes().open(ENDPOINT, 2 * (BESIDES + HEADER) + 25, false, day(0)).unwrap();
    // What had no room is not remembered: the sender may try again.
    assert_eq!([put(&inbox, "c"), put(&inbox, "d")], [Stored::Safe, Stored::NoRoom]);
    assert_eq!(ids(&inbox), ["b", "c"]);
}

#[test]
fn one_process_listens() {
    let place = Place::new();
    let inbox = place.open();
    assert!(matches!(place.inboxes().open(ENDPOINT, PLENTY, false, day(0)), Err(InboxError::Busy)));
    assert!(matches!(place.inboxes().remove(ENDPOINT), Err(InboxError::Busy)));
    // Another address is another inbox, whatever it is called.
    assert!(place.inboxes().open("../../etc", PLENTY, false, day(0)).is_ok());
    inbox.close();
    place.inboxes().remove(ENDPOINT).unwrap();
    assert!(!place.inbox_folder().exists());
    assert!(place.inboxes().remove(ENDPOINT).is_ok());
}

#[test]
fn what_was_acknowledged_is_there_after_a_kill() {
    let (place, killed) = (Place::new(), Place::new());
    let inbox = place.open();
    let ids: Vec<String> = (0..40).map(|n| format!("id-{n:02}")).collect();
    for id in &ids {
        assert_eq!(put(&inbox, id), Stored::Safe);
    }
    // What the next process finds when this one is gone at once.
    std::fs::create_dir_all(killed.inbox_folder()).unwrap();
    std::fs::copy(place.inbox_folder().join("inbox.redb"), killed.inbox_folder().join("inbox.redb")).unwrap();
    let after = killed.open();
    assert_eq!(super::tests::ids(&after), ids);
    assert_eq!(put(&after, "id-07"), Stored::Known);
}

#[test]
fn a_transaction_that_failed_and_is_there_all_the_same_is_never_written_over() {
    let place = Place::new();
    let inbox = place.open();
    let fails = || inbox.spool.fails_at_the_end.store(true, std::sync::atomic::Ordering::Relaxed);
    assert_eq!(put(&inbox, "first"), Stored::Safe);
    fails();
    assert_eq!(put(&inbox, "a"), Stored::NoRoom);
    // Its sender may try again; it is there by then, and nothing that came later has taken its place.
    assert_eq!([put(&inbox, "b"), put(&inbox, "a")], [Stored::Safe, Stored::Known]);
    assert_eq!(ids(&inbox), ["first", "a", "b"]);
    assert_eq!(inbox.room().letters(), 3);
    // What is done goes once, however often that is written.
    let (number, first) = all(&inbox).swap_remove(0);
    fails();
    inbox.done(number, &first);
    inbox.close();
    let inbox = place.open();
    assert_eq!(ids(&inbox), ["a", "b"]);
    assert_eq!([put(&inbox, "c"), put(&inbox, "a")], [Stored::Safe, Stored::Known]);
}

#[test]
fn a_disk_that_fails_again_and_again_is_left_alone_for_a_while() {
    let place = Place::new();
    let inbox = place.open();
    let fails = || inbox.spool.fails_at_the_end.store(true, std::sync::atomic::Ordering::Relaxed);
    fails();
    assert_eq!(put(&inbox, "a"), Stored::NoRoom);
    assert!(inbox.room().trouble().is_some());
    fails();
    assert_eq!(put(&inbox, "b"), Stored::NoRoom);
    // It would work again; nobody looks yet.
    assert_eq!([put(&inbox, "c"), put(&inbox, "c")], [Stored::NoRoom; 2]);
    assert_eq!(inbox.room().failures(), 2);
    let begun = std::time::Instant::now();
    while put(&inbox, "d") == Stored::NoRoom {
        assert!(begun.elapsed() < std::time::Duration::from_secs(30));
        std::thread::yield_now();
    }
    assert_eq!((inbox.room().trouble(), ids(&inbox)), (None, ["a", "b", "d"].map(str::to_owned).to_vec()));
}

#[test]
fn a_letter_that_does_not_read_keeps_no_other_from_being_read() {
    let place = Place::new();
    let inbox = place.open();
    assert_eq!(put(&inbox, "a"), Stored::Safe);
    inbox.close();
    let database = redb::Database::open(place.inbox_folder().join("inbox.redb")).unwrap();
    let writing = database.begin_write().unwrap();
    {
        let table: redb::TableDefinition<'_, u64, &[u8]> = redb::TableDefinition::new("deliveries");
        writing.open_table(table).unwrap().insert(1, &b"{\"from\":\"the future\"}"[..]).unwrap();
    }
    writing.commit().unwrap();
    drop(database);
    let inbox = place.open();
    assert_eq!(put(&inbox, "b"), Stored::Safe);
    // Those before it come first.
    assert_eq!(inbox.next(None).unwrap().len(), 1);
    assert!(matches!(inbox.next(Some(0)), Err(InboxError::Unreadable { number: 1, .. })));
    assert_eq!(inbox.next(Some(1)).unwrap()[0].1.id, "b");
    assert_eq!(inbox.room().letters(), 3);
}

#[test]
fn a_file_that_is_no_database_is_told_and_left_alone() {
    let place = Place::new();
    std::fs::create_dir_all(place.inbox_folder()).unwrap();
    let path = place.inbox_folder().join("inbox.redb");
    std::fs::write(&path, b"a letter to whom it may concern").unwrap();
    let opened = place.inboxes().open(ENDPOINT, PLENTY, false, day(0));
    assert!(matches!(opened, Err(InboxError::Damaged { .. })));
    assert_eq!(std::fs::read(&path).unwrap(), b"a letter to whom it may concern");
}

#[cfg(unix)]
#[test]
fn it_is_the_users_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::new();
    let inbox = place.open();
    place.inboxes().expect(ENDPOINT, "a").unwrap();
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let folder = place.inbox_folder();
    assert_eq!([mode(&folder), mode(&folder.join("expected"))], [0o700, 0o700]);
    assert_eq!(mode(&folder.join("inbox.redb")), 0o600);
    inbox.close();
}

#[derive(Debug, Clone)]
enum Step {
    Put(u8),
    Expect(u8),
    Done(prop::sample::Index),
    Again,
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4))]
    #[test]
    fn it_keeps_what_a_list_would_keep(steps in proptest::collection::vec(prop_oneof![
        5 => (0_u8..12).prop_map(Step::Put),
        1 => (0_u8..12).prop_map(Step::Expect),
        3 => any::<prop::sample::Index>().prop_map(Step::Done),
        1 => Just(Step::Again),
    ], 1..16)) {
        let place = Place::new();
        let mut inbox = place.open();
        let (mut there, mut known, mut expected) = (Vec::<String>::new(), BTreeSet::new(), BTreeSet::new());
        for step in steps {
            match step {
                Step::Put(n) => {
                    let id = n.to_string();
                    let asked_for = expected.remove(&id);
                    let new = known.insert(id.clone()) || asked_for;
                    prop_assert_eq!(put(&inbox, &id), if new { Stored::Safe } else { Stored::Known });
                    if new {
                        there.push(id);
                    }
                }
                Step::Expect(n) => {
                    place.inboxes().expect(ENDPOINT, &n.to_string()).unwrap();
                    expected.insert(n.to_string());
                }
                Step::Done(which) if !there.is_empty() => {
                    let at = which.index(there.len());
                    let (number, letter) = all(&inbox).swap_remove(at);
                    inbox.done(number, &letter);
                    there.remove(at);
                    inbox.close();
                    inbox = place.open();
                }
                Step::Done(_) => {}
                Step::Again => {
                    inbox.close();
                    inbox = place.open();
                }
            }
            prop_assert_eq!(ids(&inbox), there.clone());
            prop_assert_eq!(inbox.room().letters(), there.len() as u64);
        }
    }
}
