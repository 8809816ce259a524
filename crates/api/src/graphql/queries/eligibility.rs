use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use domain::commands::register_guest::RegisterGuestRefusal;
use persistence::Store;

use crate::graphql::{fault::Fault, mutations::register_guest::RegisterGuestInput, problems::Problem};

/// Whether a guest could register now.
#[derive(SimpleObject)]
struct RegistrationEligibility {
    /// Whether `registerGuest` would register the guest, or put the guest in line.
    eligible: bool,
    /// What stands in the way; null when eligible.
    problem: Option<Problem>,
}

#[derive(Default)]
pub(super) struct EligibilityQueries;

#[Object]
impl EligibilityQueries {
    /// The answer `registerGuest` would give now, from the same rules, without writing anything. It holds nothing: a
    /// seat that is free now may be taken a moment later. An `idempotencyKey` is not looked at.
    #[graphql(complexity = "5 + child_complexity")]
    async fn registration_eligibility(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The workshop, `wks_…`.")] workshop_id: ID,
        #[graphql(desc = "Who, where and how.")] input: RegisterGuestInput,
    ) -> Result<RegistrationEligibility> {
        let answer = match input.parse(&workshop_id) {
            Ok(request) => {
                let store = ctx.data_unchecked::<Arc<Store>>();
                store.would_register_guest(&request).await.map_err(Fault::from)?
            }
            Err(missing) => Err(RegisterGuestRefusal::from(missing)),
        };
        let problem = answer.err().map(Problem::from);
        Ok(RegistrationEligibility { eligible: problem.is_none(), problem })
    }
}
