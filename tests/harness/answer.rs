use axum::http::{HeaderMap, StatusCode};
use serde_json::Value;

/// A response.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Answer {
    /// The data of a response without errors.
    pub fn data(&self) -> &Value {
        assert!(self.body.get("errors").is_none(), "{:#}", self.body);
        &self.body["data"]
    }

    /// The only root field.
    pub fn field(&self) -> &Value {
        let fields = self.data().as_object().expect("data");
        assert_eq!(fields.len(), 1, "{fields:?}");
        fields.values().next().unwrap()
    }

    /// The only root field, which is a registration.
    pub fn registration(&self) -> &Value {
        let field = self.field();
        assert_eq!(field["__typename"], "Registration", "{field:#}");
        field
    }

    /// The ids of the promoted registrations.
    pub fn promoted(&self) -> Vec<Value> {
        let promoted = self.field()["promoted"].as_array().unwrap_or_else(|| panic!("{:#}", self.body));
        promoted.iter().map(|registration| registration["id"].clone()).collect()
    }

    /// The type, code and message of the problem in the only root field.
    pub fn problem(&self) -> (&str, i64, &str) {
        let problem = self.field();
        let text = |name: &str| problem[name].as_str().unwrap_or_else(|| panic!("{name} of {problem:#}"));
        (text("__typename"), problem["code"].as_i64().expect("a problem"), text("message"))
    }

    /// The code of the first error.
    pub fn error_code(&self) -> &str {
        self.body["errors"][0]["extensions"]["code"].as_str().unwrap_or_else(|| panic!("no code in {:#}", self.body))
    }

    /// The message of the first error.
    pub fn error_message(&self) -> &str {
        self.body["errors"][0]["message"].as_str().unwrap_or_else(|| panic!("no error in {:#}", self.body))
    }

    /// The member with this name in a successful response of the REST API.
    pub fn expect_data(&self, name: &str) -> &Value {
        assert_eq!((self.status, &self.body["error"]), (StatusCode::OK, &Value::Null), "{:#}", self.body);
        &self.body[name]
    }

    /// The status, code and message of a failed response of the REST API, whose member with this name is null.
    pub fn expect_error(&self, name: &str) -> (u16, i64, &str) {
        let members: Vec<_> = self.body.as_object().expect("an envelope").keys().collect();
        assert_eq!(members, ["error", name], "{:#}", self.body);
        assert_eq!(self.body[name], Value::Null, "{:#}", self.body);
        let error = &self.body["error"];
        (self.status.as_u16(), error["code"].as_i64().expect("a code"), error["message"].as_str().expect("a sentence"))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}
