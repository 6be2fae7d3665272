//! What Grape makes of a request's parameters, before a route sees them.
//!
//! They come from the query and from a body in JSON or a form; each has a type, and what does not
//! fit is refused with all complaints in one line: `{"error": "repo_id is missing, name is invalid"}`.

use serde_json::{Map, Value};

use super::error;
use crate::http::{Answer, Request};

/// A request's parameters, read one by one, and the complaints so far.
#[derive(Debug)]
pub(super) struct Parameters {
    values: Map<String, Value>,
    wrong: Vec<String>,
}

/// `name[]=value` and `name=value` of a query or a form.
fn pairs(values: &mut Map<String, Value>, encoded: &[u8]) {
    for (key, value) in form_urlencoded::parse(encoded) {
        match key.strip_suffix("[]") {
            None => {
                values.insert(key.into_owned(), Value::String(value.into_owned()));
            }
            Some(name) => {
                let list = values.entry(name.to_owned()).or_insert_with(|| Value::Array(Vec::new()));
                if let Value::Array(list) = list {
                    list.push(Value::String(value.into_owned()));
                }
            }
        }
    }
}

impl Parameters {
    pub fn of(request: &Request) -> Self {
        let mut values = Map::new();
        pairs(&mut values, request.query.as_bytes());
        if request.header("content-type").is_some_and(|kind| kind.contains("form-urlencoded")) {
            pairs(&mut values, &request.body);
        } else if let Ok(Value::Object(body)) = serde_json::from_slice(&request.body) {
            values.extend(body);
        }
        Self { values, wrong: Vec::new() }
    }

    /// Was it sent, even as `null`?
    pub fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// As it came.
    pub fn raw(&self, name: &str) -> &Value {
        self.values.get(name).unwrap_or(&Value::Null)
    }

    /// Adds a complaint.
    pub fn complain(&mut self, complaint: impl Into<String>) {
        self.wrong.push(complaint.into());
    }

    /// A text; numbers and switches count as such.
    pub fn text(&mut self, name: &str) -> Option<String> {
        match self.values.get(name)? {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            Value::Array(_) | Value::Object(_) => {
                self.complain(format!("{name} is invalid"));
                None
            }
            scalar => Some(scalar.to_string()),
        }
    }

    /// A text that must be there; empty, and a complaint, if it is not.
    pub fn required(&mut self, name: &str) -> String {
        if !self.has(name) {
            self.complain(format!("{name} is missing"));
        }
        self.text(name).unwrap_or_default()
    }

    /// A switch. `null` is off.
    pub fn boolean(&mut self, name: &str) -> Option<bool> {
        let value = match self.values.get(name)? {
            Value::Null => Some(false),
            Value::Bool(value) => Some(*value),
            Value::Number(number) => number.as_u64().filter(|number| *number < 2).map(|number| number == 1),
            Value::String(text) => match text.to_lowercase().as_str() {
                "true" | "t" | "1" | "on" | "yes" => Some(true),
                "false" | "f" | "0" | "off" | "no" | "" => Some(false),
                _ => None,
            },
            _ => None,
        };
        if value.is_none() {
            self.complain(format!("{name} is invalid"));
        }
        value
    }

    /// A whole number.
    pub fn number(&mut self, name: &str) -> Option<u64> {
        let text = self.text(name)?;
        let number = text.parse().ok();
        if number.is_none() {
            self.complain(format!("{name} is invalid"));
        }
        number
    }

    /// One of the words that are allowed.
    pub fn choice<T>(&mut self, name: &str, of: impl Fn(&str) -> Option<T>) -> Option<T> {
        let text = self.text(name)?;
        let chosen = of(&text);
        if chosen.is_none() {
            self.complain(format!("{name} does not have a valid value"));
        }
        chosen
    }

    /// A list of texts, as an array or with commas.
    pub fn list(&mut self, name: &str) -> Option<Vec<String>> {
        match self.values.get(name)? {
            Value::Null => None,
            Value::String(text) => Some(text.split(',').map(|part| part.trim().to_owned()).collect()),
            Value::Array(items) => Some(
                items.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), ToOwned::to_owned)).collect(),
            ),
            _ => {
                self.complain(format!("{name} is invalid"));
                None
            }
        }
    }

    /// Complains unless at least one of these was sent.
    pub fn at_least_one_of(&mut self, names: &[&str]) {
        if !names.iter().any(|name| self.has(name)) {
            self.complain(format!("{} are missing, at least one parameter must be provided", names.join(", ")));
        }
    }

    /// All is well, or the refusal.
    pub fn finish(&self) -> Result<(), Answer> {
        if self.wrong.is_empty() { Ok(()) } else { Err(error::parameter(&self.wrong.join(", "))) }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that fails may as well panic")]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn of(query: &str, content_type: &str, body: &str) -> Parameters {
        Parameters::of(&Request {
            method: "POST".to_owned(),
            path: "/".to_owned(),
            query: query.to_owned(),
            headers: vec![("content-type".to_owned(), content_type.to_owned())],
            body: Bytes::copy_from_slice(body.as_bytes()),
        })
    }

    #[test]
    fn the_body_wins_over_the_query_and_types_are_lenient() {
        let mut sent = of("a=1&b=on", "application/json", r#"{"a": 2, "c": null, "d": ["x", "y"]}"#);
        assert_eq!((sent.number("a"), sent.boolean("b"), sent.boolean("c")), (Some(2), Some(true), Some(false)));
        assert_eq!(sent.list("d").unwrap(), ["x", "y"]);
        assert_eq!((sent.text("e"), sent.has("c"), sent.has("e")), (None, true, false));
        let mut form = of("", "application/x-www-form-urlencoded", "d[]=x&d[]=y&a=2");
        assert_eq!((form.list("d").unwrap(), form.number("a")), (vec!["x".to_owned(), "y".to_owned()], Some(2)));
        assert!(sent.finish().is_ok() && form.finish().is_ok());
    }

    #[test]
    fn all_complaints_are_in_one_line() {
        let mut sent = of("", "application/json", r#"{"a": "many", "b": "perhaps", "c": "red"}"#);
        sent.required("z");
        sent.number("a");
        sent.boolean("b");
        sent.choice("c", |word| (word == "blue").then_some(()));
        let refused = String::from_utf8(sent.finish().unwrap_err().body.to_vec()).unwrap();
        let said = r#"{"error":"z is missing, a is invalid, b is invalid, c does not have a valid value"}"#;
        assert_eq!(refused, said);
    }
}
