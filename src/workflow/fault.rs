//! Points at which a test kills the process, to see that the next one finishes or undoes the work.
//!
//! Without the cargo feature `test-hooks` there is nothing here but an empty function.

#[cfg(feature = "test-hooks")]
static ARMED: std::sync::OnceLock<String> = std::sync::OnceLock::new();

/// Chooses the point at which this process dies.
#[cfg(feature = "test-hooks")]
pub fn arm(point: String) {
    let _ = ARMED.set(point);
}

/// Dies here, as a kill would have it, if this is the point that was chosen.
#[cfg(feature = "test-hooks")]
pub(super) fn point(name: &str) {
    if ARMED.get().is_some_and(|armed| armed == name) {
        std::process::abort();
    }
}

/// Nothing: this program was built for people.
#[cfg(not(feature = "test-hooks"))]
#[inline]
pub(super) const fn point(_name: &str) {}
