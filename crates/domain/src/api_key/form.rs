use std::collections::BTreeSet;

use crate::{
    CenterId, InputValidator, Timestamp,
    access::{Grant, GrantInvalid, Role, Scope},
    input_validator::single_line,
    problems::InputInvalid,
};

/// What a key is called: 1 to 100 characters without the spaces around them, no control characters.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ApiKeyName(String);

/// A key to be, as it came in.
#[derive(Clone, Debug)]
pub struct ApiKeyForm {
    /// What it is called.
    pub name: String,
    /// What it is to allow.
    pub grant: GrantForm,
    /// When it is to expire; `None`: never.
    pub expires_at: Option<Timestamp>,
}

/// What is to be allowed, before it is known whether it makes sense.
#[derive(Clone, Debug)]
pub struct GrantForm {
    /// The role.
    pub role: Role,
    /// The scopes.
    pub scopes: BTreeSet<Scope>,
    /// The ids of the centers; `None`: all.
    pub centers: Option<Vec<String>>,
}

impl ApiKeyName {
    /// Reads what somebody wrote.
    pub fn parse(text: &str) -> Option<Self> {
        single_line(text, 100).map(|name| Self(name.to_owned()))
    }

    /// It as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl ApiKeyForm {
    /// Reads the form, and names all that is wrong with it.
    pub fn parse(self, now: Timestamp) -> Result<(ApiKeyName, Grant), InputInvalid> {
        let mut validator = InputValidator::default();
        let name = ApiKeyName::parse(&self.name).ok_or("It has 1 to 100 characters, none of them a control character.");
        let name = validator.parsed("name", name);
        let grant = self.grant.parse(&mut validator);
        if self.expires_at.is_some_and(|expires_at| expires_at <= now) {
            validator.reject("expiresAt", "It is an instant that is yet to come.");
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
        let centers = centers.transpose().map_err(|_| "Each is the id of a center, `ctr_…`.");
        let centers = validator.parsed("centerIds", centers)?;
        let grant = Grant::new(self.role, self.scopes, centers);
        let field = match grant {
            Err(GrantInvalid::Role) => "role",
            Err(GrantInvalid::Scopes | GrantInvalid::NoScope) => "scopes",
            Ok(_) | Err(GrantInvalid::Centers | GrantInvalid::NoCenter) => "centerIds",
        };
        validator.parsed(field, grant.map_err(|invalid| format!("It cannot be: {invalid}.")))
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
    fn a_form_that_is_right_is_a_name_and_a_grant() {
        let (name, grant) = form(Role::Admin, None).parse(at(NOW)).unwrap();
        assert_eq!((name.as_str(), grant.role()), ("Till", Role::Admin));
    }

    #[test]
    fn all_that_is_wrong_is_named() {
        let worst = ApiKeyForm { name: " ".to_owned(), expires_at: Some(at(NOW)), ..form(Role::Guest, None) };
        let named = worst.parse(at(NOW)).unwrap_err().fields.into_iter().map(|wrong| wrong.field);
        assert_eq!(named.collect::<Vec<_>>(), ["name", "role", "expiresAt"]);
        for (form, field) in [
            (form(Role::Staff, None), "centerIds"),
            (form(Role::Staff, Some(&["nonsense"])), "centerIds"),
            (form(Role::Partner, None), "scopes"),
        ] {
            assert_eq!(form.parse(at(NOW)).unwrap_err().fields[0].field, field);
        }
    }
}
