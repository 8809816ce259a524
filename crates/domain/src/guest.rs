//! What a client says of a guest.

use crate::{
    CenterId, Email, Entry, ExternalId, Fingerprint, Name, Phone, Purpose,
    access::Reach,
    form::Reader,
    problems::{CenterInvalid, InputInvalid, InputProblem},
};

/// A guest as it came in, word for word.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "the schema describes the fields to clients")]
pub struct GuestForm {
    pub external_id: Entry<String>,
    pub given_name: Entry<String>,
    pub family_name: Entry<String>,
    pub email: Entry<String>,
    pub phone: Entry<String>,
    pub home_center: Entry<String>,
}

/// What is to be different about a guest; `None` stays as it is.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the schema describes the fields to clients")]
pub struct GuestChanges {
    pub external_id: Entry<ExternalId>,
    pub given_name: Option<Name>,
    pub family_name: Option<Name>,
    pub email: Entry<Email>,
    pub phone: Entry<Phone>,
    pub home_center: HomeCenter,
}

/// The center to which a guest is to go. One that is `None` was malformed and names nothing: it is refused when its
/// turn comes.
pub type HomeCenter = Entry<Option<CenterId>>;

/// All there is to say of a new guest.
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
    /// Reads the form, and names all that is wrong with it. A home center is looked up later.
    pub fn parse(&self, purpose: Purpose) -> Result<GuestChanges, InputInvalid> {
        let mut reader = Reader::new(purpose);
        let changes = GuestChanges {
            external_id: reader.nullable("externalId", &self.external_id, ExternalId::parse),
            given_name: reader.required("givenName", &self.given_name, Name::parse),
            family_name: reader.required("familyName", &self.family_name, Name::parse),
            email: reader.nullable("email", &self.email, Email::parse),
            phone: reader.nullable("phone", &self.phone, Phone::parse),
            home_center: self.home_center.clone().map(|id| id.parse().ok()),
        };
        reader.finish(changes)
    }

    /// Tells this form from another one under the same idempotency key.
    pub(crate) fn fingerprint(&self, operation: &'static str, of: &str) -> Fingerprint {
        let [external_id, given_name, family_name, email, phone, home_center] = self.fields();
        Fingerprint::of(operation, [&of, external_id, given_name, family_name, email, phone, home_center])
    }

    pub(crate) fn fields(&self) -> [&Entry<String>; 6] {
        [&self.external_id, &self.given_name, &self.family_name, &self.email, &self.phone, &self.home_center]
    }
}

impl GuestChanges {
    /// The new guest of whom these are all the details.
    pub fn complete(self) -> Result<GuestDetails, InputInvalid> {
        match (self.given_name, self.family_name) {
            (Some(given_name), Some(family_name)) => Ok(GuestDetails {
                external_id: self.external_id.over(None),
                given_name,
                family_name,
                email: self.email.over(None),
                phone: self.phone.over(None),
                home_center: self.home_center,
            }),
            (given, family) => {
                Err(InputProblem::missing([("givenName", given.is_none()), ("familyName", family.is_none())]))
            }
        }
    }
}

impl HomeCenter {
    /// The center has to be one that there is.
    pub fn ensure_known(&self, is_known: impl FnOnce(CenterId) -> bool) -> Result<(), CenterInvalid> {
        match self {
            Self::Keep | Self::Clear => Ok(()),
            Self::Set(center) => center.filter(|center| is_known(*center)).map(|_| ()).ok_or(CenterInvalid),
        }
    }

    /// Whoever acts at some centers keeps their guests at these.
    pub fn ensure_within(&self, reach: &Reach, purpose: Purpose) -> Result<(), CenterInvalid> {
        let is_within = match (self, purpose) {
            (Self::Set(center), _) => center.is_some_and(|center| reach.includes(center)),
            (Self::Keep, Purpose::Change) => true,
            (Self::Keep, Purpose::New) | (Self::Clear, _) => *reach == Reach::Everywhere,
        };
        if is_within { Ok(()) } else { Err(CenterInvalid) }
    }

    /// The center that has to be looked up.
    pub fn asked_for(&self) -> Option<CenterId> {
        match self {
            Self::Set(center) => *center,
            Self::Keep | Self::Clear => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(form: &GuestForm, purpose: Purpose) -> Vec<String> {
        form.parse(purpose).unwrap_err().fields.into_iter().map(|problem| problem.field).collect()
    }

    #[test]
    fn all_that_is_wrong_is_named_at_once() {
        let form = GuestForm {
            external_id: Entry::Set(String::new()),
            given_name: Entry::Set(" ".to_owned()),
            family_name: Entry::Clear,
            email: Entry::Set("nobody".to_owned()),
            phone: Entry::Set("none".to_owned()),
            home_center: Entry::Set("nowhere".to_owned()),
        };
        let fields = ["externalId", "givenName", "familyName", "email", "phone"];
        assert_eq!(wrong(&form, Purpose::New), fields);
        assert_eq!(wrong(&form, Purpose::Change), fields);
    }

    #[test]
    fn a_new_guest_needs_names_and_a_known_one_does_not() {
        let form = GuestForm { email: Entry::Set("@".to_owned()), ..GuestForm::default() };
        assert_eq!(wrong(&form, Purpose::New), ["givenName", "familyName", "email"]);
        let changes = GuestForm::default().parse(Purpose::Change).unwrap();
        let missing = changes.complete().unwrap_err().fields;
        assert_eq!(
            missing.iter().map(|problem| problem.field.as_str()).collect::<Vec<_>>(),
            ["givenName", "familyName"]
        );
    }

    #[test]
    fn a_home_center_is_one_that_there_is() {
        let form = GuestForm { home_center: Entry::Set("nowhere".to_owned()), ..GuestForm::default() };
        let changes = form.parse(Purpose::Change).unwrap();
        assert!(changes.home_center.ensure_known(|_| true).is_err(), "it names nothing");
        let center = CenterId::from_uuid(uuid::Uuid::from_u128(1));
        assert!(HomeCenter::Set(Some(center)).ensure_known(|_| false).is_err());
        assert!(HomeCenter::Set(Some(center)).ensure_known(|known| known == center).is_ok());
        assert!(HomeCenter::Clear.ensure_known(|_| false).is_ok());
    }
}
