use async_graphql::{Context, SimpleObject};
use domain::{
    commands::register_guest::{RegisterGuest, RegisterGuestRefusal},
    problems::MissingInput,
};

use crate::graphql::{
    fault::{Fault, missing},
    loaders::Loaders,
    problems::Problem,
};

/// Whether a guest could register now.
#[derive(SimpleObject)]
pub(crate) struct RegistrationEligibility {
    /// Whether `registerGuest` would register the guest, or put the guest in line.
    eligible: bool,
    /// What stands in the way; null when eligible.
    problem: Option<Problem>,
}

impl RegistrationEligibility {
    /// The answer that a request would get. Whatever is asked for together is decided on one look at the database.
    pub(in crate::graphql) async fn of(
        ctx: &Context<'_>,
        request: Result<RegisterGuest, MissingInput>,
    ) -> Result<Self, Fault> {
        let answer = match request {
            Ok(request) => {
                let answer = ctx.data_unchecked::<Loaders>().eligibility(request).await?;
                answer.ok_or_else(|| missing("the answer to a request"))?
            }
            Err(missing) => Err(RegisterGuestRefusal::from(missing)),
        };
        let problem = answer.err().map(Problem::from);
        Ok(Self { eligible: problem.is_none(), problem })
    }
}
