//! How far a document reaches once its fragments are unfolded. It is added up and nothing is unfolded: a fragment is
//! looked at once however often it is spread.

use std::collections::HashMap;

use async_graphql::{
    Positioned, ServerError,
    parser::types::{ExecutableDocument, Field, Selection, SelectionSet},
};

use super::DocumentLimits;
use crate::graphql::Code;

/// What some selections come to.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Extent {
    pub(super) selections: usize,
    /// Fields on the uppermost level.
    pub(super) fields: usize,
    pub(super) aliases: usize,
    /// Levels of fields.
    pub(super) depth: usize,
    /// Levels of selections of any kind.
    nesting: usize,
    /// Values that would be listed if this were about the schema.
    described: usize,
    /// Those that are.
    pub(super) introspection: usize,
}

/// The extent of a document. Selections and values of the schema are those of all operations, for all of them are
/// validated, and of the fragments that nobody spreads; the others those of the operation that has most.
pub(super) fn extent(document: &ExecutableDocument, limits: &DocumentLimits) -> Result<Extent, ServerError> {
    let mut survey = Survey { document, limits, of_fragments: HashMap::new(), level: 0 };
    let mut whole = Extent::default();
    for (_, operation) in document.operations.iter() {
        let one = survey.set(&operation.node.selection_set)?;
        whole = Extent {
            selections: whole.selections.saturating_add(one.selections),
            introspection: whole.introspection.saturating_add(one.introspection),
            fields: whole.fields.max(one.fields),
            aliases: whole.aliases.max(one.aliases),
            depth: whole.depth.max(one.depth),
            ..one
        };
    }
    for name in document.fragments.keys() {
        let spread = survey.of_fragments.contains_key(name.as_str());
        let one = survey.fragment(name.as_str())?;
        if !spread {
            whole.selections = whole.selections.saturating_add(one.selections);
        }
    }
    Ok(whole)
}

struct Survey<'a> {
    document: &'a ExecutableDocument,
    limits: &'a DocumentLimits,
    /// `None`: it is being looked at.
    of_fragments: HashMap<&'a str, Option<Extent>>,
    level: usize,
}

impl<'a> Survey<'a> {
    fn set(&mut self, set: &'a Positioned<SelectionSet>) -> Result<Extent, ServerError> {
        self.level += 1;
        // Asked on the way down as well: this recurses, too.
        self.limits.nesting(self.level)?;
        let mut sum = Extent::default();
        for selection in &set.node.items {
            sum.add(self.selection(&selection.node)?);
        }
        sum.nesting += 1;
        self.limits.nesting(sum.nesting.saturating_add(self.level - 1))?;
        self.level -= 1;
        Ok(sum)
    }

    fn selection(&mut self, selection: &'a Selection) -> Result<Extent, ServerError> {
        let mut extent = match selection {
            Selection::Field(field) => {
                let set = &field.node.selection_set;
                let inner = if set.node.items.is_empty() { Extent::default() } else { self.set(set)? };
                of_field(&field.node, inner)
            }
            Selection::InlineFragment(fragment) => self.set(&fragment.node.selection_set)?,
            Selection::FragmentSpread(spread) => self.fragment(spread.node.fragment_name.node.as_str())?,
        };
        extent.selections = extent.selections.saturating_add(1);
        Ok(extent)
    }

    /// A fragment that is not there is left to validation.
    fn fragment(&mut self, name: &str) -> Result<Extent, ServerError> {
        let Some((name, fragment)) = self.document.fragments.get_key_value(name) else {
            return Ok(Extent::default());
        };
        match self.of_fragments.get(name.as_str()) {
            Some(Some(extent)) => {
                self.limits.nesting(self.level.saturating_add(extent.nesting))?;
                return Ok(*extent);
            }
            Some(None) => {
                let mut error =
                    Code::GraphqlValidationFailed.error(format!("The fragment \"{name}\" is spread within itself."));
                error.locations.push(fragment.pos);
                return Err(error);
            }
            None => {}
        }
        self.of_fragments.insert(name.as_str(), None);
        let extent = self.set(&fragment.node.selection_set)?;
        self.of_fragments.insert(name.as_str(), Some(extent));
        Ok(extent)
    }
}

impl Extent {
    fn add(&mut self, other: Self) {
        self.selections = self.selections.saturating_add(other.selections);
        self.fields = self.fields.saturating_add(other.fields);
        self.aliases = self.aliases.saturating_add(other.aliases);
        self.depth = self.depth.max(other.depth);
        self.nesting = self.nesting.max(other.nesting);
        self.described = self.described.saturating_add(other.described);
        self.introspection = self.introspection.saturating_add(other.introspection);
    }
}

fn of_field(field: &Field, inner: Extent) -> Extent {
    let described = inner.described.saturating_mul(length(&field.name.node)).saturating_add(1);
    let is_about_the_schema = matches!(field.name.node.as_str(), "__schema" | "__type");
    Extent {
        fields: 1,
        aliases: inner.aliases.saturating_add(usize::from(field.alias.is_some())),
        depth: inner.depth + 1,
        described,
        introspection: if is_about_the_schema { described } else { inner.introspection },
        ..inner
    }
}

/// How long a list of introspection is in a schema like this one, rather more than less, and one for what is no list.
fn length(field: &str) -> usize {
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

    fn of(document: &str) -> Result<Extent, String> {
        extent(&parse_query(document).unwrap(), &WIDE).map_err(|error| error.message)
    }

    #[test]
    fn a_fragment_counts_as_often_as_it_is_spread() {
        let extent = of("{ ...F b { ...F } } fragment F on Q { x: a { y: c } ... { d } }").unwrap();
        assert_eq!((extent.selections, extent.fields, extent.aliases, extent.depth, extent.nesting), (11, 3, 4, 3, 4));
    }

    #[test]
    fn fragments_that_spread_the_next_one_twice_are_counted_at_once_and_never_overflow() {
        for (levels, selections) in [(22_usize, 3 * (1 << 22) - 1), (61, 3 * (1 << 61) - 1)] {
            let fragments = (0..levels)
                .map(|level| format!("fragment F{level} on Q {{ ...F{0} ...F{0} }}", level + 1))
                .collect::<Vec<_>>()
                .concat();
            let document = format!("{{ ...F0 }} {fragments} fragment F{levels} on Q {{ a }}");
            assert_eq!(of(&document).unwrap().selections, selections);
        }
    }

    #[test]
    fn a_cycle_is_told_and_a_missing_fragment_is_not() {
        for document in
            ["{ ...F } fragment F on Q { ...F }", "{ a } fragment F on Q { a { ...G } } fragment G on Q { ...F ...F }"]
        {
            assert!(of(document).unwrap_err().contains("within itself"), "{document}");
        }
        assert_eq!(of("{ ...F }").unwrap().selections, 1);
    }

    #[test]
    fn a_chain_of_fragments_nests_like_brackets() {
        let chain = |length: usize| {
            let fragments = (1..length)
                .map(|level| format!("fragment F{level} on Q {{ ...F{} }}", level + 1))
                .collect::<Vec<_>>()
                .concat();
            of(&format!("{{ ...F1 }} {fragments} fragment F{length} on Q {{ a }}"))
        };
        assert_eq!(chain(63).unwrap().nesting, 64);
        assert!(chain(64).unwrap_err().contains("64"));
        assert!(chain(10_000).is_err());
        // Looked at for itself first, and only then where it is too deep.
        let nested = format!("{{ ...F {} ...F {} }} fragment F on Q {{ a {{ b }} }}", "a {".repeat(62), "}".repeat(62));
        assert!(of(&nested).unwrap_err().contains("65"));
    }

    #[test]
    fn introspection_that_lists_within_lists_is_more_than_one_that_does_not() {
        let of = |document: &str| of(document).unwrap().introspection;
        assert_eq!(of("{ fields { fields { name } } }"), 0);
        assert_eq!(of("{ __type(name: \"A\") { fields { name } } }"), 22);
        let nested = of("{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }");
        assert!(nested > 200 * 20 * 20 * 20, "{nested}");
    }
}
