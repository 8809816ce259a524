//! From the text of a request to an operation that may be executed: measured, parsed, valid, and paid for.

mod document;
mod introspection;
mod page_sizes;
mod shape;
mod validation;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use async_graphql::{
    Request, ServerError,
    parser::{parse_query, types::OperationType},
};

use super::{error_codes, limits::Paid};
use crate::{
    byte_cache::ByteCache,
    graphql::{Graph, InFlightPermit, OperationLabel, execution::single_root::with_single_root},
    rate_limit::CostBudget,
};
use document::Document;
pub(in crate::graphql) use validation::Validator;

/// The most bytes of all documents that are remembered, about.
const MOST_BYTES: usize = 8 * 1024 * 1024;
/// What a token of a document takes once it is parsed, at most about.
const BYTES_A_TOKEN: usize = 200;

/// Documents that were read, by their texts: a client asks with the same few again and again.
#[derive(Clone)]
pub(in crate::graphql) struct DocumentCache(Arc<ByteCache<Arc<str>, Arc<Document>>>);

/// A request whose document was measured and then parsed. Nothing else is executed.
#[derive(Debug)]
pub(crate) struct PreparedRequest {
    request: Request,
    document: Result<Arc<Document>, ServerError>,
    purse: CostBudget,
    place: InFlightPermit,
}

impl Default for DocumentCache {
    fn default() -> Self {
        Self(Arc::new(ByteCache::new(MOST_BYTES)))
    }
}

impl Graph {
    /// Reads a request that has a place, and whose cost will be taken out of this purse. One that asks for too much, or whose document is none,
    /// is answered so by whatever executes it.
    pub(crate) fn read(&self, request: Request, purse: CostBudget, place: InFlightPermit) -> PreparedRequest {
        let known = self.library.0.get(request.query.as_str());
        PreparedRequest { document: known.map_or_else(|| self.parse(&request.query), Ok), request, purse, place }
    }

    fn parse(&self, text: &str) -> Result<Arc<Document>, ServerError> {
        let limits = &self.limits;
        let tokens = limits.ensure_short(text)?;
        let parsed = parse_query(text).map_err(|error| error_codes::of_syntax(error.into()))?;
        limits.ensure_small(&parsed)?;
        let mut parsed = with_single_root(parsed)?;
        if !self.tells_schema {
            introspection::ensure_untold(&parsed)?;
        }
        page_sizes::fill(&mut parsed);
        let document = Arc::new(Document::new(parsed));
        self.library.0.insert(text.into(), document.clone(), text.len() + tokens * BYTES_A_TOKEN);
        Ok(document)
    }

    /// Sees to it that a request is valid and takes what it costs from whoever asks, before anything is done.
    /// With the request comes its place, until it was answered.
    pub(in crate::graphql) fn charge(
        &self,
        reading: PreparedRequest,
    ) -> Result<(Request, Paid, InFlightPermit), Vec<ServerError>> {
        let PreparedRequest { mut request, document, purse, place } = reading;
        let document = document.map_err(|error| vec![error])?;
        let cost = document.cost(&request, self.validator.inputs(), || {
            let mut asked = Request::new(String::new()).variables(request.variables.clone());
            asked.operation_name.clone_from(&request.operation_name);
            asked.set_parsed_query(document.parsed().clone());
            let cost = catch_unwind(AssertUnwindSafe(|| self.validator.cost(asked)));
            let cost = cost.unwrap_or_else(|_| Err(vec![error_codes::masked()]))?;
            self.limits.cost(cost).map_err(|error| vec![error]).map(|()| cost)
        })?;
        let paid = Paid::out_of(&purse, cost, self.limits.cost).map_err(|error| vec![error])?;
        request.set_parsed_query(document.parsed().clone());
        Ok((request, paid, place))
    }
}

impl PreparedRequest {
    /// Whether there may be more than one answer. One that was refused has one, which says so.
    pub(crate) fn is_subscription(&self) -> bool {
        self.asks_for(OperationType::Subscription)
    }

    /// Whether something may be changed.
    pub(crate) fn is_mutation(&self) -> bool {
        self.asks_for(OperationType::Mutation)
    }

    /// What it is about.
    pub(crate) fn topic(&self) -> OperationLabel {
        let name = self.request.operation_name.as_deref();
        self.document.as_ref().map_or(OperationLabel::UNKNOWN, |document| OperationLabel::of(document.parsed(), name))
    }

    fn asks_for(&self, kind: OperationType) -> bool {
        let name = self.request.operation_name.as_deref();
        self.document.as_ref().is_ok_and(|document| document.asks_for(name, kind))
    }
}
