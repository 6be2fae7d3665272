//! How deliveries leave, for both forges: what is to be sent to a hook waits in a [`Line`], and jobs
//! empty it, in order, while nobody holds the world.
//!
//! One job a hook, unless the sandbox was told otherwise: then what was queued last may arrive first,
//! as at the real forges. A forge says how a letter becomes a request and what is written down of the
//! outcome; that is its [`Mailbox`].

use std::collections::VecDeque;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Instant;

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Serialize, Serializer};
use serde_json::Value;
use sha1::Sha1;
use sha2::Sha256;

use crate::checksum::random_hex;
use crate::client::{self, Failure, Incoming, Outgoing};
use crate::server::Shared;
use crate::work::Work;
use crate::world::World;

/// Neither forge sends a larger body.
pub(crate) const MOST: usize = 25 * 1024 * 1024;

/// What happened, in JSON. Clones are the same, so that ten thousand deliveries of it cost no more than one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Payload(Arc<Value>);

impl From<Value> for Payload {
    fn from(value: Value) -> Self {
        Self(Arc::new(value))
    }
}

impl Deref for Payload {
    type Target = Value;

    fn deref(&self) -> &Value {
        &self.0
    }
}

impl Serialize for Payload {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// Writes a list whose items are shared: what was delivered is copied with its hook, and must not weigh.
pub(crate) fn unshared<T: Serialize, S: Serializer>(list: &[Arc<T>], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(list.iter().map(Arc::as_ref))
}

/// What is to be sent to one hook, in order, and how many are at it.
#[derive(Debug, Clone)]
pub(crate) struct Line<L> {
    waiting: VecDeque<Arc<L>>,
    at_work: usize,
}

impl<L> Default for Line<L> {
    fn default() -> Self {
        Self { waiting: VecDeque::new(), at_work: 0 }
    }
}

/// Whose line it is, and what the forge makes of it.
pub(crate) trait Mailbox: Copy + Send + Sync + 'static {
    /// What waits.
    type Letter: Send + Sync + 'static;
    /// What is known of a letter that is on its way.
    type Sent: Send + 'static;

    /// The hook's line; `None` once the hook is gone.
    fn line(self, world: &mut World) -> Option<&mut Line<Self::Letter>>;

    /// Makes a request of a letter; `None` if it is not to be sent after all.
    fn address(self, world: &mut World, letter: &Self::Letter) -> Option<(Outgoing, Self::Sent)>;

    /// Writes down how it went; `seconds` is how long it took. A letter that comes back is sent again.
    fn record(
        self,
        world: &mut World,
        sent: Self::Sent,
        outcome: Result<Incoming, Failure>,
        seconds: f64,
    ) -> Option<Self::Letter>;
}

/// Puts a letter into a line, and sees to it that somebody empties it: `at_once` jobs at most.
pub(crate) fn enqueue<M: Mailbox>(
    line: &mut Line<M::Letter>,
    mailbox: M,
    letter: M::Letter,
    work: &Work,
    at_once: usize,
) {
    line.waiting.push_back(Arc::new(letter));
    if line.at_work < at_once.max(1) {
        line.at_work += 1;
        work.later(move |shared| run(shared, mailbox));
    }
}

/// Sends until nothing waits, or the hook is gone.
async fn run<M: Mailbox>(shared: Arc<Shared>, mailbox: M) {
    loop {
        let next = {
            let mut world = shared.world();
            let Some(line) = mailbox.line(&mut world) else {
                return;
            };
            let Some(letter) = line.waiting.pop_front() else {
                line.at_work -= 1;
                return;
            };
            mailbox.address(&mut world, &letter)
        };
        let Some((outgoing, sent)) = next else {
            continue;
        };
        let (outcome, seconds) = send(&outgoing).await;
        let mut world = shared.world();
        if let Some(again) = mailbox.record(&mut world, sent, outcome, seconds)
            && let Some(line) = mailbox.line(&mut world)
        {
            line.waiting.push_front(Arc::new(again));
        }
    }
}

/// Sends one, and tells how long it took, in seconds.
pub(crate) async fn send(outgoing: &Outgoing) -> (Result<Incoming, Failure>, f64) {
    let began = Instant::now();
    let outcome = client::post(outgoing).await;
    (outcome, began.elapsed().as_secs_f64())
}

/// A random GUID (version 4) such as `72d3162e-cc78-41e3-81ab-4c9367dc0958`.
pub(crate) fn guid() -> String {
    let digits = random_hex(30);
    format!("{}-{}-4{}-a{}-{}", &digits[..8], &digits[8..12], &digits[12..15], &digits[15..18], &digits[18..30])
}

/// GitHub's older signature. HMAC takes keys of every length, so neither of these two ever fails.
pub(crate) fn hmac_sha1(key: &[u8], body: &[u8]) -> Vec<u8> {
    let mac = Hmac::<Sha1>::new_from_slice(key);
    mac.map(|mac| mac.chain_update(body).finalize().into_bytes().to_vec()).unwrap_or_default()
}

/// The signature of both forges, over the parts as if they were one.
pub(crate) fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mac = Hmac::<Sha256>::new_from_slice(key);
    let fed = mac.map(|mac| parts.iter().fold(mac, |mac, part| mac.chain_update(part)));
    fed.map(|mac| mac.finalize().into_bytes().to_vec()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guids_have_their_form() {
        let parts: Vec<usize> = guid().split('-').map(str::len).collect();
        assert_eq!(parts, [8, 4, 4, 4, 12]);
        assert_ne!(guid(), guid());
    }

    #[test]
    fn signatures_are_those_of_githubs_own_example() {
        let digits = |bytes: Vec<u8>| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let signed = hmac_sha256(b"It's a Secret to Everybody", &[b"Hello, ", b"World!"]);
        assert_eq!(digits(signed), "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17");
        let older = hmac_sha1(b"key", b"The quick brown fox jumps over the lazy dog");
        assert_eq!(digits(older), "de7c9b85b8b78aa6bc8a7a36f70a90701c9db4d9");
    }
}
