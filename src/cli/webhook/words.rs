//! What the flags of the webhook commands share: events, addresses, forms of the body, points in time.

use clap::ValueEnum;
use jiff::Timestamp;
use url::Url;

use super::super::CliError;
use super::super::session::Session;
use crate::model::hook::Target;
use crate::model::hook::event::{self, Known};
use crate::model::text::{masked_url, printable, without_tokens};
use crate::model::{ForgeKind, PublicUrl, duration};
use crate::workflow::hooks::{EventWish, HookUrl};

/// How the body is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ContentType {
    Json,
    Form,
}

impl ContentType {
    /// Whether it is JSON. GitLab sends nothing else.
    pub(super) fn is_json(self, target: &Target) -> Result<bool, CliError> {
        match self {
            Self::Form if target.forge() == ForgeKind::GitLab => {
                Err(CliError::usage("GitLab sends JSON, and nothing else", &["leave `--content-type form` out"]))
            }
            form => Ok(form == Self::Json),
        }
    }
}

/// A webhook's number.
pub(super) fn number(text: &str) -> Result<u64, &'static str> {
    text.trim().parse().map_err(|_| "a webhook is named by its number; `connect webhook list` shows it")
}

/// An address that a webhook may have: of the web, with a host. What was typed may have a password in it, and is not
/// repeated.
pub(super) fn url(text: &str) -> Result<Url, &'static str> {
    let wrong = "an address is `https://example.com/path`";
    let url = Url::parse(text.trim()).map_err(|_| wrong)?;
    if matches!(url.scheme(), "http" | "https") && url.has_host() { Ok(url) } else { Err(wrong) }
}

/// Where it is to deliver to, by what was named.
pub(super) fn address(url: Option<Url>, base: Option<PublicUrl>) -> Option<HookUrl> {
    url.map(HookUrl::Whole).or(base.map(HookUrl::Below))
}

/// Warns of an address at which payloads can be read on their way.
pub(super) fn warn_of_plain_http(session: &Session, url: Option<&HookUrl>) {
    let shown = match url {
        Some(HookUrl::Whole(url)) if url.scheme() == "http" && !crate::model::host::is_loopback(url) => masked_url(url),
        Some(HookUrl::Below(base)) if base.is_plain_http() => base.to_string(),
        _ => return,
    };
    session.screen.warning("plain_http", &format!("what is delivered to {shown} travels readable over the network"));
}

/// Events as they are sent. One that is not known is passed on, with a warning; one that is nearly a known one is a slip,
/// unless `as_typed` says otherwise: GitLab takes what it does not know without a word.
pub(super) fn events(
    session: &Session,
    target: &Target,
    typed: &[String],
    as_typed: bool,
) -> Result<Vec<String>, CliError> {
    let mut names: Vec<String> = Vec::new();
    for text in typed {
        let (name, known) = event(target, text, as_typed)?;
        if known != Known::Yes {
            let shown = without_tokens(&printable(text, 60));
            session
                .screen
                .warning("unknown_event", &format!("`{shown}` is no event that connect knows of; it is sent as it is"));
        }
        if !names.contains(&name) {
            names.push(name);
        }
    }
    Ok(names)
}

/// Events that are to be left out: one that is not known may be on the webhook all the same, a slip is none.
pub(super) fn no_more(target: &Target, typed: &[String], as_typed: bool) -> Result<Vec<String>, CliError> {
    typed.iter().map(|text| event(target, text, as_typed).map(|(name, _)| name)).collect()
}

/// An event in the form that is sent, and how it stands to those that are known.
fn event(target: &Target, text: &str, as_typed: bool) -> Result<(String, Known), CliError> {
    let shown = without_tokens(&printable(text, 60));
    let Some(name) = event::read(target, text) else {
        return Err(CliError::usage(
            format!("`{shown}` is no event's name"),
            &[
                "`--all-events` is all of them; names are as in the forge's API: `push`, `pull_request`, `merge_requests`",
            ],
        ));
    };
    match event::known(target, &name) {
        Known::Similar(meant) if !as_typed => Err(CliError::usage(
            format!("there is no event `{shown}`; did you mean `{meant}`?"),
            &["`--as-typed` sends it all the same, should it be a new one"],
        )),
        known => Ok((name, known)),
    }
}

/// What it is to tell of, if that was said.
pub(super) fn wish(
    session: &Session,
    target: &Target,
    typed: &[String],
    all: bool,
    as_typed: bool,
) -> Result<Option<EventWish>, CliError> {
    if all {
        return Ok(Some(EventWish::All));
    }
    let names = events(session, target, typed, as_typed)?;
    Ok((!names.is_empty()).then_some(EventWish::These(names)))
}

/// A point in time: a time as RFC 3339 has it, or how long ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Since {
    At(Timestamp),
    Ago(jiff::SignedDuration),
}

impl Since {
    pub(super) fn read(text: &str) -> Result<Self, &'static str> {
        let ago = duration::parse(text).map(Self::Ago);
        let wrong = "how long ago, as `12h` or `3d`, or a time as `2026-11-01T12:00:00Z`";
        ago.or_else(|_| text.trim().parse().map(Self::At)).map_err(|_| wrong)
    }

    pub(super) fn at(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(at) => at,
            Self::Ago(ago) => now.checked_sub(ago).unwrap_or(Timestamp::UNIX_EPOCH),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_in_time() {
        let now: Timestamp = "2026-11-01T12:00:00Z".parse().unwrap_or_default();
        let since = |text: &str| Since::read(text).map(|since| since.at(now).to_string());
        assert_eq!(since("12h").as_deref(), Ok("2026-11-01T00:00:00Z"));
        assert_eq!(since("2026-10-31T00:00:00Z").as_deref(), Ok("2026-10-31T00:00:00Z"));
        assert!(since("yesterday").is_err() && since("").is_err());
    }

    #[test]
    fn addresses() {
        assert!(url("https://me:pw@h/x?key=v").is_ok());
        for bad in ["", "h/x", "ftp://h", "https://", "javascript:alert(1)"] {
            assert!(url(bad).is_err(), "{bad}");
        }
    }
}
