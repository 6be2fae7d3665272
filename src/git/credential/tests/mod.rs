//! What is written comes back, and nothing else does; whatever is read does no harm.

use proptest::prelude::*;

use super::*;
use crate::model::Secret;

/// All that a description has, as texts to be compared.
fn shown(description: &Description) -> Vec<(String, String)> {
    let mut all = Vec::new();
    let mut add = |key: &str, value: Option<String>| all.extend(value.map(|value| (key.to_owned(), value)));
    let text = |secret: &Option<Secret>| secret.as_ref().map(|secret| secret.reveal().to_owned());
    add("capabilities", Some(format!("{:?}", description.capabilities)));
    add("protocol", description.protocol.clone());
    add("host", description.host.clone());
    add("path", description.path.clone());
    add("username", description.username.clone());
    add("password", text(&description.password));
    add("expires", description.expires.map(|at| at.to_string()));
    add("refresh_token", text(&description.refresh_token));
    add("authtype", description.authtype.clone());
    add("credential", text(&description.credential));
    add("flags", Some(format!("{} {}", description.ephemeral, description.quit)));
    add("state", Some(description.state.join("\n")));
    add("challenges", Some(description.challenges.join("\n")));
    all
}

prop_compose! {
    fn description()(
        texts in proptest::collection::vec(proptest::option::of("[^\r\n\0]{0,40}"), 9),
        state in proptest::collection::vec("[^\r\n\0]{1,20}", 0..3),
        challenges in proptest::collection::vec("[^\r\n\0]{1,20}", 0..3),
        (authtype, state_too, ephemeral, quit) in any::<(bool, bool, bool, bool)>(),
        expires in proptest::option::of(any::<i64>()),
    ) -> Description {
        let text = |at: usize| texts.get(at).cloned().flatten();
        let secret = |at: usize| text(at).map(Secret::new);
        Description {
            capabilities: Capabilities { authtype, state: state_too },
            protocol: text(0), host: text(1), path: text(2), username: text(3), password: secret(4),
            expires, refresh_token: secret(5),
            // They need the capability.
            authtype: text(6).filter(|_| authtype), credential: secret(7).filter(|_| authtype),
            ephemeral, quit, state, challenges,
        }
    }
}

proptest! {
    #[test]
    fn what_is_written_comes_back(description in description()) {
        let bytes = write(&description).unwrap_or_else(|e| panic!("{e}"));
        let again = read(&bytes).unwrap_or_else(|e| panic!("{e}"));
        prop_assert_eq!(shown(&again), shown(&description));
        // With the empty line that ends it, and whatever comes after that.
        let mut ended = bytes.to_vec();
        ended.extend_from_slice(b"\nhost=evil.example\n");
        prop_assert_eq!(end_of(&ended), Some(bytes.len() + 1));
        prop_assert_eq!(shown(&read(&ended).unwrap_or_default()), shown(&again));
    }

    #[test]
    fn secrets_are_packed_and_come_back(description in description(), salt in "[0-9a-f]{32}") {
        let packed = pack(&description, &salt).unwrap_or_else(|e| panic!("{e}"));
        let again = unpack(&packed).unwrap_or_else(|e| panic!("{e}"));
        let secrets = |d: &Description| {
            let all = [&d.password, &d.refresh_token, &d.credential];
            all.map(|secret| secret.as_ref().map(|secret| secret.reveal().to_owned()))
        };
        prop_assert_eq!(secrets(&again), secrets(&description));
        prop_assert_eq!((again.host, again.username), (None, None));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(description) = read(&bytes) {
            // What was read fits into lines again.
            prop_assert!(write(&description).is_ok());
        }
    }

    #[test]
    fn lines_of_known_attributes_are_read_or_refused(
        lines in proptest::collection::vec(
            ("(protocol|host|path|username|password|url|capability\\[\\]|state\\[\\]|quit|x)", "[ -~\r\0é%/:@?#]{0,30}"), 0..8),
    ) {
        let text: String = lines.iter().map(|(key, value)| format!("{key}={value}\n")).collect();
        match read(text.as_bytes()) {
            Err(_) => {}
            Ok(description) => {
                prop_assert!(!text.contains(['\r', '\0']));
                prop_assert!(write(&description).is_ok());
                if let Ok(place) = description.place() {
                    prop_assert!(!place.host.is_empty() && !place.host.contains(['/', '@', '\n', '\r', '?', '#', '\\']));
                }
            }
        }
    }

    #[test]
    fn what_does_not_fit_into_a_line_is_not_written(before in "[a-z]{0,5}", odd in "[\r\n\0]", after in "[a-z]{0,5}") {
        let value = format!("{before}{odd}{after}");
        let secret = Some(Secret::new(value.clone()));
        let odd = [
            Description { username: Some(value.clone()), ..Description::default() },
            Description { password: secret, ..Description::default() },
            Description { state: vec![value], ..Description::default() },
        ];
        prop_assert!(odd.iter().all(|description| write(description).is_err()));
    }
}

fn of(text: &str) -> Result<Description, Unreadable> {
    read(text.as_bytes())
}

#[test]
fn a_url_stands_for_its_parts() {
    let parts = |url: &str| {
        let read = of(&format!("username=before\npath=before\nurl={url}\n")).unwrap_or_else(|e| panic!("{url}: {e}"));
        let password = read.password.map(|password| password.reveal().to_owned());
        [read.protocol, read.host, read.path, read.username, password].map(Option::unwrap_or_default).join(" ")
    };
    for (url, expected) in [
        ("https://example.com", "https example.com   "),
        ("https://example.com/", "https example.com   "),
        ("https://example.com:8443//a/b.git/", "https example.com:8443 a/b.git  "),
        ("https://mona@example.com/x", "https example.com x mona "),
        ("https://mona:p%40ss@example.com", "https example.com  mona p@ss"),
        ("https://mona:@example.com", "https example.com  mona "),
        ("https://example.com/@evil.example", "https example.com @evil.example  "),
        ("https://example.com?x=@evil.example", "https example.com ?x=@evil.example  "),
        ("https://example.com#@evil.example", "https example.com #@evil.example  "),
        ("cert:///path/to/file", "cert  path/to/file  "),
    ] {
        assert_eq!(parts(url), expected, "{url}");
    }
    for (url, why) in [
        ("example.com", Unreadable::NoUrl),
        ("://example.com", Unreadable::NoUrl),
        ("https://example.com%0aevil", Unreadable::ControlCharacter),
        ("https://%00@example.com", Unreadable::ControlCharacter),
        ("https://example.com/%ff", Unreadable::NotText("url")),
    ] {
        assert_eq!(of(&format!("url={url}\n")).map(drop), Err(why), "{url}");
    }
}

#[test]
fn of_several_values_an_empty_one_takes_back_those_before() {
    let read = of("wwwauth[]=a\nwwwauth[]=\nwwwauth[]=b\nstate[]=x\nstate[]=\n").unwrap_or_default();
    assert_eq!((read.challenges, read.state), (vec!["b".to_owned()], vec![]));
    let read = of("capability[]=authtype\ncapability[]=later\ncapability[]=\ncapability[]=state\n").unwrap_or_default();
    assert_eq!(read.capabilities, Capabilities { authtype: false, state: true });
}

#[test]
fn what_needs_a_capability_is_not_there_without_it() {
    let read = of("authtype=Bearer\ncredential=x\nephemeral=1\n").unwrap_or_default();
    assert!(read.authtype.is_none() && read.credential.is_none() && read.ephemeral);
}

#[test]
fn a_line_may_have_as_many_bytes_as_git_allows() {
    let line = |length: usize| format!("username={}\n", "u".repeat(length - "username=\n".len()));
    assert!(of(&line(LONGEST_LINE)).is_ok());
    assert_eq!(of(&line(LONGEST_LINE + 1)).map(drop), Err(Unreadable::LineTooLong));
    let long = Description { username: Some("u".repeat(LONGEST_LINE)), ..Description::default() };
    assert!(write(&long).is_err());
    assert_eq!(read(&vec![b'\n'; LONGEST_INPUT + 1]).map(drop), Err(Unreadable::TooLong));
}

#[test]
fn nothing_is_said_of_secrets() {
    let read = of("password=correct-horse\noauth_refresh_token=battery\nurl=https://u:staple@example.com\n");
    let said = format!("{read:?}");
    assert!(["correct", "battery", "staple"].iter().all(|word| !said.contains(word)), "{said}");
}

#[test]
fn places_that_are_none() {
    let place = |text: &str| of(text).unwrap_or_default().place();
    assert_eq!(place("host=example.com\n"), Err(NoPlace::Protocol));
    assert_eq!(place("protocol=https\nhost=\n"), Err(NoPlace::Host));
    assert_eq!(place("protocol=cert\nhost=\npath=x\n"), Err(NoPlace::Local));
    for host in ["a/b", "a@b", "a b", "a\\b", "a?b", "a#b", "a\tb"] {
        assert_eq!(place(&format!("protocol=https\nhost={host}\n")), Err(NoPlace::OddHost), "{host}");
    }
    let whole = Place { protocol: "https".into(), host: "example.com:8088".into(), path: Some("a/b".into()) };
    assert_eq!(place("protocol=HTTPS\nhost=Example.COM:8088\npath=/a/b\n"), Ok(whole));
}
