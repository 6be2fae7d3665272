//! A certificate of one's own, for a receiver without a reverse proxy before it.

use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// Why there is no certificate to show. Nothing of a key is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadCertificate {
    /// The file given holds none, or a broken one.
    #[error("the file holds no certificate in PEM")]
    Certificate,
    /// The file given holds no private key, or one with a password.
    #[error("the file holds no private key in PEM, or one that is locked by a password")]
    Key,
    /// The two do not belong together, or are of a kind that nobody takes.
    #[error("certificate and key do not fit each other")]
    Fit,
}

/// A certificate with its key, ready to be shown.
#[derive(Clone)]
pub struct Certificate(pub(super) Arc<ServerConfig>);

impl Certificate {
    /// Reads a chain of certificates and a key, both PEM.
    ///
    /// # Errors
    /// [`BadCertificate`].
    pub fn read(chain: &[u8], key: &[u8]) -> Result<Self, BadCertificate> {
        let chain: Result<Vec<CertificateDer<'static>>, _> = CertificateDer::pem_slice_iter(chain).collect();
        let chain = chain.ok().filter(|chain| !chain.is_empty()).ok_or(BadCertificate::Certificate)?;
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| BadCertificate::Key)?;
        // Said here and not taken from the process: whichever came first would decide.
        let ring = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(ring)
            .with_safe_default_protocol_versions()
            .map_err(|_| BadCertificate::Fit)?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(|_| BadCertificate::Fit)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self(Arc::new(config)))
    }
}
