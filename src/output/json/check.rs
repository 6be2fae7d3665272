//! `connect check`, and what `connect github --for` and `connect gitlab --for` have of it.

use serde::Serialize;

use crate::model::place::role_word;
use crate::model::text::without_tokens;
use crate::model::{ForgeKind, Need, NeedKind, Verdict, Wish};
use crate::output::failure::Failure;
use crate::workflow::{self, Seen};

use super::{Problem, TokenPage};

/// One thing that is needed.
#[derive(Debug, Serialize)]
pub struct NeedEntry<'a> {
    /// The forge's own word.
    pub name: String,
    /// As its page says it.
    pub label: String,
    /// Of a permission: `read`, `write`, `admin`.
    pub level: Option<&'static str>,
    /// `scope`, `permission`, `role`, `licence`.
    pub kind: NeedKind,
    /// The words after `--for` that need it.
    #[serde(rename = "for")]
    pub wanted_for: Vec<String>,
    /// Whether it is there.
    pub verdict: Verdict,
    /// What was asked and answered.
    pub why: &'a str,
    /// What adds it; nothing where nothing is to be added.
    pub add: Option<&'a str>,
}

impl<'a> NeedEntry<'a> {
    /// The form in which a need is told to programs.
    pub fn of(need: &'a Need) -> Self {
        Self {
            name: without_tokens(&need.name),
            label: without_tokens(&need.label),
            level: need.level.map(crate::model::permission::Level::word),
            kind: need.kind,
            wanted_for: need.wanted_for.iter().map(|word| without_tokens(word)).collect(),
            verdict: need.verdict,
            why: &need.why,
            add: need.add.as_deref(),
        }
    }
}

/// `connect check`.
#[derive(Debug, Serialize)]
pub struct Checkup<'a> {
    connection: &'a str,
    forge: ForgeKind,
    #[serde(rename = "for")]
    wanted_for: Vec<String>,
    /// Nothing where something is unknown, and nothing speaks against it.
    allowed: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repository: Option<Place>,
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<Place>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<Place>,
    needs: Vec<NeedEntry<'a>>,
    /// Where what is missing is added, or a token made that has it.
    page: Option<&'a str>,
    /// The pre-filled page for another token, where `page` is the one for editing this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    new_token: Option<TokenPage<'a>>,
    checklist: [&'a str; 0],
    /// Why the forge was not asked to the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Problem<'a>>,
}

#[derive(Debug, Serialize)]
struct Place {
    name: String,
    id: u64,
    visibility: String,
    archived: bool,
    role: Option<&'static str>,
    /// The name that was typed, where it is another by now.
    #[serde(skip_serializing_if = "Option::is_none")]
    renamed_from: Option<String>,
}

impl<'a> Checkup<'a> {
    /// The form in which a check is told to programs.
    pub fn of(checkup: &'a workflow::Checkup, failure: Option<&'a Failure>) -> Self {
        let place = checkup.seen.as_ref().map(|seen| place(checkup, seen));
        let (mut repository, mut project, mut group) = (None, None, None);
        match checkup.seen {
            Some(Seen::Repository(_)) => repository = place,
            Some(Seen::Project(_)) => project = place,
            Some(Seen::Group(..)) => group = place,
            None => {}
        }
        Self {
            connection: checkup.connection.name.as_str(),
            forge: checkup.connection.forge,
            wanted_for: checkup.wishes.iter().map(Wish::to_string).map(|word| without_tokens(&word)).collect(),
            allowed: checkup.allowed(),
            repository,
            project,
            group,
            needs: checkup.needs.iter().map(NeedEntry::of).collect(),
            page: checkup.page.as_ref().map(url::Url::as_str),
            new_token: checkup.new_token.as_ref().map(TokenPage::of),
            checklist: [],
            error: failure.map(Problem::of),
        }
    }
}

fn place(checkup: &workflow::Checkup, seen: &Seen) -> Place {
    let (id, visibility, archived, role) = match seen {
        Seen::Repository(it) => (it.id, &it.visibility, it.archived, it.role.map(crate::model::place::Role::word)),
        Seen::Project(it) => (it.id, &it.visibility, it.archived, it.role.map(role_word)),
        Seen::Group(it, role) => (it.id, &it.visibility, it.archived, role.map(role_word)),
    };
    Place {
        name: seen.path(),
        id,
        visibility: visibility.clone(),
        archived,
        role,
        renamed_from: checkup.renamed_from(),
    }
}
