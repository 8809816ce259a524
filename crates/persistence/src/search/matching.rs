use std::collections::BTreeSet;

use domain::SearchText;
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, Select,
    sea_query::{ExprTrait, Query, SelectStatement},
};

use super::Searchable;
use crate::entities::word;

/// Restricts a list to the rows that have, for each word of the text, a word with that prefix.
pub(crate) fn matching_text<T: Searchable>(list: Select<T::Entity>, text: &SearchText) -> Select<T::Entity>
where
    T::Entity: EntityTrait<Model = T>,
{
    text.words().fold(list, |list, prefixes| list.filter(T::ID.in_subquery(ids_with_prefix::<T>(prefixes))))
}

/// The ids of the rows that have a word with one of these prefixes.
fn ids_with_prefix<T: Searchable>(prefixes: &BTreeSet<String>) -> SelectStatement {
    let matches = prefixes.iter().fold(Condition::any(), |any, prefix| {
        // A range, which uses the index. No word contains the last of all characters.
        let end = format!("{prefix}\u{10ffff}");
        any.add(word::Column::Word.gte(prefix.as_str()).and(word::Column::Word.lt(end)))
    });
    Query::select()
        .column(word::Column::SubjectId)
        .from(word::Entity)
        .and_where(word::Column::Kind.eq(T::KIND))
        .cond_where(matches)
        .to_owned()
}
