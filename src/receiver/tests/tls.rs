//! A certificate of one's own.

use std::sync::Arc;

use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::super::{BadCertificate, Certificate};
use super::server::{Receiver, quick};

fn made() -> (String, String, CertificateDer<'static>) {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
    (certificate.pem(), key.serialize_pem(), certificate.der().clone())
}

#[tokio::test]
async fn deliveries_come_over_tls() {
    let (chain, key, root) = made();
    let certificate = Certificate::read(chain.as_bytes(), key.as_bytes()).unwrap();
    let receiver = Receiver::start(quick(), Some(&certificate)).await;
    let mut roots = rustls::RootCertStore::empty();
    roots.add(root).unwrap();
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(ring)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(receiver.address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream = tokio_rustls::TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    assert!(answer.starts_with(b"HTTP/1.1 200") && answer.ends_with(b"ok\n"));
    // Who speaks plainly, or says nothing, holds nobody up.
    let mut plain = TcpStream::connect(receiver.address).await.unwrap();
    plain.write_all(b"GET /healthz HTTP/1.1\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    let _ = plain.read_to_end(&mut answer).await;
    assert!(!answer.starts_with(b"HTTP/1.1 200"));
}

#[test]
fn what_is_no_certificate_is_told_apart() {
    let ((chain, key, _), (_, other, _)) = (made(), made());
    let read = |chain: &str, key: &str| Certificate::read(chain.as_bytes(), key.as_bytes()).err();
    assert_eq!(read(&chain, &key), None);
    assert_eq!(read("", &key), Some(BadCertificate::Certificate));
    assert_eq!(read(&key, &key), Some(BadCertificate::Certificate));
    assert_eq!(read(&chain, ""), Some(BadCertificate::Key));
    assert_eq!(read(&chain, &chain), Some(BadCertificate::Key));
    assert_eq!(read(&chain, &other), Some(BadCertificate::Fit));
}
