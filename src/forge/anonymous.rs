//! An error as it may be shown to anybody: what happened, without the server's own words and names.

use super::error::{ForgeError, ForgeErrorKind as Kind};

impl ForgeError {
    /// The same error without what the forge said and without the names of organisations, pages and requests.
    #[must_use]
    pub fn anonymous(&self) -> Self {
        Self { kind: anonymous(&self.kind), host: self.host.clone(), status: self.status, said: None, request_id: None }
    }
}

fn anonymous(kind: &Kind) -> Kind {
    match kind {
        Kind::SsoRequired { .. } => Kind::SsoRequired { organization: None },
        Kind::ClassicTokenForbidden { .. } => Kind::ClassicTokenForbidden { organization: None },
        Kind::FineGrainedForbidden { .. } => Kind::FineGrainedForbidden { organization: None },
        Kind::LifetimePolicy { .. } => Kind::LifetimePolicy { organization: None, settings_page: None },
        Kind::IpNotAllowed { .. } => Kind::IpNotAllowed { organization: None },
        Kind::MissingPermission { .. } => Kind::MissingPermission { accepted: None },
        Kind::MissingScope { .. } => Kind::MissingScope { needed: Vec::new(), has: None },
        Kind::NotJson { .. } => Kind::NotJson { content_type: None },
        Kind::Unsupported { .. } => Kind::Unsupported { page: None },
        Kind::RedirectedElsewhere { .. } => Kind::RedirectedElsewhere { to: "another address".into() },
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_the_server_is_left() {
        let error = ForgeError {
            kind: Kind::SsoRequired { organization: Some("acme".into()) },
            host: "github.com".into(),
            status: Some(403),
            said: Some("acme wants more".into()),
            request_id: Some("7533:acme".into()),
        };
        let left = error.anonymous();
        assert!(!format!("{left:?}").contains("acme"), "{left:?}");
        assert_eq!((left.status, left.host.as_str()), (Some(403), "github.com"));
    }
}
