use async_graphql::{Context, Result, SimpleObject};
use domain::{
    access::{Denied, GuestVisibility},
    commands::register_guest::{RegisterGuest, RegisterGuestRefusal},
    problems::MissingInput,
};

use crate::graphql::{
    execution::{
        context::{access, loaders},
        counted::Counted,
        fault::dangling_reference,
    },
    schema::{field_access, problems::Problem},
};

/// Whether a guest can register now.
#[derive(SimpleObject)]
pub(crate) struct RegistrationEligibility {
    /// Whether `registerGuest` would register the guest or add the guest to the waitlist.
    eligible: bool,
    /// The problem that `registerGuest` would return; null if eligible.
    problem: Option<Counted<Problem>>,
}

impl RegistrationEligibility {
    /// Decides a request without writing. Requests that arrive together are decided in one lookup.
    pub(in crate::graphql) async fn of(
        ctx: &Context<'_>,
        request: Result<RegisterGuest, MissingInput>,
    ) -> Result<Counted<Self>> {
        let answer = match request {
            // The decision reveals registrations. A public caller sees no guests, so it reveals nothing to them.
            Ok(_) if sees_guests_only(ctx) => return Err(field_access::access_error(Denied::Forbidden)),
            Ok(request) => {
                let answer = loaders(ctx).eligibility(request).await?;
                answer.ok_or_else(|| dangling_reference("eligibility"))?
            }
            Err(missing) => Err(RegisterGuestRefusal::from(missing)),
        };
        let problem = answer.err().map(|refusal| Counted(Problem::from(refusal)));
        Ok(Counted(Self { eligible: problem.is_none(), problem }))
    }
}

/// Whether the caller can see guests but no registrations.
fn sees_guests_only(ctx: &Context<'_>) -> bool {
    let visibility = access(ctx).visibility();
    *visibility.registrations() == GuestVisibility::None && *visibility.guests() != GuestVisibility::None
}
