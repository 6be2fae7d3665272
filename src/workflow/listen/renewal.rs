//! The secrets of a connection that is listened for, read anew: somebody may have replaced them meanwhile, and the forge
//! signs with the new one from then on.
//!
//! Whoever likes can send something that proves nothing, so they are read every few seconds at most, and less often from a
//! store that does not answer.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use super::{Post, aside, keys};
use crate::model::{ConnectionName, StoreKind};
use crate::receiver::{Renew, Verifier};
use crate::workflow::Tools;

/// So long what was read holds.
const PAUSE: Duration = Duration::from_secs(3);

/// So long a store that failed, or took too long, is left alone.
const LONG_PAUSE: Duration = Duration::from_secs(60);

/// No sender waits longer for it.
const PATIENCE: Duration = Duration::from_secs(5);

/// One connection's.
struct Renewal {
    tools: Tools<'static>,
    endpoint: String,
    name: ConnectionName,
    /// The store that is open: another might ask for a passphrase.
    kept_in: StoreKind,
    /// What was read last, and until when it holds.
    read: Mutex<(Option<Verifier>, Option<Instant>)>,
}

/// Reads them for the server, by the last part of the address.
pub(super) fn renew(tools: &Tools<'_>, posts: &[Post]) -> Renew {
    let of = |post: &Post| {
        let webhook = post.connection.webhook.as_ref()?;
        Some(Arc::new(Renewal {
            tools: tools.told_to(&|_| ()),
            endpoint: post.endpoint.id.clone(),
            name: post.connection.name.clone(),
            kept_in: webhook.kept_in,
            read: Mutex::default(),
        }))
    };
    let all: Vec<Arc<Renewal>> = posts.iter().filter_map(of).collect();
    Arc::new(move |endpoint: &str| {
        let one = all.iter().find(|one| one.endpoint == endpoint).map(Arc::clone);
        Box::pin(async move {
            match one {
                Some(one) => one.latest().await,
                None => None,
            }
        })
    })
}

impl Renewal {
    /// What proves a delivery now; nothing where that cannot be read. Who comes while it is read waits, and has the same.
    async fn latest(&self) -> Option<Verifier> {
        let mut read = self.read.lock().await;
        if read.1.is_some_and(|until| Instant::now() < until) {
            return read.0.clone();
        }
        let (name, endpoint, kept_in) = (self.name.clone(), self.endpoint.clone(), self.kept_in);
        let now = aside(&self.tools, async move |tools: &Tools<'_>| {
            let connection = tools.record(&name).ok()?;
            let same = |webhook: &&crate::model::WebhookRecord| webhook.id == endpoint && webhook.kept_in == kept_in;
            connection.webhook.as_ref().filter(same)?;
            keys(tools, &connection).ok().map(|(_, verifier)| verifier)
        });
        let now = timeout(PATIENCE, now).await.ok().and_then(Result::ok).flatten();
        read.1 = Some(Instant::now() + if now.is_some() { PAUSE } else { LONG_PAUSE });
        if now.is_some() {
            read.0 = now;
        }
        read.0.clone()
    }
}
