//! The step before execution, on its own: what was valid once need not be looked at again.

use std::sync::{Arc, OnceLock};

use async_graphql::{
    Request, Response, ServerError, ValidationResult, Value,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextExecute, NextValidation},
};
use futures_util::FutureExt;

use super::shape::Inputs;
use crate::graphql::{AtelierSchema, execution::error_codes, schema::queries::Subgraph};

/// Validates requests, and executes none.
#[derive(Clone)]
pub(in crate::graphql) struct Validator {
    schema: AtelierSchema<Subgraph>,
    /// Read from the schema where it shows itself: in its extension, with the first request.
    inputs: Arc<OnceLock<Inputs>>,
}

/// Where the cost of a valid request is put.
struct Found(Arc<OnceLock<usize>>);

impl Validator {
    pub(in crate::graphql) fn new() -> Self {
        let inputs = Arc::<OnceLock<Inputs>>::default();
        let schema = crate::graphql::builder().extension(Validation(inputs.clone())).finish();
        Self { schema, inputs }
    }

    /// The input objects; `None`: nothing was validated yet.
    pub(super) fn inputs(&self) -> Option<&Inputs> {
        self.inputs.get()
    }

    /// What all operations of the document cost, for all are validated.
    pub(super) fn cost(&self, request: Request) -> Result<usize, Vec<ServerError>> {
        let found = Arc::<OnceLock<usize>>::default();
        // Nothing in it waits.
        let answer = self.schema.execute(request.data(Found(found.clone()))).now_or_never();
        match (answer, found.get()) {
            (Some(Response { errors, .. }), _) if !errors.is_empty() => Err(errors),
            (Some(_), Some(cost)) => Ok(*cost),
            _ => Err(vec![error_codes::masked()]),
        }
    }
}

#[derive(Clone)]
struct Validation(Arc<OnceLock<Inputs>>);

impl ExtensionFactory for Validation {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(self.clone())
    }
}

#[async_graphql::async_trait::async_trait]
impl Extension for Validation {
    async fn validation(
        &self,
        ctx: &ExtensionContext<'_>,
        next: NextValidation<'_>,
    ) -> Result<ValidationResult, Vec<ServerError>> {
        self.0.get_or_init(|| Inputs::of(&ctx.schema_env.registry));
        let valid = next.run(ctx).await.map_err(|mut errors| {
            errors.iter_mut().for_each(error_codes::of_validation);
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
