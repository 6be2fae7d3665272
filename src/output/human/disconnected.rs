//! What `connect disconnect` says.

use std::fmt::Write as _;

use super::super::style::{CARE, GOOD, styled};
use super::host;
use crate::model::text::printable;
use crate::workflow::Disconnected;

/// What `connect man --dir` says.
pub fn pages_written(folder: &std::path::Path) -> String {
    format!("{} Wrote the manual's pages to {}\n", styled(GOOD, "✓"), folder.display())
}

/// What `connect disconnect` says.
pub fn disconnected(done: &Disconnected) -> String {
    let mark = styled(GOOD, "✓");
    let mut text = format!("{mark} Forgot `{}`\n", done.connection.name);
    if done.revoked {
        let _ = writeln!(text, "  revoked at {}; it no longer works", host(&done.connection));
    }
    for place in &done.removed {
        let _ = writeln!(text, "  removed from {place}");
    }
    for place in &done.remaining {
        let _ = writeln!(text, "  {} still in {place}, which connect does not change", styled(CARE, "!"));
    }
    for copy in done.connection.known_destinations() {
        let what = if done.revoked { "a dead copy is" } else { "a copy is" };
        let place = printable(&format!("{} ({})", copy.target, copy.kind.word()), 300);
        let _ = writeln!(text, "  {} {what} still at {place}", styled(CARE, "!"));
    }
    for name in &done.wrote_for {
        let name = printable(name.as_str(), 250);
        let _ = writeln!(text, "  {} copies of `{name}` were written by way of it;", styled(CARE, "!"));
        let _ = writeln!(text, "    `connect destination add {name} --to … --via NAME` names another");
    }
    for old in &done.old_tokens {
        let mark = styled(CARE, "!");
        let _ = writeln!(text, "  {mark} the token that it had before ({}…) still works, and is kept:", old.short());
        let _ = writeln!(text, "    `connect rotate --resume --revoke-old` revokes it, `--keep-old` forgets it");
    }
    for hook in done.connection.webhook.iter().flat_map(|webhook| &webhook.hooks) {
        let place = printable(&format!("{} (number {})", hook.target, hook.id), 300);
        let _ = writeln!(text, "  {} a hook is still at {place}; what it delivers is refused", styled(CARE, "!"));
    }
    text
}
