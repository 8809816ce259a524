use sea_orm::DbErr;

/// The machine broke, or a row contradicts the domain. Never a refusal.
///
/// It implements `Debug` for the log and deliberately not `Display`, so that `?` cannot carry it into an answer.
#[derive(Debug)]
pub enum StoreError {
    /// The database did not do what it was asked.
    Database(DbErr),
    /// A row holds what no rule could have written.
    Corrupt {
        /// What was read, for example "a registration status".
        what: &'static str,
        /// Why it cannot be.
        why: String,
    },
    /// A statement touched another number of rows than the decision called for.
    UnexpectedRows {
        /// What the rows are.
        what: &'static str,
        /// How many it should have been.
        expected: u64,
        /// How many it was.
        found: u64,
    },
    /// The database cannot be reached; nothing that was asked is known to have happened, and it can be asked again.
    Unavailable,
    /// A queue is full; the command was not looked at and can be sent again.
    Overloaded,
    /// The command was given up without an answer: the server is stopping, or its batch broke.
    Unanswered,
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match error {
            DbErr::Conn(_) | DbErr::ConnectionAcquire(_) => {
                tracing::warn!(?error, "the database cannot be reached");
                Self::Unavailable
            }
            error => Self::Database(error),
        }
    }
}

pub(crate) fn ensure_rows(what: &'static str, expected: usize, found: u64) -> Result<(), StoreError> {
    let expected = expected as u64;
    if found == expected { Ok(()) } else { Err(StoreError::UnexpectedRows { what, expected, found }) }
}
