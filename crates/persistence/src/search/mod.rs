//! The sort keys and search words of rows. Both are derived from the texts of a row, in the transaction that writes those
//! texts: the sort key is a column of the row, the words are in a table of their own.

mod index;
mod matching;

use std::collections::BTreeSet;

use domain::{search_words, sort_key};
use sea_orm::{EntityTrait, ModelTrait};
use uuid::Uuid;

pub(crate) use index::{Compared, find_stale, insert_searchable, rebuild_stale, replace_words};
pub(crate) use matching::matching_text;

use crate::entities::{center, guest, workshop};

/// A row that is ordered and found by its texts.
pub(crate) trait Searchable: ModelTrait<Entity: EntityTrait<Model = Self>> + Send + Sync {
    /// The number of this kind of row in the table of words.
    const KIND: i16;
    const TABLE: &'static str;
    /// The number of rows that one transaction locks to derive their keys and words again.
    const REBUILT_TOGETHER: usize;
    const ID: <Self::Entity as EntityTrait>::Column;
    const SORT_KEY: <Self::Entity as EntityTrait>::Column;

    fn id(&self) -> Uuid;
    fn sort_key_mut(&mut self) -> &mut String;
    /// The sort key of its texts.
    fn derive_sort_key(&self) -> String;
    /// The words of its texts.
    fn derive_words(&self) -> BTreeSet<String>;

    /// The row with the sort key of its texts.
    fn with_sort_key(mut self) -> Self {
        *self.sort_key_mut() = self.derive_sort_key();
        self
    }
}

macro_rules! searchable {
    ($($module:ident as $kind:literal in $table:literal by $rebuilt:literal: |$row:ident| $key:expr, $words:expr;)+) => {
        $(impl Searchable for $module::Model {
            const KIND: i16 = $kind;
            const TABLE: &'static str = $table;
            const REBUILT_TOGETHER: usize = $rebuilt;
            const ID: $module::Column = $module::Column::Id;
            const SORT_KEY: $module::Column = $module::Column::SortKey;

            fn id(&self) -> Uuid {
                self.id
            }

            fn sort_key_mut(&mut self) -> &mut String {
                &mut self.sort_key
            }

            fn derive_sort_key(&self) -> String {
                let $row = self;
                sort_key($key)
            }

            fn derive_words(&self) -> BTreeSet<String> {
                let $row = self;
                $words
            }
        })+
    };
}

searchable! {
    // The given name decides among guests of one family name; the separator sorts before every letter.
    guest as 0 in "guests" by 200: |row| &format!("{}\u{1}{}", row.family_name, row.given_name),
        search_words([&*row.given_name, &row.family_name, row.email.as_deref().unwrap_or_default()], row.phone.as_deref());
    // Few, because a description can have thousands of words.
    workshop as 1 in "workshops" by 20: |row| &row.title,
        search_words([&*row.title, row.description.as_deref().unwrap_or_default()], None);
    center as 2 in "centers" by 200: |row| &row.name, search_words([&*row.name], None);
}
