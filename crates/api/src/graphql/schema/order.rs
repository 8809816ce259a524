//! What lists can be ordered by, as clients say it.

use async_graphql::InputObject;
use persistence::Ordering;

use super::enums::{OrderDirection, same_enum};

/// Writes the input for the order of a list: a field of it, and a direction.
macro_rules! order {
    (
        $(#[$doc:meta])* $name:ident by $field:ident = $stored:literal as $ordered:ty, at first $default:ident {
            $($(#[$member_doc:meta])* $member:ident),+ $(,)?
        }
    ) => {
        same_enum! {
            $(#[$doc])*
            $field = $stored { $($(#[$member_doc])* $member),+ }
        }

        $(#[$doc])*
        #[derive(Clone, Copy, Debug, InputObject)]
        pub(in crate::graphql) struct $name {
            /// The field. Those that are equal in it come in the order in which they were created.
            field: $field,
            /// Which way.
            #[graphql(default)]
            direction: OrderDirection,
        }

        impl Default for $name {
            fn default() -> Self {
                Self { field: $field::$default, direction: OrderDirection::Ascending }
            }
        }

        impl From<$name> for Ordering<$ordered> {
            fn from(order: $name) -> Self {
                Self { by: order.field.into(), direction: order.direction.into() }
            }
        }
    };
}

order! {
    /// By what workshops are ordered.
    WorkshopOrder by WorkshopOrderField = "persistence::WorkshopOrder" as persistence::WorkshopOrder, at first StartsAt {
        /// The start of the first session; a workshop without sessions has none.
        StartsAt,
        /// The title, regardless of case and accents.
        Title,
        /// When the workshop was created.
        CreatedAt,
    }
}

order! {
    /// By what registrations are ordered.
    RegistrationOrder by RegistrationOrderField = "persistence::RegistrationOrder" as persistence::RegistrationOrder, at first RegisteredAt {
        /// When the guest registered.
        RegisteredAt,
        /// The place in line, the first in line first; who does not wait has none.
        WaitlistPosition,
    }
}

order! {
    /// By what guests are ordered.
    GuestOrder by GuestOrderField = "persistence::GuestOrder" as persistence::GuestOrder, at first FamilyName {
        /// The family name, then the given name, regardless of case and accents.
        FamilyName,
        /// When the guest was created.
        CreatedAt,
    }
}

order! {
    /// By what centers are ordered.
    CenterOrder by CenterOrderField = "persistence::CenterOrder" as persistence::CenterOrder, at first Name {
        /// The name, regardless of case and accents.
        Name,
        /// When the center was created.
        CreatedAt,
    }
}
