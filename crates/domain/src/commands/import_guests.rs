//! Bring over the guests of another system: enter those who are new, change those who are known by their external id.

use std::collections::HashMap;

use super::refusal;
use crate::{
    ExternalId, Fingerprint, FingerprintInputs, GuestChanges, GuestForm, GuestId, InputValidator, Patch, WriteMode,
    problems::{ExternalIdRepeated, TooManyGuests},
};

/// The most guests of one import.
pub const MAX_GUESTS: usize = 1_000;

/// Guests to bring over, in the order in which they were given. A bad row does not keep the others out.
#[derive(Clone, Debug)]
pub struct ImportGuests {
    /// The guests, or what is wrong with their rows.
    pub rows: Vec<Result<ImportedGuest, ImportGuestRefusal>>,
    /// Tells this command from another one under the same idempotency key.
    pub fingerprint: Fingerprint,
}

/// A guest to bring over.
#[derive(Clone, Debug)]
pub struct ImportedGuest {
    /// The id that the guest gets, if it is a new one.
    pub id: GuestId,
    /// What the other system calls the guest.
    pub external_id: ExternalId,
    /// What is to be different if the guest is known, and all there is to say of a new one.
    pub changes: GuestChanges,
}

/// What became of a row.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ImportOutcome {
    /// A new guest was entered.
    Created,
    /// Something about a known guest is different now.
    Updated,
    /// All was as the row says already.
    Unchanged,
}

refusal! {
    /// The problems an import as a whole can meet, in the order in which they are looked for.
    ImportGuestsRefusal { TooManyGuests, IdempotencyKeyReused }
}

refusal! {
    /// The problems a row can meet, in the order in which they are looked for. A name that is missing is looked for
    /// last: only a new guest needs it.
    ImportGuestRefusal { ExternalIdRepeated, InputInvalid, CenterInvalid, ExternalIdTaken }
}

impl ImportGuests {
    /// The command, unless it is too large.
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
    fn a_thousand_guests_are_enough_for_one_call() {
        assert_eq!(import(&vec![form("a"); 1_001]).unwrap_err(), TooManyGuests { limit: 1_000 });
        assert_eq!(import(&vec![form("a"); 1_000]).unwrap().rows.len(), 1_000);
    }

    #[test]
    fn only_the_first_of_two_rows_about_one_guest_counts() {
        let rows = import(&[form("a"), form("b"), form("a"), form("a")]).unwrap().rows;
        assert!(rows[0].is_ok() && rows[1].is_ok());
        for row in &rows[2..] {
            assert_eq!(row.as_ref().unwrap_err(), &ExternalIdRepeated { row: 0 }.into());
        }
    }

    #[test]
    fn the_same_rows_have_the_same_fingerprint() {
        let fingerprint = |forms: &[GuestForm]| import(forms).unwrap().fingerprint;
        assert_eq!(fingerprint(&[form("a"), form("b")]), fingerprint(&[form("a"), form("b")]));
        assert_ne!(fingerprint(&[form("a"), form("b")]), fingerprint(&[form("b"), form("a")]));
    }
}
