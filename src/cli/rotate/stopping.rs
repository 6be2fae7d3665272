//! Asking the forges, and Ctrl-C meanwhile: what cannot be undone is finished, nothing else is begun.

use std::time::Duration;

use tokio::sync::watch;

use super::super::session::Session;
use super::super::{CliError, interrupt};
use crate::model::ConnectionName;
use crate::output::RotatedRow;
use crate::workflow::Tools;
use crate::workflow::destination::Pushed;
use crate::workflow::rotate::{self, Done, Rotated, Turn};

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
    stop: watch::Receiver<bool>,
) -> Vec<RotatedRow> {
    let rotated = rotate::rotate(tools, turns, jobs, stop.clone()).await;
    let has_new = |one: &&Rotated| matches!(one.outcome, Ok(Done::Rotated { .. } | Done::Meanwhile));
    let names: Vec<ConnectionName> =
        rotated.iter().filter(|one| push && has_new(one)).map(|one| one.connection.name.clone()).collect();
    let mut pushed = rotate::follow(tools, names, jobs, stop).await.into_iter().peekable();
    let mut rows = Vec::with_capacity(rotated.len());
    for one in rotated {
        let its: Option<Result<Vec<Pushed>, _>> =
            pushed.next_if(|(name, _)| *name == one.connection.name).map(|(_, pushed)| pushed);
        rows.push(RotatedRow::of(one, its.unwrap_or_else(|| Ok(Vec::new()))));
    }
    rows
}
