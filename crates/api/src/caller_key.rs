use std::net::{IpAddr, Ipv6Addr};

use domain::Actor;

/// The caller that a rate limit and a quota count for.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) enum CallerKey {
    /// An authenticated caller.
    Actor(Actor),
    /// An unauthenticated caller, by its [`network`].
    Address(IpAddr),
    /// Credentials from an address that are not verified, or wrong. The key is separate, so that guessing costs the other
    /// callers at the address nothing, and they cannot keep a valid credential out.
    Authentication(Box<CallerKey>),
    /// All requests without an address: calls within the process.
    InProcess,
}

impl CallerKey {
    /// The key of an actor that calls from this address.
    pub(crate) fn of(actor: &Actor, address: Option<IpAddr>) -> Self {
        match actor {
            Actor::Anonymous | Actor::Demo | Actor::System => Self::at(address),
            authenticated => Self::Actor(authenticated.clone()),
        }
    }

    /// The key of an unverified or rejected credential from this address.
    pub(crate) fn authentication(address: Option<IpAddr>) -> Self {
        Self::Authentication(Box::new(Self::at(address)))
    }

    /// The key of an unauthenticated caller at this address.
    pub(crate) fn at(address: Option<IpAddr>) -> Self {
        address.map_or(Self::InProcess, |address| Self::Address(network(address)))
    }
}

/// An IPv4 address, or the network (/64) of an IPv6 address. A household or a machine has a whole IPv6 network, which has
/// more addresses than a server can count.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into(),
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn authenticated_callers_have_one_key_and_others_one_for_each_network() {
        let at = |address: &str| CallerKey::of(&Actor::Anonymous, Some(address.parse().unwrap()));
        assert_ne!(at("192.0.2.1"), at("192.0.2.2"));
        assert_eq!(at("192.0.2.1"), at("::ffff:192.0.2.1"));
        assert_eq!(at("2001:db8::1"), at("2001:db8::ffff:ffff:ffff:ffff"));
        assert_ne!(at("2001:db8::1"), at("2001:db8:0:1::1"));
        let guest = Actor::Guest(domain::GuestId::from_uuid(uuid::Uuid::nil()));
        let key = |address: Option<&str>| CallerKey::of(&guest, address.map(|address| address.parse().unwrap()));
        assert_eq!(key(Some("192.0.2.1")), key(None));
    }
}
