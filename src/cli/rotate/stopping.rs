//! Asking the forges, and Ctrl-C meanwhile: what cannot be undone is finished, nothing else is begun.

use std::time::Duration;

use tokio::sync::watch;

use super::super::session::Session;
use super::super::{CliError, interrupt};
use crate::output::RotatedRow;
use crate::workflow::Tools;
use crate::workflow::rotate::{self, Turn};

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
    let ended = runtime.block_on(async {
        let (stop, stops) = watch::channel(false);
        let work = work(tools, turns, jobs, push, stops);
        tokio::pin!(work);
        let asked = tokio::select! {
            biased;
            rows = &mut work => return Ok((rows, false)),
            asked = interrupt::asked_to_stop() => asked,
        };
        asked.map_err(other)?;
        stop.send_replace(true);
        session.screen.note("finishing what cannot be undone; nothing else is begun");
        Ok((work.await, true))
    });
    drop(heard);
    runtime.shutdown_timeout(Duration::from_millis(100));
    ended
}

async fn work(
    tools: &Tools<'_>,
    turns: Vec<Turn>,
    jobs: usize,
    push: bool,
    mut stop: watch::Receiver<bool>,
) -> Vec<RotatedRow> {
    let mut rotated = rotate::rotate(tools, turns, jobs, stop.clone()).await;
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
