//! Who is let in, as an operator says it.

use std::net::SocketAddr;

use clap::{Args, builder::BoolishValueParser};
use domain::access::Access;
use persistence::Store;
use tokio::net::TcpListener;

use crate::{Algorithm, Authentication, ClaimNames, JwksSource, RoleMapping, TokenSettings, algorithm};

#[derive(Args, Debug)]
pub(super) struct AuthenticationArguments {
    /// Let nobody in who does not say who they are: not even published workshops and seats are shown then.
    #[arg(long, env = "ATELIER_NO_PUBLIC", value_parser = BoolishValueParser::new())]
    no_public: bool,
    /// The keys of an identity provider whose tokens are taken, as a JWKS: a file, or an https address.
    #[arg(long, env = "ATELIER_TOKEN_JWKS", value_name = "FILE|URL", requires_all = ["token_issuer", "token_audience"])]
    token_jwks: Option<JwksSource>,
    /// What a token has to say in `iss`.
    #[arg(long, env = "ATELIER_TOKEN_ISSUER", requires = "token_jwks")]
    token_issuer: Option<String>,
    /// What a token has to name in `aud`; one of several, with commas between.
    #[arg(long, env = "ATELIER_TOKEN_AUDIENCE", value_delimiter = ',', requires = "token_jwks")]
    token_audience: Vec<String>,
    /// How a token may be signed, with commas between. Never with a secret that both sides know.
    #[arg(long, env = "ATELIER_TOKEN_ALGORITHMS", value_delimiter = ',', default_value = "RS256,ES256,EdDSA",
        value_parser = algorithm)]
    token_algorithms: Vec<Algorithm>,
    /// The claim that says the role: a word or a list. Dots lead into objects, as in `realm_access.roles`.
    #[arg(long, env = "ATELIER_TOKEN_ROLE_CLAIM", default_value = "role", value_name = "CLAIM")]
    token_role_claim: String,
    /// For which role a word of that claim stands, as in `studio-boss=admin`; several with commas between. Without any the
    /// words are admin, staff, partner and guest.
    #[arg(long, env = "ATELIER_TOKEN_ROLES", value_delimiter = ',', value_name = "WORD=ROLE")]
    token_role: Vec<RoleMapping>,
    /// The claim that says the centers, by their ids or external ids.
    #[arg(long, env = "ATELIER_TOKEN_CENTERS_CLAIM", default_value = "centers", value_name = "CLAIM")]
    token_centers_claim: String,
    /// The claim that says the scopes of a partner.
    #[arg(long, env = "ATELIER_TOKEN_SCOPES_CLAIM", default_value = "scope", value_name = "CLAIM")]
    token_scopes_claim: String,
    /// The claim that says which guest a guest is, by id or external id.
    #[arg(long, env = "ATELIER_TOKEN_GUEST_CLAIM", default_value = "guest", value_name = "CLAIM")]
    token_guest_claim: String,
}

impl AuthenticationArguments {
    pub(super) fn authentication(self) -> Authentication {
        let claims = ClaimNames {
            role: self.token_role_claim,
            roles: self.token_role,
            centers: self.token_centers_claim,
            scopes: self.token_scopes_claim,
            guest: self.token_guest_claim,
        };
        let tokens = self.token_jwks.zip(self.token_issuer).map(|(jwks, issuer)| TokenSettings {
            jwks,
            issuer,
            audiences: self.token_audience,
            algorithms: self.token_algorithms,
            claims,
        });
        Authentication::new((!self.no_public).then(Access::public), tokens)
    }
}

/// The demo asks nobody who they are, and lets them do everything.
pub(super) fn ensure_demo_stays_here(listener: &TcpListener) -> Result<(), String> {
    let address = address(listener)?;
    if address.ip().is_loopback() {
        return Ok(());
    }
    Err(format!(
        "the demo asks nobody for a key, so it is served on a loopback address only, as 127.0.0.1:8000, and not on \
         {address} (--listen)"
    ))
}

/// A server without a key or an identity provider cannot be used by anybody who runs it, and on the open internet that is
/// never meant. On the machine itself it says how to begin.
pub(super) async fn ensure_not_open_to_everybody(
    listener: &TcpListener,
    store: &Store,
    authentication: &Authentication,
) -> Result<String, String> {
    let address = address(listener)?;
    let has_key = store.has_active_api_key().await.map_err(|fault| fault.operator_message())?;
    match (authentication.takes_tokens() || has_key, address.ip().is_loopback()) {
        (true, _) => Ok(String::new()),
        (false, true) => Ok("\nThere is no API key yet. Make the first: atelier keys create --role admin".to_owned()),
        (false, false) => Err(format!(
            "{address} (--listen) is not a loopback address, and nobody could say who they are there: make a key first \
             with `atelier keys create --role admin`, or name an identity provider with --token-jwks"
        )),
    }
}

fn address(listener: &TcpListener) -> Result<SocketAddr, String> {
    listener.local_addr().map_err(|error| format!("cannot tell the address: {error}"))
}
