//! Imports the guests of another system: creates the new ones and updates those whose external id exists.

use std::collections::HashMap;

use super::refusal;
use crate::{
    ExternalId, Fingerprint, FingerprintInputs, GuestChanges, GuestForm, GuestId, InputValidator, Patch, WriteMode,
    problems::{ExternalIdRepeated, TooManyGuests},
};

/// The maximum number of guests in one import.
pub const MAX_GUESTS: usize = 1_000;

/// Imports guests, in the order of the rows. An invalid row does not affect the other rows.
#[derive(Clone, Debug)]
pub struct ImportGuests {
    /// The guests, or the problems of their rows.
    pub rows: Vec<Result<ImportedGuest, ImportGuestRefusal>>,
    /// Identifies the input under an idempotency key.
    pub fingerprint: Fingerprint,
}

/// A row of an import.
#[derive(Clone, Debug)]
pub struct ImportedGuest {
    /// The id of the guest, if the guest is new.
    pub id: GuestId,
    /// The guest's id in the other system.
    pub external_id: ExternalId,
    /// The changes of an existing guest, or the data of a new one.
    pub changes: GuestChanges,
}

/// The result of a row.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ImportOutcome {
    /// The guest was created.
    Created,
    /// An existing guest was changed.
    Updated,
    /// The existing guest has these values already.
    Unchanged,
}

refusal! {
    /// The problems of a whole import, in the order of the checks.
    ImportGuestsRefusal { TooManyGuests, IdempotencyKeyReused }
}

refusal! {
    /// The problems of a row, in the order of the checks. A missing name is checked last: only a new guest needs one.
    ImportGuestRefusal { ExternalIdRepeated, InputInvalid, CenterInvalid, ExternalIdTaken }
}

impl ImportGuests {
    /// Validates the rows, unless they are too many.
    pub fn parse(forms: &[GuestForm], mut new_id: impl FnMut() -> GuestId) -> Result<Self, TooManyGuests> {
        if forms.len() > MAX_GUESTS {
            return Err(TooManyGuests { limit: MAX_GUESTS });
        }
        let mut first: HashMap<&str, usize> = HashMap::new();
        let rows = forms.iter().enumerate().map(|(row, form)| {
            if let Patch::Set(text) = &form.external_id {
                let first = *first.entry(text).or_insert(row);
                if first != row {
                    return Err(ExternalIdRepeated { row: first }.into());
                }
            }
            let changes = form.parse(WriteMode::Update)?;
            let mut validator = InputValidator::default();
            match validator.required("externalId", changes.external_id.value().cloned()) {
                Some(external_id) => Ok(ImportedGuest { id: new_id(), external_id, changes }),
                None => Err(validator.into_invalid().into()),
            }
        });
        let rows = rows.collect();
        let fingerprint = {
            let guests: Vec<_> = forms.iter().map(GuestForm::fingerprint_inputs).collect();
            Fingerprint::of("importGuests", &FingerprintInputs::default().field("guests", &guests))
        };
        Ok(Self { rows, fingerprint })
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn form(external_id: &str) -> GuestForm {
        GuestForm { external_id: Patch::Set(external_id.to_owned()), ..GuestForm::default() }
    }

    fn import(forms: &[GuestForm]) -> Result<ImportGuests, TooManyGuests> {
        ImportGuests::parse(forms, || GuestId::from_uuid(Uuid::nil()))
    }

    #[test]
    fn an_import_has_at_most_a_thousand_guests() {
        assert_eq!(import(&vec![form("a"); 1_001]).unwrap_err(), TooManyGuests { limit: 1_000 });
        assert_eq!(import(&vec![form("a"); 1_000]).unwrap().rows.len(), 1_000);
    }

    #[test]
    fn a_row_with_the_external_id_of_an_earlier_row_is_refused() {
        let rows = import(&[form("a"), form("b"), form("a"), form("a")]).unwrap().rows;
        assert!(rows[0].is_ok() && rows[1].is_ok());
        for row in &rows[2..] {
            assert_eq!(row.as_ref().unwrap_err(), &ExternalIdRepeated { row: 0 }.into());
        }
    }

    #[test]
    fn the_fingerprint_of_an_import_depends_on_the_order_of_its_rows() {
        let fingerprint = |forms: &[GuestForm]| import(forms).unwrap().fingerprint;
        assert_eq!(fingerprint(&[form("a"), form("b")]), fingerprint(&[form("a"), form("b")]));
        assert_ne!(fingerprint(&[form("a"), form("b")]), fingerprint(&[form("b"), form("a")]));
    }
}
