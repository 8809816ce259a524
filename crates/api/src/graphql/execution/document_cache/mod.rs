//! From the text of a request to an operation that can be executed: limited, parsed, validated and charged.

/// A parsed document.
mod document;
/// The ban on introspection.
mod introspection;
/// Variables for page sizes, which can be omitted.
mod page_sizes;
/// Validation without execution.
mod validation;
/// The costs of valid requests.
mod validation_results;
/// The part of the variables that validation depends on.
mod variables_shape;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use async_graphql::{
    Request, ServerError,
    parser::{parse_query, types::OperationType},
};

use super::{
    admission::InFlightPermit,
    cost::introspection_cost,
    error_codes,
    limits::{ChargedCost, DocumentLimits},
    operation_label::OperationLabel,
    single_root::with_single_root,
};
use crate::{byte_cache::ByteCache, caller_key::CallerKey, rate_limit::CostBudget};
use document::Document;
pub(in crate::graphql) use document::Operation;
use validation::Validator;
use validation_results::ValidationResults;

/// The maximum size of all cached documents, in bytes.
const MAX_BYTES: usize = 8 * 1024 * 1024;
/// The maximum size of a parsed token, in bytes. Fields without arguments take the most: measured, at most 256.
const BYTES_PER_TOKEN: usize = 256;

/// Prepares requests. It caches parsed documents by their text, because clients send the same few again and again.
#[derive(Clone)]
pub(in crate::graphql) struct DocumentCache {
    documents: Arc<ByteCache<Arc<str>, Arc<Document>>>,
    results: Arc<ValidationResults>,
    validator: Validator,
    limits: DocumentLimits,
    pub(in crate::graphql) introspection_enabled: bool,
}

/// A request whose document is parsed and within the limits, or the error. Only prepared requests are executed.
#[derive(Debug)]
pub(crate) struct PreparedRequest {
    request: Request,
    document: Result<Arc<Document>, ServerError>,
    budget: CostBudget,
    permit: InFlightPermit,
}

/// A valid request whose cost was taken from the caller's budget.
pub(in crate::graphql) struct ExecutableRequest {
    pub(in crate::graphql) operation: Operation,
    pub(in crate::graphql) cost: ChargedCost,
    /// The budget that paid the cost.
    pub(in crate::graphql) budget: CostBudget,
    /// Whether the response contains the schema, which async-graphql resolves and nothing counts.
    pub(in crate::graphql) is_introspection: bool,
    /// Held until the response is complete.
    pub(in crate::graphql) permit: InFlightPermit,
}

impl DocumentCache {
    pub(in crate::graphql) fn new(limits: DocumentLimits) -> Self {
        Self {
            documents: Arc::new(ByteCache::new(MAX_BYTES)),
            results: Arc::new(ValidationResults::new()),
            validator: Validator::new(),
            limits,
            introspection_enabled: true,
        }
    }

    /// Parses a request, or finds its document in the cache. The result carries an error until it is executed.
    pub(in crate::graphql) fn prepare(
        &self,
        mut request: Request,
        budget: CostBudget,
        permit: InFlightPermit,
    ) -> PreparedRequest {
        let cached = self.documents.get(request.query.as_str());
        let document = cached.map_or_else(|| self.parse(&request.query), Ok);
        // No operation can read the others. They would only take memory, for as long as a subscription runs.
        let is_declared = |name: &str| document.as_ref().is_ok_and(|document| document.declares(name));
        request.variables.retain(|name, _| is_declared(name));
        PreparedRequest { request, document, budget, permit }
    }

    fn parse(&self, text: &str) -> Result<Arc<Document>, ServerError> {
        let tokens = self.limits.ensure_short(text)?;
        let parsed = parse_query(text).map_err(|error| error_codes::syntax_error(error.into()))?;
        let introspection = self.limits.ensure_small(&parsed)?;
        let mut parsed = with_single_root(parsed)?;
        if !self.introspection_enabled {
            introspection::ensure_no_introspection(&parsed)?;
        }
        page_sizes::default_to_null(&mut parsed);
        let bytes = text.len() + tokens * BYTES_PER_TOKEN;
        let document = Arc::new(Document::new(parsed, bytes, introspection));
        self.documents.insert(text.into(), document.clone(), bytes);
        Ok(document)
    }

    /// Validates a request and takes its cost from the caller's budget.
    pub(in crate::graphql) fn validate(
        &self,
        prepared: PreparedRequest,
    ) -> Result<ExecutableRequest, Vec<ServerError>> {
        let PreparedRequest { request, document, budget, permit } = prepared;
        let document = document.map_err(|error| vec![error])?;
        let cost = self.results.cost(&document, &request, self.validator.input_types(), || {
            let mut validated = Request::new(String::new()).variables(request.variables.clone());
            validated.operation_name.clone_from(&request.operation_name);
            validated.set_parsed_query(document.parsed().clone());
            let cost = catch_unwind(AssertUnwindSafe(|| self.validator.cost(validated)));
            let cost = cost.unwrap_or_else(|_| Err(vec![error_codes::internal_error()]))?;
            let cost = cost.saturating_add(introspection_cost(document.introspection()));
            self.limits.cost(cost).map_err(|error| vec![error]).map(|()| cost)
        })?;
        let cost = ChargedCost::charge(&budget, cost, self.limits.cost).map_err(|error| vec![error])?;
        let operation = document.operation(request.operation_name, request.variables);
        let is_introspection = document.introspection() > 0;
        Ok(ExecutableRequest { operation, cost, budget, is_introspection, permit })
    }
}

impl PreparedRequest {
    /// The text of the document, if it could be parsed and is within the limits.
    pub(crate) fn parsed_text(&self) -> Option<&str> {
        self.document.is_ok().then_some(&*self.request.query)
    }

    /// Whether the operation can have more than one response. A rejected request has one, with the error.
    pub(crate) fn is_subscription(&self) -> bool {
        self.has_operation(OperationType::Subscription)
    }

    /// Whether the operation can change data.
    pub(crate) fn is_mutation(&self) -> bool {
        self.has_operation(OperationType::Mutation)
    }

    /// Returns the caller that pays.
    pub(in crate::graphql) fn caller(&self) -> &CallerKey {
        self.budget.caller()
    }

    /// Returns the label of the operation in metrics and logs.
    pub(crate) fn label(&self) -> OperationLabel {
        let name = self.request.operation_name.as_deref();
        self.document.as_ref().map_or(OperationLabel::UNKNOWN, |document| OperationLabel::of(document.parsed(), name))
    }

    fn has_operation(&self, operation_type: OperationType) -> bool {
        let name = self.request.operation_name.as_deref();
        self.document.as_ref().is_ok_and(|document| document.has_operation(name, operation_type))
    }
}
