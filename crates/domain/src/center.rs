use crate::{ExternalId, FingerprintInputs, InputValidator, Name, Patch, TimeZone, WriteMode, problems::InputInvalid};

/// The input for a center, not yet validated.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "the schema describes the fields to clients")]
pub struct CenterForm {
    pub external_id: Patch<String>,
    pub name: Patch<String>,
    pub time_zone: Patch<String>,
}

/// The validated changes of a center; `None` keeps the value.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the schema describes the fields to clients")]
pub struct CenterChanges {
    pub external_id: Patch<ExternalId>,
    pub name: Option<Name>,
    pub time_zone: Option<TimeZone>,
}

/// The data of a new center.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the schema describes the fields to clients")]
pub struct CenterDetails {
    pub external_id: Option<ExternalId>,
    pub name: Name,
    pub time_zone: TimeZone,
}

impl CenterForm {
    /// Validates the form; the error lists every invalid field.
    pub fn parse(&self, mode: WriteMode) -> Result<CenterChanges, InputInvalid> {
        let mut validator = InputValidator::default();
        let changes = CenterChanges {
            external_id: validator.nullable("externalId", &self.external_id, |text| ExternalId::parse_for(mode, text)),
            name: validator.not_null(mode, "name", &self.name, Name::parse),
            time_zone: validator.not_null(mode, "timeZone", &self.time_zone, TimeZone::parse),
        };
        validator.finish(changes)
    }

    pub(crate) fn fingerprint_inputs(&self) -> FingerprintInputs {
        let Self { external_id, name, time_zone } = self;
        FingerprintInputs::default().field("externalId", external_id).field("name", name).field("timeZone", time_zone)
    }
}

impl CenterChanges {
    /// The data of a new center, if no required field is missing.
    pub fn complete(self) -> Result<CenterDetails, InputInvalid> {
        let mut validator = InputValidator::default();
        let name = validator.required("name", self.name);
        let time_zone = validator.required("timeZone", self.time_zone);
        match name.zip(time_zone) {
            Some((name, time_zone)) => {
                Ok(CenterDetails { external_id: self.external_id.apply_to(None), name, time_zone })
            }
            None => Err(validator.into_invalid()),
        }
    }
}
