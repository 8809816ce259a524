use crate::{
    CenterId, Email, ExternalId, FingerprintInputs, InputValidator, Name, Patch, Phone, WriteMode,
    access::Reach,
    problems::{CenterInvalid, InputInvalid},
};

/// The input for a guest, not yet validated.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "the schema describes the fields to clients")]
pub struct GuestForm {
    pub external_id: Patch<String>,
    pub given_name: Patch<String>,
    pub family_name: Patch<String>,
    pub email: Patch<String>,
    pub phone: Patch<String>,
    pub home_center: Patch<String>,
}

/// The validated changes of a guest; `None` keeps the value.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the schema describes the fields to clients")]
pub struct GuestChanges {
    pub external_id: Patch<ExternalId>,
    pub given_name: Option<Name>,
    pub family_name: Option<Name>,
    pub email: Patch<Email>,
    pub phone: Patch<Phone>,
    pub home_center: HomeCenter,
}

/// A change of a guest's home center. `Set(None)` is a malformed id, which is refused after the other checks.
pub type HomeCenter = Patch<Option<CenterId>>;

/// The data of a new guest.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the schema describes the fields to clients")]
pub struct GuestDetails {
    pub external_id: Option<ExternalId>,
    pub given_name: Name,
    pub family_name: Name,
    pub email: Option<Email>,
    pub phone: Option<Phone>,
    pub home_center: HomeCenter,
}

impl GuestForm {
    /// Validates the form; the error lists every invalid field. The home center is checked later, against the database.
    pub fn parse(&self, mode: WriteMode) -> Result<GuestChanges, InputInvalid> {
        let mut validator = InputValidator::default();
        let changes = GuestChanges {
            external_id: validator.nullable("externalId", &self.external_id, |text| ExternalId::parse_for(mode, text)),
            given_name: validator.not_null(mode, "givenName", &self.given_name, Name::parse),
            family_name: validator.not_null(mode, "familyName", &self.family_name, Name::parse),
            email: validator.nullable("email", &self.email, Email::parse),
            phone: validator.nullable("phone", &self.phone, Phone::parse),
            home_center: self.home_center.clone().map(|id| id.parse().ok()),
        };
        validator.finish(changes)
    }

    pub(crate) fn fingerprint_inputs(&self) -> FingerprintInputs {
        let Self { external_id, given_name, family_name, email, phone, home_center } = self;
        FingerprintInputs::default()
            .field("externalId", external_id)
            .field("givenName", given_name)
            .field("familyName", family_name)
            .field("email", email)
            .field("phone", phone)
            .field("homeCenterId", home_center)
    }
}

impl GuestChanges {
    /// The data of a new guest, if no required field is missing.
    pub fn complete(self) -> Result<GuestDetails, InputInvalid> {
        let mut validator = InputValidator::default();
        let given_name = validator.required("givenName", self.given_name);
        let family_name = validator.required("familyName", self.family_name);
        let external_id = self.external_id.apply_to(None);
        // An import accepts the id of a known guest as it is.
        if let Some(Err(unclean)) = external_id.as_ref().map(ExternalId::ensure_clean) {
            validator.reject("externalId", unclean);
        }
        match given_name.zip(family_name) {
            Some((given_name, family_name)) => validator.finish(GuestDetails {
                external_id,
                given_name,
                family_name,
                email: self.email.apply_to(None),
                phone: self.phone.apply_to(None),
                home_center: self.home_center,
            }),
            None => Err(validator.into_invalid()),
        }
    }
}

impl HomeCenter {
    /// Ensures that the requested center exists.
    pub fn ensure_exists(&self, exists: impl FnOnce(CenterId) -> bool) -> Result<(), CenterInvalid> {
        match self {
            Self::Keep | Self::Clear => Ok(()),
            Self::Set(center) => center.filter(|center| exists(*center)).map(|_| ()).ok_or(CenterInvalid),
        }
    }

    /// Ensures that the home center is within reach: a caller who acts at some centers cannot move guests elsewhere.
    pub fn ensure_within(&self, reach: &Reach, mode: WriteMode) -> Result<(), CenterInvalid> {
        let is_within = match (self, mode) {
            (Self::Set(center), _) => center.is_some_and(|center| reach.includes(center)),
            (Self::Keep, WriteMode::Update) => true,
            (Self::Keep, WriteMode::Create) | (Self::Clear, _) => *reach == Reach::Everywhere,
        };
        if is_within { Ok(()) } else { Err(CenterInvalid) }
    }

    /// The requested center, if its id is well-formed.
    pub fn requested(&self) -> Option<CenterId> {
        self.value().copied().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invalid_fields(form: &GuestForm, mode: WriteMode) -> Vec<String> {
        form.parse(mode).unwrap_err().fields.into_iter().map(|problem| problem.field).collect()
    }

    #[test]
    fn every_invalid_field_is_listed() {
        let form = GuestForm {
            external_id: Patch::Set(String::new()),
            given_name: Patch::Set(" ".to_owned()),
            family_name: Patch::Clear,
            email: Patch::Set("nobody".to_owned()),
            phone: Patch::Set("none".to_owned()),
            home_center: Patch::Set("nowhere".to_owned()),
        };
        let fields = ["externalId", "givenName", "familyName", "email", "phone"];
        assert_eq!(invalid_fields(&form, WriteMode::Create), fields);
        assert_eq!(invalid_fields(&form, WriteMode::Update), fields);
    }

    #[test]
    fn a_new_guest_needs_names_and_an_update_does_not() {
        let form = GuestForm { email: Patch::Set("@".to_owned()), ..GuestForm::default() };
        assert_eq!(invalid_fields(&form, WriteMode::Create), ["givenName", "familyName", "email"]);
        let changes = GuestForm::default().parse(WriteMode::Update).unwrap();
        let missing = changes.complete().unwrap_err().fields;
        assert_eq!(
            missing.iter().map(|problem| problem.field.as_str()).collect::<Vec<_>>(),
            ["givenName", "familyName"]
        );
    }

    #[test]
    fn a_home_center_exists() {
        let form = GuestForm { home_center: Patch::Set("nowhere".to_owned()), ..GuestForm::default() };
        let changes = form.parse(WriteMode::Update).unwrap();
        assert!(changes.home_center.ensure_exists(|_| true).is_err(), "the id is malformed");
        let center = CenterId::from_uuid(uuid::Uuid::from_u128(1));
        assert!(HomeCenter::Set(Some(center)).ensure_exists(|_| false).is_err());
        assert!(HomeCenter::Set(Some(center)).ensure_exists(|id| id == center).is_ok());
        assert!(HomeCenter::Clear.ensure_exists(|_| false).is_ok());
    }
}
