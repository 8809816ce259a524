use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{
    ActiveModelBehavior, ColumnTrait, ConnectionTrait, DatabaseConnection, DatabaseTransaction, EntityTrait,
    IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{ArrayType, LockType},
};
use uuid::Uuid;

use super::Searchable;
use crate::{
    StoreError,
    database::transaction,
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

/// The rows that are compared with their texts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Compared {
    All,
    /// Those without a sort key, as a server writes them that is older than sort keys.
    WithoutSortKey,
}

/// A page of rows.
struct ComparedPage {
    /// The rows whose sort key or words differ from those of their texts.
    stale: Vec<Uuid>,
    /// The last of all rows.
    last: Uuid,
}

/// Compares the rows after one, in the order of their ids; `None`: there are no more.
async fn compare_page<T: Searchable>(
    db: &impl ConnectionTrait,
    compared: Compared,
    after: Option<Uuid>,
) -> Result<Option<ComparedPage>, StoreError> {
    let mut page = T::Entity::find().order_by_asc(T::ID).limit(BATCH_SIZE as u64);
    if compared == Compared::WithoutSortKey {
        page = page.filter(T::SORT_KEY.eq(""));
    }
    if let Some(after) = after {
        page = page.filter(T::ID.gt(after));
    }
    let rows: Vec<T> = page.all(db).await?;
    let Some(last) = rows.last().map(Searchable::id) else { return Ok(None) };
    let mut stored: BTreeMap<Uuid, BTreeSet<String>> = BTreeMap::new();
    let words = word::Entity::find()
        .filter(one_of(db.get_database_backend(), word::Column::SubjectId, rows.iter().map(Searchable::id)))
        .filter(word::Column::Kind.eq(T::KIND));
    for word in words.all(db).await? {
        stored.entry(word.subject_id).or_default().insert(word.word);
    }
    let mut stale = Vec::new();
    for mut row in rows {
        let is_sorted = row.derive_sort_key() == *row.sort_key_mut();
        if !is_sorted || stored.remove(&row.id()).unwrap_or_default() != row.derive_words() {
            stale.push(row.id());
        }
    }
    Ok(Some(ComparedPage { stale, last }))
}

/// The ids of the rows whose sort key or words differ from those of their texts.
pub(crate) async fn find_stale<T: Searchable>(db: &impl ConnectionTrait) -> Result<Vec<Uuid>, StoreError> {
    let (mut stale, mut after) = (Vec::new(), None);
    while let Some(page) = compare_page::<T>(db, Compared::All, after).await? {
        stale.extend(page.stale);
        after = Some(page.last);
    }
    Ok(stale)
}

/// Derives stale sort keys and words again, and returns for how many rows. A transaction locks only a few rows, because
/// registrations wait for it. If this is interrupted, the next call leaves alone the rows that are done.
pub(crate) async fn rebuild_stale(db: &DatabaseConnection, compared: Compared) -> Result<u64, StoreError> {
    async fn all<T: Searchable>(db: &DatabaseConnection, compared: Compared) -> Result<usize, StoreError> {
        let (mut rebuilt, mut after) = (0, None);
        while let Some(page) = compare_page::<T>(db, compared, after).await? {
            for ids in page.stale.chunks(T::REBUILT_TOGETHER) {
                let tx = transaction::begin(db).await?;
                rebuild::<T>(&tx, ids).await?;
                transaction::commit(tx).await?;
            }
            rebuilt += page.stale.len();
            after = Some(page.last);
        }
        Ok(rebuilt)
    }
    // Workshops last, because most requests wait for them.
    let rebuilt = all::<guest::Model>(db, compared).await?
        + all::<center::Model>(db, compared).await?
        + all::<workshop::Model>(db, compared).await?;
    Ok(rebuilt as u64)
}

/// Derives the sort keys and words of these rows again.
async fn rebuild<T: Searchable>(tx: &DatabaseTransaction, ids: &[Uuid]) -> Result<(), StoreError> {
    let filter = one_of(tx.get_database_backend(), T::ID, ids.iter().copied());
    let select: Select<T::Entity> = T::Entity::find().filter(filter).order_by_asc(T::ID);
    let rows: Vec<T> = select.lock(LockType::NoKeyUpdate).all(tx).await?;
    let keys = rows.iter().map(|row| [row.id().into(), row.derive_sort_key().into()]);
    let update = update_statement(T::TABLE, &SORT_KEY_COLUMNS, &[]);
    RowSet::new(&SORT_KEY_COLUMNS, keys).execute(tx, &update).await?;
    replace_words(tx, &rows).await
}
