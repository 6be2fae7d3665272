//! The page that makes a token, alone and above the hidden prompt.

use std::fmt::Write as _;

use super::super::style::{STRONG, styled};
use super::fields;
use crate::model::{ForgeKind, Host, Wish};
use crate::workflow::Page;

/// What `connect new-token` prints.
pub fn token_page(page: &Page, host: &Host) -> String {
    let mut text = format!("{}\n\nThe link fills in:\n", page.url);
    fields(&mut text, &page.filled_in);
    if !page.by_hand.is_empty() {
        text.push_str("\nBy hand:\n");
        fields(&mut text, &page.by_hand);
    }
    let _ = writeln!(text, "\nThen: `connect {}{} --pat`", host.kind().word(), host.flag());
    text
}

/// What stands above the hidden prompt.
pub fn before_the_prompt(host: &Host, page: &Page, wishes: &[Wish]) -> String {
    let wishes: Vec<String> = wishes.iter().map(Wish::to_string).collect();
    let mut text = format!(
        "Make a token for {host} here, unless you have one (for: {}):\n\n  {}\n\n",
        wishes.join(", "),
        styled(STRONG, page.url.as_str())
    );
    fields(&mut text, &page.filled_in);
    fields(&mut text, &page.by_hand);
    let _ = write!(
        text,
        "\nFor other work (import, webhooks, status): `connect new-token {} --for TASK`.",
        host.kind().word()
    );
    if host.kind() == ForgeKind::GitLab {
        text.push_str("\nOne token reaches all that its one account reaches; for a single group or project,\nmake a group or project access token there.");
    }
    text
}
