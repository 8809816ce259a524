//! The schema that clients see.

pub(in crate::graphql) mod connection;
pub(in crate::graphql) mod enums;
pub(in crate::graphql) mod field_access;
pub(in crate::graphql) mod filter;
pub(in crate::graphql) mod inputs;
pub(in crate::graphql) mod lists;
pub(in crate::graphql) mod mutations;
pub(in crate::graphql) mod order;
pub(in crate::graphql) mod problems;
pub(in crate::graphql) mod queries;
pub(crate) mod roles;
pub(in crate::graphql) mod scalars;
pub(in crate::graphql) mod subscriptions;
pub(in crate::graphql) mod totals;
pub(in crate::graphql) mod types;
