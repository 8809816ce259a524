use async_graphql::{Error, Pos, ServerError};
use domain::{IdempotencyKeyMalformed, access::Denied};
use persistence::StoreError;

use super::fault::{Fault, MASK, bad_input};
use crate::graphql::{Code, schema::field_access};

/// Why something that was asked for without a document was not done: what would be an entry of `errors` with one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Failure {
    /// What kind of failure it is.
    pub(crate) code: Code,
    /// The sentence for the client.
    pub(crate) message: String,
}

impl Failure {
    /// A value cannot be as it was given.
    pub(crate) fn bad_input(message: impl Into<String>) -> Self {
        Self { code: Code::BadUserInput, message: message.into() }
    }
}

impl From<ServerError> for Failure {
    fn from(error: ServerError) -> Self {
        match Code::of(&error) {
            Some(code) => Self { code, message: error.message },
            // Its words were never meant for a client.
            None => Self { code: Code::InternalServerError, message: MASK.to_owned() },
        }
    }
}

/// Writes that something fails as it does in a resolver.
macro_rules! as_in_resolvers {
    ($($error:ty => $told:expr),+ $(,)?) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                let told: Error = $told(error);
                told.into_server_error(Pos::default()).into()
            }
        })+
    };
}

as_in_resolvers! {
    Denied => field_access::access_error,
    Fault => Error::from,
    StoreError => |error| Error::from(Fault::from(error)),
    IdempotencyKeyMalformed => bad_input,
}
