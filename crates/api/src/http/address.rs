//! The address of the client, behind trusted proxies too.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::HeaderMap,
    middleware::Next,
    response::Response,
};

/// The address of the other end of a connection.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// The address of the client; `None`: a request within the process.
#[derive(Clone, Copy, Debug)]
pub(super) struct Address(pub(super) Option<IpAddr>);

/// Adds the [`Address`] of the client to the request.
pub(super) async fn resolve(State(trusted_proxies): State<usize>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<Peer>>().map(|ConnectInfo(Peer(peer))| peer.ip());
    let address = Address(client_address(peer, request.headers(), trusted_proxies));
    request.extensions_mut().insert(address);
    next.run(request).await
}

/// The address that the outermost trusted proxy saw. Each proxy appends the address of its client to `X-Forwarded-For`;
/// entries to the left of those of the trusted proxies can be forged.
fn client_address(peer: Option<IpAddr>, headers: &HeaderMap, trusted_proxies: usize) -> Option<IpAddr> {
    let Some(index) = trusted_proxies.checked_sub(1) else { return peer };
    // Split as bytes: an entry of the client that is not UTF-8 must not hide the entries of the proxies.
    let entries: Vec<_> = headers
        .get_all("x-forwarded-for")
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .collect();
    // With fewer entries than proxies, the request bypassed a proxy and the header is not trusted.
    entries.iter().rev().nth(index).and_then(|entry| parse(std::str::from_utf8(entry).ok()?.trim())).or(peer)
}

/// Parses an address as proxies write it, with or without a port.
fn parse(text: &str) -> Option<IpAddr> {
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    text.trim_matches(['[', ']']).parse().ok().or_else(with_port)
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn only_entries_of_trusted_proxies_count() {
        let (peer, proxy, client) = ("192.0.2.9", "192.0.2.1", "198.51.100.7");
        for (forwarded, trusted, address) in [
            (&[][..], 0, peer),
            (&["198.51.100.7"], 0, peer),
            (&["198.51.100.7"], 1, client),
            (&["10.0.0.1, 198.51.100.7"], 1, client),
            (&["198.51.100.7, 192.0.2.1"], 1, proxy),
            (&["198.51.100.7, 192.0.2.1"], 2, client),
            (&["10.0.0.1,198.51.100.7", "192.0.2.1"], 2, client),
            (&["198.51.100.7:4711"], 1, client),
            (&["[2001:db8::1]:4711"], 1, "2001:db8::1"),
            (&["[2001:db8::1]"], 1, "2001:db8::1"),
            (&["192.0.2.1"], 2, peer),
            (&["\u{e9}, 198.51.100.7"], 1, client),
            (&["unknown"], 1, peer),
            (&[], 1, peer),
        ] {
            let headers: HeaderMap = forwarded
                .iter()
                .map(|value: &&str| {
                    (HeaderName::from_static("x-forwarded-for"), HeaderValue::from_bytes(value.as_bytes()).unwrap())
                })
                .collect();
            let resolved = client_address(Some(peer.parse().unwrap()), &headers, trusted);
            assert_eq!(resolved, Some(address.parse().unwrap()), "{forwarded:?} {trusted}");
        }
        assert_eq!(client_address(None, &HeaderMap::new(), 0), None);
    }
}
