//! The forges' own HTTP client: one POST, to loopback only, with no redirect followed.
//!
//! It is what a forge delivers its webhooks with. Certificates must come from the sandbox's own
//! authority, unless whoever made the hook wants them not to be looked at.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::Uri;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::loopback::is_loopback;

/// No more than this of an answer is kept.
const MOST: usize = 1024 * 1024;

/// What is to be sent.
#[derive(Debug, Clone)]
pub(crate) struct Outgoing {
    pub url: String,
    /// `Host` and `Content-Length` come by themselves.
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
    /// Look at the certificate?
    pub verify: bool,
    /// The authority that it must come from then.
    pub authority: Option<PathBuf>,
    /// After that long, it is given up.
    pub limit: Duration,
}

/// What came back, whatever its status.
#[derive(Debug, Clone)]
pub(crate) struct Incoming {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
}

/// Why nothing came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// No address of this machine, or none at all.
    Elsewhere,
    Unreachable,
    Certificate,
    TimedOut,
    /// The connection ended too early, or what came was no HTTP.
    Garbled,
}

/// Posts, and waits for the answer.
pub(crate) async fn post(outgoing: &Outgoing) -> Result<Incoming, Failure> {
    tokio::time::timeout(outgoing.limit, try_post(outgoing)).await.unwrap_or(Err(Failure::TimedOut))
}

async fn try_post(outgoing: &Outgoing) -> Result<Incoming, Failure> {
    let uri: Uri = outgoing.url.parse().map_err(|_| Failure::Elsewhere)?;
    let host = uri.host().filter(|host| is_loopback(host)).ok_or(Failure::Elsewhere)?;
    let tls = match uri.scheme_str() {
        Some("http") => false,
        Some("https") => true,
        _ => return Err(Failure::Elsewhere),
    };
    let stream = connect(host, uri.port_u16().unwrap_or(if tls { 443 } else { 80 })).await?;
    if !tls {
        return talk(stream, &uri, outgoing).await;
    }
    let config = config(outgoing).map_err(|_| Failure::Certificate)?;
    let bare = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    let name = ServerName::try_from(bare).map_err(|_| Failure::Elsewhere)?;
    match TlsConnector::from(Arc::new(config)).connect(name, stream).await {
        Ok(stream) => talk(stream, &uri, outgoing).await,
        Err(_) => Err(Failure::Certificate),
    }
}

/// The addresses are known: no resolver is asked.
async fn connect(host: &str, port: u16) -> Result<TcpStream, Failure> {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let addresses: Vec<IpAddr> = match bare.parse() {
        Ok(address) => vec![address],
        Err(_) => vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()],
    };
    for address in addresses {
        if let Ok(stream) = TcpStream::connect((address, port)).await {
            return Ok(stream);
        }
    }
    Err(Failure::Unreachable)
}

async fn talk<S>(stream: S, uri: &Uri, outgoing: &Outgoing) -> Result<Incoming, Failure>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|_| Failure::Garbled)?;
    let mut request = hyper::Request::post(uri.path_and_query().map_or("/", |path| path.as_str()));
    if let Some(authority) = uri.authority() {
        let place = authority.as_str();
        request = request.header("host", place.rsplit('@').next().unwrap_or(place));
    }
    for (name, value) in &outgoing.headers {
        request = request.header(name, value);
    }
    let request = request.body(Full::new(outgoing.body.clone())).map_err(|_| Failure::Garbled)?;
    let exchange = async {
        let (head, body) = sender.send_request(request).await.map_err(|_| Failure::Garbled)?.into_parts();
        let body = Limited::new(body, MOST).collect().await.map_err(|_| Failure::Garbled)?.to_bytes();
        let text = |value: &hyper::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers = head.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect();
        Ok(Incoming { status: head.status.as_u16(), headers, body })
    };
    tokio::pin!(connection);
    tokio::pin!(exchange);
    tokio::select! {
        answer = &mut exchange => answer,
        // The connection may end together with the answer, which is then ready.
        _ = &mut connection => exchange.await,
    }
}

fn config(outgoing: &Outgoing) -> io::Result<ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?;
    if !outgoing.verify {
        let careless = Arc::new(Careless(provider));
        return Ok(config.dangerous().with_custom_certificate_verifier(careless).with_no_client_auth());
    }
    let mut roots = RootCertStore::empty();
    if let Some(file) = &outgoing.authority {
        roots.add(CertificateDer::from_pem_file(file).map_err(io::Error::other)?).map_err(io::Error::other)?;
    }
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

/// Takes every certificate: `insecure_ssl`. The handshake's signatures must still be right.
#[derive(Debug)]
struct Careless(Arc<CryptoProvider>);

impl ServerCertVerifier for Careless {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
