use async_graphql::{Context, ID, Object, Result};
use domain::{GuestId, JournalEntryId, RegistrationId, access::GuestVisibility};
use persistence::ChangeRow;

use super::{node, registration::Registration, workshop::Workshop};
use crate::graphql::{
    execution::{context::access, cost::lookup_cost},
    schema::{
        enums::{ChangeKind, RegistrationStatus},
        scalars::Instant,
    },
};

node!(Change = ChangeFields(ChangeRow));

/// A change of a registration, as recorded in the journal. It is written with the change and never altered. Visible to
/// every caller who can see the registration.
#[Object(name = "Change")]
impl ChangeFields {
    /// The id, `chg_…`.
    pub(crate) async fn id(&self) -> ID {
        JournalEntryId::from_uuid(self.0.id).to_string().into()
    }

    /// The position in the journal. `changes(after:)` continues from here, as a query and as a subscription.
    async fn cursor(&self) -> String {
        self.0.cursor().encode()
    }

    /// The kind of the change.
    async fn kind(&self) -> ChangeKind {
        self.0.kind.0.into()
    }

    /// The workshop of the registration.
    #[graphql(complexity = "lookup_cost(child_complexity)")]
    async fn workshop(&self, ctx: &Context<'_>) -> Result<Workshop> {
        Ok(Workshop::load(ctx, self.0.workshop_id).await?)
    }

    /// The registration that changed, in its current state.
    #[graphql(complexity = "lookup_cost(child_complexity)")]
    async fn registration(&self, ctx: &Context<'_>) -> Option<Result<Registration>> {
        let id = RegistrationId::from_uuid(self.0.registration_id?);
        Some(Registration::load(ctx, id).await.map_err(Into::into))
    }

    /// The state before the change; null for a new registration.
    async fn status_before(&self) -> Option<RegistrationStatus> {
        self.0.status_before.map(|status| status.0.into())
    }

    /// The state after the change.
    async fn status_after(&self) -> Option<RegistrationStatus> {
        self.0.status_after.map(|status| status.0.into())
    }

    /// The actor of the change: the id of a guest or of an API key, `person_…` for a person known to the identity
    /// provider, `demo`, `anonymous`, or `system` for Atelier itself. `another` replaces an actor whom the caller
    /// cannot see. A guest sees only themselves. STAFF and PARTNER of some centers see no guest as actor except the one
    /// whose registration it is.
    async fn actor(&self, ctx: &Context<'_>) -> &str {
        let access = access(ctx);
        let own = self.0.guest_id.map(|id| GuestId::from_uuid(id).to_string());
        let is_own = own.as_deref() == Some(&*self.0.actor);
        let is_guest = self.0.actor.parse::<GuestId>().is_ok();
        let is_no_person = matches!(&*self.0.actor, "demo" | "anonymous" | "system");
        let is_visible = match access.visibility().guests() {
            GuestVisibility::All => true,
            GuestVisibility::AtCenters(_) => is_own || !is_guest,
            GuestVisibility::Only(_) | GuestVisibility::None => is_own || is_no_person,
        };
        if is_visible { &self.0.actor } else { "another" }
    }

    /// The instant of the change.
    async fn at(&self) -> Instant {
        Instant(self.0.at)
    }
}
