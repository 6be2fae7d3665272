//! The acts of a rotation: a copy that follows, and the evidence.

use super::Tour;
use super::stage::Stage;

pub fn acts(stage: &mut Stage) -> Tour<()> {
    let old = stage.sandbox.gitlab_token("expiring");
    stage.act(
        "A copy",
        "The token that dies soon is wanted in a file as well, for a program that knows no better. connect puts it there, and remembers that it is there.",
    );
    let file = stage.root.path().join("desk/for-the-robot");
    let to = format!("file:{}", file.display());
    stage.runs(&["destination", "add", "nightly", "--to", &to], None, 0)?;
    stage.expects(std::fs::read_to_string(&file)?.trim_end() == old, "the file has the token")?;

    stage.act(
        "Rotated",
        "GitLab gives a new token and kills the old one as it answers. The answer is on disk, encrypted, before anything else is done with it; then the copy follows.",
    );
    stage.runs(&["rotate", "--all", "--within", "14d", "--expires-in", "90d", "--yes"], None, 0)?.says("nightly")?;
    let new = stage.sandbox.gitlab_token("expiring");
    stage.expects(new != old && !stage.sandbox.is_alive_gitlab(&old), "GitLab says that the old token is dead")?;
    stage.expects(std::fs::read_to_string(&file)?.trim_end() == new, "the file has the new one")?;

    stage.act("The evidence", "Every token that was rotated since a day, by whom, and which copies followed.");
    stage.runs(&["history", "nightly", "--rotated-since", "2026-11-01"], None, 0)?.says("nightly")?;
    Ok(())
}
