//! Makes a webhook, or sees that the one that is there is as it shall be.
//!
//! The order matters: look what is there; keep the secret; ask the forge; see that it took the secret; write the webhook
//! down as connect's own. Killed in between, the next run finds the same address and goes on; an answer that was lost
//! is looked for.

use url::Url;

use crate::forge::{Forge, HookChange, HookSecrets, HookWish};
use crate::model::hook::Hook;
use crate::model::webhook::Proof;
use crate::model::{Connection, HookBeingMade, KnownHook, StoreKind};

use super::super::webhook_secret::{
    KeptWebhook, NewWebhookSecret, begin_hook, forget_hook, gave_up_hook, keep, note_hook,
};
use super::super::{Answer, Error, Event, Tools, fault};
use super::differ::{self, Wanted};
use super::wish::{EventWish, HookUrl};
use super::{HooksError, Site};

/// What both forges tell of where nothing is named.
const USUAL: &str = "push";

/// From this version on GitLab takes signing tokens. GitLab docs, "Webhooks", "Signing tokens".
const SIGNS_SINCE: u32 = 19;

/// A webhook that is to be there. What is nothing is as it is, and for a new one as it does not hurt: `push`, JSON,
/// certificates looked at.
#[derive(Debug)]
pub struct NewHook {
    /// Where it is to deliver to.
    pub url: HookUrl,
    /// What it is to tell of.
    pub events: Option<EventWish>,
    /// Whether it sends JSON, and not a form.
    pub json: Option<bool>,
    /// Whether it looks at the receiver's certificate.
    pub verify_tls: Option<bool>,
    /// The secret it is to have: a given one, or the connection's own.
    pub secret: NewWebhookSecret,
    /// Whether it is for one run of `webhook listen`. One that stays is not made temporary by this.
    pub temporary: bool,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was made.
    Made,
    /// It was there, and was changed.
    Changed,
    /// It was there, made by somebody else, and is connect's now.
    TakenOver,
    /// It was there as it shall be.
    AsItWas,
}

impl Outcome {
    /// The word for programs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Made => "made",
            Self::Changed => "changed",
            Self::TakenOver => "taken_over",
            Self::AsItWas => "unchanged",
        }
    }
}

/// A webhook that is there now.
#[derive(Debug)]
pub struct Added {
    /// The connection, as it is now.
    pub connection: Connection,
    /// As the forge tells of it.
    pub hook: Hook,
    /// What was done.
    pub outcome: Outcome,
    /// What its deliveries are proved by.
    pub proof: Proof,
    /// Whether they carry a plain token beside the signature.
    pub with_token: bool,
    /// Whether the secret was made in this run.
    pub secret_made: bool,
    /// Where the secret rests, for people.
    pub place: String,
    /// Events that the forge did not take.
    pub not_taken: Vec<String>,
    /// Whether the secret took the place of another, which connect's other webhooks still have.
    pub secret_replaced: bool,
}

/// Sees that there is such a webhook. `take_over` is asked about one of that address that connect did not make.
///
/// # Errors
/// [`HooksError`], or what keeping the secret says. After an error the secret may be kept, and nothing delivers with it
/// that connect does not find again by its address.
pub async fn add(
    tools: &Tools<'_>,
    site: &mut Site,
    new: NewHook,
    take_over: &dyn Fn(&Hook) -> Answer,
) -> Result<Added, Error> {
    let before = site.connection.webhook.clone();
    if let Some(place) = new.url.place(before.as_ref()) {
        site.check_reach(&place)?;
    } else if new.url == HookUrl::Remembered {
        return Err(HooksError::NoUrl.into());
    }
    let there = site.hooks().await?;
    let address = new.url.resolve(before.as_ref());
    let standing = address.as_ref().and_then(|url| standing(site, &there, url));
    // The answer to an earlier run, which never heard it.
    let half_made = address.is_some_and(|url| was_being_made(site, &url, false));
    if let Some(hook) = standing.filter(|hook| !site.owns(hook) && !half_made && !new.url.is_only_ours()) {
        agreed(site, hook, take_over)?;
    }
    let (store, default_store) = (new.secret.store, new.secret.default_store);
    let secret = fitting(site, new.secret, new.url.base()).await;
    let kept = keep(tools, &site.connection.name, secret)?;
    fault::point("webhook.secret.kept");
    let secret_before = before.map(|webhook| webhook.secret);
    site.connection = kept.connection.clone();
    let url = new.url.resolve(site.connection.webhook.as_ref()).ok_or(HooksError::NoUrl)?;
    // One that is there to stay tells of what it told of before.
    let lasts = standing.is_some_and(|hook| !is_for_one_run(site, hook, &url));
    let events = new.events.as_ref().map(|wish| wish.names(&site.target));
    let changes = !(new.temporary && lasts);
    let wanted = Wanted {
        url: Some(&url),
        events: events.as_deref().filter(|_| changes),
        json: new.json.filter(|_| changes),
        verify_tls: new.verify_tls.filter(|_| changes),
        active: Some(true).filter(|_| changes),
    };
    let (hook, outcome) = match standing {
        Some(hook) => match adjust(tools, site, hook, &wanted, &kept).await? {
            (hook, Outcome::TakenOver) if half_made => (hook, Outcome::Made),
            done => done,
        },
        None => (make(tools, site, &there, &wanted, &kept, new.temporary).await?, Outcome::Made),
    };
    fault::point("webhook.hook.made");
    let (hook, kept) = proved(tools, site, hook, outcome, kept, (store, default_store)).await?;
    let connection = note(tools, site, &hook, outcome, &url, new.temporary && !lasts)?;
    let secret_now = connection.webhook.as_ref().map(|webhook| &webhook.secret);
    let secret_replaced = secret_before.is_some() && secret_now != secret_before.as_ref();
    let asked_for = |name: &&String| !hook.events.contains(name) && hook.events != ["*"];
    let not_taken = match new.events {
        Some(EventWish::These(names)) => names.iter().filter(asked_for).cloned().collect(),
        _ => Vec::new(),
    };
    Ok(Added {
        connection,
        hook,
        outcome,
        proof: kept.proof,
        with_token: kept.plain.is_some(),
        secret_made: kept.made,
        place: kept.place,
        not_taken,
        secret_replaced,
    })
}

/// The one of that address: connect's own before others. The forges may hide a user and password in an address; then
/// what is left of connect's own decides.
fn standing<'a>(site: &Site, there: &'a [Hook], url: &Url) -> Option<&'a Hook> {
    let hidden = !url.username().is_empty() || url.password().is_some();
    let bare = crate::forge::bare_address(url);
    let same = |hook: &&Hook| differ::delivers_to(hook, url) || (hidden && site.owns(hook) && hook.url == bare);
    there.iter().filter(same).min_by_key(|hook| !site.owns(hook))
}

/// Whether it was made for one run of `webhook listen`: it is written down so, or was about to be when that run was
/// killed. Another one of that address was entered by hand.
fn is_for_one_run(site: &Site, hook: &Hook, url: &Url) -> bool {
    match site.known(hook.id, hook.of) {
        Some(known) => known.temporary,
        None => was_being_made(site, url, true),
    }
}

/// Whether a run was cut short while it made one of that address.
fn was_being_made(site: &Site, url: &Url, temporary: bool) -> bool {
    let url = crate::forge::bare_address(url);
    site.being_made().any(|making| making.url == url.as_str() && making.temporary == temporary)
}

fn agreed(site: &Site, hook: &Hook, take_over: &dyn Fn(&Hook) -> Answer) -> Result<(), Error> {
    match take_over(hook) {
        Answer::Yes => Ok(()),
        Answer::No => Err(Error::Declined),
        Answer::CannotAsk => Err(HooksError::NotOurs {
            connection: site.connection.name.clone(),
            target: site.target.clone(),
            id: hook.id,
        }
        .into()),
    }
}

/// One that is made has the form that the server takes; a plain token is beside a signing token or nowhere.
async fn fitting(site: &Site, new: NewWebhookSecret, base: Option<crate::model::PublicUrl>) -> NewWebhookSecret {
    let Forge::GitLab(gitlab) = &site.forge else { return NewWebhookSecret { public_url: base, ..new } };
    let proof = match (&new.secret, &site.connection.webhook) {
        (Some(given), _) => Proof::of(crate::model::ForgeKind::GitLab, given).ok(),
        (None, Some(webhook)) => Some(webhook.proof),
        (None, None) => {
            let version = gitlab.server_version(&site.token).await.ok().flatten();
            let major = version.and_then(|text| text.split('.').next()?.parse::<u32>().ok());
            Some(if major.is_some_and(|major| major < SIGNS_SINCE) { Proof::Token } else { Proof::SigningToken })
        }
    };
    let plain = new.plain && proof == Some(Proof::SigningToken);
    // A given one is what it is; whether it may take the place of one that proves more is not for here to say.
    let proof = if new.secret.is_some() { new.proof } else { proof };
    NewWebhookSecret { public_url: base, proof, plain, ..new }
}

/// The secrets as the forge is given them.
pub(super) fn secrets(kept: &KeptWebhook) -> HookSecrets<'_> {
    match kept.proof {
        Proof::Token => HookSecrets { signs: None, token: Some(&kept.secret) },
        _ => HookSecrets { signs: Some(&kept.secret), token: kept.plain.as_ref() },
    }
}

/// Changes in one that is there what differs. The secret is sent wherever it may be another than the forge has: a run
/// before may have kept a new one, and not have come as far as giving it to the forge.
async fn adjust(
    tools: &Tools<'_>,
    site: &Site,
    hook: &Hook,
    wanted: &Wanted<'_>,
    kept: &KeptWebhook,
) -> Result<(Hook, Outcome), Error> {
    let stranger = !site.owns(hook);
    let lacks_token = kept.plain.is_some() && hook.has_secret == Some(false);
    let renewed = !has_secret(site, hook) || lacks_token || !differ::proves(hook, kept.proof);
    // That only GitHub has a switch for; GitLab's own is thrown by a test that succeeds.
    let wanted = Wanted { active: wanted.active.filter(|_| matches!(site.forge, Forge::GitHub(_))), ..*wanted };
    let outcome = if stranger { Outcome::TakenOver } else { Outcome::Changed };
    let change = match (differ::change(hook, &wanted), renewed) {
        (None, false) => return Ok((hook.clone(), Outcome::AsItWas)),
        (change, _) => HookChange { secrets: secrets(kept), ..change.unwrap_or_default() },
    };
    tools.say(Event::Changing { what: format!("webhook {} of {}", hook.id, site.target.path()) });
    let changed = site.forge.change_hook(&site.token, &site.target, hook.id, &change).await;
    Ok((changed.map_err(|error| site.failed(error))?, outcome))
}

/// Whether the forge has taken the connection's present secret for it, by what is written down.
fn has_secret(site: &Site, hook: &Hook) -> bool {
    let now = site.connection.webhook.as_ref().map(|webhook| &webhook.secret);
    let given = site.known(hook.id, hook.of).and_then(|known| known.secret.as_ref());
    given.is_some() && given == now
}

/// Makes a new one. One that was made although the answer was lost is found again; one for this run is written down
/// before, or a kill would leave it to nobody.
async fn make(
    tools: &Tools<'_>,
    site: &mut Site,
    there: &[Hook],
    wanted: &Wanted<'_>,
    kept: &KeptWebhook,
    temporary: bool,
) -> Result<Hook, Error> {
    let Some(url) = wanted.url else { return Err(HooksError::NoUrl.into()) };
    let usual = [USUAL.to_owned()];
    let wish = HookWish {
        url,
        events: wanted.events.unwrap_or(&usual),
        json: wanted.json.unwrap_or(true),
        verify_tls: wanted.verify_tls.unwrap_or(true),
        active: true,
        secrets: secrets(kept),
    };
    let address = crate::forge::bare_address(url).as_str().to_owned();
    let making = HookBeingMade { target: site.target.to_string(), url: address, temporary };
    site.connection = begin_hook(tools, &site.connection.name, making.clone())?;
    tools.say(Event::Changing { what: format!("a webhook of {}", site.target.path()) });
    let error = match site.forge.add_hook(&site.token, &site.target, &wish).await {
        Ok(hook) => return Ok(hook),
        Err(error) if error.was_refused() => {
            site.connection = gave_up_hook(tools, &site.connection.name, &making)?;
            return Err(site.refused(error).await);
        }
        Err(error) => error,
    };
    let now = site.forge.hooks_at(&site.token, &site.target).await.unwrap_or_default();
    let is_new = |hook: &Hook| !there.iter().any(|before| before.id == hook.id);
    let made = now.into_iter().find(|hook| is_new(hook) && differ::delivers_to(hook, url));
    made.ok_or_else(|| site.failed(error))
}

/// Sees that the forge has taken the secret. A GitLab that takes no signing tokens gets a plain one, where the secret was
/// made in this run and nothing else has it yet. One that was given, now or before, may have been entered elsewhere by hand, and is
/// not replaced by what proves less.
async fn proved(
    tools: &Tools<'_>,
    site: &mut Site,
    hook: Hook,
    outcome: Outcome,
    kept: KeptWebhook,
    (store, default_store): (Option<StoreKind>, StoreKind),
) -> Result<(Hook, KeptWebhook), Error> {
    if kept.proof != Proof::SigningToken || differ::proves(&hook, kept.proof) {
        return Ok((hook, kept));
    }
    let in_use = site.connection.webhook.iter().any(|webhook| !webhook.hooks.is_empty());
    if !kept.made || in_use {
        if outcome == Outcome::Made {
            // It would deliver what nobody can verify.
            let removed = site.forge.remove_hook(&site.token, &site.target, hook.id).await;
            removed.map_err(|error| site.failed(error))?;
        }
        let connection = site.connection.name.clone();
        return Err(HooksError::NoSigning { host: site.host.to_string(), connection }.into());
    }
    let plain =
        NewWebhookSecret { replace: true, proof: Some(Proof::Token), store, ..NewWebhookSecret::any(default_store) };
    let kept = keep(tools, &site.connection.name, plain)?;
    site.connection = kept.connection.clone();
    let change = HookChange { secrets: secrets(&kept), ..HookChange::default() };
    let hook = site.forge.change_hook(&site.token, &site.target, hook.id, &change).await;
    Ok((hook.map_err(|error| site.failed(error))?, kept))
}

/// Writes down that it is connect's own, under the name that the place has now.
fn note(
    tools: &Tools<'_>,
    site: &Site,
    hook: &Hook,
    outcome: Outcome,
    url: &Url,
    temporary: bool,
) -> Result<Connection, Error> {
    let known = site.known(hook.id, hook.of);
    let target = site.target.to_string();
    let url = crate::forge::bare_address(url).to_string();
    let secret = site.connection.webhook.as_ref().map(|webhook| webhook.secret.clone());
    let is_so = |known: &KnownHook| {
        known.url == url
            && known.target == target
            && known.target_id == hook.of
            && known.secret == secret
            && known.temporary == temporary
    };
    if known.is_some_and(is_so) {
        return Ok(site.connection.clone());
    }
    // By the forge's clock, as is what it says of deliveries.
    let made = hook.created_at.filter(|_| outcome == Outcome::Made);
    let since = known.map(|known| known.since).or(made).unwrap_or_else(|| tools.clock.now());
    let hook = KnownHook { target, target_id: hook.of, id: hook.id, url, secret, since, temporary };
    note_hook(tools, &site.connection.name, hook)
}

/// Takes one off the list that is no more; `of` is the number of its place, where that is known.
pub(super) fn forget(tools: &Tools<'_>, site: &Site, id: u64, of: Option<u64>) -> Result<(), Error> {
    let Some(known) = site.known(id, of) else { return Ok(()) };
    forget_hook(tools, &site.connection.name, &known.target, known.target_id, id).map(drop)
}
