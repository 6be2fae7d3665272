//! The sandbox as a program: one line of JSON that says where everything is, then it serves until
//! it is told to stop.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use forge_sandbox::{Sandbox, Seed, Tier, parse_duration};

const AFTER_HELP: &str = "\
The first line on stdout is one JSON object: the addresses of both forges, the tokens by their
names, `dotcom_api_url` (for `--host github.com --api-url`), `admin_url`, and `ca_certificate`.

The admin's door, in plain HTTP:
  GET  /requests            every request seen         DELETE /requests   forget them
  GET  /state               people, places, tokens     GET    /           the whole list, with the faults
  POST /faults {…}          something goes wrong       DELETE /faults     all is well again
  POST /emit {\"forge\":\"github\",\"place\":\"octocat/diary\",\"event\":\"issues\",\"payload\":{…}}
  POST /settle              wait for deliveries        GET    /deliveries/github/HOOK
  POST /clock {\"advance\":\"5d\"}                         the clock forward
  POST /tokens/revoke {\"forge\":\"gitlab\",\"name\":\"api\"}
  POST /mirrors/fail {\"path\":\"group/project\",\"times\":14}
  POST /projects/rename {\"from\":\"group/old\",\"to\":\"group/new\"}
  POST /accounts/rename {\"forge\":\"github\",\"from\":\"octocat\",\"to\":\"kitty\"}
  POST /repositories/rename {\"from\":\"octocat/diary\",\"to\":\"journal\"}

Example:
  curl $ADMIN/faults -d '{\"forge\":\"github\",\"path\":\"/user\",\"times\":1,
                         \"effect\":{\"kind\":\"ready-made\",\"name\":\"sso-required\"}}'";

#[derive(Debug, Clone, Copy, ValueEnum)]
enum TierChoice {
    Community,
    Free,
    Premium,
}

/// A GitHub and a GitLab in memory, on loopback, until Ctrl-C
#[derive(Debug, Parser)]
#[command(name = "forge-sandbox", version, after_help = AFTER_HELP)]
struct Args {
    /// GitHub's port; any free one if left out
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    github_port: u16,
    /// GitLab's port; any free one if left out
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    gitlab_port: u16,
    /// Serve HTTPS, with a certificate authority made for this run
    #[arg(long)]
    tls: bool,
    /// Delay every answer: 50ms, 2s
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    latency: Option<Duration>,
    /// What the GitLab has paid for
    #[arg(long, value_enum, default_value = "premium")]
    tier: TierChoice,
    /// GitLab's version
    #[arg(long, value_name = "VERSION", default_value = "19.1.1")]
    gitlab_version: String,
    /// The version of the GitHub Enterprise Server under /api/v3
    #[arg(long, value_name = "VERSION", default_value = "3.17")]
    ghes_version: String,
    /// Serve GitHub under this path
    #[arg(long, value_name = "PATH", default_value = "", hide_default_value = true)]
    github_base_path: String,
    /// Serve GitLab under this path
    #[arg(long, value_name = "PATH", default_value = "", hide_default_value = true)]
    gitlab_base_path: String,
    /// Tell no rate limits and enforce none (else github.com's and gitlab.com's numbers hold)
    #[arg(long)]
    no_rate_limits: bool,
    /// Refuse webhooks for addresses of this machine, as github.com does
    #[arg(long)]
    refuse_local_hooks: bool,
    /// Disable GitLab's webhooks that fail, as gitlab.com does
    #[arg(long)]
    auto_disable_hooks: bool,
    /// Send so many deliveries to one webhook at a time
    #[arg(long, value_name = "N", default_value_t = 1, hide_default_value = true)]
    deliveries_at_once: usize,
    /// More people, places and tokens, from a JSON file
    #[arg(long, value_name = "FILE")]
    seed: Option<PathBuf>,
}

fn seed(args: &Args) -> Result<Seed, String> {
    let Some(path) = &args.seed else {
        return Ok(Seed::default());
    };
    let wrong = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let text = std::fs::read_to_string(path).map_err(|error| wrong(&error))?;
    serde_json::from_str(&text).map_err(|error| wrong(&error))
}

fn start(args: &Args) -> Result<Sandbox, String> {
    Sandbox::builder()
        .github_port(args.github_port)
        .gitlab_port(args.gitlab_port)
        .tls(args.tls)
        .latency(args.latency.unwrap_or_default())
        .tier(match args.tier {
            TierChoice::Community => Tier::Community,
            TierChoice::Free => Tier::Free,
            TierChoice::Premium => Tier::Premium,
        })
        .gitlab_version(&args.gitlab_version)
        .ghes_version(&args.ghes_version)
        .github_base_path(&args.github_base_path)
        .gitlab_base_path(&args.gitlab_base_path)
        .rate_limits(!args.no_rate_limits)
        .refuse_local_hooks(args.refuse_local_hooks)
        .auto_disable_hooks(args.auto_disable_hooks)
        .deliveries_at_once(args.deliveries_at_once)
        .seed(seed(args)?)
        .start()
        .map_err(|error| error.to_string())
}

/// Listens for Ctrl-C and, where there is one, SIGTERM; then waits for the first.
///
/// Listening begins with the call, not with the wait: whoever reads the first line may send a
/// signal at once.
#[cfg(unix)]
fn signals() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Listens for Ctrl-C, then waits for it.
#[cfg(windows)]
fn signals() -> std::io::Result<impl Future<Output = ()>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        interrupt.recv().await;
    })
}

fn run(args: &Args) -> Result<(), String> {
    let told = |error: std::io::Error| error.to_string();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(told)?;
    let told_to_stop = {
        let _inside = runtime.enter();
        signals().map_err(told)?
    };
    let sandbox = start(args)?;
    let mut stdout = std::io::stdout();
    writeln!(stdout, "{}", sandbox.directory()).map_err(told)?;
    stdout.flush().map_err(told)?;
    runtime.block_on(told_to_stop);
    Ok(())
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nowhere is left to complain when even this fails.
            let _ = writeln!(std::io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}
