//! Idempotency keys: the first result of a command, stored in the transaction that made it true.

use std::collections::HashMap;

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
    rows::row_set::{RowSet, column},
};

/// A key is the caller's own: the same text from somebody else is another key.
pub(crate) type ScopedKey = (Actor, IdempotencyKey);

/// A result that was given under a key, as text.
#[derive(Clone, Debug)]
pub(crate) struct SavedResponse {
    pub(crate) fingerprint: Vec<u8>,
    pub(crate) result: String,
}

/// The keys of a batch: those that were there, and those its commands add.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    given: HashMap<(String, String), SavedResponse>,
    new: Vec<(ScopedKey, SavedResponse)>,
}

fn oldest_kept(now: Timestamp) -> Timestamp {
    now - TimeDelta::hours(IdempotencyKey::RETENTION_HOURS)
}

fn as_stored((actor, key): &ScopedKey) -> (String, String) {
    (actor.to_string(), key.to_string())
}

impl Keys {
    pub(crate) async fn load(
        db: &impl ConnectionTrait,
        asked: impl IntoIterator<Item = ScopedKey>,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let asked: Vec<_> = asked.into_iter().map(|key| as_stored(&key)).collect();
        if asked.is_empty() {
            return Ok(Self::default());
        }
        let rows = idempotency_key::Entity::find()
            .filter(one_of_pairs(db.get_database_backend(), asked))
            .filter(idempotency_key::Column::CreatedAt.gt(oldest_kept(now)))
            .all(db)
            .await?;
        let given = rows
            .into_iter()
            .map(|row| ((row.actor, row.key), SavedResponse { fingerprint: row.fingerprint, result: row.result }))
            .collect();
        Ok(Self { given, new: Vec::new() })
    }

    /// The answer that a key has for this input; `None` when it has none, for there is no key or it is the first.
    pub(crate) fn answer<S: StoredResult, R: From<IdempotencyKeyReused>>(
        &self,
        key: Option<&ScopedKey>,
        fingerprint: &Fingerprint,
    ) -> Result<Option<Result<S, R>>, StoreError> {
        match key.and_then(|key| self.given.get(&as_stored(key))) {
            None => Ok(None),
            Some(given) if given.fingerprint == fingerprint.as_bytes() => Ok(Some(Ok(S::decode(&given.result)?))),
            Some(_) => Ok(Some(Err(IdempotencyKeyReused.into()))),
        }
    }

    pub(crate) fn keep(&mut self, key: ScopedKey, fingerprint: &Fingerprint, result: String) {
        let given = SavedResponse { fingerprint: fingerprint.as_bytes().to_vec(), result };
        self.given.insert(as_stored(&key), given.clone());
        self.new.push((key, given));
    }

    /// Whether there are no new ones.
    pub(crate) fn is_empty(&self) -> bool {
        self.new.is_empty()
    }

    /// Writes the new keys, and forgets some that have had their time. One that somebody else wrote meanwhile fails the batch; its commands are then decided
    /// again one by one and find it.
    pub(crate) async fn write(mut self, db: &impl ConnectionTrait, now: Timestamp) -> Result<(), StoreError> {
        // In one order, so that two batches that add the same keys never wait for each other.
        self.new.sort_by(|(one, _), (other, _)| one.cmp(other));
        let rows = RowSet::of(
            [
                column("actor", ArrayType::String),
                column("key", ArrayType::String),
                column("fingerprint", ArrayType::Bytes),
                column("result", ArrayType::String),
                column("created_at", ArrayType::ChronoDateTimeUtc),
                column("oldest_kept", ArrayType::ChronoDateTimeUtc),
            ],
            self.new.into_iter().map(|(key, given)| {
                let (actor, key) = as_stored(&key);
                [
                    actor.into(),
                    key.into(),
                    given.fingerprint.into(),
                    given.result.into(),
                    now.into(),
                    oldest_kept(now).into(),
                ]
            }),
        );
        let count = rows.len();
        // `WHERE true` keeps SQLite from reading `ON CONFLICT` as a join condition.
        let written = rows
            .execute(
                db,
                "INSERT INTO idempotency_keys (actor, key, fingerprint, result, created_at) \
                 SELECT actor, key, fingerprint, result, created_at FROM rows WHERE true \
                 ON CONFLICT (actor, key) DO UPDATE SET fingerprint = excluded.fingerprint, \
                 result = excluded.result, created_at = excluded.created_at \
                 WHERE idempotency_keys.created_at <= (SELECT MAX(oldest_kept) FROM rows)",
            )
            .await?;
        ensure_rows("idempotency key", count, written)?;
        if count > 0 {
            sweep(db, now).await?;
        }
        Ok(())
    }
}

/// Two arrays on PostgreSQL, so that one prepared statement serves every number of keys; a list on SQLite.
fn one_of_pairs(backend: DbBackend, asked: Vec<(String, String)>) -> Expr {
    if backend == DbBackend::Postgres {
        let (actors, keys): (Vec<_>, Vec<_>) = asked.into_iter().unzip();
        return Expr::cust_with_values(
            "(actor, key) IN (SELECT * FROM unnest($1, $2))",
            [Value::from(actors), keys.into()],
        );
    }
    Expr::tuple([Expr::col(idempotency_key::Column::Actor), Expr::col(idempotency_key::Column::Key)]).in_tuples(asked)
}

/// Forgets keys that have had their time: more than a transaction adds, so that none are left in the end, and not so many
/// that anybody has to wait for it. Last in its transaction, and past what others hold: it never waits itself.
async fn sweep(db: &impl ConnectionTrait, now: Timestamp) -> Result<(), StoreError> {
    const MOST: i64 = 1_000;
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
    let values = [oldest_kept(now).into(), MOST.into()];
    db.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    Ok(())
}
