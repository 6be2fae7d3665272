//! gh and glab keep their hosts in YAML. The parser is a library's; here is what is wanted of it: every scalar with the
//! keys that lead to it, and the line that it stands on, so that exactly that line can be taken out.

use std::ops::Range;

use saphyr_parser::{Event, Marker, Parser};
use zeroize::Zeroizing;

/// Nothing that is wanted is deeper; what is, is passed over.
const DEEPEST: usize = 8;

/// No tool writes so many values; with more, somebody wants to see how long it takes.
const MOST: usize = 2_000;

/// No key that is wanted is longer. Each value has its own copies of the keys that lead to it.
const LONGEST_KEY: usize = 300;

/// A value, and where it stands.
pub(super) struct Scalar {
    /// The keys that lead to it.
    pub path: Vec<String>,
    /// The text.
    pub value: Zeroizing<String>,
    /// The line of its key; the first is 1.
    pub line: usize,
    /// The bytes of the line, if there is nothing else on it: key, value, perhaps a comment.
    pub whole_line: Option<Range<usize>>,
}

impl Scalar {
    /// The keys that lead to it, to be matched.
    pub fn keys(&self) -> Vec<&str> {
        self.path.iter().map(String::as_str).collect()
    }
}

/// What is open around the event at hand.
struct Frame {
    /// The key whose value comes next, and where it stands; nothing where a key comes next.
    key: Option<(String, Marker)>,
    mapping: bool,
    /// It is itself a key, which only YAML would think of.
    is_key: bool,
}

/// All scalars of the first document, as far as they are not buried too deep.
///
/// # Errors
/// What is wrong with the text, in words, without a piece of it.
pub(super) fn scalars(text: &str) -> Result<Vec<Scalar>, String> {
    let lines = line_starts(text);
    let mut found = Vec::new();
    let mut open: Vec<Frame> = Vec::new();
    let mut parser = Parser::new_from_str(text);
    while let Some(next) = parser.next_event() {
        let (event, span) = next.map_err(|e| format!("line {} is no YAML", e.marker().line()))?;
        match event {
            Event::Scalar(value, ..) => {
                let value = Zeroizing::new(value.into_owned());
                let depth = open.len();
                match open.last_mut() {
                    Some(frame) if frame.mapping && frame.key.is_none() => {
                        let key = if value.len() <= LONGEST_KEY { value.to_string() } else { String::new() };
                        frame.key = Some((key, span.start));
                    }
                    Some(_) if depth <= DEEPEST => {
                        let whole_line = whole_line(text, &lines, open.last(), span.end);
                        let line =
                            open.last().and_then(|frame| frame.key.as_ref()).map_or(span.start, |key| key.1).line();
                        let path =
                            open.iter().filter_map(|frame| frame.key.as_ref().map(|key| key.0.clone())).collect();
                        if found.len() >= MOST {
                            return Err(format!("it has more than {MOST} values"));
                        }
                        found.push(Scalar { path, value, line, whole_line });
                        value_ends(&mut open);
                    }
                    _ => value_ends(&mut open),
                }
            }
            Event::Alias(_) => match open.last_mut() {
                Some(frame) if frame.mapping && frame.key.is_none() => frame.key = Some((String::new(), span.start)),
                _ => value_ends(&mut open),
            },
            Event::MappingStart(..) | Event::SequenceStart(..) => {
                let is_key = open.last().is_some_and(|frame| frame.mapping && frame.key.is_none());
                open.push(Frame { key: None, mapping: matches!(event, Event::MappingStart(..)), is_key });
            }
            Event::MappingEnd | Event::SequenceEnd => match open.pop() {
                Some(Frame { is_key: true, .. }) => {
                    open.iter_mut()
                        .next_back()
                        .into_iter()
                        .for_each(|frame| frame.key = Some((String::new(), span.end)));
                }
                _ => value_ends(&mut open),
            },
            Event::DocumentEnd => break,
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) => {}
        }
    }
    Ok(found)
}

/// In a mapping a key comes next.
fn value_ends(open: &mut [Frame]) {
    if let Some(frame) = open.last_mut().filter(|frame| frame.mapping) {
        frame.key = None;
    }
}

/// A text without some of its lines, if that is what is left then: all other values where they were, and nothing in place of the
/// ones that went.
pub(super) fn without(text: &str, cuts: &[Range<usize>]) -> Option<Zeroizing<String>> {
    let left = Zeroizing::new(super::file::without(text, cuts)?);
    let gone = |scalar: &Scalar| scalar.whole_line.as_ref().is_some_and(|line| cuts.contains(line));
    let before = scalars(text).ok()?;
    let after = scalars(&left).ok()?;
    // A mapping whose only entry went is an empty scalar now.
    let empty = |scalar: &&Scalar| {
        scalar.value.is_empty() && before.iter().any(|old| gone(old) && old.path.starts_with(&scalar.path))
    };
    let rest: Vec<&Scalar> = after.iter().filter(|scalar| !empty(scalar)).collect();
    let wanted: Vec<&Scalar> = before.iter().filter(|scalar| !gone(scalar)).collect();
    let same = rest.len() == wanted.len()
        && rest.iter().zip(&wanted).all(|(new, old)| new.path == old.path && new.value == old.value);
    same.then_some(left)
}

/// Where each line begins.
fn line_starts(text: &str) -> Vec<usize> {
    std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect()
}

/// The line that a pair has to itself, line break included.
fn whole_line(text: &str, lines: &[usize], frame: Option<&Frame>, end: Marker) -> Option<Range<usize>> {
    let (_, start) = frame?.key.as_ref()?;
    if start.line() != end.line() {
        return None;
    }
    let from = *lines.get(start.line().checked_sub(1)?)?;
    let to = lines.get(start.line()).copied().unwrap_or(text.len());
    let line = text.get(from..to)?;
    let mut characters = line.chars();
    let before_is_blank = characters.by_ref().take(start.col()).all(|c| c == ' ');
    let rest: String = line.chars().skip(end.col()).collect();
    let rest = rest.trim();
    (before_is_blank && (rest.is_empty() || rest.starts_with('#')) && !line.trim_end().contains('\r'))
        .then_some(from..to)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(text: &str) -> Vec<(String, String, usize, Option<&str>)> {
        let all = scalars(text).unwrap_or_else(|e| panic!("{e}"));
        all.into_iter()
            .map(|scalar| {
                (
                    scalar.path.join("/"),
                    scalar.value.to_string(),
                    scalar.line,
                    scalar.whole_line.and_then(|line| text.get(line)),
                )
            })
            .collect()
    }

    #[test]
    fn keys_that_lead_to_a_value_and_its_line() {
        let text = "# x\na.b:\n    c: 1 # one\n    \"d\": 'it''s'\n    e: !!null t\nf: {g: 2}\nh:\n  - i\n  - j: 3\nk: |\n  long\n";
        let found = shown(text);
        let lines: Vec<_> =
            found.iter().map(|(path, value, line, whole)| (path.as_str(), value.as_str(), *line, *whole)).collect();
        assert_eq!(
            lines,
            [
                ("a.b/c", "1", 3, Some("    c: 1 # one\n")),
                ("a.b/d", "it's", 4, Some("    \"d\": 'it''s'\n")),
                ("a.b/e", "t", 5, Some("    e: !!null t\n")),
                ("f/g", "2", 6, None),
                ("h", "i", 8, None),
                ("h/j", "3", 9, None),
                ("k", "long\n", 10, None),
            ]
        );
    }

    #[test]
    fn a_line_is_taken_out_only_where_nothing_else_changes() {
        let text = "h:\n    u:\n        t: x\n    user: u\n    t: x\n";
        let cuts: Vec<_> = scalars(text)
            .unwrap_or_default()
            .into_iter()
            .filter(|s| s.value.as_str() == "x")
            .filter_map(|s| s.whole_line)
            .collect();
        assert_eq!(without(text, &cuts).as_deref().map(String::as_str), Some("h:\n    u:\n    user: u\n"));
        // Somebody refers to it.
        let text = "a:\n  t: &x y\nb: *x\n";
        let cut = scalars(text).unwrap_or_default().remove(0).whole_line.unwrap_or_default();
        assert!(without(text, &[cut]).is_none());
    }

    #[test]
    fn depth_costs_nothing() {
        let deep = "{a: ".repeat(20_000);
        let _ = scalars(&deep);
        let _ = scalars(&"[".repeat(20_000));
    }

    #[test]
    fn no_more_than_any_tool_writes() {
        let host = |number: usize| format!("h{number}:\n  oauth_token: t{number}\n");
        let many = |count: usize| (0..count).map(host).collect::<String>();
        assert_eq!(scalars(&many(MOST)).map(|all| all.len()).ok(), Some(MOST));
        assert!(scalars(&many(MOST + 1)).is_err());
        // One long key for many values.
        let long = format!("? {}\n: [{}]\n", "k".repeat(500_000), "a, ".repeat(MOST));
        let all = scalars(&long).unwrap_or_else(|e| panic!("{e}"));
        assert!(all.iter().all(|scalar| scalar.path.concat().len() <= LONGEST_KEY));
    }

    proptest! {
        /// Nothing breaks, and no error has a piece of the text in it.
        #[test]
        fn any_text(text in "([a-c]: |- |\n|  |\"|'|\\{|\\}|\\[|\\]|&x |\\*x|!!null |#|\t|ä|SECRET){0,40}") {
            match scalars(&text) {
                Ok(all) => {
                    for scalar in all {
                        if let Some(line) = scalar.whole_line {
                            prop_assert!(text.get(line.clone()).is_some_and(|line| line.contains(':')));
                            let _ = without(&text, &[line]);
                        }
                    }
                }
                Err(why) => prop_assert!(!why.contains("SECRET")),
            }
        }
    }
}
