use std::net::SocketAddr;

/// Parses the address and port of a flag.
pub(super) fn socket_address(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse().map_err(|_| "expected an IP address and a port, for example 127.0.0.1:8000 or [::1]:8000")
}
