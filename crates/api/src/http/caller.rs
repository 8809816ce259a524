//! Authentication of requests on all transports.

use axum::http::{HeaderMap, StatusCode, header};
use futures_util::{FutureExt, future::BoxFuture};
use tokio::time::{Instant, sleep_until};

use super::{address::Address, app::App, error::HttpError};
pub(super) use crate::authentication::Caller;
use crate::{
    authentication::AuthError,
    caller_key::CallerKey,
    graphql::{Code, Fault, InFlightPermit, in_seconds},
    rate_limit::{BucketState, CostBudget},
};

/// The cost of an invalid credential. It is charged to a separate bucket of the address, which limits guessing.
const INVALID_CREDENTIAL_COST: usize = 1_000;

impl App {
    /// Takes an in-flight permit and authenticates a request. The permit comes first, so that a server without a free one
    /// does not authenticate either.
    pub(super) async fn admit(
        &self,
        headers: &HeaderMap,
        address: Address,
    ) -> Result<(InFlightPermit, Caller), HttpError> {
        let has_credential = headers.contains_key(header::AUTHORIZATION);
        let key = if has_credential { CallerKey::authentication(address.0) } else { CallerKey::at(address.0) };
        let mut permit = self.graph.admit(key)?;
        let caller = self.identify(headers, address).await?;
        permit.transfer(caller.key())?;
        Ok((permit, caller))
    }

    /// Authenticates a request by its `Authorization` header.
    pub(super) async fn identify(&self, headers: &HeaderMap, address: Address) -> Result<Caller, HttpError> {
        let mut values = headers.get_all(header::AUTHORIZATION).iter();
        let credential = match (values.next(), values.next()) {
            (None, _) => None,
            (Some(value), None) => Some(value.to_str().unwrap_or_default()),
            // Two credentials are ambiguous: the empty one is invalid.
            (Some(_), Some(_)) => Some(""),
        };
        Ok(self.identify_credential(credential, address).await?)
    }

    /// Authenticates the handshake of a WebSocket. `None`: the client must send its credential in `connection_init`.
    pub(super) async fn identify_optional(
        &self,
        headers: &HeaderMap,
        address: Address,
    ) -> Result<Option<Caller>, HttpError> {
        match self.identify(headers, address).await {
            Err(_) if !headers.contains_key(header::AUTHORIZATION) => Ok(None),
            caller => Ok(Some(caller?)),
        }
    }

    /// Authenticates a credential of any transport, and charges the address for an invalid one.
    pub(super) async fn identify_credential(
        &self,
        credential: Option<&str>,
        address: Address,
    ) -> Result<Caller, AuthError> {
        match self.authentication.identify(self.graph.store(), credential).await {
            Err(AuthError::InvalidCredential) => {
                let key = CallerKey::authentication(address.0);
                match CostBudget::new(self.buckets.clone(), key).charge(INVALID_CREDENTIAL_COST) {
                    Some(BucketState { retry_in: Some(wait), .. }) => Err(AuthError::RateLimited(in_seconds(wait))),
                    _ => Err(AuthError::InvalidCredential),
                }
            }
            caller => {
                let caller = caller?.with_address(address.0);
                tracing::Span::current().record("caller", tracing::field::display(caller.access.actor()));
                Ok(caller)
            }
        }
    }

    /// The budget for an operation of this caller.
    pub(super) fn budget(&self, caller: &Caller) -> CostBudget {
        CostBudget::new(self.buckets.clone(), caller.key())
    }

    /// Resolves when the caller's credential expires or is revoked. It is checked at its expiry, when a key changes on this
    /// server, and at every recheck interval.
    pub(super) fn until_expired(&self, caller: &Caller) -> BoxFuture<'static, ()> {
        let (app, caller) = (self.clone(), caller.clone());
        if !caller.can_expire() {
            return std::future::pending().boxed();
        }
        async move {
            let mut changes = app.graph.store().api_key_changes();
            while caller.is_valid(app.graph.store()).await {
                let remaining = caller.expires_at().map(|expires_at| expires_at - app.graph.store().clock().now());
                let remaining = remaining.and_then(|remaining| remaining.to_std().ok());
                let interval = app.limits.credential_recheck_interval;
                let pause =
                    sleep_until(Instant::now() + remaining.map_or(interval, |remaining| remaining.min(interval)));
                // An error means that the store has closed, which ends the connection anyway.
                tokio::select! { () = pause => {}, _ = changes.changed() => {} }
            }
        }
        .boxed()
    }
}

impl From<AuthError> for HttpError {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::MissingCredential => Self::missing_credential(
                "A credential is required: send `Authorization: apikey <key>` or `Authorization: bearer <token>`.",
            ),
            AuthError::InvalidCredential => {
                Self::invalid_credential("The API key or token is invalid, expired or revoked.")
            }
            AuthError::RateLimited(seconds) => Self::too_many_credentials(seconds),
            AuthError::NoRole => {
                let message = "The token is valid, but it gives its holder no role on this server.";
                Self::new(StatusCode::FORBIDDEN, Code::Forbidden, message)
            }
            // A credential has no response that could be too large.
            AuthError::Fault(Fault::Internal) => Self::internal(),
            AuthError::Fault(Fault::Overloaded | Fault::Unavailable) => {
                let message = "The credential cannot be checked now. Try again.";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, Code::ServiceUnavailable, message)
            }
        }
    }
}
