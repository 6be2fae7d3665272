//! `connect setup-git`: the lines as they will stand in git's file, and whom git asks then.

use std::fmt::Write as _;

use super::super::style::{BAD, CARE, GOOD, STRONG, styled};
use crate::git::config::Helper;
use crate::model::text::printable;
use crate::workflow::setup_git::{Asked, Plan};

/// The lines that come and go, by their sections.
pub fn setup_git_plan(plan: &Plan, shown: impl Fn(&str) -> String) -> String {
    let file = plan.file.as_ref().map(|path| shown(&path.display().to_string()));
    let file = file.unwrap_or_else(|| format!("git's configuration, {}", plan.scope.word()));
    let new = if plan.file_exists { "" } else { " (a new file)" };
    let mut text = format!("{}{new}\n", styled(STRONG, &printable(&file, 300)));
    for steps in plan.steps.chunk_by(|one, other| one.parts().0 == other.parts().0) {
        let Some(first) = steps.first() else { continue };
        let _ = writeln!(text, "  [credential \"{}\"]", printable(first.parts().0, 300));
        for step in steps {
            let mark = if step.adds { styled(GOOD, "+") } else { styled(BAD, "-") };
            let _ =
                writeln!(text, "  {mark}   {} = {}", spelt(step.parts().1), printable(&in_a_file(&step.value), 500));
        }
    }
    text.lines().fold(String::new(), |text, line| text + line.trim_end() + "\n")
}

/// A value as git's file has it (git-config(1), "Syntax"), so that the line can be put there by hand.
fn in_a_file(value: &str) -> String {
    let escaped = value.replace('\\', r"\\").replace('"', "\\\"");
    let is_cut = value.contains([';', '#']) || value.trim() != value;
    if is_cut { format!("\"{escaped}\"") } else { escaped }
}

/// git prints names in small letters; people write some of them otherwise.
fn spelt(name: &str) -> &str {
    if name == "usehttppath" { "useHttpPath" } else { name }
}

/// What was done, or was done before, and whom git asks now.
pub fn git_set_up(plan: &Plan, asked: &[Asked], done: bool) -> String {
    let mut text = String::new();
    if plan.undo {
        match (plan.steps.is_empty(), done) {
            (true, _) => text.push_str("· git does not ask connect there; nothing was changed\n"),
            (false, true) => {
                let count = super::counted(plan.steps.len(), "line");
                let _ = writeln!(text, "{} {count} taken out; the rest is as it was", styled(GOOD, "✓"));
            }
            (false, false) => {}
        }
        for left in &plan.left {
            let key = printable(&left.key.replace("usehttppath", "useHttpPath"), 300);
            let _ = writeln!(text, "{} {key} stands there more than once, and stays", styled(CARE, "!"));
            let _ = writeln!(text, "  → `git config {} --edit`", plan.scope.flag());
        }
        return text;
    }
    for it in asked.iter().filter(|it| it.asks_connect()) {
        let host = printable(it.url.strip_prefix("https://").unwrap_or(&it.url), 200);
        let already = if plan.steps.is_empty() { "; nothing was changed" } else { "" };
        let _ = writeln!(text, "{} git asks connect for {host}{already}", styled(GOOD, "✓"));
        concerns(&mut text, it, &host, plan);
    }
    text
}

/// What the user should know of the other helpers of a host.
fn concerns(text: &mut String, asked: &Asked, host: &str, plan: &Plan) {
    let mark = styled(CARE, "!");
    let before: Vec<&Helper> = asked.before().collect();
    let told: Vec<&Helper> = asked.told().collect();
    if !before.is_empty() && before == told {
        let _ = writeln!(text, "  {mark} {} asked first, and told every token that works", all_are(&before));
    } else {
        if !before.is_empty() {
            let _ = writeln!(text, "  {mark} {} asked first, and may answer", all_are(&before));
        }
        if !told.is_empty() {
            let _ = writeln!(text, "  {mark} {} told every token that works, and may keep it", all_are(&told));
        }
    }
    if !before.is_empty() || !told.is_empty() {
        let scope = if plan.scope.word() == "global" { String::new() } else { format!(" {}", plan.scope.flag()) };
        let _ = writeln!(
            text,
            "    → `connect setup-git --host {host}{scope} --only` has git ask and tell connect alone there"
        );
    }
    if asked.needs_path && asked.use_http_path == Some(false) {
        let _ = writeln!(text, "  {mark} useHttpPath is off: connect cannot choose by the path there");
        let _ = writeln!(text, "    → `git config --global credential.{}.useHttpPath true`", asked.url);
    }
}

/// `store` is; `store` and `cache` are.
fn all_are(helpers: &[&Helper]) -> String {
    let mut names: Vec<String> = Vec::new();
    for helper in helpers {
        let name = match helper.label() {
            label if label.contains(' ') => label.to_owned(),
            label => format!("`{label}`"),
        };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let verb = if names.len() == 1 { "is" } else { "are" };
    format!("{} {verb}", names.join(", "))
}
