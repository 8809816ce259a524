//! The example operations of the repository as tabs of the playground.

use include_dir::{Dir, include_dir};

use crate::{Playground, Tab};

/// One document for each operation, with its variables beside it.
static EXAMPLES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../examples/operations");

/// A document of `examples/operations` as a tab, with its variables.
macro_rules! example {
    ($name:literal) => {
        $crate::Tab {
            query: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/operations/", $name, ".graphql"))
                .to_owned(),
            variables: Some(
                include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/operations/", $name, ".json"))
                    .to_owned(),
            ),
        }
    };
}
pub(crate) use example;

/// All examples, by file name.
pub(crate) fn all() -> impl Iterator<Item = Tab> {
    let text = |file: &include_dir::File<'_>| file.contents_utf8().map(str::to_owned);
    let documents =
        EXAMPLES.files().filter(|file| file.path().extension().is_some_and(|extension| extension == "graphql"));
    documents.filter_map(move |file| {
        let variables = EXAMPLES.get_file(file.path().with_extension("json")).and_then(text);
        Some(Tab { query: text(file)?, variables })
    })
}

impl Playground {
    /// A playground that assumes nothing about the data in the database.
    pub fn bare() -> Self {
        Self { notice: None, tabs: vec![example!("Workshops")] }
    }
}
