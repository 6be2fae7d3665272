//! What a test can make go wrong.
//!
//! A [`Fault`] says where (forge, method, path, token), how often, and what: an [`Effect`] upon the wire
//! or upon the answer, or a [`ReadyMade`] refusal in the vendor's own words.
//!
//! ```
//! use forge_sandbox::{Fault, ReadyMade, Sandbox};
//!
//! let sandbox = Sandbox::start();
//! sandbox.fault(Fault::github().path("/user").once().status(502));
//! sandbox.fault(Fault::gitlab().rotation().drop_after_work());
//! sandbox.fault(Fault::github().ready_made(ReadyMade::SsoRequired));
//! sandbox.fault(Fault::github().token("classic").never_answer());
//! ```
//!
//! Paths are those of the vendors' documentation: without base path, `/api/v3` or `/api/v4`. The
//! first fault that matches acts, and only that one; a fault that has acted as often as it was
//! meant to is gone.

mod ready_made;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::gitlab::is_rotation;
use crate::world::Forge;
pub use ready_made::ReadyMade;

/// Names a fault that was switched on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct FaultId(pub(crate) u64);

/// Something that shall go wrong. Begins with [`Fault::github`] or [`Fault::gitlab`].
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    forge: Forge,
    #[serde(default)]
    method: Option<String>,
    #[serde(default)]
    path: Option<String>,
    #[serde(default)]
    token: Option<String>,
    #[serde(default)]
    rotation: bool,
    /// How often still; for ever if `None`.
    #[serde(default)]
    times: Option<u32>,
    effect: Effect,
}

/// What happens to a request that a fault is for.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Effect {
    /// The right answer, that much later: the work is done when the time is over, and not at all for whoever has hung up
    /// by then.
    Delay {
        /// Milliseconds.
        ms: u64,
    },
    /// The work is done at once, and the right answer comes that much later.
    DelayAfterWork {
        /// Milliseconds.
        ms: u64,
    },
    /// The request is read, nothing is done, and the connection stays open without a word.
    NeverAnswer,
    /// The connection ends before anything was done.
    DropBeforeWork,
    /// The connection ends at once; nobody is there any more when the work is done, that much later.
    DropDuringWork {
        /// Milliseconds.
        ms: u64,
    },
    /// The work is done and the connection ends: the answer is lost.
    DropAfterWork,
    /// Another answer; nothing is done.
    Answer {
        /// Its status.
        status: u16,
        /// Its headers, before the forge's own.
        #[serde(default)]
        headers: Vec<(String, String)>,
        /// Its body.
        #[serde(default)]
        body: String,
    },
    /// The work is done, half of the answer's body is sent, and the connection ends.
    HalfBody,
    /// The answer's body begins and does not end; nothing is done.
    EndlessBody,
    /// The right answer, a byte at a time.
    SlowDrip {
        /// Milliseconds between two bytes.
        ms: u64,
    },
    /// A proxy's page for logging in, with 200 and without the forge's headers; nothing is done.
    LoginPage,
    /// A redirect; nothing is done.
    Redirect {
        /// 301, 302, 307 or 308.
        status: u16,
        /// The `Location`.
        to: String,
    },
    /// The work is done; names in the answer (`login`, `username`, `name`, `full_name`,
    /// `description`) begin with terminal escapes.
    TerminalEscapes,
    /// The work is done; the `token` in the answer is another one of the same length, which nobody has.
    WrongToken,
    /// The work is done; the headers that tell a forge are left out.
    NotAForge,
    /// A refusal in the vendor's own words; nothing is done.
    ReadyMade {
        /// Which.
        name: ReadyMade,
    },
}

impl Fault {
    /// A fault of GitHub, on every path, for ever; so far it does nothing but wait for none.
    pub fn github() -> Self {
        Self::of(Forge::GitHub)
    }

    /// A fault of GitLab, on every path, for ever; so far it does nothing but wait for none.
    pub fn gitlab() -> Self {
        Self::of(Forge::GitLab)
    }

    /// The same for either.
    pub fn of(forge: Forge) -> Self {
        Self {
            forge,
            method: None,
            path: None,
            token: None,
            rotation: false,
            times: None,
            effect: Effect::Delay { ms: 0 },
        }
    }

    /// Only for this method.
    pub fn method(mut self, method: &str) -> Self {
        self.method = Some(method.to_owned());
        self
    }

    /// Only for this path and those below it, as the vendor's documentation writes it.
    pub fn path(mut self, path: &str) -> Self {
        self.path = Some(path.to_owned());
        self
    }

    /// Only for requests with this token, by the name that the world calls it.
    pub fn token(mut self, name: &str) -> Self {
        self.token = Some(name.to_owned());
        self
    }

    /// Only for requests that ask GitLab for a token's rotation: `POST …access_tokens/(<id>|self)/rotate`.
    pub fn rotation(mut self) -> Self {
        self.rotation = true;
        self
    }

    /// Only that many times.
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Only once.
    pub fn once(self) -> Self {
        self.times(1)
    }

    /// What shall happen.
    pub fn effect(mut self, effect: Effect) -> Self {
        self.effect = effect;
        self
    }

    /// [`Effect::Delay`]
    pub fn delay(self, by: Duration) -> Self {
        self.effect(Effect::Delay { ms: u64::try_from(by.as_millis()).unwrap_or(u64::MAX) })
    }

    /// [`Effect::DelayAfterWork`]
    pub fn delay_after_work(self, by: Duration) -> Self {
        self.effect(Effect::DelayAfterWork { ms: u64::try_from(by.as_millis()).unwrap_or(u64::MAX) })
    }

    /// [`Effect::NeverAnswer`]
    pub fn never_answer(self) -> Self {
        self.effect(Effect::NeverAnswer)
    }

    /// [`Effect::DropBeforeWork`]
    pub fn drop_before_work(self) -> Self {
        self.effect(Effect::DropBeforeWork)
    }

    /// [`Effect::DropDuringWork`]
    pub fn drop_during_work(self, done_after: Duration) -> Self {
        self.effect(Effect::DropDuringWork { ms: u64::try_from(done_after.as_millis()).unwrap_or(u64::MAX) })
    }

    /// [`Effect::DropAfterWork`]
    pub fn drop_after_work(self) -> Self {
        self.effect(Effect::DropAfterWork)
    }

    /// An answer with this status and an empty body.
    pub fn status(self, status: u16) -> Self {
        self.answer(status, &[], "")
    }

    /// [`Effect::Answer`]
    pub fn answer(self, status: u16, headers: &[(&str, &str)], body: &str) -> Self {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let headers = headers.iter().map(owned).collect();
        self.effect(Effect::Answer { status, headers, body: body.to_owned() })
    }

    /// [`Effect::HalfBody`]
    pub fn half_body(self) -> Self {
        self.effect(Effect::HalfBody)
    }

    /// [`Effect::EndlessBody`]
    pub fn endless_body(self) -> Self {
        self.effect(Effect::EndlessBody)
    }

    /// [`Effect::SlowDrip`]
    pub fn slow_drip(self, between_bytes: Duration) -> Self {
        let ms = u64::try_from(between_bytes.as_millis()).unwrap_or(u64::MAX);
        self.effect(Effect::SlowDrip { ms })
    }

    /// [`Effect::LoginPage`]
    pub fn login_page(self) -> Self {
        self.effect(Effect::LoginPage)
    }

    /// [`Effect::Redirect`]
    pub fn redirect(self, status: u16, to: &str) -> Self {
        self.effect(Effect::Redirect { status, to: to.to_owned() })
    }

    /// [`Effect::TerminalEscapes`]
    pub fn terminal_escapes(self) -> Self {
        self.effect(Effect::TerminalEscapes)
    }

    /// [`Effect::WrongToken`]
    pub fn wrong_token(self) -> Self {
        self.effect(Effect::WrongToken)
    }

    /// [`Effect::NotAForge`]
    pub fn not_a_forge(self) -> Self {
        self.effect(Effect::NotAForge)
    }

    /// [`Effect::ReadyMade`]
    pub fn ready_made(self, name: ReadyMade) -> Self {
        self.effect(Effect::ReadyMade { name })
    }

    fn matches(&self, forge: Forge, method: &str, path: &str, token: Option<&str>) -> bool {
        let below = |prefix: &String| {
            let prefix = prefix.trim_end_matches('/');
            path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.forge == forge
            && self.method.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
            && self.path.as_ref().is_none_or(below)
            && (!self.rotation || forge == Forge::GitLab && method == "POST" && is_rotation(path))
            && self.token.as_deref().is_none_or(|wanted| token == Some(wanted))
    }
}

/// The faults that are switched on.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    last: u64,
    on: Vec<(FaultId, Fault)>,
}

impl Faults {
    pub fn add(&mut self, fault: Fault) -> FaultId {
        self.last += 1;
        let id = FaultId(self.last);
        self.on.push((id, fault));
        id
    }

    pub fn remove(&mut self, id: FaultId) {
        self.on.retain(|(known, _)| *known != id);
    }

    pub fn clear(&mut self) {
        self.on.clear();
    }

    pub fn list(&self) -> &[(FaultId, Fault)] {
        &self.on
    }

    /// The effect upon this request, which is thereby used once.
    pub fn take(&mut self, forge: Forge, method: &str, path: &str, token: Option<&str>) -> Option<Effect> {
        let acts = |fault: &Fault| fault.matches(forge, method, path, token) && fault.times != Some(0);
        let index = self.on.iter().position(|(_, fault)| acts(fault))?;
        let (_, fault) = &mut self.on[index];
        let effect = fault.effect.clone();
        if let Some(times) = &mut fault.times {
            *times -= 1;
            if *times == 0 {
                self.on.remove(index);
            }
        }
        Some(effect)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that fails may as well panic")]
mod tests {
    use super::*;

    #[test]
    fn a_fault_acts_where_and_as_often_as_it_was_told() {
        let mut faults = Faults::default();
        faults.add(Fault::github().method("GET").path("/user").times(2).status(500));
        assert!(faults.take(Forge::GitLab, "GET", "/user", None).is_none());
        assert!(faults.take(Forge::GitHub, "POST", "/user", None).is_none());
        assert!(faults.take(Forge::GitHub, "GET", "/users", None).is_none());
        assert!(faults.take(Forge::GitHub, "GET", "/user", None).is_some());
        assert!(faults.take(Forge::GitHub, "GET", "/user/repos", None).is_some());
        assert!(faults.take(Forge::GitHub, "GET", "/user", None).is_none());
    }

    #[test]
    fn a_fault_of_one_token_leaves_the_others_alone() {
        let mut faults = Faults::default();
        faults.add(Fault::gitlab().token("bulk-7").never_answer());
        assert!(faults.take(Forge::GitLab, "GET", "/user", None).is_none());
        assert!(faults.take(Forge::GitLab, "GET", "/user", Some("bulk-70")).is_none());
        assert!(faults.take(Forge::GitLab, "GET", "/user", Some("bulk-7")).is_some());
    }

    #[test]
    fn a_fault_of_rotations_leaves_all_else_alone() {
        let mut faults = Faults::default();
        faults.add(Fault::gitlab().rotation().status(500));
        let own = "/personal_access_tokens/self";
        let rotate = format!("{own}/rotate");
        assert!(faults.take(Forge::GitLab, "DELETE", own, None).is_none());
        assert!(faults.take(Forge::GitLab, "GET", &rotate, None).is_none());
        assert!(faults.take(Forge::GitLab, "POST", &rotate, None).is_some());
        assert!(faults.take(Forge::GitLab, "POST", "/groups/7/access_tokens/12/rotate", None).is_some());
    }

    #[test]
    fn faults_are_written_in_json_too() {
        let text = r#"{ "forge": "gitlab", "path": "/user", "times": 1, "effect": { "kind": "delay", "ms": 5 } }"#;
        let fault: Fault = serde_json::from_str(text).unwrap();
        assert!(fault.matches(Forge::GitLab, "GET", "/user", None));
        let text = r#"{ "forge": "gitlab", "rotation": true, "effect": { "kind": "drop-during-work", "ms": 5 } }"#;
        assert!(serde_json::from_str::<Fault>(text).is_ok());
        let text = r#"{ "forge": "github", "effect": { "kind": "ready-made", "name": "sso-required" } }"#;
        assert!(serde_json::from_str::<Fault>(text).is_ok());
        let text = r#"{ "forge": "github", "effect": { "kind": "explode" } }"#;
        assert!(serde_json::from_str::<Fault>(text).is_err());
    }
}
