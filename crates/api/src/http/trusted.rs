use std::{collections::HashMap, fmt, str::FromStr, sync::Arc};

use async_graphql::parser::parse_query;
use serde_json::{Map, Value};

use super::{json, persisted_documents::DocumentId};
use crate::DocumentLimits;

/// The documents that an operator trusts, as a client's build lists them.
#[derive(Clone)]
pub struct TrustedDocuments(Arc<HashMap<DocumentId, Arc<str>>>);

/// Why a text is no list of trusted documents.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum TrustedDocumentsInvalid {
    /// It is neither of the two kinds of list.
    Format,
    /// This entry has a name that cannot be asked for.
    Id(String),
    /// This entry is a hash, and of another document than its own.
    Hash(String),
    /// The document of this entry is not GraphQL, or nests too deep.
    Document(String),
}

/// The `format` of Apollo's kind of list.
const APOLLO: &str = "apollo-persisted-query-manifest";

impl fmt::Display for TrustedDocumentsInvalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Format => write!(
                f,
                "a JSON object of documents by their SHA-256 is looked for, or a manifest of the format {APOLLO}, version 1"
            ),
            Self::Id(id) => write!(
                f,
                "the entry {id} is neither a SHA-256 in lower-case hexadecimal digits nor a plain name; other hashes are \
                 not taken (graphql-codegen: `hashAlgorithm: 'sha256'`, Relay: `algorithm: \"SHA256\"`)"
            ),
            Self::Hash(id) => write!(f, "the entry {id} is not the SHA-256 of its document"),
            Self::Document(id) => write!(f, "the document of the entry {id} cannot be read"),
        }
    }
}

impl std::error::Error for TrustedDocumentsInvalid {}

impl fmt::Debug for TrustedDocuments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TrustedDocuments({})", self.0.len())
    }
}

impl FromStr for TrustedDocuments {
    type Err = TrustedDocumentsInvalid;

    fn from_str(text: &str) -> Result<Self, TrustedDocumentsInvalid> {
        let Ok(Value::Object(list)) = json::read(text.as_bytes()) else {
            return Err(TrustedDocumentsInvalid::Format);
        };
        // What would use up the parser's stack; how long a document may be is asked when it is to run.
        let shallow = DocumentLimits { bytes: usize::MAX, tokens: usize::MAX, ..DocumentLimits::default() };
        let mut trusted = HashMap::new();
        for (name, document) in if list.contains_key("format") { operations(&list)? } else { documents(&list)? } {
            let id = name.strip_prefix("sha256:").unwrap_or(name);
            let (id, own) = (DocumentId::parse(id), DocumentId::of_text(document));
            let id = id.ok_or_else(|| TrustedDocumentsInvalid::Id(name.to_owned()))?;
            if id.is_hash() && id != own {
                return Err(TrustedDocumentsInvalid::Hash(name.to_owned()));
            }
            if shallow.ensure_short(document).is_err() || parse_query(document).is_err() {
                return Err(TrustedDocumentsInvalid::Document(name.to_owned()));
            }
            let document: Arc<str> = document.into();
            trusted.insert(id, document.clone());
            trusted.insert(own, document);
        }
        Ok(Self(Arc::new(trusted)))
    }
}

/// The names and texts of a plain list. A name that is not a hash could be anybody's idea of one.
fn documents(list: &Map<String, Value>) -> Result<Vec<(&str, &str)>, TrustedDocumentsInvalid> {
    let entries = list.iter().map(|(name, document)| {
        let document = document.as_str().ok_or(TrustedDocumentsInvalid::Format)?;
        match DocumentId::parse(name.strip_prefix("sha256:").unwrap_or(name)) {
            Some(id) if id.is_hash() => Ok((name.as_str(), document)),
            _ => Err(TrustedDocumentsInvalid::Id(name.clone())),
        }
    });
    entries.collect()
}

/// The names and texts of Apollo's kind of list, whose names need not be hashes.
fn operations(list: &Map<String, Value>) -> Result<Vec<(&str, &str)>, TrustedDocumentsInvalid> {
    let is_known = list["format"] == APOLLO && list.get("version").and_then(Value::as_u64) == Some(1);
    let operations = list.get("operations").and_then(Value::as_array).filter(|_| is_known);
    let entries = operations.ok_or(TrustedDocumentsInvalid::Format)?.iter().map(|operation| {
        let text = |name: &str| operation.get(name)?.as_str();
        text("id").zip(text("body")).ok_or(TrustedDocumentsInvalid::Format)
    });
    entries.collect()
}

impl TrustedDocuments {
    pub(super) fn get(&self, id: &DocumentId) -> Option<Arc<str>> {
        self.0.get(id).cloned()
    }

    pub(super) fn has_text(&self, document: &str) -> bool {
        self.0.contains_key(&DocumentId::of_text(document))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const DOCUMENT: &str = "query A { __typename }";
    const HASH: &str = "aed34f3aa3d67f4038584ed674dc16bc23504d6d65653dc605dd306aeb1fd56d";

    fn read(list: &Value) -> Result<TrustedDocuments, TrustedDocumentsInvalid> {
        list.to_string().parse()
    }

    fn apollo(id: &str, version: u32) -> Value {
        let operation = json!({ "id": id, "name": "A", "type": "query", "body": DOCUMENT });
        json!({ "format": APOLLO, "version": version, "operations": [operation] })
    }

    #[test]
    fn both_kinds_of_list_are_read() {
        for list in [json!({ HASH: DOCUMENT }), json!({ format!("sha256:{HASH}"): DOCUMENT }), apollo(HASH, 1)] {
            let trusted = read(&list).unwrap();
            assert!(trusted.has_text(DOCUMENT) && !trusted.has_text("query A {__typename}"));
            assert_eq!(trusted.get(&DocumentId::of_text(DOCUMENT)).as_deref(), Some(DOCUMENT));
        }
        let named = read(&apollo("TheName", 1)).unwrap();
        assert_eq!(named.get(&DocumentId::parse("TheName").unwrap()).as_deref(), Some(DOCUMENT));
        assert!(named.has_text(DOCUMENT));
    }

    #[test]
    fn what_cannot_be_trusted_is_named() {
        let other = HASH.replace(|digit: char| digit.is_ascii_digit(), "0");
        for (list, why) in [
            (json!([]), TrustedDocumentsInvalid::Format),
            (json!({ HASH: 1 }), TrustedDocumentsInvalid::Format),
            (apollo(HASH, 2), TrustedDocumentsInvalid::Format),
            (json!({ "format": "mine" }), TrustedDocumentsInvalid::Format),
            (json!({ &other: DOCUMENT }), TrustedDocumentsInvalid::Hash(other.clone())),
            (apollo(&other, 1), TrustedDocumentsInvalid::Hash(other.clone())),
            (
                json!({ "d41d8cd98f00b204e9800998ecf8427e": DOCUMENT }),
                TrustedDocumentsInvalid::Id("d41d8cd98f00b204e9800998ecf8427e".to_owned()),
            ),
            (apollo("a b", 1), TrustedDocumentsInvalid::Id("a b".to_owned())),
            (
                json!({ "021fb596db81e6d02bf3d2586ee3981fe519f275c0ac9ca76bbcf2ebb4097d96": "{" }),
                TrustedDocumentsInvalid::Document(
                    "021fb596db81e6d02bf3d2586ee3981fe519f275c0ac9ca76bbcf2ebb4097d96".to_owned(),
                ),
            ),
        ] {
            assert_eq!(read(&list).err(), Some(why), "{list}");
        }
        let twice = format!("{{ \"{HASH}\": \"{DOCUMENT}\", \"{HASH}\": \"{DOCUMENT}\" }}");
        assert_eq!(twice.parse::<TrustedDocuments>().err(), Some(TrustedDocumentsInvalid::Format));
    }
}
