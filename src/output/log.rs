//! `-v`: every request, on stderr. What may be logged: methods, paths, statuses, durations.
//! Never a header's value, never a body, never a query's value.

use tracing::level_filters::LevelFilter;

/// Starts the log.
pub fn start_log() {
    use tracing_subscriber::Layer as _;
    use tracing_subscriber::layer::SubscriberExt as _;
    use tracing_subscriber::util::SubscriberInitExt as _;
    // Only what we wrote ourselves: other crates log what they like.
    let ours = tracing_subscriber::filter::Targets::new().with_target("connect", LevelFilter::DEBUG);
    let lines = tracing_subscriber::fmt::layer()
        .without_time()
        .with_target(false)
        .with_ansi(false)
        .with_writer(std::io::stderr);
    let _ = tracing_subscriber::registry().with(lines.with_filter(ours)).try_init();
}
