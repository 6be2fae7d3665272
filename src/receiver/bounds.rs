//! Reading a body within bounds: of size, of time, and of all the memory that bodies take together.
//!
//! A body is read into one buffer that has its final size from the start where the sender says it, so that 25 MB are
//! 25 MB. Small ones are let in freely; a large one first gets a share of the memory that there is for all, and waits
//! for it no longer than its sender would be waited for.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_LENGTH;
use http_body_util::BodyExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout, timeout_at};

/// GitHub sends no more than this, nor does GitLab by default (facts §5.2 and §6.2): 25 MB.
pub(super) const MOST: usize = 25 * 1024 * 1024;

/// Up to this a body needs no share: with as many connections as there may be, that is still little.
const SMALL: usize = 64 * 1024;

/// What is read and thrown away of a body that is refused, so that its sender sees the answer and not a broken connection.
const POLITE: usize = 1024 * 1024;

/// The unit that memory is shared out in.
const SHARE: usize = 1024;

/// Why there is no body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unread {
    /// More than 25 MB.
    TooLarge,
    /// The sender took too long.
    TooSlow,
    /// The connection broke, or the body has another length than was said.
    Cut,
    /// Other large bodies take all the memory there is.
    NoRoom,
}

/// What all bodies share.
#[derive(Debug, Clone)]
pub(super) struct Bounds {
    memory: Arc<Semaphore>,
    /// For the whole body.
    time: Duration,
    /// Between two pieces of it.
    pause: Duration,
}

/// A body, and its share of the memory for as long as it is held.
pub(super) struct Held {
    pub bytes: Vec<u8>,
    pub share: Option<OwnedSemaphorePermit>,
}

impl Bounds {
    pub(super) fn new(memory: usize, time: Duration, pause: Duration) -> Self {
        // Never less than the largest body, which would otherwise wait in vain.
        Self { memory: Arc::new(Semaphore::new(memory.max(MOST) / SHARE)), time, pause }
    }

    /// Whether the sender says that the body is too large.
    pub(super) fn refuses(headers: &HeaderMap) -> bool {
        declared(headers).is_some_and(|length| length > MOST as u64)
    }

    /// Reads a body whole.
    ///
    /// # Errors
    /// [`Unread`].
    pub(super) async fn read(&self, headers: &HeaderMap, mut body: Body) -> Result<Held, Unread> {
        let deadline = Instant::now() + self.time;
        let length = declared(headers).map(|length| usize::try_from(length).unwrap_or(usize::MAX));
        if length.is_some_and(|length| length > MOST) {
            return Err(Unread::TooLarge);
        }
        let mut share = match length {
            Some(length) if length > SMALL => Some(self.share(length, deadline).await?),
            _ => None,
        };
        let mut bytes = Vec::with_capacity(length.unwrap_or(0));
        loop {
            let until = deadline.min(Instant::now() + self.pause);
            let frame = match timeout_at(until, body.frame()).await.map_err(|_| Unread::TooSlow)? {
                None => return Ok(Held { bytes, share }),
                Some(Err(_)) => return Err(Unread::Cut),
                Some(Ok(frame)) => frame,
            };
            let Ok(piece) = frame.into_data() else { continue };
            if bytes.len() + piece.len() > MOST {
                return Err(Unread::TooLarge);
            }
            if share.is_none() && bytes.len() + piece.len() > SMALL {
                share = Some(self.share(MOST, deadline).await?);
            }
            bytes.extend_from_slice(&piece);
        }
    }

    async fn share(&self, bytes: usize, deadline: Instant) -> Result<OwnedSemaphorePermit, Unread> {
        let units = u32::try_from(bytes.div_ceil(SHARE)).unwrap_or(u32::MAX);
        let waited = timeout_at(deadline, Arc::clone(&self.memory).acquire_many_owned(units)).await;
        waited.ok().and_then(Result::ok).ok_or(Unread::NoRoom)
    }

    /// Reads what is left of a body that nobody wants, for a moment and up to a megabyte.
    pub(super) async fn drain(&self, mut body: Body) {
        let mut left = POLITE;
        let all = async {
            while let Some(Ok(frame)) = body.frame().await {
                left = left.saturating_sub(frame.data_ref().map_or(0, |piece| piece.len()));
                if left == 0 {
                    break;
                }
            }
        };
        let _ = timeout(self.pause.min(Duration::from_secs(2)), all).await;
    }
}

/// What `Content-Length` says. HTTP's own parser has refused those that contradict each other.
fn declared(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
