//! Ctrl-C. Anything may be cut off at any point without harm, so there is little to do: tell the
//! prompt or the request that is waiting, and if nobody was, end.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::watch;

use super::terminal;
use crate::output::{Exit, Screen};

/// How long whoever is waiting has to say what happened.
const GRACE: Duration = Duration::from_millis(1500);

static PRESSED: OnceLock<watch::Receiver<bool>> = OnceLock::new();

/// Whether the command hears Ctrl-C itself, and ends in its own time.
static HEARD_ELSEWHERE: AtomicBool = AtomicBool::new(false);

/// Whether an answer is being typed, which nobody else could cut short.
static ASKING: AtomicBool = AtomicBool::new(false);

/// From now on the command hears Ctrl-C itself ([`asked_to_stop`]): nothing is ended here, but a prompt.
pub(super) fn heard_elsewhere() {
    HEARD_ELSEWHERE.store(true, Ordering::Release);
}

/// As [`heard_elsewhere`], for as long as this lives.
pub(super) struct HeardHere(());

impl HeardHere {
    /// From now on.
    pub(super) fn begin() -> Self {
        heard_elsewhere();
        Self(())
    }
}

impl Drop for HeardHere {
    fn drop(&mut self) {
        HEARD_ELSEWHERE.store(false, Ordering::Release);
    }
}

/// Says that an answer is being typed, or no longer.
pub(super) fn asking(open: bool) {
    ASKING.store(open, Ordering::Release);
}

/// Begins to listen for Ctrl-C. Until then it kills the process as it always does; commands that
/// neither ask nor wait never get here.
pub(super) fn listen(screen: &Screen) -> watch::Receiver<bool> {
    PRESSED
        .get_or_init(|| {
            let (tell, told) = watch::channel(false);
            let (ready, is_ready) = std::sync::mpsc::channel();
            let screen = screen.clone();
            let watcher = std::thread::Builder::new().name("interrupt".into());
            let spawned = watcher.spawn(move || {
                let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
                runtime.block_on(async {
                    let pressed = asked_to_stop();
                    tokio::pin!(pressed);
                    // The handler is in place once the future has been polled.
                    let at_once = poll_once(pressed.as_mut()).await;
                    let _ = ready.send(());
                    let mut outcome = match at_once {
                        Some(outcome) => outcome,
                        None => pressed.await,
                    };
                    while outcome.is_ok() && HEARD_ELSEWHERE.load(Ordering::Acquire) && !ASKING.load(Ordering::Acquire)
                    {
                        outcome = asked_to_stop().await;
                    }
                    if outcome.is_ok() {
                        let _ = tell.send(true);
                        tokio::time::sleep(GRACE).await;
                        end(&screen);
                    }
                });
            });
            if spawned.is_ok() {
                let _ = is_ready.recv_timeout(GRACE);
            }
            told
        })
        .clone()
}

/// Waits for Ctrl-C, or for the signals that stand for it: who closes the window means the same.
#[cfg(unix)]
pub(super) async fn asked_to_stop() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut hang_up) = (signal(SignalKind::terminate())?, signal(SignalKind::hangup())?);
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => pressed,
        _ = terminate.recv() => Ok(()),
        _ = hang_up.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
pub(super) async fn asked_to_stop() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}

/// Polls a future once.
async fn poll_once<F: Future>(mut future: std::pin::Pin<&mut F>) -> Option<F::Output> {
    std::future::poll_fn(|context| match future.as_mut().poll(context) {
        std::task::Poll::Ready(output) => std::task::Poll::Ready(Some(output)),
        std::task::Poll::Pending => std::task::Poll::Ready(None),
    })
    .await
}

/// Nobody was waiting for it: a keyring or a disk is slow. What is half done is finished or undone by
/// the next run.
#[allow(
    clippy::exit,
    clippy::disallowed_methods,
    reason = "the main thread is stuck in a call that cannot be cut short"
)]
fn end(screen: &Screen) {
    if terminal::put_back() {
        screen.ask("");
    }
    screen.failure(&screen.interrupted());
    std::process::exit(i32::from(Exit::Interrupted.code()));
}
