//! Loose objects: `type size NUL content`, named by its SHA-1, deflated, one file each.
//!
//! Source: git's "Git Internals – Git Objects" and `gitformat-loose`.

use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use sha1::{Digest as _, Sha1};

/// What an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Blob,
    Tree,
    Commit,
    Tag,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Blob => "blob",
            Self::Tree => "tree",
            Self::Commit => "commit",
            Self::Tag => "tag",
        }
    }

    fn named(name: &[u8]) -> Option<Self> {
        [Self::Blob, Self::Tree, Self::Commit, Self::Tag].into_iter().find(|kind| kind.name().as_bytes() == name)
    }
}

/// Forty hexadecimal digits, in lower case.
pub(super) fn is_name(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Bytes as hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn file(folder: &Path, name: &str) -> PathBuf {
    folder.join("objects").join(&name[..2]).join(&name[2..])
}

/// What is wrong with a repository that git itself would not read.
pub(super) fn broken(what: impl std::fmt::Display) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("git repository: {what}"))
}

/// Writes an object, unless it is there, and tells its name.
pub(super) fn write(folder: &Path, kind: Kind, content: &[u8]) -> io::Result<String> {
    let header = format!("{} {}\0", kind.name(), content.len());
    let name = hex(&Sha1::new().chain_update(&header).chain_update(content).finalize());
    let file = file(folder, &name);
    if file.exists() {
        return Ok(name);
    }
    let above = file.parent().unwrap_or(folder);
    std::fs::create_dir_all(above)?;
    let mut deflated = ZlibEncoder::new(tempfile::NamedTempFile::new_in(above)?, Compression::fast());
    deflated.write_all(header.as_bytes())?;
    deflated.write_all(content)?;
    deflated.finish()?.persist(file)?;
    Ok(name)
}

/// Reads an object; `None` if there is none of that name.
pub(super) fn read(folder: &Path, name: &str) -> io::Result<Option<(Kind, Vec<u8>)>> {
    if !is_name(name) {
        return Ok(None);
    }
    let file = match std::fs::File::open(file(folder, name)) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut whole = Vec::new();
    ZlibDecoder::new(file).read_to_end(&mut whole)?;
    let end = whole.iter().position(|byte| *byte == 0).ok_or_else(|| broken("an object without a header"))?;
    let content = whole.split_off(end + 1);
    let kind = whole.split(|byte| *byte == b' ').next().and_then(Kind::named);
    Ok(Some((kind.ok_or_else(|| broken("an object of an unknown kind"))?, content)))
}

/// The same, where it must be there and of that kind.
pub(super) fn read_kind(folder: &Path, name: &str, kind: Kind) -> io::Result<Vec<u8>> {
    match read(folder, name)? {
        Some((found, content)) if found == kind => Ok(content),
        _ => Err(broken(format_args!("no {} is named {name}", kind.name()))),
    }
}
