//! What to enter into a forge's web form, so that a webhook made by hand delivers to a connection.

use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};

use super::super::screen::Screen;
use super::super::style::{GOOD, STRONG, styled};
use super::{fields, former_left, is_webhook_plain};
use crate::model::duration::in_words;
use crate::model::text::printable;
use crate::model::{Connection, ForgeKind, Proof, WebhookRecord};
use crate::workflow::{Field, KeptWebhook};

/// The warning for a webhook's secret in the store `plain`.
pub(super) const WEBHOOK_READABLE: &str = "the webhook secret is kept readable, by you and by whoever becomes you; `--store keyring` or `--store file` would not";

/// What the page is made of.
#[derive(Debug, Clone, Copy)]
pub struct WebhookPage<'a> {
    /// The webhook, as it is kept.
    pub kept: &'a KeptWebhook,
    /// The events that the hook is for, as the forge calls them.
    pub events: &'a [String],
    /// Whether the secret is shown.
    pub shown: bool,
}

/// The secrets of a page on which they are shown. One of the few places where a secret comes out.
pub(in crate::output) fn revealed<'a>(page: &WebhookPage<'a>) -> (Option<&'a str>, Option<&'a str>) {
    let WebhookPage { kept, shown, .. } = *page;
    let plain = kept.plain.as_ref().filter(|_| shown).map(|plain| plain.reveal());
    (shown.then(|| kept.secret.reveal()), plain)
}

/// The pages of the forge where a hook is made by hand: what of, and the address.
pub(in crate::output) fn form_pages(connection: &Connection) -> [(&'static str, String); 2] {
    let base = connection.url.trim_end_matches('/');
    match connection.forge {
        ForgeKind::GitHub => [
            ("repository", format!("{base}/OWNER/REPO/settings/hooks/new")),
            ("organisation", format!("{base}/organizations/ORG/settings/hooks/new")),
        ],
        ForgeKind::GitLab => {
            [("project", format!("{base}/GROUP/PROJECT/-/hooks")), ("group", format!("{base}/groups/GROUP/-/hooks"))]
        }
    }
}

/// The whole page.
pub fn webhook_page(page: &WebhookPage<'_>, now: Timestamp) -> String {
    let connection = &page.kept.connection;
    let Some(webhook) = &connection.webhook else { return String::new() };
    let mut text = heading(page.kept);
    text.push_str("\nEnter, on the forge's page for a new webhook:\n");
    for (what, url) in form_pages(connection) {
        let _ = writeln!(text, "  {what:<13} {}", styled(STRONG, &printable(&url, 300)));
    }
    text.push('\n');
    fields(&mut text, &form(page, webhook));
    if let Some((former, left)) = webhook.former.as_ref().zip(former_left(connection, now)) {
        let left = in_words(to_the_minute(left));
        let until = former.until.strftime("%Y-%m-%d %H:%M UTC");
        let _ = writeln!(text, "\nThe former secret is accepted for another {left}, until {until}.");
    }
    let name = printable(connection.name.as_str(), 250);
    if page.shown && page.kept.made {
        let _ = writeln!(
            text,
            "\nUntil the secret is entered there, nothing arrives. Again: `connect webhook settings {name} --show-secret`"
        );
    } else if !page.shown {
        let _ = writeln!(
            text,
            "\nThe secret: `connect webhook settings {name} --show-secret`, or `--secret-only` in a pipe"
        );
    }
    let _ = writeln!(text, "To receive: `connect webhook listen --connection {name}`");
    text
}

/// A minute that has begun counts: who asks for a day, and is told of it a moment later, reads 24 hours and not 23.
fn to_the_minute(left: SignedDuration) -> SignedDuration {
    let seconds = left.as_secs() + i64::from(left.subsec_nanos() > 0);
    SignedDuration::from_secs(seconds.saturating_add(59) / 60 * 60)
}

fn heading(kept: &KeptWebhook) -> String {
    let (name, place) = (printable(kept.connection.name.as_str(), 250), printable(&kept.place, 300));
    let mark = styled(GOOD, "✓");
    match (kept.made, kept.replaced, kept.changed) {
        (true, true, _) => format!("{mark} Made another webhook secret for `{name}`, in {place}\n"),
        (true, false, _) => format!("{mark} Made a webhook secret for `{name}`, in {place}\n"),
        (false, true, _) => format!("{mark} Replaced the webhook secret of `{name}`, in {place}\n"),
        (false, false, true) => format!("{mark} Kept the webhook secret of `{name}`, in {place}\n"),
        (false, false, false) => format!("`{name}` has a webhook secret, in {place}\n"),
    }
}

/// The fields of the form, named as the forge names them.
fn form(page: &WebhookPage<'_>, webhook: &WebhookRecord) -> Vec<Field> {
    let field = |label: &str, value: String| Field { label: label.to_owned(), value };
    let url = webhook.url().unwrap_or_else(|| {
        format!("BASE/hooks/{} (BASE: where the forge reaches you; `--public-url BASE` remembers it)", webhook.id)
    });
    let (secret, plain) = revealed(page);
    let secret = secret.map_or_else(|| "(not shown)".to_owned(), str::to_owned);
    let plain = plain.map_or_else(|| "(not shown)".to_owned(), str::to_owned);
    let events = page.events.join(", ");
    let open = webhook.public_url.as_deref().is_some_and(|base| base.starts_with("http://"));
    let verification = if open { "none: the address is plain http" } else { "enabled" };
    match webhook.proof {
        Proof::Signature => vec![
            field("Payload URL", url),
            field("Content type", "application/json".into()),
            field("Secret", secret),
            field("SSL verification", verification.into()),
            field("Events", only(&events, page.events)),
            field("Active", "yes".into()),
        ],
        Proof::SigningToken => vec![
            field("URL", url),
            field("Signing token", secret),
            field("Secret token", if webhook.token.is_some() { plain } else { "leave it empty".into() }),
            field("Trigger", only(&events, page.events)),
            field("SSL verification", verification.into()),
        ],
        Proof::Token => vec![
            field("URL", url),
            field("Secret token", secret),
            field("Trigger", only(&events, page.events)),
            field("SSL verification", verification.into()),
        ],
    }
}

fn only(events: &str, all: &[String]) -> String {
    let wide = all.iter().any(|event| event == "*");
    if wide { "all of them".into() } else { format!("{} alone", printable(events, 600)) }
}

/// The hooks that connect has made with a secret that was replaced: the forge signs with the former one until it is
/// told. `told` has been.
pub(super) fn hooks_to_change(screen: &Screen, connection: &Connection, told: Option<u64>) {
    let hooks = connection.webhook.iter().flat_map(|webhook| &webhook.hooks);
    for hook in hooks.filter(|hook| Some(hook.id) != told) {
        let (kind, path) = hook.target.split_once(':').unwrap_or(("repo", &hook.target));
        let (kind, path) = (printable(kind, 20), printable(path, 300));
        screen.warning(
            "hook_has_former",
            &format!(
                "the hook at {path} has the former secret still: `connect webhook edit {} --{kind} {path} --secret` gives it the new one",
                hook.id
            ),
        );
    }
}

/// The warning for an address by a name without a dot, where the forge is on the internet.
pub(super) fn bare_name(screen: &Screen, connection: &Connection) {
    if let Some(host) = connection.host().ok().filter(|host| host.is_vendors_own()) {
        screen.warning(
            "not_reachable",
            &format!("the host of that address has no dot in its name: {host} does not know the names of your network"),
        );
    }
}

/// What is worth a warning where a webhook's secret is kept.
pub fn webhook_cautions(screen: &Screen, kept: &KeptWebhook) {
    let Some(webhook) = &kept.connection.webhook else { return };
    if kept.changed && is_webhook_plain(&kept.connection) {
        screen.warning("kept_plain", WEBHOOK_READABLE);
    }
    if kept.replaced {
        hooks_to_change(screen, &kept.connection, None);
    }
    let base = webhook.public_url.as_deref().unwrap_or_default();
    let Ok(base) = base.parse::<crate::model::PublicUrl>() else { return };
    if base.is_plain_http() {
        screen.warning(
            "plain_http",
            "what is delivered to a plain http address can be read on its way; https needs a certificate",
        );
    }
    if base.is_loopback() && !kept.connection.host().is_ok_and(|host| host.is_loopback()) {
        screen.warning("not_reachable", "that address is this machine itself: the forge does not reach it");
    }
    if base.is_bare_name() {
        bare_name(screen, &kept.connection);
    }
    if kept.connection.forge == ForgeKind::GitLab && webhook.proof == Proof::SigningToken && kept.made {
        screen.note(
            "GitLab takes signing tokens since 19.0: where the form has no such field, `--new-secret --plain-token`; where it makes one itself, keep that one by `--webhook-secret-stdin`",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_that_has_begun_counts() {
        let words = |left| in_words(to_the_minute(left));
        let moment = SignedDuration::from_millis(3);
        assert_eq!(words(SignedDuration::from_hours(24) - moment), "24 hours");
        assert_eq!(words(SignedDuration::from_hours(1) - moment), "60 minutes");
        assert_eq!(words(SignedDuration::from_hours(1)), "60 minutes");
        assert_eq!(words(SignedDuration::from_secs(61)), "2 minutes");
    }
}
