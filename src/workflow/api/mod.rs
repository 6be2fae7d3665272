//! One request that somebody has typed, with a connection's token, within its forge's API.
//!
//! The answer is handed on as it came. With `paginate` the pages of a list are asked for one after the other and joined:
//! lists to one list, anything else one document after the other.

mod fields;

use serde_json::Value;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::{Error, Tools, hand_out};
use crate::forge::{Forge, Inside, NotInside, RAW_LIMIT, RawAnswer, RawFailure, RawMethod, RawRequest};
use crate::model::Secret;

pub use fields::Field;

/// How many pages are joined. With a hundred entries each that is a million.
const MOST_PAGES: usize = 10_000;

/// What was typed.
#[derive(Debug)]
pub struct Wanted {
    /// The connection, by name or by a URL it serves.
    pub connection: String,
    /// A path of the API, or a whole URL within it.
    pub path: String,
    /// What is to be done; GET, or POST where there is something to send, unless it is said.
    pub method: Option<RawMethod>,
    /// Headers beside connect's own.
    pub headers: Vec<(String, String)>,
    /// Values: for the query of what reads, for the body of all else.
    pub fields: Vec<Field>,
    /// A body as it is; the values then go into the query.
    pub input: Option<Zeroizing<Vec<u8>>>,
    /// All pages.
    pub paginate: bool,
}

/// Why a request is not sent.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// The address is not within the connection's API.
    #[error("the request was not sent: {source}")]
    Address {
        /// Why not.
        source: NotInside,
    },
    /// A key does not read, or contradicts another.
    #[error("`{key}` does not read as a key, or contradicts another")]
    Key {
        /// As it was typed.
        key: String,
    },
    /// Only reads come in pages.
    #[error("only what reads comes in pages")]
    NoPages,
    /// The next page is not within the API, so that the list cannot be had whole.
    #[error("the next page is not within the connection's API")]
    PageElsewhere,
    /// The pages together are more than is kept in memory.
    #[error("the pages together are larger than {} MiB", RAW_LIMIT / 1024 / 1024)]
    TooMuch,
}

/// A request that was refused, or not sent.
#[derive(Debug)]
pub struct Refused {
    /// Why.
    pub error: Box<Error>,
    /// What the forge answered, to be shown as any other answer.
    pub answer: Option<RawAnswer>,
}

impl<E: Into<Error>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self { error: Box::new(error.into()), answer: None }
    }
}

/// Sends it.
///
/// # Errors
/// [`Refused`].
pub async fn request(tools: &Tools<'_>, wanted: Wanted) -> Result<RawAnswer, Refused> {
    let sends = !wanted.fields.is_empty() || wanted.input.is_some();
    let method = wanted.method.unwrap_or_else(|| if sends { RawMethod::post() } else { RawMethod::get() });
    if wanted.paginate && !method.reads() {
        return Err(ApiError::NoPages.into());
    }
    let handed = hand_out(tools, &wanted.connection)?;
    let forge = tools.forge_of(&handed.connection)?;
    let (mut query, mut body) = (Vec::new(), wanted.input);
    if body.is_some() || method.reads() {
        query = fields::query(&wanted.fields);
    } else if sends {
        let object = if forge.is_graphql(&wanted.path) {
            fields::graphql(&wanted.fields)?
        } else {
            fields::body(&wanted.fields)?
        };
        body = Some(written(&Value::Object(object)));
    }
    // Both forges give twenty or thirty at a time unless they are asked for more.
    let says_how_many = wanted.path.contains("per_page=") || query.iter().any(|(key, _)| key == "per_page");
    if wanted.paginate && !says_how_many {
        query.push(("per_page".to_owned(), "100".to_owned()));
    }
    let to = forge.inside(&wanted.path, &query).map_err(|source| ApiError::Address { source })?;
    let request = RawRequest { method, headers: wanted.headers, body };
    let sent = Sent { forge: &forge, request: &request, token: &handed.secret };
    let refused = |failure: RawFailure| {
        let of_forge = Error::of_forge(Some(forge.host()), Some(&handed.connection.name));
        Refused { error: Box::new(of_forge(failure.error)), answer: failure.answer }
    };
    if wanted.paginate { sent.all(to, refused).await } else { sent.once(&to).await.map_err(refused) }
}

/// The bytes of a body. What is copied while it grows may be a secret; there is room for all of it.
fn written(value: &Value) -> Zeroizing<Vec<u8>> {
    let mut body = Zeroizing::new(Vec::with_capacity(64 * 1024));
    if serde_json::to_writer(&mut *body, value).is_err() {
        body.clear();
    }
    body
}

struct Sent<'a> {
    forge: &'a Forge,
    request: &'a RawRequest,
    token: &'a Secret,
}

impl Sent<'_> {
    async fn once(&self, to: &Inside) -> Result<RawAnswer, RawFailure> {
        self.forge.raw(to, self.request, self.token).await
    }

    /// All pages as one answer: the first one's, with the bodies of all.
    async fn all(&self, to: Inside, refused: impl Fn(RawFailure) -> Refused) -> Result<RawAnswer, Refused> {
        let mut first = self.once(&to).await.map_err(&refused)?;
        let mut joined = Joined::of(&first.body);
        let mut next = following(&mut first)?;
        for _ in 1..MOST_PAGES {
            let Some(to) = next else { break };
            // Half a list that looks like a whole one is worse than none.
            let mut page = self.once(&to).await.map_err(|failure| refused(RawFailure { answer: None, ..failure }))?;
            joined.add(&page.body)?;
            next = following(&mut page)?;
        }
        if next.is_some() {
            return Err(ApiError::TooMuch.into());
        }
        first.body = joined.whole();
        Ok(first)
    }
}

fn following(page: &mut RawAnswer) -> Result<Option<Inside>, ApiError> {
    if page.goes_on_elsewhere { Err(ApiError::PageElsewhere) } else { Ok(page.next.take()) }
}

/// Pages, joined as text, so that nothing in them changes.
struct Joined {
    text: Zeroizing<Vec<u8>>,
    /// Whether all so far were lists, so that the last bracket is still to come.
    lists: bool,
    empty: bool,
}

impl Joined {
    fn of(first: &[u8]) -> Self {
        match entries(first) {
            Some(inner) => Self { text: Zeroizing::new([b"[", inner].concat()), lists: true, empty: inner.is_empty() },
            None => Self { text: Zeroizing::new(first.to_vec()), lists: false, empty: false },
        }
    }

    fn add(&mut self, page: &[u8]) -> Result<(), ApiError> {
        if self.text.len() + page.len() > RAW_LIMIT {
            return Err(ApiError::TooMuch);
        }
        match entries(page) {
            Some([]) if self.lists => {}
            Some(inner) if self.lists => {
                if !self.empty {
                    self.text.push(b',');
                }
                self.empty = false;
                self.text.extend_from_slice(inner);
            }
            _ => {
                if self.lists {
                    self.text.push(b']');
                    self.lists = false;
                }
                self.text.push(b'\n');
                self.text.extend_from_slice(page);
            }
        }
        Ok(())
    }

    fn whole(mut self) -> Zeroizing<Vec<u8>> {
        if self.lists {
            self.text.push(b']');
        }
        self.text
    }
}

/// What stands between the brackets of a JSON list; nothing if it is none.
fn entries(text: &[u8]) -> Option<&[u8]> {
    let _: Vec<&RawValue> = serde_json::from_slice(text).ok()?;
    Some(text.trim_ascii().strip_prefix(b"[")?.strip_suffix(b"]")?.trim_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(pages: &[&str]) -> String {
        let Some((first, rest)) = pages.split_first() else { return String::new() };
        let mut joined = Joined::of(first.as_bytes());
        rest.iter().for_each(|page| joined.add(page.as_bytes()).unwrap());
        String::from_utf8(joined.whole().to_vec()).unwrap()
    }

    #[test]
    fn pages_become_one_list() {
        assert_eq!(joined(&["[1, {\"a\":[2]}]\n", " [3]", "[]", "[4,5]"]), "[1, {\"a\":[2]},3,4,5]");
        assert_eq!(joined(&["[]", "[]"]), "[]");
        assert_eq!(joined(&["[]", "[1]"]), "[1]");
        assert_eq!(joined(&["{\"items\":[1]}", "{\"items\":[2]}"]), "{\"items\":[1]}\n{\"items\":[2]}");
        assert_eq!(joined(&["[1]", "{\"message\":\"x\"}", "[2]"]), "[1]\n{\"message\":\"x\"}\n[2]");
        assert_eq!(joined(&["[1"]), "[1", "no JSON is left as it is");
    }
}
