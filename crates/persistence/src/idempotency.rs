//! Idempotency keys: the first result of a command, stored in the transaction that made it true.

mod retention;

use std::{collections::HashMap, sync::LazyLock};

use chrono::TimeDelta;
use domain::{Actor, Fingerprint, IdempotencyKey, Timestamp, problems::IdempotencyKeyReused};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, Statement, Value,
    sea_query::{ArrayType, Expr, ExprTrait},
};

use crate::{
    StoreError,
    commands::StoredResult,
    entities::idempotency_key,
    error::ensure_rows,
    rows::row_set::{Column, RowSet, column, insert_statement},
};

use retention::row_bytes;
pub(crate) use retention::{Retention, StoredBytes};

/// A key in the scope of its actor: the same text from another actor is another key.
pub(crate) type ScopedKey = (Actor, IdempotencyKey);

/// A result that is stored under a key, as text.
#[derive(Clone, Debug)]
pub(crate) struct SavedResponse {
    pub(crate) fingerprint: Vec<u8>,
    pub(crate) result: String,
}

/// The idempotency keys of a transaction: those that exist, and those that its commands add.
#[derive(Debug, Default)]
pub(crate) struct IdempotencyKeys {
    saved: HashMap<(String, String), SavedResponse>,
    new: Vec<(ScopedKey, SavedResponse)>,
}

static COLUMNS: [Column; 6] = [
    column("actor", ArrayType::String),
    column("key", ArrayType::String),
    column("fingerprint", ArrayType::Bytes),
    column("result", ArrayType::String),
    column("created_at", ArrayType::ChronoDateTimeUtc),
    column("expired_since", ArrayType::ChronoDateTimeUtc),
];
/// Replaces an expired key. `WHERE true` prevents SQLite from parsing `ON CONFLICT` as a join condition.
static UPSERT: LazyLock<String> = LazyLock::new(|| {
    let (stored, _) = COLUMNS.split_at(5);
    let insert = insert_statement("idempotency_keys", stored, &[]);
    format!(
        "{insert} WHERE true ON CONFLICT (actor, key) DO UPDATE SET fingerprint = excluded.fingerprint, \
         result = excluded.result, created_at = excluded.created_at \
         WHERE idempotency_keys.created_at <= (SELECT MAX(expired_since) FROM rows)"
    )
});

/// Keys that were created at this instant or earlier are expired.
fn expired_since(now: Timestamp) -> Timestamp {
    now - TimeDelta::hours(IdempotencyKey::RETENTION_HOURS)
}

fn primary_key((actor, key): &ScopedKey) -> (String, String) {
    (actor.to_string(), key.to_string())
}

impl IdempotencyKeys {
    pub(crate) async fn load(
        db: &impl ConnectionTrait,
        requested: impl IntoIterator<Item = ScopedKey>,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let requested: Vec<_> = requested.into_iter().map(|key| primary_key(&key)).collect();
        if requested.is_empty() {
            return Ok(Self::default());
        }
        let rows = idempotency_key::Entity::find()
            .filter(one_of_pairs(db.get_database_backend(), requested))
            .filter(idempotency_key::Column::CreatedAt.gt(expired_since(now)))
            .all(db)
            .await?;
        let saved = rows
            .into_iter()
            .map(|row| ((row.actor, row.key), SavedResponse { fingerprint: row.fingerprint, result: row.result }))
            .collect();
        Ok(Self { saved, new: Vec::new() })
    }

    /// The stored response for this key and input. `None`: the command has no key, or nothing is stored under it.
    pub(crate) fn response<S: StoredResult, R: From<IdempotencyKeyReused>>(
        &self,
        key: Option<&ScopedKey>,
        fingerprint: &Fingerprint,
    ) -> Result<Option<Result<S, R>>, StoreError> {
        let Some(saved) = key.and_then(|key| self.saved.get(&primary_key(key))) else { return Ok(None) };
        if saved.fingerprint != fingerprint.as_bytes() {
            return Ok(Some(Err(IdempotencyKeyReused.into())));
        }
        let result = S::decode(&saved.result)
            .ok_or_else(|| StoreError::corrupt("a stored result", format!("of {}", fingerprint.operation())))?;
        Ok(Some(Ok(result)))
    }

    /// Stores a result under a key. [`Self::write`] writes it to the database.
    pub(crate) fn save(&mut self, key: ScopedKey, fingerprint: &Fingerprint, result: String) {
        let response = SavedResponse { fingerprint: fingerprint.as_bytes().to_vec(), result };
        self.saved.insert(primary_key(&key), response.clone());
        self.new.push((key, response));
    }

    /// Whether the commands added no key.
    pub(crate) fn is_empty(&self) -> bool {
        self.new.is_empty()
    }

    /// Writes the new keys and deletes some expired ones. If another server wrote one of the keys meanwhile, the batch
    /// fails. Its commands are then decided again one by one and find the key. Returns the bytes for [`Retention::record`].
    pub(crate) async fn write(mut self, db: &impl ConnectionTrait, now: Timestamp) -> Result<StoredBytes, StoreError> {
        // In one order, so that two batches that add the same keys never wait for each other.
        self.new.sort_by(|(one, _), (other, _)| one.cmp(other));
        let stored = self.new.iter().map(|((actor, _), saved)| (actor.clone(), row_bytes(&saved.result))).collect();
        let rows = RowSet::new(
            &COLUMNS,
            self.new.into_iter().map(|(key, SavedResponse { fingerprint, result })| {
                let (actor, key) = primary_key(&key);
                [actor.into(), key.into(), fingerprint.into(), result.into(), now.into(), expired_since(now).into()]
            }),
        );
        let count = rows.len();
        let written = rows.execute(db, &UPSERT).await?;
        ensure_rows("idempotency key", count, written)?;
        if count > 0 {
            delete_expired(db, now).await?;
        }
        Ok(stored)
    }
}

/// The condition that a row has one of these keys: two arrays on PostgreSQL, so that one prepared statement serves every
/// number of keys; a list on SQLite.
fn one_of_pairs(backend: DbBackend, requested: Vec<(String, String)>) -> Expr {
    if backend == DbBackend::Postgres {
        let (actors, keys): (Vec<_>, Vec<_>) = requested.into_iter().unzip();
        return Expr::cust_with_values(
            "(actor, key) IN (SELECT * FROM unnest($1, $2))",
            [Value::from(actors), keys.into()],
        );
    }
    let key = [Expr::col(idempotency_key::Column::Actor), Expr::col(idempotency_key::Column::Key)];
    Expr::tuple(key).in_tuples(requested)
}

/// Deletes expired keys: more than a transaction adds, so that none accumulate, but few enough that the delay is small.
/// It runs last in its transaction and skips locked rows, so it never waits.
async fn delete_expired(db: &impl ConnectionTrait, now: Timestamp) -> Result<(), StoreError> {
    const LIMIT: i64 = 1_000;
    let backend = db.get_database_backend();
    let sql = match backend {
        DbBackend::Postgres => {
            "DELETE FROM idempotency_keys WHERE ctid = ANY (ARRAY (SELECT ctid FROM idempotency_keys \
             WHERE created_at <= $1 ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED))"
        }
        _ => {
            "DELETE FROM idempotency_keys WHERE rowid IN (SELECT rowid FROM idempotency_keys \
             WHERE created_at <= ? ORDER BY created_at LIMIT ?)"
        }
    };
    let values = [expired_since(now).into(), LIMIT.into()];
    db.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    Ok(())
}
