//! `connect store`: a page about the stores, and what was moved where.

use std::fmt::Write as _;

use super::super::failure::Failure;
use super::super::screen::Screen;
use super::super::style::{BAD, CARE, GOOD, STRONG, styled};
use super::{counted, done};
use crate::catalog::Part;
use crate::model::text::printable;
use crate::model::{ConnectionName, StoreKind};
use crate::store::{AgeKey, Protection, SystemKeyring};
use crate::workflow::credential::MovedLogins;
use crate::workflow::{Migrated, Move, Moved, StoreShown};

/// Where new secrets go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DefaultStore {
    /// Which store.
    pub store: StoreKind,
    /// `flag`, `config` or `built-in`.
    pub why: &'static str,
}

/// What stands in front of a line that goes on.
const INDENT: &str = "           ";

/// The page of `store show`.
pub fn stores(screen: &Screen, default: &DefaultStore, stores: &[StoreShown], problems: &[Option<Failure>]) -> String {
    let mut text = String::new();
    for (store, problem) in stores.iter().zip(problems) {
        if screen.is_terminal() {
            section(&mut text, default, store, problem.as_ref());
        } else {
            plain_line(&mut text, default, store, problem.as_ref());
        }
    }
    text
}

fn plain_line(text: &mut String, default: &DefaultStore, store: &StoreShown, problem: Option<&Failure>) {
    let _ = writeln!(
        text,
        "{}\t{}\t{}\t{}\t{}",
        store.kind,
        if default.store == store.kind { "default" } else { "-" },
        problem.map_or("usable", |problem| problem.code),
        store.holds.len() + store.logins,
        store.place,
    );
}

fn section(text: &mut String, default: &DefaultStore, store: &StoreShown, problem: Option<&Failure>) {
    if !text.is_empty() {
        text.push('\n');
    }
    let why = match (default.store == store.kind, default.why) {
        (false, _) => "",
        (true, "flag") => "  the default, by `--store` or CONNECT_STORE",
        (true, "config") => "  the default, by config.toml",
        (true, _) => "  the default, built in",
    };
    let _ = writeln!(text, "{}{why}", styled(STRONG, store.kind.word()));
    let mut line = |label: &str, words: &str| {
        let _ = writeln!(text, "  {label:<9}{}", wrapped(words, 68).join(&format!("\n{INDENT}")));
    };
    match problem {
        None => line("usable", "✓ yes"),
        Some(problem) => line("usable", &format!("✗ {}: {}", problem.code, printable(&problem.message, 400))),
    }
    line("where", &store.place);
    if let Some(protection) = &store.protection {
        line("protects", &protects(protection));
    }
    line("holds", &held(&store.holds, store.logins));
}

fn held(holds: &[(ConnectionName, Part)], logins: usize) -> String {
    if holds.is_empty() && logins == 0 {
        return "nothing of connect's".into();
    }
    let one = |(name, part): &(ConnectionName, Part)| {
        let name = printable(name.as_str(), 250);
        part_in_words(*part).map_or_else(|| name.clone(), |words| format!("{name} ({words})"))
    };
    let logins = (logins > 0).then(|| format!("{} that git keeps", counted(logins, "login")));
    holds.iter().map(one).chain(logins).collect::<Vec<_>>().join(", ")
}

/// Which of a connection's secrets it is; nothing for the token, which most have and nothing else.
const fn part_in_words(part: Part) -> Option<&'static str> {
    match part {
        Part::Token => None,
        Part::Webhook => Some("webhook"),
        Part::WebhookToken => Some("plain token of the webhook"),
        Part::WebhookFormer => Some("former webhook secret"),
    }
}

/// How well, against whom, and for how long: what holds here, and no more.
fn protects(protection: &Protection) -> String {
    match protection {
        Protection::Keyring(SystemKeyring::SecretService) => {
            "the desktop's Secret Service decides. GNOME Keyring and KWallet encrypt on disk with the keyring's \
             password, which is usually that of the login; from then until it is locked every program that \
             runs as you can read it"
                .into()
        }
        Protection::Keyring(SystemKeyring::Keychain) => {
            "the login keychain encrypts on disk with the login password and is open while you are logged in, \
             unless you lock it; macOS may ask before another program reads an entry"
                .into()
        }
        Protection::Keyring(SystemKeyring::CredentialManager) => {
            "Windows encrypts on disk for your account; while you are logged in every program that runs as you \
             can read it"
                .into()
        }
        Protection::Age { key, recipients } => age(key, *recipients),
        Protection::Files => {
            "nothing is encrypted: files of mode 0600, readable by you, by every program that runs as you, by root, \
             and by whoever reads the disk or a backup of it"
                .into()
        }
        Protection::Nothing => "nothing is kept; a variable is read each time, and whoever sets it protects it".into(),
    }
}

fn age(key: &AgeKey, recipients: usize) -> String {
    let readers = match recipients {
        1 => "one public key can read it".to_owned(),
        count => format!("any of {count} public keys can read it (recipients.txt)"),
    };
    match key {
        AgeKey::None => "encrypted with age; there is no key yet: the first secret asks for a passphrase, or takes \
                         `--age-identity`"
            .into(),
        AgeKey::Passphrase(path) => {
            format!(
                "encrypted with age at all times, {readers}; ours, {}, opens with a passphrase, asked for once a run",
                path.display()
            )
        }
        AgeKey::Identity(path) => format!(
            "encrypted with age at all times, {readers}; ours is {}, and whoever reads that file can read what is here",
            path.display()
        ),
    }
}

/// Words in lines of at most so many characters; a word that is longer stands alone.
pub(super) fn wrapped(words: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words.split(' ').filter(|word| !word.is_empty()) {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// What `store use` says.
pub fn store_chosen(store: StoreKind) -> String {
    done(&format!("new secrets are kept in the store `{store}` from now on; `connect store migrate` moves the others"))
}

/// What is asked before secrets go to `plain`.
pub fn weaker_question(count: usize) -> String {
    let secrets = counted(count, "secret");
    format!(
        "In the store `plain` {secrets} would be readable by every program that runs as you, by root, and by\n\
         whoever reads the disk or a backup of it. Move there?"
    )
}

/// What `store migrate` did, a line a secret and a summary.
pub fn migrated(moved: &[Moved], failures: &[Option<Failure>], to: StoreKind) -> String {
    let mut text = String::new();
    for (moved, failure) in moved.iter().zip(failures) {
        let part = part_in_words(moved.part).map_or_else(String::new, |words| format!(", {words}"));
        let name = format!("`{}`{part}", printable(moved.connection.as_str(), 250));
        match (&moved.outcome, failure) {
            (Ok(Move::Moved), _) => line(&mut text, &styled(GOOD, "✓"), &format!("{name}: {} → {to}", moved.from)),
            (Ok(Move::Copied), _) => {
                let words = format!("{name}: copied to {to}; the variable stays, remove it where it is set");
                line(&mut text, &styled(GOOD, "✓"), &words);
            }
            (Ok(Move::Already), _) => line(&mut text, "=", &format!("{name}: in {to} already")),
            (Ok(Move::Left), _) => {
                let words = format!("{name}: left in its variable; name it, or `--from env`, to copy it");
                line(&mut text, "=", &words);
            }
            (Err(_), Some(failure)) => {
                line(&mut text, &styled(BAD, "✗"), &format!("{name}: {}", printable(&failure.message, 400)));
                for hint in &failure.hints {
                    let _ = writeln!(text, "    {} {hint}", styled(CARE, "→"));
                }
            }
            (Err(_), None) => {}
        }
    }
    if moved.len() > 1 {
        let _ = writeln!(text, "{}", summary(moved));
    }
    text
}

fn line(text: &mut String, mark: &str, words: &str) {
    let _ = writeln!(text, "{mark} {words}");
}

fn summary(moved: &[Moved]) -> String {
    let count =
        |wanted: Option<Move>| moved.iter().filter(|moved| moved.outcome.as_ref().ok() == wanted.as_ref()).count();
    let told = [
        (count(Some(Move::Moved)), "moved"),
        (count(Some(Move::Copied)), "copied"),
        (count(Some(Move::Already)), "there already"),
        (count(Some(Move::Left)), "left"),
        (count(None), "failed"),
    ];
    let told: Vec<String> =
        told.iter().filter(|(count, _)| *count > 0).map(|(count, words)| format!("{count} {words}")).collect();
    format!("{}: {}", counted(moved.len(), "secret"), told.join(", "))
}

/// What became of the logins that git keeps; nothing where there were none to move.
pub fn migrated_logins(logins: &MovedLogins, failure: &Option<Failure>, to: StoreKind) -> String {
    let mut text = String::new();
    if logins.moved > 0 {
        let words = format!("{} that git keeps: moved to {to}", counted(logins.moved, "login"));
        line(&mut text, &styled(GOOD, "✓"), &words);
    }
    if let Some(failure) = failure {
        let words = format!("{} that git keeps: {}", counted(logins.failed, "login"), printable(&failure.message, 400));
        line(&mut text, &styled(BAD, "✗"), &words);
        for hint in &failure.hints {
            let _ = writeln!(text, "    {} {hint}", styled(CARE, "→"));
        }
    }
    text
}

/// What is worth a word at the end of a migration.
pub fn migration_ends(screen: &Screen, done: &Migrated, to: StoreKind) {
    let Migrated { moved, logins, .. } = done;
    if moved.is_empty() && logins.moved + logins.failed == 0 {
        screen.note("there is nothing to move");
    }
    let came = logins.moved > 0 || moved.iter().any(|moved| matches!(moved.outcome, Ok(Move::Moved | Move::Copied)));
    if came && to == StoreKind::Plain {
        screen.warning("kept_plain", "what was moved is kept readable, by you and by whoever becomes you");
    }
}
