//! `recipients.txt`: to whom the secrets of the store `file` are encrypted. One public key of age a
//! line, `#` begins a comment; made for people to read and to edit.

use std::path::{Path, PathBuf};
use std::time::Duration;

use age::x25519;

use crate::files::{self, Lock};

use super::StoreError;

/// The longest list that is read.
const LONGEST_LIST: u64 = 256 * 1024;

/// How long another process may take to write its own line.
pub(super) const LOCK_PATIENCE: Duration = Duration::from_secs(10);

/// What stands above a new list.
const HEADING: &str = "# Who can read the secrets in this folder: one public key of age a line.\n\
                       # A new line counts for secrets that are kept from then on.\n";

/// One public key, as text and as what age takes.
#[derive(Clone)]
pub(super) struct Listed {
    /// `age1…`
    pub text: String,
    /// The key itself.
    pub key: x25519::Recipient,
}

/// Where the list is.
pub(super) fn path(folder: &Path) -> PathBuf {
    folder.join("recipients.txt")
}

/// The lock that whoever changes the list or makes an identity holds.
pub(super) fn lock(folder: &Path) -> Result<Lock, StoreError> {
    Ok(Lock::acquire(&folder.join(".lock"), LOCK_PATIENCE)?)
}

/// Reads one public key.
pub(super) fn parse(text: &str) -> Result<Listed, StoreError> {
    let text = text.trim();
    match text.parse() {
        Ok(key) => Ok(Listed { text: text.to_owned(), key }),
        Err(_) => Err(StoreError::BadRecipient { given: harmless(text) }),
    }
}

/// The list; empty if there is none.
pub(super) fn read(folder: &Path) -> Result<Vec<Listed>, StoreError> {
    lines(&content(folder)?).map(parse).collect()
}

/// Adds what is not listed yet. Whoever else changes the list at the same time is waited for.
pub(super) fn add(folder: &Path, wanted: &[Listed]) -> Result<Vec<Listed>, StoreError> {
    let _lock = lock(folder)?;
    let mut content = content(folder)?;
    let mut listed: Vec<Listed> = lines(&content).map(parse).collect::<Result<_, _>>()?;
    if content.is_empty() {
        content.push_str(HEADING);
    } else if !content.ends_with('\n') {
        content.push('\n');
    }
    for new in wanted {
        if !contains(&listed, &new.text) {
            content.push_str(&new.text);
            content.push('\n');
            listed.push(new.clone());
        }
    }
    files::replace(&path(folder), content.as_bytes())?;
    Ok(listed)
}

/// Whether a public key is listed.
pub(super) fn contains(listed: &[Listed], text: &str) -> bool {
    listed.iter().any(|one| one.text == text)
}

fn content(folder: &Path) -> Result<String, StoreError> {
    let path = path(folder);
    let bytes = files::read(&path, LONGEST_LIST)?.unwrap_or_default();
    String::from_utf8(bytes.to_vec()).map_err(|_| StoreError::Damaged { path })
}

fn lines(content: &str) -> impl Iterator<Item = &str> {
    content.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// What may be shown of something that is no public key: of a private one, or of anything that does
/// not even begin like a public one, nothing.
fn harmless(text: &str) -> String {
    let public = text.starts_with("age1") && text.len() < 128 && text.bytes().all(|b| b.is_ascii_alphanumeric());
    if public { text.to_owned() } else { "…".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public() -> String {
        x25519::Identity::generate().to_public().to_string()
    }

    #[test]
    fn comments_stay_and_nobody_is_listed_twice() {
        let home = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
        let (one, two) = (public(), public());
        files::replace(
            &path(home.path()),
            format!("# the team\n\n  {one}  # not a comment").replace("  # not a comment", "").as_bytes(),
        )
        .unwrap_or_else(|e| panic!("{e}"));
        let wanted: Vec<Listed> = [&one, &two].into_iter().filter_map(|text| parse(text).ok()).collect();
        add(home.path(), &wanted).unwrap_or_else(|e| panic!("{e}"));
        add(home.path(), &wanted).unwrap_or_else(|e| panic!("{e}"));
        let content = content(home.path()).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(content, format!("# the team\n\n  {one}\n{two}\n"));
    }

    #[test]
    fn a_private_key_given_by_mistake_is_not_repeated() {
        let error = parse("AGE-SECRET-KEY-1GQ9778VQXMMJVE8SK7J6VT8UJ4HDQAJUVSFCWCM02D8GEWQ72PVQ2Y5J33").err();
        assert!(!format!("{error:?}").contains("GQ97"), "{error:?}");
        assert!(matches!(parse("age1nonsense"), Err(StoreError::BadRecipient { given }) if given == "age1nonsense"));
    }
}
