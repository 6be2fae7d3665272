//! A token in the form that the program wants which is to have it: alone, as lines of `.netrc`, as a configuration of
//! curl's.

use zeroize::Zeroizing;

use crate::model::Connection;
use crate::workflow::HandedOut;

/// In which form a token is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TokenFormat {
    /// The token alone.
    #[default]
    Token,
    /// `machine … login … password …`, a line a host: for the forge and, where that is another, its API.
    Netrc,
    /// `header = "Authorization: Bearer …"`, for `curl --config -`.
    Curl,
}

/// The text that is printed. It is wiped when dropped.
pub(super) fn text(handed: &HandedOut, format: TokenFormat) -> Zeroizing<String> {
    let token = handed.secret.reveal();
    Zeroizing::new(match format {
        TokenFormat::Token => token.to_owned(),
        TokenFormat::Netrc => {
            let (user, token) = (netrc_word(handed.connection.git_user()), netrc_word(token));
            let line = |host: &str| format!("machine {host} login {} password {}\n", *user, *token);
            hosts(&handed.connection).iter().map(|host| line(host)).collect()
        }
        TokenFormat::Curl => format!("header = \"Authorization: Bearer {}\"\n", *escaped(token)),
    })
}

/// What a `.netrc` cannot say of where the token belongs, if there is anything: it knows hosts, and no ports.
pub(super) fn netrc_caution(connection: &Connection) -> Option<String> {
    let address = |text: &str| {
        let url = url::Url::parse(text).ok()?;
        url.port().map(|port| format!("{}:{port}", url.host_str().unwrap_or_default()))
    };
    let with_port = address(&connection.url).or_else(|| address(&connection.api_url))?;
    let host = with_port.rsplit_once(':').map_or(with_port.as_str(), |(host, _)| host);
    Some(format!(
        "`.netrc` knows no ports: who reads this sends the token to every port of {host}, not to {with_port} alone"
    ))
}

/// The forge's host and its API's, each once.
fn hosts(connection: &Connection) -> Vec<String> {
    let host = |text: &str| url::Url::parse(text).ok().and_then(|url| url.host_str().map(str::to_owned));
    let mut hosts: Vec<String> = [&connection.url, &connection.api_url].iter().filter_map(|text| host(text)).collect();
    hosts.dedup();
    hosts
}

/// A word of a `.netrc`. White space, quotation marks and a leading `#` need quotes, which curl reads since 7.84 and
/// Python's and Go's readers do too; nothing that a forge makes has any of them.
fn netrc_word(text: &str) -> Zeroizing<String> {
    let plain = !text.is_empty()
        && !text.starts_with('#')
        && !text.contains(|c: char| c.is_whitespace() || matches!(c, '"' | '\\' | '\''));
    if plain { Zeroizing::new(text.to_owned()) } else { Zeroizing::new(format!("\"{}\"", *escaped(text))) }
}

/// Within double quotes (curl(1), "-K, --config"): the backslash and the quotation mark are escaped.
fn escaped(text: &str) -> Zeroizing<String> {
    let mut out = Zeroizing::new(String::with_capacity(2 * text.len()));
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Secret;

    fn handed(url: &str, api_url: &str, login: &str, token: &str) -> HandedOut {
        let record = serde_json::json!({ "name": "a", "version": 1, "forge": "github", "url": url, "api_url": api_url,
            "account": { "login": login, "id": 1, "kind": "user" }, "token": null });
        let connection: Connection = serde_json::from_value(record).unwrap_or_else(|e| panic!("{e}"));
        HandedOut { connection, secret: Secret::new(token.to_owned()), expires_at: None }
    }

    #[test]
    fn netrc_has_a_line_a_host_and_no_ports() {
        let github = handed("https://github.com", "https://api.github.com", "octocat", "ghp_x");
        let lines =
            "machine github.com login octocat password ghp_x\nmachine api.github.com login octocat password ghp_x\n";
        assert_eq!(text(&github, TokenFormat::Netrc).as_str(), lines);
        assert_eq!(netrc_caution(&github.connection), None);
        let own = handed("https://git.example.com:8443", "https://git.example.com:8443/api/v4", "o c", "x\"y");
        let lines = "machine git.example.com login \"o c\" password \"x\\\"y\"\n";
        assert_eq!(text(&own, TokenFormat::Netrc).as_str(), lines);
        assert!(netrc_caution(&own.connection).is_some_and(|words| words.contains("git.example.com:8443")));
    }

    #[test]
    fn what_curl_would_take_for_the_end_is_escaped() {
        let odd = handed("https://github.com", "https://api.github.com", "octocat", "a\"b\\c");
        assert_eq!(text(&odd, TokenFormat::Curl).as_str(), "header = \"Authorization: Bearer a\\\"b\\\\c\"\n");
    }
}
