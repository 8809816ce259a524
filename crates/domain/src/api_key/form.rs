use std::collections::BTreeSet;

use crate::{
    CenterId, InputValidator, Timestamp,
    access::{Grant, GrantInvalid, Role, Scope},
    problems::InputInvalid,
    text::single_line,
};

/// The name of a key: 1 to 100 characters after trimming, no control characters.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ApiKeyName(String);

/// The input for a new key, not yet validated.
#[derive(Clone, Debug)]
pub struct ApiKeyForm {
    /// The name.
    pub name: String,
    /// The rights of the key.
    pub grant: GrantForm,
    /// The expiry; `None` is never.
    pub expires_at: Option<Timestamp>,
}

/// The input for the rights of a key, not yet validated.
#[derive(Clone, Debug)]
pub struct GrantForm {
    /// The role.
    pub role: Role,
    /// The scopes.
    pub scopes: BTreeSet<Scope>,
    /// The ids of the centers; `None` is all.
    pub centers: Option<Vec<String>>,
}

impl ApiKeyName {
    /// Validates a name.
    pub fn parse(text: &str) -> Option<Self> {
        single_line(text, 100).map(Self)
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl ApiKeyForm {
    /// Validates the form; the error lists every invalid field.
    pub fn parse(self, now: Timestamp) -> Result<(ApiKeyName, Grant), InputInvalid> {
        let mut validator = InputValidator::default();
        let name =
            ApiKeyName::parse(&self.name).ok_or("It must have 1 to 100 characters, none of them a control character.");
        let name = validator.parsed("name", name);
        let grant = self.grant.parse(&mut validator);
        if self.expires_at.is_some_and(|expires_at| expires_at <= now) {
            validator.reject("expiresAt", "It must be an instant in the future.");
        }
        match name.zip(grant) {
            Some(valid) => validator.finish(valid),
            None => Err(validator.into_invalid()),
        }
    }
}

impl GrantForm {
    fn parse(self, validator: &mut InputValidator) -> Option<Grant> {
        let centers = self.centers.map(|ids| ids.iter().map(|id| id.parse::<CenterId>()).collect::<Result<_, _>>());
        let centers = centers.transpose().map_err(|_| "Each must be the id of a center, `ctr_…`.");
        let centers = validator.parsed("centerIds", centers)?;
        let grant = Grant::new(self.role, self.scopes, centers);
        let field = match grant {
            Err(GrantInvalid::Role) => "role",
            Err(GrantInvalid::Scopes | GrantInvalid::NoScope) => "scopes",
            Ok(_) | Err(GrantInvalid::Centers | GrantInvalid::NoCenter) => "centerIds",
        };
        validator.parsed(field, grant.map_err(|invalid| format!("The grant is invalid: {invalid}.")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{NOW, at};

    fn form(role: Role, centers: Option<&[&str]>) -> ApiKeyForm {
        let centers = centers.map(|ids| ids.iter().map(|id| (*id).to_owned()).collect());
        let grant = GrantForm { role, scopes: BTreeSet::new(), centers };
        ApiKeyForm { name: " Till \n".to_owned(), grant, expires_at: None }
    }

    #[test]
    fn a_valid_form_gives_a_name_and_a_grant() {
        let (name, grant) = form(Role::Admin, None).parse(at(NOW)).unwrap();
        assert_eq!((name.as_str(), grant.role()), ("Till", Role::Admin));
    }

    #[test]
    fn every_invalid_field_is_listed() {
        let invalid = ApiKeyForm { name: " ".to_owned(), expires_at: Some(at(NOW)), ..form(Role::Guest, None) };
        let fields = invalid.parse(at(NOW)).unwrap_err().fields.into_iter().map(|problem| problem.field);
        assert_eq!(fields.collect::<Vec<_>>(), ["name", "role", "expiresAt"]);
        for (form, field) in [
            (form(Role::Staff, None), "centerIds"),
            (form(Role::Staff, Some(&["nonsense"])), "centerIds"),
            (form(Role::Partner, None), "scopes"),
        ] {
            assert_eq!(form.parse(at(NOW)).unwrap_err().fields[0].field, field);
        }
    }
}
