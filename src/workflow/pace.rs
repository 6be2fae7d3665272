//! How what takes its time at a forge is watched.

use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder};

/// How often something that takes its time is looked at: at once at first, then less and less often, and not for ever.
pub(super) struct Pace(ExponentialBackoff);

impl Pace {
    const FIRST: Duration = Duration::from_millis(30);
    const LAST: Duration = Duration::from_secs(20);

    pub(super) fn new(patience: Duration) -> Self {
        let delays = ExponentialBuilder::new().with_factor(1.3).with_min_delay(Self::FIRST).with_max_delay(Self::LAST);
        Self(delays.with_total_delay(Some(patience)).without_max_times().build())
    }

    /// Waits a while; says whether there was any patience left.
    pub(super) async fn wait(&mut self) -> bool {
        let Some(delay) = self.0.next() else { return false };
        tokio::time::sleep(delay).await;
        true
    }
}
