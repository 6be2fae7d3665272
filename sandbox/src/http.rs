//! A request and an answer as the forges see them: whole, in memory, without a connection.
//!
//! The routes are plain functions from the one to the other. What happens on the wire (TLS, slow
//! bodies, dropped connections) is the business of `server`.

use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str};
use serde_json::{Map, Value};

/// What is escaped in the path of an address; slashes are not.
pub(crate) const PATH: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'@').remove(b'+');

/// A request which has been read to its end.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub method: String,
    /// As it came, percent-encoded, without the query.
    pub path: String,
    /// As it came, without the question mark.
    pub query: String,
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
}

impl Request {
    /// The first header of that name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The first query parameter of that name.
    pub fn query(&self, name: &str) -> Option<String> {
        form_urlencoded::parse(self.query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    /// A parameter of a body in JSON or a form, else of the query: Rails looks in all three.
    pub fn parameter(&self, name: &str) -> Option<String> {
        let form = self.header("content-type").is_some_and(|kind| kind.contains("form-urlencoded"));
        let in_body = if form {
            form_urlencoded::parse(&self.body).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
        } else {
            serde_json::from_slice::<Value>(&self.body).ok().and_then(|body| match &body[name] {
                Value::Null => None,
                Value::String(text) => Some(text.clone()),
                other => Some(other.to_string()),
            })
        };
        in_body.or_else(|| self.query(name))
    }

    /// `page` and `per_page`, as both forges read them.
    pub fn page(&self, default_size: usize) -> Page {
        let number = |name| self.query(name).and_then(|text| text.parse::<usize>().ok());
        Page {
            number: number("page").unwrap_or(1).clamp(1, 1_000_000),
            size: number("per_page").unwrap_or(default_size).clamp(1, 100),
        }
    }

    /// The segments of `path`, decoded one by one, so that `group%2Fproject` stays one of them.
    pub fn segments(path: &str) -> Vec<String> {
        path.split('/')
            .filter(|segment| !segment.is_empty())
            .map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned())
            .collect()
    }
}

/// Which page of a list is wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Page {
    pub number: usize,
    pub size: usize,
}

impl Page {
    /// The items on this page.
    pub fn cut<T>(self, items: Vec<T>) -> Vec<T> {
        items.into_iter().skip((self.number - 1) * self.size).take(self.size).collect()
    }

    /// The number of the last page of so many items.
    pub fn last(self, total: usize) -> usize {
        total.div_ceil(self.size).max(1)
    }

    /// A `Link` header for this page of `total` items; `url` is the address without its query.
    pub fn links(self, url: &str, query: &str, total: usize) -> Option<String> {
        let last = self.last(total);
        let to = |page: usize, rel: &str| {
            let mut pairs = form_urlencoded::Serializer::new(String::new());
            for (key, value) in form_urlencoded::parse(query.as_bytes()) {
                if !matches!(&*key, "page" | "per_page" | "private_token" | "access_token") {
                    pairs.append_pair(&key, &value);
                }
            }
            pairs.append_pair("page", &page.to_string());
            pairs.append_pair("per_page", &self.size.to_string());
            format!("<{url}?{}>; rel=\"{rel}\"", pairs.finish())
        };
        let mut links = Vec::new();
        if self.number > 1 {
            links.push(to(self.number - 1, "prev"));
        }
        if self.number < last {
            links.push(to(self.number + 1, "next"));
            links.push(to(last, "last"));
        }
        if self.number > 1 {
            links.push(to(1, "first"));
        }
        (!links.is_empty()).then(|| links.join(", "))
    }
}

/// An answer that is ready to be sent.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
}

impl Answer {
    /// A body in JSON.
    pub fn json(status: u16, body: &Value) -> Self {
        Self::text(status, "application/json; charset=utf-8", body.to_string())
    }

    /// A body of any kind.
    pub fn text(status: u16, content_type: &str, body: impl Into<Bytes>) -> Self {
        Self { status, headers: Vec::new(), body: body.into() }.with("content-type", content_type)
    }

    /// No body at all.
    pub fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Bytes::new() }
    }

    /// The same with one more header.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.set(name, value);
        self
    }

    /// Adds a header, unless the answer has it already: what is nearer to the cause knows better.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        if self.header(name).is_none() {
            self.headers.push((name.to_owned(), value.into()));
        }
    }

    /// The first header of that name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Takes a header away.
    pub fn remove(&mut self, name: &str) {
        self.headers.retain(|(key, _)| !key.eq_ignore_ascii_case(name));
    }
}

/// The machine's own trouble (a full disk, a folder that is gone) is the forge's inner one.
impl From<std::io::Error> for Answer {
    fn from(error: std::io::Error) -> Self {
        let (status, words) = match error.kind() {
            std::io::ErrorKind::ResourceBusy => (409, error.to_string()),
            _ => (500, format!("the sandbox: {error}")),
        };
        Self::json(status, &serde_json::json!({ "message": words, "status": status.to_string() }))
    }
}

/// The fields of a literal object, to be joined with others: `json!` has a limit of its own.
pub(crate) fn fields(object: Value) -> Map<String, Value> {
    match object {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that fails may as well panic")]
mod tests {
    use super::*;

    fn request(query: &str, content_type: &str, body: &str) -> Request {
        Request {
            method: "POST".to_owned(),
            path: "/".to_owned(),
            query: query.to_owned(),
            headers: vec![("content-type".to_owned(), content_type.to_owned())],
            body: Bytes::copy_from_slice(body.as_bytes()),
        }
    }

    #[test]
    fn parameters_come_from_json_forms_and_the_query() {
        assert_eq!(request("", "application/json", r#"{"a":"b"}"#).parameter("a").as_deref(), Some("b"));
        let form = request("", "application/x-www-form-urlencoded", "a=b%20c");
        assert_eq!(form.parameter("a").as_deref(), Some("b c"));
        assert_eq!(request("a=x", "application/json", "").parameter("a").as_deref(), Some("x"));
    }

    #[test]
    fn links_name_the_neighbours_and_never_a_token() {
        let page = Page { number: 2, size: 10 };
        let links = page.links("http://h/p", "private_token=secret&q=1", 25).unwrap_or_default();
        assert!(links.contains("<http://h/p?q=1&page=1&per_page=10>; rel=\"prev\""), "{links}");
        assert!(links.contains("<http://h/p?q=1&page=3&per_page=10>; rel=\"next\""), "{links}");
        assert!(!links.contains("secret"), "{links}");
    }

    #[test]
    fn encoded_slashes_stay_inside_their_segment() {
        assert_eq!(Request::segments("/projects/a%2Fb"), ["projects", "a/b"]);
    }
}
