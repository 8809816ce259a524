use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, Result, SimpleObject};
use domain::{
    GuestForm, GuestId, Patch,
    commands::import_guests::{self as rule, ImportGuestRefusal, ImportGuests, ImportGuestsRefusal},
};
use persistence::{ImportedRow, Store};
use uuid::Uuid;

use super::{caller, patch, payload};
use crate::graphql::{
    execution::{cost::each, fault::Fault},
    schema::{enums::same_enum, problems::Problem, types::guest::Guest},
};

/// The guests to bring over.
#[derive(InputObject)]
struct ImportGuestsInput {
    /// At most 1,000 guests, in a body within the server's limit.
    guests: Vec<ImportGuestInput>,
    /// Makes a retry safe: the same key with the same input answers with the first success again, for 24 hours.
    idempotency_key: Option<String>,
}

/// A guest of another system. Of one who is known here, a field that is left out stays as it is, and null empties one that
/// can be empty.
#[derive(InputObject)]
struct ImportGuestInput {
    /// The id of this guest in the caller's own system, by which the guest is known: 1 to 255 characters, none of them a
    /// control character.
    external_id: String,
    /// The given name: 1 to 200 characters after trimming, none of them a control character. Required for a new guest;
    /// never null.
    given_name: MaybeUndefined<String>,
    /// The family name: 1 to 200 characters after trimming, none of them a control character. Required for a new guest;
    /// never null.
    family_name: MaybeUndefined<String>,
    /// The mail address: one @ with something on both sides, at most 254 characters, no spaces or control characters.
    /// null: none.
    email: MaybeUndefined<String>,
    /// The telephone number: 1 to 40 characters, digits, spaces and + - ( ) . / only. null: none.
    phone: MaybeUndefined<String>,
    /// The center to which the guest usually goes, `ctr_…`. null: none.
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
    /// What became of a guest who was brought over.
    ImportOutcome = "rule::ImportOutcome" {
        /// A new guest was entered.
        Created,
        /// Something about a known guest is different now.
        Updated,
        /// All was as the row says already; nothing was written.
        Unchanged,
    }
}

/// The import is done.
#[derive(SimpleObject)]
pub(crate) struct ImportGuestsSuccess {
    /// What became of each row, in the order of the input.
    results: Vec<ImportGuestsRow>,
}

pub(crate) struct ImportGuestsRow(usize, ImportedRow);

/// What became of a row of an import: either a guest with an outcome, or problems.
#[Object]
impl ImportGuestsRow {
    /// The number of the row in the input, from 0.
    async fn row(&self) -> usize {
        self.0
    }

    /// What was done; null where there are problems.
    async fn outcome(&self) -> Option<ImportOutcome> {
        self.1.as_ref().ok().map(|(_, outcome)| (*outcome).into())
    }

    /// The guest; null where there are problems.
    async fn guest(&self, ctx: &Context<'_>) -> Option<Result<Guest>> {
        let (id, _) = self.1.as_ref().ok()?;
        Some(Guest::load(ctx, id.uuid()).await.map_err(Into::into))
    }

    /// What is in the way of this row; empty where there is a guest. The other rows are not held up by it.
    async fn problems(&self) -> Vec<Problem> {
        self.1.as_ref().err().cloned().map(Problem::from).into_iter().collect()
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
    /// What became of each guest, or the problem that stands in the way of all.
    ImportGuestsResult = ImportGuestsSuccess or ImportGuestsRefusal {
        TooManyGuests, IdempotencyKeyReused,
    }
}

#[derive(Default)]
pub(super) struct ImportGuestsMutation;

#[Object]
impl ImportGuestsMutation {
    /// Brings over guests of another system, at most 1,000 in one call and in one transaction: those whose `externalId` is
    /// new are entered, the others are changed. A bad row does not fail the others; of two rows with one `externalId` only
    /// the first counts. What is selected costs as much again for each guest.
    #[graphql(complexity = "each(input.guests.len(), child_complexity)")]
    async fn import_guests(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The guests.")] input: ImportGuestsInput,
    ) -> Result<ImportGuestsResult> {
        let caller = caller(ctx, input.idempotency_key.as_deref())?;
        let forms: Vec<_> = input.guests.into_iter().map(GuestForm::from).collect();
        let command = match ImportGuests::parse(&forms, || GuestId::from_uuid(Uuid::now_v7())) {
            Ok(command) => command,
            Err(too_many) => return Ok(ImportGuestsRefusal::from(too_many).into()),
        };
        let store = ctx.data_unchecked::<Arc<Store>>();
        match store.import_guests(command, caller).await.map_err(Fault::from)? {
            Ok(rows) => {
                let results = rows.into_iter().enumerate().map(|(number, row)| ImportGuestsRow(number, row)).collect();
                Ok(ImportGuestsSuccess { results }.into())
            }
            Err(refusal) => Ok(refusal.into()),
        }
    }
}
