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

/// Whether a guest can register now.
#[derive(SimpleObject)]
pub(crate) struct RegistrationEligibility {
    /// Whether `registerGuest` would register the guest or add the guest to the waitlist.
    eligible: bool,
    /// The problem that `registerGuest` would return; null if eligible.
    problem: Option<Problem>,
}

impl RegistrationEligibility {
    /// Decides a request without writing. Requests that arrive together are decided in one look-up.
    pub(in crate::graphql) async fn of(
        ctx: &Context<'_>,
        request: Result<RegisterGuest, MissingInput>,
    ) -> Result<Self> {
        let answer = match request {
            // The decision reveals registrations. A public caller sees no guests, so it reveals nothing to them.
            Ok(_) if is_blind(ctx) => return Err(field_access::refusal(Denied::Forbidden)),
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

/// Whether the caller can see guests but no registrations.
fn is_blind(ctx: &Context<'_>) -> bool {
    let sight = ctx.data_unchecked::<Access>().visibility();
    *sight.registrations() == GuestVisibility::None && *sight.guests() != GuestVisibility::None
}
