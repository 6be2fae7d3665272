//! Asking the forges, and Ctrl-C meanwhile: what cannot be undone is finished, nothing else is begun.

use std::thread;
use std::time::Duration;

use tokio::sync::watch;

use super::super::session::Session;
use super::super::{CliError, interrupt};
use crate::output::RotatedRow;
use crate::workflow::rotate::{self, Turn};
use crate::workflow::{Crew, Tools};

/// Rotates by asking, then lets the copies follow. Says whether it was stopped.
pub(super) fn rotate(
    session: &Session,
    tools: &Tools<'_>,
    turns: Vec<Turn>,
    jobs: usize,
    push: bool,
) -> Result<(Vec<RotatedRow>, bool), CliError> {
    let other =
        |e: std::io::Error| CliError::Other { message: format!("cannot start: {}", e.kind()), hints: Vec::new() };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(other)?;
    // A prompt may have been there, and whoever watched over it would end this in the middle.
    let heard = interrupt::HeardHere::begin();
    let ended = thread::scope(|scope| {
        let crew = Crew::new(scope, runtime.handle().clone());
        runtime.block_on(async {
            let (stop, stops) = watch::channel(false);
            let work = work(tools, &crew, turns, jobs, push, stops);
            tokio::pin!(work);
            let asked = tokio::select! {
                biased;
                rows = &mut work => return (rows, false),
                asked = interrupt::asked_to_stop() => asked,
            };
            // Where Ctrl-C cannot be heard, nobody can stop this; what was begun is finished all the same.
            let stopped = asked.is_ok();
            if stopped {
                stop.send_replace(true);
                session.screen.note("finishing what cannot be undone; nothing else is begun");
            }
            (work.await, stopped)
        })
    });
    drop(heard);
    runtime.shutdown_timeout(Duration::from_millis(100));
    Ok(ended)
}

async fn work<'scope>(
    tools: &'scope Tools<'_>,
    crew: &Crew<'scope, '_>,
    turns: Vec<Turn>,
    jobs: usize,
    push: bool,
    mut stop: watch::Receiver<bool>,
) -> Vec<RotatedRow> {
    let mut rotated = rotate::rotate(tools, crew, turns, jobs, stop.clone()).await;
    if push && !*stop.borrow() {
        // A copy that is not brought along stays stale, and is listed as such: nothing is lost by stopping here.
        tokio::select! {
            biased;
            () = rotate::follow(tools, &mut rotated, jobs) => {}
            Ok(()) = stop.changed() => {}
        }
    }
    let mut rows: Vec<RotatedRow> = rotated.into_iter().map(RotatedRow::of).collect();
    if push && *stop.borrow() {
        rows.iter_mut().for_each(RotatedRow::leave_copies);
    }
    rows
}
