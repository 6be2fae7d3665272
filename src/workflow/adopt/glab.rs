//! glab's `config.yml`: `hosts:`, each with `token`, `user`, and where its API is if that is elsewhere (glab's
//! documentation, "glab auth login"). It writes `token: !!null glpat-…`; a tag says nothing of what stands behind it.

use std::ops::Range;

use zeroize::Zeroizing;

use super::yaml::scalars;

/// A token in the file.
pub(super) struct Entry {
    pub address: String,
    pub user: Option<String>,
    /// glab got it by a browser, and renews it every two hours.
    pub oauth: bool,
    pub token: Zeroizing<String>,
    pub line: usize,
    pub cut: Option<Range<usize>>,
}

/// What the file says.
#[derive(Default)]
pub(super) struct Hosts {
    pub entries: Vec<Entry>,
    /// Hosts whose token glab keeps in the keyring.
    pub elsewhere: Vec<String>,
}

/// Reads the file.
///
/// # Errors
/// Why it does not read, without a piece of it.
pub(super) fn read(text: &str) -> Result<Hosts, String> {
    let all = scalars(text)?;
    let says = |host: &str, key: &str| {
        let found = all.iter().find(|scalar| scalar.keys() == ["hosts", host, key]);
        found.map(|scalar| scalar.value.to_string()).filter(|value| !value.is_empty())
    };
    let is_on = |host: &str, key: &str| says(host, key).is_some_and(|value| value.eq_ignore_ascii_case("true"));
    let mut hosts = Hosts::default();
    for scalar in &all {
        match scalar.keys().as_slice() {
            ["hosts", host, "token"] if !scalar.value.is_empty() => {
                let scheme =
                    says(host, "api_protocol").filter(|scheme| scheme == "http").unwrap_or_else(|| "https".into());
                let place = says(host, "api_host").unwrap_or_else(|| (*host).to_owned());
                hosts.entries.push(Entry {
                    address: if place.contains("://") { place } else { format!("{scheme}://{place}") },
                    user: says(host, "user").and_then(|user| super::userinfo::name(&user)),
                    oauth: is_on(host, "is_oauth2"),
                    token: scalar.value.clone(),
                    line: scalar.line,
                    cut: scalar.whole_line.clone(),
                });
            }
            ["hosts", host, "use_keyring"] if is_on(host, "use_keyring") && says(host, "token").is_none() => {
                hosts.elsewhere.push((*host).to_owned());
            }
            _ => {}
        }
    }
    Ok(hosts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_where_their_api_is() {
        let text = "git_protocol: ssh\ntoken: not-this\nhosts:\n    gitlab.com:\n        token: !!null one\n        user: dev\n        api_protocol: https\n        api_host: gitlab.com\n    ssh.example.com:\n        token: two\n        api_host: git.example.com:3443\n        is_oauth2: \"true\"\n    plain.example.com:\n        token: three\n        api_protocol: http\n    ring.example.com:\n        use_keyring: \"true\"\n        token: \"\"\n";
        let hosts = read(text).unwrap_or_else(|e| panic!("{e}"));
        let shown: Vec<_> = hosts
            .entries
            .iter()
            .map(|entry| (entry.address.as_str(), entry.user.as_deref(), entry.oauth, entry.token.as_str()))
            .collect();
        assert_eq!(
            shown,
            [
                ("https://gitlab.com", Some("dev"), false, "one"),
                ("https://git.example.com:3443", None, true, "two"),
                ("http://plain.example.com", None, false, "three"),
            ]
        );
        assert_eq!(hosts.elsewhere, ["ring.example.com"]);
    }
}
