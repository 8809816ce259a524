use std::net::{IpAddr, Ipv6Addr};

use domain::Actor;

/// Out of whose bucket is taken.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) enum RateLimitKey {
    /// Somebody who said who they are.
    Known(Actor),
    /// Whoever calls from an address, or, on the newer protocol, from a network such as one household or machine gets:
    /// it has more addresses than there can be buckets.
    Address(IpAddr),
    /// Whoever from there says to be somebody they are not: apart, so that guessing takes nothing from the others.
    Guessing(Box<RateLimitKey>),
    /// Whoever calls from nowhere, as it is within one process: all of them together.
    Nowhere,
}

impl RateLimitKey {
    /// Who pays for what this actor does from this address.
    pub(crate) fn of(actor: &Actor, address: Option<IpAddr>) -> Self {
        match actor {
            Actor::Anonymous | Actor::Demo | Actor::System => Self::at(address),
            known => Self::Known(known.clone()),
        }
    }

    /// Who pays for a credential from this address that is refused.
    pub(crate) fn guessing(address: Option<IpAddr>) -> Self {
        Self::Guessing(Box::new(Self::at(address)))
    }

    /// Who pays for what nobody known does from this address.
    pub(crate) fn at(address: Option<IpAddr>) -> Self {
        match address.map(|address| address.to_canonical()) {
            Some(IpAddr::V6(address)) => Self::Address(network(address).into()),
            Some(address) => Self::Address(address),
            None => Self::Nowhere,
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
    fn who_is_known_pays_wherever_they_call_from_and_others_by_their_network() {
        let at = |address: &str| RateLimitKey::of(&Actor::Anonymous, Some(address.parse().unwrap()));
        assert_ne!(at("192.0.2.1"), at("192.0.2.2"));
        assert_eq!(at("192.0.2.1"), at("::ffff:192.0.2.1"));
        assert_eq!(at("2001:db8::1"), at("2001:db8::ffff:ffff:ffff:ffff"));
        assert_ne!(at("2001:db8::1"), at("2001:db8:0:1::1"));
        let guest = Actor::Guest(domain::GuestId::from_uuid(uuid::Uuid::nil()));
        let known = |address: Option<&str>| RateLimitKey::of(&guest, address.map(|address| address.parse().unwrap()));
        assert_eq!(known(Some("192.0.2.1")), known(None));
    }
}
