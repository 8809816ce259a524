use std::net::{IpAddr, Ipv6Addr};

use domain::Actor;

/// The owner of a token bucket.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) enum RateLimitKey {
    /// An authenticated caller.
    Actor(Actor),
    /// An unauthenticated caller, by IPv4 address or by IPv6 network (/64). A household or a machine has a whole IPv6
    /// network, which has more addresses than there can be buckets.
    Address(IpAddr),
    /// Failed authentication from an address. The bucket is separate, so that guessing costs other callers nothing.
    FailedAuthentication(Box<RateLimitKey>),
    /// All requests without an address: calls within the process.
    InProcess,
}

impl RateLimitKey {
    /// The key of an actor that calls from this address.
    pub(crate) fn of(actor: &Actor, address: Option<IpAddr>) -> Self {
        match actor {
            Actor::Anonymous | Actor::Demo | Actor::System => Self::at(address),
            authenticated => Self::Actor(authenticated.clone()),
        }
    }

    /// The key of a rejected credential from this address.
    pub(crate) fn failed_authentication(address: Option<IpAddr>) -> Self {
        Self::FailedAuthentication(Box::new(Self::at(address)))
    }

    /// The key of an unauthenticated caller at this address.
    pub(crate) fn at(address: Option<IpAddr>) -> Self {
        match address.map(|address| address.to_canonical()) {
            Some(IpAddr::V6(address)) => Self::Address(network(address).into()),
            Some(address) => Self::Address(address),
            None => Self::InProcess,
        }
    }
}

fn network(address: Ipv6Addr) -> Ipv6Addr {
    Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn authenticated_callers_have_one_key_and_others_one_for_each_network() {
        let at = |address: &str| RateLimitKey::of(&Actor::Anonymous, Some(address.parse().unwrap()));
        assert_ne!(at("192.0.2.1"), at("192.0.2.2"));
        assert_eq!(at("192.0.2.1"), at("::ffff:192.0.2.1"));
        assert_eq!(at("2001:db8::1"), at("2001:db8::ffff:ffff:ffff:ffff"));
        assert_ne!(at("2001:db8::1"), at("2001:db8:0:1::1"));
        let guest = Actor::Guest(domain::GuestId::from_uuid(uuid::Uuid::nil()));
        let key = |address: Option<&str>| RateLimitKey::of(&guest, address.map(|address| address.parse().unwrap()));
        assert_eq!(key(Some("192.0.2.1")), key(None));
    }
}
