//! `atelier healthcheck`: a probe for containers, which have no other program that could send a request.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use clap::Args;
use ureq::http::StatusCode;

use super::socket_address::socket_address;

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// The address and port of the server. An address of all interfaces, such as 0.0.0.0, means this machine.
    #[arg(long, env = "ATELIER_LISTEN", default_value = "127.0.0.1:8000", value_name = "ADDRESS:PORT",
        value_parser = socket_address)]
    listen: SocketAddr,
    /// Request `/ready` instead of `/health`: fail also if the database does not respond or the server is stopping.
    #[arg(long)]
    ready: bool,
    /// Seconds to wait for the response.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=60))]
    timeout: u64,
}

/// Fails unless the server responds 200.
pub(super) fn healthcheck(arguments: &Arguments) -> Result<(), String> {
    let Arguments { listen, ready, timeout } = arguments;
    let address = SocketAddr::new(reachable(listen.ip()), listen.port());
    let url = format!("http://{address}/{}", if *ready { "ready" } else { "health" });
    // The proxy of the environment is for other machines.
    let config = ureq::Agent::config_builder().proxy(None).timeout_global(Some(Duration::from_secs(*timeout)));
    let agent = ureq::Agent::from(config.max_redirects(0).http_status_as_error(false).build());
    let response = agent.get(&url).call().map_err(|error| format!("{url} does not respond: {error}"))?;
    match response.status() {
        StatusCode::OK => Ok(()),
        status => Err(format!("{url} responds {status}")),
    }
}

/// An address of all interfaces cannot be the target of a request.
fn reachable(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(address) if address.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(address) if address.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        address => address,
    }
}
