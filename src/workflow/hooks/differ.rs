//! In what a webhook differs from what is wished: only that is sent.

use url::Url;

use crate::forge::{HookChange, HookSecrets, hook_address};
use crate::model::hook::Hook;
use crate::model::webhook::Proof;

/// What is wished, as far as it is. `events` are names as they are sent.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Wanted<'a> {
    pub url: Option<&'a Url>,
    pub events: Option<&'a [String]>,
    pub json: Option<bool>,
    pub verify_tls: Option<bool>,
    pub active: Option<bool>,
}

/// What has to be changed, without secrets; nothing where the webhook is as it is wished.
pub(super) fn change<'a>(hook: &Hook, wanted: &Wanted<'a>) -> Option<HookChange<'a>> {
    let change = HookChange {
        url: wanted.url.filter(|url| !delivers_to(hook, url)),
        events: wanted.events.filter(|names| !tells(hook, names)),
        json: wanted.json.filter(|json| *json != hook.json),
        verify_tls: wanted.verify_tls.filter(|verify| *verify != hook.verifies_tls),
        active: wanted.active.filter(|active| *active != hook.active),
        secrets: HookSecrets::default(),
    };
    let differs = change.url.is_some()
        || change.events.is_some()
        || change.json.is_some()
        || change.verify_tls.is_some()
        || change.active.is_some();
    differs.then_some(change)
}

/// Whether it delivers to this very address.
pub(super) fn delivers_to(hook: &Hook, url: &Url) -> bool {
    hook.address == hook_address(url)
}

/// Whether it tells of these events and of no others. What a server has no flag for is no difference: to ask for it again
/// would change nothing.
fn tells(hook: &Hook, names: &[String]) -> bool {
    let more = hook.events.iter().any(|event| !names.contains(event));
    let flags = !hook.left_out.is_empty();
    let lacks = |name: &String| !hook.events.contains(name) && (!flags || hook.left_out.contains(name));
    !more && !names.iter().any(lacks)
}

/// Whether its deliveries can be proved in this way, by what the forge says.
pub(super) fn proves(hook: &Hook, proof: Proof) -> bool {
    match proof {
        Proof::SigningToken => hook.signs == Some(true),
        // An older GitLab does not tell; what was made with a token has it.
        Proof::Signature | Proof::Token => hook.has_secret != Some(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Fingerprint;

    fn hook(events: &[&str], left_out: &[&str]) -> Hook {
        let url = Url::parse("https://h/x").unwrap_or_else(|_| unreachable!());
        let texts = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect();
        Hook {
            id: 1,
            address: hook_address(&url),
            url,
            token: None::<Fingerprint>,
            events: texts(events),
            left_out: texts(left_out),
            of: None,
            active: true,
            has_secret: Some(true),
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
    fn events_are_compared_as_sets() {
        let names = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
        let github = hook(&["push", "star"], &[]);
        assert!(tells(&github, &names(&["star", "push"])));
        assert!(!tells(&github, &names(&["push"])) && !tells(&github, &names(&["push", "star", "fork"])));
        let gitlab = hook(&["push"], &["note", "job"]);
        assert!(tells(&gitlab, &names(&["push", "quantum"])), "the server has no such flag");
        assert!(!tells(&gitlab, &names(&["push", "note"])));
    }

    #[test]
    fn only_what_differs_is_sent() {
        let found = hook(&["push"], &[]);
        let (same, other) = (Url::parse("https://h/x").ok(), Url::parse("https://h/x?key=1").ok());
        let wanted = Wanted { url: same.as_ref(), json: Some(true), active: Some(true), ..Wanted::default() };
        assert!(change(&found, &wanted).is_none());
        let differs = change(&found, &Wanted { url: other.as_ref(), json: Some(false), ..wanted });
        assert!(
            differs.is_some_and(|change| change.url.is_some() && change.json == Some(false) && change.active.is_none())
        );
    }
}
