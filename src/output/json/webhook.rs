//! `connect webhook settings` for programs.

use jiff::Timestamp;
use serde::Serialize;

use super::super::human::{self, form_pages, revealed};

/// What to enter at the forge, and what is kept.
#[derive(Debug, Serialize)]
pub struct WebhookPage<'a> {
    connection: &'a str,
    forge: &'static str,
    /// The receiving id, the last part of the address.
    id: &'a str,
    /// The address; nothing where the base is not known.
    url: Option<String>,
    /// The address below the base.
    path: String,
    content_type: &'static str,
    ssl_verification: bool,
    events: &'a [String],
    /// Where a hook is made by hand, by what it is of.
    pages: serde_json::Map<String, serde_json::Value>,
    proof: &'static str,
    kept_in: &'static str,
    /// Made in this run.
    made: bool,
    /// It took the place of another.
    replaced: bool,
    /// Until when the former secret is accepted beside it.
    former_until: Option<Timestamp>,
    /// Only with `--show-secret`.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<&'a str>,
    /// Only with `--show-secret`, and where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    plain_token: Option<&'a str>,
}

impl<'a> WebhookPage<'a> {
    /// The form in which the page is told to programs; nothing for a connection without a webhook.
    pub fn of(page: &human::WebhookPage<'a>) -> Option<Self> {
        let connection = &page.kept.connection;
        let webhook = connection.webhook.as_ref()?;
        let (secret, plain_token) = revealed(page);
        let url = webhook.url();
        Some(Self {
            connection: connection.name.as_str(),
            forge: connection.forge.word(),
            id: &webhook.id,
            path: webhook.url_below(""),
            content_type: "application/json",
            ssl_verification: url.as_ref().is_none_or(|url| !url.starts_with("http://")),
            url,
            events: page.events,
            pages: form_pages(connection).into_iter().map(|(what, url)| (what.to_owned(), url.into())).collect(),
            proof: webhook.proof.word(),
            kept_in: webhook.kept_in.word(),
            made: page.kept.made,
            replaced: page.kept.replaced,
            former_until: webhook.former.as_ref().map(|former| former.until),
            secret,
            plain_token,
        })
    }
}
