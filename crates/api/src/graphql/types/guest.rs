use async_graphql::{Context, ID, Object, Result};
use domain::GuestId;
use persistence::GuestRow;

use super::{center::Center, registration::Registration, thing};
use crate::graphql::{
    connection::{Listing, PageArguments, TotalCount, listing, nothing, page_cost},
    fault::{Fault, missing},
    filter::RegistrationFilter,
    loaders::Loaders,
    order::RegistrationOrder,
};

thing!(Guest(GuestRow));

impl Guest {
    fn guest_id(&self) -> GuestId {
        GuestId::from_uuid(self.0.id)
    }

    /// The guest to whom a row refers.
    pub(in crate::graphql) async fn load(ctx: &Context<'_>, id: uuid::Uuid) -> Result<Self, Fault> {
        let row = ctx.data_unchecked::<Loaders>().guest(GuestId::from_uuid(id)).await?;
        row.map(Self).ok_or_else(|| missing("guest"))
    }
}

/// A person who registers to workshops.
#[Object]
impl Guest {
    /// `gst_…`
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

    /// The mail address.
    async fn email(&self) -> Option<&str> {
        self.0.email.as_deref()
    }

    /// The telephone number.
    async fn phone(&self) -> Option<&str> {
        self.0.phone.as_deref()
    }

    /// The center to which the guest usually goes.
    async fn home_center(&self, ctx: &Context<'_>) -> Option<Result<Center>> {
        let id = self.0.home_center_id?;
        Some(Center::load(ctx, id).await.map_err(Into::into))
    }

    /// All registrations of this guest, past ones too. In the order in which they were made unless ordered otherwise;
    /// 20 when neither `first` nor `last` is given, at most 100.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn registrations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; all when omitted.")] filter: Option<RegistrationFilter>,
        #[graphql(desc = "In which order.")] order_by: Option<RegistrationOrder>,
        #[graphql(desc = "This many from the start, 0 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "This many from the end, 0 to 100; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
    ) -> Result<Listing<Registration>> {
        let ordering = order_by.unwrap_or_default().into();
        let page = PageArguments { first, after, last, before }.page(&ordering)?;
        let Some(filter) = filter.unwrap_or_default().parse() else { return Ok(nothing(&page)) };
        let guest = self.guest_id();
        let list = (guest, (filter.clone(), ordering, page.clone()));
        let slice = ctx.data_unchecked::<Loaders>().registrations_of_guest(list).await?.unwrap_or_default();
        Ok(listing(slice, &page, TotalCount::RegistrationsOfGuest(guest, filter)))
    }
}
