//! A certificate authority for one sandbox, and a certificate for the loopback addresses.
//!
//! The authority's certificate lies in a folder of its own, for `--ca-cert`, and goes when the
//! sandbox goes. With `expired`, the leaf has been invalid since yesterday.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::{Timestamp, civil::Date};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tempfile::TempDir;

use crate::world::clock::{day, days_later};

/// What TLS needs while it is served.
#[derive(Debug)]
pub(crate) struct Tls {
    pub config: Arc<rustls::ServerConfig>,
    folder: TempDir,
}

impl Tls {
    /// Makes an authority and a leaf. Their dates are the machine's, not the sandbox's clock's:
    /// it is the client who checks them.
    pub fn new(expired: bool) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("forge-sandbox-").tempdir()?;
        let today = Timestamp::now();
        // The type that this gives is the `time` crate's, which need not be named.
        let moment = |date: Date| {
            let [month, day] = [date.month(), date.day()].map(i8::unsigned_abs);
            rcgen::date_time_ymd(i32::from(date.year()), month, day)
        };
        let date = |days: i64| day(days_later(today, days));

        let mut authority = CertificateParams::default();
        authority.distinguished_name.push(DnType::CommonName, "forge-sandbox authority");
        authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        authority.not_before = moment(date(-60));
        authority.not_after = moment(date(365));
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let authority = CertifiedIssuer::self_signed(authority, key).map_err(io::Error::other)?;
        std::fs::write(ca_path(folder.path()), authority.pem())?;

        let names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
        let mut leaf = CertificateParams::new(names).map_err(io::Error::other)?;
        leaf.distinguished_name.push(DnType::CommonName, "localhost");
        leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        leaf.not_before = moment(date(-30));
        leaf.not_after = moment(date(if expired { -1 } else { 90 }));
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let leaf = leaf.signed_by(&key, &authority).map_err(io::Error::other)?;

        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_no_client_auth()
            .with_single_cert(vec![leaf.der().clone()], key)
            .map_err(io::Error::other)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self { config: Arc::new(config), folder })
    }

    /// The authority's certificate, in PEM.
    pub fn ca_certificate(&self) -> PathBuf {
        ca_path(self.folder.path())
    }
}

fn ca_path(folder: &Path) -> PathBuf {
    folder.join("ca.pem")
}
