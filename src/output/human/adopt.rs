//! What `connect adopt` says.

use std::fmt::Write as _;

use super::super::screen::Screen;
use super::super::style::{BAD, CARE, GOOD, QUIET, STRONG, styled};
use super::{counted, name};
use crate::model::text::printable;
use crate::output::{Adoption, Fate};
use crate::workflow::adopt::{Copy, Place, Site, Source, Stray};

/// What was found, by host: never a token.
pub fn found(adoption: &Adoption<'_>) -> String {
    let mut text = String::new();
    let mut before: Option<Option<&str>> = None;
    for stray in &adoption.scan.strays {
        let host = stray.site.as_ref().map(Site::label);
        if before != Some(host) {
            let heading = host.map_or_else(|| "for a host that nothing names".to_owned(), |host| printable(host, 70));
            let kind =
                stray.site.as_ref().filter(|site| site.forge.is_none()).map_or("", |_| " (not known to be a forge)");
            let _ = writeln!(text, "{}{kind}", styled(STRONG, &heading));
            before = Some(host);
        }
        let account = stray.user.as_deref().map_or_else(|| "?".to_owned(), name);
        let kept = stray
            .known
            .as_ref()
            .map_or_else(String::new, |name| format!(", kept as `{}`", printable(name.as_str(), 40)));
        let _ = writeln!(text, "  {account}: {}, {}{kept}", stray.kind.word(), stray.fingerprint.short());
        for copy in &stray.copies {
            let _ = writeln!(text, "    {}", place(adoption, copy));
        }
    }
    text
}

/// What became of it.
pub fn adopted(adoption: &Adoption<'_>) -> String {
    let mut text = String::new();
    for (stray, fate) in adoption.scan.strays.iter().zip(adoption.fates) {
        let what = format!("{} for {}", stray.fingerprint.short(), host(stray));
        let _ = match fate {
            Fate::Kept { connection, record } => {
                let kind = record.token.as_ref().map_or("token", |token| token.kind.word());
                let name = printable(connection.as_str(), 60);
                writeln!(text, "{} Kept {} ({kind}) as `{name}`", styled(GOOD, "✓"), stray.fingerprint.short())
            }
            Fate::Failed(failure) => {
                let _ = writeln!(text, "{} Not kept: {what}\n  {}", styled(BAD, "✗"), failure.message);
                failure.hints.iter().try_for_each(|hint| writeln!(text, "  {} {hint}", styled(CARE, "→")))
            }
            Fate::Nowhere => {
                writeln!(
                    text,
                    "{} Left alone: {}, for a host that nothing names",
                    styled(CARE, "!"),
                    stray.fingerprint.short()
                )
            }
            Fate::Declined => writeln!(text, "{}", styled(QUIET, &format!("- Left alone: {what}"))),
            Fate::Known | Fate::NotAsked => Ok(()),
        };
    }
    for (path, said) in adoption.files {
        let path = tilde(adoption, path);
        let _ = match said {
            Ok(cleared) => {
                writeln!(text, "{} Removed {} from {path}", styled(GOOD, "✓"), counted(cleared.gone.len(), "token"))
            }
            Err(failure) => {
                let _ = writeln!(text, "{} {}", styled(BAD, "✗"), failure.message);
                failure.hints.iter().try_for_each(|hint| writeln!(text, "  {} {hint}", styled(CARE, "→")))
            }
        };
    }
    text
}

/// What is said beside the result: what was passed over, and what is left to be done. `told` says that the copies have
/// been spoken of.
pub fn adoption_notes(screen: &Screen, adoption: &Adoption<'_>, told: bool) {
    let scan = adoption.scan;
    for one in &scan.unread {
        let path = tilde(adoption, &one.path);
        screen.warning("not_read", &format!("{path} was passed over: {}", printable(&one.why, 200)));
    }
    for one in &scan.elsewhere {
        let host = printable(&one.host, 80);
        let user = one.user.as_deref().map(name).map_or_else(String::new, |user| format!(" of {user}"));
        screen.note(&format!("{} keeps a token for {host}{user} where connect does not get it", one.source));
        // What is to be copied into a shell has nothing in it that a shell would obey.
        if host.chars().all(|c| c.is_ascii_alphanumeric() || "-.:".contains(c)) {
            let takes_in = match one.source {
                Source::Gh => format!("gh auth token --hostname {host} | connect github --host {host} --pat-stdin"),
                _ => format!("glab config get token --host {host} | connect gitlab --host {host} --pat-stdin"),
            };
            screen.note(&format!("  → `{takes_in}`"));
        }
    }
    if scan.strays.is_empty() {
        return screen.note("nothing was found");
    }
    if scan.strays.iter().any(|stray| stray.renewed_elsewhere) {
        screen.note("glab renews its OAuth tokens every two hours: a copy of one dies with the next");
    }
    for url in rivals(adoption) {
        screen.note(&format!(
            "more than one connection answers for {} now\n  → `connect use NAME --default` says which does where nothing more is said",
            printable(&url, 80)
        ));
    }
    let left = scan.strays.iter().filter(|stray| stray.known.is_some() && stray.is_readable()).count();
    if left > 0 && !told {
        screen.note("the copies are still in their files; `--remove` takes them out");
    }
    let gone_from = |sources: &[Source]| {
        let cleared = |path: Option<&std::path::Path>| {
            adoption.files.iter().any(|(file, said)| said.is_ok() && Some(file.as_path()) == path)
        };
        let copies = || scan.strays.iter().flat_map(|stray| &stray.copies);
        copies().any(|copy| sources.contains(&copy.source) && cleared(copy.place.path()))
    };
    if gone_from(&[Source::Gh, Source::Glab]) {
        screen.note("gh and glab get a token from connect now: `connect exec -- gh …`");
    }
    if gone_from(&[Source::Git]) {
        screen.note("git gets them from connect now, once `connect setup-git` has told it so");
    }
    if adoption.files.iter().any(|(_, said)| said.is_ok()) {
        screen.note(
            "old copies may be in backups: a token that was rotated (`connect rotate NAME`) makes them worthless",
        );
    }
}

/// The hosts that have got a token beside another one, of which nobody knows which is meant.
fn rivals(adoption: &Adoption<'_>) -> Vec<String> {
    let url = |fate: &Fate| match fate {
        Fate::Kept { record, .. } => Some(record.url.clone()),
        _ => None,
    };
    let kept: Vec<String> = adoption.fates.iter().filter_map(url).collect();
    let served = &adoption.scan.served;
    let is_open = |url: &String| {
        let beside = served.iter().filter(|(other, _)| other == url).count();
        let here = kept.iter().filter(|other| *other == url).count();
        beside + here > 1 && !served.contains(&(url.clone(), true))
    };
    let mut urls: Vec<String> = kept.iter().filter(|url| is_open(url)).cloned().collect();
    urls.dedup();
    urls
}

/// The question before a host is asked.
pub fn may_it_be_sent(site: &Site, count: usize) -> String {
    let host = printable(site.label(), 80);
    let tokens = if count == 1 { "this token".to_owned() } else { format!("these {count} tokens") };
    match site.forge {
        Some(_) => format!("Check {tokens} with {host}, and keep what works?"),
        None => format!("Ask {host} what it is and, if it is a forge, check {tokens} with it?"),
    }
}

fn host(stray: &Stray) -> String {
    stray.site.as_ref().map_or_else(|| "an unnamed host".into(), |site| printable(site.label(), 60))
}

fn tilde(adoption: &Adoption<'_>, path: &std::path::Path) -> String {
    printable(&adoption.places.tilde(&path.display().to_string()), 500)
}

fn place(adoption: &Adoption<'_>, copy: &Copy) -> String {
    match &copy.place {
        Place::File { path, line } => format!("{}, line {line}", tilde(adoption, path)),
        Place::Config { path, key } => format!("{}, {}", tilde(adoption, path), printable(key, 200)),
        Place::Variable(name) => format!("the variable {name}"),
        Place::Program("gh") => "gh's keyring".into(),
        Place::Program(name) => format!("what `{name}` answers"),
    }
}
