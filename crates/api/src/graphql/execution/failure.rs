use async_graphql::{Error, Pos, Response, ServerError};
use domain::{IdempotencyKeyMalformed, access::Denied};
use persistence::StoreError;

use super::{
    error_codes::{Code, INTERNAL_ERROR},
    fault::{Fault, bad_input},
    response_size::ResponseRejected,
};
use crate::{graphql::schema::field_access, metrics::Measured};

/// Why an operation without a document failed. With a document, it would be an entry of `errors`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Failure {
    pub(crate) code: Code,
    /// The sentence for the client.
    pub(crate) message: String,
}

impl Failure {
    /// Returns the failure for an argument that is invalid.
    pub(crate) fn bad_input(message: impl Into<String>) -> Self {
        Self { code: Code::BadUserInput, message: message.into() }
    }
}

impl From<ServerError> for Failure {
    fn from(error: ServerError) -> Self {
        match Code::of(&error) {
            Some(code) => Self { code, message: error.message },
            // The message of an error without a code is not meant for clients.
            None => Self { code: Code::InternalServerError, message: INTERNAL_ERROR.to_owned() },
        }
    }
}

impl From<Failure> for ServerError {
    fn from(Failure { code, message }: Failure) -> Self {
        code.error(message)
    }
}

/// Writes the conversion of an error, the same as in a resolver.
macro_rules! from_resolver_errors {
    ($($error:ty => $convert:expr),+ $(,)?) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                let converted: Error = $convert(error);
                converted.into_server_error(Pos::default()).into()
            }
        })+
    };
}

from_resolver_errors! {
    Denied => field_access::access_error,
    Fault => Error::from,
    ResponseRejected => Error::from,
    StoreError => |error| Error::from(Fault::from(error)),
    IdempotencyKeyMalformed => bad_input,
}

impl Measured for Response {
    fn error_code(&self) -> Option<&'static str> {
        self.errors.first().map(|error| Code::of(error).unwrap_or(Code::InternalServerError).name())
    }
}

impl<T> Measured for Result<T, Failure> {
    fn error_code(&self) -> Option<&'static str> {
        self.as_ref().err().map(|failure| failure.code.name())
    }
}
