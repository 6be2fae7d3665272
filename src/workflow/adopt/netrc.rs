//! `.netrc`: words, separated by white space, in any number of lines (ftp(1), curl's and GNU inetutils' documentation).
//! `machine HOST`, `default`, `login NAME`, `password SECRET`, `account X`, `macdef NAME` whose text goes to the next empty line;
//! a word may be quoted, with `\` before what would end it; `#` at the beginning of a word makes the rest of the line a comment.

use std::ops::Range;

use zeroize::Zeroizing;

use super::file::MOST;

/// An entry with a password.
pub struct Entry {
    /// The host, without a port: the format has none.
    pub machine: String,
    /// The user name.
    pub login: Option<String>,
    /// The password, which may be a token.
    pub password: Zeroizing<String>,
    /// The line that it begins on; the first is 1.
    pub line: usize,
    /// Its bytes; nothing where what follows would belong to another entry if it went (`macdef`).
    pub cut: Option<Range<usize>>,
}

/// A word and where it stands.
struct Word {
    text: Zeroizing<String>,
    span: Range<usize>,
    quoted: bool,
}

/// An entry that is being read.
struct Open {
    machine: Option<String>,
    login: Option<String>,
    password: Option<Zeroizing<String>>,
    span: Range<usize>,
    has_macro: bool,
}

/// Reads a `.netrc`, as far as one entry beyond `MOST`. What it does not know it passes over, as those do who log in with it.
pub fn read(text: &str) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut open: Option<Open> = None;
    let mut at = 0;
    while let Some(word) = next(text, at).filter(|_| entries.len() <= MOST) {
        at = word.span.end;
        let begins =
            |machine| Some(Open { machine, login: None, password: None, span: word.span.clone(), has_macro: false });
        match word.text.as_str() {
            _ if word.quoted => {}
            "machine" => {
                close(text, open.take(), &mut entries);
                let name = next(text, at);
                open = begins(name.as_ref().map(|name| name.text.to_string()));
                at = reach(&mut open, name, at);
            }
            "default" => {
                close(text, open.take(), &mut entries);
                open = begins(None);
            }
            "macdef" => {
                if let Some(open) = &mut open {
                    open.has_macro = true;
                }
                at = after_macro(text, at);
            }
            key @ ("login" | "user" | "password" | "passwd" | "account") => {
                let value = next(text, at);
                if let (Some(open), Some(value)) = (&mut open, &value) {
                    match key {
                        "login" | "user" => open.login = Some(value.text.to_string()),
                        "account" => {}
                        _ => open.password = Some(value.text.clone()),
                    }
                }
                at = reach(&mut open, value, at);
            }
            _ => {}
        }
    }
    close(text, open, &mut entries);
    entries
}

/// The entry goes to the end of this word.
fn reach(open: &mut Option<Open>, word: Option<Word>, at: usize) -> usize {
    let Some(word) = word else { return at };
    if let Some(open) = open {
        open.span.end = word.span.end;
    }
    word.span.end
}

fn close(text: &str, open: Option<Open>, entries: &mut Vec<Entry>) {
    let Some(Open { machine: Some(machine), login, password: Some(password), span, has_macro }) = open else { return };
    let line = super::file::line_of(text, span.start);
    let cut = (!has_macro).then(|| whole_lines(text, span));
    entries.push(Entry { machine, login, password, line, cut });
}

/// With the blanks around it and the line break behind it, where it has its lines to itself.
fn whole_lines(text: &str, span: Range<usize>) -> Range<usize> {
    let before = text.get(..span.start).unwrap_or_default();
    let after = text.get(span.end..).unwrap_or_default();
    let begins = before.rfind('\n').map_or(0, |at| at + 1);
    let alone = before.get(begins..).is_some_and(|blank| blank.trim().is_empty());
    let rest = after.split_inclusive('\n').next().unwrap_or_default();
    if alone && rest.trim().is_empty() { begins..span.end + rest.len() } else { span }
}

/// The text of a macro ends with an empty line.
fn after_macro(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    let mut end = at;
    for (index, line) in rest.split_inclusive('\n').enumerate() {
        end += line.len();
        if index > 0 && line.trim().is_empty() {
            break;
        }
    }
    end
}

/// The next word; comments are passed over.
fn next(text: &str, mut at: usize) -> Option<Word> {
    loop {
        let rest = text.get(at..)?;
        let start = at + rest.find(|c: char| !c.is_whitespace())?;
        let rest = text.get(start..)?;
        if !rest.starts_with('#') {
            return Some(word(rest, start));
        }
        at = start + rest.find('\n')?;
    }
}

fn word(rest: &str, start: usize) -> Word {
    let quoted = rest.starts_with('"');
    let mut text = Zeroizing::new(String::with_capacity(rest.len().min(1024)));
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(usize::from(quoted)) {
        let ends = if quoted { c == '"' } else { c.is_whitespace() };
        if ends && !escaped {
            let past = if quoted { c.len_utf8() } else { 0 };
            return Word { text, span: start..start + at + past, quoted };
        }
        if quoted && c == '\\' && !escaped {
            escaped = true;
            continue;
        }
        escaped = false;
        text.push(c);
    }
    Word { text, span: start..start + rest.len(), quoted }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Shown<'a> = (String, Option<String>, String, usize, Option<&'a str>);

    fn shown(text: &str) -> Vec<Shown<'_>> {
        let cut = |cut: Option<Range<usize>>| cut.and_then(|cut| text.get(cut));
        let entry = |entry: Entry| (entry.machine, entry.login, entry.password.to_string(), entry.line, cut(entry.cut));
        read(text).into_iter().map(entry).collect()
    }

    #[test]
    fn as_people_and_programs_write_it() {
        let one = |text: &str| {
            shown(text).into_iter().next().map(|(machine, login, password, ..)| (machine, login, password))
        };
        let wanted = Some(("h".to_owned(), Some("me".to_owned()), "p w".to_owned()));
        assert_eq!(one("machine h login me password \"p w\"\n"), wanted);
        assert_eq!(one("machine h\n\tlogin me\n\tpassword \"p\\ w\""), wanted);
        assert_eq!(
            one("# machine x login y password z\nmachine h # of work\naccount a login me password \"p w\""),
            wanted
        );
        let quoted = Some(("h".to_owned(), None, "a\"b".to_owned()));
        assert_eq!(one("machine h password \"a\\\"b\""), quoted);
        for none in [
            "",
            "machine",
            "machine h",
            "machine h login x",
            "default login x password y",
            "password z",
            "machine h password",
        ] {
            assert_eq!(one(none), None, "{none}");
        }
    }

    #[test]
    fn what_goes_with_an_entry() {
        let text = "machine a login x password 1\n  machine b\n  login y\n  password 2 \n# of c\nmachine c password 3 machine d password 4\n";
        let cuts: Vec<_> = shown(text).into_iter().map(|(machine, _, _, line, cut)| (machine, line, cut)).collect();
        assert_eq!(
            cuts,
            [
                ("a".to_owned(), 1, Some("machine a login x password 1\n")),
                ("b".to_owned(), 2, Some("  machine b\n  login y\n  password 2 \n")),
                ("c".to_owned(), 6, Some("machine c password 3")),
                ("d".to_owned(), 6, Some("machine d password 4")),
            ]
        );
    }

    #[test]
    fn a_macro_is_text_and_belongs_to_its_machine() {
        let text = "machine a password 1\nmacdef init\nmachine no password no\n\nmachine b password 2\n";
        let found: Vec<_> = shown(text).into_iter().map(|(machine, .., cut)| (machine, cut.is_some())).collect();
        assert_eq!(found, [("a".to_owned(), false), ("b".to_owned(), true)]);
    }

    proptest! {
        /// Whatever stands there: what is cut out is an entry, and the others are read as before.
        #[test]
        fn without_an_entry_the_others_stay(text in "(machine|login|password|default|macdef|#|\"|\\\\|a|b| |\n|ä){0,40}") {
            let entries = read(&text);
            for (index, entry) in entries.iter().enumerate() {
                let Some(cut) = entry.cut.clone() else { continue };
                let piece = text.get(cut.clone()).map(str::trim_start);
                prop_assert!(piece.is_some_and(|piece| piece.starts_with("machine")));
                let Some(left) = super::super::file::without(&text, std::slice::from_ref(&cut)) else { return Err(TestCaseError::fail("no boundary")) };
                // A piece cut out of the middle of a line may join its neighbours; a whole line never does.
                if text.get(..cut.start).is_none_or(|before| before.is_empty() || before.ends_with('\n')) && text.get(..cut.end).is_some_and(|piece| piece.ends_with('\n')) {
                    let others: Vec<_> = entries.iter().enumerate().filter(|(other, _)| *other != index).map(|(_, entry)| entry.password.to_string()).collect();
                    let now: Vec<_> = read(&left).into_iter().map(|entry| entry.password.to_string()).collect();
                    prop_assert_eq!(now, others);
                }
            }
        }

        #[test]
        fn what_is_written_is_read(machine in "[a-z.]{1,12}", login in "[!-~]{1,12}", password in "[ -~]{1,20}") {
            let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
            let text = format!("machine {machine} login {} password {}\n", quoted(&login), quoted(&password));
            let found = read(&text);
            prop_assert_eq!(found.len(), 1);
            prop_assert_eq!(found[0].login.as_deref(), Some(login.as_str()));
            prop_assert_eq!(found[0].password.as_str(), password.as_str());
        }
    }
}
