//! Input objects that several mutations share.

/// The input of a center.
pub(in crate::graphql) mod center;
/// The input of a guest.
pub(in crate::graphql) mod guest;

use async_graphql::MaybeUndefined;
use domain::Patch;

/// Converts a field of an input: an omitted field keeps the value and null clears it.
pub(in crate::graphql) fn patch<T>(field: MaybeUndefined<T>) -> Patch<T> {
    match field {
        MaybeUndefined::Undefined => Patch::Keep,
        MaybeUndefined::Null => Patch::Clear,
        MaybeUndefined::Value(value) => Patch::Set(value),
    }
}
