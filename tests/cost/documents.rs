//! Writes operations for the whole schema.

use std::{
    collections::{BTreeMap, VecDeque},
    fmt::Write,
};

use async_graphql::parser::{
    parse_schema,
    types::{BaseType, FieldDefinition, TypeKind, TypeSystemDefinition},
};
use serde_json::Value;

use crate::dataset::Dataset;

/// The largest number of aliases in an operation.
const ALIASES: usize = 40;
/// The largest depth of an operation.
const DEPTH: usize = 15;
/// The most fields of a cycle through the schema.
const MAX_CYCLE: usize = 5;

/// The types of the schema, and the arguments of their fields.
pub(crate) struct Documents<'a> {
    types: BTreeMap<String, TypeKind>,
    data: &'a Dataset,
}

/// The fields that lead from the root to a type.
type Path = Vec<String>;

/// The size of the pages on a path.
#[derive(Clone, Copy, Debug)]
enum Pages {
    One,
    Hundred,
}

impl<'a> Documents<'a> {
    pub(crate) fn of_schema(data: &'a Dataset) -> Self {
        let document = parse_schema(api::sdl()).unwrap();
        let types = document.definitions.into_iter().filter_map(|definition| match definition {
            TypeSystemDefinition::Type(of) => Some((of.node.name.node.to_string(), of.node.kind)),
            _ => None,
        });
        Self { types: types.collect(), data }
    }

    /// All operations, each once.
    pub(crate) fn all(&self) -> Vec<String> {
        let mut documents = self.constant();
        for pages in [Pages::One, Pages::Hundred] {
            let paths = self.paths(pages);
            for (object, path) in &paths {
                documents.push(written(path, &self.leaves(object)));
                for field in self.fields(object) {
                    documents.extend(self.of_field(path, field, pages));
                }
                documents.extend(self.cycles(object, path, pages));
            }
        }
        documents.sort_unstable();
        documents.dedup();
        documents
    }

    /// An operation for each type that occurs in lists, with many objects of the type. No object is merged or repeated.
    pub(crate) fn lists(&self) -> Vec<(String, String)> {
        let paths = self.paths(Pages::Hundred);
        let is_listed = |(_, path): &(&String, &Path)| path.iter().any(|step| step.contains("first: 100"));
        let listed = paths.iter().filter(is_listed);
        listed.map(|(object, path)| (object.clone(), written(path, &self.leaves(object)))).collect()
    }

    /// Operations whose result depends on no row, and lookups of ids that do not exist.
    fn constant(&self) -> Vec<String> {
        let unknown = Value::from(vec!["wks_01kdvdna00e00800000c0zzzzz"; 100]);
        let representations = "{ __typename: \"Workshop\", id: \"wks_01kdvdna00e00800000c0zzzzz\" } ".repeat(150);
        let mut documents = vec![
            "{ _service { sdl } }".to_owned(),
            format!("{{ nodes(ids: {unknown}) {{ id }} }}"),
            format!("{{ _entities(representations: [{representations}]) {{ ... on Workshop {{ id }} }} }}"),
        ];
        let leaves = "name description";
        let reference = "type { kind name ofType { name } }";
        for inner in [
            format!("types {{ {leaves} }}"),
            format!("types {{ fields {{ {leaves} }} }}"),
            format!("types {{ fields {{ {reference} args {{ {leaves} {reference} }} }} }}"),
            format!("types {{ inputFields {{ {leaves} defaultValue }} enumValues {{ {leaves} }} }}"),
            format!("types {{ interfaces {{ {leaves} }} possibleTypes {{ {leaves} }} }}"),
            "types { fields { type { fields { name } } } }".to_owned(),
            format!("directives {{ {leaves} args {{ {leaves} }} }}"),
            format!("queryType {{ fields {{ {leaves} }} }}"),
        ] {
            documents.push(format!("{{ __schema {{ {inner} }} }}"));
            let aliases = (0..20).map(|number| format!("a{number}: {inner} ")).collect::<Vec<_>>().concat();
            documents.push(format!("{{ __schema {{ {aliases} }} }}"));
        }
        for object in self.types.keys() {
            documents.push(format!("{{ __type(name: \"{object}\") {{ {leaves} fields {{ {leaves} }} }} }}"));
        }
        documents
    }

    /// A field, all that it has, and the field under many names.
    fn of_field(&self, path: &Path, field: &FieldDefinition, pages: Pages) -> Vec<String> {
        let call = self.call(field, pages);
        let inner = base(&field.ty.node.base);
        let selections = if self.is_leaf(inner) {
            vec![call]
        } else {
            let all = self.leaves(inner);
            vec![format!("{call} {{ __typename }}"), format!("{call} {{ {all} }}")]
        };
        let mut documents: Vec<_> = selections.iter().map(|selection| written(path, selection)).collect();
        for selection in &selections {
            let roots = if path.is_empty() { 20 } else { ALIASES };
            let aliases = (0..roots).map(|number| format!("a{number}: {selection} ")).collect::<Vec<_>>().concat();
            documents.push(written(path, &aliases));
        }
        documents
    }

    /// Each cycle from a type to itself, as often as the depth allows, and once less and so on.
    fn cycles(&self, object: &str, path: &Path, pages: Pages) -> Vec<String> {
        let mut documents = Vec::new();
        let mut open = vec![(object.to_owned(), Vec::new())];
        while let Some((at, steps)) = open.pop() {
            if at == object && !steps.is_empty() {
                let rounds = (DEPTH - 1).saturating_sub(path.len()) / steps.len();
                for rounds in 1..=rounds {
                    let full: Path = path.iter().chain((0..rounds).flat_map(|_| &steps)).cloned().collect();
                    documents.push(written(&full, "__typename"));
                }
                continue;
            }
            if steps.len() < MAX_CYCLE {
                for field in self.fields(&at) {
                    let next = base(&field.ty.node.base);
                    let call = self.call(field, pages);
                    if !self.is_leaf(next) && !steps.contains(&call) {
                        open.push((next.to_owned(), steps.iter().cloned().chain([call]).collect()));
                    }
                }
            }
        }
        documents
    }

    /// The shortest path from the root to each type.
    fn paths(&self, pages: Pages) -> BTreeMap<String, Path> {
        let mut paths = BTreeMap::from([("Query".to_owned(), Path::new())]);
        let mut open = VecDeque::from(["Query".to_owned()]);
        while let Some(at) = open.pop_front() {
            let path = paths[&at].clone();
            let mut fields = self.fields(&at);
            // Through a list, if there is one.
            fields.sort_by_key(|field| matches!(pages, Pages::Hundred) && !is_page(field));
            for field in fields {
                let next = base(&field.ty.node.base).to_owned();
                if !self.is_leaf(&next) && !paths.contains_key(&next) {
                    let longer = path.iter().cloned().chain([self.call(field, pages)]).collect();
                    paths.insert(next.clone(), longer);
                    open.push_back(next);
                }
            }
        }
        paths
    }

    /// A field with its arguments.
    fn call(&self, field: &FieldDefinition, pages: Pages) -> String {
        let name = field.name.node.as_str();
        if is_page(field) {
            return format!("{name}(first: {})", if matches!(pages, Pages::One) { 1 } else { 100 });
        }
        let is_required = field.arguments.iter().any(|argument| {
            let argument = &argument.node;
            !argument.ty.node.nullable && argument.default_value.is_none()
        });
        if is_required { format!("{name}{}", self.data.required(name)) } else { name.to_owned() }
    }

    fn fields(&self, object: &str) -> Vec<&FieldDefinition> {
        let fields = match self.types.get(object) {
            Some(TypeKind::Object(object)) => &object.fields,
            Some(TypeKind::Interface(interface)) => &interface.fields,
            _ => return Vec::new(),
        };
        fields.iter().map(|field| &field.node).collect()
    }

    /// All leaves of a type that need no argument.
    fn leaves(&self, object: &str) -> String {
        let mut leaves = "__typename".to_owned();
        for field in self.fields(object) {
            if self.is_leaf(base(&field.ty.node.base)) {
                write!(leaves, " {}", field.name.node).unwrap();
            }
        }
        leaves
    }

    fn is_leaf(&self, name: &str) -> bool {
        !matches!(self.types.get(name), Some(TypeKind::Object(_) | TypeKind::Interface(_) | TypeKind::Union(_)))
    }
}

fn is_page(field: &FieldDefinition) -> bool {
    field.arguments.iter().any(|argument| argument.node.name.node == "first")
}

/// An operation with a selection at the end of a path.
fn written(path: &Path, selection: &str) -> String {
    let open = path.iter().map(|step| format!("{step} {{ ")).collect::<Vec<_>>().concat();
    let close = "} ".repeat(path.len());
    format!("{{ {open}{selection} {close}}}")
}

fn base(of: &BaseType) -> &str {
    match of {
        BaseType::Named(name) => name,
        BaseType::List(inner) => base(&inner.base),
    }
}
