//! The sandbox never leaves the machine: whatever address somebody has planted in a webhook or a
//! mirror, only loopback is ever spoken to.

use std::net::IpAddr;

/// Is this host (a name or an address, without its port) the machine itself?
pub(crate) fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Is it an address of the machine itself, or of its own network: one that nobody reaches from outside?
pub(crate) fn is_private(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    is_loopback(host)
        || bare.parse::<IpAddr>().is_ok_and(|address| match address {
            IpAddr::V4(address) => address.is_private() || address.is_link_local() || address.is_unspecified(),
            IpAddr::V6(address) => {
                address.is_unique_local() || address.is_unicast_link_local() || address.is_unspecified()
            }
        })
}

/// The host of an address such as `https://user@host:8443/path`; nothing if it has none.
pub(crate) fn host_of(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let place = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let place = place.rsplit('@').next().unwrap_or(place);
    let host = match place.strip_prefix('[') {
        Some(inner) => inner.split(']').next()?,
        None => place.split(':').next()?,
    };
    (!host.is_empty()).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_itself_is_told_from_the_rest() {
        for (url, here) in [
            ("http://127.0.0.1:4000/x", true),
            ("https://user:password@localhost/x", true),
            ("http://[::1]:80", true),
            ("https://localhost.example.com/x", false),
            ("https://10.0.0.1/", false),
            ("nothing", false),
        ] {
            assert_eq!(host_of(url).is_some_and(is_loopback), here, "{url}");
        }
        for (host, near) in [("10.0.0.1", true), ("[fe80::1]", true), ("localhost", true), ("8.8.8.8", false)] {
            assert_eq!(is_private(host), near, "{host}");
        }
    }
}
