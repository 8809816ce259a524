//! Input objects that several mutations share.

/// The input of a center.
pub(in crate::graphql) mod center;
/// The input of a guest.
pub(in crate::graphql) mod guest;

use async_graphql::MaybeUndefined;
use domain::Entry;

/// Converts a field of an input: omitted keeps the value, null clears it.
pub(in crate::graphql) fn entry(field: MaybeUndefined<String>) -> Entry<String> {
    match field {
        MaybeUndefined::Undefined => Entry::Keep,
        MaybeUndefined::Null => Entry::Clear,
        MaybeUndefined::Value(text) => Entry::Set(text),
    }
}
