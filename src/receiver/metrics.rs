//! What the receiver counts, as Prometheus reads it (text format 0.0.4).

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::StatusCode;

/// The statuses there are answers with.
const STATUSES: [u16; 10] = [200, 202, 400, 401, 404, 405, 408, 413, 415, 503];

/// A number that is asked for when somebody reads the metrics.
pub struct Gauge {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub help: &'static str,
    /// How to find it out.
    pub read: Box<dyn Fn() -> u64 + Send + Sync>,
}

/// Counters of the answers, and what else there is to tell.
#[derive(Default)]
pub struct Metrics {
    answers: [AtomicU64; STATUSES.len()],
    bytes: AtomicU64,
    gauges: Vec<Gauge>,
}

impl Metrics {
    /// Counters at nought, with these numbers beside them.
    pub fn new(gauges: Vec<Gauge>) -> Self {
        Self { gauges, ..Self::default() }
    }

    pub(super) fn answered(&self, status: StatusCode) {
        if let Some(counter) =
            STATUSES.iter().position(|known| *known == status.as_u16()).and_then(|at| self.answers.get(at))
        {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn read(&self, bytes: usize) {
        self.bytes.fetch_add(u64::try_from(bytes).unwrap_or(0), Ordering::Relaxed);
    }

    /// All of it as text.
    pub fn text(&self) -> String {
        let mut out = String::new();
        let head = |out: &mut String, name: &str, kind: &str, help: &str| {
            let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
        };
        let name = "connect_webhook_requests_total";
        head(
            &mut out,
            name,
            "counter",
            "Requests, by the status they were answered with. 202: accepted; 200: accepted before.",
        );
        for (status, counter) in STATUSES.iter().zip(&self.answers) {
            let _ = writeln!(out, "{name}{{status=\"{status}\"}} {}", counter.load(Ordering::Relaxed));
        }
        let name = "connect_webhook_body_bytes_total";
        head(&mut out, name, "counter", "Bytes of all bodies that were read.");
        let _ = writeln!(out, "{name} {}", self.bytes.load(Ordering::Relaxed));
        for gauge in &self.gauges {
            head(&mut out, gauge.name, "gauge", gauge.help);
            let _ = writeln!(out, "{} {}", gauge.name, (gauge.read)());
        }
        out
    }
}
