//! A strict reader of Prometheus' text format, as node_exporter's textfile collector takes it: prometheus.io,
//! "Exposition formats", version 0.0.4; samples with timestamps are refused there.

use std::collections::{BTreeMap, BTreeSet};

/// One sample.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    pub name: String,
    pub labels: BTreeMap<String, String>,
    pub value: f64,
}

/// Reads a page, or panics at the first thing that is not as the format wants it.
pub fn read(page: &str) -> Vec<Sample> {
    assert!(page.ends_with('\n'), "the last line has no end");
    let (mut samples, mut families, mut series) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    let mut lines = page.lines().peekable();
    while let Some(line) = lines.next() {
        let (name, help) = line.strip_prefix("# HELP ").unwrap().split_once(' ').unwrap();
        assert!(is_name(name, true), "{name}");
        assert!(!help.replace(r"\\", "").replace(r"\n", "").contains('\\'), "{help}");
        assert!(families.insert(name.to_owned()), "{name} comes twice");
        assert_eq!(lines.next(), Some(format!("# TYPE {name} gauge").as_str()));
        let before = samples.len();
        while let Some(line) = lines.next_if(|line| !line.starts_with('#')) {
            let found = sample(line);
            assert_eq!(found.name, name, "{line}");
            assert!(series.insert((found.name.clone(), found.labels.clone())), "twice: {line}");
            samples.push(found);
        }
        assert!(samples.len() > before, "{name} has no sample");
    }
    samples
}

fn sample(line: &str) -> Sample {
    let end = line.find(['{', ' ']).unwrap();
    let (name, rest) = line.split_at(end);
    assert!(is_name(name, true), "{line}");
    let mut labels = BTreeMap::new();
    let mut rest = rest;
    if let Some(inside) = rest.strip_prefix('{') {
        rest = inside;
        loop {
            let (label, after) = rest.split_once("=\"").unwrap();
            assert!(is_name(label, false) && !label.starts_with("__"), "{line}");
            let (value, after) = quoted(after);
            assert_eq!(labels.insert(label.to_owned(), value), None, "{line}");
            match after.strip_prefix(',') {
                Some(more) => rest = more,
                None => {
                    rest = after.strip_prefix('}').unwrap();
                    break;
                }
            }
        }
    }
    let value = rest.strip_prefix(' ').unwrap();
    assert!(!value.contains(' '), "a timestamp, or too much space: {line}");
    Sample { name: name.to_owned(), labels, value: value.parse().unwrap() }
}

/// A value up to its quotation mark, and what comes after.
fn quoted(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return (value, &text[at + 1..]),
            '\\' => value.push(match characters.next().unwrap().1 {
                'n' => '\n',
                same @ ('\\' | '"') => same,
                other => panic!("\\{other} is no escape"),
            }),
            other => value.push(other),
        }
    }
    panic!("no end of {text}")
}

fn is_name(name: &str, of_metric: bool) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || (of_metric && c == ':');
    name.chars().all(fits) && name.starts_with(|c: char| !c.is_ascii_digit())
}
