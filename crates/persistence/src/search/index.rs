use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{
    ActiveModelBehavior, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, Select,
    sea_query::{ArrayType, LockType},
};
use uuid::Uuid;

use super::Searchable;
use crate::{
    StoreError,
    entities::{center, guest, word, workshop},
    rows::{
        row_set::{Column, RowSet, column, insert_statement, one_of, update_statement},
        workshop_rows::insert,
    },
};

static WORD_COLUMNS: [Column; 2] = [column("word", ArrayType::String), column("subject_id", ArrayType::Uuid)];
static SORT_KEY_COLUMNS: [Column; 2] = [column("id", ArrayType::Uuid), column("sort_key", ArrayType::String)];

/// Replaces the words of rows that are new or changed.
pub(crate) async fn replace_words<T: Searchable>(db: &impl ConnectionTrait, rows: &[T]) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let backend = db.get_database_backend();
    word::Entity::delete_many()
        .filter(one_of(backend, word::Column::SubjectId, rows.iter().map(Searchable::id)))
        .filter(word::Column::Kind.eq(T::KIND))
        .exec(db)
        .await?;
    let words = rows.iter().flat_map(|row| row.derive_words().into_iter().map(|word| [word.into(), row.id().into()]));
    let insert = insert_statement("search_words", &WORD_COLUMNS, &[("kind", &T::KIND.to_string())]);
    RowSet::new(&WORD_COLUMNS, words).execute(db, &insert).await?;
    Ok(())
}

/// The number of rows that are indexed with one statement.
const BATCH_SIZE: usize = 500;

/// Inserts rows with their sort keys and words.
pub(crate) async fn insert_searchable<T: Searchable + IntoActiveModel<<T::Entity as EntityTrait>::ActiveModel>>(
    db: &impl ConnectionTrait,
    rows: impl IntoIterator<Item = T>,
) -> Result<(), StoreError>
where
    <T::Entity as EntityTrait>::ActiveModel: ActiveModelBehavior + Send,
{
    let rows: Vec<_> = rows.into_iter().map(Searchable::with_sort_key).collect();
    for rows in rows.chunks(BATCH_SIZE) {
        insert::<T::Entity>(db, rows.to_vec()).await?;
        replace_words(db, rows).await?;
    }
    Ok(())
}

/// The ids of the rows whose sort key or words differ from those of their texts.
pub(crate) async fn find_stale<T: Searchable>(db: &impl ConnectionTrait) -> Result<Vec<Uuid>, StoreError> {
    let (mut stale, mut last) = (Vec::new(), None);
    loop {
        let mut next = T::Entity::find().order_by_asc(T::ID).limit(BATCH_SIZE as u64);
        if let Some(last) = last {
            next = next.filter(T::ID.gt(last));
        }
        let rows: Vec<T> = next.all(db).await?;
        let Some(end) = rows.last() else { return Ok(stale) };
        last = Some(end.id());
        let mut stored: BTreeMap<Uuid, BTreeSet<String>> = BTreeMap::new();
        let words = word::Entity::find()
            .filter(one_of(db.get_database_backend(), word::Column::SubjectId, rows.iter().map(Searchable::id)))
            .filter(word::Column::Kind.eq(T::KIND));
        for word in words.all(db).await? {
            stored.entry(word.subject_id).or_default().insert(word.word);
        }
        for mut row in rows {
            let is_sorted = row.derive_sort_key() == *row.sort_key_mut();
            if !is_sorted || stored.remove(&row.id()).unwrap_or_default() != row.derive_words() {
                stale.push(row.id());
            }
        }
    }
}

/// Indexes the rows without a sort key: rows from before sort keys existed, or whose key a migration has removed because
/// the rules changed.
pub(crate) async fn index_missing(db: &impl ConnectionTrait) -> Result<(), StoreError> {
    async fn all<T: Searchable>(db: &impl ConnectionTrait) -> Result<(), StoreError> {
        let missing = T::Entity::find().filter(T::SORT_KEY.eq("")).select_only().column(T::ID);
        let missing: Vec<Uuid> = missing.into_tuple().all(db).await?;
        rebuild::<T>(db, &missing).await
    }
    all::<guest::Model>(db).await?;
    all::<workshop::Model>(db).await?;
    all::<center::Model>(db).await
}

/// Derives the sort keys and words of these rows again.
pub(crate) async fn rebuild<T: Searchable>(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<(), StoreError> {
    for ids in ids.chunks(BATCH_SIZE) {
        let filter = one_of(db.get_database_backend(), T::ID, ids.iter().copied());
        let select: Select<T::Entity> = T::Entity::find().filter(filter).order_by_asc(T::ID);
        let rows: Vec<T> = select.lock(LockType::NoKeyUpdate).all(db).await?;
        let keys = rows.iter().map(|row| [row.id().into(), row.derive_sort_key().into()]);
        let update = update_statement(T::TABLE, &SORT_KEY_COLUMNS, &[]);
        RowSet::new(&SORT_KEY_COLUMNS, keys).execute(db, &update).await?;
        replace_words(db, &rows).await?;
    }
    Ok(())
}
