use std::collections::HashMap;

use domain::{
    Fingerprint, GuestId, WriteMode,
    access::{Authority, CreateGuests},
    commands::import_guests::{ImportGuestRefusal, ImportGuests, ImportGuestsRefusal, ImportOutcome, ImportedGuest},
    problems::{CenterInvalid, ExternalIdTaken, InputInvalid},
};
use sea_orm::{DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::LockType};

use super::{
    CommandContext, StoredResult,
    edit::{Edit, Edited},
};
use crate::{
    Clock, GuestRow, Store, StoreError,
    database::row_lock::LockMode,
    entities::guest,
    rows::{center_rows, guest_rows, row_set::one_of},
    search::replace_words,
};

/// The result of one row of an import.
pub type ImportedRow = Result<(GuestId, ImportOutcome), ImportGuestRefusal>;

impl Store {
    /// Imports the guests of another system in one transaction. Returns after the commit, with the result of each row.
    pub async fn import_guests(
        &self,
        command: ImportGuests,
        context: CommandContext<CreateGuests>,
    ) -> Result<Result<Vec<ImportedRow>, ImportGuestsRefusal>, StoreError> {
        let ImportGuests { rows, fingerprint } = command;
        let guests: Vec<_> = rows.iter().filter_map(|row| row.as_ref().ok()).cloned().collect();
        let outcomes = match self.edit(Import { guests: guests.clone(), fingerprint }, context.erase()).await? {
            Ok(ImportedRows(outcomes)) => outcomes,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let mut results = guests.into_iter().zip(outcomes).map(|(guest, outcome)| match outcome {
            RowOutcome::Imported(id, outcome) => Ok(Ok((id, outcome))),
            RowOutcome::CenterUnknown => Ok(Err(CenterInvalid.into())),
            RowOutcome::Taken => Ok(Err(ExternalIdTaken.into())),
            RowOutcome::Incomplete => match guest.changes.complete() {
                Err(incomplete) => Ok(Err(incomplete.into())),
                Ok(_) => Err(StoreError::corrupt("a stored result", "a complete guest was stored as incomplete")),
            },
        });
        let missing = || Err(StoreError::corrupt("a stored result", "it has fewer rows than the import"));
        let rows = rows.into_iter().map(|row| match row {
            Ok(_) => results.next().unwrap_or_else(missing),
            Err(refusal) => Ok(Err(refusal)),
        });
        rows.collect::<Result<_, _>>().map(Ok)
    }
}
/// The rows whose input is valid.
struct Import {
    guests: Vec<ImportedGuest>,
    fingerprint: Fingerprint,
}

/// The outcome of each guest, in the order of the rows.
struct ImportedRows(Vec<RowOutcome>);

/// The outcome of a guest. Problems with the input are not stored: the rows of a retry have them again.
enum RowOutcome {
    Imported(GuestId, ImportOutcome),
    CenterUnknown,
    Incomplete,
    /// A guest that the caller cannot see has the external id.
    Taken,
}

impl StoredResult for ImportedRows {
    fn encode(&self) -> String {
        let line = |outcome: &RowOutcome| match outcome {
            RowOutcome::Imported(id, ImportOutcome::Created) => format!("created {id}"),
            RowOutcome::Imported(id, ImportOutcome::Updated) => format!("updated {id}"),
            RowOutcome::Imported(id, ImportOutcome::Unchanged) => format!("unchanged {id}"),
            RowOutcome::CenterUnknown => "center".to_owned(),
            RowOutcome::Incomplete => "incomplete".to_owned(),
            RowOutcome::Taken => "taken".to_owned(),
        };
        self.0.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    fn decode(text: &str) -> Option<Self> {
        let outcomes = text.lines().map(|line| {
            let (id, outcome) = match line.split_once(' ') {
                None if line == "center" => return Some(RowOutcome::CenterUnknown),
                None if line == "incomplete" => return Some(RowOutcome::Incomplete),
                None if line == "taken" => return Some(RowOutcome::Taken),
                Some(("created", id)) => (id, ImportOutcome::Created),
                Some(("updated", id)) => (id, ImportOutcome::Updated),
                Some(("unchanged", id)) => (id, ImportOutcome::Unchanged),
                _ => return None,
            };
            Some(RowOutcome::Imported(id.parse().ok()?, outcome))
        });
        outcomes.collect::<Option<_>>().map(Self)
    }
}

impl Edit for Import {
    type Success = ImportedRows;
    type Refusal = ImportGuestsRefusal;

    fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// Runs nine statements at most, for any number of guests (SQLite inserts the words of many in several).
    async fn run(
        &self,
        tx: &DatabaseTransaction,
        clock: &Clock,
        by: &Authority,
        _: LockMode,
    ) -> Result<Result<Edited<ImportedRows>, ImportGuestsRefusal>, StoreError> {
        let now = clock.now();
        let requested = self.guests.iter().filter_map(|guest| guest.changes.home_center.requested());
        let centers = center_rows::existing_centers(tx, requested).await?;
        let has_valid_center = |guest: &ImportedGuest, mode| {
            let home_center = &guest.changes.home_center;
            home_center.ensure_exists(|id| centers.contains(&id)).is_ok()
                && home_center.ensure_within(by.reach(), mode).is_ok()
        };

        let complete = |guest: &ImportedGuest| {
            let details: Result<_, InputInvalid> = guest.changes.clone().complete();
            details.ok().map(|details| guest_rows::guest_row(guest.id, details, now))
        };
        let mut new: Vec<_> = self
            .guests
            .iter()
            .filter(|guest| has_valid_center(guest, WriteMode::Create))
            .filter_map(complete)
            .collect();
        // In one order, so that two imports never wait for each other. The insert comes before the lock: it waits for
        // another import that inserts the same guest, who then exists.
        new.sort_by(|one, other| one.external_id.cmp(&other.external_id));
        guest_rows::insert_new_guests(tx, new, now).await?;
        let locked = self.lock_guests(tx).await?;
        let visible = locked.values().map(|row| GuestId::from_uuid(row.id)).collect();
        let visible = guest_rows::visible_guests(tx, visible, by).await?;

        let (mut inserted, mut changed) = (Vec::new(), Vec::new());
        let outcomes = self.guests.iter().map(|guest| {
            if !has_valid_center(guest, WriteMode::Update) {
                return Ok(RowOutcome::CenterUnknown);
            }
            let Some(row) = locked.get(guest.external_id.as_str()) else {
                // The guest existed at the insert, and has got another external id since.
                return match complete(guest) {
                    None => Ok(RowOutcome::Incomplete),
                    Some(_) if !has_valid_center(guest, WriteMode::Create) => Ok(RowOutcome::CenterUnknown),
                    Some(_) => Err(StoreError::UnexpectedRows { subject: "imported guest", expected: 1, affected: 0 }),
                };
            };
            let id = GuestId::from_uuid(row.id);
            if id == guest.id {
                inserted.push(row.clone());
                return Ok(RowOutcome::Imported(id, ImportOutcome::Created));
            }
            if !visible.contains(&id) {
                // A problem that is independent of the invisible guest comes first.
                return Ok(if complete(guest).is_some() { RowOutcome::Taken } else { RowOutcome::Incomplete });
            }
            let updated = guest_rows::apply_changes(row, &guest.changes);
            if updated == *row {
                return Ok(RowOutcome::Imported(id, ImportOutcome::Unchanged));
            }
            changed.push(updated);
            Ok(RowOutcome::Imported(id, ImportOutcome::Updated))
        });
        let outcomes = outcomes.collect::<Result<_, _>>()?;
        let has_changes = !inserted.is_empty() || !changed.is_empty();
        replace_words(tx, &inserted).await?;
        guest_rows::update_guests(tx, changed, now).await?;
        Ok(Ok(Edited { success: ImportedRows(outcomes), has_changes }))
    }
}

impl Import {
    /// Locks the existing guests with the external ids of the rows.
    async fn lock_guests(&self, tx: &DatabaseTransaction) -> Result<HashMap<String, GuestRow>, StoreError> {
        if self.guests.is_empty() {
            return Ok(HashMap::new());
        }
        let external_ids = self.guests.iter().map(|guest| guest.external_id.as_str().to_owned());
        let rows = guest::Entity::find()
            .filter(one_of(sea_orm::ConnectionTrait::get_database_backend(tx), guest::Column::ExternalId, external_ids))
            .order_by_asc(guest::Column::ExternalId)
            .lock(LockType::NoKeyUpdate)
            .all(tx)
            .await?;
        Ok(rows.into_iter().filter_map(|row| Some((row.external_id.clone()?, row))).collect())
    }
}
