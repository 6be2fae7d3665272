//! Work beside the receiving: what may block for a while (a keyring that asks, a lock that somebody holds, a disk) has a
//! thread of its own, so that senders are answered meanwhile and a second Ctrl-C is heard.

use std::io;

use tokio::sync::mpsc;

use super::ListenError;
use crate::workflow::{Error, Event, Tools};

/// What comes from the thread.
enum Said<T> {
    Event(Event),
    Done(T),
}

/// Does this on a thread of its own, and says here what it says there. Dropped, nobody waits for it any more; it goes on
/// to its end or to that of the process.
///
/// # Errors
/// [`ListenError::Thread`].
pub(super) async fn aside<T, W>(tools: &Tools<'_>, work: W) -> Result<T, Error>
where
    T: Send + 'static,
    W: AsyncFnOnce(&Tools<'_>) -> T + Send + 'static,
{
    let theirs = tools.told_to(&|_| ());
    let (tell, mut told) = mpsc::unbounded_channel();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(ListenError::Thread)?;
    let run = move || {
        let events = {
            let tell = tell.clone();
            move |event| {
                let _ = tell.send(Said::Event(event));
            }
        };
        let outcome = runtime.block_on(work(&theirs.told_to(&events)));
        let _ = tell.send(Said::Done(outcome));
        runtime.shutdown_background();
    };
    std::thread::Builder::new().name("aside".into()).spawn(run).map_err(ListenError::Thread)?;
    while let Some(said) = told.recv().await {
        match said {
            Said::Event(event) => tools.say(event),
            Said::Done(outcome) => return Ok(outcome),
        }
    }
    // It panicked.
    Err(ListenError::Thread(io::ErrorKind::Other.into()).into())
}
