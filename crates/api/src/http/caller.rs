//! Who is calling, on every way in.

use axum::http::{HeaderMap, StatusCode, header};
use futures_util::{FutureExt, future::BoxFuture};
use tokio::time::{Instant, sleep_until};

use super::{App, refusal::Refusal};
pub(super) use crate::authentication::Caller;
use crate::{
    authentication::Unknown,
    graphql::{Code, Fault},
};

impl App {
    /// Finds out who is calling by what the request says.
    pub(super) async fn identify(&self, headers: &HeaderMap) -> Result<Caller, Refusal> {
        Ok(self.authentication.identify(self.graph.store(), said(headers)?).await?)
    }

    /// The same for a WebSocket, whose client may say it later; then it is nobody yet.
    pub(super) async fn introduced(&self, headers: &HeaderMap) -> Result<Option<Caller>, Refusal> {
        match self.authentication.identify(self.graph.store(), said(headers)?).await {
            Err(Unknown::Silent) => Ok(None),
            known => Ok(Some(known?)),
        }
    }

    /// Finds out who is calling by what they say on a WebSocket.
    pub(super) async fn identify_by(&self, credential: &str) -> Result<Caller, Unknown> {
        self.authentication.identify(self.graph.store(), Some(credential)).await
    }

    /// Resolves when the caller is nobody any more: the key or the token has expired, or the key was revoked. That is looked
    /// for when it is due, and every few seconds.
    pub(super) fn lapse(&self, caller: &Caller) -> BoxFuture<'static, ()> {
        let (app, caller) = (self.clone(), caller.clone());
        if !caller.may_lapse() {
            return std::future::pending().boxed();
        }
        async move {
            while caller.holds(app.graph.store()).await {
                let left = caller.lapses_at().map(|lapses_at| lapses_at - app.graph.store().clock().now());
                let left = left.and_then(|left| left.to_std().ok()).unwrap_or(app.limits.recheck);
                sleep_until(Instant::now() + left.min(app.limits.recheck)).await;
            }
        }
        .boxed()
    }
}

/// What a request says of who is calling; saying two things is saying nothing that can be believed.
fn said(headers: &HeaderMap) -> Result<Option<&str>, Refusal> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => Ok(Some(value.to_str().map_err(|_| Unknown::Refused)?)),
        (Some(_), Some(_)) => Err(Unknown::Refused.into()),
    }
}

impl From<Unknown> for Refusal {
    fn from(unknown: Unknown) -> Self {
        match unknown {
            Unknown::Silent => {
                let message = "Say who you are: send `Authorization: apikey <key>` or `Authorization: bearer <token>`.";
                Self::unauthenticated(message, r#"Bearer realm="atelier", apikey realm="atelier""#)
            }
            Unknown::Refused => {
                let message = "The API key or token is not valid, or not valid any more.";
                Self::unauthenticated(
                    message,
                    r#"Bearer realm="atelier", error="invalid_token", apikey realm="atelier""#,
                )
            }
            Unknown::NoRole => {
                let message = "The token is valid, but gives its holder no role here.";
                Self::new(StatusCode::FORBIDDEN, Code::Forbidden, message)
            }
            Unknown::Fault(Fault::Internal) => Self::fault(),
            Unknown::Fault(Fault::Overloaded | Fault::Unavailable) => {
                let message = "It cannot be found out now who is calling. Try again.";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, Code::ServiceUnavailable, message)
            }
        }
    }
}
