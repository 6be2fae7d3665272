//! What a project may be called.
//!
//! Source: GitLab "Reserved project and group names" and the validators behind it.

use std::collections::BTreeMap;

use crate::gitlab::Call;
use crate::gitlab::groups::last_part;
use crate::world::gitlab::namespace_of;

const TAKEN: &str = "has already been taken";
const BAD_PATH: &str = "can contain only letters, digits, '_', '-' and '.'. Cannot start with '-', end in '.git' or \
                        end in '.atom'";
const BAD_NAME: &str = "can contain only letters, digits, emoji, '_', '.', '+', dashes, or spaces. It must start \
                        with a letter, digit, emoji, or '_'.";

/// The path that GitLab makes of a name: `My Project` becomes `my-project`.
pub(in crate::gitlab) fn path_of(name: &str) -> String {
    let mut path = String::new();
    for letter in name.chars() {
        let letter = if letter.is_ascii_alphanumeric() || letter == '_' { letter.to_ascii_lowercase() } else { '-' };
        if letter != '-' || !path.ends_with('-') {
            path.push(letter);
        }
    }
    path.trim_matches('-').to_owned()
}

fn is_path(path: &str) -> bool {
    let letters = path.chars().all(|letter| letter.is_ascii_alphanumeric() || "_-.".contains(letter));
    let special = |letter: char| "_-.".contains(letter);
    let ends = path.starts_with(special) || path.ends_with(special);
    let twice = path.as_bytes().windows(2).any(|two| two.iter().all(|letter| special(char::from(*letter))));
    letters && !ends && !twice && !path.is_empty() && !path.ends_with(".git") && !path.ends_with(".atom")
}

fn is_name(name: &str) -> bool {
    let known = |letter: char| letter.is_alphanumeric() || !letter.is_ascii() || "_.+- ".contains(letter);
    let first = |letter: char| letter.is_alphanumeric() || !letter.is_ascii() || letter == '_';
    name.starts_with(first) && name.chars().all(known)
}

/// What GitLab has against something, by attribute.
pub(in crate::gitlab) type Complaints = BTreeMap<&'static str, Vec<&'static str>>;

/// What GitLab has against a project of this name at this full path; `own` is the number of the
/// project that it is about, if there is one already.
pub(in crate::gitlab) fn complaints(
    call: &Call<'_>,
    name: &str,
    full_path: &str,
    own: Option<u64>,
) -> Option<Complaints> {
    let mut wrong = Complaints::new();
    let namespace = namespace_of(full_path);
    let others = call.gitlab.projects.iter().filter(|it| Some(it.id) != own);
    let beside = others.filter(|it| namespace_of(&it.full_path).eq_ignore_ascii_case(namespace));
    let (mut name_taken, mut path_taken) = (false, call.gitlab.group_at(full_path).is_some());
    for it in beside {
        name_taken |= it.name == name;
        path_taken |= it.full_path.eq_ignore_ascii_case(full_path);
    }
    if name_taken {
        wrong.insert("project_namespace.name", vec![TAKEN]);
        wrong.insert("name", vec![TAKEN]);
    }
    if path_taken {
        wrong.insert("path", vec![TAKEN]);
    }
    if !is_name(name) {
        wrong.entry("name").or_default().push(BAD_NAME);
    }
    if !is_path(last_part(full_path)) {
        wrong.entry("path").or_default().push(BAD_PATH);
    }
    (!wrong.is_empty()).then_some(wrong)
}

/// The same in sentences, as the importer says it.
pub(in crate::gitlab) fn sentences(complaints: &Complaints) -> String {
    let of_record = complaints.iter().filter(|(attribute, _)| !attribute.contains('.'));
    let sentences = of_record.flat_map(|(attribute, words)| {
        let (first, rest) = attribute.split_at(1);
        words.iter().map(move |words| format!("{}{rest} {words}", first.to_uppercase()))
    });
    sentences.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_paths() {
        assert_eq!(path_of("Home Assistant (Store)"), "home-assistant-store");
        assert_eq!(path_of("a_b.c"), "a_b-c");
    }

    #[test]
    fn paths_and_names_are_told_from_what_is_neither() {
        for path in ["store", "a_b-c.d", "X1"] {
            assert!(is_path(path), "{path}");
        }
        for path in ["", "-a", "a-", "a--b", "a/b", "a b", "a.git", "ü"] {
            assert!(!is_path(path), "{path}");
        }
        assert!(is_name("Größe 2 (no)".trim_end_matches(" (no)")) && !is_name("-x") && !is_name("a(b)"));
    }
}
