//! Files that only grow, line by line: the history. A line is written at once and synced; what a crash leaves
//! of one is found by its missing line break.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use super::permissions::{private_options, without_waiting};
use super::{FileError, failed, private_dir};

/// Adds bytes to the end of a file with one write, and syncs it. The file is made (0600) when it is missing.
/// Whoever calls holds a [`Lock`](super::Lock): two appends at once would mix.
///
/// # Errors
/// [`FileError::Io`]; the file is then as long as it was, if the system still lets it be cut. [`FileError::NotAFile`].
pub fn append(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    private_dir(folder)?;
    refuse_what_is_no_file(path)?;
    let file = private_options().create(true).append(true).open(path).map_err(failed("write", path))?;
    let before = added(file, path, bytes)?;
    if before == 0 {
        super::folder::sync(folder);
    }
    Ok(())
}

/// As [`append`], to a file that must be there.
///
/// # Errors
/// As [`append`].
pub fn add(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    refuse_what_is_no_file(path)?;
    let file = private_options().append(true).open(path).map_err(failed("write", path))?;
    added(file, path, bytes).map(drop)
}

/// Gives how long the file was.
fn added(mut file: File, path: &Path, bytes: &[u8]) -> Result<u64, FileError> {
    let before = file.metadata().map_err(failed("write", path))?.len();
    let written = file
        .write(bytes)
        .and_then(|count| if count == bytes.len() { file.sync_all() } else { Err(io::ErrorKind::StorageFull.into()) });
    if let Err(e) = written {
        let _ = file.set_len(before);
        return Err(failed("write", path)(e));
    }
    Ok(before)
}

/// Cuts a file off after so many bytes, and syncs it.
///
/// # Errors
/// [`FileError::Io`].
pub fn cut(path: &Path, length: u64) -> Result<(), FileError> {
    let file = File::options().write(true).open(path).map_err(failed("cut", path))?;
    file.set_len(length).and_then(|()| file.sync_all()).map_err(failed("cut", path))
}

/// How long a file is; nothing if there is no such file.
///
/// # Errors
/// [`FileError::Io`].
pub fn length(path: &Path) -> Result<Option<u64>, FileError> {
    match std::fs::metadata(path) {
        Ok(about) => Ok(Some(about.len())),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(failed("read", path)(e)),
    }
}

/// The last bytes of a file, at most `limit` of them; none if there is no such file.
///
/// # Errors
/// [`FileError::Io`], [`FileError::NotAFile`].
pub fn tail(path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
    let Some(mut file) = opened(path)? else { return Ok(Vec::new()) };
    let mut bytes = Vec::new();
    file.seek(SeekFrom::End(0))
        .and_then(|length| file.seek(SeekFrom::Start(length.saturating_sub(limit))))
        .and_then(|_| file.take(limit).read_to_end(&mut bytes))
        .map_err(failed("read", path))?;
    Ok(bytes)
}

/// One line of a file, without its line break.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its bytes; of a line that is longer than the limit, only its beginning.
    pub bytes: Vec<u8>,
    /// Whether it ended with a line break.
    pub ended: bool,
    /// Whether it is longer than the limit.
    pub too_long: bool,
}

/// The lines of the first `length` bytes of a file, one by one, so that its size does not matter.
pub struct Lines {
    file: io::Take<BufReader<File>>,
    path: std::path::PathBuf,
    limit: usize,
}

/// Opens a file for reading its lines, each up to `limit` bytes; nothing if there is no such file.
///
/// # Errors
/// [`FileError::Io`], [`FileError::NotAFile`].
pub fn lines(path: &Path, length: u64, limit: usize) -> Result<Option<Lines>, FileError> {
    let file = opened(path)?;
    Ok(file.map(|file| Lines { file: BufReader::new(file).take(length), path: path.to_owned(), limit }))
}

/// Opens a file to read it; nothing if there is none. A pipe or a device in its place is never waited for.
fn opened(path: &Path) -> Result<Option<File>, FileError> {
    match without_waiting().open(path) {
        Ok(file) if file.metadata().map_err(failed("read", path))?.is_file() => Ok(Some(file)),
        Ok(_) => Err(FileError::NotAFile { path: path.to_owned() }),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(failed("read", path)(e)),
    }
}

fn refuse_what_is_no_file(path: &Path) -> Result<(), FileError> {
    match std::fs::metadata(path) {
        Ok(about) if !about.is_file() => Err(FileError::NotAFile { path: path.to_owned() }),
        _ => Ok(()),
    }
}

impl Lines {
    fn next_line(&mut self) -> io::Result<Option<Line>> {
        let mut line = Line { bytes: Vec::new(), ended: false, too_long: false };
        loop {
            let there = self.file.fill_buf()?;
            if there.is_empty() {
                return Ok((!line.bytes.is_empty()).then_some(line));
            }
            let end = there.iter().position(|byte| *byte == b'\n');
            let part = there.get(..end.unwrap_or(there.len())).unwrap_or_default();
            let room = self.limit.saturating_sub(line.bytes.len());
            line.too_long |= part.len() > room;
            line.bytes.extend_from_slice(part.get(..room).unwrap_or(part));
            let used = end.map_or(there.len(), |end| end + 1);
            self.file.consume(used);
            if end.is_some() {
                line.ended = true;
                return Ok(Some(line));
            }
        }
    }
}

impl Iterator for Lines {
    type Item = Result<Line, FileError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_line().map_err(failed("read", &self.path)).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_added_read_and_cut() {
        let home = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
        let path = home.path().join("state/history.jsonl");
        assert!(matches!(lines(&path, 100, 10), Ok(None)));
        assert_eq!((length(&path).ok().flatten(), tail(&path, 10).ok()), (None, Some(Vec::new())));
        for text in ["one\n", "two\n", "a line that is too long\n", "torn"] {
            append(&path, text.as_bytes()).unwrap_or_else(|e| panic!("{e}"));
        }
        let read = |length| -> Vec<(String, bool, bool)> {
            let lines = lines(&path, length, 10).ok().flatten().unwrap_or_else(|| panic!("it is there"));
            let line = |line: Line| (String::from_utf8_lossy(&line.bytes).into_owned(), line.ended, line.too_long);
            lines.filter_map(Result::ok).map(line).collect()
        };
        let line = |text: &str, ended, too_long| (text.to_owned(), ended, too_long);
        let whole = [line("one", true, false), line("two", true, false), line("a line tha", true, true)];
        assert_eq!(read(u64::MAX), [&whole[..], &[line("torn", false, false)]].concat());
        assert_eq!(read(6), [line("one", true, false), line("tw", false, false)]);
        assert_eq!(tail(&path, 6).ok(), Some(b"g\ntorn".to_vec()));
        cut(&path, 8).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(read(u64::MAX), whole[..2]);
        assert_eq!(super::super::others_may_read(&path).ok(), Some(false));
    }
}
