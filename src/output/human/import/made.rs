//! What an import made, and whether it works.

use std::fmt::Write as _;

use super::super::super::screen::Screen;
use super::super::super::style::{BAD, CARE, GOOD, QUIET, styled};
use super::{NAMES, hanging, step_word};
use crate::model::import::Sync;
use crate::model::text::printable;
use crate::workflow::import::{Imported, Proven, StepKind};

/// What now exists, with links, and whether it works.
pub fn imported(screen: &Screen, imported: &Imported) -> String {
    let rows = rows(imported);
    if !screen.is_terminal() {
        return rows.iter().fold(String::new(), |mut text, (what, how, link)| {
            let _ = writeln!(text, "{what}\t{how}\t{link}");
            text
        });
    }
    let width = screen.width();
    let mut text = String::from("\n");
    for (what, how, link) in &rows {
        hanging(&mut text, &format!("  {:<NAMES$} ", step_word(what)), NAMES + 3, how, width);
        let _ = writeln!(text, "    {}", styled(QUIET, link));
    }
    text.push('\n');
    for proven in &imported.proof.proven {
        let mark = match proven.works {
            Some(true) => styled(GOOD, "✓"),
            Some(false) => styled(BAD, "✗"),
            None => styled(CARE, "?"),
        };
        // Proofs and rows stand in the same columns.
        let first = format!("  {mark} {:<1$} ", proven.what, NAMES - 2);
        hanging(&mut text, &first, NAMES + 3, &printable(&proven.says, 300), width);
    }
    text
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
        let whose = if proof.hook_is_ours { "" } else { "; connect did not make it" };
        let events = format!("tells GitLab of {}{whose}", hook.events.join(", "));
        rows.push(("webhook", events, format!("{}/settings/hooks/{}", repository.web_url, hook.id)));
    }
    if let Some(token) = import.made.token.as_ref().and_then(|token| token.connection.as_ref()) {
        rows.push(("token", format!("kept as `{token}`"), format!("{}/-/settings/access_tokens", project.web_url)));
    }
    if let Some(made) = import.made.secret.as_ref().filter(|_| import.setup.sync == Sync::Actions) {
        let link = format!("{}/settings/secrets/actions", repository.web_url);
        rows.push(("secret", format!("the token of `{}`", made.connection), link));
    }
    for (word, made) in [("workflow", &import.made.workflow), ("ci_file", &import.made.ci_file)] {
        if let Some(left) = imported.file_left.as_ref().filter(|_| word == StepKind::CiFile.word()) {
            let link = format!("{}/blob/{}/{}", repository.web_url, left.branch, left.path);
            rows.push((word, format!("on `{}`, left alone: it is another", left.branch), link));
            continue;
        }
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

/// What is said when a file was to be put into the repository, and was not, because another is there.
pub fn file_left(screen: &Screen, imported: &Imported) {
    if let Some(left) = &imported.file_left {
        let (path, branch) = (left.path, printable(&left.branch, 200));
        let words = format!("another {path} is on `{branch}`, and was left alone; `--overwrite` replaces it");
        screen.warning("ci_file_left", &words);
    }
}

/// What is said when something does not work though it was set up, or cannot be told yet. On a terminal the marks have
/// said it already.
pub fn unproven(screen: &Screen, imported: &Imported) {
    let marked = screen.is_terminal() && !screen.is_json();
    let of = |works| imported.proof.proven.iter().filter(move |proven: &&Proven| proven.works == works);
    if !marked {
        let tell = |code, proven: &Proven| {
            screen.warning(code, &format!("{}: {}", proven.what, printable(&proven.says, 300)));
        };
        of(Some(false)).for_each(|proven| tell("does_not_work", proven));
        of(None).for_each(|proven| tell("not_seen_yet", proven));
    }
    if of(Some(false)).next().is_some() {
        screen.note("it is set up and does not work yet; once the cause is gone, the same command looks again");
    }
}
