//! A place that has webhooks, and what it is spoken to with.

use jiff::{SignedDuration, Timestamp};
use url::Url;

use crate::forge::{Forge, ForgeError, ForgeErrorKind};
use crate::model::hook::{Hook, Target};
use crate::model::host::{Flavour, is_loopback};
use crate::model::text::masked_url;
use crate::model::{Connection, ForgeKind, HookBeingMade, Host, KnownHook, Secret};

use super::super::tools::host_of;
use super::super::{Error, Tools};
use super::HooksError;

/// Clocks differ by so much.
const SLACK: SignedDuration = SignedDuration::from_mins(10);

/// A repository, organisation, project or group, with the connection that speaks to its forge.
pub struct Site {
    /// Whose token is used, and whose secret the webhooks have.
    pub connection: Connection,
    /// The place.
    pub target: Target,
    pub(in super::super) forge: Forge,
    pub(super) host: Host,
    pub(in super::super) token: Secret,
}

impl Site {
    /// Gets the token out of its store. Nothing is sent.
    ///
    /// # Errors
    /// [`Error::OtherForge`], [`Error::NoToken`], [`Error::Store`].
    pub fn open(tools: &Tools<'_>, connection: Connection, target: Target) -> Result<Self, Error> {
        if connection.forge != target.forge() {
            return Err(Error::OtherForge { connection: connection.name, wanted: target.forge() });
        }
        let (host, forge) = (host_of(&connection)?, tools.forge_of(&connection)?);
        let (token, _) = tools.secret_of(&connection)?;
        Ok(Self { connection, target, forge, host, token })
    }

    /// How far back the forge remembers what it delivered.
    pub fn window(&self) -> SignedDuration {
        super::window(self.host.flavour())
    }

    /// From when on there can be deliveries of a webhook that connect has made, and that the forge remembers. Where the
    /// forge did not tell when it made it, this machine's clock did, which may be ahead.
    pub fn oldest(&self, known: &KnownHook, now: Timestamp) -> Timestamp {
        let since = known.since.saturating_sub(SLACK).unwrap_or(known.since);
        now.saturating_sub(self.window()).map_or(since, |window| window.max(since))
    }

    /// Reads the connection's record anew, after it was changed.
    pub(super) fn reread(&mut self, tools: &Tools<'_>) -> Result<(), Error> {
        self.connection = tools.record(&self.connection.name)?;
        Ok(())
    }

    /// An error of the forge's, as it is told of webhooks.
    pub(in super::super) fn failed(&self, source: ForgeError) -> Error {
        let (host, connection) = (Box::new(self.host.clone()), self.connection.name.clone());
        HooksError::Forge { source: Box::new(source), host, connection, target: self.target.clone() }.into()
    }

    /// The same where it may mean that the webhooks alone are hidden: it is looked whether the place is there.
    pub(super) async fn refused(&self, error: ForgeError) -> Error {
        if let (ForgeErrorKind::NotFound, Forge::GitHub(github), Target::GithubRepo { owner, name }) =
            (&error.kind, &self.forge, &self.target)
            && github.repository(&self.token, owner, name).await.is_ok()
        {
            let (host, connection) = (Box::new(self.host.clone()), self.connection.name.clone());
            return HooksError::NotShown { connection, target: self.target.clone(), host }.into();
        }
        self.failed(error)
    }

    /// All webhooks there, by their numbers.
    ///
    /// # Errors
    /// [`HooksError::Forge`], [`HooksError::NotShown`].
    pub(super) async fn hooks(&self) -> Result<Vec<Hook>, Error> {
        match self.forge.hooks_at(&self.token, &self.target).await {
            Ok(mut hooks) => {
                hooks.sort_by_key(|hook| hook.id);
                Ok(hooks)
            }
            Err(error) => Err(self.refused(error).await),
        }
    }

    /// One webhook.
    ///
    /// # Errors
    /// [`HooksError::NoSuchHook`], or what listing them says.
    pub async fn hook(&self, id: u64) -> Result<Hook, Error> {
        match self.forge.hook_at(&self.token, &self.target, id).await {
            Ok(Some(hook)) => Ok(hook),
            // "Not found" is also what whoever may see none of them is told.
            Ok(None) => self.hooks().await.and(Err(self.no_such(id))),
            Err(error) => Err(self.failed(error)),
        }
    }

    pub(super) fn no_such(&self, id: u64) -> Error {
        HooksError::NoSuchHook { connection: self.connection.name.clone(), target: self.target.clone(), id }.into()
    }

    /// What the record says of a webhook there, if connect has made it.
    pub fn known(&self, id: u64, of: Option<u64>) -> Option<&KnownHook> {
        let target = self.target.to_string();
        self.connection
            .webhook
            .iter()
            .flat_map(|webhook| &webhook.hooks)
            .find(|known| known.id == id && known.is_of(&target, of))
    }

    /// Temporary webhooks there that were about to be made by a run that was killed.
    pub(super) fn being_made(&self) -> impl Iterator<Item = &HookBeingMade> {
        let target = self.target.to_string();
        let all = self.connection.webhook.iter().flat_map(|webhook| &webhook.being_made);
        all.filter(move |making| making.is_of(&target))
    }

    /// Whether connect has made it, with this connection's secret.
    pub fn owns(&self, hook: &Hook) -> bool {
        self.known(hook.id, hook.of).is_some()
    }

    /// The page of a webhook.
    pub fn page(&self, id: u64) -> Url {
        self.host.page(&self.target.page(id))
    }

    /// Refuses an address that the forge cannot deliver to, see [`reach`].
    ///
    /// # Errors
    /// [`HooksError::Unreachable`].
    pub(super) fn check_reach(&self, url: &Url) -> Result<(), Error> {
        Ok(reach(&self.host, url)?)
    }
}

/// Refuses an address that is every machine's own. Where the forge runs on this very machine, and where an administrator
/// of the instance may have allowed it, the forge has the say.
fn reach(host: &Host, url: &Url) -> Result<(), HooksError> {
    let may_be_meant =
        is_loopback(host.api_base()) || (host.kind() == ForgeKind::GitLab && host.flavour() != Flavour::GitLabCom);
    if is_local(url) && !may_be_meant {
        return Err(HooksError::Unreachable { url: masked_url(url), host: host.to_string() });
    }
    Ok(())
}

/// Whether an address means the machine that looks it up, in any of the ways to say so.
fn is_local(url: &Url) -> bool {
    let unspecified = match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_unspecified(),
        Some(url::Host::Ipv6(address)) => {
            address.is_unspecified()
                || address.to_ipv4_mapped().is_some_and(|v4| v4.is_loopback() || v4.is_unspecified())
        }
        Some(url::Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            name == "localhost" || name.ends_with(".localhost")
        }
        None => false,
    };
    unspecified || is_loopback(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whom_an_address_of_ones_own_is_refused_for() {
        let reaches = |kind, host: &str, api: Option<&str>, url: &str| {
            let host = Host::parse(kind, host, api, false).unwrap_or_else(|e| unreachable!("{e}"));
            Url::parse(url).is_ok_and(|url| reach(&host, &url).is_ok())
        };
        let here = "http://localhost:8787/hooks/1";
        assert!(!reaches(ForgeKind::GitHub, "github.com", None, here));
        assert!(!reaches(ForgeKind::GitHub, "github.example.com", None, here));
        assert!(!reaches(ForgeKind::GitLab, "gitlab.com", None, here));
        assert!(reaches(ForgeKind::GitLab, "gitlab.example.com", None, here), "its administrator may have allowed it");
        assert!(reaches(ForgeKind::GitHub, "github.com", Some("http://127.0.0.1:4000"), here));
        assert!(reaches(ForgeKind::GitHub, "http://127.0.0.1:4000", None, here));
        assert!(reaches(ForgeKind::GitHub, "github.com", None, "https://hooks.example.com"));
    }

    #[test]
    fn ways_to_say_this_machine() {
        let local = |text: &str| Url::parse(text).is_ok_and(|url| is_local(&url));
        for text in [
            "http://localhost:8787/x",
            "https://LOCALHOST./x",
            "http://dev.localhost",
            "http://127.1/",
            "http://2130706433/",
            "http://[::1]:1",
            "http://[::ffff:127.0.0.1]/",
            "http://0.0.0.0:1",
            "http://[::]/",
        ] {
            assert!(local(text), "{text}");
        }
        for text in
            ["https://example.com/localhost", "http://10.0.0.1", "https://poll.invalid/x", "https://localhost.example"]
        {
            assert!(!local(text), "{text}");
        }
    }
}
