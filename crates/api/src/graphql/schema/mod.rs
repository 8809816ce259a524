//! The schema that clients see.

/// Pages of lists.
pub(in crate::graphql) mod connection;
/// Enums.
pub(in crate::graphql) mod enums;
/// The permissions that resolvers require.
pub(in crate::graphql) mod field_access;
/// The filters of lists.
pub(in crate::graphql) mod filter;
/// Input objects that several mutations share.
pub(in crate::graphql) mod inputs;
/// The lists, at the root and in objects.
pub(in crate::graphql) mod lists;
/// The mutations, one file for each command.
pub(in crate::graphql) mod mutations;
/// The orders of lists.
pub(in crate::graphql) mod order;
/// The reasons why a request is refused.
pub(in crate::graphql) mod problems;
/// The queries, one file for each subject.
pub(in crate::graphql) mod queries;
/// The roles that each root field requires.
pub(crate) mod roles;
/// The table of roles, for `docs/roles.md`.
pub(crate) mod roles_table;
/// The root objects, whose descriptions name the roles.
pub(in crate::graphql) mod root;
/// Scalars.
pub(in crate::graphql) mod scalars;
/// The scopes of lists.
pub(in crate::graphql) mod scope;
/// The subscriptions, one file for each subject.
pub(in crate::graphql) mod subscriptions;
/// The totals of a connection.
pub(in crate::graphql) mod totals;
/// The output types, one file each.
pub(in crate::graphql) mod types;
