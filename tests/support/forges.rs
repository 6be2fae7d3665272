//! The forges that a story plays against, and the calls that most stories begin with.

use forge_sandbox::{Builder, Sandbox};

use super::Home;
use super::call::Call;

/// What time it is, for the program under test and for the forges, where both can be told.
pub const NOW: &str = "2026-11-01T12:00:00Z";

/// A GitHub and a GitLab of one's own.
pub fn world() -> Sandbox {
    built(Sandbox::builder())
}

/// The same with choices; the clock stands at [`NOW`] as the program's does.
pub fn built(builder: Builder) -> Sandbox {
    let builder = if cfg!(feature = "test-hooks") { builder.now(NOW.parse().unwrap()) } else { builder };
    builder.start().unwrap()
}

/// Calls that most stories begin with. The token comes by a pipe and is kept in the store `plain`.
pub trait Cast {
    /// `connect github --host …` for an Enterprise Server.
    fn github(&self, world: &Sandbox, token: &str) -> Call;
    /// `connect github` for github.com, whose API is the sandbox.
    fn dotcom(&self, world: &Sandbox, token: &str) -> Call;
    /// `connect gitlab --host …`
    fn gitlab(&self, world: &Sandbox, token: &str) -> Call;
}

impl Cast for Home {
    fn github(&self, world: &Sandbox, token: &str) -> Call {
        self.connect(["github", "--host", &world.github_url(), "--pat-stdin", "--store", "plain"])
            .stdin(world.github_token(token))
    }

    fn dotcom(&self, world: &Sandbox, token: &str) -> Call {
        self.connect(["github", "--host", "github.com", "--api-url", &world.dotcom_api_url()])
            .with(["--pat-stdin", "--store", "plain"])
            .stdin(world.github_token(token))
    }

    fn gitlab(&self, world: &Sandbox, token: &str) -> Call {
        self.connect(["gitlab", "--host", &world.gitlab_url(), "--pat-stdin", "--store", "plain"])
            .stdin(world.gitlab_token(token))
    }
}

/// `login@127.0.0.1:PORT` at the sandbox's GitHub.
pub fn at_github(world: &Sandbox, login: &str) -> String {
    format!("{login}@{}", world.github_url().trim_start_matches("http://"))
}

/// `username@127.0.0.1:PORT` at the sandbox's GitLab.
pub fn at_gitlab(world: &Sandbox, username: &str) -> String {
    format!("{username}@{}", world.gitlab_url().trim_start_matches("http://"))
}
