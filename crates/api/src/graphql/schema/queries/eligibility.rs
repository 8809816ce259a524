use async_graphql::{Context, ID, Object, Result};

use crate::graphql::{
    execution::{cost::lookup_cost, counted::Counted},
    schema::{mutations::register_guest::RegisterGuestInput, types::eligibility::RegistrationEligibility},
};

#[derive(Default)]
pub(super) struct EligibilityQueries;

#[Object]
impl EligibilityQueries {
    /// The result that `registerGuest` would return now, from the same rules, without writing anything. It reserves
    /// nothing: a free seat can be taken a moment later. An `idempotencyKey` is ignored.
    #[graphql(complexity = "lookup_cost(child_complexity)")]
    async fn registration_eligibility(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The workshop, `wks_…`.")] workshop_id: ID,
        #[graphql(desc = "The registration to check.")] input: RegisterGuestInput,
    ) -> Result<Counted<RegistrationEligibility>> {
        RegistrationEligibility::of(ctx, input.parse(&workshop_id)).await
    }
}
