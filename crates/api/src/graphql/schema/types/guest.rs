use async_graphql::{Context, ID, Object, Result};
use domain::GuestId;
use persistence::GuestRow;

use super::{center::Center, node};
use crate::graphql::{
    execution::{
        context::loaders,
        cost::lookup_cost,
        fault::{Fault, dangling_reference},
    },
    schema::{lists::RegistrationsOfGuest, scope::RegistrationScope},
};

node!(Guest = GuestFields(GuestRow));

impl GuestFields {
    fn guest_id(&self) -> GuestId {
        GuestId::from_uuid(self.0.id)
    }
}

impl Guest {
    /// Loads the guest that a row refers to.
    pub(in crate::graphql) async fn load(ctx: &Context<'_>, id: uuid::Uuid) -> Result<Self, Fault> {
        Self::find(ctx, GuestId::from_uuid(id)).await?.ok_or_else(|| dangling_reference("guest"))
    }

    /// Loads a guest; `None` if the caller cannot see them.
    pub(in crate::graphql) async fn find(ctx: &Context<'_>, id: GuestId) -> Result<Option<Self>, Fault> {
        Ok(loaders(ctx).guest(id).await?.map(Guest::from))
    }
}

/// A person who registers to workshops. Visible to ADMIN, to the guest, and to STAFF and PARTNER (`guests:read`, or a
/// scope that includes it) of the home center or of a center where the guest has registered.
#[Object(name = "Guest")]
impl GuestFields {
    /// The id, `gst_…`.
    pub(crate) async fn id(&self) -> ID {
        self.guest_id().to_string().into()
    }

    /// The id of this guest in the caller's own system.
    async fn external_id(&self) -> Option<&str> {
        self.0.external_id.as_deref()
    }

    /// The given name.
    async fn given_name(&self) -> &str {
        &self.0.given_name
    }

    /// The family name.
    async fn family_name(&self) -> &str {
        &self.0.family_name
    }

    /// The email address.
    async fn email(&self) -> Option<&str> {
        self.0.email.as_deref()
    }

    /// The phone number.
    async fn phone(&self) -> Option<&str> {
        self.0.phone.as_deref()
    }

    /// The center that the guest usually visits.
    #[graphql(complexity = "lookup_cost(child_complexity)")]
    async fn home_center(&self, ctx: &Context<'_>) -> Option<Result<Center>> {
        let id = self.0.home_center_id?;
        Some(Center::load(ctx, id).await.map_err(Into::into))
    }

    #[graphql(flatten)]
    async fn registrations(&self) -> RegistrationsOfGuest {
        RegistrationsOfGuest(RegistrationScope::OfGuest(self.guest_id()))
    }
}
