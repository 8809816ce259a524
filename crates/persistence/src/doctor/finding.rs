use std::fmt;

use domain::{
    CenterId, GuestId, JournalEntryId, Numbered, RegistrationId, RegistrationStatus, SessionId, Timestamp, WorkshopId,
};
use sea_orm::{DbErr, QueryResult};

/// An inconsistency between rows. Its `Display` is a line for operators: the public id of the row, the stored value, and
/// the value that other rows give.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Finding(String);

impl Finding {
    pub(super) fn new(subject: &str, detail: impl fmt::Display) -> Self {
        Self(format!("{subject}: {detail}"))
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Defines functions that read the public id of a row from a column.
macro_rules! public_ids {
    ($($name:ident: $id:ident),+ $(,)?) => {
        $(pub(super) fn $name(row: &QueryResult, column: &str) -> Result<String, DbErr> {
            Ok($id::from_uuid(row.try_get("", column)?).to_string())
        })+
    };
}
public_ids! {
    workshop: WorkshopId,
    registration: RegistrationId,
    guest: GuestId,
    center: CenterId,
    session: SessionId,
    journal_entry: JournalEntryId,
}

/// The id of a track, even with a number that no track can have: the doctor looks for corrupt data.
pub(super) fn track(row: &QueryResult, column: &str) -> Result<String, DbErr> {
    Ok(format!("trk_{}", row.try_get::<i32>("", column)?))
}

/// The name of a status, or the number that is not the number of any status.
pub(super) fn status(row: &QueryResult, column: &str) -> Result<String, DbErr> {
    let number: Option<i16> = row.try_get("", column)?;
    Ok(number.map_or_else(
        || "nothing".to_owned(),
        |number| RegistrationStatus::from_number(number).map_or(number.to_string(), |status| format!("{status:?}")),
    ))
}

pub(super) fn instant(row: &QueryResult, column: &str) -> Result<String, DbErr> {
    let instant: Option<Timestamp> = row.try_get("", column)?;
    Ok(instant.map_or_else(|| "nothing".to_owned(), |instant| instant.to_string()))
}

pub(super) fn number(row: &QueryResult, column: &str) -> Result<i64, DbErr> {
    row.try_get("", column)
}
