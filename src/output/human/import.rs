//! `connect import`: the plan, what came of it, and what is on record.

use std::fmt::Write as _;

use super::super::failure::Failure;
use super::super::screen::Screen;
use super::super::style::{BAD, CARE, GOOD, QUIET, styled};
use super::{shortened, table, trimmed, wrapped};
use crate::model::ConnectionName;
use crate::model::import::Sync;
use crate::model::text::printable;
use crate::workflow::import::{
    ImportStatusShown, Importable, Imported, Plan, Proven, RepositoryList, State, StepKind, Undoing, Undone,
};

/// A step's name for people.
pub fn step_word(word: &str) -> &str {
    match word {
        "ci_file" => ".gitlab-ci.yml",
        "features" => "CI/CD only",
        "integration" => "GitHub integration",
        "secret" => "Actions secret",
        "token" => "project token",
        "mirror" => "pull mirror",
        other => other,
    }
}

/// A step that is done.
pub fn step_done(step: &str, says: &str) -> String {
    format!("{} {}: {}", styled(GOOD, "✓"), step_word(step), printable(says, 300))
}

/// How far an import has come.
pub fn importing(project: &str, done: u64, of: u64) -> String {
    let count = if of > 0 { format!(" ({done} of {of} things so far)") } else { String::new() };
    format!("GitLab imports into {}{count}; Ctrl-C stops watching, and nothing else", printable(project, 120))
}

/// What an import has left out.
pub fn partly_imported(failed: &[String]) -> String {
    let shown: Vec<String> = failed.iter().take(10).map(|what| printable(what, 200)).collect();
    let more = failed.len().saturating_sub(shown.len());
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    format!("GitLab's import left something out: {}{more}", shown.join("; "))
}

const fn mark(state: State) -> &'static str {
    match state {
        State::Stands => "✓",
        State::Make => "+",
        State::Change => "~",
        State::Leave => "–",
    }
}

/// The plan: on a terminal a list with marks, elsewhere one line a step, fields separated by tabs.
pub fn plan(screen: &Screen, plan: &Plan) -> String {
    if !screen.is_terminal() {
        return plan.steps.iter().fold(String::new(), |mut text, step| {
            let _ = writeln!(text, "{}\t{}\t{}", step.step.word(), step.state.word(), printable(&step.says, 400));
            text
        });
    }
    plan_page(screen, plan)
}

/// A repository that was named by a former name.
pub fn called_now(before: &str, now: &str) -> String {
    format!("{} is called {} now", printable(before, 120), printable(now, 120))
}

/// The plan for people.
pub fn plan_page(screen: &Screen, plan: &Plan) -> String {
    let width = screen.width();
    let mut text = format!("{}\n  → {}\n", printable(&plan.repository_url, 200), printable(&plan.project_url, 200));
    if let Some(before) = &plan.renamed_from {
        let _ = writeln!(text, "  ({})", called_now(before, &plan.repository));
    }
    text.push('\n');
    for step in &plan.steps {
        let style = if step.state.acts() { CARE } else { QUIET };
        let mark = styled(style, mark(step.state));
        let says = wrapped(&printable(&step.says, 400), 24, width);
        let _ = writeln!(text, "  {mark} {:<19} {says}", step_word(step.step.word()));
    }
    if !plan.cautions.is_empty() {
        text.push('\n');
    }
    for caution in &plan.cautions {
        let _ = writeln!(text, "  {} {}", styled(CARE, "!"), wrapped(&printable(caution, 400), 4, width));
    }
    let makes = plan.steps.iter().filter(|step| step.state == State::Make).count();
    let changes = plan.steps.iter().filter(|step| step.state == State::Change).count();
    let sum = match (makes, changes) {
        (0, 0) => "Nothing to change.".to_owned(),
        (makes, 0) => format!("{makes} to make."),
        (0, changes) => format!("{changes} to change."),
        (makes, changes) => format!("{makes} to make, {changes} to change."),
    };
    let _ = writeln!(text, "\n{sum}");
    text
}

/// What is asked where GitLab makes no token for the project alone.
pub fn personal_token(screen: &Screen, connection: &ConnectionName, why: &str) -> String {
    let why = format!("GitLab makes no access token for this project alone: {}", printable(why, 200));
    let instead = format!(
        "The token of `{connection}` can be used instead: it may do everything that its owner may, and whoever \
         administers the repository can read it. Use it? [y/N]"
    );
    format!("{}\n{}", wrapped(&why, 0, screen.width()), wrapped(&instead, 0, screen.width()))
}

/// What now exists, with links, and whether it works.
pub fn imported(screen: &Screen, imported: &Imported) -> String {
    let rows = rows(imported);
    if !screen.is_terminal() {
        return rows.iter().fold(String::new(), |mut text, (what, how, link)| {
            let _ = writeln!(text, "{what}\t{how}\t{link}");
            text
        });
    }
    let mut text = String::new();
    for (what, how, link) in &rows {
        let _ = writeln!(text, "  {:<19} {how}", step_word(what));
        if !link.is_empty() {
            let _ = writeln!(text, "  {:<19} {}", "", styled(QUIET, link));
        }
    }
    text.push('\n');
    for proven in &imported.proof.proven {
        let _ = writeln!(text, "  {}", proven_line(proven));
    }
    text
}

fn proven_line(proven: &Proven) -> String {
    let mark = match proven.works {
        Some(true) => styled(GOOD, "✓"),
        Some(false) => styled(BAD, "✗"),
        None => styled(CARE, "?"),
    };
    format!("{mark} {:<17} {}", proven.what, printable(&proven.says, 300))
}

fn rows(imported: &Imported) -> Vec<(&'static str, String, String)> {
    let (proof, import) = (&imported.proof, &imported.import);
    let (repository, project) = (&imported.repository, &proof.project);
    let mut rows = vec![
        ("repository", repository.full_name(), repository.web_url.clone()),
        ("project", project.path.clone(), project.web_url.clone()),
    ];
    if proof.mirror.is_some() {
        rows.push(("mirror", "pulls from GitHub".into(), format!("{}/-/settings/repository", project.web_url)));
    }
    if proof.integration.as_ref().is_some_and(|it| it.active) {
        let link = format!("{}/-/settings/integrations/github/edit", project.web_url);
        rows.push(("integration", "reports pipelines to GitHub".into(), link));
    }
    if let Some(hook) = &proof.hook {
        rows.push(("webhook", hook.events.join(", "), format!("{}/settings/hooks/{}", repository.web_url, hook.id)));
    }
    if let Some(token) = import.made.token.as_ref().and_then(|token| token.connection.as_ref()) {
        rows.push(("token", format!("kept as `{token}`"), format!("{}/-/settings/access_tokens", project.web_url)));
    }
    if let Some(made) = import.made.secret.as_ref().filter(|_| import.setup.sync == Sync::Actions) {
        let link = format!("{}/settings/secrets/actions", repository.web_url);
        rows.push(("secret", format!("the token of `{}`", made.connection), link));
    }
    for (word, made) in [("workflow", &import.made.workflow), ("ci_file", &import.made.ci_file)] {
        let Some(made) = made else { continue };
        let link = match made.pull {
            Some(number) => format!("{}/pull/{number}", repository.web_url),
            None => format!("{}/blob/{}/{}", repository.web_url, made.branch, made.path),
        };
        rows.push((word, format!("on `{}`", made.branch), link));
    }
    if let Some(pipeline) = proof.pipelines.first() {
        rows.push(("pipeline", pipeline.status.clone(), pipeline.web_url.clone()));
    }
    rows.into_iter().map(|(what, how, link)| (what, printable(&how, 250), printable(&link, 300))).collect()
}

/// What is said when something does not work though it was set up.
pub fn unproven(screen: &Screen, imported: &Imported) {
    for proven in &imported.proof.proven {
        let words = format!("{}: {}", proven.what, printable(&proven.says, 300));
        match proven.works {
            Some(true) => {}
            Some(false) => screen.warning("does_not_work", &words),
            None if screen.is_terminal() => {}
            None => screen.warning("not_seen_yet", &words),
        }
    }
}

/// The table of `connect import list`.
pub fn repositories(screen: &Screen, list: &RepositoryList) -> String {
    let why = |importable: &Importable| importable.why().map(|why| printable(why, 200));
    if !screen.is_terminal() {
        return list.repositories.iter().fold(String::new(), |mut text, row| {
            let imported = if row.imported.is_empty() { "-".into() } else { printable(&row.imported.join(","), 600) };
            let role = row.repository.role.map_or("-", crate::model::place::Role::word);
            let why = why(&row.importable).unwrap_or_else(|| "-".into());
            let name = printable(&row.repository.full_name(), 300);
            let _ = writeln!(text, "{name}\t{role}\t{}\t{why}\t{imported}", importable_word(&row.importable));
            text
        });
    }
    let mut table = table(&["REPOSITORY", "ROLE", "IMPORT"]);
    let room = screen.width().saturating_sub(10).max(40) / 2;
    for row in &list.repositories {
        let word = if row.imported.is_empty() {
            why(&row.importable).map_or_else(
                || "yes".to_owned(),
                |why| match row.importable {
                    Importable::Unknown(_) => format!("? {why}"),
                    _ => format!("no: {why}"),
                },
            )
        } else {
            format!("imported: {}", row.imported.join(", "))
        };
        let role = row.repository.role.map_or("-", crate::model::place::Role::word);
        table.add_row([shortened(&row.repository.full_name(), room), role.to_owned(), shortened(&word, room)]);
    }
    let mut text = trimmed(&table);
    for import in &list.hidden {
        let words = format!("{}, which was imported, is gone or not selected for this token", import.github.path);
        let _ = writeln!(text, "\n{} {}", styled(CARE, "!"), printable(&words, 300));
    }
    text
}

/// The word in tables and JSON.
pub const fn importable_word(importable: &Importable) -> &'static str {
    match importable {
        Importable::Yes => "yes",
        Importable::No(_) => "no",
        Importable::Unknown(_) => "unknown",
    }
}

/// What `connect import status` found.
pub fn import_status(screen: &Screen, shown: &[(ImportStatusShown, Option<Failure>)]) -> String {
    let mut text = String::new();
    for (status, failure) in shown {
        let (from, to) = (&status.import.github.path, &status.import.gitlab.path);
        let word = status_word(status, failure.as_ref());
        if !screen.is_terminal() {
            let line = |text: &mut String, what: &str, says: &str| {
                let _ = writeln!(text, "{from}\t{to}\t{word}\t{what}\t{}", printable(says, 400));
            };
            match (failure, status.drift.as_slice()) {
                (Some(failure), _) => line(&mut text, failure.code, &failure.message),
                (None, []) => line(&mut text, "-", "-"),
                (None, drift) => drift.iter().for_each(|drift| line(&mut text, drift.what, &drift.says)),
            }
            continue;
        }
        let (style, mark) = if word == "well" { (GOOD, "✓") } else { (BAD, "✗") };
        let place = format!("{from} → {}/{to}", status.import.gitlab.url);
        let _ = writeln!(text, "{} {}: {word}", styled(style, mark), printable(&place, 300));
        for drift in &status.drift {
            let _ = writeln!(text, "  {} {}: {}", styled(BAD, "✗"), step_word(drift.what), printable(&drift.says, 400));
        }
        let mut mends: Vec<&String> = status.drift.iter().map(|drift| &drift.mend).collect();
        mends.dedup();
        for mend in mends {
            let _ = writeln!(text, "  {} `{}` mends it", styled(CARE, "→"), printable(mend, 300));
        }
        if let Some(failure) = failure {
            let _ = writeln!(text, "  {}", printable(&failure.message, 400));
            failure.hints.iter().for_each(|hint| {
                let _ = writeln!(text, "  {} {hint}", styled(CARE, "→"));
            });
        }
    }
    text
}

/// One word for how an import is.
pub fn status_word(status: &ImportStatusShown, failure: Option<&Failure>) -> &'static str {
    match () {
        () if failure.is_some() => "unknown",
        () if status.import.undone_at.is_some() => "undone",
        () if !status.drift.is_empty() => "drifted",
        () if status.import.finished_at.is_none() => "unfinished",
        () => "well",
    }
}

/// What would be undone.
pub fn undoing(undoing: &Undoing) -> String {
    let (from, to) = (&undoing.import.github.path, &undoing.import.gitlab.path);
    let mut text = format!("{}\n\n", printable(&format!("{from} → {}/{to}", undoing.import.gitlab.url), 300));
    for (step, says) in &undoing.steps {
        let _ = writeln!(text, "  {} {:<19} {}", styled(CARE, "-"), step_word(step.word()), printable(says, 300));
    }
    if !undoing.deletes_project {
        let _ = writeln!(text, "  {} {:<19} stays", styled(QUIET, "–"), "project");
    }
    text
}

/// What was undone.
pub fn undone(screen: &Screen, undone: &Undone, failures: &[(StepKind, Failure)]) -> String {
    let mut text = String::new();
    let mut line = |step: StepKind, word: &str, mark: String, says: &str| {
        let says = printable(says, 300);
        let _ = if screen.is_terminal() {
            writeln!(text, "  {mark} {:<19} {says}", step_word(step.word()))
        } else {
            writeln!(text, "{}\t{word}\t{says}", step.word())
        };
    };
    undone.removed.iter().for_each(|(step, says)| line(*step, "removed", styled(GOOD, "✓"), says));
    undone.left.iter().for_each(|(step, says)| line(*step, "left", styled(QUIET, "–"), says));
    failures.iter().for_each(|(step, failure)| line(*step, "failed", styled(BAD, "✗"), &failure.message));
    text
}
