//! What things are ordered and found by, kept beside them: a key in their row and words in a table of their own, both
//! made of their texts in the transaction that writes those.

use std::collections::{BTreeMap, BTreeSet};

use domain::{search_words, sort_key};
use sea_orm::{
    ActiveModelBehavior, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, ModelTrait,
    QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{ArrayType, ExprTrait, LockType, Query, SelectStatement},
};
use uuid::Uuid;

use crate::{
    StoreError,
    entities::{center, guest, word, workshop},
    rows::row_set::{RowSet, column, one_of},
    rows::workshop_rows::insert,
};

/// A row with texts.
pub(crate) trait Searchable: ModelTrait<Entity: EntityTrait<Model = Self>> + Send + Sync {
    /// The number of its kind among the words.
    const KIND: i16;
    const TABLE: &'static str;
    const ID: <Self::Entity as EntityTrait>::Column;
    const SORT_KEY: <Self::Entity as EntityTrait>::Column;

    fn id(&self) -> Uuid;
    fn kept_key(&mut self) -> &mut String;
    /// The key that its texts make.
    fn key(&self) -> String;
    /// The words that its texts make.
    fn words(&self) -> BTreeSet<String>;

    /// The row with the key that its texts make.
    fn sorted(mut self) -> Self {
        *self.kept_key() = self.key();
        self
    }
}

macro_rules! searchable {
    ($($module:ident as $kind:literal in $table:literal: |$row:ident| $key:expr, $words:expr;)+) => {
        $(impl Searchable for $module::Model {
            const KIND: i16 = $kind;
            const TABLE: &'static str = $table;
            const ID: $module::Column = $module::Column::Id;
            const SORT_KEY: $module::Column = $module::Column::SortKey;

            fn id(&self) -> Uuid {
                self.id
            }

            fn kept_key(&mut self) -> &mut String {
                &mut self.sort_key
            }

            fn key(&self) -> String {
                let $row = self;
                sort_key($key)
            }

            fn words(&self) -> BTreeSet<String> {
                let $row = self;
                $words
            }
        })+
    };
}

searchable! {
    // The given name decides among those of one family; what is between them comes before every letter.
    guest as 0 in "guests": |row| &format!("{}\u{1}{}", row.family_name, row.given_name),
        search_words([&*row.given_name, &row.family_name, row.email.as_deref().unwrap_or_default()], row.phone.as_deref());
    workshop as 1 in "workshops": |row| &row.title,
        search_words([&*row.title, row.description.as_deref().unwrap_or_default()], None);
    center as 2 in "centers": |row| &row.name, search_words([&*row.name], None);
}

/// The things of a kind that have a word beginning with one of these, by their ids.
pub(crate) fn with_word<T: Searchable>(beginnings: &BTreeSet<String>) -> SelectStatement {
    let begins = beginnings.iter().fold(Condition::any(), |any, start| {
        // A range, which an index answers. No word has the last of all characters in it.
        let end = format!("{start}\u{10ffff}");
        any.add(word::Column::Word.gte(start.as_str()).and(word::Column::Word.lt(end)))
    });
    Query::select()
        .column(word::Column::SubjectId)
        .from(word::Entity)
        .and_where(word::Column::Kind.eq(T::KIND))
        .cond_where(begins)
        .to_owned()
}

/// Keeps the words of things that are new or were changed.
pub(crate) async fn keep_words<T: Searchable>(db: &impl ConnectionTrait, things: &[T]) -> Result<(), StoreError> {
    if things.is_empty() {
        return Ok(());
    }
    let backend = db.get_database_backend();
    word::Entity::delete_many()
        .filter(one_of(backend, word::Column::SubjectId, things.iter().map(Searchable::id)))
        .filter(word::Column::Kind.eq(T::KIND))
        .exec(db)
        .await?;
    let words = things.iter().flat_map(|thing| thing.words().into_iter().map(|word| [word.into(), thing.id().into()]));
    let insert =
        format!("INSERT INTO search_words (kind, word, subject_id) SELECT {}, word, subject_id FROM rows", T::KIND);
    let columns = [column("word", ArrayType::String), column("subject_id", ArrayType::Uuid)];
    RowSet::of(columns, words).execute(db, &insert).await?;
    Ok(())
}

/// How many rows are looked at batched.
const AT_ONCE: usize = 500;

/// Enters things that are new, with their keys and words.
pub(crate) async fn insert_searchable<T: Searchable + IntoActiveModel<<T::Entity as EntityTrait>::ActiveModel>>(
    db: &impl ConnectionTrait,
    rows: impl IntoIterator<Item = T>,
) -> Result<(), StoreError>
where
    <T::Entity as EntityTrait>::ActiveModel: ActiveModelBehavior + Send,
{
    let rows: Vec<_> = rows.into_iter().map(Searchable::sorted).collect();
    for rows in rows.chunks(AT_ONCE) {
        insert::<T::Entity>(db, rows.to_vec()).await?;
        keep_words(db, rows).await?;
    }
    Ok(())
}

/// The ids of the things whose key or words are not those that their texts make.
pub(crate) async fn stale<T: Searchable>(db: &impl ConnectionTrait) -> Result<Vec<Uuid>, StoreError> {
    let (mut stale, mut last) = (Vec::new(), None);
    loop {
        let mut next = T::Entity::find().order_by_asc(T::ID).limit(AT_ONCE as u64);
        if let Some(last) = last {
            next = next.filter(T::ID.gt(last));
        }
        let rows: Vec<T> = next.all(db).await?;
        let Some(end) = rows.last() else { return Ok(stale) };
        last = Some(end.id());
        let mut kept: BTreeMap<Uuid, BTreeSet<String>> = BTreeMap::new();
        let theirs = word::Entity::find()
            .filter(one_of(db.get_database_backend(), word::Column::SubjectId, rows.iter().map(Searchable::id)))
            .filter(word::Column::Kind.eq(T::KIND));
        for word in theirs.all(db).await? {
            kept.entry(word.subject_id).or_default().insert(word.word);
        }
        for mut row in rows {
            let is_sorted = row.key() == *row.kept_key();
            if !is_sorted || kept.remove(&row.id()).unwrap_or_default() != row.words() {
                stale.push(row.id());
            }
        }
    }
}

/// Makes the keys and words anew of those things that have no key: of rows that were there before keys were, or were
/// written by a server from before.
pub(crate) async fn catch_up(db: &impl ConnectionTrait) -> Result<(), StoreError> {
    async fn all<T: Searchable>(db: &impl ConnectionTrait) -> Result<(), StoreError> {
        let without = T::Entity::find().filter(T::SORT_KEY.eq("")).select_only().column(T::ID);
        let without: Vec<Uuid> = without.into_tuple().all(db).await?;
        mend::<T>(db, &without).await
    }
    all::<guest::Model>(db).await?;
    all::<workshop::Model>(db).await?;
    all::<center::Model>(db).await
}

/// Makes the keys and words of these things anew.
pub(crate) async fn mend<T: Searchable>(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<(), StoreError> {
    for ids in ids.chunks(AT_ONCE) {
        let these = one_of(db.get_database_backend(), T::ID, ids.iter().copied());
        let held: Select<T::Entity> = T::Entity::find().filter(these).order_by_asc(T::ID);
        let rows: Vec<T> = held.lock(LockType::NoKeyUpdate).all(db).await?;
        let columns = [column("id", ArrayType::Uuid), column("sort_key", ArrayType::String)];
        let keys = RowSet::of(columns, rows.iter().map(|row| [row.id().into(), row.key().into()]));
        let table = T::TABLE;
        let update = format!("UPDATE {table} SET sort_key = rows.sort_key FROM rows WHERE {table}.id = rows.id");
        keys.execute(db, &update).await?;
        keep_words(db, &rows).await?;
    }
    Ok(())
}
