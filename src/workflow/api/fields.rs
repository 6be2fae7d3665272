//! The values that somebody has typed for a request: `title=…`, `labels[]=…`, `settings[private]=…`.

use serde_json::{Map, Value};

use super::ApiError;

/// One value, and where it goes.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// `name`, `name[key]`, `name[]`, and so on.
    pub key: String,
    /// A text, or what a typed value reads as.
    pub value: Value,
}

/// A step into a body.
enum Step<'a> {
    Key(&'a str),
    Next,
}

/// A JSON object of all the values.
pub(super) fn body(fields: &[Field]) -> Result<Map<String, Value>, ApiError> {
    let mut body = Map::new();
    for field in fields {
        let wrong = || ApiError::Key { key: field.key.clone() };
        let (name, steps) = steps(&field.key).ok_or_else(wrong)?;
        let place = body.entry(name.to_owned()).or_insert(Value::Null);
        put(place, &steps, field.value.clone()).ok_or_else(wrong)?;
    }
    Ok(body)
}

/// What GraphQL wants: the query and the operation's name, and all else as variables.
pub(super) fn graphql(fields: &[Field]) -> Result<Map<String, Value>, ApiError> {
    let (own, variables): (Vec<Field>, Vec<Field>) =
        fields.iter().cloned().partition(|field| matches!(field.key.as_str(), "query" | "operationName"));
    let mut body = self::body(&own)?;
    if !variables.is_empty() {
        body.insert("variables".to_owned(), Value::Object(self::body(&variables)?));
    }
    Ok(body)
}

/// The values for the query of an address.
pub(super) fn query(fields: &[Field]) -> Vec<(String, String)> {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    fields.iter().map(|field| (field.key.clone(), text(&field.value))).collect()
}

/// `a[b][]` as `a`, `b`, next.
fn steps(key: &str) -> Option<(&str, Vec<Step<'_>>)> {
    let (name, mut rest) = key.find('[').map_or((key, ""), |at| key.split_at(at));
    let mut steps = Vec::new();
    while !rest.is_empty() {
        let (inner, after) = rest.strip_prefix('[')?.split_once(']')?;
        steps.push(if inner.is_empty() { Step::Next } else { Step::Key(inner) });
        rest = after;
    }
    (!name.is_empty() && !name.contains(']')).then_some((name, steps))
}

/// Puts a value there; nothing when something else is there already.
fn put(place: &mut Value, steps: &[Step<'_>], value: Value) -> Option<()> {
    match steps.split_first() {
        None if place.is_null() => {
            *place = value;
            Some(())
        }
        None => None,
        Some((Step::Key(key), rest)) => {
            if place.is_null() {
                *place = Value::Object(Map::new());
            }
            put(place.as_object_mut()?.entry((*key).to_owned()).or_insert(Value::Null), rest, value)
        }
        Some((Step::Next, rest)) => {
            if place.is_null() {
                *place = Value::Array(Vec::new());
            }
            let list = place.as_array_mut()?;
            // `a[][x]=1 a[][y]=2` are one entry, until a key comes that it has.
            let goes_on = match (rest.first(), list.last()) {
                (Some(Step::Key(key)), Some(Value::Object(last))) => !last.contains_key(*key),
                _ => false,
            };
            if !goes_on {
                list.push(Value::Null);
            }
            put(list.last_mut()?, rest, value)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(fields: &[(&str, Value)]) -> Option<Value> {
        let fields: Vec<Field> =
            fields.iter().map(|(key, value)| Field { key: (*key).to_owned(), value: value.clone() }).collect();
        body(&fields).ok().map(Value::Object)
    }

    #[test]
    fn keys() {
        let text = |text: &str| Value::from(text);
        let made = of(&[
            ("title", text("a")),
            ("labels[]", text("x")),
            ("labels[]", text("y")),
            ("s[private]", true.into()),
            ("s[a][b]", 1.into()),
            ("many[][n]", text("1")),
            ("many[][v]", text("2")),
            ("many[][n]", text("3")),
        ]);
        let wanted = serde_json::json!({ "title": "a", "labels": ["x", "y"], "s": { "private": true, "a": { "b": 1 } },
            "many": [{ "n": "1", "v": "2" }, { "n": "3" }] });
        assert_eq!(made, Some(wanted));
        for wrong in ["", "[a]", "a[", "a]", "a[b", "a[b]c", "a]b["] {
            assert_eq!(of(&[(wrong, text("x"))]), None, "{wrong}");
        }
        assert_eq!(of(&[("a", text("x")), ("a", text("y"))]), None);
        assert_eq!(of(&[("a", text("x")), ("a[b]", text("y"))]), None);
        assert_eq!(of(&[("a[]", text("x")), ("a[b]", text("y"))]), None);
    }
}
