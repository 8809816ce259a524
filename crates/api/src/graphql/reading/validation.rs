//! The step before execution, on its own: what was valid once need not be looked at again.

use std::sync::{Arc, OnceLock};

use async_graphql::{
    Request, Response, ServerError, ValidationResult, Value,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextExecute, NextValidation},
};
use futures_util::FutureExt;

use crate::graphql::{AtelierSchema, codes, queries::Subgraph};

/// Validates requests, and executes none.
#[derive(Clone)]
pub(in crate::graphql) struct Validator(AtelierSchema<Subgraph>);

/// Where the cost of a valid request is put.
struct Found(Arc<OnceLock<usize>>);

impl Validator {
    pub(in crate::graphql) fn new() -> Self {
        Self(crate::graphql::builder().extension(Validation).finish())
    }

    /// What all operations of the document cost, for all are validated.
    pub(super) fn cost(&self, request: Request) -> Result<usize, Vec<ServerError>> {
        let found = Arc::<OnceLock<usize>>::default();
        // Nothing in it waits.
        let answer = self.0.execute(request.data(Found(found.clone()))).now_or_never();
        match (answer, found.get()) {
            (Some(Response { errors, .. }), _) if !errors.is_empty() => Err(errors),
            (Some(_), Some(cost)) => Ok(*cost),
            _ => Err(vec![codes::masked()]),
        }
    }
}

struct Validation;

impl ExtensionFactory for Validation {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_graphql::async_trait::async_trait]
impl Extension for Validation {
    async fn validation(
        &self,
        ctx: &ExtensionContext<'_>,
        next: NextValidation<'_>,
    ) -> Result<ValidationResult, Vec<ServerError>> {
        let valid = next.run(ctx).await.map_err(|mut errors| {
            errors.iter_mut().for_each(codes::of_validation);
            errors
        })?;
        if let Some(Found(found)) = ctx.data_opt() {
            let _ = found.set(valid.complexity);
        }
        Ok(valid)
    }

    async fn execute(&self, _: &ExtensionContext<'_>, _: Option<&str>, _: NextExecute<'_>) -> Response {
        Response::new(Value::Null)
    }
}
