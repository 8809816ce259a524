//! How an operation runs: the document cache, limits, cost, loaders, federation, and the codes of errors.

pub(in crate::graphql) mod admission;
pub(in crate::graphql) mod batch;
pub(in crate::graphql) mod cost;
pub(in crate::graphql) mod document_cache;
pub(in crate::graphql) mod error_codes;
pub(in crate::graphql) mod failure;
pub(in crate::graphql) mod fault;
pub(in crate::graphql) mod federation;
pub(in crate::graphql) mod limits;
pub(in crate::graphql) mod loaders;
pub(in crate::graphql) mod metered_operation;
pub(in crate::graphql) mod operation_label;
mod responses;
pub(in crate::graphql) mod row_object;
pub(in crate::graphql) mod single_root;
