//! `--exec`: a command for each delivery, without a shell. The body comes on its standard input, the facts in
//! variables. It has done its work when it ends with 0, and has as long for it as it likes; the connection's next
//! delivery waits.

use std::io;
use std::process::Stdio;

use tokio::io::AsyncWriteExt as _;

use crate::model::{Letter, Packing};

/// A command, and what of our environment it does not get.
#[derive(Debug, Clone)]
pub struct Command {
    /// The program.
    pub program: String,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// Variables that are taken out of its environment, because they hold a secret of ours.
    pub without: Vec<String>,
}

impl Command {
    /// Runs it once. Nothing if it did its work, else what happened, in words.
    ///
    /// What it prints goes to standard error: standard output has the deliveries.
    pub(super) async fn run(&self, letter: &Letter) -> Result<(), String> {
        let mut command = tokio::process::Command::new(&self.program);
        command.args(&self.arguments).kill_on_drop(true);
        self.without.iter().for_each(|name| {
            command.env_remove(name);
        });
        command.envs(variables(letter)).stdin(Stdio::piped()).stdout(Stdio::from(io::stderr()));
        // Ctrl-C is for us; the command finishes what it has begun.
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command.spawn().map_err(|e| format!("the command does not start: {}", e.kind()))?;
        let pipe = child.stdin.take();
        let feed = async {
            if let Some(mut pipe) = pipe {
                // A command that does not want the body closes its end.
                let _ = pipe.write_all(&letter.body).await;
                let _ = pipe.shutdown().await;
            }
        };
        tokio::pin!(feed);
        let wait = child.wait();
        tokio::pin!(wait);
        let status = tokio::select! {
            () = &mut feed => wait.await,
            // What it has left running may hold its standard input open, and never read from it.
            status = &mut wait => status,
        };
        match status {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(match status.code() {
                Some(code) => format!("the command ended with {code}"),
                None => "the command was killed".to_owned(),
            }),
            Err(e) => Err(format!("the command cannot be waited for: {}", e.kind())),
        }
    }
}

/// What a command is told beside the body. What is not known is empty, so that nothing of another run is taken for it.
fn variables(letter: &Letter) -> [(&'static str, String); 10] {
    let fact = |fact: &Option<String>| fact.clone().unwrap_or_default();
    [
        ("CONNECT_WEBHOOK_ID", letter.id.clone()),
        ("CONNECT_WEBHOOK_FORGE", letter.forge.word().to_owned()),
        ("CONNECT_WEBHOOK_CONNECTION", letter.connection.as_str().to_owned()),
        ("CONNECT_WEBHOOK_EVENT", letter.event.clone()),
        ("CONNECT_WEBHOOK_ACTION", fact(&letter.action)),
        ("CONNECT_WEBHOOK_REPOSITORY", fact(&letter.repository)),
        ("CONNECT_WEBHOOK_SENDER", fact(&letter.sender)),
        ("CONNECT_WEBHOOK_RECEIVED_AT", letter.received_at.to_string()),
        ("CONNECT_WEBHOOK_BODY", if letter.packing == Packing::Json { "json" } else { "form" }.to_owned()),
        ("CONNECT_WEBHOOK_REPEAT", if letter.repeat { "true" } else { "false" }.to_owned()),
    ]
}
