//! The kinds of paths.

/// Whether a path belongs to the REST API.
pub(super) fn is_rest(path: &str) -> bool {
    path == "/v1" || path.starts_with("/v1/")
}

/// Whether a path can be an operation of the REST API, and not its documentation.
pub(super) fn is_rest_operation(path: &str) -> bool {
    is_rest(path) && !matches!(path, "/v1/openapi.json" | "/v1/docs") && !path.starts_with("/v1/docs/assets/")
}

/// Whether a path is a probe of health or readiness.
pub(super) fn is_probe(path: &str) -> bool {
    matches!(path, "/health" | "/ready")
}
