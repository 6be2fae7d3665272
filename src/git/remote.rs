//! The remote of the folder one stands in.
//!
//! `git ls-remote --get-url` (git-ls-remote(1)) names the remote that a `git fetch` without arguments would go to, with
//! `url.<base>.insteadOf` applied, and talks to nobody. Where there is none such, `git remote --verbose` has them all.

use std::time::Duration;

use zeroize::Zeroizing;

use super::Git;

/// It reads a few files; a folder on a network that is gone must not hold anybody up.
const PATIENCE: Duration = Duration::from_secs(3);

/// The addresses of the remotes, the one that git would take by itself first; as git has them, which may be with a
/// password inside. None outside a repository, and when git does not answer in time.
pub fn addresses(git: Git) -> Vec<Zeroizing<String>> {
    let git = git.within(PATIENCE);
    let first = ask(&git, &["ls-remote", "--get-url"]).and_then(|text| address(text.trim()));
    match first {
        Some(first) => vec![first],
        None => ask(&git, &["remote", "--verbose"]).map(|listed| fetched(&listed)).unwrap_or_default(),
    }
}

/// `NAME<tab>ADDRESS (fetch)`, with ` [FILTER]` behind it in a partial clone.
fn fetched(listed: &str) -> Vec<Zeroizing<String>> {
    let lines = listed.lines().filter_map(|line| line.split_once('\t')?.1.rsplit_once(" (fetch)"));
    lines.filter_map(|(text, _)| address(text)).collect()
}

fn address(text: &str) -> Option<Zeroizing<String>> {
    (!text.is_empty()).then(|| Zeroizing::new(text.to_owned()))
}

/// What git prints; nothing if it fails.
fn ask(git: &Git, arguments: &[&str]) -> Option<Zeroizing<String>> {
    let said = git.done(arguments).ok()?;
    std::str::from_utf8(&said.out).ok().map(|text| Zeroizing::new(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_that_are_fetched_from_also_in_a_partial_clone() {
        let listed = "a\thttps://h/a (fetch)\na\thttps://h/push (push)\nb\tgit@h:b (fetch) [blob:none]\nc\t (fetch)\n";
        let found: Vec<String> = fetched(listed).iter().map(|text| text.to_string()).collect();
        assert_eq!(found, ["https://h/a", "git@h:b"]);
    }
}
