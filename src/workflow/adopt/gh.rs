//! gh's `hosts.yml`: under each host `oauth_token`, and since gh 2.40 `users` with one each; in the keyring where the
//! file has none (gh's documentation, "gh auth login"; the file's form is that of gh 2.23 and 2.40 themselves).

use std::collections::BTreeSet;
use std::ops::Range;

use zeroize::Zeroizing;

use super::yaml::scalars;

/// A token in the file.
pub(super) struct Entry {
    pub host: String,
    pub user: Option<String>,
    pub token: Zeroizing<String>,
    pub line: usize,
    pub cut: Option<Range<usize>>,
}

/// What the file says.
#[derive(Default)]
pub(super) struct Hosts {
    pub entries: Vec<Entry>,
    /// Accounts whose token is not in the file: the host, the login, and whether gh tells several accounts apart there.
    pub elsewhere: Vec<(String, String, bool)>,
}

/// Reads the file.
///
/// # Errors
/// Why it does not read, without a piece of it.
pub(super) fn read(text: &str) -> Result<Hosts, String> {
    let all = scalars(text)?;
    let active = |host: &str| {
        let user = all.iter().find(|scalar| scalar.keys() == [host, "user"]).map(|scalar| scalar.value.to_string());
        user.and_then(|user| super::userinfo::name(&user))
    };
    let mut hosts = Hosts::default();
    let mut accounts: BTreeSet<(String, String, bool)> = BTreeSet::new();
    for scalar in &all {
        let (host, user) = match scalar.keys().as_slice() {
            [host, "oauth_token"] => (*host, active(host)),
            [host, "users", user, "oauth_token"] => (*host, Some((*user).to_owned())),
            [host, "users", user] | [host, "users", user, ..] => {
                let _ = accounts.insert(((*host).to_owned(), (*user).to_owned(), true));
                continue;
            }
            [host, "user"] => {
                let single = active(host).map(|user| ((*host).to_owned(), user, false));
                accounts.extend(single);
                continue;
            }
            _ => continue,
        };
        if !scalar.value.is_empty() {
            let (host, token, cut) = (host.to_owned(), scalar.value.clone(), scalar.whole_line.clone());
            hosts.entries.push(Entry { host, user, token, line: scalar.line, cut });
        }
    }
    let has = |host: &str, user: &str| {
        hosts.entries.iter().any(|entry| entry.host == host && entry.user.as_deref().is_none_or(|known| known == user))
    };
    let several: BTreeSet<String> = accounts.iter().filter(|(.., many)| *many).map(|(host, ..)| host.clone()).collect();
    hosts.elsewhere = accounts
        .into_iter()
        .filter(|(host, user, many)| !has(host, user) && (*many || !several.contains(host)))
        .collect();
    Ok(hosts)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Tokens = Vec<(String, Option<String>, String)>;

    fn shown(text: &str) -> (Tokens, Vec<(String, String, bool)>) {
        let hosts = read(text).unwrap_or_else(|e| panic!("{e}"));
        (
            hosts.entries.into_iter().map(|entry| (entry.host, entry.user, entry.token.to_string())).collect(),
            hosts.elsewhere,
        )
    }

    #[test]
    fn before_and_since_several_accounts() {
        let (old, elsewhere) = shown(
            "github.com:\n    user: octocat\n    oauth_token: one\nghe.example.com:\n    user: x-access-token\n    oauth_token: two\n",
        );
        let own =
            |host: &str, user: Option<&str>, token: &str| (host.to_owned(), user.map(str::to_owned), token.to_owned());
        assert_eq!(old, [own("github.com", Some("octocat"), "one"), own("ghe.example.com", None, "two")]);
        assert_eq!(elsewhere, []);
        let (new, elsewhere) = shown(
            "github.com:\n    users:\n        a:\n            oauth_token: one\n        b:\n    oauth_token: one\n    user: a\n",
        );
        assert_eq!(new, [own("github.com", Some("a"), "one"), own("github.com", Some("a"), "one")]);
        assert_eq!(elsewhere, [("github.com".to_owned(), "b".to_owned(), true)]);
        let (none, elsewhere) = shown("github.com:\n    user: octocat\n    git_protocol: ssh\n");
        assert_eq!(none, []);
        assert_eq!(elsewhere, [("github.com".to_owned(), "octocat".to_owned(), false)]);
        assert_eq!(shown(""), (Vec::new(), Vec::new()));
    }
}
