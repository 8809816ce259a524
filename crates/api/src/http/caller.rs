//! Who is calling, on every way in.

use axum::http::{HeaderMap, StatusCode, header};
use futures_util::{FutureExt, future::BoxFuture};
use tokio::time::{Instant, sleep_until};

use super::{App, address::Address, error::Refusal};
pub(super) use crate::authentication::Caller;
use crate::{
    authentication::Unknown,
    graphql::{Code, Fault, in_seconds},
    rate_limit::{CostBudget, Level, RateLimitKey},
};

/// What a credential that is refused costs, out of a bucket that the address has for that alone: who guesses has to wait.
const REFUSED: usize = 1_000;

/// How somebody can say who they are.
pub(super) const CHALLENGE: &str = r#"Bearer realm="atelier", apikey realm="atelier""#;

impl App {
    /// Finds out who is calling by what the request says.
    pub(super) async fn identify(&self, headers: &HeaderMap, address: Address) -> Result<Caller, Refusal> {
        let mut said = headers.get_all(header::AUTHORIZATION).iter();
        let said = match (said.next(), said.next()) {
            (None, _) => None,
            (Some(value), None) => Some(value.to_str().unwrap_or_default()),
            // Saying two things is saying nothing that can be believed.
            (Some(_), Some(_)) => Some(""),
        };
        Ok(self.identify_by(said, address).await?)
    }

    /// The same for a WebSocket, whose client may say it later; then it is nobody yet.
    pub(super) async fn introduced(&self, headers: &HeaderMap, address: Address) -> Result<Option<Caller>, Refusal> {
        match self.identify(headers, address).await {
            Err(_) if !headers.contains_key(header::AUTHORIZATION) => Ok(None),
            known => Ok(Some(known?)),
        }
    }

    /// Finds out who is calling by what they say, on whatever way. Who guesses pays for it, and has to wait in the end.
    pub(super) async fn identify_by(&self, said: Option<&str>, address: Address) -> Result<Caller, Unknown> {
        match self.authentication.identify(self.graph.store(), said).await {
            Err(Unknown::Refused) => {
                let paid = CostBudget::new(self.buckets.clone(), RateLimitKey::guessing(address.0)).pay(REFUSED);
                Err(match paid {
                    Some(Level { wait: Some(wait), .. }) => Unknown::TooOften(in_seconds(wait)),
                    _ => Unknown::Refused,
                })
            }
            known => {
                let caller = known?.from(address.0);
                tracing::Span::current().record("caller", tracing::field::display(caller.access.actor()));
                Ok(caller)
            }
        }
    }

    /// What an operation of this caller is paid out of.
    pub(super) fn purse(&self, caller: &Caller) -> CostBudget {
        CostBudget::new(self.buckets.clone(), RateLimitKey::of(caller.access.actor(), caller.address))
    }

    /// Resolves when the caller is nobody any more: the key or the token has expired, or the key was revoked. That is looked
    /// for when it is due, when a key is changed on this server, and every few seconds.
    pub(super) fn lapse(&self, caller: &Caller) -> BoxFuture<'static, ()> {
        let (app, caller) = (self.clone(), caller.clone());
        if !caller.may_lapse() {
            return std::future::pending().boxed();
        }
        async move {
            let mut changes = app.graph.store().api_key_changes();
            while caller.holds(app.graph.store()).await {
                let left = caller.lapses_at().map(|lapses_at| lapses_at - app.graph.store().clock().now());
                let left = left.and_then(|left| left.to_std().ok()).unwrap_or(app.limits.credential_recheck_interval);
                let pause = sleep_until(Instant::now() + left.min(app.limits.credential_recheck_interval));
                // An error means that the store is gone, and everything ends anyhow.
                tokio::select! { () = pause => {}, _ = changes.changed() => {} }
            }
        }
        .boxed()
    }
}

impl From<Unknown> for Refusal {
    fn from(unknown: Unknown) -> Self {
        match unknown {
            Unknown::Silent => {
                let message = "Say who you are: send `Authorization: apikey <key>` or `Authorization: bearer <token>`.";
                Self::unauthenticated(message, CHALLENGE)
            }
            Unknown::Refused => {
                let message = "The API key or token is not valid, or not valid any more.";
                Self::unauthenticated(
                    message,
                    r#"Bearer realm="atelier", error="invalid_token", apikey realm="atelier""#,
                )
            }
            Unknown::TooOften(seconds) => Self::wait(seconds),
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
