//! The extensions of errors, on every transport: each error has a `code`, and an internal error has the request id.

use std::{sync::Arc, time::Duration};

use async_graphql::{ErrorExtensionValues, Response, ServerError, Value};

/// Writes the codes and their names.
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
    ResponseTooLarge => "RESPONSE_TOO_LARGE",
    RateLimited => "RATE_LIMITED",
    Timeout => "TIMEOUT",
    Overloaded => "OVERLOADED",
    ServiceUnavailable => "SERVICE_UNAVAILABLE",
    InternalServerError => "INTERNAL_SERVER_ERROR",
}

/// The number of seconds after which a client can retry a request that was rejected because of load or a quota.
pub(crate) const RETRY_AFTER: u64 = 1;

/// The message of every internal error. It reveals nothing about the fault.
pub(crate) const INTERNAL_ERROR: &str = "Something went wrong on our side.";

/// The message of a rejection because of load.
pub(crate) const OVERLOADED: &str = "The server is overloaded. Try again.";

impl Code {
    /// Returns the code of an error, if it has one.
    pub(crate) fn of(error: &ServerError) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.is_of(error))
    }

    /// Returns an error that does not come from a resolver.
    pub(crate) fn error(self, message: impl Into<String>) -> ServerError {
        let mut error = ServerError::new(message, None);
        set_code(&mut error, self);
        error
    }

    /// Whether the same request can succeed a moment later.
    pub(crate) fn is_retryable(error: &ServerError) -> bool {
        Self::Overloaded.is_of(error) || Self::ServiceUnavailable.is_of(error)
    }

    /// Whether the caller has reached one of its limits.
    pub(crate) fn is_rate_limited(error: &ServerError) -> bool {
        Self::RateLimited.is_of(error)
    }

    /// Writes the extensions of an error with this code.
    pub(in crate::graphql) fn write_to(self, extensions: &mut ErrorExtensionValues) {
        extensions.set("code", self.name());
        if matches!(self, Self::RateLimited | Self::Overloaded | Self::ServiceUnavailable) {
            extensions.set("retryAfter", RETRY_AFTER);
        }
    }

    fn is_of(self, error: &ServerError) -> bool {
        code_of(error) == Some(&Value::from(self.name()))
    }
}

/// The id of a request in the log, in the response header and in an internal error.
#[derive(Clone, Debug)]
pub(crate) struct RequestId(pub(crate) Arc<str>);

fn code_of(error: &ServerError) -> Option<&Value> {
    error.extensions.as_ref()?.get("code")
}

fn set_code(error: &mut ServerError, code: Code) {
    code.write_to(error.extensions.get_or_insert_default());
}

/// Whether the operation timed out.
pub(crate) fn is_timeout(response: &Response) -> bool {
    response.errors.iter().any(|error| Code::Timeout.is_of(error))
}

/// Whether the operation was not executed: the response has no data, and no error concerns a field.
pub(crate) fn is_request_error(response: &Response) -> bool {
    response.data == Value::Null
        && !response.errors.is_empty()
        && response.errors.iter().all(|error| error.path.is_empty())
}

/// Adds a code to every error of a response, and the request id to internal errors.
pub(in crate::graphql) fn complete(mut response: Response, id: &RequestId) -> Response {
    for error in &mut response.errors {
        redact_value(&mut error.message);
        if code_of(error).is_none() {
            if let Some(source) = &error.source {
                // A `?` let an internal error through. Its message can contain anything.
                tracing::error!(type_id = ?(**source).type_id(), "an error without a code");
                *error =
                    ServerError { locations: error.locations.clone(), path: error.path.clone(), ..internal_error() };
            } else {
                // An error of async-graphql: an argument whose range is checked at execution, or an operation that is not
                // in the document.
                set_code(error, Code::BadUserInput);
            }
        }
        if Code::InternalServerError.is_of(error) {
            error.extensions.get_or_insert_default().set("requestId", &*id.0);
        }
    }
    response
}

/// Removes the value from async-graphql's message about a wrong type: it can be long or personal.
fn redact_value(message: &mut String) {
    if message.starts_with("Expected input type ")
        && let Some(at) = message.find(", found ")
    {
        message.truncate(at);
        message.push_str(", found another type.");
    }
}

/// Returns the error of an operation that exceeded the time limit.
pub(in crate::graphql) fn timeout(limit: Duration) -> ServerError {
    Code::Timeout.error(format!("The operation took longer than {} s.", in_seconds(limit)))
}

/// Returns the error for a fault.
pub(in crate::graphql) fn internal_error() -> ServerError {
    Code::InternalServerError.error(INTERNAL_ERROR)
}

/// Completes an error of the parser.
pub(in crate::graphql) fn syntax_error(mut error: ServerError) -> ServerError {
    // The parser's message repeats the source line, which can be long. `locations` has the position.
    if let Some((_, expected)) = error.message.rsplit_once("  = ") {
        error.message = format!("Syntax error: {}.", expected.trim());
    }
    set_code(&mut error, Code::GraphqlParseFailed);
    error
}

/// Adds the code to an error of validation.
pub(in crate::graphql) fn complete_validation_error(error: &mut ServerError) {
    if code_of(error).is_none() {
        // Only the calculation of a cost parses values during validation.
        let is_value = error.message.starts_with("Failed to parse \"");
        set_code(error, if is_value { Code::BadUserInput } else { Code::GraphqlValidationFailed });
    }
}

/// Returns a duration in whole seconds, rounded up.
pub(crate) fn in_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}
