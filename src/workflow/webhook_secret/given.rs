//! What is wanted of a webhook's secret.

use jiff::SignedDuration;

use crate::model::{Connection, ForgeKind, Proof, PublicUrl, Secret, StoreKind};

use super::super::Error;

/// Which secret a connection's webhook is to have.
#[derive(Debug)]
pub struct NewWebhookSecret {
    /// The secret, when it exists already; else the connection's own stays, or one is made.
    pub secret: Option<Secret>,
    /// The variable that it was read from, for the store `env`.
    pub variable: Option<String>,
    /// Make another in place of the connection's own.
    pub replace: bool,
    /// What one that is made is to prove deliveries by. Left out: GitHub's signature, GitLab's signing token unless the
    /// server is known to be too old for it. [`Proof::Token`] is also the word by which a given plain token may take the
    /// place of a signing token.
    pub proof: Option<Proof>,
    /// A plain token beside a signing token, too.
    pub plain: bool,
    /// For how long the secret before goes on holding beside the new one; nothing for not at all.
    pub overlap: Option<SignedDuration>,
    /// The base at which forges reach whoever receives, to be remembered.
    pub public_url: Option<PublicUrl>,
    /// The store that was asked for; else that of the secret before, else that of the token.
    pub store: Option<StoreKind>,
    /// The user's default store, where none of these tells.
    pub default_store: StoreKind,
}

impl NewWebhookSecret {
    /// The connection's own secret, or a new one where it has none.
    pub const fn any(default_store: StoreKind) -> Self {
        Self {
            secret: None,
            variable: None,
            replace: false,
            proof: None,
            plain: false,
            overlap: None,
            public_url: None,
            store: None,
            default_store,
        }
    }

    /// Whether one is to be made whatever there is.
    pub(super) const fn is_fresh(&self) -> bool {
        self.replace && self.secret.is_none()
    }

    /// What one that is made for a connection proves.
    pub(super) fn proof_to_make(&self, connection: &Connection) -> Proof {
        match (connection.forge, self.proof) {
            (ForgeKind::GitHub, _) => Proof::Signature,
            (ForgeKind::GitLab, Some(Proof::Token)) => Proof::Token,
            (ForgeKind::GitLab, None) if knows_no_signing_tokens(connection) => Proof::Token,
            (ForgeKind::GitLab, _) => Proof::SigningToken,
        }
    }

    /// What the given one proves, if it fits the connection's forge.
    pub(super) fn fitting(&self, connection: &Connection) -> Result<Proof, Error> {
        let unfit = |source| Error::WebhookSecret { connection: connection.name.clone(), source };
        self.secret.as_ref().map_or(Ok(Proof::default()), |given| Proof::of(connection.forge, given).map_err(unfit))
    }

    /// Sees that the given one does not prove less than the connection's own, unless that was said. The one there is
    /// may be lost in its store: its hooks sign all the same.
    ///
    /// # Errors
    /// [`Error::OtherProof`]; [`Error::WebhookSecret`] when it does not fit the forge.
    pub(in crate::workflow) fn may_replace(&self, connection: &Connection) -> Result<(), Error> {
        let Some(webhook) = connection.webhook.as_ref().filter(|_| self.secret.is_some()) else { return Ok(()) };
        let weaker = webhook.proof == Proof::SigningToken && self.fitting(connection)? == Proof::Token;
        if weaker && self.proof != Some(Proof::Token) {
            return Err(Error::OtherProof { connection: connection.name.clone(), stands: webhook.proof });
        }
        Ok(())
    }

    /// Where it is kept. What has to be kept does not go to `env` because the token is there; a variable does.
    pub(super) fn store_for(&self, connection: &Connection) -> StoreKind {
        let usable = |kind: &StoreKind| *kind != StoreKind::Env || self.variable.is_some();
        let of_webhook = connection.webhook.as_ref().map(|webhook| webhook.kept_in).filter(usable);
        let of_token = connection.token.as_ref().map(|token| token.kept_in).filter(usable);
        self.store.or(of_webhook).or(of_token).unwrap_or(self.default_store)
    }

    /// Whether a secret that is the same stays where it is.
    pub(super) fn stays_in(&self, connection: &Connection) -> bool {
        connection.webhook.as_ref().is_some_and(|webhook| {
            let same_variable = || self.variable.as_deref() == Some(webhook.secret.as_str());
            self.store.is_none_or(|store| store == webhook.kept_in)
                && (webhook.kept_in != StoreKind::Env || same_variable())
        })
    }
}

/// GitLab signs deliveries since 19.0. A server whose version nobody knows is taken for one that does.
fn knows_no_signing_tokens(connection: &Connection) -> bool {
    let major = |version: &String| version.split('.').next().and_then(|major| major.parse::<u32>().ok());
    connection.server_version.as_ref().and_then(major).is_some_and(|major| major < 19)
}
