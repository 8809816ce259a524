//! From where somebody calls, as far as that can be believed.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::{ConnectInfo, Request, State, connect_info::Connected},
    http::HeaderMap,
    middleware::Next,
    response::Response,
    serve::IncomingStream,
};

use super::{App, TimeoutListener};

/// The other end of a connection.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

impl Connected<IncomingStream<'_, TimeoutListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, TimeoutListener>) -> Self {
        Self(*stream.remote_addr())
    }
}

/// From where a request came; nowhere, if it came from within this process.
#[derive(Clone, Copy, Debug)]
pub(super) struct Address(pub(super) Option<IpAddr>);

/// Tells the handlers from where the request came.
pub(super) async fn tell(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<Peer>>().map(|ConnectInfo(Peer(peer))| peer.ip());
    let address = Address(calling(peer, request.headers(), app.limits.trusted_proxies));
    request.extensions_mut().insert(address);
    next.run(request).await
}

/// Each proxy adds to the end of `X-Forwarded-For` who asked it. What stands further left than the proxies that are
/// trusted have written, anybody can have written.
fn calling(peer: Option<IpAddr>, headers: &HeaderMap, trusted_proxies: usize) -> Option<IpAddr> {
    let Some(before) = trusted_proxies.checked_sub(1) else { return peer };
    // As bytes, for what a client wrote must not make what a proxy has added to it unreadable.
    let said: Vec<_> = headers
        .get_all("x-forwarded-for")
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .collect();
    // Fewer than there should be: it did not come through all of them, and nothing of it is believed.
    said.iter().rev().nth(before).and_then(|address| read(std::str::from_utf8(address).ok()?.trim())).or(peer)
}

/// An address as proxies write it, some with a port.
fn read(text: &str) -> Option<IpAddr> {
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    text.trim_matches(['[', ']']).parse().ok().or_else(with_port)
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn only_what_trusted_proxies_wrote_is_believed() {
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
            let found = calling(Some(peer.parse().unwrap()), &headers, trusted);
            assert_eq!(found, Some(address.parse().unwrap()), "{forwarded:?} {trusted}");
        }
        assert_eq!(calling(None, &HeaderMap::new(), 0), None);
    }
}
