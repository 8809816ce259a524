//! The orders of lists.

use async_graphql::InputObject;
use persistence::Ordering;

use super::enums::{OrderDirection, same_enum};

/// Writes the input object of an order: a field and a direction.
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
            /// The field to order by. Entries with equal values follow the order of their creation.
            field: $field,
            /// The direction.
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
    /// The order of a list of workshops.
    WorkshopOrder by WorkshopOrderField = "persistence::WorkshopOrder" as persistence::WorkshopOrder, at first StartsAt {
        /// The start of the first session; a workshop without sessions has no value.
        StartsAt,
        /// The title, without regard to case and accents.
        Title,
        /// The instant when the workshop was created.
        CreatedAt,
    }
}

order! {
    /// The order of a list of registrations.
    RegistrationOrder by RegistrationOrderField = "persistence::RegistrationOrder" as persistence::RegistrationOrder, at first RegisteredAt {
        /// The instant when the guest registered.
        RegisteredAt,
        /// The position on the waitlist, first guest first; a registration that is not waiting has no value.
        WaitlistPosition,
    }
}

order! {
    /// The order of a list of guests.
    GuestOrder by GuestOrderField = "persistence::GuestOrder" as persistence::GuestOrder, at first FamilyName {
        /// The family name, then the given name, without regard to case and accents.
        FamilyName,
        /// The instant when the guest was created.
        CreatedAt,
    }
}

order! {
    /// The order of a list of centers.
    CenterOrder by CenterOrderField = "persistence::CenterOrder" as persistence::CenterOrder, at first Name {
        /// The name, without regard to case and accents.
        Name,
        /// The instant when the center was created.
        CreatedAt,
    }
}
