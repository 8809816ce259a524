use std::collections::HashMap;

use domain::{
    Fingerprint, GuestId, WriteMode,
    access::{Authority, CreateGuests},
    commands::import_guests::{ImportGuestRefusal, ImportGuests, ImportGuestsRefusal, ImportOutcome, ImportedGuest},
    problems::{CenterInvalid, ExternalIdTaken, InputInvalid},
};
use sea_orm::{DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::LockType};

use super::{CommandContext, StoredResult, edit::Edit};
use crate::{
    Clock, GuestRow, Store, StoreError,
    entities::guest,
    rows::{center_rows, guest_rows, row_set::one_of},
    search::keep_words,
};

/// What became of a row of an import.
pub type ImportedRow = Result<(GuestId, ImportOutcome), ImportGuestRefusal>;

impl Store {
    /// Brings over the guests of another system, in a transaction; answers after the commit, with what became of each
    /// row.
    pub async fn import_guests(
        &self,
        command: ImportGuests,
        caller: CommandContext<CreateGuests>,
    ) -> Result<Result<Vec<ImportedRow>, ImportGuestsRefusal>, StoreError> {
        let ImportGuests { rows, fingerprint } = command;
        let guests: Vec<_> = rows.iter().filter_map(|row| row.as_ref().ok()).cloned().collect();
        let settled = match self.edit(Import { guests: guests.clone(), fingerprint }, caller.erase()).await? {
            Ok(ImportedRows(settled)) => settled,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let mut settled = guests.into_iter().zip(settled).map(|(guest, fate)| match fate {
            RowOutcome::Searchable(id, outcome) => Ok(Ok((id, outcome))),
            RowOutcome::CenterUnknown => Ok(Err(CenterInvalid.into())),
            RowOutcome::Taken => Ok(Err(ExternalIdTaken.into())),
            RowOutcome::Incomplete => match guest.changes.complete() {
                Err(incomplete) => Ok(Err(incomplete.into())),
                Ok(_) => Err(unlike("a complete guest was found incomplete")),
            },
        });
        let rows = rows.into_iter().map(|row| match row {
            Ok(_) => settled.next().unwrap_or_else(|| Err(unlike("fewer rows were settled than given"))),
            Err(refusal) => Ok(Err(refusal)),
        });
        rows.collect::<Result<_, _>>().map(Ok)
    }
}

fn unlike(why: &str) -> StoreError {
    StoreError::Corrupt { what: "a stored result", why: why.to_owned() }
}

/// The rows with which nothing is wrong as such.
struct Import {
    guests: Vec<ImportedGuest>,
    fingerprint: Fingerprint,
}

/// What became of each guest, in their order.
struct ImportedRows(Vec<RowOutcome>);

/// What became of a guest. What the row itself says is not kept.
enum RowOutcome {
    Searchable(GuestId, ImportOutcome),
    CenterUnknown,
    Incomplete,
    /// Somebody whom the caller does not see has the external id.
    Taken,
}

impl StoredResult for ImportedRows {
    fn encode(&self) -> String {
        let word = |fate: &RowOutcome| match fate {
            RowOutcome::Searchable(id, ImportOutcome::Created) => format!("created {id}"),
            RowOutcome::Searchable(id, ImportOutcome::Updated) => format!("updated {id}"),
            RowOutcome::Searchable(id, ImportOutcome::Unchanged) => format!("unchanged {id}"),
            RowOutcome::CenterUnknown => "center".to_owned(),
            RowOutcome::Incomplete => "incomplete".to_owned(),
            RowOutcome::Taken => "taken".to_owned(),
        };
        self.0.iter().map(word).collect::<Vec<_>>().join("\n")
    }

    fn decode(text: &str) -> Result<Self, StoreError> {
        let fates = text.lines().map(|line| {
            let outcome = match line.split_once(' ') {
                None if line == "center" => return Ok(RowOutcome::CenterUnknown),
                None if line == "incomplete" => return Ok(RowOutcome::Incomplete),
                None if line == "taken" => return Ok(RowOutcome::Taken),
                Some(("created", id)) => Some((id, ImportOutcome::Created)),
                Some(("updated", id)) => Some((id, ImportOutcome::Updated)),
                Some(("unchanged", id)) => Some((id, ImportOutcome::Unchanged)),
                _ => None,
            };
            let found = outcome.and_then(|(id, outcome)| Some(RowOutcome::Searchable(id.parse().ok()?, outcome)));
            found.ok_or_else(|| unlike(line))
        });
        fates.collect::<Result<_, _>>().map(Self)
    }
}

impl Edit for Import {
    type Success = ImportedRows;
    type Refusal = ImportGuestsRefusal;

    fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// Nine statements at most, whatever the number of guests (SQLite takes the words of many in several).
    async fn run(
        &self,
        tx: &DatabaseTransaction,
        clock: &Clock,
        by: &Authority,
    ) -> Result<Result<ImportedRows, ImportGuestsRefusal>, StoreError> {
        let now = clock.now();
        let asked = self.guests.iter().filter_map(|guest| guest.changes.home_center.requested());
        let centers = center_rows::known_centers(tx, asked).await?;
        let is_fit = |guest: &ImportedGuest, mode| {
            let home_center = &guest.changes.home_center;
            home_center.ensure_exists(|id| centers.contains(&id)).is_ok()
                && home_center.ensure_within(by.reach(), mode).is_ok()
        };

        let complete = |guest: &ImportedGuest| {
            let details: Result<_, InputInvalid> = guest.changes.clone().complete();
            details.ok().map(|details| guest_rows::new_guest(guest.id, details, now))
        };
        let mut new: Vec<_> =
            self.guests.iter().filter(|guest| is_fit(guest, WriteMode::Create)).filter_map(complete).collect();
        // In one order, so that two imports never hold what the other one waits for. Entering comes before looking: who
        // is entered by somebody else at the same time is waited for, and then known.
        new.sort_by(|one, other| one.external_id.cmp(&other.external_id));
        guest_rows::enter_unknown_guests(tx, new, now).await?;
        let held = self.hold(tx).await?;
        let seen = held.values().map(|row| GuestId::from_uuid(row.id)).collect();
        let seen = guest_rows::seen_guests(tx, seen, by).await?;

        let (mut entered, mut changed) = (Vec::new(), Vec::new());
        let fates = self.guests.iter().map(|guest| {
            if !is_fit(guest, WriteMode::Update) {
                return Ok(RowOutcome::CenterUnknown);
            }
            let Some(row) = held.get(guest.external_id.as_str()) else {
                // Somebody who was there when it was tried to enter them goes by another id now.
                return match complete(guest) {
                    None => Ok(RowOutcome::Incomplete),
                    Some(_) if !is_fit(guest, WriteMode::Create) => Ok(RowOutcome::CenterUnknown),
                    Some(_) => Err(StoreError::UnexpectedRows { what: "imported guest", expected: 1, found: 0 }),
                };
            };
            let id = GuestId::from_uuid(row.id);
            if id == guest.id {
                entered.push(row.clone());
                return Ok(RowOutcome::Searchable(id, ImportOutcome::Created));
            }
            if !seen.contains(&id) {
                // What can be told without looking is told first.
                return Ok(if complete(guest).is_some() { RowOutcome::Taken } else { RowOutcome::Incomplete });
            }
            let now_is = guest_rows::changed_guest(row, &guest.changes);
            if now_is == *row {
                return Ok(RowOutcome::Searchable(id, ImportOutcome::Unchanged));
            }
            changed.push(now_is);
            Ok(RowOutcome::Searchable(id, ImportOutcome::Updated))
        });
        let fates = fates.collect::<Result<_, _>>()?;
        keep_words(tx, &entered).await?;
        guest_rows::write_guests(tx, changed, now).await?;
        Ok(Ok(ImportedRows(fates)))
    }
}

impl Import {
    /// Holds the guests who are known, by what the other system calls them.
    async fn hold(&self, tx: &DatabaseTransaction) -> Result<HashMap<String, GuestRow>, StoreError> {
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
