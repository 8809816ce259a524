//! The keys of the identity provider, read from a file or fetched from an address, and read again as they change.

use std::{
    fs,
    net::IpAddr,
    path::PathBuf,
    str::FromStr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::http::Uri;
use chrono::TimeDelta;
use domain::Timestamp;
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, PublicKeyUse};
use serde_json::Value;

use crate::graphql::Fault;

/// How long keys are taken for what they were.
const FRESH: TimeDelta = TimeDelta::minutes(10);
/// How long after an attempt to read them no other one is made, whatever is asked.
const PAUSE: TimeDelta = TimeDelta::seconds(30);
/// How long they are believed when they cannot be read again.
const BELIEVED: TimeDelta = TimeDelta::days(1);
/// The longest that fetching them may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// The most bytes of them.
const MOST_BYTES: u64 = 1024 * 1024;

/// Where the keys are, in the format of RFC 7517.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum JwksSource {
    /// In a file.
    File(PathBuf),
    /// At an address.
    Address(String),
}

/// An address from which keys could be fetched that somebody on the way has changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a file, or an https address, belongs here; http only of this machine")]
pub struct JwksSourceInvalid;

impl FromStr for JwksSource {
    type Err = JwksSourceInvalid;

    fn from_str(text: &str) -> Result<Self, JwksSourceInvalid> {
        if !text.contains("://") {
            return Ok(Self::File(text.into()));
        }
        let address: Uri = text.parse().map_err(|_| JwksSourceInvalid)?;
        let host = address.host().ok_or(JwksSourceInvalid)?;
        let ip = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        let is_here = host == "localhost" || ip.is_ok_and(|ip| ip.is_loopback());
        match address.scheme_str() {
            Some("https") => Ok(Self::Address(text.to_owned())),
            Some("http") if is_here => Ok(Self::Address(text.to_owned())),
            _ => Err(JwksSourceInvalid),
        }
    }
}

pub(super) struct Jwks {
    source: JwksSource,
    known: Mutex<Known>,
    /// Held by whoever reads them; others wait and take what that one found.
    reading: tokio::sync::Mutex<()>,
}

#[derive(Clone, Default)]
struct Known {
    keys: Option<Arc<Vec<Jwk>>>,
    read_at: Option<Timestamp>,
    tried_at: Option<Timestamp>,
}

impl Jwks {
    pub(super) fn of(source: JwksSource) -> Self {
        Self { source, known: Mutex::default(), reading: tokio::sync::Mutex::default() }
    }

    /// Reads them for the first time. A file has to be there; an address may be out of reach for a while.
    pub(super) async fn prepare(&self, now: Timestamp) -> Result<(), String> {
        match (self.read(now).await, &self.source) {
            (Err(why), JwksSource::File(file)) => {
                Err(format!("cannot read the keys of the identity provider (--token-jwks {}): {why}", file.display()))
            }
            _ => Ok(()),
        }
    }

    /// All keys, read again first where that may tell something new. Those that were read before stay when it fails.
    pub(super) async fn keys(&self, kid: Option<&str>, now: Timestamp) -> Result<Arc<Vec<Jwk>>, Fault> {
        let is_enough = |known: &Known| {
            let is_fresh = known.read_at.is_some_and(|read_at| (now - read_at).abs() < FRESH);
            is_fresh && known.keys.iter().any(|keys| kid.is_none_or(|kid| has(keys, kid)))
        };
        if !is_enough(&self.known()) {
            let _turn = self.reading.lock().await;
            let may_try = self.known().tried_at.is_none_or(|tried_at| (now - tried_at).abs() >= PAUSE);
            if may_try {
                // It is in the log why.
                let _ = self.read(now).await;
            }
        }
        let known = self.known();
        // What could not be read for so long may have been withdrawn.
        let is_believed = known.read_at.is_some_and(|read_at| (now - read_at).abs() < BELIEVED);
        known.keys.clone().filter(|_| is_believed).ok_or(Fault::Unavailable)
    }

    async fn read(&self, now: Timestamp) -> Result<(), String> {
        self.known().tried_at = Some(now);
        let source = self.source.clone();
        let read = tokio::task::spawn_blocking(move || source.read()).await;
        match read.unwrap_or_else(|_| Err("reading them failed badly".to_owned())) {
            // At first there is one; later a provider may withdraw all that it had.
            Ok(keys) if keys.is_empty() && self.known().keys.is_none() => {
                tracing::warn!("the identity provider has no keys yet");
                Err("there is no public key for signatures among them".to_owned())
            }
            Ok(keys) => {
                let mut known = self.known();
                known.keys = Some(Arc::new(keys));
                known.read_at = Some(now);
                Ok(())
            }
            Err(why) => {
                tracing::warn!(
                    why,
                    "the keys of the identity provider cannot be read; those known before stay for a day"
                );
                Err(why)
            }
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl JwksSource {
    fn read(&self) -> Result<Vec<Jwk>, String> {
        let text = match self {
            Self::File(file) => fs::read(file).map_err(|error| error.to_string())?,
            Self::Address(address) => fetch(address).map_err(|error| error.to_string())?,
        };
        let set: Value = serde_json::from_slice(&text).map_err(|_| "they are not JSON")?;
        let listed = set.get("keys").and_then(Value::as_array).ok_or("there is no list `keys`")?;
        // What is of a kind that we do not know is left out, and the others stand.
        let keys = listed.iter().filter_map(|key| serde_json::from_value::<Jwk>(key.clone()).ok());
        let keys: Vec<_> = keys.filter(is_for_signatures).collect();
        // Keys of which none is for us are a mistake; no keys at all are an answer.
        if keys.is_empty() && !listed.is_empty() {
            Err("there is no public key for signatures among them".to_owned())
        } else {
            Ok(keys)
        }
    }
}

fn fetch(address: &str) -> Result<Vec<u8>, ureq::Error> {
    // No redirects: the operator said where they are.
    let config = ureq::Agent::config_builder().timeout_global(Some(PATIENCE)).max_redirects(0).build();
    let mut response = ureq::Agent::from(config).get(address).call()?;
    response.body_mut().with_config().limit(MOST_BYTES).read_to_vec()
}

fn is_for_signatures(key: &Jwk) -> bool {
    let is_public = !matches!(key.algorithm, AlgorithmParameters::OctetKey(_));
    is_public && matches!(key.common.public_key_use, None | Some(PublicKeyUse::Signature))
}

fn has(keys: &[Jwk], kid: &str) -> bool {
    keys.iter().any(|key| key.common.key_id.as_deref() == Some(kid))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_from_a_file_or_over_a_line_that_nobody_can_change() {
        for good in
            ["https://id.example.com/jwks.json", "http://127.0.0.1:8080/jwks", "http://[::1]/j", "http://localhost/"]
        {
            assert_eq!(good.parse(), Ok(JwksSource::Address(good.to_owned())));
        }
        assert_eq!("keys/jwks.json".parse(), Ok(JwksSource::File("keys/jwks.json".into())));
        for bad in ["http://id.example.com/", "http://127.0.0.1.example.com/", "ftp://127.0.0.1/", "https://"] {
            assert_eq!(bad.parse::<JwksSource>(), Err(JwksSourceInvalid), "{bad}");
        }
    }
}
