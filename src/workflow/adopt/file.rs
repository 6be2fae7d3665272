//! Reading somebody else's file, and cutting pieces out of what was read.

use std::ops::Range;
use std::path::Path;

use zeroize::Zeroizing;

use super::scan::Unread;
use crate::files;

/// Far more than any of these files has; what is larger is not read.
pub(super) const LIMIT: u64 = 1024 * 1024;

/// Nobody has so many passwords in a file. What stands behind them is not looked at: each is compared with all others.
pub(super) const MOST: usize = 1_000;

/// The first of a file's entries; that there are more is noted.
pub(super) fn first<T>(mut entries: Vec<T>, path: &Path, unread: &mut Vec<Unread>) -> Vec<T> {
    if entries.len() > MOST {
        entries.truncate(MOST);
        unread.push(Unread { path: path.to_owned(), why: format!("only its first {MOST} entries were looked at") });
    }
    entries
}

/// The text of a file; nothing if there is no such file. What cannot be read is noted.
pub(super) fn text(path: &Path, unread: &mut Vec<Unread>) -> Option<Zeroizing<String>> {
    let why = match files::read(path, LIMIT) {
        Ok(None) => return None,
        Ok(Some(bytes)) => match std::str::from_utf8(&bytes) {
            Ok(text) => return Some(Zeroizing::new(text.to_owned())),
            Err(_) => "it is not text".to_owned(),
        },
        Err(e) => match e.io_kind() {
            Some(kind) => kind.to_string(),
            None => "it is too large, or no regular file".to_owned(),
        },
    };
    unread.push(Unread { path: path.to_owned(), why });
    None
}

/// A text without some pieces of it, which are in order and do not overlap; nothing if they are not.
pub(super) fn without(text: &str, cuts: &[Range<usize>]) -> Option<String> {
    let mut left = String::with_capacity(text.len());
    let mut from = 0;
    for cut in cuts {
        left.push_str(text.get(from..cut.start)?);
        text.get(cut.start..cut.end)?;
        from = cut.end;
    }
    left.push_str(text.get(from..)?);
    Some(left)
}

/// The number of the line that a byte is on; the first is 1.
pub(super) fn line_of(text: &str, at: usize) -> usize {
    text.get(..at).unwrap_or(text).matches('\n').count() + 1
}
