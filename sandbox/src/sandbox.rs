//! The handle: starts a sandbox, asks it things, and stops it when it goes.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

use crate::builder::Builder;
use crate::faults::{Fault, FaultId};
use crate::server::{self, Door, SeenRequest, Shared};
use crate::tls::Tls;
use crate::world::gitlab::{Family, Rotation};
use crate::world::{Forge, Settings, Tier, World};

/// A GitHub and a GitLab that run until this is dropped.
///
/// Everything here is synchronous: the servers have a thread of their own.
#[derive(Debug)]
pub struct Sandbox {
    pub(crate) shared: Arc<Shared>,
    github_url: String,
    gitlab_url: String,
    admin_url: String,
    ca_certificate: Option<PathBuf>,
    _tls: Option<Tls>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Sandbox {
    /// A sandbox as most tests want it: plain HTTP, GitLab 19.1 Premium, Enterprise Server 3.17.
    ///
    /// # Panics
    ///
    /// When the machine gives no port or no thread. [`Builder::start`] returns the error instead.
    #[must_use]
    pub fn start() -> Self {
        match Self::builder().start() {
            Ok(sandbox) => sandbox,
            Err(error) => panic!("the sandbox does not start: {error}"),
        }
    }

    /// A sandbox with a will of one's own.
    pub fn builder() -> Builder {
        Builder::default()
    }

    pub(crate) fn start_with(settings: Settings) -> io::Result<Self> {
        let tls = if settings.tls { Some(Tls::new(settings.expired_certificate)?) } else { None };
        let scheme = if settings.tls { "https" } else { "http" };
        let github = server::listen(settings.github_port)?;
        let gitlab = server::listen(settings.gitlab_port)?;
        let admin = server::listen(0)?;
        let github_url = format!("{scheme}://{}{}", github.local_addr()?, settings.github_base_path);
        let gitlab_url = format!("{scheme}://{}{}", gitlab.local_addr()?, settings.gitlab_base_path);
        let admin_url = format!("http://{}", admin.local_addr()?);

        let mut world = World::new(settings, github_url.clone(), gitlab_url.clone()).map_err(io::Error::other)?;
        world.ca_certificate = tls.as_ref().map(Tls::ca_certificate);
        let work = world.work.clone();
        let shared = Arc::new(Shared::new(world));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        work.attach(runtime.handle().clone(), &shared);
        let acceptor = tls.as_ref().map(|tls| TlsAcceptor::from(Arc::clone(&tls.config)));
        {
            let _inside = runtime.enter();
            let doors = [
                (github, acceptor.clone(), Door::Forge(Forge::GitHub)),
                (gitlab, acceptor, Door::Forge(Forge::GitLab)),
                (admin, None, Door::Admin),
            ];
            for (listener, acceptor, door) in doors {
                let listener = tokio::net::TcpListener::from_std(listener)?;
                runtime.spawn(server::serve(listener, acceptor, door, Arc::clone(&shared)));
            }
        }
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = std::thread::Builder::new().name("forge-sandbox".to_owned()).spawn(move || {
            // Told to stop, or the handle is gone: the same. The runtime takes all connections
            // with it, those that wait for ever too.
            let _ = runtime.block_on(stopped);
        })?;
        Ok(Self {
            shared,
            github_url,
            gitlab_url,
            admin_url,
            ca_certificate: tls.as_ref().map(Tls::ca_certificate),
            _tls: tls,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// The GitHub as an Enterprise Server: what `--host` takes.
    #[must_use]
    pub fn github_url(&self) -> String {
        self.github_url.clone()
    }

    /// The Enterprise Server's API.
    #[must_use]
    pub fn github_api_url(&self) -> String {
        format!("{}/api/v3", self.github_url)
    }

    /// The API in the shape of api.github.com: for `--host github.com --api-url`.
    #[must_use]
    pub fn dotcom_api_url(&self) -> String {
        self.github_url.clone()
    }

    /// The GitLab: what `--host` takes.
    #[must_use]
    pub fn gitlab_url(&self) -> String {
        self.gitlab_url.clone()
    }

    /// GitLab's API.
    #[must_use]
    pub fn gitlab_api_url(&self) -> String {
        format!("{}/api/v4", self.gitlab_url)
    }

    /// The door of [the admin](crate::admin), always in plain HTTP.
    #[must_use]
    pub fn admin_url(&self) -> String {
        self.admin_url.clone()
    }

    /// The authority that signed the forges' certificate; the file lives as long as the sandbox.
    #[must_use]
    pub fn ca_certificate(&self) -> Option<&Path> {
        self.ca_certificate.as_deref()
    }

    /// The GitHub token that the world calls so.
    ///
    /// # Panics
    ///
    /// When there is none of that name; the message lists those that there are.
    #[must_use]
    pub fn github_token(&self, name: &str) -> String {
        let world = self.shared.world();
        match world.github.named(name) {
            Some(token) => token.token.clone(),
            None => unknown_token("GitHub", name, world.github.tokens.iter().map(|token| &token.name)),
        }
    }

    /// The GitLab token that the world calls so: after a rotation, the new one.
    ///
    /// # Panics
    ///
    /// When there is none of that name; the message lists those that there are.
    #[must_use]
    pub fn gitlab_token(&self, name: &str) -> String {
        let world = self.shared.world();
        match world.gitlab.named(name) {
            Some(token) => token.token.clone(),
            None => unknown_token("GitLab", name, world.gitlab.tokens.iter().map(|token| &token.name)),
        }
    }

    /// Everything that reached a forge, in the order in which it came.
    #[must_use]
    pub fn requests(&self) -> Vec<SeenRequest> {
        self.shared.requests().clone()
    }

    /// Forgets the requests so far.
    pub fn clear_requests(&self) {
        self.shared.requests().clear();
    }

    /// Switches a fault on.
    pub fn fault(&self, fault: Fault) -> FaultId {
        self.shared.faults().add(fault)
    }

    /// Switches one fault off.
    pub fn remove_fault(&self, id: FaultId) {
        self.shared.faults().remove(id);
    }

    /// Switches all faults off.
    pub fn clear_faults(&self) {
        self.shared.faults().clear();
    }

    /// Waits until nothing is under way behind the answers: no delivery of a webhook, no mirror's
    /// update. Each of these has a time limit of its own, so this ends. It blocks: who takes
    /// deliveries must do so on another thread.
    pub fn settle(&self) {
        let work = self.shared.world().work.clone();
        work.settle();
    }

    /// What time it is at the forges.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.shared.world().clock.now()
    }

    /// The forges' clock forward.
    pub fn advance(&self, by: Duration) {
        self.shared.world().clock.advance(by);
    }

    /// Revokes a GitHub token, by its name or spelled out.
    ///
    /// # Panics
    ///
    /// When there is no such token.
    pub fn revoke_github(&self, token: &str) {
        let mut world = self.shared.world();
        if !world.github.revoke(token) {
            unknown_token("GitHub", token, world.github.tokens.iter().map(|token| &token.name))
        }
    }

    /// Revokes a GitLab token, by its name or spelled out.
    ///
    /// # Panics
    ///
    /// When there is no such token.
    pub fn revoke_gitlab(&self, token: &str) {
        let mut world = self.shared.world();
        if !world.gitlab.revoke(token) {
            unknown_token("GitLab", token, world.gitlab.tokens.iter().map(|token| &token.name))
        }
    }

    /// Gives a GitHub account another name: the same number, and its tokens keep working.
    ///
    /// # Panics
    ///
    /// When nobody is called `login`, or somebody is called `new_login` already.
    pub fn rename_github_account(&self, login: &str, new_login: &str) {
        if let Err(why) = self.shared.world().github.rename(login, new_login) {
            panic!("{why}");
        }
    }

    /// Gives a GitHub repository (`owner/name`) another name: the same number, and the old name
    /// redirects, for REST and for git.
    ///
    /// # Panics
    ///
    /// When there is no such repository, or its owner has one called `new_name` already.
    pub fn rename_github_repository(&self, full_name: &str, new_name: &str) {
        if let Err(why) = self.shared.world().github.rename_repository(full_name, new_name) {
            panic!("{why}");
        }
    }

    /// GitHub's staff disables a repository (`owner/name`): it says so of itself, and gives nothing
    /// else away.
    ///
    /// # Panics
    ///
    /// When there is no such repository.
    pub fn disable_github_repository(&self, full_name: &str) {
        if let Err(why) = self.shared.world().github.repository_named(full_name).map(|it| it.disabled = true) {
            panic!("{why}");
        }
    }

    /// Gives a GitLab user another name: the same number, and their tokens keep working.
    ///
    /// # Panics
    ///
    /// When nobody is called `username`, or somebody is called `new` already.
    pub fn rename_gitlab_user(&self, username: &str, new: &str) {
        if let Err(why) = self.shared.world().gitlab.rename(username, new) {
            panic!("{why}");
        }
    }

    /// Gives a GitLab project another full path: the same number, and the old path redirects. Its
    /// namespace must be there.
    ///
    /// # Panics
    ///
    /// When there is no project at `path`, or something at `new_path` already.
    pub fn rename_gitlab_project(&self, path: &str, new_path: &str) {
        if let Err(why) = self.shared.world().gitlab.move_project(path, new_path) {
            panic!("{why}");
        }
    }

    /// The GitLab has another licence from now on: what was set up under the one before stays, and is hidden where the
    /// new one does not have it.
    pub fn change_tier(&self, tier: Tier) {
        self.shared.world().settings.tier = tier;
    }

    /// A project's pull mirror has failed so many times more; after 14 in a row it is on pause.
    ///
    /// # Panics
    ///
    /// When there is no project at `path`, or it mirrors nothing.
    pub fn fail_mirror(&self, path: &str, times: u32) {
        if let Err(why) = self.shared.world().fail_mirror(path, times) {
            panic!("{why}");
        }
    }

    /// A project's import fails now, with these words.
    ///
    /// # Panics
    ///
    /// When there is no project at `path`.
    pub fn fail_gitlab_import(&self, path: &str, words: &str) {
        match self.shared.world().gitlab.project_at_mut(path) {
            Some(project) => project.import.fail(words),
            None => panic!("GitLab has no project `{path}`"),
        }
    }

    /// Would GitHub take this token (spelled out, or by its name) now?
    #[must_use]
    pub fn is_alive_github(&self, token: &str) -> bool {
        let world = self.shared.world();
        let found = world.github.token(token).or_else(|| world.github.named(token));
        found.is_some_and(|token| token.is_alive(world.clock.now()))
    }

    /// Would GitLab take this token (spelled out, or by its name) now?
    #[must_use]
    pub fn is_alive_gitlab(&self, token: &str) -> bool {
        let world = self.shared.world();
        let found = world.gitlab.token(token).or_else(|| world.gitlab.named(token));
        found.is_some_and(|token| token.is_alive(world.clock.now()))
    }

    /// Every request that asked GitLab for a rotation, in the order in which they came, whatever became of them.
    #[must_use]
    pub fn rotations(&self) -> Vec<Rotation> {
        self.shared.world().gitlab.rotations.clone()
    }

    /// The GitLab tokens that came from one by rotation, by a token of theirs (spelled out, or by its name).
    ///
    /// # Panics
    ///
    /// When there is no such token.
    #[must_use]
    pub fn family(&self, token: &str) -> Family {
        let world = self.shared.world();
        match world.gitlab.family(token, world.clock.now()) {
            Some(family) => family,
            None => unknown_token("GitLab", token, world.gitlab.tokens.iter().map(|token| &token.name)),
        }
    }

    /// People, places, tokens and the time, as `GET /state` shows them to the admin.
    #[must_use]
    pub fn state(&self) -> Value {
        self.shared.world().state()
    }

    /// What the program prints first: where everything is, and the tokens by their names.
    #[must_use]
    pub fn directory(&self) -> Value {
        let world = self.shared.world();
        let pair = |name: &String, token: &String| (name.clone(), json!(token));
        let github: Map<String, Value> =
            world.github.tokens.iter().map(|token| pair(&token.name, &token.token)).collect();
        let gitlab: Map<String, Value> =
            world.gitlab.tokens.iter().map(|token| pair(&token.name, &token.token)).collect();
        json!({
            "github": { "url": self.github_url(), "api_url": self.github_api_url(), "tokens": github },
            "gitlab": { "url": self.gitlab_url(), "api_url": self.gitlab_api_url(), "tokens": gitlab },
            "dotcom_api_url": self.dotcom_api_url(),
            "admin_url": self.admin_url(),
            "ca_certificate": self.ca_certificate,
        })
    }
}

/// The deliberate panic of a test that asks for what is not there.
fn unknown_token<'a>(forge: &str, name: &str, known: impl Iterator<Item = &'a String>) -> ! {
    let known: Vec<&str> = known.map(String::as_str).take(40).collect();
    panic!("{forge} has no token called `{name}`; it has {}", known.join(", "))
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            // A panic in there has been printed already.
            let _ = thread.join();
        }
    }
}
