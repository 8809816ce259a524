//! The size of a document with its fragments expanded. The size is added up without expansion: each fragment is measured
//! once, however often it is spread.

use std::collections::HashMap;

use async_graphql::{
    Positioned, ServerError,
    parser::types::{ExecutableDocument, Field, Selection, SelectionSet},
};

use super::DocumentLimits;
use crate::graphql::execution::error_codes::Code;

/// The size of a set of selections.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct DocumentSize {
    pub(super) selections: usize,
    /// Fields on the top level.
    pub(super) fields: usize,
    pub(super) aliases: usize,
    /// Levels of fields.
    pub(super) depth: usize,
    /// Levels of selections of any kind.
    nesting: usize,
    /// Values that introspection would return if the parent were an introspection field.
    listed: usize,
    /// Values that introspection returns.
    pub(super) introspection: usize,
}

/// Measures a document. All operations are validated, so selections and introspection values are the sums of all
/// operations; selections include unused fragments. The other sizes are those of the largest operation.
pub(super) fn document_size(
    document: &ExecutableDocument,
    limits: &DocumentLimits,
) -> Result<DocumentSize, ServerError> {
    let mut counter = SizeCounter { document, limits, fragments: HashMap::new(), level: 0 };
    let mut total = DocumentSize::default();
    for (_, operation) in document.operations.iter() {
        let size = counter.set(&operation.node.selection_set)?;
        total = DocumentSize {
            selections: total.selections.saturating_add(size.selections),
            introspection: total.introspection.saturating_add(size.introspection),
            fields: total.fields.max(size.fields),
            aliases: total.aliases.max(size.aliases),
            depth: total.depth.max(size.depth),
            ..size
        };
    }
    for name in document.fragments.keys() {
        let is_spread = counter.fragments.contains_key(name.as_str());
        let size = counter.fragment(name.as_str())?;
        if !is_spread {
            total.selections = total.selections.saturating_add(size.selections);
        }
    }
    Ok(total)
}

struct SizeCounter<'a> {
    document: &'a ExecutableDocument,
    limits: &'a DocumentLimits,
    /// The measured fragments; `None` while a fragment is being measured.
    fragments: HashMap<&'a str, Option<DocumentSize>>,
    level: usize,
}

impl<'a> SizeCounter<'a> {
    fn set(&mut self, set: &'a Positioned<SelectionSet>) -> Result<DocumentSize, ServerError> {
        self.level += 1;
        // Checked on the way down, too, because this function recurses.
        self.limits.nesting(self.level)?;
        let mut sum = DocumentSize::default();
        for selection in &set.node.items {
            sum.add(self.selection(&selection.node)?);
        }
        sum.nesting += 1;
        self.limits.nesting(sum.nesting.saturating_add(self.level - 1))?;
        self.level -= 1;
        Ok(sum)
    }

    fn selection(&mut self, selection: &'a Selection) -> Result<DocumentSize, ServerError> {
        let mut size = match selection {
            Selection::Field(field) => {
                let set = &field.node.selection_set;
                let inner = if set.node.items.is_empty() { DocumentSize::default() } else { self.set(set)? };
                field_size(&field.node, inner)
            }
            Selection::InlineFragment(fragment) => self.set(&fragment.node.selection_set)?,
            Selection::FragmentSpread(spread) => self.fragment(spread.node.fragment_name.node.as_str())?,
        };
        size.selections = size.selections.saturating_add(1);
        Ok(size)
    }

    /// Measures a fragment. Validation rejects an unknown fragment later.
    fn fragment(&mut self, name: &str) -> Result<DocumentSize, ServerError> {
        let Some((name, fragment)) = self.document.fragments.get_key_value(name) else {
            return Ok(DocumentSize::default());
        };
        match self.fragments.get(name.as_str()) {
            Some(Some(size)) => {
                self.limits.nesting(self.level.saturating_add(size.nesting))?;
                return Ok(*size);
            }
            Some(None) => {
                let mut error =
                    Code::GraphqlValidationFailed.error(format!("The fragment \"{name}\" contains itself."));
                error.locations.push(fragment.pos);
                return Err(error);
            }
            None => {}
        }
        self.fragments.insert(name.as_str(), None);
        let size = self.set(&fragment.node.selection_set)?;
        self.fragments.insert(name.as_str(), Some(size));
        Ok(size)
    }
}

impl DocumentSize {
    fn add(&mut self, other: Self) {
        self.selections = self.selections.saturating_add(other.selections);
        self.fields = self.fields.saturating_add(other.fields);
        self.aliases = self.aliases.saturating_add(other.aliases);
        self.depth = self.depth.max(other.depth);
        self.nesting = self.nesting.max(other.nesting);
        self.listed = self.listed.saturating_add(other.listed);
        self.introspection = self.introspection.saturating_add(other.introspection);
    }
}

fn field_size(field: &Field, inner: DocumentSize) -> DocumentSize {
    let listed = inner.listed.saturating_mul(list_length(&field.name.node)).saturating_add(1);
    let is_introspection = matches!(field.name.node.as_str(), "__schema" | "__type");
    DocumentSize {
        fields: 1,
        aliases: inner.aliases.saturating_add(usize::from(field.alias.is_some())),
        depth: inner.depth + 1,
        listed,
        introspection: if is_introspection { listed } else { inner.introspection },
        ..inner
    }
}

/// Returns the length of an introspection list, a generous estimate for this schema; 1 for a field that is not a list.
fn list_length(field: &str) -> usize {
    match field {
        "types" => 200,
        "fields" => 20,
        "inputFields" | "enumValues" | "directives" => 5,
        "possibleTypes" | "interfaces" | "args" => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    const WIDE: DocumentLimits = DocumentLimits {
        bytes: 0,
        tokens: 0,
        nesting: 64,
        selections: 0,
        depth: 0,
        aliases: 0,
        root_fields: 0,
        directives: 0,
        introspection: 0,
        cost: 0,
    };

    fn measure(document: &str) -> Result<DocumentSize, String> {
        document_size(&parse_query(document).unwrap(), &WIDE).map_err(|error| error.message)
    }

    #[test]
    fn a_fragment_counts_as_often_as_it_is_spread() {
        let size = measure("{ ...F b { ...F } } fragment F on Q { x: a { y: c } ... { d } }").unwrap();
        assert_eq!((size.selections, size.fields, size.aliases, size.depth, size.nesting), (11, 3, 4, 3, 4));
    }

    #[test]
    fn fragments_that_spread_the_next_one_twice_are_counted_at_once_and_never_overflow() {
        for (levels, selections) in [(22_usize, 3 * (1 << 22) - 1), (61, 3 * (1 << 61) - 1)] {
            let fragments = (0..levels)
                .map(|level| format!("fragment F{level} on Q {{ ...F{0} ...F{0} }}", level + 1))
                .collect::<Vec<_>>()
                .concat();
            let document = format!("{{ ...F0 }} {fragments} fragment F{levels} on Q {{ a }}");
            assert_eq!(measure(&document).unwrap().selections, selections);
        }
    }

    #[test]
    fn a_cycle_is_rejected_and_a_missing_fragment_is_not() {
        for document in
            ["{ ...F } fragment F on Q { ...F }", "{ a } fragment F on Q { a { ...G } } fragment G on Q { ...F ...F }"]
        {
            assert!(measure(document).unwrap_err().contains("contains itself"), "{document}");
        }
        assert_eq!(measure("{ ...F }").unwrap().selections, 1);
    }

    #[test]
    fn a_chain_of_fragments_nests_like_brackets() {
        let chain = |length: usize| {
            let fragments = (1..length)
                .map(|level| format!("fragment F{level} on Q {{ ...F{} }}", level + 1))
                .collect::<Vec<_>>()
                .concat();
            measure(&format!("{{ ...F1 }} {fragments} fragment F{length} on Q {{ a }}"))
        };
        assert_eq!(chain(63).unwrap().nesting, 64);
        assert!(chain(64).unwrap_err().contains("64"));
        assert!(chain(10_000).is_err());
        // The fragment is first measured where it is shallow, then spread where it is too deep.
        let nested = format!("{{ ...F {} ...F {} }} fragment F on Q {{ a {{ b }} }}", "a {".repeat(62), "}".repeat(62));
        assert!(measure(&nested).unwrap_err().contains("65"));
    }

    #[test]
    fn introspection_that_lists_within_lists_is_more_than_one_that_does_not() {
        let of = |document: &str| measure(document).unwrap().introspection;
        assert_eq!(of("{ fields { fields { name } } }"), 0);
        assert_eq!(of("{ __type(name: \"A\") { fields { name } } }"), 22);
        let nested = of("{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }");
        assert!(nested > 200 * 20 * 20 * 20, "{nested}");
    }
}
