//! Encryption and trust: rustls with ring, the platform's certificates, and one authority more.
//!
//! On Linux and its kin the platform's certificates are read by rustls-native-certs, which honours
//! `SSL_CERT_FILE` and `SSL_CERT_DIR`; on macOS and Windows the system itself decides.

use reqwest::{Certificate, ClientBuilder};
use rustls::crypto::CryptoProvider;

/// Makes ring the process's cryptography, once; a provider that is already there stays.
///
/// This is the only place that chooses one: reqwest is built without.
pub(super) fn install_ring() {
    if CryptoProvider::get_default().is_none() {
        // Another thread may have been faster, with the same one.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
}

/// The certificates of a PEM bundle; nothing if it holds none or a broken one.
pub(super) fn authorities(pem: &[u8]) -> Option<Vec<Certificate>> {
    Certificate::from_pem_bundle(pem).ok().filter(|found| !found.is_empty())
}

/// How many certificates a PEM bundle holds; nothing if it holds none or a broken one.
pub fn count_certificates(pem: &[u8]) -> Option<usize> {
    authorities(pem).map(|found| found.len())
}

/// Builds the client. A machine without any certificates (a bare container) can still use plain http
/// on loopback: there, nothing is trusted rather than nothing built.
pub(super) fn build(new: impl Fn() -> ClientBuilder, more: Option<Vec<Certificate>>) -> Option<reqwest::Client> {
    match more {
        Some(more) => new().tls_certs_merge(more).build().ok(),
        None => new().build().or_else(|_| new().tls_certs_only([]).build()).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ring_is_installed_and_stays() {
        install_ring();
        install_ring();
        let provider = CryptoProvider::get_default().map(|provider| format!("{provider:?}")).unwrap_or_default();
        assert!(provider.to_lowercase().contains("ring"), "{provider}");
    }

    #[test]
    fn what_is_no_certificate_is_refused() {
        assert!(authorities(b"").is_none());
        assert!(authorities(b"hello").is_none());
        let broken = b"-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n";
        assert!(authorities(broken).is_none());
    }

    #[test]
    fn a_machine_without_certificates_still_gets_a_client() {
        install_ring();
        assert!(reqwest::Client::builder().tls_certs_only([]).build().is_ok());
    }
}
