//! What a payload says of itself: what was done, where, by whom.
//!
//! Payloads are other people's: any field may be missing, or of another type, in a new version of a forge or in one of
//! GitLab's custom templates. What does not read is left out; only what is no JSON at all is refused.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::model::ForgeKind;

/// What could be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Facts {
    /// GitLab's `object_kind`.
    pub kind: Option<String>,
    pub action: Option<String>,
    pub repository: Option<String>,
    pub sender: Option<String>,
}

/// The top of a payload; each part is looked at on its own, so that one odd one does not hide the others.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Payload<'a> {
    #[serde(borrow)]
    action: Option<&'a RawValue>,
    #[serde(borrow)]
    repository: Option<&'a RawValue>,
    #[serde(borrow)]
    sender: Option<&'a RawValue>,
    #[serde(borrow)]
    object_kind: Option<&'a RawValue>,
    #[serde(borrow)]
    object_attributes: Option<&'a RawValue>,
    #[serde(borrow)]
    project: Option<&'a RawValue>,
    #[serde(borrow)]
    user: Option<&'a RawValue>,
    #[serde(borrow)]
    user_username: Option<&'a RawValue>,
}

/// Reads a payload; nothing if it is not JSON.
pub(super) fn facts(forge: ForgeKind, payload: &str) -> Option<Facts> {
    let Ok(top) = serde_json::from_str::<Payload<'_>>(payload) else {
        // A list, a number, a field twice: no facts, but JSON.
        return serde_json::from_str::<&RawValue>(payload).is_ok().then(Facts::default);
    };
    Some(match forge {
        ForgeKind::GitHub => Facts {
            kind: None,
            action: text(top.action),
            repository: field(top.repository, "full_name"),
            sender: field(top.sender, "login"),
        },
        ForgeKind::GitLab => Facts {
            kind: text(top.object_kind),
            action: field(top.object_attributes, "action").or_else(|| text(top.action)),
            repository: field(top.project, "path_with_namespace"),
            sender: field(top.user, "username").or_else(|| text(top.user_username)),
        },
    })
}

fn text(value: Option<&RawValue>) -> Option<String> {
    let text: Cow<'_, str> = serde_json::from_str(value?.get()).ok()?;
    (!text.is_empty()).then(|| text.into_owned())
}

/// A text in an object.
fn field(value: Option<&RawValue>, name: &str) -> Option<String> {
    let object: std::collections::HashMap<Cow<'_, str>, &RawValue> = serde_json::from_str(value?.get()).ok()?;
    text(object.get(name).copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn github() {
        let payload =
            r#"{"action":"opened","sender":{"login":"octocat","id":1},"repository":{"full_name":"a/b"},"n":1}"#;
        let found = facts(ForgeKind::GitHub, payload).unwrap_or_default();
        assert_eq!(
            (found.action.as_deref(), found.repository.as_deref(), found.sender.as_deref()),
            (Some("opened"), Some("a/b"), Some("octocat"))
        );
    }

    #[test]
    fn gitlab() {
        let payload = r#"{"object_kind":"merge_request","user":{"username":"root"},"project":{"path_with_namespace":"g/p"},
            "object_attributes":{"action":"open"}}"#;
        let found = facts(ForgeKind::GitLab, payload).unwrap_or_default();
        assert_eq!(found.kind.as_deref(), Some("merge_request"));
        assert_eq!(
            (found.action.as_deref(), found.repository.as_deref(), found.sender.as_deref()),
            (Some("open"), Some("g/p"), Some("root"))
        );
        let push = facts(ForgeKind::GitLab, r#"{"object_kind":"push","user_username":"dev"}"#).unwrap_or_default();
        assert_eq!(push.sender.as_deref(), Some("dev"));
    }

    #[test]
    fn odd_payloads_have_fewer_facts_and_only_what_is_no_json_is_refused() {
        let odd = r#"{"action":7,"repository":null,"sender":["x"],"sender2":{}}"#;
        assert_eq!(facts(ForgeKind::GitHub, odd), Some(Facts::default()));
        for json in ["[]", "7", "\"x\"", r#"{"action":"a","action":"b"}"#] {
            assert_eq!(facts(ForgeKind::GitHub, json), Some(Facts::default()), "{json}");
        }
        for none in ["", "{", "payload=x", "{} {}", "{\"a\":1,}"] {
            assert_eq!(facts(ForgeKind::GitLab, none), None, "{none}");
        }
    }
}
