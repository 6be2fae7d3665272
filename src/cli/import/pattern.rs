//! `--branch-regex`: what no regular expression can be is refused before anything is made.
//!
//! GitLab takes RE2 (<https://github.com/google/re2/wiki/Syntax>) and looks at the pattern only when the mirror is set up,
//! with the project made already; there is no request by which it could be asked before. So this looks at what RE2 never
//! takes, and at nothing else: brackets that do not match, repetitions of nothing, a backslash at the end, look-around
//! and back-references. What remains is GitLab's to judge.

use std::iter::Peekable;
use std::str::Chars;

const UNCLOSED_CLASS: &str = "a `[` in it is never closed";

/// A pattern as it is typed.
pub(super) fn branches(text: &str) -> Result<String, &'static str> {
    if text.is_empty() {
        return Err("it is empty; without the flag all branches are mirrored");
    }
    if crate::model::text::begins_like_a_token(text) {
        return Err("that is no pattern of branches");
    }
    looked_at(text)?;
    Ok(text.to_owned())
}

/// What stands before a place, as far as it matters to a repetition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Before {
    Nothing,
    Something,
    Repetition,
    /// `*?`
    Lazy,
}

fn looked_at(text: &str) -> Result<(), &'static str> {
    let (mut rest, mut open, mut before) = (text.chars().peekable(), 0_u32, Before::Nothing);
    while let Some(letter) = rest.next() {
        before = match letter {
            '\\' => escaped(&mut rest)?,
            '[' => class(&mut rest)?,
            '(' => {
                group(&mut rest)?;
                open += 1;
                Before::Nothing
            }
            ')' => {
                open = open.checked_sub(1).ok_or("a `)` in it closes nothing")?;
                Before::Something
            }
            '|' => Before::Nothing,
            '*' | '+' | '?' => repeated(letter, before)?,
            _ => Before::Something,
        };
    }
    if open > 0 { Err("a `(` in it is never closed") } else { Ok(()) }
}

fn repeated(letter: char, before: Before) -> Result<Before, &'static str> {
    match (before, letter) {
        (Before::Nothing, _) => Err("a `*`, `+` or `?` in it repeats nothing; `.*` matches anything"),
        (Before::Something, _) => Ok(Before::Repetition),
        (Before::Repetition, '?') => Ok(Before::Lazy),
        (Before::Repetition | Before::Lazy, _) => Err("a repetition in it is repeated; `.*` matches anything"),
    }
}

/// Behind a backslash.
fn escaped(rest: &mut Peekable<Chars<'_>>) -> Result<Before, &'static str> {
    match rest.next() {
        None => Err("it ends with a `\\`"),
        Some('Q') => {
            // Up to `\E`, or the end, all stands for itself.
            let mut last = ' ';
            for letter in rest.by_ref() {
                if (last, letter) == ('\\', 'E') {
                    break;
                }
                last = letter;
            }
            Ok(Before::Something)
        }
        // With another digit it is a character in octal.
        Some('1'..='9') if !rest.peek().is_some_and(char::is_ascii_digit) => Err("RE2 has no back-references"),
        Some(_) => Ok(Before::Something),
    }
}

/// Behind a `[`. A `]` at its beginning stands for itself.
fn class(rest: &mut Peekable<Chars<'_>>) -> Result<Before, &'static str> {
    let _ = rest.next_if_eq(&'^');
    let _ = rest.next_if_eq(&']');
    loop {
        match rest.next().ok_or(UNCLOSED_CLASS)? {
            ']' => return Ok(Before::Something),
            '\\' => {
                let _: char = rest.next().ok_or(UNCLOSED_CLASS)?;
            }
            // `[:alpha:]`; a `[` alone stands for itself.
            '[' if rest.peek() == Some(&':') => {
                let mut ahead =
                    rest.clone().skip(1).skip_while(|letter| *letter == '^' || letter.is_ascii_alphabetic());
                if (ahead.next(), ahead.next()) == (Some(':'), Some(']')) {
                    rest.by_ref().find(|letter| *letter == ']').ok_or(UNCLOSED_CLASS)?;
                }
            }
            _ => {}
        }
    }
}

/// Behind a `(`: `?:`, `?i`, `?P<name>` belong to it.
fn group(rest: &mut Peekable<Chars<'_>>) -> Result<(), &'static str> {
    const AROUND: &str = "RE2 has no look-around";
    if rest.next_if_eq(&'?').is_none() {
        return Ok(());
    }
    let named = rest.clone().nth(1).is_some_and(|second| !matches!(second, '=' | '!'));
    match rest.peek() {
        Some('=' | '!') => Err(AROUND),
        Some('<') if !named => Err(AROUND),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_re2_takes_goes_through() {
        for good in [
            "main",
            "^main$",
            "^(main|release/.*)$",
            "release-[0-9]+(?:\\.[0-9]+)*",
            "(?i)MAIN",
            "(?P<name>x)",
            "(?<name>x)",
            "[[:alpha:]]+",
            "[^]]",
            "[]a]",
            "[[a]",
            "[(]",
            "\\Q(\\E",
            "\\(",
            "a{2,3}?",
            "a{",
            "x*?",
            "(|a)",
            "\\123",
            "^*",
            "()",
            "\\pL+",
            "\\d+",
            "ä.*",
        ] {
            assert_eq!(branches(good).as_deref(), Ok(good));
        }
    }

    #[test]
    fn what_nothing_takes_does_not() {
        for bad in [
            "",
            "(",
            ")",
            "a)(",
            "[",
            "[a",
            "[^]",
            "[\\]",
            "[[:alpha:]",
            "*",
            "+a",
            "?",
            "(*)",
            "a|*",
            "feature/**",
            "a+*",
            "a*??",
            "\\",
            "a\\",
            "(?=a)",
            "(?!a)",
            "(?<=a)",
            "(?<!a)",
            "(a)\\1",
            "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
        ] {
            assert!(branches(bad).is_err(), "{bad}");
        }
    }
}
