use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, Result, SimpleObject};
use domain::{
    GuestForm, GuestId, Patch,
    commands::import_guests::{self as rule, ImportGuestRefusal, ImportGuests, ImportGuestsRefusal},
};
use persistence::ImportedRow;
use uuid::Uuid;

use super::{command_context, payload};
use crate::graphql::{
    execution::{context::store, cost::write_list_cost, counted::Counted, fault::Fault},
    schema::{enums::same_enum, inputs::patch, problems::Problem, types::guest::Guest},
};

/// The guests to import.
#[derive(InputObject)]
struct ImportGuestsInput {
    /// The guests, at most 1,000. The request body must be within the server's limit.
    guests: Vec<ImportGuestInput>,
    /// Makes a retry safe: the same key with the same input returns the first success again, for 24 hours.
    idempotency_key: Option<String>,
}

/// A guest of another system. For a known guest, an omitted field keeps its value, and null clears a field that can be
/// empty.
#[derive(InputObject)]
struct ImportGuestInput {
    /// The id of this guest in the caller's own system, which identifies the guest: 1 to 255 characters without control
    /// characters. A new id has no spaces around it and no invisible characters.
    external_id: String,
    /// The given name: 1 to 200 characters after trimming, without control characters. Required for a new guest; never
    /// null.
    given_name: MaybeUndefined<String>,
    /// The family name: 1 to 200 characters after trimming, without control characters. Required for a new guest; never
    /// null.
    family_name: MaybeUndefined<String>,
    /// The email address: text on both sides of one @, at most 254 characters, no spaces or control characters. null
    /// means none.
    email: MaybeUndefined<String>,
    /// The phone number: 1 to 40 characters; digits, spaces and + - ( ) . / only. null means none.
    phone: MaybeUndefined<String>,
    /// The center that the guest usually visits, `ctr_…`. null means none.
    home_center_id: MaybeUndefined<ID>,
}

impl From<ImportGuestInput> for GuestForm {
    fn from(input: ImportGuestInput) -> Self {
        Self {
            external_id: Patch::Set(input.external_id),
            given_name: patch(input.given_name),
            family_name: patch(input.family_name),
            email: patch(input.email),
            phone: patch(input.phone),
            home_center: patch(input.home_center_id.map_value(|id| id.0)),
        }
    }
}

same_enum! {
    /// The outcome of an imported row.
    ImportOutcome = "rule::ImportOutcome" {
        /// A new guest was created.
        Created,
        /// A known guest was updated.
        Updated,
        /// The known guest already had these values; nothing was written.
        Unchanged,
    }
}

/// The import was carried out.
#[derive(SimpleObject)]
pub(crate) struct ImportGuestsSuccess {
    /// The outcome of each row, in the order of the input.
    results: Vec<Counted<ImportGuestsRow>>,
}

pub(crate) struct ImportGuestsRow(usize, ImportedRow);

/// The outcome of one imported row: a guest with an outcome, or problems.
#[Object]
impl ImportGuestsRow {
    /// The index of the row in the input, from 0.
    async fn row(&self) -> usize {
        self.0
    }

    /// The outcome; null if the row has problems.
    async fn outcome(&self) -> Option<ImportOutcome> {
        self.1.as_ref().ok().map(|(_, outcome)| (*outcome).into())
    }

    /// The guest; null if the row has problems, or if the caller repeats the import and cannot see the guest any more.
    async fn guest(&self, ctx: &Context<'_>) -> Option<Result<Guest>> {
        let (id, _) = self.1.as_ref().ok()?;
        Guest::find(ctx, *id).await.map_err(Into::into).transpose()
    }

    /// The problems of this row; empty if it was imported. They do not affect other rows.
    async fn problems(&self) -> Vec<Counted<Problem>> {
        self.1.as_ref().err().cloned().map(|refusal| Counted(refusal.into())).into_iter().collect()
    }
}

impl From<ImportGuestRefusal> for Problem {
    fn from(refusal: ImportGuestRefusal) -> Self {
        match refusal {
            ImportGuestRefusal::ExternalIdRepeated(problem) => Self::ExternalIdRepeated(problem.into()),
            ImportGuestRefusal::InputInvalid(problem) => Self::InputInvalid(problem.into()),
            ImportGuestRefusal::CenterInvalid(problem) => Self::CenterInvalid(problem.into()),
            ImportGuestRefusal::ExternalIdTaken(problem) => Self::ExternalIdTaken(problem.into()),
        }
    }
}

payload! {
    /// The outcome of each guest, or the problem that rejected the whole request.
    ImportGuestsResult = ImportGuestsSuccess or ImportGuestsRefusal {
        TooManyGuests, IdempotencyKeyReused,
    }
}

#[derive(Default)]
pub(super) struct ImportGuestsMutation;

#[Object]
impl ImportGuestsMutation {
    /// Imports guests of another system: at most 1,000 in one call and one transaction. A new `externalId` creates a
    /// guest; a known one updates it. A row with problems does not affect other rows. If two rows have the same
    /// `externalId`, only the first is imported. The cost of the selected fields counts once for each guest.
    #[graphql(complexity = "write_list_cost(input.guests.len(), child_complexity)")]
    async fn import_guests(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The guests to import.")] input: ImportGuestsInput,
    ) -> Result<ImportGuestsResult> {
        let context = command_context(ctx, input.idempotency_key.as_deref())?;
        let forms: Vec<_> = input.guests.into_iter().map(GuestForm::from).collect();
        let command = match ImportGuests::parse(&forms, || GuestId::from_uuid(Uuid::now_v7())) {
            Ok(command) => command,
            Err(too_many) => return Ok(ImportGuestsRefusal::from(too_many).into()),
        };
        let store = store(ctx);
        match store.import_guests(command, context).await.map_err(Fault::from)? {
            Ok(rows) => {
                let results = rows.into_iter().enumerate();
                let results = results.map(|(number, row)| Counted(ImportGuestsRow(number, row))).collect();
                Ok(ImportGuestsSuccess { results }.into())
            }
            Err(refusal) => Ok(refusal.into()),
        }
    }
}
