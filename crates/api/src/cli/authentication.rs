//! The flags of authentication, and the checks that a server is not open to everyone.

use clap::{Args, builder::BoolishValueParser};
use domain::access::Access;
use persistence::Store;
use tokio::net::TcpListener;

use super::{
    database::failed,
    list::{List, algorithms, all, list},
};
use crate::{Algorithm, Authentication, ClaimNames, JwksSource, RoleMapping, TokenSettings, server::local_address};

#[derive(Args, Debug)]
#[command(next_help_heading = "Authentication")]
pub(super) struct AuthenticationArguments {
    /// Require a credential for every request. Without one, even published workshops and seats are hidden.
    #[arg(long, env = "ATELIER_NO_PUBLIC", value_parser = BoolishValueParser::new())]
    no_public: bool,
    /// The JWKS of the identity provider whose tokens are accepted: a file, or an https URL.
    #[arg(long, env = "ATELIER_TOKEN_JWKS", value_name = "FILE|URL", requires_all = ["token_issuer", "token_audience"])]
    token_jwks: Option<JwksSource>,
    /// The required `iss` of a token.
    #[arg(long, env = "ATELIER_TOKEN_ISSUER", requires = "token_jwks")]
    token_issuer: Option<String>,
    /// The accepted `aud` of a token; separate several with commas, one of them must match.
    #[arg(long, env = "ATELIER_TOKEN_AUDIENCE", value_parser = list::<String>, requires = "token_jwks")]
    token_audience: Vec<List<String>>,
    /// The accepted signature algorithms, separated by commas. Algorithms with a shared secret (such as HS256) are not
    /// supported.
    #[arg(long, env = "ATELIER_TOKEN_ALGORITHMS", default_value = "RS256,ES256,EdDSA", value_parser = algorithms)]
    token_algorithms: Vec<List<Algorithm>>,
    /// The claim with the role: a string or a list. A dot selects a member of an object, as in `realm_access.roles`.
    #[arg(long, env = "ATELIER_TOKEN_ROLE_CLAIM", default_value = "role", value_name = "CLAIM")]
    token_role_claim: String,
    /// The role for a value of the role claim, for example `studio-boss=admin`; separate several with commas. By default
    /// the values are admin, staff, partner and guest.
    #[arg(long, env = "ATELIER_TOKEN_ROLES", value_parser = list::<RoleMapping>, value_name = "WORD=ROLE")]
    token_role: Vec<List<RoleMapping>>,
    /// The claim with the centers, as ids or external ids.
    #[arg(long, env = "ATELIER_TOKEN_CENTERS_CLAIM", default_value = "centers", value_name = "CLAIM")]
    token_centers_claim: String,
    /// The claim with the scopes of a partner.
    #[arg(long, env = "ATELIER_TOKEN_SCOPES_CLAIM", default_value = "scope", value_name = "CLAIM")]
    token_scopes_claim: String,
    /// The claim with the guest of a token with the guest role, as an id or external id.
    #[arg(long, env = "ATELIER_TOKEN_GUEST_CLAIM", default_value = "guest", value_name = "CLAIM")]
    token_guest_claim: String,
}

impl AuthenticationArguments {
    pub(super) fn authentication(self) -> Authentication {
        let claims = ClaimNames {
            role: self.token_role_claim,
            roles: all(self.token_role),
            centers: self.token_centers_claim,
            scopes: self.token_scopes_claim,
            guest: self.token_guest_claim,
        };
        let tokens = self.token_jwks.zip(self.token_issuer).map(|(jwks, issuer)| TokenSettings {
            jwks,
            issuer,
            audiences: all(self.token_audience),
            algorithms: all(self.token_algorithms),
            claims,
        });
        Authentication::new((!self.no_public).then(Access::public), tokens)
    }
}

/// Fails unless the demo listens on a loopback address: it needs no credential and permits everything.
pub(super) fn ensure_demo_is_local(listener: &TcpListener) -> Result<(), String> {
    let address = local_address(listener)?;
    if address.ip().is_loopback() {
        return Ok(());
    }
    Err(format!(
        "{address} (--listen) is not a loopback address; the demo requires no API key, so serve it on a loopback address, \
         for example 127.0.0.1:8000"
    ))
}

/// Fails if a server that other machines can reach has neither an API key nor an identity provider. On a loopback address,
/// returns a hint for the operator instead.
pub(super) async fn ensure_protected(
    listener: &TcpListener,
    store: &Store,
    authentication: &Authentication,
) -> Result<String, String> {
    let address = local_address(listener)?;
    let has_key = store.has_active_api_key().await.map_err(failed(store))?;
    match (authentication.accepts_tokens() || has_key, address.ip().is_loopback()) {
        (true, _) => Ok(String::new()),
        (false, true) => {
            Ok("\nThis database has no API key yet. Create one: atelier keys create --role admin".to_owned())
        }
        (false, false) => Err(format!(
            "{address} (--listen) is not a loopback address, and the database has no API key: create one with \
             `atelier keys create --role admin`, or configure an identity provider with --token-jwks"
        )),
    }
}
