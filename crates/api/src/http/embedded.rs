//! Files embedded in the binary, compressed with gzip. The name of each contains a digest of its content.

use axum::{
    extract::{Path, rejection::PathRejection},
    http::{HeaderValue, Uri, header},
    response::{IntoResponse, Response},
};
use include_dir::Dir;

use super::fallback;

/// Serves a file of this folder, or 404.
pub(super) async fn serve(
    folder: &'static Dir<'static>,
    name: Result<Path<String>, PathRejection>,
    address: Uri,
) -> Response {
    match name.ok().and_then(|Path(name)| file(folder, &name)) {
        Some(file) => file,
        None => fallback::unknown_path(address).await.into_response(),
    }
}

fn file(folder: &'static Dir<'static>, name: &str) -> Option<Response> {
    let file = folder.get_file(format!("{name}.gz"))?;
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let content_type = match extension {
        "js" => "text/javascript",
        "css" => "text/css",
        "svg" => "image/svg+xml",
        "ttf" => "font/ttf",
        _ => "text/plain; charset=utf-8",
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (header::CONTENT_ENCODING, HeaderValue::from_static("gzip")),
        // The content of a name never changes.
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
    ];
    Some((headers, file.contents()).into_response())
}
