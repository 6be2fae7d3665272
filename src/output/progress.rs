//! How far it is: a line on a terminal that goes away when the work is done.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Shows how far it is. Does nothing where stderr is no terminal.
#[derive(Debug, Clone)]
pub(super) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    pub(super) fn new(visible: bool) -> Self {
        let bar = ProgressBar::new_spinner();
        // Cut off at the terminal's width: of a line that wraps, not all is taken away again.
        if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg}") {
            bar.set_style(style);
        }
        bar.set_draw_target(if visible { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() });
        Self { bar }
    }

    /// Something whose length nobody knows: shown with a spinner, in these words.
    pub(super) fn busy(&self, words: String) {
        // A line that was taken away for something to be said comes back.
        if self.bar.is_finished() {
            self.bar.reset();
        }
        self.bar.set_message(words);
        self.bar.enable_steady_tick(Duration::from_millis(120));
    }

    /// So many of so many are done.
    pub(super) fn at(&self, done: usize, of: usize) {
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}") {
            self.bar.set_style(style);
        }
        if self.bar.is_finished() {
            self.bar.reset();
        }
        // Both at once: one list after the other is gone through, and none of them is at 3/1 in between.
        self.bar.update(|state| {
            state.set_len(u64::try_from(of).unwrap_or(u64::MAX));
            state.set_pos(u64::try_from(done).unwrap_or(u64::MAX));
        });
    }

    /// Takes the line away.
    pub(super) fn clear(&self) {
        self.bar.disable_steady_tick();
        self.bar.finish_and_clear();
    }
}
