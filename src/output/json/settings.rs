//! `connect config`, and what `connect store use` chose.

use std::path::Path;

use serde::Serialize;

/// One choice.
#[derive(Debug, Serialize)]
pub struct Setting<'a> {
    /// Its key in `config.toml`.
    pub key: &'a str,
    /// What counts.
    pub value: &'a str,
    /// `config` or `built-in`.
    pub source: &'a str,
}

/// All choices.
#[derive(Debug, Serialize)]
pub struct Settings<'a> {
    /// Where they are.
    pub path: &'a Path,
    /// One object a key.
    pub settings: Vec<Setting<'a>>,
    /// Keys that this version does not know.
    pub unknown: &'a [String],
}
