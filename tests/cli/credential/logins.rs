//! Logins for hosts without a connection: all that git's own tests expect of a helper (t0303), in each store.

use std::fs;

use secrecy::ExposeSecret as _;
use serde_json::Value;

use super::{ask, get, given, nothing, silently};
use crate::support::secret_service::SecretService;
use crate::support::{Cast as _, Home, world};

/// A home whose new secrets are kept in this store.
fn home(store: &str) -> Home {
    let home = Home::new();
    let identity = age::x25519::Identity::generate();
    let path = home.file("key.txt", identity.to_string().expose_secret());
    home.with_env("CONNECT_AGE_IDENTITY", &path).with_env("CONNECT_STORE", store)
}

fn index(home: &Home) -> Value {
    let text = fs::read(home.connect_home().join("data/logins.json")).unwrap_or_else(|_| b"{\"logins\":[]}".to_vec());
    serde_json::from_slice(&text).unwrap()
}

fn count(home: &Home) -> usize {
    assert_eq!(index(home)["loose"], Value::Null, "nothing is loose at the end");
    index(home)["logins"].as_array().unwrap().len()
}

/// A home, to be told of logins at `https://example.com` in few words.
struct Told<'a>(&'a Home);

impl Told<'_> {
    fn say(&self, operation: &str, user: &str, more: &[&str]) {
        let user = format!("username={user}");
        silently(self.0, operation, &[&["protocol=https", "host=example.com", &user], more].concat());
    }

    fn keeps(&self, user: &str, password: &str) {
        self.say("store", user, &[&format!("password={password}")]);
    }

    fn has(&self, user: &str) -> String {
        given(self.0, &["protocol=https", "host=example.com", &format!("username={user}")]).1
    }
}

#[test]
fn without_a_keyring_the_way_on_is_one_that_there_is() {
    let home = Home::new();
    let login = ["protocol=https", "host=example.com", "username=mona", "password=x"];
    let refused = ask(&home, "store", &login).ends().exits(8);
    let said = refused.stderr();
    assert!(
        said.contains("no keyring") && said.contains("`connect store use file`") && !said.contains("--store"),
        "{said}"
    );
}

#[test]
fn in_plain_files() {
    everything(&home("plain"));
}

#[test]
fn in_encrypted_files() {
    everything(&home("file"));
}

#[test]
fn in_a_real_keyring() {
    let Some(service) = SecretService::start() else { return };
    let mut home = home("keyring");
    for (name, value) in service.environment() {
        home.set_env(&name, &value);
    }
    everything(&home);
    assert_eq!(service.entries(), count(&home));
}

/// The whole of it, one after the other, as git's tests have it.
fn everything(home: &Home) {
    let told = Told(home);
    let place = ["protocol=https", "host=example.com"];
    nothing(home, &place);
    // Stores, and gives back.
    told.keeps("store-user", "store-pass");
    assert_eq!(given(home, &place), ("store-user".into(), "store-pass".into()));
    nothing(home, &["protocol=http", "host=example.com"]);
    nothing(home, &["protocol=https", "host=other.example"]);
    nothing(home, &["protocol=https", "host=example.com:8443"]);
    nothing(home, &["protocol=https", "host=example.com", "username=other"]);
    // By path, where git tells it.
    silently(home, "store", &["protocol=http", "host=path.example", "path=foo.git", "username=user", "password=pass"]);
    nothing(home, &["protocol=http", "host=path.example", "path=bar.git"]);
    assert_eq!(given(home, &["protocol=http", "host=path.example", "path=foo.git"]).1, "pass");
    // Replaces.
    told.keeps("user-overwrite", "pass1");
    told.keeps("user-overwrite", "pass2");
    assert_eq!(told.has("user-overwrite"), "pass2");
    told.say("erase", "user-overwrite", &["password=pass2"]);
    nothing(home, &[place[0], place[1], "username=user-overwrite"]);
    // Forgets a host.
    silently(home, "erase", &place);
    nothing(home, &place);
    // Several users, and no other password than the one that was refused.
    told.keeps("user1", "pass1");
    told.keeps("user2", "pass2");
    assert_eq!((told.has("user1").as_str(), told.has("user2").as_str()), ("pass1", "pass2"));
    told.say("erase", "user1", &["password=pass2"]);
    assert_eq!(told.has("user1"), "pass1");
    told.say("erase", "user1", &[]);
    nothing(home, &[place[0], place[1], "username=user1"]);
    assert_eq!(told.has("user2"), "pass2");
    // Nothing is a name and a password, too.
    silently(home, "store", &["protocol=https", "host=sso.example", "username=", "password="]);
    assert_eq!(given(home, &["protocol=https", "host=sso.example"]), (String::new(), String::new()));
    // All that fit.
    told.keeps("user-erase1", "pass1");
    silently(home, "erase", &place);
    nothing(home, &place);
    ends_and_renewals(home);
    encoded(home);
}

fn ends_and_renewals(home: &Home) {
    let told = Told(home);
    let of = |user: &str| get(home, &["protocol=https", "host=example.com", &format!("username={user}")]);
    told.say("store", "user-expiry", &["password=pass", "password_expiry_utc=9999999999"]);
    assert_eq!(of("user-expiry")["password_expiry_utc"], "9999999999");
    told.say("store", "user-expiry", &["password=pass", "password_expiry_utc=9999999998"]);
    assert_eq!(of("user-expiry")["password_expiry_utc"], "9999999998");
    told.say("store", "user4", &["password=pass", "oauth_refresh_token=xyzzy"]);
    assert_eq!(of("user4")["oauth_refresh_token"], "xyzzy");
    // An older git does not repeat it; another password is another matter.
    told.keeps("user4", "pass");
    assert_eq!(of("user4")["oauth_refresh_token"], "xyzzy");
    told.keeps("user4", "other");
    assert!(!of("user4").contains_key("oauth_refresh_token"));
    // What has died is kept only for what it is renewed with.
    told.say("store", "dead", &["password=pass", "password_expiry_utc=1"]);
    nothing(home, &["protocol=https", "host=example.com", "username=dead"]);
    told.say("store", "renewed", &["password=pass", "password_expiry_utc=1", "oauth_refresh_token=again"]);
    let renewed = of("renewed");
    assert_eq!(renewed["oauth_refresh_token"], "again");
    assert!(!renewed.contains_key("password") && !renewed.contains_key("password_expiry_utc"));
    silently(home, "erase", &["protocol=https", "host=example.com"]);
}

fn encoded(home: &Home) {
    let capable = "capability[]=authtype";
    let place = ["protocol=https", "host=git.example.com"];
    silently(home, "store", &[capable, "authtype=Bearer", "credential=random-token", place[0], place[1]]);
    let answer = ask(home, "get", &[capable, place[0], place[1]]).ends().succeeds().stdout();
    assert_eq!(answer, "capability[]=authtype\nauthtype=Bearer\ncredential=random-token\n");
    nothing(home, &place);
    let named = [place[0], place[1], "username=foobar"];
    silently(home, "store", &[&[capable, "authtype=Bearer", "credential=other-token"], &named[..]].concat());
    assert_eq!(get(home, &[&[capable], &named[..]].concat())["credential"], "other-token");
    nothing(home, &[capable, place[0], place[1], "username=barbaz"]);
    let other = ["protocol=https", "host=git2.example.com"];
    silently(home, "store", &[capable, "authtype=Bearer", "credential=x", other[0], other[1], "ephemeral=1"]);
    silently(home, "store", &[capable, other[0], other[1], "username=barbaz", "password=secret", "ephemeral=1"]);
    silently(home, "store", &[capable, other[0], other[1], "user=barbaz", "password=secret"]);
    silently(home, "store", &["authtype=Bearer", "credential=unannounced", other[0], other[1]]);
    nothing(home, &[capable, other[0], other[1]]);
    silently(home, "erase", &[&[capable, "authtype=Bearer", "credential=random-token"], &place[..]].concat());
    assert_eq!(get(home, &[&[capable], &place[..]].concat())["credential"], "other-token", "the other one stays");
}

#[test]
fn what_is_kept_is_told_by_nobody() {
    let home = home("file");
    let told = Told(&home);
    told.say("store", "mona", &["password=correct-horse", "oauth_refresh_token=battery-staple"]);
    for (path, bytes) in home.contents() {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert!(!text.contains("correct-horse") && !text.contains("battery-staple"), "{path}");
    }
    // Nor can a guess be tried on what is written down: the same password looks otherwise each time.
    told.keeps("lisa", "correct-horse");
    let logins = index(&home)["logins"].clone();
    assert_ne!(logins[0]["bound"], logins[1]["bound"]);
}

#[test]
fn a_lifetime_of_their_own() {
    let home = home("plain");
    let store = ["protocol=https", "host=timeout.example", "username=user", "password=pass"];
    let output = ask(&home, "store", &store).with(["x"; 0]);
    let line = store.map(|line| format!("{line}\n")).concat();
    drop(output);
    let call = home.connect(["--lifetime", "60", "store"]).program(super::HELPER).stdin(line);
    assert_eq!(call.ends().succeeds().stderr(), "");
    assert_eq!(given(&home, &store[..2]).1, "pass");
    if cfg!(feature = "test-hooks") {
        let later = ask(&home, "get", &store[..2]).env("CONNECT_TEST_NOW", "2026-11-01T12:01:00Z").ends().succeeds();
        assert_eq!(later.stdout(), "");
        // The next change takes it away.
        let next = ask(&home, "store", &["protocol=https", "host=a.example", "username=u", "password=p"]);
        next.env("CONNECT_TEST_NOW", "2026-11-01T12:01:00Z").ends().succeeds().never_says("connect:");
        assert_eq!((count(&home), home.secrets().len()), (1, 1));
    }
}

#[test]
fn a_password_of_ones_own_beside_a_connection() {
    let (home, world) = (home("plain"), world());
    home.dotcom(&world, "classic").ends().succeeds().never_says("error");
    let token = world.github_token("classic");
    let place = ["protocol=https", "host=github.com"];
    let told = |user: &str, password: &str| {
        silently(&home, "store", &[place[0], place[1], &format!("username={user}"), &format!("password={password}")]);
    };
    told("octocat", "another");
    told("mona", "monas");
    // The connection's token is the connection's; whoever asks for another user gets that one.
    assert_eq!(given(&home, &place), ("octocat".into(), token.clone()));
    assert_eq!(given(&home, &[place[0], place[1], "username=octocat"]).1, token);
    assert_eq!(given(&home, &[place[0], place[1], "username=mona"]), ("mona".into(), "monas".into()));
    told("git", "deploy");
    assert_eq!(given(&home, &[place[0], place[1], "username=git"]).1, "deploy");
    assert_eq!(given(&home, &[place[0], place[1], "username=oauth2"]), ("oauth2".into(), token.clone()));
    silently(&home, "erase", &place);
    assert_eq!((count(&home), given(&home, &place).1), (0, token), "the host is forgotten, and the connection is not");
}

#[test]
fn what_is_not_kept() {
    let home = home("env");
    let login = ["protocol=https", "host=example.com", "username=u", "password=p"];
    insta::assert_snapshot!(ask(&home, "store", &login).ends().shown(), @"
    exit 0
    --- stderr
    connect: the login for https://example.com was not kept: the store `env` keeps nothing
    ");
    let token = format!("ghp_{}", "a".repeat(36));
    let odd = ["protocol=https", "host=example.com", &format!("username={token}"), "password=x-oauth-basic"];
    let output = ask(&home, "store", &odd).env("CONNECT_STORE", "plain").ends().succeeds();
    output.never_says(&token);
    insta::assert_snapshot!(output.shown(), @"
    exit 0
    --- stderr
    connect: the login for https://example.com was not kept: its user name looks like a token, and names are not kept as secrets are
    ");
    for half in [&login[..3], &["protocol=https", "host=example.com", "password=p"][..]] {
        silently(&home, "store", half);
    }
    assert!(!home.connect_home().join("data/logins.json").exists());
    // No keyring: nothing weaker is taken, and git goes on.
    let output = ask(&home, "store", &login).env("CONNECT_STORE", "keyring").ends().exits(8);
    assert!(output.stderr().starts_with("connect: there is no keyring"), "{}", output.stderr());
    assert_eq!((count(&home), home.secrets().len()), (0, 0));
    insta::assert_snapshot!(ask(&home, "store", &login).env("CONNECT_STORE", "safe").ends().shown(), @"
    exit 2
    --- stderr
    connect: CONNECT_STORE: the stores are `keyring`, `file`, `plain` and `env`
    ");
}

#[test]
fn an_edited_index_leads_nowhere_else() {
    let home = home("plain");
    Told(&home).keeps("mona", "monas");
    let path = home.connect_home().join("data/logins.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("example.com", "evil.example")).unwrap();
    let output = ask(&home, "get", &["protocol=https", "host=evil.example"]).ends();
    insta::assert_snapshot!(output.shown(), @r"
    exit 8
    --- stderr
    connect: what the store `plain` holds for https://evil.example is not the login that was put there; `printf 'url=https://evil.example\n\n' | git credential reject` forgets it
    ");
    fs::write(&path, "{\"version\":1,\"logins\":[{").unwrap();
    let output = ask(&home, "get", &["protocol=https", "host=example.com"]).ends();
    insta::assert_snapshot!(output.shown(), @"
    exit 1
    --- stderr
    connect: HOME/connect/data/logins.json is damaged: line 1, column 24 does not fit; restore it from a backup, or remove HOME/connect/data/logins.json: git asks for those passwords again
    ");
    fs::write(&path, text.replace("\"version\": 1", "\"version\": 2")).unwrap();
    let output = ask(&home, "erase", &["protocol=https", "host=example.com"]).ends().exits(1);
    assert!(output.stderr().contains("a later version"), "{}", output.stderr());
    assert_eq!(home.secrets().len(), 1);
}

#[test]
fn what_is_kept_already_needs_no_lock() {
    let home = home("plain");
    Told(&home).keeps("mona", "monas");
    let lock = home.connect_home().join("state/locks/.logins.lock");
    let held = fs::File::options().write(true).open(lock).unwrap();
    held.lock().unwrap();
    // So it is in an image that cannot be written, too; and git waits for each of these.
    Told(&home).keeps("mona", "monas");
    assert_eq!(Told(&home).has("mona"), "monas");
    let new = ["protocol=https", "host=example.com", "username=mona", "password=new"];
    let output = ask(&home, "store", &new).ends().exits(1);
    assert!(output.stderr().starts_with("connect: "), "{}", output.stderr());
}

#[test]
fn one_that_was_edited_keeps_nobody_from_forgetting_another() {
    let home = home("plain");
    Told(&home).keeps("mona", "monas");
    Told(&home).keeps("lisa", "lisas");
    let path = home.connect_home().join("data/logins.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("\"mona\"", "\"nina\"")).unwrap();
    silently(&home, "erase", &["protocol=https", "host=example.com", "password=lisas"]);
    assert_eq!(count(&home), 1, "a password that was refused is not given again");
    nothing(&home, &["protocol=https", "host=example.com", "username=lisa"]);
}

#[test]
fn what_was_removed_behind_our_back_is_asked_for_again() {
    let home = home("plain");
    Told(&home).keeps("mona", "before");
    fs::remove_file(&home.secrets()[0]).unwrap();
    nothing(&home, &["protocol=https", "host=example.com"]);
    Told(&home).keeps("mona", "again");
    assert_eq!((count(&home), Told(&home).has("mona")), (1, "again".to_owned()));
    fs::remove_file(&home.secrets()[0]).unwrap();
    Told(&home).say("erase", "mona", &["password=again"]);
    assert_eq!(count(&home), 0);
}

#[test]
fn two_at_once_lose_nothing() {
    let home = home("plain");
    std::thread::scope(|scope| {
        for number in 0..8 {
            let home = &home;
            scope.spawn(move || Told(home).keeps(&format!("user{number}"), &format!("pass{number}")));
        }
    });
    for number in 0..8 {
        assert_eq!(Told(&home).has(&format!("user{number}")), format!("pass{number}"));
    }
    std::thread::scope(|scope| {
        for number in 0..8 {
            let home = &home;
            scope.spawn(move || match number % 2 {
                0 => Told(home).say("erase", &format!("user{number}"), &[]),
                _ => Told(home).keeps(&format!("user{number}"), "new"),
            });
        }
    });
    assert_eq!((count(&home), home.secrets().len()), (4, 4));
    assert_eq!(Told(&home).has("user1"), "new");
}

#[cfg(feature = "test-hooks")]
#[test]
fn killed_anywhere_it_leaves_nothing_behind() {
    for point in ["login.loose", "login.stored", "login.named"] {
        let home = home("plain");
        let told = Told(&home);
        told.keeps("user", "before");
        let login = ["protocol=https", "host=example.com", "username=user", "password=after"];
        let killed = ask(&home, "store", &login).env("CONNECT_TEST_FAULT", point).ends();
        assert_eq!(killed.stdout(), "", "{point}");
        let there = told.has("user");
        assert_eq!(there, if point == "login.named" { "after" } else { "before" }, "{point}");
        told.keeps("another", "x");
        assert_eq!((count(&home), home.secrets().len()), (2, 2), "{point}");
    }
    let home = home("plain");
    Told(&home).keeps("user", "before");
    let login = ["protocol=https", "host=example.com", "username=user"];
    let killed = ask(&home, "erase", &login).env("CONNECT_TEST_FAULT", "login.unnamed").ends();
    assert_eq!(killed.stdout(), "");
    nothing(&home, &login);
    Told(&home).keeps("another", "x");
    assert_eq!((count(&home), home.secrets().len()), (1, 1));
}
