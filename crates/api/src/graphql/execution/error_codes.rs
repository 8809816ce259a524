//! What every entry of `errors` carries, on every transport: `extensions.code`, and the request's id where the fault is ours.

use std::{sync::Arc, time::Duration};

use async_graphql::{ErrorExtensionValues, Response, ServerError, Value};

use super::fault::MASK;
use crate::graphql::in_seconds;

/// Writes the codes with their names.
macro_rules! codes {
    ($($code:ident => $name:literal),+ $(,)?) => {
        /// The values of `extensions.code`.
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub(crate) enum Code {
            $($code),+
        }

        impl Code {
            const ALL: &[Self] = &[$(Self::$code),+];

            pub(crate) fn name(self) -> &'static str {
                match self {
                    $(Self::$code => $name),+
                }
            }
        }
    };
}

codes! {
    GraphqlParseFailed => "GRAPHQL_PARSE_FAILED",
    GraphqlValidationFailed => "GRAPHQL_VALIDATION_FAILED",
    BadRequest => "BAD_REQUEST",
    BadUserInput => "BAD_USER_INPUT",
    Unauthenticated => "UNAUTHENTICATED",
    Forbidden => "FORBIDDEN",
    PersistedQueryNotFound => "PERSISTED_QUERY_NOT_FOUND",
    DocumentNotTrusted => "DOCUMENT_NOT_TRUSTED",
    RateLimited => "RATE_LIMITED",
    Timeout => "TIMEOUT",
    Overloaded => "OVERLOADED",
    ServiceUnavailable => "SERVICE_UNAVAILABLE",
    InternalServerError => "INTERNAL_SERVER_ERROR",
}

/// Seconds after which to ask again what cannot be answered now.
pub(crate) const RETRY_AFTER: u64 = 1;

impl Code {
    /// The code of an error that has one.
    pub(crate) fn of(error: &ServerError) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.is_of(error))
    }

    /// An error that did not come from a resolver.
    pub(crate) fn error(self, message: impl Into<String>) -> ServerError {
        let mut error = ServerError::new(message, None);
        set_code(&mut error, self);
        error
    }

    /// Whether the same request may well be answered a moment later.
    pub(crate) fn is_retryable(error: &ServerError) -> bool {
        Self::Overloaded.is_of(error) || Self::ServiceUnavailable.is_of(error)
    }

    /// Writes what every error of this kind carries.
    pub(in crate::graphql) fn tell(self, extensions: &mut ErrorExtensionValues) {
        extensions.set("code", self.name());
        if matches!(self, Self::Overloaded | Self::ServiceUnavailable) {
            extensions.set("retryAfter", RETRY_AFTER);
        }
    }

    fn is_of(self, error: &ServerError) -> bool {
        code_of(error) == Some(&Value::from(self.name()))
    }
}

/// What names one request in the log, in the answer's header and in a masked error.
#[derive(Clone, Debug)]
pub(crate) struct RequestId(pub(crate) Arc<str>);

fn code_of(error: &ServerError) -> Option<&Value> {
    error.extensions.as_ref()?.get("code")
}

fn set_code(error: &mut ServerError, code: Code) {
    code.tell(error.extensions.get_or_insert_default());
}

/// Whether the operation took too long.
pub(crate) fn is_timeout(answer: &Response) -> bool {
    answer.errors.iter().any(|error| Code::Timeout.is_of(error))
}

/// Whether nothing was executed: there is no data, and no error is about a field.
pub(crate) fn is_request_error(answer: &Response) -> bool {
    answer.data == Value::Null && !answer.errors.is_empty() && answer.errors.iter().all(|error| error.path.is_empty())
}

/// Sees to it that every error of an answer has a code, and that one of ours can be found in the log.
pub(in crate::graphql) fn complete(mut response: Response, id: &RequestId) -> Response {
    for error in &mut response.errors {
        leave_value_out(&mut error.message);
        if code_of(error).is_none() {
            if let Some(source) = &error.source {
                // Something that was never meant for a client came this far through a `?`.
                // Its words may hold anything.
                tracing::error!(of = ?(**source).type_id(), "an error without a code");
                *error = ServerError { locations: error.locations.clone(), path: error.path.clone(), ..masked() };
            } else {
                // async-graphql's own: an argument that only execution finds to be out of range, an operation that is
                // not in the document.
                set_code(error, Code::BadUserInput);
            }
        }
        if Code::InternalServerError.is_of(error) {
            error.extensions.get_or_insert_default().set("requestId", &*id.0);
        }
    }
    response
}

/// Cuts what async-graphql repeats of a value that is of another type, however long or personal that is.
fn leave_value_out(message: &mut String) {
    if message.starts_with("Expected input type ")
        && let Some(at) = message.find(", found ")
    {
        message.truncate(at);
        message.push_str(", found something else.");
    }
}

/// What took longer than there was time for it.
pub(in crate::graphql) fn too_slow(patience: Duration) -> ServerError {
    Code::Timeout.error(format!("The operation took longer than {} s.", in_seconds(patience)))
}

pub(in crate::graphql) fn masked() -> ServerError {
    Code::InternalServerError.error(MASK)
}

/// What the parser could not read.
pub(in crate::graphql) fn of_syntax(mut error: ServerError) -> ServerError {
    // It draws the line in question, however long that is; where it is, is in `locations`.
    if let Some((_, expected)) = error.message.rsplit_once("  = ") {
        error.message = format!("Syntax error: {}.", expected.trim());
    }
    set_code(&mut error, Code::GraphqlParseFailed);
    error
}

/// What validation refuses.
pub(in crate::graphql) fn of_validation(error: &mut ServerError) {
    if code_of(error).is_none() {
        // PreparedRequest an argument to count a cost is the one way in which a value fails validation like this.
        let is_value = error.message.starts_with("Failed to parse \"");
        set_code(error, if is_value { Code::BadUserInput } else { Code::GraphqlValidationFailed });
    }
}
