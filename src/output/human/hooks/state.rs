//! How a webhook does, in a word and in words, and what puts it right.

use jiff::Timestamp;

use crate::model::hook::{Alert, Hook, Target};
use crate::model::text::printable;
use crate::workflow::hooks::{Listed, State};

/// How a webhook does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::output) struct HookState {
    /// For programs: `active`, `delivering`, `failing`, `paused`, `disabled`, `off`, `gone`, `unknown`.
    pub(in crate::output) word: &'static str,
    /// For people.
    pub(in crate::output) words: String,
    /// What to do about it.
    pub(in crate::output) revive: Option<String>,
}

impl HookState {
    fn new(word: &'static str, words: impl Into<String>, revive: Option<String>) -> Self {
        Self { word, words: words.into(), revive }
    }

    /// Of one in a list.
    pub(in crate::output) fn of(listed: &Listed, now: Timestamp) -> Self {
        let flags = flags(listed);
        match &listed.state {
            State::There(hook) => of_hook(hook, &flags, now),
            State::Gone(_) => Self::new(
                "gone",
                "gone: somebody has removed it",
                Some(format!("`connect webhook remove {flags}` forgets it, `connect webhook add` makes it anew")),
            ),
            State::Unknown(_, error) => {
                Self::new("unknown", format!("not known: {}", printable(&error.to_string(), 200)), None)
            }
        }
    }
}

/// What leads a command to it: `12345678 --repo OWNER/NAME`.
fn flags(listed: &Listed) -> String {
    let place = listed.target.parse::<Target>().map_or_else(|_| printable(&listed.target, 200), |target| target.flag());
    format!("{} {place}", listed.id)
}

/// Of one that is there; `flags` lead a command to it.
pub(in crate::output) fn of_hook(hook: &Hook, flags: &str, now: Timestamp) -> HookState {
    let test = || Some(format!("mend the receiver, then `connect webhook test {flags}`: one that is taken revives it"));
    let at = |until: Timestamp| until.strftime("%Y-%m-%d %H:%M UTC").to_string();
    match (hook.alert, hook.disabled_until) {
        (Some(Alert::Disabled), _) => {
            return HookState::new("disabled", "switched off by GitLab: it failed too often", test());
        }
        (Some(Alert::TemporarilyDisabled), Some(until)) if until <= now => {}
        (Some(Alert::TemporarilyDisabled), until) => {
            let until = until.map(|until| format!(", until {}", at(until))).unwrap_or_default();
            return HookState::new("paused", format!("paused by GitLab: it failed{until}"), test());
        }
        _ => {}
    }
    if !hook.active {
        return HookState::new("off", "switched off", Some(format!("`connect webhook edit {flags} --active`")));
    }
    let meant_to_fail = hook.url.domain().is_some_and(|name| name.trim_end_matches('.').ends_with(".invalid"));
    if meant_to_fail && hook.last_response.is_none_or(|code| !(200..300).contains(&code)) {
        // Names under `.invalid` are nobody's (RFC 2606): what is sent there is fetched by `listen --poll`.
        let word = if hook.last_response.is_some() || hook.last_message.is_some() { "failing" } else { "active" };
        return HookState::new(word, "on; nobody is at its address, which is meant for `listen --poll`", None);
    }
    let said =
        hook.last_message.as_deref().map(|said| printable(said, 120)).filter(|said| !said.is_empty() && said != "OK");
    match hook.last_response {
        Some(code) if !(200..300).contains(&code) => {
            let said = said.unwrap_or_else(|| code.to_string());
            let revive = format!("`connect webhook deliveries {flags} --failed` shows what was not taken");
            HookState::new("failing", format!("failing, by its last response: {said}"), Some(revive))
        }
        None if said.is_some() => {
            HookState::new("failing", format!("failing, by its last response: {}", said.unwrap_or_default()), None)
        }
        Some(_) => HookState::new("delivering", "delivering", None),
        // GitLab does not say how the last one went, nor does GitHub of an organisation's.
        None => HookState::new("active", "active", None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use url::Url;

    fn hook() -> Hook {
        let url = Url::parse("https://h/x").unwrap_or_else(|_| unreachable!());
        Hook {
            id: 1,
            address: crate::forge::hook_address(&url),
            url,
            token: None,
            events: Vec::new(),
            left_out: Vec::new(),
            of: None,
            active: true,
            has_secret: None,
            signs: None,
            json: true,
            verifies_tls: true,
            last_response: None,
            last_message: None,
            alert: None,
            disabled_until: None,
            name: None,
            created_at: None,
        }
    }

    #[test]
    fn words() {
        let now: Timestamp = "2026-11-01T12:00:00Z".parse().unwrap_or_default();
        let word = |hook: &Hook| of_hook(hook, "1 --repo o/r", now).word;
        assert_eq!(word(&hook()), "active");
        assert_eq!(word(&Hook { active: false, ..hook() }), "off");
        assert_eq!(word(&Hook { last_response: Some(503), ..hook() }), "failing");
        assert_eq!(word(&Hook { last_response: Some(202), last_message: Some("OK".into()), ..hook() }), "delivering");
        assert_eq!(word(&Hook { last_message: Some("timed out".into()), ..hook() }), "failing");
        let polled = Hook {
            url: Url::parse("https://x.invalid/in").unwrap_or_else(|_| unreachable!()),
            last_response: Some(502),
            ..hook()
        };
        let state = of_hook(&polled, "1 --repo o/r", now);
        assert_eq!((state.word, state.revive), ("failing", None), "there is nothing to mend");
        let paused = Hook {
            alert: Some(Alert::TemporarilyDisabled),
            disabled_until: now.checked_add(jiff::SignedDuration::from_secs(60)).ok(),
            ..hook()
        };
        assert_eq!(word(&paused), "paused");
        assert_eq!(word(&Hook { disabled_until: Some(now), ..paused }), "active", "its pause is over");
        assert_eq!(word(&Hook { alert: Some(Alert::Disabled), active: false, ..hook() }), "disabled");
    }
}
