//! Certificates: which are trusted, and what is said of those that are not.

use std::io::Write as _;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use super::*;

struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn pem(&self) -> String {
        self.0.pem()
    }

    /// An https server with a certificate for `name`, that has expired or not.
    async fn serve(&self, name: &str, expired: bool) -> u16 {
        super::super::tls::install_ring();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        if expired {
            params.not_before = date_time_ymd(2020, 1, 1);
            params.not_after = date_time_ymd(2021, 1, 1);
        }
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let config = ServerConfig::builder().with_no_client_auth();
        let config = config.with_single_cert(vec![certificate.der().clone()], key).unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let Ok(stream) = acceptor.accept(stream).await else { continue };
                let answer = |_: &Seen, _: usize| reply(401, &[("X-Gitlab-Meta", "{}")], "{}");
                serve(stream, &answer, &Mutex::default()).await;
            }
        });
        port
    }
}

async fn look(port: u16, authority: Option<&Authority>) -> Result<(), ForgeErrorKind> {
    let ca_certificates = authority.map(|authority| authority.pem().into_bytes());
    let transport = Transport::new(&TransportOptions { ca_certificates, ..TransportOptions::default() }).unwrap();
    let host = Host::parse(ForgeKind::GitLab, &format!("https://127.0.0.1:{port}"), None, false).unwrap();
    Forge::new(&host, &transport).look().await.map_err(|error| error.kind)
}

#[tokio::test]
async fn an_authority_that_is_given_is_trusted_and_no_other() {
    let authority = Authority::new();
    let port = authority.serve("127.0.0.1", false).await;
    assert_eq!(look(port, Some(&authority)).await, Ok(()));
    assert_eq!(look(port, None).await, Err(ForgeErrorKind::CertificateNotTrusted));
    assert_eq!(look(port, Some(&Authority::new())).await, Err(ForgeErrorKind::CertificateNotTrusted));
}

#[tokio::test]
async fn certificates_that_do_not_fit() {
    let authority = Authority::new();
    let port = authority.serve("gitlab.example.com", false).await;
    assert_eq!(look(port, Some(&authority)).await, Err(ForgeErrorKind::CertificateWrongName));
    let port = authority.serve("127.0.0.1", true).await;
    assert_eq!(look(port, Some(&authority)).await, Err(ForgeErrorKind::CertificateExpired));
}

#[tokio::test]
async fn a_port_that_does_not_speak_tls() {
    let server = Server::new(|_, _| reply(200, &[], "{}")).await;
    let plain = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = plain.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = plain.accept().await {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
            let _ = stream.shutdown().await;
        }
    });
    assert_eq!(look(port, None).await, Err(ForgeErrorKind::TlsFailed));
    drop(server);
}

#[cfg(target_os = "linux")]
#[test]
fn the_variable_for_certificates_is_honoured() {
    let authority = Authority::new();
    let runtime = runtime();
    let port = runtime.block_on(authority.serve("127.0.0.1", false)).to_string();
    std::thread::spawn(move || runtime.block_on(std::future::pending::<()>()));
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(authority.pem().as_bytes()).unwrap();
    let path = file.path().to_str().unwrap();
    in_own_process("forge::tests::tls::with_variable", &[("SSL_CERT_FILE", path), ("CONNECT_TEST_PORT", &port)]);
}

#[tokio::test]
#[ignore = "run by the_variable_for_certificates_is_honoured, with SSL_CERT_FILE"]
async fn with_variable() {
    if !is_own_process() {
        return;
    }
    let port = std::env::var("CONNECT_TEST_PORT").unwrap().parse().unwrap();
    assert_eq!(look(port, None).await, Ok(()));
}
