//! Nothing is lost: killed, full, out of room, started twice.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Listener, Target, does_not_listen, github, home, listen, send};

/// How many are sent while it is killed. By hand, `CONNECT_MANY=10000` asks for more.
fn many() -> usize {
    std::env::var("CONNECT_MANY").ok().and_then(|text| text.parse().ok()).unwrap_or(300)
}

#[test]
fn killed_in_the_middle_of_many_none_is_acknowledged_and_lost() {
    let home = home();
    let (count, next) = (many(), AtomicUsize::new(0));
    let mut acknowledged = BTreeSet::new();
    let mut handed_on = Vec::new();
    while acknowledged.len() < count {
        let listener = listen(&home, &[]);
        let (address, path) = (listener.address, listener.path("hooks"));
        // Killed by the first sender after so many; the others find nobody there.
        let enough = acknowledged.len() + count / 3;
        let accepted = AtomicUsize::new(acknowledged.len());
        let killed = std::thread::scope(|scope| {
            let senders: Vec<_> = (0..4)
                .map(|_| {
                    scope.spawn(|| {
                        let mut mine = Vec::new();
                        while accepted.load(Ordering::Relaxed) < enough {
                            let id = format!("id-{}", next.fetch_add(1, Ordering::Relaxed));
                            let request = github(&path, &id, "push", "{}").bytes();
                            if super::says(address, &request).starts_with("HTTP/1.1 202") {
                                accepted.fetch_add(1, Ordering::Relaxed);
                                mine.push(id);
                            }
                        }
                        mine
                    })
                })
                .collect();
            while accepted.load(Ordering::Relaxed) < enough {
                std::thread::yield_now();
            }
            listener.signal("-KILL");
            senders.into_iter().flat_map(|sender| sender.join().unwrap()).collect::<Vec<_>>()
        });
        acknowledged.extend(killed);
        handed_on.extend(listener.killed());
    }
    let listener = listen(&home, &[]);
    assert_eq!(listener.github("the last", "push", "{}"), 202);
    let last = loop {
        let line = listener.line();
        handed_on.push(line.clone());
        if line.contains("\"the last\"") {
            break line;
        }
    };
    drop(last);
    let id = |line: &String| serde_json::from_str::<serde_json::Value>(line).ok()?["id"].as_str().map(str::to_owned);
    let handed_on: BTreeSet<String> = handed_on.iter().filter_map(id).collect();
    let lost: Vec<&String> = acknowledged.difference(&handed_on).collect();
    assert!(acknowledged.len() >= count && lost.is_empty(), "{} of {} lost: {lost:?}", lost.len(), acknowledged.len());
}

#[test]
fn a_repeat_is_handed_on_once_unless_it_is_wanted() {
    let home = home();
    let listener = listen(&home, &[]);
    assert_eq!([1, 2].map(|_| listener.github("d-1", "push", "{}")), [202, 200]);
    assert_eq!(listener.github("d-2", "push", "{}"), 202);
    assert_eq!(listener.ids(2), ["d-1", "d-2"]);
    listener.killed();
    // After a kill too, and though it was handed on long ago.
    let listener = listen(&home, &["--accept-repeats"]);
    assert_eq!(listener.github("d-1", "push", "{}"), 202);
    let seen: Vec<_> = std::iter::from_fn(|| Some(listener.next())).take_while(|one| one["repeat"] != true).collect();
    // Those whose removal was not on disk yet come once more, as themselves.
    assert!(seen.len() <= 2, "{seen:?}");
}

#[test]
fn what_is_disconnected_leaves_no_deliveries_behind() {
    let home = home();
    let listener = listen(&home, &["--forward", "http://127.0.0.1:1/"]);
    assert_eq!(listener.github("d-1", "push", "{}"), 202);
    listener.stops("-TERM");
    let spool = home.connect_home().join("state/spool");
    assert_eq!(std::fs::read_dir(&spool).unwrap().count(), 1);
    let gone = home.connect(["disconnect", "hooks", "--yes"]).json().succeeds().document();
    assert!(
        gone["removed"].as_array().unwrap().iter().any(|place| place.as_str().unwrap().contains("/spool/")),
        "{gone}"
    );
    assert_eq!(std::fs::read_dir(&spool).unwrap().count(), 0);
}

#[test]
fn one_listens_and_another_is_told() {
    let home = home();
    let listener = listen(&home, &[]);
    let error = does_not_listen(&home, &[]).fails(1, "listener_exists");
    assert_eq!(error["connection"], "hooks");
    let taken = listener.address.to_string();
    super::receives(&home, "github", "other", "another secret of some length");
    let call = home.connect(["webhook", "listen", "--connection", "other", "--addr", &taken]);
    assert!(call.json().fails(1, "cannot_listen")["message"].as_str().unwrap().contains("in use"));
    // For another connection, at another port, it is welcome.
    drop(listen(&home, &["--connection", "other"]));
    listener.killed();
    drop(listen(&home, &[]));
}

#[test]
fn a_spool_that_is_full_says_so_and_forgets_nothing() {
    let home = home();
    let target = Target::start();
    target.answers(&[500]);
    let listener = listen(&home, &["--spool-limit", "1", "--forward", &target.url]);
    let large = format!("\"{}\"", "x".repeat(600_000));
    assert_eq!(listener.github("d-1", "push", &large), 202);
    assert_eq!(listener.github("d-2", "push", &large), 503);
    let health = super::says(listener.address, b"GET /healthz HTTP/1.0\r\n\r\n");
    assert!(health.starts_with("HTTP/1.0 200") || health.starts_with("HTTP/1.1 200"), "{health}");
    // The first is handed on at the second attempt, and the sender of the second tries again.
    target.answers(&[200, 200]);
    assert_eq!(listener.ids(1), ["d-1"]);
    while listener.github("d-2", "push", &large) == 503 {}
    assert_eq!(listener.ids(1), ["d-2"]);
}

#[test]
fn a_full_disk_is_survived() {
    let home = home();
    let target = Target::start();
    // No file may grow beyond 2 MB (blocks of 512 bytes); the database has one at the start.
    let full = "trap '' XFSZ; ulimit -f 4000; exec \"$@\"";
    let call = home.connect(["webhook", "listen", "--json", "--addr", "127.0.0.1:0", "--forward", &target.url]);
    let listener = Listener::begins(call.by_way_of(["/bin/sh", "-c", full, "sh"]));
    let body = format!("\"{}\"", "x".repeat(200_000));
    let mut accepted = Vec::new();
    for n in 0..40 {
        let id = format!("d-{n}");
        match send(listener.address, &github(&listener.path("hooks"), &id, "push", &body)) {
            202 => accepted.push(id),
            503 => break,
            other => panic!("{other}"),
        }
    }
    assert!((1..40).contains(&accepted.len()), "{}", accepted.len());
    // Small ones may still go; and all that was accepted is handed on, now and by the next run.
    target.answers(&[200]);
    assert_eq!(listener.ids(1), ["d-0"]);
    listener.killed();
    target.answers(&[200; 60]);
    let listener = listen(&home, &["--forward", &target.url]);
    assert_eq!(listener.github("after", "push", "{}"), 202);
    let mut seen = BTreeSet::from(["d-0".to_owned()]);
    while !seen.contains("after") {
        seen.extend(listener.ids(1));
    }
    assert!(accepted.iter().all(|id| seen.contains(id)), "{accepted:?} {seen:?}");
}
