use axum::{extract::Query, http::Uri};
use percent_encoding::percent_decode_str;

use super::error::HttpError;

/// The parameters of a query string, which must be UTF-8: the decoder replaces other bytes silently.
pub(super) fn parameters(uri: &Uri) -> Result<Vec<(String, String)>, HttpError> {
    percent_decode_str(uri.query().unwrap_or_default())
        .decode_utf8()
        .map_err(|_| HttpError::bad_request("The query string is not percent-encoded UTF-8."))?;
    let parameters = Query::try_from_uri(uri);
    let Query(parameters) = parameters.map_err(|_| HttpError::bad_request("The query string could not be read."))?;
    Ok(parameters)
}
