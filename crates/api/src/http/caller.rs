use axum::http::HeaderMap;
use domain::access::Access;

use super::{App, refusal::Refusal};

/// Somebody who calls.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    /// What they may see and do.
    pub(super) access: Access,
}

impl App {
    /// Finds out who is calling.
    pub(super) async fn identify(&self, _headers: &HeaderMap) -> Result<Caller, Refusal> {
        Ok(Caller { access: self.stranger.clone() })
    }
}
