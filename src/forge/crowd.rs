//! Many at once, within bounds: how many requests are under way at one origin and in all, and when an
//! origin that does not answer is given up.
//!
//! An administrator's thousand tokens may be at a host that is gone. Each request would wait for its
//! own time limit; here the first ones do, and when none of them was answered the others are not even
//! sent. An origin that has answered before is given more time: some of its answers may hang, but not as
//! many in a row as are under way at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use url::Url;

use super::base::origin;
use super::error::ForgeErrorKind;

/// How many requests are under way at one origin at a time. GitHub REST, "Rate limits": no more than 100.
const AT_ONE_ORIGIN: usize = 100;
/// How many in all: each is an open connection, and systems allow a process some 256 files, of which writing records
/// down needs some as well.
const IN_ALL: usize = 160;
/// So many requests without an answer, failed or under way when one fails, are enough to give up an origin that
/// has never answered.
const PATIENCE: usize = 8;

/// The origins of one transport.
pub(super) struct Crowd {
    origins: Mutex<HashMap<String, Arc<Origin>>>,
    all: Arc<Semaphore>,
}

struct Origin {
    places: Arc<Semaphore>,
    silence: Mutex<Silence>,
}

/// What is known of whether anybody is there.
#[derive(Default)]
struct Silence {
    answered: bool,
    /// In a row.
    failures: usize,
    last: Option<ForgeErrorKind>,
    /// For the rest of the run.
    given_up: bool,
}

/// The right to send one request now.
pub(super) struct Place {
    origin: Arc<Origin>,
    _permits: (Option<OwnedSemaphorePermit>, Option<OwnedSemaphorePermit>),
}

impl Crowd {
    pub(super) fn new() -> Self {
        Self { origins: Mutex::default(), all: Arc::new(Semaphore::new(IN_ALL)) }
    }

    /// Waits for a free place. The time limit of a request begins afterwards.
    ///
    /// # Errors
    /// Why the origin did not answer the others, if it has been given up.
    pub(super) async fn enter(&self, url: &Url) -> Result<Place, ForgeErrorKind> {
        let origin = {
            let mut origins = self.origins.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(origins.entry(origin(url)).or_insert_with(|| Arc::new(Origin::new())))
        };
        let here = Arc::clone(&origin.places).acquire_owned().await.ok();
        let anywhere = Arc::clone(&self.all).acquire_owned().await.ok();
        match origin.given_up() {
            Some(why) => Err(why),
            None => Ok(Place { origin, _permits: (here, anywhere) }),
        }
    }
}

impl Origin {
    fn new() -> Self {
        Self { places: Arc::new(Semaphore::new(AT_ONE_ORIGIN)), silence: Mutex::default() }
    }

    fn given_up(&self) -> Option<ForgeErrorKind> {
        let silence = self.silence.lock().unwrap_or_else(PoisonError::into_inner);
        silence.last.clone().filter(|_| silence.given_up)
    }
}

impl Place {
    /// Takes note of whether an answer came.
    pub(super) fn outcome(&self, failure: Option<&ForgeErrorKind>) {
        let mut silence = self.origin.silence.lock().unwrap_or_else(PoisonError::into_inner);
        match failure.filter(|kind| is_silence(kind)) {
            None => (silence.answered, silence.failures) = (true, 0),
            Some(kind) => {
                silence.failures += 1;
                silence.last = Some(kind.clone());
                // This one is still among those that are under way.
                let under_way = AT_ONE_ORIGIN.saturating_sub(self.origin.places.available_permits() + 1);
                silence.given_up |= if silence.answered {
                    silence.failures >= AT_ONE_ORIGIN
                } else {
                    silence.failures + under_way >= PATIENCE
                };
            }
        }
    }
}

/// Whether nobody was there to answer.
const fn is_silence(kind: &ForgeErrorKind) -> bool {
    matches!(
        kind,
        ForgeErrorKind::CertificateNotTrusted
            | ForgeErrorKind::CertificateExpired
            | ForgeErrorKind::CertificateWrongName
            | ForgeErrorKind::TlsFailed
            | ForgeErrorKind::NameNotFound
            | ForgeErrorKind::ConnectionRefused
            | ForgeErrorKind::TimedOut
            | ForgeErrorKind::ProxyFailed
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap_or_else(|_| unreachable!())
    }

    async fn entered(crowd: &Crowd, text: &str) -> Result<Place, ForgeErrorKind> {
        crowd.enter(&url(text)).await
    }

    #[tokio::test]
    async fn who_never_answers_is_given_up() {
        let crowd = Crowd::new();
        for _ in 0..PATIENCE {
            let place = entered(&crowd, "https://dead.test/a").await;
            assert!(place.is_ok_and(|place| {
                place.outcome(Some(&ForgeErrorKind::TimedOut));
                true
            }));
        }
        let after = entered(&crowd, "https://dead.test/b").await;
        assert_eq!(after.err(), Some(ForgeErrorKind::TimedOut));
        assert!(entered(&crowd, "https://other.test/").await.is_ok(), "another host is another matter");
    }

    #[tokio::test]
    async fn who_answered_once_is_asked_again() {
        let crowd = Crowd::new();
        let mut outcomes = vec![Some(ForgeErrorKind::TimedOut); 90];
        outcomes[PATIENCE - 2] = Some(ForgeErrorKind::ServerError);
        for outcome in outcomes {
            let place = entered(&crowd, "https://slow.test/").await;
            assert!(place.is_ok_and(|place| {
                place.outcome(outcome.as_ref());
                true
            }));
        }
    }

    #[tokio::test]
    async fn who_answered_once_and_never_again_is_given_up_too() {
        let crowd = Crowd::new();
        for number in 0..=AT_ONE_ORIGIN {
            let place = entered(&crowd, "https://hangs.test/").await;
            assert!(place.is_ok_and(|place| {
                place.outcome(Some(&ForgeErrorKind::TimedOut).filter(|_| number > 0));
                true
            }));
        }
        assert!(entered(&crowd, "https://hangs.test/").await.is_err());
    }

    #[tokio::test]
    async fn those_under_way_without_an_answer_count() {
        let crowd = Crowd::new();
        let mut under_way = Vec::new();
        for _ in 0..PATIENCE {
            under_way.extend(entered(&crowd, "https://dead.test/").await);
        }
        assert_eq!(under_way.len(), PATIENCE);
        if let Some(place) = under_way.pop() {
            place.outcome(Some(&ForgeErrorKind::TimedOut));
        }
        assert!(entered(&crowd, "https://dead.test/").await.is_err());
    }

    #[tokio::test]
    async fn no_more_than_so_many_at_once() {
        let crowd = Crowd::new();
        let mut inside = Vec::new();
        for _ in 0..AT_ONE_ORIGIN {
            inside.push(entered(&crowd, "https://h.test/").await);
        }
        assert!(tokio::time::timeout(std::time::Duration::ZERO, entered(&crowd, "https://h.test/")).await.is_err());
        inside.pop();
        assert!(entered(&crowd, "https://h.test/").await.is_ok());
    }
}
