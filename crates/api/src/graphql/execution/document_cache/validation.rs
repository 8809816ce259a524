//! Validation without execution, so that its result can be cached.

use std::sync::{Arc, OnceLock};

use async_graphql::{
    Request, Response, ServerError, ValidationResult, Value,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextExecute, NextValidation},
};
use futures_util::FutureExt;

use super::variables_shape::InputTypes;
use crate::graphql::{
    execution::error_codes,
    sdl::{self, SubgraphSchema},
};

/// Validates requests without executing them.
#[derive(Clone)]
pub(super) struct Validator {
    schema: SubgraphSchema,
    /// Read with the first request, because async-graphql gives access to the registry only in an extension.
    input_types: Arc<OnceLock<InputTypes>>,
}

/// Receives the cost of a valid request.
struct MeasuredCost(Arc<OnceLock<usize>>);

impl Validator {
    pub(super) fn new() -> Self {
        let input_types = Arc::<OnceLock<InputTypes>>::default();
        let schema = sdl::builder().extension(Validation(input_types.clone())).finish();
        Self { schema, input_types }
    }

    /// Returns the input objects of the schema; `None` before the first request.
    pub(super) fn input_types(&self) -> Option<&InputTypes> {
        self.input_types.get()
    }

    /// Returns the cost of all operations of the document, because all are validated.
    pub(super) fn cost(&self, request: Request) -> Result<usize, Vec<ServerError>> {
        let measured = Arc::<OnceLock<usize>>::default();
        // Validation never awaits, so the future is ready at once.
        let response = self.schema.execute(request.data(MeasuredCost(measured.clone()))).now_or_never();
        match (response, measured.get()) {
            (Some(Response { errors, .. }), _) if !errors.is_empty() => Err(errors),
            (Some(_), Some(cost)) => Ok(*cost),
            _ => Err(vec![error_codes::internal_error()]),
        }
    }
}

#[derive(Clone)]
struct Validation(Arc<OnceLock<InputTypes>>);

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
        self.0.get_or_init(|| InputTypes::of(&ctx.schema_env.registry));
        let valid = next.run(ctx).await.map_err(|mut errors| {
            errors.iter_mut().for_each(error_codes::complete_validation_error);
            errors
        })?;
        if let Some(MeasuredCost(measured)) = ctx.data_opt() {
            let _ = measured.set(valid.complexity);
        }
        Ok(valid)
    }

    async fn execute(&self, _: &ExtensionContext<'_>, _: Option<&str>, _: NextExecute<'_>) -> Response {
        Response::new(Value::Null)
    }
}
