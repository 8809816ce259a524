use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{Json, Router, http::StatusCode, response::IntoResponse, routing::get};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode, jwk::Jwk};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::watch};

/// A key with which a test signs tokens. It is derived from a number, so no key is stored anywhere.
#[derive(Clone, Debug)]
pub struct SigningKey {
    pub id: String,
    algorithm: Algorithm,
    key: EncodingKey,
}

/// The bytes before the 32 bytes of a private key in PKCS #8.
const ED25519: &str = "302e020100300506032b657004220420";
const P256: &str = "3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420";

impl SigningKey {
    pub fn ed25519(number: u8) -> Self {
        let key = EncodingKey::from_ed_der(&der(ED25519, number));
        Self { id: format!("ed-{number}"), algorithm: Algorithm::EdDSA, key }
    }

    pub fn p256(number: u8) -> Self {
        let key = EncodingKey::from_ec_der(&der(P256, number));
        Self { id: format!("ec-{number}"), algorithm: Algorithm::ES256, key }
    }

    /// The same key with another id.
    #[must_use]
    pub fn with_id(&self, id: &str) -> Self {
        Self { id: id.to_owned(), ..self.clone() }
    }

    /// The public half, as an identity provider serves it.
    pub fn jwk(&self) -> Value {
        let mut jwk = Jwk::from_encoding_key(&self.key, self.algorithm).unwrap();
        jwk.common.key_id = Some(self.id.clone());
        serde_json::to_value(jwk).unwrap()
    }

    /// Signs a token with these claims.
    pub fn sign(&self, claims: &Value) -> String {
        self.sign_as(Header::default(), claims)
    }

    /// Signs a token with these claims and with more fields in the header.
    pub fn sign_as(&self, header: Header, claims: &Value) -> String {
        let header = Header { kid: Some(self.id.clone()), alg: self.algorithm, ..header };
        encode(&header, claims, &self.key).unwrap()
    }
}

fn der(before: &str, number: u8) -> Vec<u8> {
    let bytes = (0..before.len()).step_by(2).map(|at| u8::from_str_radix(&before[at..at + 2], 16).unwrap());
    bytes.chain([number; 32]).collect()
}

/// An identity provider on this machine that serves a key set.
#[derive(Clone, Debug)]
pub struct IdentityProvider {
    pub address: SocketAddr,
    key_set: Arc<Mutex<Option<Value>>>,
    requests: Arc<AtomicUsize>,
    is_hanging: watch::Sender<bool>,
}

impl IdentityProvider {
    pub async fn serving(keys: &[&SigningKey]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let provider = Self {
            address: listener.local_addr().unwrap(),
            key_set: Arc::default(),
            requests: Arc::default(),
            is_hanging: watch::Sender::new(false),
        };
        provider.serve(keys);
        let (key_set, requests) = (provider.key_set.clone(), provider.requests.clone());
        let mut is_hanging = provider.is_hanging.subscribe();
        let answer = get(move || async move {
            requests.fetch_add(1, Ordering::SeqCst);
            // An error means that the test has ended.
            let _ = is_hanging.wait_for(|is_hanging| !is_hanging).await;
            match &*key_set.lock().unwrap() {
                Some(keys) => Json(keys.clone()).into_response(),
                None => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            }
        });
        tokio::spawn(axum::serve(listener, Router::new().route("/jwks", answer)).into_future());
        provider
    }

    /// Serves these keys from now on.
    pub fn serve(&self, keys: &[&SigningKey]) {
        let keys: Vec<_> = keys.iter().map(|key| key.jwk()).collect();
        *self.key_set.lock().unwrap() = Some(json!({ "keys": keys }));
    }

    /// Returns an error from now on.
    pub fn fail(&self) {
        *self.key_set.lock().unwrap() = None;
    }

    /// Accepts requests, and answers them after [`Self::answer`].
    pub fn hang(&self) {
        self.is_hanging.send_replace(true);
    }

    /// Answers the requests that came since [`Self::hang`].
    pub fn answer(&self) {
        self.is_hanging.send_replace(false);
    }

    /// The number of requests for the key set.
    pub fn request_count(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}
