//! What a client says of a center.

use crate::{
    Entry, ExternalId, Fingerprint, Name, Purpose, TimeZone,
    form::Reader,
    problems::{InputInvalid, InputProblem},
};

/// A center as it came in, word for word.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "the schema describes the fields to clients")]
pub struct CenterForm {
    pub external_id: Entry<String>,
    pub name: Entry<String>,
    pub time_zone: Entry<String>,
}

/// What is to be different about a center; `None` stays as it is.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the schema describes the fields to clients")]
pub struct CenterChanges {
    pub external_id: Entry<ExternalId>,
    pub name: Option<Name>,
    pub time_zone: Option<TimeZone>,
}

/// All there is to say of a new center.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the schema describes the fields to clients")]
pub struct CenterDetails {
    pub external_id: Option<ExternalId>,
    pub name: Name,
    pub time_zone: TimeZone,
}

impl CenterForm {
    /// Reads the form, and names all that is wrong with it.
    pub fn parse(&self, purpose: Purpose) -> Result<CenterChanges, InputInvalid> {
        let mut reader = Reader::new(purpose);
        let changes = CenterChanges {
            external_id: reader.nullable("externalId", &self.external_id, ExternalId::parse),
            name: reader.required("name", &self.name, Name::parse),
            time_zone: reader.required("timeZone", &self.time_zone, TimeZone::parse),
        };
        reader.finish(changes)
    }

    /// Tells this form from another one under the same idempotency key.
    pub(crate) fn fingerprint(&self, operation: &'static str, of: &str) -> Fingerprint {
        Fingerprint::of(operation, [&of, &self.external_id, &self.name, &self.time_zone])
    }
}

impl CenterChanges {
    /// The new center of which these are all the details.
    pub fn complete(self) -> Result<CenterDetails, InputInvalid> {
        match (self.name, self.time_zone) {
            (Some(name), Some(time_zone)) => {
                Ok(CenterDetails { external_id: self.external_id.over(None), name, time_zone })
            }
            (name, time_zone) => {
                Err(InputProblem::missing([("name", name.is_none()), ("timeZone", time_zone.is_none())]))
            }
        }
    }
}
