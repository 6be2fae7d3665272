//! Asking again.
//!
//! Only what reads is asked again, and what the caller has marked as safe to repeat; never a
//! revocation, never a rotation. It is asked again when the connection broke, when a server in
//! between was absent (502–504), and when the forge asks for a short wait. A host that is not there
//! gets one more try, quickly: it must fail fast. Everything stays within the time limit of the call;
//! a wait that would not fit into it is not begun, so that the real cause is reported and not the
//! time limit.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use tokio::time::Instant;

use super::error::{ForgeError, ForgeErrorKind};
use super::http::Answer;

/// The longest wait that is waited; for anything longer the caller is told when to come back.
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// What an attempt needs at least; with less time left, the cause of the last one is the better answer.
const LEAST: Duration = Duration::from_millis(250);
/// How often a request is repeated at most.
const MOST: usize = 3;

/// An attempt that failed, and how long the forge wants to be left alone.
pub(super) struct Failure {
    pub(super) error: ForgeError,
    pub(super) wait: Option<Duration>,
    /// The refusal itself, where there was an answer.
    pub(super) answer: Option<Box<Answer>>,
}

impl From<ForgeError> for Failure {
    fn from(error: ForgeError) -> Self {
        Self { error, wait: None, answer: None }
    }
}

/// How many times a failure of this sort may be followed by another attempt.
fn repeats(failure: &Failure) -> usize {
    match failure.error.kind {
        ForgeErrorKind::ConnectionLost => MOST,
        ForgeErrorKind::NameNotFound | ForgeErrorKind::ConnectionRefused => 1,
        ForgeErrorKind::ServerError if matches!(failure.error.status, Some(502..=504)) => MOST,
        // GitHub REST, "Best practices": without a stated wait, a minute at least.
        ForgeErrorKind::RateLimited { secondary: true, .. } if failure.wait.is_none() => 0,
        ForgeErrorKind::RateLimited { .. } => MOST,
        _ => 0,
    }
}

/// Runs `attempt` until it succeeds, fails for good, or the deadline is too near.
pub(super) async fn run<T, F>(attempt: impl FnMut() -> F, deadline: Instant) -> Result<T, Failure>
where
    F: Future<Output = Result<T, Failure>>,
{
    let backoff = ExponentialBuilder::new()
        .with_min_delay(Duration::from_millis(200))
        .with_factor(2.0)
        .with_max_times(MOST)
        .with_jitter();
    let mut done = 0;
    attempt
        .retry(backoff)
        .sleep(tokio::time::sleep)
        .adjust(|failure: &Failure, planned: Option<Duration>| {
            let planned = planned.filter(|_| done < repeats(failure))?;
            // The jitter comes on top of what the forge asked for: all its callers were told the same.
            let wait = failure.wait.unwrap_or_default();
            let delay = wait.saturating_add(planned);
            let fits = wait <= LONGEST_WAIT
                && Instant::now().checked_add(delay.saturating_add(LEAST)).is_some_and(|at| at < deadline);
            done += 1;
            fits.then_some(delay)
        })
        .notify(|failure: &Failure, delay: Duration| {
            tracing::debug!(host = failure.error.host, status = failure.error.status, ?delay, "asking again");
        })
        .await
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// Fails the same way every time; gives the number of attempts and the seconds that passed.
    async fn always(kind: ForgeErrorKind, status: Option<u16>, wait: Option<u64>, limit: u64) -> (usize, u64) {
        let count = Cell::new(0);
        let start = Instant::now();
        let attempt = || async {
            count.set(count.get() + 1);
            let error = ForgeError { status, ..ForgeError::new(kind.clone(), "h") };
            Err::<(), Failure>(Failure { error, wait: wait.map(Duration::from_secs), answer: None })
        };
        let outcome = run(attempt, start + Duration::from_secs(limit)).await;
        assert_eq!(outcome.map_err(|failure| failure.error.kind), Err(kind));
        (count.get(), start.elapsed().as_secs())
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_asked_again_and_how_often() {
        use ForgeErrorKind as Kind;
        let limited = |secondary| Kind::RateLimited { until: None, secondary };
        for (kind, status, wait, attempts) in [
            (Kind::ConnectionLost, None, None, 4),
            (Kind::ServerError, Some(502), None, 4),
            (Kind::ServerError, Some(503), Some(2), 4),
            (Kind::ServerError, Some(500), None, 1),
            (Kind::ConnectionRefused, None, None, 2),
            (Kind::NameNotFound, None, None, 2),
            (Kind::TimedOut, None, None, 1),
            (Kind::BadCredentials, Some(401), None, 1),
            (Kind::UnknownToken, Some(401), Some(1), 1),
            (Kind::CertificateNotTrusted, None, None, 1),
            (limited(false), Some(429), None, 4),
            (limited(false), Some(429), Some(5), 4),
            (limited(false), Some(429), Some(6), 1),
            (limited(true), Some(403), None, 1),
            (limited(true), Some(403), Some(1), 4),
        ] {
            assert_eq!(always(kind.clone(), status, wait, 60).await.0, attempts, "{kind:?} {status:?} {wait:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn waits_are_those_the_forge_asked_for() {
        let (attempts, seconds) = always(ForgeErrorKind::ServerError, Some(503), Some(4), 60).await;
        assert_eq!(attempts, 4);
        assert!((12..17).contains(&seconds), "{seconds}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_that_does_not_fit_is_not_begun() {
        let (attempts, seconds) = always(ForgeErrorKind::ServerError, Some(503), Some(4), 6).await;
        assert_eq!(attempts, 2);
        assert!(seconds < 6, "{seconds}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_dead_host_fails_fast() {
        let start = Instant::now();
        let _ = always(ForgeErrorKind::ConnectionRefused, None, None, 30).await;
        assert!(start.elapsed() < Duration::from_secs(1));
    }

    #[tokio::test(start_paused = true)]
    async fn success_ends_it() {
        let count = Cell::new(0);
        let outcome = run(
            || async {
                count.set(count.get() + 1);
                match count.get() {
                    1 => Err(Failure::from(ForgeError::new(ForgeErrorKind::ConnectionLost, "h"))),
                    n => Ok(n),
                }
            },
            Instant::now() + Duration::from_secs(30),
        )
        .await;
        assert_eq!(outcome.ok(), Some(2));
    }
}
