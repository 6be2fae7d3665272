//! What is wished of a webhook, before it is known what there is.

use url::Url;

use crate::model::hook::{Target, event};
use crate::model::{ForgeKind, PublicUrl, WebhookRecord};

/// Where it is to deliver to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HookUrl {
    /// To this address, whoever listens there.
    Whole(Url),
    /// To the connection's own address below this base.
    Below(PublicUrl),
    /// The same, for once: the base is not remembered.
    BelowOnce(PublicUrl),
    /// To the connection's own address below the base that it remembers.
    Remembered,
}

impl HookUrl {
    /// The address, as far as it can be said of a connection with this record, or without one.
    pub(super) fn resolve(&self, webhook: Option<&WebhookRecord>) -> Option<Url> {
        match self {
            Self::Whole(url) => Some(url.clone()),
            Self::Below(base) | Self::BelowOnce(base) => Url::parse(&webhook?.url_below(base.as_str())).ok(),
            Self::Remembered => Url::parse(&webhook?.url()?).ok(),
        }
    }

    /// The address, or the part of it that says where it leads.
    pub(super) fn place(&self, webhook: Option<&WebhookRecord>) -> Option<Url> {
        match self {
            Self::Below(base) | Self::BelowOnce(base) => Url::parse(base.as_str()).ok(),
            other => other.resolve(webhook),
        }
    }

    /// The base that is to be remembered.
    pub(super) fn base(&self) -> Option<PublicUrl> {
        match self {
            Self::Below(base) => Some(base.clone()),
            _ => None,
        }
    }

    /// Whether nobody else can have made a webhook of this address: the connection's number is in it, which is random.
    pub(super) const fn is_only_ours(&self) -> bool {
        !matches!(self, Self::Whole(_))
    }
}

/// What it is to tell of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventWish {
    /// Everything, on GitHub also what comes one day.
    All,
    /// These, in the forge's words.
    These(Vec<String>),
}

impl EventWish {
    /// What is sent for it.
    pub(super) fn names(&self, target: &Target) -> Vec<String> {
        match self {
            Self::These(names) => names.clone(),
            Self::All if target.forge() == ForgeKind::GitHub => vec![event::ALL.to_owned()],
            Self::All => event::all(target).map(str::to_owned).collect(),
        }
    }
}
