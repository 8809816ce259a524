//! Input objects that several mutations share.

pub(in crate::graphql) mod center;
pub(in crate::graphql) mod guest;
