//! Asking: first every host, once, then every connection's token; each in parallel.

use super::super::tools::host_of;
use super::super::{Event, Tools};
use super::check::{Check, Verdict};
use super::{connections, hosts};
use crate::model::{Connection, StoreKind};

/// How far it is, over hosts and connections together.
pub(super) struct Progress<'a> {
    tools: &'a Tools<'a>,
    done: usize,
    of: usize,
}

impl Progress<'_> {
    pub(super) fn step(&mut self) {
        self.done += 1;
        self.tools.say(Event::Progress { done: self.done, of: self.of });
    }
}

/// Asks them all.
pub(super) async fn all(
    tools: &Tools<'_>,
    kept: &[Connection],
    broken: &[StoreKind],
    network: bool,
    checks: &mut Vec<Check>,
) {
    let mut readable = Vec::new();
    for connection in kept {
        match host_of(connection) {
            Ok(host) => readable.push((connection, host)),
            Err(e) => {
                let label = crate::model::text::printable(&connection.url, 80);
                checks.push(Check::of_connection("address", &connection.name, &label, Verdict::failed(e)));
            }
        }
    }
    let sites = hosts::sites(&readable);
    let mut progress = Progress { tools, done: 0, of: sites.len() + readable.len() };
    let sites = hosts::look(tools, sites, network, &mut progress, checks).await;
    connections::look(tools, &readable, &sites, broken, &mut progress, checks).await;
}
