//! What can be changed, one file a command.

mod add_session;
mod add_track;
mod cancel_registration;
mod cancel_session;
mod cancel_workshop;
mod change_track;
mod check_in_guest;
mod create_api_key;
mod create_center;
mod create_guest;
mod create_workshop;
mod import_guests;
mod mark_no_show;
mod promote_from_waitlist;
mod publish_workshop;
pub(in crate::graphql) mod register_guest;
mod register_guests;
mod remove_track;
mod revoke_api_key;
mod rotate_api_key;
mod undo_check_in;
mod update_center;
mod update_guest;
mod update_registration_note;
mod update_session;
mod update_track;
mod update_workshop;

use async_graphql::{Context, MergedObject, Result};
use domain::{
    IdempotencyKey, RegistrationId,
    access::{ManageWorkshops, Permission, PermissionKind},
    commands::{OnRegistration, OnWorkshop},
};
use futures_util::future::try_join_all;
use persistence::{ChangedRegistration, CommandContext, EditedWorkshop};

use super::{field_access::permit, types::registration::Registration};
use crate::graphql::execution::{
    context::store,
    fault::{Fault, bad_input},
    response_size::ensure_room,
};

/// Writes the mutation root from the list of mutations: the module and type of each, and the permission that it needs.
macro_rules! mutations {
    ($($module:ident::$mutation:ident needs $permission:ident,)+) => {
        /// All changes. A refusal is a member of the result, not an entry of `errors`.
        #[derive(Default, MergedObject)]
        pub(crate) struct Mutation($($module::$mutation),+);

        /// Each mutation by the name of its module, with the permission that it needs.
        pub(in crate::graphql) const PERMISSIONS: &[(&str, PermissionKind)] =
            &[$((stringify!($module), PermissionKind::$permission)),+];
    };
}

mutations! {
    register_guest::RegisterGuestMutation needs ManageRegistrations,
    cancel_registration::CancelRegistrationMutation needs ManageRegistrations,
    check_in_guest::CheckInGuestMutation needs OperateFrontDesk,
    undo_check_in::UndoCheckInMutation needs OperateFrontDesk,
    mark_no_show::MarkNoShowMutation needs OperateFrontDesk,
    promote_from_waitlist::PromoteFromWaitlistMutation needs OperateFrontDesk,
    change_track::ChangeTrackMutation needs ManageRegistrations,
    update_registration_note::UpdateRegistrationNoteMutation needs OperateFrontDesk,
    register_guests::RegisterGuestsMutation needs OperateFrontDesk,
    create_workshop::CreateWorkshopMutation needs ManageWorkshops,
    update_workshop::UpdateWorkshopMutation needs ManageWorkshops,
    publish_workshop::PublishWorkshopMutation needs ManageWorkshops,
    cancel_workshop::CancelWorkshopMutation needs ManageWorkshops,
    add_track::AddTrackMutation needs ManageWorkshops,
    update_track::UpdateTrackMutation needs ManageWorkshops,
    remove_track::RemoveTrackMutation needs ManageWorkshops,
    add_session::AddSessionMutation needs ManageWorkshops,
    update_session::UpdateSessionMutation needs ManageWorkshops,
    cancel_session::CancelSessionMutation needs ManageWorkshops,
    create_center::CreateCenterMutation needs ManageCenters,
    update_center::UpdateCenterMutation needs ManageCenters,
    create_guest::CreateGuestMutation needs CreateGuests,
    update_guest::UpdateGuestMutation needs UpdateGuests,
    import_guests::ImportGuestsMutation needs CreateGuests,
    create_api_key::CreateApiKeyMutation needs ManageApiKeys,
    rotate_api_key::RotateApiKeyMutation needs ManageApiKeys,
    revoke_api_key::RevokeApiKeyMutation needs ManageApiKeys,
}

/// Returns the caller's permit with the idempotency key of the request.
fn command_context<P: Permission>(ctx: &Context<'_>, key: Option<&str>) -> Result<CommandContext<P>> {
    let permit = permit(ctx)?;
    let key = key.map(IdempotencyKey::parse).transpose().map_err(bad_input)?;
    Ok(CommandContext { permit, idempotency_key: key })
}

/// Runs a command that changes a registration.
async fn change_registration<C: OnRegistration>(
    ctx: &Context<'_>,
    command: C,
    key: Option<String>,
) -> Result<Result<ChangedRegistration, C::Refusal>> {
    let context = command_context(ctx, key.as_deref())?;
    Ok(store(ctx).change_registration(command, context).await.map_err(Fault::from)?)
}

/// Loads the promoted registrations, in the order of the waitlist. A retry omits those that the caller cannot see any more.
async fn promoted(ctx: &Context<'_>, ids: &[RegistrationId]) -> Result<Vec<Registration>> {
    ensure_room(ctx, ids.len()).await;
    let found = try_join_all(ids.iter().map(|id| Registration::find(ctx, *id))).await?;
    Ok(found.into_iter().flatten().collect())
}

/// Runs a command that edits a workshop.
async fn edit_workshop<C: OnWorkshop>(
    ctx: &Context<'_>,
    command: C,
    context: CommandContext<ManageWorkshops>,
) -> Result<Result<EditedWorkshop, C::Refusal>> {
    Ok(store(ctx).edit_workshop(command, context).await.map_err(Fault::from)?)
}

/// Writes the mutation of a command that takes only a registration and returns it.
macro_rules! registration_mutation {
    ($(#[$doc:meta])* $mutation:ident: $field:ident = $command:ident -> $result:ident) => {
        #[derive(Default)]
        pub(in crate::graphql) struct $mutation;

        #[async_graphql::Object]
        impl $mutation {
            $(#[$doc])*
            async fn $field(
                &self,
                ctx: &async_graphql::Context<'_>,
                #[graphql(desc = "The registration, `reg_…`.")] registration_id: async_graphql::ID,
                #[graphql(
                    desc = "Makes a retry safe: the same key with the same input returns the first success again, \
                            for 24 hours."
                )]
                idempotency_key: Option<String>,
            ) -> async_graphql::Result<$result> {
                let command = $command { registration: registration_id.parse().ok() };
                match $crate::graphql::schema::mutations::change_registration(ctx, command, idempotency_key).await? {
                    Ok(changed) => Ok($result::Registration(Registration::load(ctx, changed.registration).await?)),
                    Err(refusal) => Ok(refusal.into()),
                }
            }
        }
    };
}
use registration_mutation;

/// Writes the result union of a command and the conversion of its refusal. A missing problem fails the build.
macro_rules! payload {
    ($(#[$doc:meta])* $name:ident = $success:ident or $refusal:ident { $($problem:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(async_graphql::Union)]
        #[allow(clippy::large_enum_variant, reason = "one value for each request")]
        pub(crate) enum $name {
            $success($success),
            $($problem($crate::graphql::schema::problems::$problem)),+
        }

        impl From<$refusal> for $name {
            fn from(refusal: $refusal) -> Self {
                $crate::metrics::record_problem(domain::commands::Refusal::name(&refusal));
                match refusal {
                    $($refusal::$problem(problem) => Self::$problem(problem.into())),+
                }
            }
        }

        impl From<$refusal> for $crate::graphql::schema::problems::Problem {
            fn from(refusal: $refusal) -> Self {
                match refusal {
                    $($refusal::$problem(problem) => Self::$problem(problem.into())),+
                }
            }
        }
    };
}
use payload;
