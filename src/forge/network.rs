//! Why no answer came.
//!
//! `reqwest::Error` prints the URL, and its kinds are too coarse to advise anybody; so it never
//! leaves this room. Its chain of causes is looked through for those that a person can do something
//! about: the certificate, the name, the proxy, the listener that is not there.

use std::error::Error;
use std::io;

use rustls::CertificateError;

use super::error::ForgeErrorKind;

/// The cause of a failure before or while the answer was read.
pub(super) fn cause(error: &reqwest::Error) -> ForgeErrorKind {
    if let Some(kind) = error.source().and_then(in_chain) {
        return kind;
    }
    match error {
        _ if error.is_timeout() => ForgeErrorKind::TimedOut,
        _ if error.is_dns() => ForgeErrorKind::NameNotFound,
        _ if error.is_connect() => ForgeErrorKind::ConnectionRefused,
        _ if error.is_builder() => ForgeErrorKind::NotSendable,
        _ if error.is_request() || error.is_body() || error.is_decode() => ForgeErrorKind::ConnectionLost,
        _ => ForgeErrorKind::Unexpected,
    }
}

/// The first cause in a chain that says something precise.
fn in_chain(first: &(dyn Error + 'static)) -> Option<ForgeErrorKind> {
    let mut next = Some(first);
    // No real chain is longer; a false one could be a circle.
    for _ in 0..16 {
        let error = next?;
        if let Some(kind) = precise(error) {
            return Some(kind);
        }
        next = error.source();
    }
    None
}

fn precise(error: &(dyn Error + 'static)) -> Option<ForgeErrorKind> {
    if let Some(error) = error.downcast_ref::<rustls::Error>() {
        return Some(tls(error));
    }
    if let Some(error) = error.downcast_ref::<io::Error>() {
        // What an io::Error wraps is not its source, but is the better answer.
        let wrapped = error.get_ref().and_then(|inner| {
            let inner: &(dyn Error + 'static) = inner;
            in_chain(inner)
        });
        return wrapped.or_else(|| input_output(error.kind()));
    }
    by_text(&error.to_string())
}

/// Types that their crates keep to themselves, by the words they have said for years.
fn by_text(text: &str) -> Option<ForgeErrorKind> {
    match text {
        _ if text.starts_with("tunnel error") || text.starts_with("SOCKS error") => Some(ForgeErrorKind::ProxyFailed),
        _ if text == "dns error" => Some(ForgeErrorKind::NameNotFound),
        _ if text.starts_with("invalid HTTP") => Some(ForgeErrorKind::NotAForge { found: None }),
        _ if text.starts_with("message head is too large") => Some(ForgeErrorKind::TooLarge),
        _ => None,
    }
}

const fn input_output(kind: io::ErrorKind) -> Option<ForgeErrorKind> {
    use io::ErrorKind as Io;
    Some(match kind {
        Io::ConnectionRefused
        | Io::HostUnreachable
        | Io::NetworkUnreachable
        | Io::NetworkDown
        | Io::AddrNotAvailable
        | Io::PermissionDenied => ForgeErrorKind::ConnectionRefused,
        Io::ConnectionReset | Io::ConnectionAborted | Io::BrokenPipe | Io::UnexpectedEof | Io::NotConnected => {
            ForgeErrorKind::ConnectionLost
        }
        Io::TimedOut => ForgeErrorKind::TimedOut,
        _ => return None,
    })
}

fn tls(error: &rustls::Error) -> ForgeErrorKind {
    let rustls::Error::InvalidCertificate(error) = error else { return ForgeErrorKind::TlsFailed };
    match error {
        CertificateError::Expired
        | CertificateError::ExpiredContext { .. }
        | CertificateError::NotValidYet
        | CertificateError::NotValidYetContext { .. } => ForgeErrorKind::CertificateExpired,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            ForgeErrorKind::CertificateWrongName
        }
        _ => ForgeErrorKind::CertificateNotTrusted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrapped(error: impl Error + Send + Sync + 'static) -> Option<ForgeErrorKind> {
        in_chain(&io::Error::new(io::ErrorKind::InvalidData, error))
    }

    #[test]
    fn certificates() {
        let certificate = |error| wrapped(rustls::Error::InvalidCertificate(error));
        assert_eq!(certificate(CertificateError::UnknownIssuer), Some(ForgeErrorKind::CertificateNotTrusted));
        assert_eq!(certificate(CertificateError::BadSignature), Some(ForgeErrorKind::CertificateNotTrusted));
        assert_eq!(certificate(CertificateError::Expired), Some(ForgeErrorKind::CertificateExpired));
        assert_eq!(certificate(CertificateError::NotValidYet), Some(ForgeErrorKind::CertificateExpired));
        assert_eq!(certificate(CertificateError::NotValidForName), Some(ForgeErrorKind::CertificateWrongName));
        assert_eq!(wrapped(rustls::Error::HandshakeNotComplete), Some(ForgeErrorKind::TlsFailed));
    }

    #[test]
    fn sockets_and_proxies() {
        assert_eq!(
            in_chain(&io::Error::from(io::ErrorKind::ConnectionRefused)),
            Some(ForgeErrorKind::ConnectionRefused)
        );
        assert_eq!(wrapped(io::Error::from(io::ErrorKind::ConnectionReset)), Some(ForgeErrorKind::ConnectionLost));
        assert_eq!(in_chain(&io::Error::from(io::ErrorKind::Other)), None);
        assert_eq!(by_text("tunnel error: unsuccessful"), Some(ForgeErrorKind::ProxyFailed));
        assert_eq!(by_text("error sending request"), None);
    }
}
