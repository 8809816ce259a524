use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_graphql::{
    Response, ServerError, ValidationResult, Value,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextExecute, NextValidation},
};

use super::DocumentLimits;
use crate::{
    fair_use::{Level, Purse},
    graphql::Code,
};

/// Takes what an operation costs from whoever asks, once it is valid and before anything is done. All operations of a
/// document count, for all were validated. The first answer says what it was, in `extensions.cost`.
pub(in crate::graphql) struct Costs(pub(in crate::graphql) DocumentLimits);

impl ExtensionFactory for Costs {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Cost { limits: self.0, paid: OnceLock::new(), told: AtomicBool::new(false) })
    }
}

/// Of one request.
struct Cost {
    limits: DocumentLimits,
    paid: OnceLock<(usize, Option<Level>)>,
    told: AtomicBool,
}

#[async_graphql::async_trait::async_trait]
impl Extension for Cost {
    async fn validation(
        &self,
        ctx: &ExtensionContext<'_>,
        next: NextValidation<'_>,
    ) -> Result<ValidationResult, Vec<ServerError>> {
        let valid = next.run(ctx).await?;
        self.limits.cost(valid.complexity).map_err(|error| vec![error])?;
        let level = ctx.data_opt::<Purse>().and_then(|purse| purse.pay(valid.complexity));
        if let Some(Level { wait: Some(wait), .. }) = level {
            return Err(vec![too_much(wait)]);
        }
        let _ = self.paid.set((valid.complexity, level));
        Ok(valid)
    }

    async fn execute(
        &self,
        ctx: &ExtensionContext<'_>,
        operation_name: Option<&str>,
        next: NextExecute<'_>,
    ) -> Response {
        let mut answer = next.run(ctx, operation_name).await;
        if let Some((requested, level)) = self.paid.get()
            && !self.told.swap(true, Ordering::Relaxed)
        {
            let mut cost = async_graphql::indexmap::IndexMap::from([
                (async_graphql::Name::new("requested"), Value::from(*requested)),
                (async_graphql::Name::new("limit"), self.limits.cost.into()),
            ]);
            if let Some(level) = level {
                cost.insert(async_graphql::Name::new("remaining"), level.remaining.into());
            }
            answer.extensions.insert("cost".to_owned(), Value::Object(cost));
        }
        answer
    }
}

fn too_much(wait: Duration) -> ServerError {
    let seconds = in_seconds(wait);
    let mut error = Code::RateLimited.error(format!("You ask for more than your share. Try again in {seconds} s."));
    error.extensions.get_or_insert_default().set("retryAfter", seconds);
    error
}

/// Whole seconds after which it is certainly over.
pub(crate) fn in_seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}
