//! Fields that a server may leave out, may answer with null, or may one day answer with something else.
//!
//! What a call cannot do without is read strictly, and its lack is
//! [`Malformed`](super::ForgeErrorKind::Malformed). All else is read through here: whatever does not fit is as
//! though it were not there.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// The value, or the default where it is of another kind. To be used together with `default`.
pub(super) fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned + Default,
{
    Ok(serde_json::from_value(Value::deserialize(deserializer)?).unwrap_or_default())
}

/// What fits of a list. To be used together with `default`.
pub(super) fn those_that_fit<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let all: Vec<Value> = or_default(deserializer)?;
    Ok(all.into_iter().filter_map(|one| serde_json::from_value(one).ok()).collect())
}

/// A truth value that is there; null is false. To be used together with `default`, for what is not there.
pub(super) fn there<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    Ok(truth(&Value::deserialize(deserializer)?).or(Some(false)))
}

/// A truth value in any of the forms that settings have: `true`, `"true"`, `1`, `"1"`.
pub(super) fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(is) => Some(*is),
        Value::Number(number) => Some(number.as_f64() != Some(0.0)),
        Value::String(text) => match text.as_str() {
            "true" | "1" => Some(true),
            "false" | "0" | "" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// A number of seconds in milliseconds; nothing for what is no length of time.
pub(super) fn milliseconds(seconds: f64) -> Option<u64> {
    std::time::Duration::try_from_secs_f64(seconds).ok().and_then(|time| u64::try_from(time.as_millis()).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Odd {
        #[serde(deserialize_with = "or_default")]
        number: Option<u16>,
        #[serde(deserialize_with = "those_that_fit")]
        texts: Vec<String>,
        #[serde(deserialize_with = "there")]
        flag: Option<bool>,
    }

    fn read(json: &str) -> (Option<u16>, Vec<String>, Option<bool>) {
        let odd: Odd = serde_json::from_str(json).unwrap_or_else(|error| unreachable!("{error}"));
        (odd.number, odd.texts, odd.flag)
    }

    #[test]
    fn what_does_not_fit_is_not_there() {
        assert_eq!(read("{}"), (None, vec![], None));
        assert_eq!(read(r#"{"number":null,"texts":null,"flag":null}"#), (None, vec![], Some(false)));
        assert_eq!(read(r#"{"number":-1,"texts":"a","flag":{}}"#), (None, vec![], Some(false)));
        assert_eq!(read(r#"{"number":70000,"texts":[1,"b"],"flag":"1"}"#), (None, vec!["b".into()], Some(true)));
        assert_eq!(read(r#"{"number":7,"texts":["a"],"flag":true}"#), (Some(7), vec!["a".into()], Some(true)));
    }
}
