//! Reading a body within bounds: of size, of time, and of all the memory that bodies take together.
//!
//! A body is read into one buffer that has its final size from the start where the sender says it, so that 25 MB are
//! 25 MB. Small ones are let in freely; a large one has its share of the memory that there is for all, which grows with
//! what has come and not with what was announced: whoever says 25 MB and sends nothing keeps nobody out. Where
//! no memory is left, large bodies wait for each other, no longer than their senders would be waited for; one of them
//! at a time may always go on to its end, so that they never all wait.

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

/// The unit that memory is shared out in, and how much of it is taken at once.
const SHARE: usize = 1024;
const STEP: usize = 256 * 1024;

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
    /// Whoever has this goes on to the end: memory for one body is kept for it.
    last: Arc<Semaphore>,
    /// For the whole body.
    time: Duration,
    /// Between two pieces of it.
    pause: Duration,
}

/// A body, and its share of the memory for as long as it is held.
pub(super) struct Held {
    pub bytes: Vec<u8>,
    pub share: Share,
}

/// What a body has of the memory for large ones, until it is dropped.
#[derive(Default)]
pub(super) struct Share {
    bytes: usize,
    pieces: Option<OwnedSemaphorePermit>,
    last: Option<OwnedSemaphorePermit>,
}

impl Bounds {
    pub(super) fn new(memory: usize, time: Duration, pause: Duration) -> Self {
        // One body's is kept for the one that goes on when there is no more.
        let memory = Arc::new(Semaphore::new(memory.saturating_sub(MOST) / SHARE));
        Self { memory, last: Arc::new(Semaphore::new(1)), time, pause }
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
        let mut share = Share::default();
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
            if bytes.len() + piece.len() > SMALL {
                let there = length.unwrap_or(MOST);
                self.grow(&mut share, bytes.len() + piece.len(), there, deadline).await?;
            }
            bytes.extend_from_slice(&piece);
        }
    }

    /// Sees that a share has so many bytes, and some more, up to what the body has.
    async fn grow(&self, share: &mut Share, bytes: usize, most: usize, deadline: Instant) -> Result<(), Unread> {
        if share.last.is_some() || bytes <= share.bytes {
            return Ok(());
        }
        let units = bytes.max((share.bytes + STEP).min(most)).saturating_sub(share.bytes).div_ceil(SHARE);
        let more = Arc::clone(&self.memory).acquire_many_owned(u32::try_from(units).unwrap_or(u32::MAX));
        let last = Arc::clone(&self.last).acquire_owned();
        let waited = async {
            tokio::select! {
                biased;
                more = more => more.map(|more| (Some(more), None)),
                last = last => last.map(|last| (None, Some(last))),
            }
        };
        let (more, last) = timeout_at(deadline, waited).await.ok().and_then(Result::ok).ok_or(Unread::NoRoom)?;
        share.last = last;
        if let Some(more) = more {
            share.bytes += units * SHARE;
            match &mut share.pieces {
                Some(pieces) => pieces.merge(more),
                none => *none = Some(more),
            }
        }
        Ok(())
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
