use async_graphql::{Context, Result, SimpleObject};
use domain::{
    access::{Access, Denied, GuestVisibility},
    commands::register_guest::{RegisterGuest, RegisterGuestRefusal},
    problems::MissingInput,
};

use crate::graphql::{
    execution::{fault::missing, loaders::Loaders},
    schema::{field_access, problems::Problem},
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
    ) -> Result<Self> {
        let answer = match request {
            // What becomes of a request tells of registrations. To the public every guest is nobody.
            Ok(_) if is_blind(ctx) => return Err(field_access::access_error(Denied::Forbidden)),
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

/// Whether the caller is let see guests and no registrations.
fn is_blind(ctx: &Context<'_>) -> bool {
    let sight = ctx.data_unchecked::<Access>().visibility();
    *sight.registrations() == GuestVisibility::None && *sight.guests() != GuestVisibility::None
}
