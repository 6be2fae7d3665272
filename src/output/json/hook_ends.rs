//! `connect webhook ping|remove` for programs.

use serde::Serialize;

use super::hooks::{Delivered, Which};
use crate::workflow::hooks::{Pinged, Removed, Site};

/// `ping`.
#[derive(Debug, Serialize)]
pub struct HookPinged<'a> {
    #[serde(flatten)]
    which: Which,
    event: &'a str,
    /// Null where it is not known yet.
    taken: Option<bool>,
    says: Option<&'a str>,
    delivery: Option<Delivered<'a>>,
}

impl<'a> HookPinged<'a> {
    /// The form in which a test is told to programs.
    pub fn of(site: &Site, id: u64, pinged: &'a Pinged) -> Self {
        Self {
            which: Which::of(site, id),
            event: &pinged.event,
            taken: pinged.taken,
            says: pinged.says.as_deref(),
            delivery: pinged.delivery.as_ref().map(Delivered::of),
        }
    }
}

/// `remove`.
#[derive(Debug, Serialize)]
pub struct HookRemoved {
    #[serde(flatten)]
    which: Which,
    url: Option<String>,
    own: bool,
    /// False: somebody had removed it before.
    removed: bool,
}

impl HookRemoved {
    /// The form in which it is told to programs.
    pub fn of(site: &Site, id: u64, removed: &Removed) -> Self {
        Self {
            which: Which::of(site, id),
            url: removed.hook.as_ref().map(|hook| hook.url.to_string()),
            own: removed.own,
            removed: removed.hook.is_some(),
        }
    }
}
