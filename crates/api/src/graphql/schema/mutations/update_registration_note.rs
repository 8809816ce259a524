use async_graphql::{Context, ID, InputObject, Object, Result};
use domain::{
    InputValidator,
    commands::update_registration_note::{UpdateRegistrationNote, UpdateRegistrationNoteRefusal},
};

use super::{change_registration, payload};
use crate::graphql::schema::types::registration::Registration;

/// The new note of a registration.
#[derive(InputObject)]
struct UpdateRegistrationNoteInput {
    /// The note: at most 2,000 characters, without control characters except line breaks. Omitted, null or blank removes
    /// the note.
    note: Option<String>,
    /// Makes a retry safe: the same key with the same input returns the first success again, for 24 hours.
    idempotency_key: Option<String>,
}

payload! {
    /// The registration with its new note, or the first problem found. Problems are checked in the listed order, a reused
    /// idempotency key right after the input.
    UpdateRegistrationNoteResult = Registration or UpdateRegistrationNoteRefusal {
        InputInvalid, RegistrationIdInvalid, IdempotencyKeyReused,
    }
}

#[derive(Default)]
pub(in crate::graphql) struct UpdateRegistrationNoteMutation;

#[Object]
impl UpdateRegistrationNoteMutation {
    /// Replaces the note of a registration, in every status. The guest can read the note. Writing the same note
    /// again changes nothing.
    async fn update_registration_note(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The registration, `reg_…`.")] registration_id: ID,
        #[graphql(desc = "The new note.")] input: UpdateRegistrationNoteInput,
    ) -> Result<UpdateRegistrationNoteResult> {
        let mut validator = InputValidator::default();
        let note = input.note.filter(|note| !note.trim().is_empty()).map(|note| validator.note("note", &note));
        let note = match validator.finish(note) {
            Ok(note) => note,
            Err(invalid) => return Ok(UpdateRegistrationNoteRefusal::from(invalid).into()),
        };
        let command = UpdateRegistrationNote { registration: registration_id.parse().ok(), note };
        match change_registration(ctx, command, input.idempotency_key).await? {
            Ok(changed) => Ok(Registration::load(ctx, changed.registration).await?.into()),
            Err(refusal) => Ok(refusal.into()),
        }
    }
}
